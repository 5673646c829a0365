/* Whole small files: read with a ceiling, written so that a reader sees the old or the new. */
#ifndef CT_BASE_FILE_H
#define CT_BASE_FILE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Append what path holds to out (out->max is the ceiling). CT_EIO, CT_ETOOBIG, CT_ENOMEM. */
int ct_file_read(const char *path, struct ct_buf *out, struct ct_err *err);

/* The same for an open descriptor, to its end. name is for the message. */
int ct_file_read_fd(int fd, const char *name, struct ct_buf *out, struct ct_err *err);

/*
 * Write beside path and rename into place; what a symbolic link points to is written there, and
 * what is no file but a device or a pipe is written to as it is. CT_EIO, the file untouched.
 */
int ct_file_write(const char *path, struct ct_str bytes, mode_t mode, struct ct_err *err);

/* Could ct_file_write() write there? CT_EIO with why not; nothing is made by asking. */
int ct_file_may_write(const char *path, struct ct_err *err);

/* Make the folder that will hold path, and those above it, with mode 0700. CT_EIO. */
int ct_file_make_parent(const char *path, struct ct_err *err);

#endif

/*
 * A file that is written piece by piece and appears under its name when it is whole; and one
 * without a name, for what does not belong in memory.
 */
#ifndef CT_BASE_NEW_FILE_H
#define CT_BASE_NEW_FILE_H

#include <limits.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct ct_new_file {
	int fd; /* -1: none. Write to it where seekable, with ct_fd_write() where not */
	bool direct; /* a device or a pipe: written to as it is, nothing is renamed */
	char path[PATH_MAX], temp[PATH_MAX];
};

/* What a symbolic link points to is written there. CT_EIO; nothing is made then. */
int ct_new_file_open(struct ct_new_file *file, const char *path, struct ct_err *err);

/* It is whole: give it mode (only of a file), and its name. Closed whatever happens. CT_EIO. */
int ct_new_file_keep(struct ct_new_file *file, mode_t mode, struct ct_err *err);

/* It is not to be. Closed where it is still open. */
void ct_new_file_drop(struct ct_new_file *file);

/* A file that goes when it is closed, in TMPDIR or /tmp. CT_EIO. */
int ct_file_unnamed(int *fd, struct ct_err *err);

/* All of the bytes; 0, or the errno of the failure. */
int ct_fd_write(int fd, struct ct_str bytes);

#endif

/* A key that a password manager gives: a shell command whose first line it is. */
#ifndef CT_SERVICE_KEY_COMMAND_H
#define CT_SERVICE_KEY_COMMAND_H

#include "base/buf.h"

enum { CT_KEY_COMMAND_MS = 30000, CT_KEY_COMMAND_BYTES = 8 << 10 };

/*
 * Run command with /bin/sh in environment env (NULL at the end), nothing to read on stdin, its
 * stderr ours. The first line of what it writes goes into out, trimmed. CT_ECONFIG when it fails,
 * writes nothing or too much, or takes longer than limit_ms (then it is killed). name is for messages.
 */
int ct_key_command_run(struct ct_str command, char *const env[], int64_t limit_ms,
		       const char *name, struct ct_buf *out, struct ct_err *err);

#endif

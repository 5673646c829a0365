/*
 * The key file: `keys` beside the configuration file, mode 0600, a line "NAME KEY" for each.
 * One that others can read is refused.
 */
#ifndef CT_SERVICE_KEYS_H
#define CT_SERVICE_KEYS_H

#include "base/buf.h"

/* The path that goes with a configuration file, into out. */
void ct_keys_path(struct ct_str config_path, struct ct_buf *out);

/* fn for each name and key, in the file's order; no file: none. CT_ECONFIG. */
typedef int ct_keys_fn(void *user, struct ct_str name, struct ct_str key);
int ct_keys_each(const char *path, ct_keys_fn *fn, void *user, struct ct_err *err);

/* Set or, with a NULL key, remove. CT_EINVALID for a key with blanks or control characters in it. */
int ct_keys_set(const char *path, struct ct_str name, struct ct_str key, struct ct_err *err);

#endif

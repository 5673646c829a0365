/* The query of a URL, as forms write it: NAME=VALUE with & between, "+" and %XX decoded. */
#ifndef CT_CODEC_QUERY_H
#define CT_CODEC_QUERY_H

#include "base/arena.h"

enum { CT_QUERY_MAX_BYTES = 64 << 10 }; /* more is not looked at */

/*
 * The first value of that name, decoded into the arena (any bytes; NUL-terminated); {NULL, 0} where
 * there is none. A name without "=" has an empty value; a % without two digits means itself.
 */
struct ct_str ct_query_get(struct ct_str query, const char *name, struct ct_arena *arena);

/* The same as a whole number; fallback where there is none, or no number. */
int64_t ct_query_int(struct ct_str query, const char *name, int64_t fallback);

#endif

/* HTTP header fields as a peer sent them: names compare without regard to case. */
#ifndef CT_CODEC_HEADERS_H
#define CT_CODEC_HEADERS_H

#include "base/arena.h"
#include "base/str.h"

enum { CT_HEADERS_MAX = 256 }; /* more are dropped */

/* All zeros but for its arena: none. */
struct ct_headers {
	struct ct_arena *arena; /* where names and values are kept */
	size_t count;
	size_t room; /* in names and values */
	struct ct_str *names, *values;
};

/* Keep one more; a copy. Past the limit, or out of memory, it is dropped. */
void ct_headers_add(struct ct_headers *headers, struct ct_str name, struct ct_str value);

/* The first of that name, blanks trimmed; {NULL, 0} where there is none. headers may be NULL. */
struct ct_str ct_headers_get(const struct ct_headers *headers, const char *name);

#endif

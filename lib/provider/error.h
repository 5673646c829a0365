/* What an answer says of an error: error_read.c finds it, error.c judges it. */
#ifndef CT_PROVIDER_ERROR_H
#define CT_PROVIDER_ERROR_H

#include "base/arena.h"
#include "codec/json.h"

/* The views are the body's or the arena's. */
struct ct_error_text {
	const struct ct_json *root, *error; /* NULL: not JSON, or none in it */
	struct ct_str message; /* the provider's own words; may be empty */
	struct ct_str behind; /* the words of the provider behind a router; may be empty */
	struct ct_buf codes; /* its short names for it, in lower case, a line each */
	struct ct_buf text; /* all its strings, in lower case */
};

/* Empty; for ct_error_text_read(). */
struct ct_error_text ct_error_text_new(void);

/* Find an error in body, JSON or not, an event or bare. What it cannot tell stays empty. */
void ct_error_text_read(struct ct_error_text *text, struct ct_arena *arena,
			struct ct_str body);

void ct_error_text_fini(struct ct_error_text *text);

#endif

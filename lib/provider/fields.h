/*
 * What is asked for as names and values: the query of a URL, or the fields of a form
 * (multipart/form-data). Options of the configuration and of the request take the place of ours.
 */
#ifndef CT_PROVIDER_FIELDS_H
#define CT_PROVIDER_FIELDS_H

#include "provider/ask.h"

enum {
	CT_FIELDS_MAX = 128,
	CT_FIELDS_MAX_BYTES = 64 << 10, /* of a query, or of all of a form but the file */
};

struct ct_field {
	struct ct_str name, value;
};

struct ct_fields {
	struct ct_ask *ask;
	struct ct_field list[CT_FIELDS_MAX];
	size_t count;
	bool full;
};

/* Ours, unless an option has that name. The value is borrowed; an empty one is left out. */
void ct_fields_add(struct ct_fields *fields, const char *name, struct ct_str value);
void ct_fields_add_int(struct ct_fields *fields, const char *name, int64_t value);
/* "true" where it is wanted. */
void ct_fields_add_true(struct ct_fields *fields, const char *name, bool wanted);

/* All options, once ours are there: an array is a field for each element. CT_EINVALID for an object. */
int ct_fields_options(struct ct_fields *fields, struct ct_err *err);

/* url with the fields as its query, in the arena; {NULL, 0} with err filled. */
struct ct_str ct_fields_url(const struct ct_fields *fields, struct ct_str url,
			    struct ct_err *err);

/*
 * The recording in a form, behind the fields, under that name (RFC 7578): body, file and
 * Content-Type of the request. header: bytes that stand before those of the file; may be empty.
 */
int ct_fields_form(const struct ct_fields *fields, const char *name,
		   const struct ct_recording *recording, struct ct_str header,
		   struct ct_err *err);

/* The recording as the whole body, under its own content type. */
int ct_ask_recording(struct ct_ask *ask, const struct ct_recording *recording,
		     struct ct_err *err);

#endif

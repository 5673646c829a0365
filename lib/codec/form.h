/* multipart/form-data (RFC 7578), read: the parts of a body, one after the other. */
#ifndef CT_CODEC_FORM_H
#define CT_CODEC_FORM_H

#include "base/str.h"

enum { CT_FORM_HEAD_MAX_BYTES = 16 << 10 }; /* of one part's headers */

/* Views into the body. */
struct ct_form_part {
	struct ct_str name; /* as it was written, without the quotes */
	struct ct_str filename; /* likewise; {NULL, 0}: it is no file */
	struct ct_str type; /* its Content-Type; {NULL, 0}: not said */
	struct ct_str value;
};

/* The boundary that a Content-Type header names; {NULL, 0}: it is no such form, or names none. */
struct ct_str ct_form_boundary(struct ct_str content_type);

/*
 * The next part from *at on (0 at first), which is moved behind it. 1: there was one; 0: that was the
 * last, and the form is whole; -1: it is no form, or cut.
 */
int ct_form_next(struct ct_str body, struct ct_str boundary, size_t *at,
		 struct ct_form_part *part);

#endif

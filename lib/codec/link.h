/*
 * Link header fields (RFC 8288): where the next page of a list is. No URL is judged here: whoever
 * follows one looks at where it leads.
 */
#ifndef CT_CODEC_LINK_H
#define CT_CODEC_LINK_H

#include "codec/headers.h"

enum {
	CT_LINK_MAX_BYTES = 8192, /* of a target; longer ones are passed over */
	CT_LINKS_MAX = 64, /* in all fields; more are not looked at */
};

/*
 * The target of the first link with that relation ("next"), as it is written: it may be relative.
 * {NULL, 0}: there is none. A link about something else (`anchor`) is none. Borrowed from headers,
 * which may be NULL.
 */
struct ct_str ct_link_find(const struct ct_headers *headers, const char *relation);

#endif

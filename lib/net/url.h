/*
 * Where a URL leads. Stricter than a browser: what is accepted here means the
 * same to every reader of it. Only http and https, no user part, ASCII hosts.
 */
#ifndef CT_NET_URL_H
#define CT_NET_URL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { CT_URL_MAX = 8192 };

/* Views into the text it was read from. */
struct ct_url {
	bool https;
	struct ct_str host; /* an IPv6 address with its brackets */
	int port; /* the scheme's own where none is written */
	struct ct_str rest; /* path, query and fragment; may be empty */
};

/*
 * RFC 3986 §3, an absolute URL. CT_EINVALID; the message never repeats the text, which may hold
 * a password.
 */
int ct_url_parse(struct ct_str text, struct ct_url *out, struct ct_err *err);

/*
 * Where a reference (a Location header) leads from base, NUL-terminated, in the arena, without
 * a fragment. CT_EINVALID for what is no http or https URL then.
 */
int ct_url_join(struct ct_str base, struct ct_str where, struct ct_arena *arena,
		struct ct_str *out, struct ct_err *err);

#endif

/*
 * What an URL holds, for a person who named it: GET, a few redirects, a ceiling, a clock. No
 * key goes with it. A redirect leads to a private address only from one.
 */
#ifndef CT_SERVICE_FETCH_H
#define CT_SERVICE_FETCH_H

#include "service/app.h"

enum {
	CT_FETCH_MS = 30 * 1000, /* redirects included */
	CT_FETCH_REDIRECTS = 5,
};

/*
 * Append the body to out, whose ceiling counts decoded bytes. Runs the app's loop. *cancelled
 * may become true meanwhile, from a callback that then stops the loop. CT_EINVALID (no URL, a
 * status of 4xx, too long, a private address, too many redirects), CT_ECANCELLED, CT_ETIMEOUT,
 * CT_EUPSTREAM, and what the transfer itself says.
 */
int ct_fetch(struct ct_app *app, struct ct_str url, const bool *cancelled,
	     struct ct_buf *out, struct ct_err *err);

/* Is it meant as an URL? */
bool ct_fetch_is_url(const char *text);

/* For messages and names: an URL without query and fragment, which may hold what is nobody's business. */
struct ct_str ct_fetch_shown(struct ct_str url);

#endif

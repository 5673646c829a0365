/* The HTTP request that a call would send first, for people to read: --dry-run. */
#ifndef CT_SERVICE_PREVIEW_H
#define CT_SERVICE_PREVIEW_H

#include "service/candidates.h"

enum ct_preview_form {
	CT_PREVIEW_HTTP,
	CT_PREVIEW_CURL, /* a command for a shell */
	CT_PREVIEW_JSON, /* {"method","url","headers":{},"body":{}} */
};

/*
 * Append it to out, as it goes to the first candidate that has a key. Keys are written as
 * REDACTED; what the model does not take is said as a warning. CT_ENOKEY, and CT_EINVALID where
 * the provider cannot be asked.
 */
int ct_preview(struct ct_app *app, const struct ct_request *request,
	       const struct ct_candidates *candidates, enum ct_preview_form form,
	       struct ct_buf *out, struct ct_err *err);

#endif

/* The HTTP request that a call would send first, for people to read: --dry-run. */
#ifndef CT_SERVICE_PREVIEW_H
#define CT_SERVICE_PREVIEW_H

#include "service/candidates.h"

/*
 * Append it to out, as HTTP or (curl) as a command for a shell. Keys are written as REDACTED.
 * CT_EINVALID where the provider cannot be asked.
 */
int ct_preview(struct ct_app *app, const struct ct_request *request,
	       const struct ct_candidate *candidate, bool curl, struct ct_buf *out,
	       struct ct_err *err);

#endif

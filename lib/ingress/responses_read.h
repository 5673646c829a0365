/* Reading a request to OpenAI's Responses. Private to ingress/. */
#ifndef CT_INGRESS_RESPONSES_READ_H
#define CT_INGRESS_RESPONSES_READ_H

#include "ingress/ingress.h"

int ct_responses_read(struct ct_str path, const struct ct_headers *headers,
		      struct ct_str body, struct ct_arena *arena,
		      struct ct_ingress_request *out, struct ct_err *err);

#endif

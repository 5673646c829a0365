/*
 * What the sandbox hears and says: it counts what it was sent, and hums. Pure: the same request has
 * the same answer.
 */
#ifndef CT_SERVICE_SANDBOX_VOICE_H
#define CT_SERVICE_SANDBOX_VOICE_H

#include "ingress/ingress.h"

/* The milliseconds that it hums for a character of the text. */
enum { CT_SANDBOX_HUM_MS = 60 };

/* Strings and words in the arena. CT_ENOMEM. */
int ct_sandbox_hear(const char *provider, const struct ct_ingress_request *request,
		    struct ct_arena *arena, struct ct_ingress_heard *out, struct ct_err *err);

/* A tone as the request wants it; *type: its Content-Type. CT_EINVALID for what it cannot write. */
int ct_sandbox_hum(const struct ct_ingress_request *request, struct ct_buf *out,
		   const char **type, struct ct_err *err);

#endif

/*
 * What the sandbox finds: plain rules, no search, and each result says so. Pure, as its
 * answers to chats are: service/sandbox_answer.
 */
#ifndef CT_SERVICE_SANDBOX_SEARCH_H
#define CT_SERVICE_SANDBOX_SEARCH_H

#include "ingress/ingress.h"

/* Strings in the arena or of the request. CT_ENOMEM. */
int ct_sandbox_find(const char *provider, const struct ct_ingress_request *request,
		    struct ct_arena *arena, struct ct_ingress_found *out, struct ct_err *err);

#endif

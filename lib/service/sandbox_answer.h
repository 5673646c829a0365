/*
 * What the sandbox answers: plain rules, no model, and the answer says so.
 *
 * A token is a word with the blanks before it; all counts follow that rule. Pure: the same request
 * has the same answer.
 */
#ifndef CT_SERVICE_SANDBOX_ANSWER_H
#define CT_SERVICE_SANDBOX_ANSWER_H

#include "ingress/ingress.h"

struct ct_sandbox_answer {
	struct ct_str text; /* what is still to be said: without a started answer */
	struct ct_tool_call call; /* name empty: none */
	enum ct_finish finish;
	struct ct_usage usage;
};

/* Strings in the arena. CT_ENOMEM. */
int ct_sandbox_answer(const char *provider, const struct ct_ingress_request *request,
		      struct ct_arena *arena, struct ct_sandbox_answer *out,
		      struct ct_err *err);

/* Take the next token off text; empty at its end. Blanks at the very end go with the last one. */
struct ct_str ct_sandbox_token(struct ct_str *text);

int64_t ct_sandbox_tokens(struct ct_str text);

/* Does this model take a started answer as the last message, as the real one would? */
bool ct_sandbox_takes_prefill(const char *provider, struct ct_str model);

#endif

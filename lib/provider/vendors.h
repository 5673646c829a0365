/* The vendors, each a constant table in its own file. */
#ifndef CT_PROVIDER_VENDORS_H
#define CT_PROVIDER_VENDORS_H

#include "provider/ask.h"
#include "provider/dialect.h"

extern const struct ct_vendor ct_vendor_claude;
extern const struct ct_vendor ct_vendor_gemini;
extern const struct ct_vendor ct_vendor_openai;
extern const struct ct_vendor ct_vendor_azure;
extern const struct ct_vendor ct_vendor_huggingface;
extern const struct ct_vendor ct_vendor_deepgram;
extern const struct ct_vendor ct_vendor_tavily;
extern const struct ct_vendor ct_vendor_github;
/*
 * Any service that speaks OpenAI's protocols at an address of its own. Not in ct_vendors:
 * it has no service until the configuration names one.
 */
extern const struct ct_vendor ct_vendor_compatible;

/* OpenAI's two protocols, for the vendors that speak them: the body, and all but the key and address. */
int ct_chat_body(struct ct_ask *ask, struct ct_err *err);
int ct_responses_body(struct ct_ask *ask, struct ct_err *err);

/* A request at {base}/audio/…; the key is in it already. */
int ct_openai_speech_request(struct ct_ask *ask, struct ct_err *err);

/* Does this endpoint speak Responses (true) or Chat Completions? */
bool ct_speaks_responses(const struct ct_endpoint *endpoint);

/* A request at {base}/responses or {base}/chat/completions with a bearer key. */
int ct_openai_request(const struct ct_endpoint *endpoint,
		      const struct ct_request *request, const struct ct_model *model,
		      struct ct_arena *arena, struct ct_http_request *out,
		      struct ct_warnings *warnings, struct ct_err *err);
int ct_openai_health(const struct ct_endpoint *endpoint, struct ct_arena *arena,
		     struct ct_http_request *out, struct ct_err *err);
const struct ct_dialect *ct_openai_dialect(const struct ct_endpoint *endpoint, enum ct_task task);

#endif

/* The protocols, and what they share in writing. Private to ingress/. */
#ifndef CT_INGRESS_PROTOCOLS_H
#define CT_INGRESS_PROTOCOLS_H

#include "ingress/ingress.h"

extern const struct ct_ingress ct_ingress_messages; /* Anthropic Messages */
extern const struct ct_ingress ct_ingress_chat; /* OpenAI Chat Completions */
extern const struct ct_ingress ct_ingress_responses; /* OpenAI Responses */
extern const struct ct_ingress ct_ingress_gemini; /* generateContent */
extern const struct ct_ingress ct_ingress_tavily; /* search, extract */
extern const struct ct_ingress ct_ingress_deepgram; /* listen, speak */
extern const struct ct_ingress ct_ingress_audio; /* OpenAI's /audio, Hugging Face's recognition */
extern const struct ct_ingress ct_ingress_github; /* its errors */

bool ct_ingress_ends(struct ct_str text, const char *end);

/* Begin an event of a stream, named or (NULL) not, and a writer for its data. */
struct ct_jw ct_ingress_data(struct ct_buf *out, const char *event);

/* A call's arguments where the protocol has an object: "{}" for what is not valid JSON. */
void ct_ingress_arguments(struct ct_jw *jw, struct ct_str arguments);

/* OpenAI's error object: the same for both of its protocols. */
void ct_openai_error(struct ct_jw *jw, int status, int code, struct ct_str message);
/* Its words for an error. param may come back NULL. */
struct ct_openai_words {
	const char *type, *code, *param;
};
struct ct_openai_words ct_openai_words(int status, int code);

#endif

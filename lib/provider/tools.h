/*
 * Tools on the wire: how each protocol offers them, and how a call and what came of it go
 * back to the model. Private to the vendors.
 */
#ifndef CT_PROVIDER_TOOLS_H
#define CT_PROVIDER_TOOLS_H

#include "provider/ask.h"

/*
 * An id that a call without one is given (some of Gemini's have none): made up here, so it is not
 * sent back to where ids may be left out.
 */
#define CT_TOOL_OWN_ID "cartrita_call_"

/* May tools be offered: are there any, and does the model take them, as far as is known? */
bool ct_tools_wanted(const struct ct_ask *ask);

/* Was the turn made by this very service? Then it goes back as it came. */
bool ct_tools_is_own(const struct ct_endpoint *endpoint, const struct ct_message *message);

/* Does the message hold nothing that could be sent? */
bool ct_tools_is_empty(const struct ct_endpoint *endpoint, const struct ct_message *message);

/* The member `tools` of a request. */
void ct_tools_offer_claude(struct ct_ask *ask);
void ct_tools_offer_gemini(struct ct_ask *ask);
void ct_tools_offer_chat(struct ct_ask *ask);
void ct_tools_offer_responses(struct ct_ask *ask);

/* An assistant's text and calls as a content (an array), in its message or items of their own. */
void ct_tools_calls_claude(struct ct_jw *jw, const struct ct_message *message);
void ct_tools_calls_gemini(struct ct_jw *jw, const struct ct_message *message);
void ct_tools_calls_chat(struct ct_jw *jw, const struct ct_message *message); /* a member */
void ct_tools_calls_responses(struct ct_jw *jw, const struct ct_message *message);

/* What tools answered: one for each message from the first on that is a tool's; how many there were. */
size_t ct_tools_results_claude(struct ct_jw *jw, const struct ct_message *first, size_t most);
size_t ct_tools_results_gemini(struct ct_jw *jw, const struct ct_message *first, size_t most);

#endif

/*
 * Attachments on the wire: what each protocol can carry, its limits, and how it is written.
 * Whether a request fits is asked before anything is sent.
 */
#ifndef CT_PROVIDER_MEDIA_H
#define CT_PROVIDER_MEDIA_H

#include "provider/provider.h"

/*
 * Can this service, and this model (NULL: unknown), be sent the parts of the request? What is
 * not known to be refused is tried. CT_EINVALID and why not.
 */
int ct_media_check(const struct ct_endpoint *endpoint, const struct ct_request *request,
		   const struct ct_model *model, struct ct_err *err);

/* The content of a message with parts: an array, the text last. */
void ct_media_write_claude(struct ct_jw *jw, const struct ct_message *message);
void ct_media_write_gemini(struct ct_jw *jw, const struct ct_message *message);
void ct_media_write_chat(struct ct_jw *jw, const struct ct_message *message);
void ct_media_write_responses(struct ct_jw *jw, const struct ct_message *message);

#endif

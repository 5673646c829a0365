/*
 * Arguments of a tool call that come in parts, each with the JSON path of where it belongs
 * (Gemini's partialArgs): {"jsonPath":"$.list[0].name","stringValue":"ap","willContinue":true}.
 * They come in the order of the document, so the JSON text is written as they do.
 */
#ifndef CT_PROVIDER_PARTS_H
#define CT_PROVIDER_PARTS_H

#include "provider/dialect.h"

/* In slot: args is the text so far, extra the path that was written last, open: its string goes on. */
void ct_parts_add(struct ct_slot *slot, const struct ct_json *part);

/* Close what is open. */
void ct_parts_end(struct ct_slot *slot);

#endif

/*
 * How much of a conversation a model has room for. Tokens are estimated from bytes,
 * rather too many than too few: a third of the bytes, where English text takes a
 * quarter.
 */
#ifndef CT_SERVICE_FIT_H
#define CT_SERVICE_FIT_H

#include "model/model.h"
#include "model/request.h"

/*
 * How many of the oldest messages to leave out, so that the request and an answer fit in
 * the model's context. What remains begins with a user's message; the last question
 * always remains, fit or not. 0 for a model that is not known (NULL, or without a
 * context).
 */
size_t ct_fit(const struct ct_request *request, const struct ct_model *model);

#endif

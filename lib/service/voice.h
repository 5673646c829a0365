/* Whom to ask to hear and to speak, with which model, and what is known of the answer. */
#ifndef CT_SERVICE_VOICE_H
#define CT_SERVICE_VOICE_H

#include "service/call.h"

/* Where a provider's default model cannot do what is asked for, and another of its own can: that one. */
void ct_voice_choose_models(struct ct_app *app, const struct ct_request *request,
			    struct ct_candidates *candidates);

/* The most characters that all of the candidates that have a key take in one request. */
size_t ct_voice_text_limit(struct ct_app *app, const struct ct_candidates *candidates);

/* Who answered goes first from now on: one voice to the end, as far as can be. */
void ct_voice_stay(struct ct_candidates *candidates, const struct ct_call_result *result);

/* What a provider that is named can be tried out with: chat where it can that, else what it can. */
enum ct_task ct_voice_task_of(struct ct_app *app, const char *provider);

/* The language that was heard: as the provider says, else as it was told; {NULL, 0}: not known. */
struct ct_str ct_voice_language(struct ct_app *app, const struct ct_call_result *result,
				const struct ct_speech *speech);

/* How long the recording is; -1: not known. */
int64_t ct_voice_duration(const struct ct_call_result *result);

#endif

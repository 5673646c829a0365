/* Whom to ask to hear and to speak, with which model, and what is known of the answer. */
#ifndef CT_SERVICE_VOICE_H
#define CT_SERVICE_VOICE_H

#include "service/call.h"

/* The candidates for a task of speech. As ct_candidates_find(); CT_EUSAGE for a provider that cannot. */
int ct_voice_find(struct ct_app *app, enum ct_task task, const struct ct_choice *choice,
		  struct ct_candidates *out, struct ct_err *err);

/* Where a provider's default model cannot do what is asked for, and another of its own can: that one. */
void ct_voice_choose_models(struct ct_app *app, const struct ct_request *request,
			    struct ct_candidates *candidates);

/* The most characters that all of the candidates take in one request. */
size_t ct_voice_text_limit(const struct ct_candidates *candidates);

/* The language that was heard: as the provider says, else as it was told; {NULL, 0}: not known. */
struct ct_str ct_voice_language(struct ct_app *app, const struct ct_call_result *result,
				const struct ct_speech *speech);

/* How long the recording is; -1: not known. */
int64_t ct_voice_duration(const struct ct_call_result *result);

#endif

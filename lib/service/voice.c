#include "service/voice.h"

#include "provider/vendors.h"

/* Characters of one request: wire/deepgram, "TTS", and OpenAI's description of its API. */
enum { DEEPGRAM_TEXT = 1000, OTHER_TEXT = 4096 };

static bool is_openai(const struct ct_candidate *c)
{
	return c->service->endpoint.vendor == &ct_vendor_openai;
}

void ct_voice_choose_models(struct ct_app *app, const struct ct_request *request,
			    struct ct_candidates *candidates)
{
	const struct ct_speech *s = request->speech;
	struct ct_str usual =
		ct_catalog_default_for(app->catalog, ct_str("openai"), request->task);
	struct ct_str other = s->diarize ? ct_str("gpt-4o-transcribe-diarize") :
			      s->words	 ? ct_str("whisper-1") :
					   (struct ct_str){ NULL, 0 };

	for (size_t i = 0; i < candidates->count && other.len > 0; i++) {
		struct ct_candidate *c = &candidates->list[i];
		if (!is_openai(c) || !ct_str_eq(c->model_id, usual))
			continue;
		c->model_id = other;
		c->model = ct_catalog_find(app->catalog, ct_str("openai"), other);
	}
}

size_t ct_voice_text_limit(struct ct_app *app, const struct ct_candidates *candidates)
{
	size_t least = OTHER_TEXT;

	for (size_t i = 0; i < candidates->count; i++) {
		const struct ct_service_config *service = candidates->list[i].service;
		if (service->endpoint.vendor == &ct_vendor_deepgram &&
		    ct_config_has_key(app->config, service))
			least = DEEPGRAM_TEXT;
	}
	return least;
}

void ct_voice_stay(struct ct_candidates *candidates, const struct ct_call_result *result)
{
	size_t i = 0;

	while (i < candidates->count &&
	       !(ct_str_eq(candidates->list[i].service->endpoint.name, result->provider) &&
		 ct_str_eq(candidates->list[i].model_id, result->model)))
		i++;
	if (i == 0 || i == candidates->count)
		return;
	struct ct_candidate stays = candidates->list[i];
	memmove(&candidates->list[1], &candidates->list[0], i * sizeof(stays));
	candidates->list[0] = stays;
}

struct ct_str ct_voice_language(struct ct_app *app, const struct ct_call_result *result,
				const struct ct_speech *speech)
{
	const struct ct_transcript *heard = &result->answer->transcript;
	const struct ct_service_config *service = ct_config_service(app->config, result->provider);

	if (heard->known && heard->language.len > 0)
		return heard->language;
	if (speech->language.len > 0)
		return speech->language;
	/* Deepgram listens for English where it is told nothing, and does not say so */
	if (!speech->detect_language && service != NULL &&
	    service->endpoint.vendor == &ct_vendor_deepgram)
		return (struct ct_str)CT_STR("en");
	return (struct ct_str){ NULL, 0 };
}

int64_t ct_voice_duration(const struct ct_call_result *result)
{
	const struct ct_transcript *heard = &result->answer->transcript;

	if (heard->known && heard->duration_ms >= 0)
		return heard->duration_ms;
	return result->usage.audio_ms > 0 ? result->usage.audio_ms : -1;
}

enum ct_task ct_voice_task_of(struct ct_app *app, const char *provider)
{
	const struct ct_service_config *service =
		ct_config_service(app->config, ct_str(provider));
	unsigned can = service != NULL ? service->endpoint.vendor->capabilities : CT_CAN_CHAT;

	if (can & CT_CAN_CHAT || !(can & CT_CAN_STT))
		return CT_TASK_CHAT;
	return CT_TASK_TRANSCRIBE;
}

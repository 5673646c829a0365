/*
 * Transcripts as OpenAI writes them, whole (json, verbose_json, diarized_json) or as events, and
 * Hugging Face's {"text", "chunks"}: wire/openai, "audio", and wire/huggingface.
 */
#include "provider/dialect.h"
#include "provider/language.h"

static struct ct_str name_of_speaker(const struct ct_json *segment)
{
	return ct_json_str_at(segment, "speaker");
}

/* "A", "B", "speaker_0", 1: those of us that count from 0. */
static int speaker_of(const struct ct_json *segment)
{
	struct ct_str name = name_of_speaker(segment);
	int64_t number;

	if (name.len == 0)
		return (int)ct_count(segment, "speaker", -1);
	if (name.len == 1 && name.ptr[0] >= 'A' && name.ptr[0] <= 'Z')
		return name.ptr[0] - 'A';
	size_t at = name.len;
	while (at > 0 && name.ptr[at - 1] >= '0' && name.ptr[at - 1] <= '9')
		at--;
	return ct_str_int(ct_str_from(name, at), &number) && number < 1000 ? (int)number : -1;
}

static int bring_segment(struct ct_decoder *d, enum ct_event_type type,
			 const struct ct_json *json, struct ct_err *err)
{
	struct ct_heard heard = {
		.text = ct_str_trim(ct_json_str_at(json, "text")),
		.start_ms = ct_ms_at(json, "start"),
		.end_ms = ct_ms_at(json, "end"),
		.confidence = ct_json_num(ct_json_get(json, "confidence"), -1),
		.speaker = speaker_of(json),
	};

	if (heard.text.len == 0)
		heard.text = ct_str_trim(ct_json_str_at(json, "word"));
	if (heard.start_ms < 0) { /* Hugging Face's */
		heard.start_ms = ct_ms_at(json, "timestamp.0");
		heard.end_ms = ct_ms_at(json, "timestamp.1");
	}
	return ct_bring_heard(d, type, &heard, err);
}

static int bring_segments(struct ct_decoder *d, enum ct_event_type type,
			  const struct ct_json *list, struct ct_err *err)
{
	int rc = CT_OK;

	for (const struct ct_json *s = ct_json_first(list); s != NULL && rc == CT_OK; s = s->next)
		if (ct_json_is(s, CT_JSON_OBJECT))
			rc = bring_segment(d, type, s, err);
	return rc;
}

static void take_usage(struct ct_decoder *d, const struct ct_json *usage, int64_t duration)
{
	int64_t seconds = ct_ms_at(usage, "seconds");

	if (seconds < 0)
		seconds = ct_ms_at(usage, "prompt_audio_seconds");
	if (seconds < 0)
		seconds = duration;
	if (seconds >= 0) {
		d->usage.known = true;
		d->usage.audio_ms = seconds;
	}
	if (ct_count(usage, "input_tokens", -1) >= 0 || ct_count(usage, "prompt_tokens", -1) >= 0) {
		d->usage.known = true;
		d->usage.input = ct_count(usage, "input_tokens", ct_count(usage, "prompt_tokens", 0));
		d->usage.output = ct_count(usage, "output_tokens",
					   ct_count(usage, "completion_tokens", 0));
	}
}

static int finish(struct ct_decoder *d, const struct ct_json *json, struct ct_err *err)
{
	int64_t duration = ct_ms_at(json, "duration");
	struct ct_str language = ct_language_code(ct_json_str_at(json, "language"));

	take_usage(d, ct_json_get(json, "usage"), duration);
	ct_mark_end(d, CT_FINISH_STOP, (struct ct_str){ NULL, 0 });
	return language.len > 0 || duration >= 0 ?
		       ct_bring_recording(d, language, duration, -1, err) :
		       CT_OK;
}

static int take_document(struct ct_decoder *d, const struct ct_json *json, struct ct_err *err)
{
	int rc = ct_bring_start(d, (struct ct_str){ NULL, 0 }, ct_json_str_at(json, "model"), err);

	if (rc == CT_OK)
		rc = ct_bring_text(d, ct_str_trim(ct_json_str_at(json, "text")), err);
	if (rc == CT_OK)
		rc = ct_bring_held(d, err);
	if (rc == CT_OK)
		rc = bring_segments(d, CT_EVENT_WORD, ct_json_get(json, "words"), err);
	if (rc == CT_OK)
		rc = bring_segments(d, CT_EVENT_PASSAGE, ct_json_get(json, "segments"), err);
	if (rc == CT_OK)
		rc = bring_segments(d, CT_EVENT_PASSAGE, ct_json_get(json, "chunks"), err);
	d->done = true;
	return rc == CT_OK ? finish(d, json, err) : rc;
}

/* Of the events, the deltas make the text; one that had none has all of it in its last event. */
static int take_event(struct ct_decoder *d, const struct ct_json *json, struct ct_str type,
		      struct ct_err *err)
{
	int rc = ct_bring_start(d, (struct ct_str){ NULL, 0 }, (struct ct_str){ NULL, 0 }, err);

	if (rc != CT_OK)
		return rc;
	if (ct_str_is(type, "transcript.text.delta")) {
		d->pieces = true;
		return ct_bring_text(d, ct_json_str_at(json, "delta"), err);
	}
	if (ct_str_is(type, "transcript.text.segment"))
		return bring_segment(d, CT_EVENT_PASSAGE, json, err);
	if (!ct_str_is(type, "transcript.text.done"))
		return CT_OK;
	if (!d->pieces)
		rc = ct_bring_text(d, ct_str_trim(ct_json_str_at(json, "text")), err);
	return rc == CT_OK ? finish(d, json, err) : rc;
}

static int chunk(struct ct_decoder *d, const struct ct_json *json, struct ct_str event,
		 struct ct_err *err)
{
	struct ct_str type = ct_json_str_at(json, "type");

	(void)event;
	if (ct_str_starts(type, "transcript."))
		return take_event(d, json, type, err);
	if (ct_json_is(ct_json_get(json, "text"), CT_JSON_STRING))
		return take_document(d, json, err);
	return CT_OK;
}

const struct ct_dialect ct_dialect_transcript = {
	.name = "transcript",
	.chunk = chunk,
	.done_marker = true,
};

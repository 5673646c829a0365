/* OpenAI's audio endpoints, which its copies have too: wire/openai, "audio". */
#include "codec/wav.h"
#include "provider/fields.h"
#include "provider/vendors.h"

enum {
	FILE_MAX_BYTES = 25 << 20, /* OpenAI's own limit */
	VOICE_RATE = 24000, /* of the sound it makes */
};

static bool hears_times(struct ct_str model)
{
	return ct_str_has(model, "whisper");
}

static bool hears_speakers(struct ct_str model)
{
	return ct_str_has(model, "diarize");
}

/* What this service cannot be asked is said before a recording goes up. */
static int check_recording(const struct ct_ask *ask, struct ct_err *err)
{
	const struct ct_speech *s = ask->request->speech;
	struct ct_str name = ask->endpoint->name, model = ask->request->model;

	if (s->recording->url.len > 0)
		return ct_fail(err, CT_EINVALID, "%.*s fetches no recording: it takes a file",
			       CT_STR_ARG(name));
	if (s->recording->bytes > FILE_MAX_BYTES && ask->endpoint->own_address)
		return ct_fail(err, CT_EINVALID, "%.*s takes recordings of up to %d MB",
			       CT_STR_ARG(name), FILE_MAX_BYTES >> 20);
	if (s->diarize && !hears_speakers(model)) {
		ct_fail(err, CT_EINVALID, "%.*s tells no speakers apart", CT_STR_ARG(model));
		ct_hint(err, "gpt-4o-transcribe-diarize does: -m gpt-4o-transcribe-diarize");
		return CT_EINVALID;
	}
	if (s->words && !hears_times(model) && !hears_speakers(model)) {
		ct_fail(err, CT_EINVALID, "%.*s says not when a word is said", CT_STR_ARG(model));
		ct_hint(err, "whisper-1 does: -m whisper-1");
		return CT_EINVALID;
	}
	return CT_OK;
}

static void add_fields(struct ct_fields *f)
{
	const struct ct_request *r = f->ask->request;

	ct_fields_add(f, "model", r->model);
	ct_fields_add(f, "language", r->speech->language);
	if (hears_speakers(r->model)) {
		ct_fields_add(f, "response_format", ct_str("diarized_json"));
		ct_fields_add(f, "chunking_strategy", ct_str("auto"));
	} else if (hears_times(r->model)) {
		ct_fields_add(f, "response_format", ct_str("verbose_json"));
		if (r->speech->words)
			ct_fields_add(f, "timestamp_granularities[]", ct_str("word"));
		ct_fields_add(f, "timestamp_granularities[]", ct_str("segment"));
	} else {
		ct_fields_add(f, "response_format", ct_str("json"));
	}
}

/* Samples without a header get one: the service wants a file of a format that it knows. */
static int give_header(struct ct_ask *ask, struct ct_recording *recording, struct ct_str *header,
		       struct ct_err *err)
{
	const struct ct_speech *s = ask->request->speech;
	struct ct_wav wav;
	char *bytes = ct_arena_alloc(ask->arena, CT_WAV_HEADER_BYTES);

	*header = (struct ct_str){ NULL, 0 };
	if (s->encoding.len == 0)
		return CT_OK;
	if (bytes == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	if (!ct_wav_of(s->encoding, s->sample_rate, s->channels, &wav))
		return ct_fail(err, CT_EINVALID, "%.*s takes no %.*s without a container",
			       CT_STR_ARG(ask->endpoint->name), CT_STR_ARG(s->encoding));
	if (recording->bytes > UINT32_MAX - CT_WAV_HEADER_BYTES)
		return ct_fail(err, CT_EINVALID, "a WAV file has less than 4 GiB");
	ct_wav_write(&wav, (uint32_t)recording->bytes, bytes);
	*header = (struct ct_str){ bytes, CT_WAV_HEADER_BYTES };
	recording->mime = ct_str("audio/wav");
	recording->name = ct_arena_printf(ask->arena, "%.*s.wav", CT_STR_ARG(recording->name));
	return CT_OK;
}

static int ask_transcript(struct ct_ask *ask, struct ct_err *err)
{
	struct ct_recording recording = *ask->request->speech->recording;
	struct ct_fields f = { .ask = ask };
	struct ct_str header;
	int rc = check_recording(ask, err);

	if (rc == CT_OK)
		rc = give_header(ask, &recording, &header, err);
	if (rc != CT_OK)
		return rc;
	add_fields(&f);
	rc = ct_fields_options(&f, err);
	if (rc == CT_OK)
		rc = ct_fields_form(&f, "file", &recording, header, err);
	if (rc == CT_OK)
		rc = ct_ask_extra(ask->endpoint, ask->out, err);
	ask->out->method = "POST";
	ask->out->url = ct_ask_url(ask->endpoint, ask->arena, "", "/audio/transcriptions");
	if (rc == CT_OK && ask->out->url.ptr == NULL)
		rc = ct_fail(err, CT_ENOMEM, "out of memory");
	return rc;
}

/* Its name for a way to write sound; NULL: it has none. */
static const char *format_of(const struct ct_speech *s)
{
	static const char *const same[] = { "mp3", "opus", "aac", "flac", "wav" };

	for (size_t i = 0; i < CT_COUNT(same); i++)
		if (ct_str_is(s->encoding, same[i]))
			return same[i];
	if (s->encoding.len == 0)
		return "mp3";
	if (ct_str_is(s->encoding, "linear16"))
		return s->bare ? "pcm" : "wav";
	return NULL;
}

static int ask_voice(struct ct_ask *ask, struct ct_err *err)
{
	const struct ct_speech *s = ask->request->speech;
	const char *format = format_of(s);

	if (format == NULL)
		return ct_fail(err, CT_EINVALID, "%.*s speaks no %.*s",
			       CT_STR_ARG(ask->endpoint->name), CT_STR_ARG(s->encoding));
	if (s->sample_rate > 0 && s->sample_rate != VOICE_RATE)
		return ct_fail(err, CT_EINVALID, "%.*s speaks at %d samples a second only",
			       CT_STR_ARG(ask->endpoint->name), VOICE_RATE);
	ct_ask_begin(ask);
	ct_jw_member(&ask->jw, "model", ask->request->model);
	ct_jw_member(&ask->jw, "input", s->text);
	ct_jw_member(&ask->jw, "voice", s->voice.len > 0 ? s->voice : ct_str("alloy"));
	ct_jw_member(&ask->jw, "response_format", ct_str(format));
	int rc = ct_ask_end(ask, ct_ask_url(ask->endpoint, ask->arena, "", "/audio/speech"), err);
	ct_buf_fini(&ask->body);
	return rc;
}

int ct_openai_speech_request(struct ct_ask *ask, struct ct_err *err)
{
	switch (ask->request->task) {
	case CT_TASK_TRANSCRIBE:
		return ask_transcript(ask, err);
	case CT_TASK_SPEAK:
		return ask_voice(ask, err);
	default:
		return ct_fail(err, CT_EINVALID, "%.*s does not search",
			       CT_STR_ARG(ask->endpoint->name));
	}
}

/* What a call of speech does beside a chat's: recordings that go up, and sound that comes. */
#include "service/call_json.h"
#include "service/call_state.h"

/* Sound is not held back: what is heard, or in a file, is known to be so by whoever takes it. */
static void show_audio(struct ct_call *call, struct ct_call_event *event)
{
	if (call->first_token_ms < 0)
		call->first_token_ms = call->options.timeout_ms - ct_call_left_ms(call);
	if (call->options.show != CT_SHOW_WHOLE)
		ct_call_say_fallback(call);
	if (call->recovering) {
		call->recovering = false;
		event->type = CT_CALL_RECOVERED;
		event->restart = call->restart;
		ct_call_say(call, event);
		event->restart = false;
	}
	call->shown = true;
	event->type = CT_CALL_AUDIO;
	ct_call_say(call, event);
}

void ct_call_show_speech(struct ct_call *call, const struct ct_event *event)
{
	if (event->type != CT_EVENT_AUDIO && event->type != CT_EVENT_SENT)
		return;

	const struct ct_candidate *c = ct_call_candidate(call);
	struct ct_call_event up = { .type = CT_CALL_SENT,
				    .provider = c->service->endpoint.name,
				    .model = c->model_id,
				    .sent = event->sent,
				    .of = event->of,
				    .audio = event->audio };

	if (event->type == CT_EVENT_AUDIO)
		show_audio(call, &up);
	else
		ct_call_say(call, &up);
}

/* What was said is paid for by its characters also where nobody counts them for us. */
void ct_call_count_speech(struct ct_call *call, int code)
{
	struct ct_usage *usage = &call->answer.usage;

	if (call->asked->task != CT_TASK_SPEAK || code != CT_OK || usage->characters > 0)
		return;
	usage->known = true;
	usage->characters = (int64_t)ct_speech_characters(call->asked->speech->text);
}

/* Not the recording: a file is named by its content, an address by itself. */
static void write_recording(struct ct_jw *jw, const struct ct_recording *r)
{
	ct_jw_key(jw, "recording");
	ct_jw_object(jw);
	if (r->url.len > 0) {
		ct_jw_member(jw, "url", r->url);
	} else {
		ct_jw_member(jw, "name", r->name);
		ct_jw_member(jw, "mime", r->mime);
		ct_jw_member_int(jw, "bytes", r->bytes);
		ct_jw_member_or_null(jw, "sha256", r->sha256);
	}
	ct_jw_end_object(jw);
}

static void member_if(struct ct_jw *jw, const char *key, struct ct_str value)
{
	if (value.len > 0)
		ct_jw_member(jw, key, value);
}

void ct_speech_json(struct ct_jw *jw, const struct ct_request *request)
{
	const struct ct_speech *s = request->speech;
	bool hears = request->task == CT_TASK_TRANSCRIBE;

	ct_jw_member(jw, "task", ct_str(hears ? "transcribe" : "speak"));
	if (hears)
		write_recording(jw, s->recording);
	member_if(jw, "text", s->text);
	member_if(jw, "voice", s->voice);
	member_if(jw, "language", s->language);
	if (s->detect_language)
		ct_jw_member_bool(jw, "detect_language", true);
	if (s->diarize)
		ct_jw_member_bool(jw, "diarize", true);
	member_if(jw, "encoding", s->encoding);
	if (s->sample_rate > 0)
		ct_jw_member_int(jw, "sample_rate", s->sample_rate);
	if (s->channels > 0)
		ct_jw_member_int(jw, "channels", s->channels);
}

void ct_heard_json(struct ct_jw *jw, const struct ct_call_result *result)
{
	const struct ct_answer *answer = result->answer;
	const struct ct_transcript *t = &answer->transcript;
	struct ct_sha256 audio = answer->audio;
	char digest[CT_SHA256_HEX_SIZE];

	if (t->known) {
		member_if(jw, "language", t->language);
		ct_jw_member_int(jw, "sound_ms", t->duration_ms);
	}
	if (audio.bytes == 0)
		return;
	ct_jw_key(jw, "audio");
	ct_jw_object(jw);
	ct_jw_member_int(jw, "bytes", (int64_t)audio.bytes);
	ct_jw_member(jw, "sha256", ct_str(ct_sha256_end_hex(&audio, digest)));
	ct_jw_end_object(jw);
}

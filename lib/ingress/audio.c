/*
 * OpenAI's audio endpoints (https://platform.openai.com/docs/api-reference/audio) and Hugging
 * Face's speech recognition, whose answer is a smaller one of the same shape.
 */
#include "codec/form.h"
#include "ingress/protocols.h"
#include "ingress/reader.h"

enum { TEXT_MAX = 4096 }; /* characters of one text to speak */

static bool is_recognition(struct ct_str path)
{
	return ct_str_has(path, "/hf-inference/models/");
}

static bool match(struct ct_str method, struct ct_str path)
{
	return ct_str_is(method, "POST") && (ct_ingress_ends(path, "/audio/transcriptions") ||
					     ct_ingress_ends(path, "/audio/speech") ||
					     is_recognition(path));
}

static int not_a_form(struct ct_err *err)
{
	return ct_fail(err, CT_EINVALID, "Could not parse multipart form.");
}

static void take_part(const struct ct_form_part *part, struct ct_ingress_request *out,
		      struct ct_speech *s, struct ct_recording *recording)
{
	if (ct_str_is(part->name, "file")) {
		out->recording = part->value;
		recording->bytes = (int64_t)part->value.len;
		recording->mime = part->type;
		recording->name = part->filename;
	} else if (ct_str_is(part->name, "model")) {
		out->request.model = part->value;
	} else if (ct_str_is(part->name, "language")) {
		s->language = part->value;
	} else if (ct_str_is(part->name, "timestamp_granularities[]")) {
		s->words = s->words || ct_str_is(part->value, "word");
	} else if (ct_str_is(part->name, "response_format")) {
		s->encoding = part->value;
	}
}

static int read_form(const struct ct_headers *headers, struct ct_str body,
		     struct ct_ingress_request *out, struct ct_speech *s,
		     struct ct_recording *recording, struct ct_err *err)
{
	struct ct_str boundary = ct_form_boundary(ct_headers_get(headers, "content-type"));
	struct ct_form_part part;
	size_t at = 0;
	int more = 1;

	if (boundary.ptr == NULL)
		return not_a_form(err);
	while ((more = ct_form_next(body, boundary, &at, &part)) == 1)
		take_part(&part, out, s, recording);
	if (more < 0)
		return not_a_form(err);
	if (recording->name.ptr == NULL || recording->bytes == 0)
		return ct_fail(err, CT_EINVALID, "you must provide a file");
	return out->request.model.len > 0 ?
		       CT_OK :
		       ct_fail(err, CT_EINVALID, "you must provide a model parameter");
}

static int read_speech(struct ct_str body, struct ct_arena *arena,
		       struct ct_ingress_request *out, struct ct_speech *s, struct ct_err *err)
{
	const struct ct_json *json;
	int rc = ct_reader_body(arena, body, &json, err);

	if (rc == CT_OK)
		rc = ct_reader_str(json, "model", &out->request.model, err);
	if (rc == CT_OK)
		rc = ct_reader_str(json, "input", &s->text, err);
	if (rc == CT_OK)
		rc = ct_reader_str(json, "voice", &s->voice, err);
	if (rc == CT_OK)
		rc = ct_reader_str(json, "response_format", &s->encoding, err);
	if (rc == CT_OK && (ct_str_trim(s->text).len == 0 || s->voice.len == 0))
		rc = ct_fail(err, CT_EINVALID, "input and voice are required");
	if (rc == CT_OK && ct_speech_characters(s->text) > TEXT_MAX)
		rc = ct_fail(err, CT_EINVALID, "String should have at most %d characters",
			     TEXT_MAX);
	if (ct_str_is(s->encoding, "pcm")) {
		s->encoding = ct_str("linear16");
		s->bare = true;
	}
	return rc;
}

static int read_request(struct ct_str path, const struct ct_headers *headers,
			struct ct_str body, struct ct_arena *arena,
			struct ct_ingress_request *out, struct ct_err *err)
{
	struct ct_speech *s = ct_arena_alloc(arena, sizeof(*s));
	struct ct_recording *recording = ct_arena_alloc(arena, sizeof(*recording));

	*out = (struct ct_ingress_request){ .recording = { NULL, 0 } };
	if (s == NULL || recording == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	s->recording = recording;
	out->request.speech = s;
	out->request.task = CT_TASK_TRANSCRIBE;
	if (ct_ingress_ends(path, "/audio/speech")) {
		out->request.task = CT_TASK_SPEAK;
		return read_speech(body, arena, out, s, err);
	}
	if (!is_recognition(path))
		return read_form(headers, body, out, s, recording, err);
	const char *models = memmem(path.ptr, path.len, "/models/", 8);
	out->request.model = ct_str_from(path, (size_t)(models - path.ptr) + 8);
	out->recording = body;
	recording->bytes = (int64_t)body.len;
	recording->mime = ct_headers_get(headers, "content-type");
	return body.len > 0 ? CT_OK : ct_fail(err, CT_EINVALID, "no audio in the request");
}

static void event(struct ct_ingress_answer *answer, const struct ct_event *event,
		  struct ct_buf *out)
{
	(void)answer, (void)event, (void)out;
}

static void put_times(struct ct_jw *jw, int64_t from_ms, int64_t to_ms)
{
	ct_jw_key(jw, "start");
	ct_jw_num(jw, (double)from_ms / 1000);
	ct_jw_key(jw, "end");
	ct_jw_num(jw, (double)to_ms / 1000);
}

/* verbose_json: what whisper-1 alone writes. */
static void put_verbose(struct ct_jw *jw, const struct ct_ingress_heard *heard)
{
	ct_jw_member(jw, "task", ct_str("transcribe"));
	ct_jw_member(jw, "language", ct_str("english"));
	ct_jw_key(jw, "duration");
	ct_jw_num(jw, (double)heard->duration_ms / 1000);
	if (heard->speech->words) {
		ct_jw_key(jw, "words");
		ct_jw_array(jw);
		for (size_t i = 0; i < heard->count; i++) {
			ct_jw_object(jw);
			ct_jw_member(jw, "word", heard->words[i].text);
			put_times(jw, heard->words[i].start_ms, heard->words[i].end_ms);
			ct_jw_end_object(jw);
		}
		ct_jw_end_array(jw);
	}
	ct_jw_key(jw, "segments");
	ct_jw_array(jw);
	ct_jw_object(jw);
	ct_jw_member_int(jw, "id", 0);
	put_times(jw, 0, heard->duration_ms);
	ct_jw_member(jw, "text", heard->text);
	ct_jw_end_object(jw);
	ct_jw_end_array(jw);
}

static void put_heard(const struct ct_ingress_answer *answer,
		      const struct ct_ingress_heard *heard, struct ct_buf *out)
{
	struct ct_jw jw = ct_jw(out);
	bool form = heard->speech->recording->name.ptr != NULL;

	(void)answer;
	ct_jw_object(&jw);
	if (ct_str_is(heard->speech->encoding, "verbose_json"))
		put_verbose(&jw, heard);
	ct_jw_member(&jw, "text", heard->text);
	if (form) { /* Hugging Face says nothing of that */
		ct_jw_key(&jw, "usage");
		ct_jw_object(&jw);
		ct_jw_member(&jw, "type", ct_str("duration"));
		ct_jw_member_int(&jw, "seconds", (heard->duration_ms + 999) / 1000);
		ct_jw_end_object(&jw);
	}
	ct_jw_end_object(&jw);
}

static void error(int status, int code, struct ct_str message, int64_t retry_after_ms,
		  bool in_stream, struct ct_buf *out)
{
	ct_ingress_chat.error(status, code, message, retry_after_ms, in_stream, out);
}

const struct ct_ingress ct_ingress_audio = {
	.name = "audio",
	.provider = "openai",
	.match = match,
	.read = read_request,
	.event = event,
	.heard = put_heard,
	.error = error,
};

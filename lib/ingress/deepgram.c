/* Deepgram over HTTP: https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded */
#include "codec/query.h"
#include "ingress/protocols.h"
#include "ingress/reader.h"

enum { TEXT_MAX = 2000 }; /* characters of one text to speak */

static bool match(struct ct_str method, struct ct_str path)
{
	return ct_str_is(method, "POST") &&
	       (ct_str_is(path, "/v1/listen") || ct_str_is(path, "/v1/speak"));
}

static int read_count(struct ct_str query, const char *name, struct ct_arena *arena, int64_t *out,
		      struct ct_err *err)
{
	struct ct_str text = ct_query_get(query, name, arena);

	if (text.len > 0 && (!ct_str_int(text, out) || *out < 1 || *out > CT_SPEECH_RATE_MAX))
		return ct_fail(err, CT_EINVALID, "Bad Request: invalid query parameter: %s", name);
	return CT_OK;
}

static bool is_true(struct ct_str query, const char *name, struct ct_arena *arena)
{
	return ct_str_is(ct_query_get(query, name, arena), "true");
}

static int read_listen(struct ct_str query, const struct ct_headers *headers, struct ct_str body,
		       struct ct_arena *arena, struct ct_ingress_request *out,
		       struct ct_speech *s, struct ct_err *err)
{
	struct ct_recording *recording = ct_arena_alloc(arena, sizeof(*recording));
	struct ct_str type = ct_headers_get(headers, "content-type");
	const struct ct_json *json;

	if (recording == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	s->recording = recording;
	s->language = ct_query_get(query, "language", arena);
	s->diarize = is_true(query, "diarize", arena);
	s->detect_language = is_true(query, "detect_language", arena);
	recording->mime = type;
	recording->bytes = (int64_t)body.len;
	out->recording = body;
	if (!ct_str_starts(type, "application/json"))
		return body.len > 0 ? CT_OK :
				      ct_fail(err, CT_EINVALID, "Bad Request: no audio");
	int rc = ct_reader_body(arena, body, &json, err);
	if (rc == CT_OK)
		rc = ct_reader_str(json, "url", &recording->url, err);
	if (rc == CT_OK && recording->url.len == 0)
		rc = ct_fail(err, CT_EINVALID, "Bad Request: url is missing");
	return rc;
}

static int read_speak(struct ct_str query, struct ct_str body, struct ct_arena *arena,
		      struct ct_speech *s, struct ct_err *err)
{
	struct ct_str container = ct_query_get(query, "container", arena);
	const struct ct_json *json;
	int rc = ct_reader_body(arena, body, &json, err);

	if (rc == CT_OK)
		rc = ct_reader_str(json, "text", &s->text, err);
	if (rc == CT_OK && ct_str_trim(s->text).len == 0)
		rc = ct_fail(err, CT_EINVALID, "No characters found in text to synthesize.");
	if (rc == CT_OK && ct_speech_characters(s->text) > TEXT_MAX)
		rc = ct_fail(err, CT_EINVALID,
			     "Input text exceeds maximum character limit of %d.", TEXT_MAX);
	s->bare = ct_str_is(container, "none");
	return rc;
}

static int read_request(struct ct_str path, const struct ct_headers *headers,
			struct ct_str body, struct ct_arena *arena,
			struct ct_ingress_request *out, struct ct_err *err)
{
	struct ct_speech *s = ct_arena_alloc(arena, sizeof(*s));
	const char *mark = memchr(path.ptr, '?', path.len);
	struct ct_str query = { NULL, 0 };
	bool listens = ct_str_starts(path, "/v1/listen");
	int rc;

	*out = (struct ct_ingress_request){ .recording = { NULL, 0 } };
	if (s == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	if (mark != NULL)
		query = ct_str_from(path, (size_t)(mark - path.ptr) + 1);
	out->request.task = listens ? CT_TASK_TRANSCRIBE : CT_TASK_SPEAK;
	out->request.speech = s;
	out->request.model = ct_query_get(query, "model", arena);
	s->encoding = ct_query_get(query, "encoding", arena);
	rc = read_count(query, "sample_rate", arena, &s->sample_rate, err);
	if (rc == CT_OK)
		rc = read_count(query, "channels", arena, &s->channels, err);
	if (rc != CT_OK)
		return rc;
	return listens ? read_listen(query, headers, body, arena, out, s, err) :
			 read_speak(query, body, arena, s, err);
}

static void event(struct ct_ingress_answer *answer, const struct ct_event *event,
		  struct ct_buf *out)
{
	(void)answer, (void)event, (void)out;
}

static void put_words(struct ct_jw *jw, const struct ct_ingress_heard *heard)
{
	ct_jw_key(jw, "words");
	ct_jw_array(jw);
	for (size_t i = 0; i < heard->count; i++) {
		const struct ct_heard *w = &heard->words[i];
		ct_jw_object(jw);
		ct_jw_member(jw, "word", w->text);
		ct_jw_key(jw, "start");
		ct_jw_num(jw, (double)w->start_ms / 1000);
		ct_jw_key(jw, "end");
		ct_jw_num(jw, (double)w->end_ms / 1000);
		ct_jw_key(jw, "confidence");
		ct_jw_num(jw, w->confidence);
		ct_jw_member(jw, "punctuated_word", w->text);
		if (w->speaker >= 0)
			ct_jw_member_int(jw, "speaker", w->speaker);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void put_metadata(struct ct_jw *jw, const struct ct_ingress_answer *answer,
			 const struct ct_ingress_heard *heard)
{
	ct_jw_key(jw, "metadata");
	ct_jw_object(jw);
	ct_jw_member(jw, "transaction_key", ct_str("deprecated"));
	ct_jw_member(jw, "request_id", answer->id);
	ct_jw_member(jw, "sha256", heard->sha256);
	ct_jw_key(jw, "duration");
	ct_jw_num(jw, (double)heard->duration_ms / 1000);
	ct_jw_member_int(jw, "channels", 1);
	ct_jw_key(jw, "models");
	ct_jw_array(jw);
	ct_jw_str(jw, ct_str("sandbox"));
	ct_jw_end_array(jw);
	ct_jw_end_object(jw);
}

static void put_heard(const struct ct_ingress_answer *answer,
		      const struct ct_ingress_heard *heard, struct ct_buf *out)
{
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	put_metadata(&jw, answer, heard);
	ct_jw_key(&jw, "results");
	ct_jw_object(&jw);
	ct_jw_key(&jw, "channels");
	ct_jw_array(&jw);
	ct_jw_object(&jw);
	if (heard->speech->detect_language)
		ct_jw_member(&jw, "detected_language", ct_str("en"));
	ct_jw_key(&jw, "alternatives");
	ct_jw_array(&jw);
	ct_jw_object(&jw);
	ct_jw_member(&jw, "transcript", heard->text);
	ct_jw_key(&jw, "confidence");
	ct_jw_num(&jw, heard->count > 0 ? heard->words[0].confidence : 0);
	put_words(&jw, heard);
	ct_jw_end_object(&jw);
	ct_jw_end_array(&jw);
	ct_jw_end_object(&jw);
	ct_jw_end_array(&jw);
	ct_jw_end_object(&jw);
	ct_jw_end_object(&jw);
}

/* The words of errors.mdx in Deepgram's documentation. */
static const char *word_of(int status)
{
	switch (status) {
	case 400:
		return "Bad Request";
	case 401:
	case 403:
		return "INVALID_AUTH";
	case 402:
		return "ASR_PAYMENT_REQUIRED";
	case 413:
		return "PAYLOAD_TOO_LARGE";
	case 429:
		return "TOO_MANY_REQUESTS";
	default:
		return "INTERNAL_SERVER_ERROR";
	}
}

static void error(int status, int code, struct ct_str message, int64_t retry_after_ms,
		  bool in_stream, struct ct_buf *out)
{
	struct ct_jw jw = ct_jw(out);

	(void)code, (void)retry_after_ms, (void)in_stream;
	ct_jw_object(&jw);
	ct_jw_member(&jw, "err_code", ct_str(word_of(status)));
	ct_jw_member(&jw, "err_msg", message);
	ct_jw_member(&jw, "request_id", ct_str("sandbox"));
	ct_jw_end_object(&jw);
}

const struct ct_ingress ct_ingress_deepgram = {
	.name = "deepgram",
	.provider = "deepgram",
	.wants_query = true,
	.match = match,
	.read = read_request,
	.event = event,
	.heard = put_heard,
	.error = error,
};

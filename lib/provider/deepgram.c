/* Deepgram: speech to text and text to speech over HTTP. wire/deepgram. */
#include "provider/fields.h"
#include "provider/vendors.h"

static int set_address(struct ct_ask *ask, struct ct_fields *fields, const char *path,
		       struct ct_err *err)
{
	struct ct_str url = ct_ask_url(ask->endpoint, ask->arena, "/v1", path);

	if (url.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	int rc = ct_fields_options(fields, err);
	if (rc != CT_OK)
		return rc;
	ask->out->method = "POST";
	ask->out->url = ct_fields_url(fields, url, err);
	ask->out->stream = ask->request->stream;
	return ask->out->url.ptr != NULL ? CT_OK : CT_ENOMEM;
}

/* A JSON object with one member: {"url": …}, {"text": …}. */
static int set_json(struct ct_ask *ask, const char *key, struct ct_str value,
		    struct ct_err *err)
{
	ask->body = (struct ct_buf)CT_BUF_INIT(CT_REQUEST_MAX_BYTES);
	ask->jw = ct_jw(&ask->body);
	ct_jw_object(&ask->jw);
	ct_jw_member(&ask->jw, key, value);
	ct_jw_end_object(&ask->jw);
	int rc = ct_buf_check(&ask->body, "the request", err);
	if (rc == CT_OK) {
		ask->out->body = ct_arena_dup(ask->arena, ct_buf_str(&ask->body));
		rc = ask->out->body.ptr == NULL ?
			     ct_fail(err, CT_ENOMEM, "out of memory") :
			     ct_ask_header(ask->endpoint, ask->out, "Content-Type",
					   ct_str("application/json"), err);
	}
	ct_buf_fini(&ask->body);
	return rc;
}

static int ask_transcript(struct ct_ask *ask, struct ct_err *err)
{
	const struct ct_speech *s = ask->request->speech;
	const struct ct_recording *r = s->recording;
	struct ct_fields f = { .ask = ask };

	ct_fields_add(&f, "model", ask->request->model);
	ct_fields_add_true(&f, "smart_format", true);
	ct_fields_add(&f, "language", s->language);
	ct_fields_add_true(&f, "detect_language", s->detect_language);
	ct_fields_add_true(&f, "diarize", s->diarize);
	/* of bare samples; of a container they would contradict what it says itself */
	ct_fields_add(&f, "encoding", s->encoding);
	ct_fields_add_int(&f, "sample_rate", s->sample_rate);
	ct_fields_add_int(&f, "channels", s->channels);
	int rc = set_address(ask, &f, "/listen", err);
	if (rc != CT_OK)
		return rc;
	return r->url.len > 0 ? set_json(ask, "url", r->url, err) :
				ct_ask_recording(ask, r, err);
}

static bool is_one_of(struct ct_str word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (ct_str_is(word, *words))
			return true;
	return false;
}

static int check_voice(const struct ct_ask *ask, struct ct_err *err)
{
	static const char *const encodings[] = { "mp3",	 "linear16", "wav",  "flac", "opus",
						 "aac",	 "mulaw",    "alaw", NULL };
	static const char *const fixed[] = { "mp3", "opus", "aac", NULL };
	struct ct_str encoding = ask->request->speech->encoding;

	if (ask->request->speech->sample_rate > 0 &&
	    (encoding.len == 0 || is_one_of(encoding, fixed)))
		return ct_fail(err, CT_EINVALID,
			       "%.*s chooses the sample rate of mp3, opus and aac itself",
			       CT_STR_ARG(ask->endpoint->name));
	if (encoding.len == 0 || is_one_of(encoding, encodings))
		return CT_OK;
	return ct_fail(err, CT_EINVALID, "%.*s speaks no %.*s",
		       CT_STR_ARG(ask->endpoint->name), CT_STR_ARG(encoding));
}

static int ask_voice(struct ct_ask *ask, struct ct_err *err)
{
	static const char *const samples[] = { "linear16", "mulaw", "alaw", NULL };
	const struct ct_speech *s = ask->request->speech;
	struct ct_fields f = { .ask = ask };
	bool wav = ct_str_is(s->encoding, "wav");

	int rc = check_voice(ask, err);
	if (rc != CT_OK)
		return rc;
	if (s->voice.len > 0)
		ct_ask_warn(ask, "at %.*s a voice is a model (-m): --voice is not sent",
			    CT_STR_ARG(ask->endpoint->name));
	ct_fields_add(&f, "model", ask->request->model);
	ct_fields_add(&f, "encoding", wav ? ct_str("linear16") : s->encoding);
	if (wav || is_one_of(s->encoding, samples))
		ct_fields_add(&f, "container", ct_str(s->bare ? "none" : "wav"));
	ct_fields_add_int(&f, "sample_rate", s->sample_rate);
	rc = set_address(ask, &f, "/speak", err);
	return rc == CT_OK ? set_json(ask, "text", s->text, err) : rc;
}

static int request(const struct ct_endpoint *endpoint, const struct ct_request *r,
		   const struct ct_model *model, struct ct_arena *arena,
		   struct ct_http_request *out, struct ct_warnings *warnings,
		   struct ct_err *err)
{
	struct ct_ask ask = { .endpoint = endpoint,
			      .request = r,
			      .model = model,
			      .arena = arena,
			      .out = out,
			      .warnings = warnings };
	int rc = ct_ask_key(endpoint, out, "Authorization", "Token ", err);

	if (rc == CT_OK && r->task == CT_TASK_TRANSCRIBE)
		rc = ask_transcript(&ask, err);
	else if (rc == CT_OK && r->task == CT_TASK_SPEAK)
		rc = ask_voice(&ask, err);
	else if (rc == CT_OK)
		rc = ct_fail(err, CT_EINVALID, "%.*s hears and speaks, and does nothing else",
			     CT_STR_ARG(endpoint->name));
	return rc == CT_OK ? ct_ask_extra(endpoint, out, err) : rc;
}

static int health(const struct ct_endpoint *endpoint, struct ct_arena *arena,
		  struct ct_http_request *out, struct ct_err *err)
{
	int rc = ct_ask_key(endpoint, out, "Authorization", "Token ", err);

	return rc == CT_OK ? ct_ask_get(endpoint, out,
					ct_ask_url(endpoint, arena, "/v1", "/projects"), err) :
			     rc;
}

static const struct ct_dialect *dialect(const struct ct_endpoint *endpoint, enum ct_task task)
{
	(void)endpoint;
	return task == CT_TASK_SPEAK ? &ct_dialect_audio : &ct_dialect_deepgram;
}

const struct ct_vendor ct_vendor_deepgram = {
	.kind = "deepgram",
	.base_url = "https://api.deepgram.com",
	.base_url_env = "DEEPGRAM_BASE_URL",
	.key_env = { "DEEPGRAM_API_KEY" },
	.capabilities = CT_CAN_STT | CT_CAN_TTS,
	.request = request,
	.health = health,
	.dialect = dialect,
};

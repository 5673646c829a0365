/* Hugging Face's router, which speaks Chat Completions, and its speech recognition: wire/huggingface. */
#include "provider/fields.h"
#include "provider/vendors.h"

/* The model's own address stands beside the router's /v1, not below it. */
static struct ct_str model_url(const struct ct_ask *ask)
{
	struct ct_str base = ask->endpoint->base_url;
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(CT_FIELDS_MAX_BYTES);
	struct ct_str rest = ask->request->model;

	if (base.len >= 3 && memcmp(base.ptr + base.len - 3, "/v1", 3) == 0)
		base.len -= 3;
	ct_buf_add(&path, base);
	ct_buf_puts(&path, "/hf-inference/models");
	while (rest.len > 0) { /* "openai/whisper-large-v3": its slash is one of the path */
		const char *slash = memchr(rest.ptr, '/', rest.len);
		size_t len = slash != NULL ? (size_t)(slash - rest.ptr) : rest.len;
		ct_buf_puts(&path, "/");
		ct_buf_add(&path, ct_ask_escape(ask->arena, (struct ct_str){ rest.ptr, len }));
		rest = ct_str_from(rest, len + (slash != NULL));
	}
	return path.failed ? (struct ct_str){ NULL, 0 } :
			     ct_arena_dup(ask->arena, ct_buf_str(&path));
}

/*
 * Bytes as they are, which is the only form that needs no whole recording in memory; it has no
 * place for parameters.
 */
static int ask_transcript(struct ct_ask *ask, struct ct_err *err)
{
	const struct ct_speech *s = ask->request->speech;
	const char *cannot = s->recording->url.len > 0 ? "fetches no recording: it takes a file" :
			     s->words		       ? "says not when a word is said" :
			     s->diarize		       ? "tells no speakers apart" :
			     s->encoding.len > 0       ? "takes no samples without a container" :
							 NULL;

	if (cannot != NULL)
		return ct_fail(err, CT_EINVALID, "%.*s %s", CT_STR_ARG(ask->endpoint->name),
			       cannot);
	if (s->language.len > 0)
		ct_ask_warn(ask, "%.*s finds the language itself: --language is not sent",
			    CT_STR_ARG(ask->endpoint->name));
	if (ask->request->option_count > 0)
		ct_ask_warn(ask, "%.*s takes no options with a recording",
			    CT_STR_ARG(ask->endpoint->name));
	ask->out->method = "POST";
	ask->out->url = model_url(ask);
	if (ask->out->url.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	int rc = ct_ask_recording(ask, s->recording, err);
	return rc == CT_OK ? ct_ask_extra(ask->endpoint, ask->out, err) : rc;
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
	int rc;

	if (r->task == CT_TASK_CHAT)
		return ct_openai_request(endpoint, r, model, arena, out, warnings, err);
	if (r->task != CT_TASK_TRANSCRIBE)
		return ct_fail(err, CT_EINVALID, "%.*s only chats and hears",
			       CT_STR_ARG(endpoint->name));
	rc = ct_ask_key(endpoint, out, "Authorization", "Bearer ", err);
	return rc == CT_OK ? ask_transcript(&ask, err) : rc;
}

const struct ct_vendor ct_vendor_huggingface = {
	.kind = "huggingface",
	.alias = "hf",
	.base_url = "https://router.huggingface.co/v1",
	.base_url_env = "HUGGINGFACE_BASE_URL",
	.key_env = { "HUGGINGFACE_API_KEY", "HF_TOKEN" },
	.model_env = "HUGGINGFACE_DEFAULT_MODEL",
	.capabilities = CT_CAN_CHAT | CT_CAN_STT,
	.request = request,
	.health = ct_openai_health,
	.dialect = ct_openai_dialect,
};

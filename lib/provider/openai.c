/* OpenAI, and what its copies share with it. */
#include "provider/dialect.h"
#include "provider/vendors.h"

bool ct_speaks_responses(const struct ct_endpoint *endpoint)
{
	if (endpoint->api != CT_OPENAI_AUTO)
		return endpoint->api == CT_OPENAI_RESPONSES;
	return endpoint->own_address && endpoint->vendor == &ct_vendor_openai;
}

/*
 * Do OpenAI's own names hold (developer, max_completion_tokens)? Behind another address there is
 * mostly a copy; but a model that OpenAI reasons with takes no other names anywhere.
 */
static bool has_own_rules(const struct ct_endpoint *endpoint,
			  const struct ct_model *model)
{
	if (endpoint->vendor != &ct_vendor_openai)
		return false;
	return endpoint->own_address || (model != NULL && model->reasoning == CT_YES &&
					 ct_str_is(model->provider, "openai"));
}

int ct_openai_request(const struct ct_endpoint *endpoint, const struct ct_request *r,
		      const struct ct_model *model, struct ct_arena *arena,
		      struct ct_http_request *out, struct ct_warnings *warnings,
		      struct ct_err *err)
{
	struct ct_ask ask = { .endpoint = endpoint,
			      .request = r,
			      .model = model,
			      .arena = arena,
			      .out = out,
			      .warnings = warnings,
			      .openai = has_own_rules(endpoint, model) };
	bool responses = ct_speaks_responses(endpoint);

	int rc = ct_ask_key(endpoint, out, "Authorization", "Bearer ", err);
	if (rc != CT_OK)
		return rc;
	if (r->task != CT_TASK_CHAT)
		return ct_openai_speech_request(&ask, err);
	ct_ask_begin(&ask);
	rc = responses ? ct_responses_body(&ask, err) : ct_chat_body(&ask, err);
	if (rc == CT_OK)
		rc = ct_ask_end(
			&ask,
			ct_ask_url(endpoint, arena, "",
				   responses ? "/responses" : "/chat/completions"),
			err);
	ct_buf_fini(&ask.body);
	return rc;
}

int ct_openai_health(const struct ct_endpoint *endpoint, struct ct_arena *arena,
		     struct ct_http_request *out, struct ct_err *err)
{
	int rc = ct_ask_key(endpoint, out, "Authorization", "Bearer ", err);

	return rc == CT_OK ? ct_ask_get(endpoint, out,
					ct_ask_url(endpoint, arena, "", "/models"), err)
			   : rc;
}

const struct ct_dialect *ct_openai_dialect(const struct ct_endpoint *endpoint, enum ct_task task)
{
	if (task == CT_TASK_TRANSCRIBE)
		return &ct_dialect_transcript;
	if (task == CT_TASK_SPEAK)
		return &ct_dialect_audio;
	return ct_speaks_responses(endpoint) ? &ct_dialect_responses : &ct_dialect_chat;
}

const struct ct_vendor ct_vendor_openai = {
	.kind = "openai",
	.base_url = "https://api.openai.com/v1",
	.base_url_env = "OPENAI_BASE_URL",
	.key_env = { "OPENAI_API_KEY" },
	.model_env = "OPENAI_DEFAULT_MODEL",
	.capabilities = CT_CAN_CHAT | CT_CAN_STT | CT_CAN_TTS,
	.request = ct_openai_request,
	.health = ct_openai_health,
	.dialect = ct_openai_dialect,
};

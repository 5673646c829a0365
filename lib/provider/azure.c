/*
 * Azure OpenAI: OpenAI's protocols, a header of its own for the key, and a deployment where
 * OpenAI has a model: wire/openai-compatible, "Azure OpenAI". The v1 address needs no
 * api-version; with one that is a date the classic address is meant.
 */
#include "provider/dialect.h"
#include "provider/vendors.h"

static bool ends_with(struct ct_str s, const char *tail)
{
	size_t len = strlen(tail);

	return s.len >= len && memcmp(s.ptr + s.len - len, tail, len) == 0;
}

static bool is_classic(const struct ct_endpoint *endpoint)
{
	return ct_str_has(endpoint->base_url, "/openai/deployments/") ||
	       (endpoint->api_version.len > 0 && endpoint->api_version.ptr[0] == '2');
}

/* {endpoint}/openai/v1, however much of it was written. */
static struct ct_str v1_url(const struct ct_endpoint *endpoint, struct ct_arena *arena,
			    const char *path)
{
	struct ct_str base = endpoint->base_url;
	const char *rest = ends_with(base, "/openai/v1") ? ""
			   : ends_with(base, "/openai")	 ? "/v1"
							 : "/openai/v1";
	bool versioned =
		endpoint->api_version.len > 0 && !ct_str_is(endpoint->api_version, "v1");

	if (!versioned)
		return ct_arena_printf(arena, "%.*s%s%s", CT_STR_ARG(base), rest, path);
	return ct_arena_printf(arena, "%.*s%s%s?api-version=%.*s", CT_STR_ARG(base), rest,
			       path, CT_STR_ARG(endpoint->api_version));
}

static struct ct_str classic_url(const struct ct_endpoint *endpoint,
				 struct ct_arena *arena, struct ct_str deployment)
{
	struct ct_str base = endpoint->base_url;
	struct ct_str version = endpoint->api_version;
	struct ct_str name = ct_ask_escape(arena, deployment);

	if (name.ptr == NULL)
		return name;
	if (version.len == 0)
		version = ct_str("2024-10-21"); /* the last that was released before v1 */
	if (ct_str_has(base, "/openai/deployments/"))
		return ct_arena_printf(arena, "%.*s/chat/completions?api-version=%.*s",
				       CT_STR_ARG(base), CT_STR_ARG(version));
	return ct_arena_printf(
		arena, "%.*s%s/deployments/%.*s/chat/completions?api-version=%.*s",
		CT_STR_ARG(base), ends_with(base, "/openai") ? "" : "/openai",
		CT_STR_ARG(name), CT_STR_ARG(version));
}

static bool speaks_responses(const struct ct_endpoint *endpoint)
{
	return endpoint->api == CT_OPENAI_RESPONSES && !is_classic(endpoint);
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
			      .warnings = warnings,
			      .openai = true };
	bool responses = speaks_responses(endpoint);

	int rc = ct_ask_key(endpoint, out, "api-key", "", err);
	if (rc != CT_OK)
		return rc;
	ct_ask_begin(&ask);
	rc = responses ? ct_responses_body(&ask, err) : ct_chat_body(&ask, err);
	if (rc == CT_OK && is_classic(endpoint))
		rc = ct_ask_end(&ask, classic_url(endpoint, arena, r->model), err);
	else if (rc == CT_OK)
		rc = ct_ask_end(&ask,
				v1_url(endpoint, arena,
				       responses ? "/responses" : "/chat/completions"),
				err);
	ct_buf_fini(&ask.body);
	return rc;
}

static int health(const struct ct_endpoint *endpoint, struct ct_arena *arena,
		  struct ct_http_request *out, struct ct_err *err)
{
	struct ct_endpoint plain = *endpoint;
	char *deployments =
		memmem(plain.base_url.ptr, plain.base_url.len, "/deployments/", 13);

	if (deployments != NULL)
		plain.base_url.len = (size_t)(deployments - plain.base_url.ptr);
	if (is_classic(endpoint))
		plain.api_version = ct_str(""); /* v1 lists models whatever the version */
	int rc = ct_ask_key(endpoint, out, "api-key", "", err);
	return rc == CT_OK
		       ? ct_ask_get(endpoint, out, v1_url(&plain, arena, "/models"), err)
		       : rc;
}

static const struct ct_dialect *dialect(const struct ct_endpoint *endpoint, enum ct_task task)
{
	(void)task;
	return speaks_responses(endpoint) ? &ct_dialect_responses : &ct_dialect_chat;
}

const struct ct_vendor ct_vendor_azure = {
	.kind = "azure",
	.base_url_env = "AZURE_ENDPOINT",
	.base_url_env_too = "AZURE_OPENAI_ENDPOINT",
	.key_env = { "AZURE_API_KEY", "AZURE_OPENAI_API_KEY" },
	.model_env = "AZURE_DEFAULT_MODEL",
	.capabilities = CT_CAN_CHAT,
	.request = request,
	.health = health,
	.dialect = dialect,
};

/* Google's Gemini API, generateContent: wire/gemini. */
#include "provider/dialect.h"
#include "provider/media.h"
#include "provider/tools.h"
#include "provider/vendors.h"

enum { STOPS_MAX = 5 };

/* Which model, "models/" or not: {prefix}{escaped id}. */
static struct ct_str model_path(struct ct_arena *arena, struct ct_str model)
{
	static const char *const prefixes[] = { "models/", "tunedModels/" };
	const char *prefix = "models/";

	for (size_t i = 0; i < CT_COUNT(prefixes); i++) {
		if (!ct_str_starts(model, prefixes[i]))
			continue;
		prefix = prefixes[i];
		model = ct_str_from(model, strlen(prefix));
		break;
	}
	struct ct_str id = ct_ask_escape(arena, model);
	if (id.ptr == NULL)
		return id;
	return ct_arena_printf(arena, "/%s%.*s", prefix, CT_STR_ARG(id));
}

/* Up to 2.5 a budget in tokens says how much is thought, from 3 on a level. */
static bool thinks_by_budget(struct ct_str model)
{
	if (ct_str_starts(model, "models/"))
		model = ct_str_from(model, strlen("models/"));
	return ct_str_starts(model, "gemini-2") || ct_str_starts(model, "gemini-1");
}

static int64_t budget_of(struct ct_str model, struct ct_str effort)
{
	if (ct_str_is(effort, "none")) /* pro cannot be kept from it */
		return ct_str_has(model, "-pro") ? 128 : 0;
	if (ct_str_is(effort, "minimal"))
		return 512;
	if (ct_str_is(effort, "low"))
		return 2048;
	return ct_str_is(effort, "medium") ? 8192 : 24576;
}

/* The four that there are. A model that lists what it takes has been asked already. */
static const char *level_of(struct ct_ask *ask, struct ct_str effort)
{
	static const char *const levels[] = { "MINIMAL", "LOW", "MEDIUM", "HIGH" };

	for (size_t i = 0; i < CT_COUNT(levels); i++)
		if (ct_str_is_nocase(effort, levels[i]))
			return levels[i];
	const char *level = effort.ptr[0] == 'n' ? "MINIMAL" : "HIGH";
	ct_ask_warn(ask, "gemini takes no effort '%.*s': '%s' is sent",
		    CT_STR_ARG(ask->request->effort), level);
	return level;
}

static void write_thinking(struct ct_ask *ask)
{
	const struct ct_request *r = ask->request;
	struct ct_jw *jw = &ask->jw;
	bool budget = thinks_by_budget(r->model);
	/* a budget takes any effort; levels are those that the model lists */
	struct ct_str effort = budget ? r->effort : ct_ask_effort(ask);
	bool text =
		r->reasoning && (ask->model == NULL || ask->model->reasoning != CT_NO);

	if (effort.len == 0 && !text)
		return;
	ct_jw_key(jw, "thinkingConfig");
	ct_jw_object(jw);
	if (effort.len > 0 && budget)
		ct_jw_member_int(jw, "thinkingBudget", budget_of(r->model, effort));
	else if (effort.len > 0)
		ct_jw_member(jw, "thinkingLevel", ct_str(level_of(ask, effort)));
	if (text)
		ct_jw_member_bool(jw, "includeThoughts", true);
	ct_jw_end_object(jw);
}

static void write_config(struct ct_ask *ask)
{
	const struct ct_request *r = ask->request;
	struct ct_jw *jw = &ask->jw;
	int64_t output = ct_ask_max_tokens(ask);

	ct_jw_key(jw, "generationConfig");
	ct_jw_object(jw);
	if (output > 0)
		ct_jw_member_int(jw, "maxOutputTokens", output);
	ct_ask_write_stops(ask, "stopSequences");
	bool sampling = ct_ask_sampling(ask);
	if (sampling && r->has_temperature) {
		ct_jw_key(jw, "temperature");
		ct_jw_num(jw, r->temperature);
	}
	if (sampling && r->has_top_p) {
		ct_jw_key(jw, "topP");
		ct_jw_num(jw, r->top_p);
	}
	if (r->has_seed)
		ct_jw_member_int(jw, "seed", r->seed);
	write_thinking(ask);
	ct_jw_end_object(jw);
}

static void write_parts(struct ct_jw *jw, const struct ct_message *message)
{
	ct_jw_key(jw, "parts");
	ct_media_write_gemini(jw, message);
}

/* The message there, with those after it that go into the same one: how many it were. */
static size_t write_message(struct ct_ask *ask, size_t i)
{
	const struct ct_request *r = ask->request;
	const struct ct_message *m = &r->messages[i];
	struct ct_jw *jw = &ask->jw;
	bool own = ct_tools_is_own(ask->endpoint, m);
	size_t used = 1;

	if (ct_tools_is_empty(ask->endpoint, m))
		return used;
	ct_jw_object(jw);
	ct_jw_member(jw, "role", ct_str(m->role == CT_ROLE_ASSISTANT ? "model" : "user"));
	if (own || m->role == CT_ROLE_TOOL || m->call_count > 0)
		ct_jw_key(jw, "parts");
	if (own)
		ct_jw_raw(jw, m->raw);
	else if (m->role == CT_ROLE_TOOL)
		used = ct_tools_results_gemini(jw, m, r->message_count - i);
	else if (m->call_count > 0)
		ct_tools_calls_gemini(jw, m);
	else
		write_parts(jw, m);
	ct_jw_end_object(jw);
	return used;
}

static void write_body(struct ct_ask *ask)
{
	const struct ct_request *r = ask->request;
	struct ct_jw *jw = &ask->jw;

	if (r->system.len > 0) {
		ct_jw_key(jw, "systemInstruction");
		ct_jw_object(jw);
		write_parts(jw, &(struct ct_message){ .text = r->system });
		ct_jw_end_object(jw);
	}
	ct_jw_key(jw, "contents");
	ct_jw_array(jw);
	for (size_t i = 0; i < r->message_count; i++)
		i += write_message(ask, i) - 1;
	ct_jw_end_array(jw);
	ct_tools_offer_gemini(ask);
	write_config(ask);
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

	int rc = ct_ask_prefill(&ask, err);
	if (rc == CT_OK)
		rc = ct_ask_stops(&ask, STOPS_MAX, err);
	if (rc == CT_OK)
		rc = ct_ask_key(endpoint, out, "x-goog-api-key", "", err);
	if (rc != CT_OK)
		return rc;
	struct ct_str path = model_path(arena, r->model);
	if (path.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	struct ct_str url = ct_arena_printf(arena, "%s:%s", path.ptr,
					    r->stream ? "streamGenerateContent?alt=sse"
						      : "generateContent");
	if (url.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	ct_ask_begin(&ask);
	write_body(&ask);
	rc = ct_ask_end(&ask, ct_ask_url(endpoint, arena, "/v1beta", url.ptr), err);
	ct_buf_fini(&ask.body);
	return rc;
}

static int health(const struct ct_endpoint *endpoint, struct ct_arena *arena,
		  struct ct_http_request *out, struct ct_err *err)
{
	int rc = ct_ask_key(endpoint, out, "x-goog-api-key", "", err);

	return rc == CT_OK ? ct_ask_get(endpoint, out,
					ct_ask_url(endpoint, arena, "/v1beta",
						   "/models?pageSize=1"),
					err)
			   : rc;
}

static const struct ct_dialect *dialect(const struct ct_endpoint *endpoint, enum ct_task task)
{
	(void)task;
	(void)endpoint;
	return &ct_dialect_gemini;
}

const struct ct_vendor ct_vendor_gemini = {
	.kind = "gemini",
	.alias = "google",
	.base_url = "https://generativelanguage.googleapis.com",
	.base_url_env = "GEMINI_BASE_URL",
	.key_env = { "GOOGLE_API_KEY", "GEMINI_API_KEY" },
	.model_env = "GEMINI_DEFAULT_MODEL",
	.capabilities = CT_CAN_CHAT,
	.request = request,
	.health = health,
	.dialect = dialect,
};

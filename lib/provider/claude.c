/* Anthropic's Messages API: wire/anthropic. */
#include "provider/dialect.h"
#include "provider/media.h"
#include "provider/tools.h"
#include "provider/vendors.h"

static const char NEWEST[] = "2026-10-21";

enum {
	OUTPUT_DEFAULT =
		32000, /* max_tokens is required; where nobody says, room enough for most */
	OUTPUT_UNKNOWN = 8192, /* what also the oldest models that are served take */
	BUDGET_LEAST = 1024, /* of thinking tokens, by the API */
};

static struct ct_str version_of(const struct ct_endpoint *endpoint)
{
	return endpoint->api_version.len > 0 ? endpoint->api_version : ct_str(NEWEST);
}

static bool sampling_is_gone(const struct ct_endpoint *endpoint)
{
	return !ct_str_is(version_of(endpoint), "2023-06-01");
}

static int64_t max_tokens(struct ct_ask *ask)
{
	int64_t asked = ct_ask_max_tokens(ask);
	int64_t most = ask->model != NULL ? ask->model->max_output : 0;

	if (asked > 0)
		return asked;
	if (most <= 0)
		return OUTPUT_UNKNOWN;
	return most < OUTPUT_DEFAULT ? most : OUTPUT_DEFAULT;
}

/* How much of the output may be thought, by effort: half of it at most. 0: none. */
static int64_t budget(struct ct_ask *ask, int64_t output)
{
	struct ct_str effort = ask->request->effort;
	int64_t tokens = 10000;

	if (ct_str_is(effort, "none"))
		return 0;
	if (ct_str_is(effort, "minimal"))
		tokens = BUDGET_LEAST;
	else if (ct_str_is(effort, "low"))
		tokens = 4000;
	else if (ct_str_is(effort, "high"))
		tokens = 16000;
	else if (ct_str_is(effort, "xhigh") || ct_str_is(effort, "max"))
		tokens = 32000;
	tokens = tokens < output / 2 ? tokens : output / 2;
	if (tokens < BUDGET_LEAST)
		tokens = output > BUDGET_LEAST ? BUDGET_LEAST : 0;
	return tokens;
}

/* Returns whether budgeted thinking is on, which other parameters then depend on. */
static bool write_thinking(struct ct_ask *ask, int64_t output)
{
	const struct ct_model *m = ask->model;
	struct ct_jw *jw = &ask->jw;

	if (!ask->request->reasoning || m == NULL || m->thinking == CT_THINKING_NONE)
		return false;
	/* with a started answer the API wants a thought before it, which there is none */
	int64_t tokens = ask->request->prefill ? 0 : budget(ask, output);
	if (m->thinking == CT_THINKING_BUDGET && tokens == 0) {
		ct_ask_warn(ask,
			    "no room to think in %lld tokens: reasoning is not asked for",
			    (long long)output);
		return false;
	}
	ct_jw_key(jw, "thinking");
	ct_jw_object(jw);
	if (m->thinking == CT_THINKING_BUDGET) {
		ct_jw_member(jw, "type", ct_str("enabled"));
		ct_jw_member_int(jw, "budget_tokens", tokens);
	} else {
		ct_jw_member(jw, "type", ct_str("adaptive"));
		ct_jw_member(jw, "display", ct_str("summarized"));
	}
	ct_jw_end_object(jw);
	return m->thinking == CT_THINKING_BUDGET;
}

static void write_effort(struct ct_ask *ask)
{
	const struct ct_model *m = ask->model;

	/* a model that thinks by budget takes its effort there */
	if (m != NULL && m->effort_count == 0) {
		if (ask->request->effort.len > 0 &&
		    !(m->thinking == CT_THINKING_BUDGET && ask->request->reasoning))
			ct_ask_warn(ask, "%.*s takes no effort: it is not sent",
				    CT_STR_ARG(ask->request->model));
		return;
	}
	struct ct_str effort = ct_ask_effort(ask);
	if (effort.len == 0)
		return;
	ct_jw_key(&ask->jw, "output_config");
	ct_jw_object(&ask->jw);
	ct_jw_member(&ask->jw, "effort", effort);
	ct_jw_end_object(&ask->jw);
}

static void write_temperature(struct ct_ask *ask)
{
	double t = ask->request->temperature;

	if (t > 1) {
		ct_ask_warn(ask, "claude takes a temperature of at most 1: 1 is sent");
		t = 1;
	}
	ct_jw_key(&ask->jw, "temperature");
	ct_jw_num(&ask->jw, t);
}

static void write_sampling(struct ct_ask *ask, bool thinking)
{
	const struct ct_request *r = ask->request;

	if (r->has_seed)
		ct_ask_warn(ask, "claude takes no seed: it is not sent");
	if (!r->has_temperature && !r->has_top_p)
		return;
	if (sampling_is_gone(ask->endpoint) || thinking) {
		ct_ask_warn(ask, "claude takes no temperature or top_p %s: not sent",
			    thinking ? "while it thinks" : "any more");
		return;
	}
	if (!ct_ask_sampling(ask))
		return;
	if (r->has_temperature) {
		write_temperature(ask);
		if (r->has_top_p)
			ct_ask_warn(ask, "claude takes temperature or top_p, not both: "
					 "top_p is not sent");
		return;
	}
	ct_jw_key(&ask->jw, "top_p");
	ct_jw_num(&ask->jw, r->top_p);
}

/* The API refuses blanks at the end of a started answer. */
static struct ct_str without_tail(struct ct_str text)
{
	while (text.len > 0 && memchr(" \t\r\n", text.ptr[text.len - 1], 4) != NULL)
		text.len--;
	return text;
}

/* The message there, with those after it that go into the same one: how many it were. */
static size_t write_message(struct ct_ask *ask, size_t i)
{
	const struct ct_request *r = ask->request;
	const struct ct_message *m = &r->messages[i];
	struct ct_jw *jw = &ask->jw;
	bool started = r->prefill && i + 1 == r->message_count;
	struct ct_str text = started ? without_tail(m->text) : m->text;
	size_t used = 1;

	/* an empty turn is refused */
	if (ct_tools_is_empty(ask->endpoint, m) || (started && text.len == 0))
		return used;
	ct_jw_object(jw);
	ct_jw_member(jw, "role", ct_str(m->role == CT_ROLE_ASSISTANT ? "assistant" : "user"));
	ct_jw_key(jw, "content");
	if (ct_tools_is_own(ask->endpoint, m))
		ct_jw_raw(jw, m->raw);
	else if (m->role == CT_ROLE_TOOL)
		used = ct_tools_results_claude(jw, m, r->message_count - i);
	else if (m->call_count > 0)
		ct_tools_calls_claude(jw, m);
	else if (m->part_count > 0)
		ct_media_write_claude(jw, m);
	else
		ct_jw_str(jw, text);
	ct_jw_end_object(jw);
	return used;
}

static void write_messages(struct ct_ask *ask)
{
	const struct ct_request *r = ask->request;
	struct ct_jw *jw = &ask->jw;

	ct_jw_key(jw, "messages");
	ct_jw_array(jw);
	for (size_t i = 0; i < r->message_count; i++)
		i += write_message(ask, i) - 1;
	ct_jw_end_array(jw);
}

static void write_body(struct ct_ask *ask)
{
	const struct ct_request *r = ask->request;
	struct ct_jw *jw = &ask->jw;
	int64_t output = max_tokens(ask);

	ct_jw_member(jw, "model", r->model);
	ct_jw_member_int(jw, "max_tokens", output);
	if (r->stream)
		ct_jw_member_bool(jw, "stream", true);
	if (r->system.len > 0)
		ct_jw_member(jw, "system", r->system);
	ct_tools_offer_claude(ask);
	write_messages(ask);
	ct_ask_write_stops(ask, "stop_sequences");
	bool thinking = write_thinking(ask, output);
	write_effort(ask);
	write_sampling(ask, thinking);
	if (r->user.len > 0) {
		ct_jw_key(jw, "metadata");
		ct_jw_object(jw);
		ct_jw_member(jw, "user_id", r->user);
		ct_jw_end_object(jw);
	}
}

static int add_auth(const struct ct_endpoint *endpoint, struct ct_http_request *out,
		    struct ct_err *err)
{
	int rc = ct_ask_key(endpoint, out, "x-api-key", "", err);

	return rc == CT_OK ? ct_ask_header(endpoint, out, "anthropic-version",
					   version_of(endpoint), err)
			   : rc;
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
		rc = add_auth(endpoint, out, err);
	if (rc != CT_OK)
		return rc;
	ct_ask_begin(&ask);
	write_body(&ask);
	rc = ct_ask_end(&ask, ct_ask_url(endpoint, arena, "/v1", "/messages"), err);
	ct_buf_fini(&ask.body);
	return rc;
}

static int health(const struct ct_endpoint *endpoint, struct ct_arena *arena,
		  struct ct_http_request *out, struct ct_err *err)
{
	int rc = add_auth(endpoint, out, err);

	return rc == CT_OK
		       ? ct_ask_get(endpoint, out,
				    ct_ask_url(endpoint, arena, "/v1", "/models?limit=1"),
				    err)
		       : rc;
}

static const struct ct_dialect *dialect(const struct ct_endpoint *endpoint, enum ct_task task)
{
	(void)task;
	(void)endpoint;
	return &ct_dialect_claude;
}

const struct ct_vendor ct_vendor_claude = {
	.kind = "claude",
	.alias = "anthropic",
	.base_url = "https://api.anthropic.com",
	.base_url_env = "ANTHROPIC_BASE_URL",
	.key_env = { "ANTHROPIC_API_KEY" },
	.model_env = "CLAUDE_DEFAULT_MODEL",
	.capabilities = CT_CAN_CHAT,
	.limits_name_their_end = true,
	.request = request,
	.health = health,
	.dialect = dialect,
};

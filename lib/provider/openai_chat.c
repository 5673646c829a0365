/* The body of a Chat Completions request: wire/openai, and for other hosts wire/openai-compatible. */
#include "provider/media.h"
#include "provider/tools.h"
#include "provider/vendors.h"

enum { STOPS_MAX = 4 };

static bool is_mistral(const struct ct_endpoint *endpoint)
{
	return ct_str_has(endpoint->base_url, "mistral.ai");
}

static void write_message(struct ct_jw *jw, const char *role,
			  const struct ct_message *m, bool started)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "role", ct_str(role));
	ct_jw_key(jw, "content");
	if (m->part_count > 0)
		ct_media_write_chat(jw, m);
	else
		ct_jw_str(jw, m->text);
	if (started)
		ct_jw_member_bool(jw, "prefix", true);
	ct_jw_end_object(jw);
}

/* DeepSeek's models that think want to see again what they thought before a call. */
static void write_calls(struct ct_ask *ask, const struct ct_message *m)
{
	struct ct_jw *jw = &ask->jw;

	ct_jw_object(jw);
	ct_jw_member(jw, "role", ct_str("assistant"));
	ct_jw_member_or_null(jw, "content",
			     m->text.len > 0 ? m->text : (struct ct_str){ NULL, 0 });
	if (m->reasoning.len > 0 && ct_str_has(ask->endpoint->base_url, "deepseek"))
		ct_jw_member(jw, "reasoning_content", m->reasoning);
	ct_tools_calls_chat(jw, m);
	ct_jw_end_object(jw);
}

static void write_result(struct ct_jw *jw, const struct ct_message *m)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "role", ct_str("tool"));
	ct_jw_member(jw, "tool_call_id", m->call_id);
	ct_jw_member(jw, "content", m->text);
	ct_jw_end_object(jw);
}

/*
 * OpenAI's models that reason take tools here only without reasoning; one that cannot do without is
 * offered none. Returns what is to be said of the effort.
 */
static struct ct_str offer_tools(struct ct_ask *ask)
{
	const struct ct_model *m = ask->model;
	bool without = m != NULL && m->effort_count > 0 && ct_str_is(m->efforts[0], "none");

	if (!ct_tools_wanted(ask))
		return ct_ask_effort(ask);
	if (!ask->openai || m == NULL || m->reasoning != CT_YES) {
		ct_tools_offer_chat(ask);
		return ct_ask_effort(ask);
	}
	if (!without || ask->request->effort.len > 0)
		return ct_ask_effort(ask);
	ct_tools_offer_chat(ask);
	return m->efforts[0];
}

static void write_messages(struct ct_ask *ask)
{
	const struct ct_request *r = ask->request;
	struct ct_jw *jw = &ask->jw;

	ct_jw_key(jw, "messages");
	ct_jw_array(jw);
	if (r->system.len > 0)
		write_message(jw, ask->openai ? "developer" : "system",
			      &(struct ct_message){ .text = r->system }, false);
	for (size_t i = 0; i < r->message_count; i++) {
		const struct ct_message *m = &r->messages[i];
		if (m->role == CT_ROLE_TOOL)
			write_result(jw, m);
		else if (m->call_count > 0)
			write_calls(ask, m);
		else if (m->text.len > 0 || m->part_count > 0)
			write_message(jw, m->role == CT_ROLE_USER ? "user" : "assistant",
				      m, r->prefill && i + 1 == r->message_count);
	}
	ct_jw_end_array(jw);
}

static void write_stream(struct ct_jw *jw)
{
	ct_jw_member_bool(jw, "stream", true);
	ct_jw_key(jw, "stream_options");
	ct_jw_object(jw);
	ct_jw_member_bool(jw, "include_usage", true);
	ct_jw_end_object(jw);
}

static void write_sampling(struct ct_ask *ask)
{
	const struct ct_request *r = ask->request;
	struct ct_jw *jw = &ask->jw;
	bool sampling = ct_ask_sampling(ask);

	if (sampling && r->has_temperature) {
		ct_jw_key(jw, "temperature");
		ct_jw_num(jw, r->temperature);
	}
	if (sampling && r->has_top_p) {
		ct_jw_key(jw, "top_p");
		ct_jw_num(jw, r->top_p);
	}
	if (r->has_seed)
		ct_jw_member_int(jw, is_mistral(ask->endpoint) ? "random_seed" : "seed",
				 r->seed);
}

int ct_chat_body(struct ct_ask *ask, struct ct_err *err)
{
	const struct ct_request *r = ask->request;
	struct ct_jw *jw = &ask->jw;
	int rc = ct_ask_prefill(ask, err);

	if (rc == CT_OK && r->prefill && ask->openai)
		rc = ct_fail(err, CT_EINVALID,
			     "%.*s does not go on with a started answer",
			     CT_STR_ARG(ask->endpoint->name));
	if (rc == CT_OK && ask->openai)
		rc = ct_ask_stops(ask, STOPS_MAX, err);
	if (rc != CT_OK)
		return rc;

	ct_jw_member(jw, "model", r->model);
	write_messages(ask);
	if (r->stream)
		write_stream(jw);
	int64_t output = ct_ask_max_tokens(ask);
	if (output > 0)
		ct_jw_member_int(jw, ask->openai ? "max_completion_tokens" : "max_tokens",
				 output);
	ct_ask_write_stops(ask, "stop");
	write_sampling(ask);
	struct ct_str effort = offer_tools(ask);
	if (effort.len > 0)
		ct_jw_member(jw, "reasoning_effort", effort);
	/* other hosts refuse members that they do not know */
	if (r->user.len > 0 && ask->openai)
		ct_jw_member(jw, "safety_identifier", r->user);
	return CT_OK;
}

/* The body of a Responses request: wire/openai, "POST /v1/responses". */
#include "provider/media.h"
#include "provider/tools.h"
#include "provider/vendors.h"

static void write_message(struct ct_jw *jw, const struct ct_message *m)
{
	if (m->text.len > 0 || m->part_count > 0) {
		ct_jw_object(jw);
		ct_jw_member(jw, "role",
			     ct_str(m->role == CT_ROLE_USER ? "user" : "assistant"));
		ct_jw_key(jw, "content");
		if (m->part_count > 0)
			ct_media_write_responses(jw, m);
		else
			ct_jw_str(jw, m->text);
		ct_jw_end_object(jw);
	}
	ct_tools_calls_responses(jw, m);
}

static void write_result(struct ct_jw *jw, const struct ct_message *m)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "type", ct_str("function_call_output"));
	ct_jw_member(jw, "call_id", m->call_id);
	ct_jw_member(jw, "output", m->text);
	ct_jw_end_object(jw);
}

/* The items of a turn that came from here, without the brackets around them. */
static void write_items(struct ct_ask *ask, const struct ct_message *m)
{
	const struct ct_json *items;

	if (ct_json_parse(ask->arena, m->raw, CT_JSON_LENIENT, &items, NULL) != CT_OK)
		return;
	for (items = ct_json_first(items); items != NULL; items = items->next)
		ct_jw_value(&ask->jw, items);
}

static void write_input(struct ct_ask *ask)
{
	const struct ct_request *r = ask->request;
	struct ct_jw *jw = &ask->jw;

	ct_jw_key(jw, "input");
	ct_jw_array(jw);
	for (size_t i = 0; i < r->message_count; i++) {
		const struct ct_message *m = &r->messages[i];
		if (ct_tools_is_own(ask->endpoint, m))
			write_items(ask, m);
		else if (m->role == CT_ROLE_TOOL)
			write_result(jw, m);
		else
			write_message(jw, m);
	}
	ct_jw_end_array(jw);
}

static void write_reasoning(struct ct_ask *ask)
{
	struct ct_jw *jw = &ask->jw;
	struct ct_str effort = ct_ask_effort(ask);
	/* a model that does not reason refuses the member */
	bool text = ask->request->reasoning &&
		    (ask->model == NULL || ask->model->reasoning != CT_NO);

	if (effort.len == 0 && !text)
		return;
	ct_jw_key(jw, "reasoning");
	ct_jw_object(jw);
	if (effort.len > 0)
		ct_jw_member(jw, "effort", effort);
	if (text)
		ct_jw_member(jw, "summary", ct_str("auto"));
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
		ct_ask_warn(ask, "the Responses API takes no seed: it is not sent");
	if (r->stop_count > 0)
		ct_ask_warn(ask, "the Responses API takes no stop sequences: not sent "
				 "(OPENAI_API=chat takes them)");
}

int ct_responses_body(struct ct_ask *ask, struct ct_err *err)
{
	const struct ct_request *r = ask->request;
	struct ct_jw *jw = &ask->jw;

	if (r->prefill)
		return ct_fail(err, CT_EINVALID,
			       "%.*s does not go on with a started answer",
			       CT_STR_ARG(ask->endpoint->name));
	ct_jw_member(jw, "model", r->model);
	ct_jw_member_bool(jw, "store", false); /* the default keeps what was said */
	if (r->stream)
		ct_jw_member_bool(jw, "stream", true);
	if (r->system.len > 0)
		ct_jw_member(jw, "instructions", r->system);
	write_input(ask);
	ct_tools_offer_responses(ask);
	int64_t output = ct_ask_max_tokens(ask);
	if (output > 0)
		ct_jw_member_int(jw, "max_output_tokens", output);
	write_reasoning(ask);
	write_sampling(ask);
	if (r->user.len > 0 && ask->openai)
		ct_jw_member(jw, "safety_identifier", r->user);
	return CT_OK;
}

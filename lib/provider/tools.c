#include "provider/tools.h"

bool ct_tools_wanted(const struct ct_ask *ask)
{
	return ask->request->tool_count > 0 &&
	       (ask->model == NULL || ask->model->tools != CT_NO);
}

bool ct_tools_is_own(const struct ct_endpoint *endpoint, const struct ct_message *m)
{
	return m->role == CT_ROLE_ASSISTANT && m->raw.len > 0 &&
	       (m->raw_by.len == 0 || ct_str_eq(m->raw_by, endpoint->name));
}

bool ct_tools_is_empty(const struct ct_endpoint *endpoint, const struct ct_message *m)
{
	return m->role != CT_ROLE_TOOL && m->text.len == 0 && m->part_count == 0 &&
	       m->call_count == 0 && !ct_tools_is_own(endpoint, m);
}

/* The arguments where the protocol wants an object: what is none is none. */
static void write_object(struct ct_jw *jw, struct ct_str arguments)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *value;

	if (ct_json_parse(&arena, arguments, CT_JSON_LENIENT, &value, NULL) == CT_OK &&
	    ct_json_is(value, CT_JSON_OBJECT))
		ct_jw_value(jw, value);
	else
		ct_jw_raw(jw, ct_str("{}"));
}

static void write_schema(struct ct_jw *jw, const char *key, const struct ct_tool *tool)
{
	ct_jw_member(jw, "name", tool->name);
	ct_jw_member(jw, "description", tool->description);
	ct_jw_key(jw, key);
	ct_jw_raw(jw, tool->schema);
}

void ct_tools_offer_claude(struct ct_ask *ask)
{
	struct ct_jw *jw = &ask->jw;

	if (!ct_tools_wanted(ask))
		return;
	ct_jw_key(jw, "tools");
	ct_jw_array(jw);
	for (size_t i = 0; i < ask->request->tool_count; i++) {
		ct_jw_object(jw);
		write_schema(jw, "input_schema", &ask->request->tools[i]);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

void ct_tools_offer_gemini(struct ct_ask *ask)
{
	struct ct_jw *jw = &ask->jw;

	if (!ct_tools_wanted(ask))
		return;
	ct_jw_key(jw, "tools");
	ct_jw_array(jw);
	ct_jw_object(jw);
	ct_jw_key(jw, "functionDeclarations");
	ct_jw_array(jw);
	for (size_t i = 0; i < ask->request->tool_count; i++) {
		ct_jw_object(jw);
		write_schema(jw, "parametersJsonSchema", &ask->request->tools[i]);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
	ct_jw_end_object(jw);
	ct_jw_end_array(jw);
}

/* Chat Completions wraps each in a member, Responses does not. */
static void offer_functions(struct ct_ask *ask, bool wrapped)
{
	struct ct_jw *jw = &ask->jw;

	ct_jw_key(jw, "tools");
	ct_jw_array(jw);
	for (size_t i = 0; i < ask->request->tool_count; i++) {
		ct_jw_object(jw);
		ct_jw_member(jw, "type", ct_str("function"));
		if (wrapped) {
			ct_jw_key(jw, "function");
			ct_jw_object(jw);
		}
		write_schema(jw, "parameters", &ask->request->tools[i]);
		if (wrapped)
			ct_jw_end_object(jw);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

void ct_tools_offer_chat(struct ct_ask *ask)
{
	if (ct_tools_wanted(ask))
		offer_functions(ask, true);
}

/* What the model thought comes back sealed: nothing is stored, so it must be sent along. */
void ct_tools_offer_responses(struct ct_ask *ask)
{
	struct ct_jw *jw = &ask->jw;

	if (!ct_tools_wanted(ask))
		return;
	offer_functions(ask, false);
	if (ask->model == NULL || ask->model->reasoning != CT_YES)
		return;
	ct_jw_key(jw, "include");
	ct_jw_array(jw);
	ct_jw_str(jw, ct_str("reasoning.encrypted_content"));
	ct_jw_end_array(jw);
}

void ct_tools_calls_claude(struct ct_jw *jw, const struct ct_message *m)
{
	ct_jw_array(jw);
	if (m->text.len > 0) {
		ct_jw_object(jw);
		ct_jw_member(jw, "type", ct_str("text"));
		ct_jw_member(jw, "text", m->text);
		ct_jw_end_object(jw);
	}
	for (size_t i = 0; i < m->call_count; i++) {
		ct_jw_object(jw);
		ct_jw_member(jw, "type", ct_str("tool_use"));
		ct_jw_member(jw, "id", m->calls[i].id);
		ct_jw_member(jw, "name", m->calls[i].name);
		ct_jw_key(jw, "input");
		write_object(jw, m->calls[i].arguments);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void write_gemini_id(struct ct_jw *jw, struct ct_str id)
{
	if (id.len > 0 && !ct_str_starts(id, CT_TOOL_OWN_ID))
		ct_jw_member(jw, "id", id);
}

/* A call that another model made has no signature; this is the word for that: wire/gemini. */
void ct_tools_calls_gemini(struct ct_jw *jw, const struct ct_message *m)
{
	ct_jw_array(jw);
	if (m->text.len > 0) {
		ct_jw_object(jw);
		ct_jw_member(jw, "text", m->text);
		ct_jw_end_object(jw);
	}
	for (size_t i = 0; i < m->call_count; i++) {
		ct_jw_object(jw);
		ct_jw_key(jw, "functionCall");
		ct_jw_object(jw);
		write_gemini_id(jw, m->calls[i].id);
		ct_jw_member(jw, "name", m->calls[i].name);
		ct_jw_key(jw, "args");
		write_object(jw, m->calls[i].arguments);
		ct_jw_end_object(jw);
		if (i == 0)
			ct_jw_member(jw, "thoughtSignature",
				     ct_str("skip_thought_signature_validator"));
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

void ct_tools_calls_chat(struct ct_jw *jw, const struct ct_message *m)
{
	ct_jw_key(jw, "tool_calls");
	ct_jw_array(jw);
	for (size_t i = 0; i < m->call_count; i++) {
		ct_jw_object(jw);
		ct_jw_member(jw, "id", m->calls[i].id);
		ct_jw_member(jw, "type", ct_str("function"));
		ct_jw_key(jw, "function");
		ct_jw_object(jw);
		ct_jw_member(jw, "name", m->calls[i].name);
		ct_jw_member(jw, "arguments", m->calls[i].arguments);
		ct_jw_end_object(jw);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

void ct_tools_calls_responses(struct ct_jw *jw, const struct ct_message *m)
{
	for (size_t i = 0; i < m->call_count; i++) {
		ct_jw_object(jw);
		ct_jw_member(jw, "type", ct_str("function_call"));
		ct_jw_member(jw, "call_id", m->calls[i].id);
		ct_jw_member(jw, "name", m->calls[i].name);
		ct_jw_member(jw, "arguments", m->calls[i].arguments);
		ct_jw_end_object(jw);
	}
}

size_t ct_tools_results_claude(struct ct_jw *jw, const struct ct_message *first, size_t most)
{
	size_t n = 0;

	ct_jw_array(jw);
	for (; n < most && first[n].role == CT_ROLE_TOOL; n++) {
		ct_jw_object(jw);
		ct_jw_member(jw, "type", ct_str("tool_result"));
		ct_jw_member(jw, "tool_use_id", first[n].call_id);
		ct_jw_member(jw, "content", first[n].text);
		if (first[n].failed)
			ct_jw_member_bool(jw, "is_error", true);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
	return n;
}

size_t ct_tools_results_gemini(struct ct_jw *jw, const struct ct_message *first, size_t most)
{
	size_t n = 0;

	ct_jw_array(jw);
	for (; n < most && first[n].role == CT_ROLE_TOOL; n++) {
		ct_jw_object(jw);
		ct_jw_key(jw, "functionResponse");
		ct_jw_object(jw);
		write_gemini_id(jw, first[n].call_id);
		ct_jw_member(jw, "name", first[n].call_name);
		ct_jw_key(jw, "response");
		ct_jw_object(jw);
		ct_jw_member(jw, first[n].failed ? "error" : "output", first[n].text);
		ct_jw_end_object(jw);
		ct_jw_end_object(jw);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
	return n;
}

/* OpenAI Chat Completions: https://platform.openai.com/docs/api-reference/chat */
#include "ingress/protocols.h"
#include "ingress/reader.h"

static const struct ct_part_type parts[] = {
	{ "text", CT_PART_TEXT, "text" },     { "refusal", CT_PART_TEXT, "refusal" },
	{ "image_url", CT_PART_MEDIA, NULL }, { "input_audio", CT_PART_MEDIA, NULL },
	{ "file", CT_PART_MEDIA, NULL },      { NULL, 0, NULL },
};

static bool match(struct ct_str method, struct ct_str path)
{
	return ct_str_is(method, "POST") && ct_ingress_ends(path, "/chat/completions");
}

static int read_message(struct ct_reader *reader, const struct ct_json *message)
{
	struct ct_str role = ct_json_str_at(message, "role");
	int rc = ct_reader_content(reader, ct_json_get(message, "content"), "messages");

	if (rc != CT_OK)
		return rc;
	reader->out->tool_result = ct_str_is(role, "tool") || ct_str_is(role, "function");
	if (ct_str_is(role, "system") || ct_str_is(role, "developer"))
		return ct_reader_system(reader);
	if (ct_str_is(role, "user") || reader->out->tool_result)
		return ct_reader_message(reader, CT_ROLE_USER);
	if (ct_str_is(role, "assistant"))
		return ct_reader_message(reader, CT_ROLE_ASSISTANT);
	return ct_fail(reader->err, CT_EINVALID,
		       "Invalid value for messages.role: '%.*s'", CT_STR_ARG(role));
}

static int read_lists(struct ct_reader *reader, const struct ct_json *body)
{
	int rc = CT_OK;

	for (const struct ct_json *m = ct_json_first(ct_json_get(body, "messages"));
	     m != NULL && rc == CT_OK; m = m->next)
		rc = read_message(reader, m);
	for (const struct ct_json *t = ct_json_first(ct_json_get(body, "tools"));
	     t != NULL && rc == CT_OK; t = t->next)
		rc = ct_reader_tool(reader, ct_json_str_at(t, "function.name"),
				    ct_json_at(t, "function.parameters"));
	return rc;
}

static void read_format(const struct ct_json *body, struct ct_ingress_request *out)
{
	const struct ct_json *schema =
		ct_json_at(body, "response_format.json_schema.schema");
	struct ct_str type = ct_json_str_at(body, "response_format.type");

	if (ct_str_is(type, "json_schema") && ct_json_is(schema, CT_JSON_OBJECT))
		out->json_schema = schema->text;
	else if (ct_str_is(type, "json_schema") || ct_str_is(type, "json_object"))
		out->json_schema = ct_str("{}");
}

static int read_fields(const struct ct_json *body, struct ct_ingress_request *out,
		       struct ct_err *err)
{
	struct ct_request *request = &out->request;
	int rc = ct_reader_str(body, "model", &request->model, err);

	if (rc == CT_OK && request->model.len == 0)
		return ct_fail(err, CT_EINVALID, "you must provide a model parameter");
	if (rc == CT_OK && !ct_json_is(ct_json_get(body, "messages"), CT_JSON_ARRAY))
		return ct_fail(err, CT_EINVALID,
			       "Missing required parameter: 'messages'.");
	if (rc == CT_OK)
		rc = ct_reader_int(body, "max_tokens", 1, &request->max_tokens, err);
	if (rc == CT_OK)
		rc = ct_reader_int(body, "max_completion_tokens", 1, &request->max_tokens,
				   err);
	if (rc == CT_OK)
		rc = ct_reader_bool(body, "stream", &request->stream, err);
	if (rc == CT_OK)
		rc = ct_reader_bool(ct_json_get(body, "stream_options"), "include_usage",
				    &out->include_usage, err);
	if (rc == CT_OK)
		rc = ct_reader_sampling(request, body, "top_p", "stop", err);
	request->has_seed = ct_json_is(ct_json_get(body, "seed"), CT_JSON_NUMBER);
	request->seed = ct_json_int_at(body, "seed", 0);
	request->effort = ct_json_str_at(body, "reasoning_effort");
	request->user = ct_json_str_at(body, "user");
	read_format(body, out);
	return rc;
}

static int read_request(struct ct_str path, const struct ct_headers *headers,
			struct ct_str text, struct ct_arena *arena,
			struct ct_ingress_request *out, struct ct_err *err)
{
	struct ct_reader reader = {
		.arena = arena, .out = out, .parts = parts, .err = err
	};
	const struct ct_json *body;
	int rc = ct_reader_body(arena, text, &body, err);

	(void)path, (void)headers;
	*out = (struct ct_ingress_request){ 0 };
	if (rc == CT_OK)
		rc = read_fields(body, out, err);
	if (rc != CT_OK)
		return rc;
	rc = ct_reader_init(&reader, ct_json_get(body, "messages"));
	if (rc == CT_OK)
		rc = read_lists(&reader, body);
	if (rc == CT_OK)
		rc = ct_reader_end(&reader);
	ct_reader_fini(&reader);
	return rc;
}

static const char *finish_reason(enum ct_finish finish)
{
	switch (finish) {
	case CT_FINISH_LENGTH:
		return "length";
	case CT_FINISH_TOOL_CALLS:
		return "tool_calls";
	case CT_FINISH_FILTER:
		return "content_filter";
	default:
		return "stop";
	}
}

static void put_detail(struct ct_jw *jw, const char *key, const char *name, int64_t value)
{
	ct_jw_key(jw, key);
	ct_jw_object(jw);
	ct_jw_member_int(jw, name, value);
	ct_jw_end_object(jw);
}

static void put_usage(struct ct_jw *jw, const struct ct_usage *usage)
{
	ct_jw_key(jw, "usage");
	ct_jw_object(jw);
	ct_jw_member_int(jw, "prompt_tokens", usage->input);
	ct_jw_member_int(jw, "completion_tokens", usage->output);
	ct_jw_member_int(jw, "total_tokens", usage->input + usage->output);
	put_detail(jw, "prompt_tokens_details", "cached_tokens", usage->cached);
	put_detail(jw, "completion_tokens_details", "reasoning_tokens", usage->reasoning);
	ct_jw_end_object(jw);
}

/* A document up to its choices. */
static void put_head(struct ct_jw *jw, const struct ct_ingress_answer *answer,
		     const char *object)
{
	struct ct_buf id = CT_BUF_INIT(256);

	ct_buf_printf(&id, "chatcmpl-%.*s", CT_STR_ARG(answer->id));
	ct_jw_object(jw);
	ct_jw_member(jw, "id", ct_buf_str(&id));
	ct_jw_member(jw, "object", ct_str(object));
	ct_jw_member_int(jw, "created", answer->created_s);
	ct_jw_member(jw, "model", answer->model);
	ct_jw_key(jw, "choices");
	ct_jw_array(jw);
	ct_buf_fini(&id);
}

/* A chunk up to the inside of its delta. */
static struct ct_jw begin(const struct ct_ingress_answer *answer, struct ct_buf *out)
{
	struct ct_jw jw = ct_ingress_data(out, NULL);

	put_head(&jw, answer, "chat.completion.chunk");
	ct_jw_object(&jw);
	ct_jw_member_int(&jw, "index", 0);
	ct_jw_key(&jw, "delta");
	ct_jw_object(&jw);
	return jw;
}

static void finish(struct ct_jw *jw, const struct ct_ingress_answer *answer,
		   const char *reason)
{
	ct_jw_end_object(jw);
	ct_jw_member_or_null(jw, "finish_reason", ct_str(reason));
	ct_jw_end_object(jw);
	ct_jw_end_array(jw);
	if (answer->include_usage) {
		ct_jw_key(jw, "usage");
		ct_jw_null(jw);
	}
	ct_jw_end_object(jw);
	ct_buf_puts(jw->out, "\n\n");
}

static void put_call(struct ct_jw *jw, const struct ct_tool_call *call, int64_t index)
{
	ct_jw_object(jw);
	if (index >= 0)
		ct_jw_member_int(jw, "index", index);
	ct_jw_member(jw, "id", call->id);
	ct_jw_member(jw, "type", ct_str("function"));
	ct_jw_key(jw, "function");
	ct_jw_object(jw);
	ct_jw_member(jw, "name", call->name);
	ct_jw_member(jw, "arguments", call->arguments);
	ct_jw_end_object(jw);
	ct_jw_end_object(jw);
}

static void put_finish(struct ct_ingress_answer *answer, enum ct_finish reason,
		       struct ct_buf *out)
{
	struct ct_jw jw = begin(answer, out);

	finish(&jw, answer, finish_reason(reason));
	if (!answer->include_usage)
		return;
	jw = ct_ingress_data(out, NULL);
	put_head(&jw, answer, "chat.completion.chunk");
	ct_jw_end_array(&jw);
	put_usage(&jw, &answer->usage);
	ct_jw_end_object(&jw);
	ct_buf_puts(out, "\n\n");
}

static void put_delta(struct ct_ingress_answer *answer, const struct ct_event *event,
		      struct ct_buf *out)
{
	struct ct_jw jw = begin(answer, out);

	if (event->type == CT_EVENT_START) {
		ct_jw_member(&jw, "role", ct_str("assistant"));
		ct_jw_member(&jw, "content", ct_str(""));
	} else if (event->type == CT_EVENT_TEXT) {
		ct_jw_member(&jw, "content", event->text);
	} else if (event->type == CT_EVENT_REASONING) {
		ct_jw_member(&jw, "reasoning_content", event->text);
	} else {
		ct_jw_key(&jw, "tool_calls");
		ct_jw_array(&jw);
		put_call(&jw, &event->call, answer->calls++);
		ct_jw_end_array(&jw);
	}
	finish(&jw, answer, NULL);
}

static void put_event(struct ct_ingress_answer *answer, const struct ct_event *event,
		      struct ct_buf *out)
{
	switch (event->type) {
	case CT_EVENT_START:
	case CT_EVENT_TEXT:
	case CT_EVENT_REASONING:
	case CT_EVENT_TOOL_CALL:
		put_delta(answer, event, out);
		break;
	case CT_EVENT_USAGE:
		answer->usage = event->usage;
		break;
	case CT_EVENT_FINISH:
		put_finish(answer, event->finish, out);
		break;
	default: /* is not said, or of another task */
		break;
	}
}

static void put_whole(const struct ct_ingress_answer *answer, struct ct_str text,
		      const struct ct_tool_call *calls, size_t call_count,
		      enum ct_finish reason, struct ct_buf *out)
{
	struct ct_jw jw = ct_jw(out);
	bool absent = text.len == 0 && call_count > 0;

	put_head(&jw, answer, "chat.completion");
	ct_jw_object(&jw);
	ct_jw_member_int(&jw, "index", 0);
	ct_jw_key(&jw, "message");
	ct_jw_object(&jw);
	ct_jw_member(&jw, "role", ct_str("assistant"));
	ct_jw_member_or_null(&jw, "content",
			     absent ? (struct ct_str){ NULL, 0 }
				    : (text.ptr ? text : ct_str("")));
	if (call_count > 0) {
		ct_jw_key(&jw, "tool_calls");
		ct_jw_array(&jw);
		for (size_t i = 0; i < call_count; i++)
			put_call(&jw, &calls[i], -1);
		ct_jw_end_array(&jw);
	}
	ct_jw_end_object(&jw);
	ct_jw_member(&jw, "finish_reason", ct_str(finish_reason(reason)));
	ct_jw_end_object(&jw);
	ct_jw_end_array(&jw);
	put_usage(&jw, &answer->usage);
	ct_jw_end_object(&jw);
}

struct ct_openai_words ct_openai_words(int status, int code)
{
	static const struct {
		int status, code; /* 0: any */
		struct ct_openai_words words;
	} rows[] = {
		{ 0,
		  CT_ECONTEXT,
		  { "invalid_request_error", "context_length_exceeded", "messages" } },
		{ 0,
		  CT_EFILTER,
		  { "invalid_request_error", "content_policy_violation", NULL } },
		{ 0,
		  CT_EQUOTA,
		  { "insufficient_quota", "credit_balance_exhausted", NULL } },
		{ 401, 0, { "invalid_request_error", "invalid_api_key", NULL } },
		{ 404,
		  CT_ENOMODEL,
		  { "invalid_request_error", "model_not_found", "model" } },
		{ 429, 0, { "requests", "rate_limit_exceeded", NULL } },
		{ 503, 0, { "service_unavailable_error", "server_is_overloaded", NULL } },
		{ 529, 0, { "service_unavailable_error", "server_is_overloaded", NULL } },
	};

	for (size_t i = 0; i < CT_COUNT(rows); i++) {
		if ((rows[i].status == 0 || rows[i].status == status) &&
		    (rows[i].code == 0 || rows[i].code == code))
			return rows[i].words;
	}
	if (status >= 500)
		return (struct ct_openai_words){ "server_error", "server_error", NULL };
	return (struct ct_openai_words){ "invalid_request_error", NULL, NULL };
}

void ct_openai_error(struct ct_jw *jw, int status, int code, struct ct_str message)
{
	struct ct_openai_words words = ct_openai_words(status, code);

	ct_jw_object(jw);
	ct_jw_key(jw, "error");
	ct_jw_object(jw);
	ct_jw_member(jw, "message", message);
	ct_jw_member(jw, "type", ct_str(words.type));
	ct_jw_member_or_null(jw, "param", ct_str(words.param));
	ct_jw_member_or_null(jw, "code", ct_str(words.code));
	ct_jw_end_object(jw);
	ct_jw_end_object(jw);
}

static void put_error(int status, int code, struct ct_str message, int64_t retry_after_ms,
		      bool in_stream, struct ct_buf *out)
{
	struct ct_jw jw = in_stream ? ct_ingress_data(out, NULL) : ct_jw(out);

	(void)retry_after_ms;
	ct_openai_error(&jw, status, code, message);
	if (in_stream)
		ct_buf_puts(out, "\n\n");
}

static void put_end(struct ct_ingress_answer *answer, struct ct_buf *out)
{
	(void)answer;
	ct_buf_puts(out, "data: [DONE]\n\n");
}

const struct ct_ingress ct_ingress_chat = {
	.name = "chat",
	.provider = "openai",
	.match = match,
	.read = read_request,
	.event = put_event,
	.whole = put_whole,
	.error = put_error,
	.end = put_end,
};

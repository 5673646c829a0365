/* Anthropic Messages: https://platform.claude.com/docs/en/api/messages */
#include "ingress/protocols.h"
#include "ingress/reader.h"

static const struct ct_part_type parts[] = {
	{ "text", CT_PART_TEXT, "text" },
	{ "image", CT_PART_MEDIA, NULL },
	{ "document", CT_PART_MEDIA, NULL },
	{ "tool_result", CT_PART_RESULT, "content" },
	{ "tool_use", CT_PART_SKIP, NULL },
	{ "thinking", CT_PART_SKIP, NULL },
	{ "redacted_thinking", CT_PART_SKIP, NULL },
	{ "server_tool_use", CT_PART_SKIP, NULL },
	{ "web_search_tool_result", CT_PART_SKIP, NULL },
	{ "web_fetch_tool_result", CT_PART_SKIP, NULL },
	{ "code_execution_tool_result", CT_PART_SKIP, NULL },
	{ NULL, 0, NULL },
};

static bool match(struct ct_str method, struct ct_str path)
{
	return ct_str_is(method, "POST") && ct_str_is(path, "/v1/messages");
}

/* Version 2026-10-21 takes no sampling parameter, not even with its default value. */
static int check_version(const struct ct_headers *headers, const struct ct_json *body,
			 struct ct_err *err)
{
	static const char *const gone[] = { "temperature", "top_p", "top_k" };
	struct ct_str version = ct_headers_get(headers, "anthropic-version");

	if (version.len == 0)
		return ct_fail(err, CT_EINVALID, "anthropic-version: header is required");
	if (ct_str_is(version, "2023-06-01"))
		return CT_OK;
	if (!ct_str_is(version, "2026-10-21"))
		return ct_fail(err, CT_EINVALID,
			       "anthropic-version: \"%.*s\" is not a valid version",
			       CT_STR_ARG(version));
	for (size_t i = 0; i < CT_COUNT(gone); i++) {
		if (ct_json_get(body, gone[i]) != NULL)
			return ct_fail(err, CT_EINVALID,
				       "%s: Extra inputs are not permitted", gone[i]);
	}
	return CT_OK;
}

static int read_messages(struct ct_reader *reader, const struct ct_json *list)
{
	int rc = CT_OK;

	for (const struct ct_json *m = ct_json_first(list); m != NULL && rc == CT_OK;
	     m = m->next) {
		struct ct_str role = ct_json_str_at(m, "role");

		reader->out->tool_result = false;
		rc = ct_reader_content(reader, ct_json_get(m, "content"), "messages");
		if (rc != CT_OK)
			return rc;
		if (ct_str_is(role, "system"))
			rc = ct_reader_system(reader);
		else if (ct_str_is(role, "user") || ct_str_is(role, "assistant"))
			rc = ct_reader_message(reader, role.ptr[0] == 'u'
							       ? CT_ROLE_USER
							       : CT_ROLE_ASSISTANT);
		else
			rc = ct_fail(reader->err, CT_EINVALID,
				     "messages: unexpected role \"%.*s\"",
				     CT_STR_ARG(role));
	}
	return rc;
}

static int read_tools(struct ct_reader *reader, const struct ct_json *body)
{
	int rc = CT_OK;

	for (const struct ct_json *t = ct_json_first(ct_json_get(body, "tools"));
	     t != NULL && rc == CT_OK; t = t->next)
		rc = ct_reader_tool(reader, ct_json_str_at(t, "name"),
				    ct_json_get(t, "input_schema"));
	return rc;
}

/* The fields that need no look at each other. */
static int read_fields(const struct ct_json *body, struct ct_ingress_request *out,
		       struct ct_err *err)
{
	struct ct_request *request = &out->request;
	const struct ct_json *schema = ct_json_at(body, "output_config.format.schema");
	int rc = ct_reader_str(body, "model", &request->model, err);

	if (rc == CT_OK && request->model.len == 0)
		return ct_fail(err, CT_EINVALID, "model: Field required");
	if (rc == CT_OK)
		rc = ct_reader_int(body, "max_tokens", 1, &request->max_tokens, err);
	if (rc == CT_OK && request->max_tokens == 0)
		return ct_fail(err, CT_EINVALID, "max_tokens: Field required");
	if (rc == CT_OK)
		rc = ct_reader_bool(body, "stream", &request->stream, err);
	if (rc == CT_OK)
		rc = ct_reader_sampling(request, body, "top_p", "stop_sequences", err);
	if (rc == CT_OK && !ct_json_is(ct_json_get(body, "messages"), CT_JSON_ARRAY))
		return ct_fail(err, CT_EINVALID, "messages: Field required");
	request->effort = ct_json_str_at(body, "output_config.effort");
	request->user = ct_json_str_at(body, "metadata.user_id");
	if (ct_json_is(schema, CT_JSON_OBJECT))
		out->json_schema = schema->text;
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

	(void)path;
	*out = (struct ct_ingress_request){ 0 };
	if (rc == CT_OK)
		rc = check_version(headers, body, err);
	if (rc == CT_OK)
		rc = read_fields(body, out, err);
	if (rc != CT_OK)
		return rc;
	rc = ct_reader_init(&reader, ct_json_get(body, "messages"));
	if (rc == CT_OK)
		rc = ct_reader_content(&reader, ct_json_get(body, "system"), "system");
	if (rc == CT_OK)
		rc = ct_reader_system(&reader);
	if (rc == CT_OK)
		rc = read_messages(&reader, ct_json_get(body, "messages"));
	if (rc == CT_OK)
		rc = read_tools(&reader, body);
	if (rc == CT_OK)
		rc = ct_reader_end(&reader);
	ct_reader_fini(&reader);
	return rc;
}

static const char *stop_reason(enum ct_finish finish)
{
	switch (finish) {
	case CT_FINISH_LENGTH:
		return "max_tokens";
	case CT_FINISH_TOOL_CALLS:
		return "tool_use";
	case CT_FINISH_FILTER:
		return "refusal";
	case CT_FINISH_PAUSE:
		return "pause_turn";
	default:
		return "end_turn";
	}
}

/* input_tokens leaves out what came from or went into the cache. */
static void put_usage(struct ct_jw *jw, const struct ct_usage *usage)
{
	ct_jw_key(jw, "usage");
	ct_jw_object(jw);
	ct_jw_member_int(jw, "input_tokens",
			 usage->input - usage->cached - usage->cache_write);
	ct_jw_member_int(jw, "cache_creation_input_tokens", usage->cache_write);
	ct_jw_member_int(jw, "cache_read_input_tokens", usage->cached);
	ct_jw_member_int(jw, "output_tokens", usage->output);
	if (usage->reasoning > 0) {
		ct_jw_key(jw, "output_tokens_details");
		ct_jw_object(jw);
		ct_jw_member_int(jw, "thinking_tokens", usage->reasoning);
		ct_jw_end_object(jw);
	}
	ct_jw_end_object(jw);
}

/* A message up to its content. */
static void put_message(struct ct_jw *jw, const struct ct_ingress_answer *answer)
{
	struct ct_buf id = CT_BUF_INIT(256);

	ct_buf_printf(&id, "msg_%.*s", CT_STR_ARG(answer->id));
	ct_jw_object(jw);
	ct_jw_member(jw, "id", ct_buf_str(&id));
	ct_jw_member(jw, "type", ct_str("message"));
	ct_jw_member(jw, "role", ct_str("assistant"));
	ct_jw_member(jw, "model", answer->model);
	ct_buf_fini(&id);
}

static void put_reason(struct ct_jw *jw, const char *reason)
{
	ct_jw_member_or_null(jw, "stop_reason", ct_str(reason));
	ct_jw_key(jw, "stop_sequence");
	ct_jw_null(jw);
}

static struct ct_jw begin(struct ct_buf *out, const char *type)
{
	struct ct_jw jw = ct_ingress_data(out, type);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "type", ct_str(type));
	return jw;
}

static void finish(struct ct_jw *jw)
{
	ct_jw_end_object(jw);
	ct_buf_puts(jw->out, "\n\n");
}

static void put_start(const struct ct_ingress_answer *answer, struct ct_buf *out)
{
	struct ct_jw jw = begin(out, "message_start");

	ct_jw_key(&jw, "message");
	put_message(&jw, answer);
	ct_jw_key(&jw, "content");
	ct_jw_array(&jw);
	ct_jw_end_array(&jw);
	put_reason(&jw, NULL);
	put_usage(&jw, &answer->usage);
	ct_jw_end_object(&jw);
	finish(&jw);
}

static void close_block(struct ct_ingress_answer *answer, struct ct_buf *out)
{
	if (!answer->text_open && !answer->reasoning_open)
		return;
	answer->text_open = answer->reasoning_open = false;

	struct ct_jw jw = begin(out, "content_block_stop");
	ct_jw_member_int(&jw, "index", answer->blocks++);
	finish(&jw);
}

/* Begin a block whose only member beside its type is an empty text. */
static void open_block(struct ct_ingress_answer *answer, const char *type,
		       struct ct_buf *out)
{
	struct ct_jw jw = begin(out, "content_block_start");

	ct_jw_member_int(&jw, "index", answer->blocks);
	ct_jw_key(&jw, "content_block");
	ct_jw_object(&jw);
	ct_jw_member(&jw, "type", ct_str(type));
	ct_jw_member(&jw, type, ct_str(""));
	ct_jw_end_object(&jw);
	finish(&jw);
}

static void put_delta(const struct ct_ingress_answer *answer, const char *type,
		      const char *key, struct ct_str text, struct ct_buf *out)
{
	struct ct_jw jw = begin(out, "content_block_delta");

	ct_jw_member_int(&jw, "index", answer->blocks);
	ct_jw_key(&jw, "delta");
	ct_jw_object(&jw);
	ct_jw_member(&jw, "type", ct_str(type));
	ct_jw_member(&jw, key, text);
	ct_jw_end_object(&jw);
	finish(&jw);
}

static void put_text(struct ct_ingress_answer *answer, const struct ct_event *event,
		     struct ct_buf *out)
{
	bool *open = event->type == CT_EVENT_TEXT ? &answer->text_open
						  : &answer->reasoning_open;
	const char *type = event->type == CT_EVENT_TEXT ? "text" : "thinking";

	if (!*open) {
		close_block(answer, out);
		open_block(answer, type, out);
		*open = true;
	}
	put_delta(answer, event->type == CT_EVENT_TEXT ? "text_delta" : "thinking_delta",
		  type, event->text, out);
}

static void put_call_head(struct ct_jw *jw, const struct ct_tool_call *call)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "type", ct_str("tool_use"));
	ct_jw_member(jw, "id", call->id);
	ct_jw_member(jw, "name", call->name);
	ct_jw_key(jw, "input");
}

static void put_call(struct ct_ingress_answer *answer, const struct ct_tool_call *call,
		     struct ct_buf *out)
{
	close_block(answer, out);

	struct ct_jw jw = begin(out, "content_block_start");
	ct_jw_member_int(&jw, "index", answer->blocks);
	ct_jw_key(&jw, "content_block");
	put_call_head(&jw, call);
	ct_jw_raw(&jw, ct_str("{}"));
	ct_jw_end_object(&jw);
	finish(&jw);
	put_delta(answer, "input_json_delta", "partial_json", call->arguments, out);
	answer->text_open = true;
	close_block(answer, out);
}

static void put_finish(struct ct_ingress_answer *answer, enum ct_finish reason,
		       struct ct_buf *out)
{
	close_block(answer, out);

	struct ct_jw jw = begin(out, "message_delta");
	ct_jw_key(&jw, "delta");
	ct_jw_object(&jw);
	put_reason(&jw, stop_reason(reason));
	ct_jw_end_object(&jw);
	put_usage(&jw, &answer->usage);
	finish(&jw);
	jw = begin(out, "message_stop");
	finish(&jw);
}

static void put_event(struct ct_ingress_answer *answer, const struct ct_event *event,
		      struct ct_buf *out)
{
	struct ct_jw jw;

	switch (event->type) {
	case CT_EVENT_START:
		put_start(answer, out);
		break;
	case CT_EVENT_WORK:
		jw = begin(out, "ping");
		finish(&jw);
		break;
	case CT_EVENT_TEXT:
	case CT_EVENT_REASONING:
		put_text(answer, event, out);
		break;
	case CT_EVENT_TOOL_CALL:
		put_call(answer, &event->call, out);
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

	put_message(&jw, answer);
	ct_jw_key(&jw, "content");
	ct_jw_array(&jw);
	if (text.len > 0) {
		ct_jw_object(&jw);
		ct_jw_member(&jw, "type", ct_str("text"));
		ct_jw_member(&jw, "text", text);
		ct_jw_end_object(&jw);
	}
	for (size_t i = 0; i < call_count; i++) {
		put_call_head(&jw, &calls[i]);
		ct_ingress_arguments(&jw, calls[i].arguments);
		ct_jw_end_object(&jw);
	}
	ct_jw_end_array(&jw);
	put_reason(&jw, stop_reason(reason));
	put_usage(&jw, &answer->usage);
	ct_jw_end_object(&jw);
}

static const char *error_type(int status)
{
	static const struct {
		int status;
		const char *type;
	} types[] = {
		{ 401, "authentication_error" }, { 402, "billing_error" },
		{ 403, "permission_error" },	 { 404, "not_found_error" },
		{ 409, "conflict_error" },	 { 413, "request_too_large" },
		{ 429, "rate_limit_error" },	 { 504, "timeout_error" },
		{ 529, "overloaded_error" },	 { 503, "overloaded_error" },
	};

	for (size_t i = 0; i < CT_COUNT(types); i++) {
		if (types[i].status == status)
			return types[i].type;
	}
	return status >= 500 ? "api_error" : "invalid_request_error";
}

static void put_error(int status, int code, struct ct_str message, int64_t retry_after_ms,
		      bool in_stream, struct ct_buf *out)
{
	struct ct_jw jw = in_stream ? ct_ingress_data(out, "error") : ct_jw(out);

	(void)code, (void)retry_after_ms;
	ct_jw_object(&jw);
	ct_jw_member(&jw, "type", ct_str("error"));
	ct_jw_key(&jw, "error");
	ct_jw_object(&jw);
	ct_jw_member(&jw, "type", ct_str(error_type(status)));
	ct_jw_member(&jw, "message", message);
	ct_jw_end_object(&jw);
	ct_jw_end_object(&jw);
	if (in_stream)
		ct_buf_puts(out, "\n\n");
}

const struct ct_ingress ct_ingress_messages = {
	.name = "messages",
	.provider = "claude",
	.match = match,
	.read = read_request,
	.event = put_event,
	.whole = put_whole,
	.error = put_error,
};

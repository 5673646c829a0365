/* Gemini generateContent: https://ai.google.dev/api/generate-content */
#include <stdio.h>

#include "ingress/protocols.h"
#include "ingress/reader.h"

static const char whole_suffix[] = ":generateContent";
static const char stream_suffix[] = ":streamGenerateContent";

static bool match(struct ct_str method, struct ct_str path)
{
	return ct_str_is(method, "POST") && ct_str_has(path, "/models/") &&
	       (ct_ingress_ends(path, whole_suffix) ||
		ct_ingress_ends(path, stream_suffix));
}

/* Input may be written either way. */
static const struct ct_json *either(const struct ct_json *object, const char *camel,
				    const char *snake)
{
	const struct ct_json *value = ct_json_get(object, camel);

	return value != NULL ? value : ct_json_get(object, snake);
}

static int read_part(struct ct_reader *reader, const struct ct_json *part)
{
	const struct ct_json *answer =
		either(part, "functionResponse", "function_response");
	const struct ct_json *text = ct_json_get(part, "text");

	if (answer != NULL) {
		const struct ct_json *response = ct_json_get(answer, "response");
		reader->out->tool_result = true;
		if (response != NULL)
			ct_buf_add(&reader->text, response->text);
		return CT_OK;
	}
	if (either(part, "inlineData", "inline_data") ||
	    either(part, "fileData", "file_data"))
		reader->out->media_parts++;
	if (text == NULL || ct_json_true(ct_json_get(part, "thought")))
		return CT_OK;
	return ct_reader_content(reader, text, "contents.parts.text");
}

static int read_parts(struct ct_reader *reader, const struct ct_json *content)
{
	int rc = CT_OK;

	for (const struct ct_json *p = ct_json_first(ct_json_get(content, "parts"));
	     p != NULL && rc == CT_OK; p = p->next)
		rc = read_part(reader, p);
	return rc;
}

static int read_contents(struct ct_reader *reader, const struct ct_json *list)
{
	int rc = CT_OK;

	for (const struct ct_json *c = ct_json_first(list); c != NULL && rc == CT_OK;
	     c = c->next) {
		struct ct_str role = ct_json_str_at(c, "role");

		reader->out->tool_result = false;
		rc = read_parts(reader, c);
		if (rc != CT_OK)
			return rc;
		if (ct_str_is(role, "model"))
			rc = ct_reader_message(reader, CT_ROLE_ASSISTANT);
		else if (role.len == 0 || ct_str_is(role, "user"))
			rc = ct_reader_message(reader, CT_ROLE_USER);
		else
			rc = ct_fail(reader->err, CT_EINVALID,
				     "Please use a valid role: user, model.");
	}
	return rc;
}

static int read_tools(struct ct_reader *reader, const struct ct_json *body)
{
	int rc = CT_OK;

	for (const struct ct_json *t = ct_json_first(ct_json_get(body, "tools"));
	     t != NULL; t = t->next) {
		const struct ct_json *list =
			either(t, "functionDeclarations", "function_declarations");
		for (const struct ct_json *f = ct_json_first(list);
		     f != NULL && rc == CT_OK; f = f->next) {
			const struct ct_json *schema = either(f, "parametersJsonSchema",
							      "parameters_json_schema");
			rc = ct_reader_tool(reader, ct_json_str_at(f, "name"),
					    schema ? schema
						   : ct_json_get(f, "parameters"));
		}
	}
	return rc;
}

static void read_format(const struct ct_json *config, struct ct_ingress_request *out)
{
	const struct ct_json *schema =
		either(config, "responseJsonSchema", "response_json_schema");
	const struct ct_json *type =
		either(config, "responseMimeType", "response_mime_type");

	if (schema == NULL)
		schema = either(config, "responseSchema", "response_schema");
	if (ct_json_is(schema, CT_JSON_OBJECT))
		out->json_schema = schema->text;
	else if (ct_str_is(ct_json_str(type), "application/json"))
		out->json_schema = ct_str("{}");
}

/* The model and whether to stream are in the path: /v1beta/models/MODEL:METHOD. */
static int read_path(struct ct_str path, struct ct_ingress_request *out,
		     struct ct_err *err)
{
	static const char marker[] = "/models/";
	const char *at = memmem(path.ptr, path.len, marker, sizeof(marker) - 1);
	size_t suffix;

	out->request.stream = ct_ingress_ends(path, stream_suffix);
	suffix = out->request.stream ? sizeof(stream_suffix) - 1
				     : sizeof(whole_suffix) - 1;
	if (at == NULL || path.len < suffix)
		return ct_fail(err, CT_EINVALID, "no model in the path");
	at += sizeof(marker) - 1;
	if (at + suffix >= path.ptr + path.len)
		return ct_fail(err, CT_EINVALID, "no model in the path");
	out->request.model =
		(struct ct_str){ at, (size_t)(path.ptr + path.len - at) - suffix };
	return CT_OK;
}

static int read_config(const struct ct_json *body, struct ct_ingress_request *out,
		       struct ct_err *err)
{
	const struct ct_json *config =
		either(body, "generationConfig", "generation_config");
	int rc = ct_reader_int(config, "maxOutputTokens", 1, &out->request.max_tokens,
			       err);

	if (rc == CT_OK)
		rc = ct_reader_sampling(&out->request, config, "topP", "stopSequences",
					err);
	out->request.has_seed = ct_json_is(ct_json_get(config, "seed"), CT_JSON_NUMBER);
	out->request.seed = ct_json_int_at(config, "seed", 0);
	out->request.effort = ct_json_str_at(config, "thinkingConfig.thinkingLevel");
	read_format(config, out);
	if (rc == CT_OK && !ct_json_is(ct_json_get(body, "contents"), CT_JSON_ARRAY))
		return ct_fail(err, CT_EINVALID,
			       "* GenerateContentRequest.contents: contents is "
			       "not specified");
	return rc;
}

static int read_request(struct ct_str path, const struct ct_headers *headers,
			struct ct_str text, struct ct_arena *arena,
			struct ct_ingress_request *out, struct ct_err *err)
{
	struct ct_reader reader = { .arena = arena, .out = out, .err = err };
	static const struct ct_part_type none[] = { { NULL, 0, NULL } };
	const struct ct_json *body;
	int rc = ct_reader_body(arena, text, &body, err);

	(void)headers;
	*out = (struct ct_ingress_request){ 0 };
	reader.parts = none;
	if (rc == CT_OK)
		rc = read_path(path, out, err);
	if (rc == CT_OK)
		rc = read_config(body, out, err);
	if (rc != CT_OK)
		return rc;
	rc = ct_reader_init(&reader, ct_json_get(body, "contents"));
	if (rc == CT_OK)
		rc = read_parts(&reader,
				either(body, "systemInstruction", "system_instruction"));
	if (rc == CT_OK)
		rc = ct_reader_system(&reader);
	if (rc == CT_OK)
		rc = read_contents(&reader, ct_json_get(body, "contents"));
	if (rc == CT_OK)
		rc = read_tools(&reader, body);
	if (rc == CT_OK)
		rc = ct_reader_end(&reader);
	ct_reader_fini(&reader);
	return rc;
}

static const char *finish_reason(enum ct_finish finish)
{
	switch (finish) {
	case CT_FINISH_LENGTH:
		return "MAX_TOKENS";
	case CT_FINISH_FILTER:
		return "SAFETY";
	default:
		return "STOP";
	}
}

static void put_usage(struct ct_jw *jw, const struct ct_usage *usage)
{
	ct_jw_key(jw, "usageMetadata");
	ct_jw_object(jw);
	ct_jw_member_int(jw, "promptTokenCount", usage->input);
	if (usage->cached > 0)
		ct_jw_member_int(jw, "cachedContentTokenCount", usage->cached);
	ct_jw_member_int(jw, "candidatesTokenCount", usage->output - usage->reasoning);
	if (usage->reasoning > 0)
		ct_jw_member_int(jw, "thoughtsTokenCount", usage->reasoning);
	ct_jw_member_int(jw, "totalTokenCount", usage->input + usage->output);
	ct_jw_end_object(jw);
}

/* A response up to the inside of its parts. */
static void begin_parts(struct ct_jw *jw)
{
	ct_jw_object(jw);
	ct_jw_key(jw, "candidates");
	ct_jw_array(jw);
	ct_jw_object(jw);
	ct_jw_key(jw, "content");
	ct_jw_object(jw);
	ct_jw_key(jw, "parts");
	ct_jw_array(jw);
}

static void end_parts(struct ct_jw *jw, const struct ct_ingress_answer *answer,
		      enum ct_finish reason)
{
	ct_jw_end_array(jw);
	ct_jw_member(jw, "role", ct_str("model"));
	ct_jw_end_object(jw);
	if (reason != CT_FINISH_NONE)
		ct_jw_member(jw, "finishReason", ct_str(finish_reason(reason)));
	ct_jw_member_int(jw, "index", 0);
	ct_jw_end_object(jw);
	ct_jw_end_array(jw);
	put_usage(jw, &answer->usage);
	ct_jw_member(jw, "modelVersion", answer->model);
	ct_jw_member(jw, "responseId", answer->id);
	ct_jw_end_object(jw);
}

static void put_text(struct ct_jw *jw, struct ct_str text, bool thought)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "text", text);
	if (thought)
		ct_jw_member_bool(jw, "thought", true);
	ct_jw_end_object(jw);
}

static void put_call(struct ct_jw *jw, const struct ct_tool_call *call)
{
	ct_jw_object(jw);
	ct_jw_key(jw, "functionCall");
	ct_jw_object(jw);
	ct_jw_member(jw, "id", call->id);
	ct_jw_member(jw, "name", call->name);
	ct_jw_key(jw, "args");
	ct_ingress_arguments(jw, call->arguments);
	ct_jw_end_object(jw);
	ct_jw_end_object(jw);
}

/* Frames of a stream of events end as the vendor's do; those of an array have commas between. */
static void put_frame(struct ct_ingress_answer *answer, const struct ct_event *event,
		      struct ct_buf *out)
{
	struct ct_jw jw;

	if (answer->array)
		ct_buf_puts(out, answer->sequence == 0 ? "[" : ",\r\n");
	answer->sequence++;
	jw = answer->array ? ct_jw(out) : ct_ingress_data(out, NULL);
	begin_parts(&jw);
	if (event->type == CT_EVENT_TOOL_CALL)
		put_call(&jw, &event->call);
	else
		put_text(&jw, event->type == CT_EVENT_FINISH ? ct_str("") : event->text,
			 event->type == CT_EVENT_REASONING);
	end_parts(&jw, answer,
		  event->type == CT_EVENT_FINISH ? event->finish : CT_FINISH_NONE);
	if (!answer->array)
		ct_buf_puts(out, "\r\n\r\n");
}

static void put_event(struct ct_ingress_answer *answer, const struct ct_event *event,
		      struct ct_buf *out)
{
	switch (event->type) {
	case CT_EVENT_TEXT:
	case CT_EVENT_REASONING:
	case CT_EVENT_TOOL_CALL:
	case CT_EVENT_FINISH:
		put_frame(answer, event, out);
		break;
	case CT_EVENT_USAGE:
		answer->usage = event->usage;
		break;
	default: /* is not said, or of another task */
		break;
	}
}

static void put_end(struct ct_ingress_answer *answer, struct ct_buf *out)
{
	if (answer->array)
		ct_buf_puts(out, answer->sequence == 0 ? "[]" : "]");
}

static void put_whole(const struct ct_ingress_answer *answer, struct ct_str text,
		      const struct ct_tool_call *calls, size_t call_count,
		      enum ct_finish reason, struct ct_buf *out)
{
	struct ct_jw jw = ct_jw(out);

	begin_parts(&jw);
	if (text.len > 0 || call_count == 0)
		put_text(&jw, text, false);
	for (size_t i = 0; i < call_count; i++)
		put_call(&jw, &calls[i]);
	end_parts(&jw, answer, reason);
}

static const char *error_status(int status)
{
	static const struct {
		int status;
		const char *name;
	} names[] = {
		{ 400, "INVALID_ARGUMENT" },  { 401, "UNAUTHENTICATED" },
		{ 403, "PERMISSION_DENIED" }, { 404, "NOT_FOUND" },
		{ 409, "ABORTED" },	      { 429, "RESOURCE_EXHAUSTED" },
		{ 499, "CANCELLED" },	      { 500, "INTERNAL" },
		{ 501, "UNIMPLEMENTED" },     { 503, "UNAVAILABLE" },
		{ 504, "DEADLINE_EXCEEDED" },
	};

	for (size_t i = 0; i < CT_COUNT(names); i++) {
		if (names[i].status == status)
			return names[i].name;
	}
	return status >= 500 ? "UNAVAILABLE" : "FAILED_PRECONDITION";
}

static void put_retry(struct ct_jw *jw, int64_t retry_after_ms)
{
	char delay[32];

	snprintf(delay, sizeof(delay), "%lld.%03llds", (long long)(retry_after_ms / 1000),
		 (long long)(retry_after_ms % 1000));
	ct_jw_key(jw, "details");
	ct_jw_array(jw);
	ct_jw_object(jw);
	ct_jw_member(jw, "@type", ct_str("type.googleapis.com/google.rpc.RetryInfo"));
	ct_jw_member(jw, "retryDelay", ct_str(delay));
	ct_jw_end_object(jw);
	ct_jw_end_array(jw);
}

/* The one word of it that tells a limit on money or days from one that a minute mends. */
static void put_quota(struct ct_jw *jw)
{
	ct_jw_key(jw, "details");
	ct_jw_array(jw);
	ct_jw_object(jw);
	ct_jw_member(jw, "@type", ct_str("type.googleapis.com/google.rpc.QuotaFailure"));
	ct_jw_key(jw, "violations");
	ct_jw_array(jw);
	ct_jw_object(jw);
	ct_jw_member(jw, "quotaId", ct_str("GenerateRequestsPerDayPerProjectPerModel"));
	ct_jw_end_object(jw);
	ct_jw_end_array(jw);
	ct_jw_end_object(jw);
	ct_jw_end_array(jw);
}

static void put_error(int status, int code, struct ct_str message, int64_t retry_after_ms,
		      bool in_stream, struct ct_buf *out)
{
	struct ct_jw jw = in_stream ? ct_ingress_data(out, NULL) : ct_jw(out);

	ct_jw_object(&jw);
	ct_jw_key(&jw, "error");
	ct_jw_object(&jw);
	ct_jw_member_int(&jw, "code", status);
	ct_jw_member(&jw, "message", message);
	ct_jw_member(&jw, "status", ct_str(error_status(status)));
	if (retry_after_ms > 0)
		put_retry(&jw, retry_after_ms);
	else if (status == 429 && code == CT_EQUOTA)
		put_quota(&jw);
	ct_jw_end_object(&jw);
	ct_jw_end_object(&jw);
	if (in_stream)
		ct_buf_puts(out, "\r\n\r\n");
}

const struct ct_ingress ct_ingress_gemini = {
	.name = "gemini",
	.provider = "gemini",
	.match = match,
	.read = read_request,
	.event = put_event,
	.whole = put_whole,
	.error = put_error,
	.end = put_end,
};

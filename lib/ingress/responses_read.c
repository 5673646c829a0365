#include "ingress/responses_read.h"

#include "ingress/reader.h"

static const struct ct_part_type parts[] = {
	{ "input_text", CT_PART_TEXT, "text" },
	{ "output_text", CT_PART_TEXT, "text" },
	{ "refusal", CT_PART_TEXT, "refusal" },
	{ "input_image", CT_PART_MEDIA, NULL },
	{ "input_file", CT_PART_MEDIA, NULL },
	{ "input_audio", CT_PART_MEDIA, NULL },
	{ NULL, 0, NULL },
};

static int read_message(struct ct_reader *reader, const struct ct_json *item)
{
	struct ct_str role = ct_json_str_at(item, "role");
	int rc = ct_reader_content(reader, ct_json_get(item, "content"), "input");

	if (rc != CT_OK)
		return rc;
	reader->out->tool_result = false;
	if (ct_str_is(role, "system") || ct_str_is(role, "developer"))
		return ct_reader_system(reader);
	if (ct_str_is(role, "user"))
		return ct_reader_message(reader, CT_ROLE_USER);
	if (ct_str_is(role, "assistant"))
		return ct_reader_message(reader, CT_ROLE_ASSISTANT);
	return ct_fail(reader->err, CT_EINVALID, "Invalid value for input.role: '%.*s'",
		       CT_STR_ARG(role));
}

/* Items that carry no text (calls, reasoning, references) are known by having a type. */
static int read_item(struct ct_reader *reader, const struct ct_json *item)
{
	struct ct_str type = ct_json_str_at(item, "type");
	int rc;

	if (type.len == 0 || ct_str_is(type, "message"))
		return read_message(reader, item);
	if (!ct_str_is(type, "function_call_output"))
		return CT_OK;
	rc = ct_reader_content(reader, ct_json_get(item, "output"), "output");
	if (rc == CT_OK)
		rc = ct_reader_message(reader, CT_ROLE_USER);
	reader->out->tool_result = true;
	return rc;
}

static int read_input(struct ct_reader *reader, const struct ct_json *input)
{
	int rc = CT_OK;

	if (ct_json_is(input, CT_JSON_STRING)) {
		rc = ct_reader_content(reader, input, "input");
		return rc == CT_OK ? ct_reader_message(reader, CT_ROLE_USER) : rc;
	}
	for (const struct ct_json *i = ct_json_first(input); i != NULL && rc == CT_OK;
	     i = i->next)
		rc = read_item(reader, i);
	return rc;
}

static int read_tools(struct ct_reader *reader, const struct ct_json *body)
{
	int rc = CT_OK;

	for (const struct ct_json *t = ct_json_first(ct_json_get(body, "tools"));
	     t != NULL && rc == CT_OK; t = t->next) {
		if (ct_str_is(ct_json_str_at(t, "type"), "function"))
			rc = ct_reader_tool(reader, ct_json_str_at(t, "name"),
					    ct_json_get(t, "parameters"));
	}
	return rc;
}

static void read_format(const struct ct_json *body, struct ct_ingress_request *out)
{
	const struct ct_json *schema = ct_json_at(body, "text.format.schema");
	struct ct_str type = ct_json_str_at(body, "text.format.type");

	if (ct_str_is(type, "json_schema") && ct_json_is(schema, CT_JSON_OBJECT))
		out->json_schema = schema->text;
	else if (ct_str_is(type, "json_schema") || ct_str_is(type, "json_object"))
		out->json_schema = ct_str("{}");
}

static int read_fields(const struct ct_json *body, struct ct_ingress_request *out,
		       struct ct_err *err)
{
	struct ct_request *request = &out->request;
	const struct ct_json *input = ct_json_get(body, "input");
	int rc = ct_reader_str(body, "model", &request->model, err);

	if (rc == CT_OK && request->model.len == 0)
		return ct_fail(err, CT_EINVALID, "Missing required parameter: 'model'.");
	if (rc == CT_OK && !ct_json_is(input, CT_JSON_STRING) &&
	    !ct_json_is(input, CT_JSON_ARRAY))
		return ct_fail(err, CT_EINVALID, "Missing required parameter: 'input'.");
	if (rc == CT_OK)
		rc = ct_reader_int(body, "max_output_tokens", 1, &request->max_tokens,
				   err);
	if (rc == CT_OK)
		rc = ct_reader_bool(body, "stream", &request->stream, err);
	if (rc == CT_OK)
		rc = ct_reader_str(body, "instructions", &request->system, err);
	if (rc == CT_OK)
		rc = ct_reader_sampling(request, body, "top_p", NULL, err);
	request->effort = ct_json_str_at(body, "reasoning.effort");
	request->user = ct_json_str_at(body, "safety_identifier");
	read_format(body, out);
	return rc;
}

int ct_responses_read(struct ct_str path, const struct ct_headers *headers,
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
	rc = ct_reader_init(&reader, ct_json_get(body, "input"));
	if (rc == CT_OK)
		rc = read_input(&reader, ct_json_get(body, "input"));
	if (rc == CT_OK)
		rc = read_tools(&reader, body);
	if (rc == CT_OK)
		rc = ct_reader_end(&reader);
	ct_reader_fini(&reader);
	return rc;
}

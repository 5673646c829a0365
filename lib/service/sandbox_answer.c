#include "service/sandbox_answer.h"

#include "service/sandbox_schema.h"

enum { COUNT_MAX = 100000, TEXT_MAX_BYTES = 64 << 20 };

static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct ct_str ct_sandbox_token(struct ct_str *text)
{
	struct ct_str token = *text;
	size_t n = 0, rest;

	while (n < text->len && blank(text->ptr[n]))
		n++;
	while (n < text->len && !blank(text->ptr[n]))
		n++;
	for (rest = n; rest < text->len && blank(text->ptr[rest]);)
		rest++;
	token.len = rest == text->len ? rest : n;
	*text = ct_str_from(*text, token.len);
	return token;
}

int64_t ct_sandbox_tokens(struct ct_str text)
{
	int64_t count = 0;

	while (text.len > 0) {
		ct_sandbox_token(&text);
		count++;
	}
	return count;
}

bool ct_sandbox_takes_prefill(const char *provider, struct ct_str model)
{
	return strcmp(provider, "claude") == 0 && ct_str_has(model, "-4-5");
}

static struct ct_str last_question(const struct ct_request *request)
{
	for (size_t i = request->message_count; i > 0; i--) {
		if (request->messages[i - 1].role == CT_ROLE_USER)
			return request->messages[i - 1].text;
	}
	return ct_str("");
}

/* The number after "count to " anywhere in text; 0: there is none. */
static int64_t count_to(struct ct_str text)
{
	static const char words[] = "count to ";
	const size_t len = sizeof(words) - 1;

	for (size_t i = 0; i + len < text.len; i++) {
		struct ct_str rest = ct_str_from(text, i + len);
		int64_t n = 0;

		if (strncasecmp(text.ptr + i, words, len) != 0)
			continue;
		for (size_t d = 0; d < rest.len && n <= COUNT_MAX; d++) {
			if (rest.ptr[d] < '0' || rest.ptr[d] > '9')
				break;
			n = n * 10 + (rest.ptr[d] - '0');
		}
		return n > COUNT_MAX ? COUNT_MAX : n;
	}
	return 0;
}

static struct ct_str repeat_what(struct ct_str text)
{
	static const char word[] = "repeat:";

	text = ct_str_trim(text);
	if (text.len < sizeof(word) - 1 ||
	    strncasecmp(text.ptr, word, sizeof(word) - 1) != 0)
		return (struct ct_str){ NULL, 0 };
	return ct_str_trim(ct_str_from(text, sizeof(word) - 1));
}

static void write_document(const struct ct_ingress_request *request,
			   struct ct_arena *arena, struct ct_buf *out)
{
	const struct ct_json *schema = NULL;
	struct ct_jw jw = { .out = out, .indent = 2 };

	ct_json_parse(arena, request->json_schema, CT_JSON_LENIENT, &schema, NULL);
	ct_schema_fill(schema, &jw);
}

static void write_text(const char *provider, const struct ct_ingress_request *request,
		       struct ct_arena *arena, struct ct_buf *out)
{
	struct ct_str asked = last_question(&request->request), what = repeat_what(asked);
	int64_t count = count_to(asked);

	if (request->json_schema.len > 0) {
		write_document(request, arena, out);
		return;
	}
	ct_buf_puts(out, "[sandbox]");
	if (what.ptr != NULL) {
		ct_buf_puts(out, " ");
		ct_buf_add(out, what);
	} else if (count > 0) {
		for (int64_t i = 1; i <= count; i++)
			ct_buf_printf(out, " %lld", (long long)i);
	} else {
		ct_buf_printf(out, " %s here, no real model. %s: ", provider,
			      request->tool_result ? "The tool said" : "You said");
		ct_buf_add(out, asked);
		if (request->media_parts > 0)
			ct_buf_printf(out, " (and %zu files)", request->media_parts);
	}
}

/* A tool is called when the prompt names it, and not again once it has answered. */
static const struct ct_ingress_tool *tool_to_call(
	const struct ct_ingress_request *request)
{
	struct ct_str asked = last_question(&request->request);

	for (size_t i = 0; i < request->tools_kept && !request->tool_result; i++) {
		struct ct_str name = request->tools[i].name;

		if (memmem(asked.ptr, asked.len, name.ptr, name.len) != NULL)
			return &request->tools[i];
	}
	return NULL;
}

static int call_tool(const struct ct_ingress_tool *tool, struct ct_arena *arena,
		     struct ct_sandbox_answer *out, struct ct_err *err)
{
	struct ct_buf arguments = CT_BUF_INIT(TEXT_MAX_BYTES);
	struct ct_jw jw = ct_jw(&arguments);
	const struct ct_json *schema = NULL;

	if (tool->schema.len > 0)
		ct_json_parse(arena, tool->schema, CT_JSON_LENIENT, &schema, NULL);
	if (ct_json_first(schema) != NULL)
		ct_schema_fill(schema, &jw);
	else
		ct_buf_puts(&arguments, "{}");
	int rc = ct_buf_check(&arguments, "arguments", err);
	out->call = (struct ct_tool_call){
		.id = ct_str("call_sandbox_1"),
		.name = tool->name,
		.arguments = ct_arena_dup(arena, ct_buf_str(&arguments)),
	};
	out->finish = CT_FINISH_TOOL_CALLS;
	out->usage.output = ct_sandbox_tokens(out->call.arguments);
	ct_buf_fini(&arguments);
	return rc;
}

/* Leave out what a started answer has said already; one of another kind is simply gone on from. */
static struct ct_str go_on_after(struct ct_str text, const struct ct_request *request)
{
	struct ct_str begun;

	if (!request->prefill)
		return text;
	begun = request->messages[request->message_count - 1].text;
	if (begun.len <= text.len && memcmp(begun.ptr, text.ptr, begun.len) == 0)
		return ct_str_from(text, begun.len);
	return text;
}

/* End before the first stop text. */
static struct ct_str stop_at(struct ct_str text, const struct ct_request *request)
{
	for (size_t i = 0; i < request->stop_count; i++) {
		struct ct_str stop = request->stops[i];
		const char *at = stop.len > 0
					 ? memmem(text.ptr, text.len, stop.ptr, stop.len)
					 : NULL;
		if (at != NULL)
			text.len = (size_t)(at - text.ptr);
	}
	return text;
}

static void limit(struct ct_sandbox_answer *out, int64_t max_tokens)
{
	struct ct_str rest = out->text;
	int64_t count = 0;

	while (rest.len > 0 && (max_tokens == 0 || count < max_tokens)) {
		ct_sandbox_token(&rest);
		count++;
	}
	out->text.len -= rest.len;
	out->usage.output = count;
	out->finish = rest.len > 0 ? CT_FINISH_LENGTH : CT_FINISH_STOP;
}

static int64_t input_tokens(const struct ct_request *request)
{
	int64_t count = ct_sandbox_tokens(request->system);

	for (size_t i = 0; i < request->message_count; i++)
		count += ct_sandbox_tokens(request->messages[i].text);
	return count;
}

int ct_sandbox_answer(const char *provider, const struct ct_ingress_request *request,
		      struct ct_arena *arena, struct ct_sandbox_answer *out,
		      struct ct_err *err)
{
	struct ct_buf text = CT_BUF_INIT(TEXT_MAX_BYTES);
	const struct ct_ingress_tool *tool = tool_to_call(request);

	*out = (struct ct_sandbox_answer){ .usage = { .known = true } };
	out->usage.input = input_tokens(&request->request);
	if (tool != NULL)
		return call_tool(tool, arena, out, err);
	write_text(provider, request, arena, &text);
	int rc = ct_buf_check(&text, "an answer", err);
	out->text = ct_arena_dup(arena, ct_buf_str(&text));
	ct_buf_fini(&text);
	if (rc == CT_OK && out->text.ptr == NULL)
		rc = ct_fail(err, CT_ENOMEM, "no memory for an answer");
	if (rc != CT_OK)
		return rc;
	out->text = stop_at(go_on_after(out->text, &request->request), &request->request);
	limit(out, request->request.max_tokens);
	return CT_OK;
}

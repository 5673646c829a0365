#include <criterion/criterion.h>
#include <stdio.h>

#include "ingress/ingress.h"
#include "leaks.h"

TestSuite(ingress_read, .fini = check_leaks);

#define MESSAGES "/v1/messages"
#define CHAT "/v1/chat/completions"
#define RESPONSES "/v1/responses"
#define GEMINI "/v1beta/models/m:generateContent"
#define STREAM "/v1beta/models/m:streamGenerateContent"

static int read_as(const char *path_text, const char *body, struct ct_arena *arena,
		   struct ct_ingress_request *out, struct ct_err *err)
{
	struct ct_headers headers = { .arena = arena };
	struct ct_str path = ct_str(path_text), provider;
	const struct ct_ingress *ingress =
		ct_ingress_find(ct_str("POST"), &path, &provider);

	cr_assert_not_null(ingress, "%s", path_text);
	ct_headers_add(&headers, ct_str("Anthropic-Version"), ct_str("2026-10-21"));
	return ingress->read(path, &headers, ct_str(body), arena, out, err);
}

/* What was understood, in one line. */
static void describe(const struct ct_ingress_request *in, char *out, size_t size)
{
	const struct ct_request *r = &in->request;
	size_t used;

	snprintf(out, size, "%.*s%s", CT_STR_ARG(r->model), r->stream ? " stream" : "");
	if (r->system.len > 0)
		used = strlen(out),
		snprintf(out + used, size - used, " system=%.*s", CT_STR_ARG(r->system));
	if (r->max_tokens > 0)
		used = strlen(out),
		snprintf(out + used, size - used, " max=%d", (int)r->max_tokens);
	for (size_t i = 0; i < r->message_count; i++) {
		used = strlen(out);
		snprintf(out + used, size - used, " %c=%.*s",
			 r->messages[i].role == CT_ROLE_USER ? 'u' : 'a',
			 CT_STR_ARG(r->messages[i].text));
	}
	used = strlen(out);
	snprintf(out + used, size - used, "%s%s", r->prefill ? " prefill" : "",
		 in->tool_result ? " result" : "");
	used = strlen(out);
	if (in->media_parts > 0)
		snprintf(out + used, size - used, " media=%zu", in->media_parts);
	used = strlen(out);
	if (in->tool_count > 0)
		snprintf(out + used, size - used, " tools=%zu,%.*s%.*s", in->tool_count,
			 CT_STR_ARG(in->tool_name), CT_STR_ARG(in->tools[0].schema));
	used = strlen(out);
	if (in->json_schema.len > 0)
		snprintf(out + used, size - used, " schema=%.*s",
			 CT_STR_ARG(in->json_schema));
	used = strlen(out);
	if (r->stop_count > 0)
		snprintf(out + used, size - used, " stop=%.*s", CT_STR_ARG(r->stops[0]));
}

static const struct {
	const char *path, *body, *expected;
} good[] = {
	{ MESSAGES,
	  "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
	  "\"content\":\"hi\"}]}",
	  "m max=9 u=hi" },
	{ MESSAGES,
	  "{\"model\":\"m\",\"max_tokens\":9,\"stream\":true,\"system\":[{\"type\":"
	  "\"text\",\"text\":"
	  "\"be\"},{\"type\":\"text\",\"text\":\"brief\"}],\"stop_sequences\":[\"<e>\"],"
	  "\"messages\":[{"
	  "\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{}},{\"type\":"
	  "\"text\","
	  "\"text\":\"see\"}]},{\"role\":\"assistant\",\"content\":\"I\"}]}",
	  "m stream system=be\nbrief max=9 u=see a=I prefill media=1 stop=<e>" },
	{ MESSAGES,
	  "{\"model\":\"m\",\"max_tokens\":9,\"tools\":[{\"name\":\"t\",\"input_schema\":"
	  "{\"a\":1}}],"
	  "\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"b\":2}}}"
	  ",\"messages\":["
	  "{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":[{"
	  "\"type\":"
	  "\"thinking\",\"thinking\":\"\",\"signature\":\"s\"},{\"type\":\"tool_use\","
	  "\"id\":\"1\","
	  "\"name\":\"t\",\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":"
	  "\"tool_result\","
	  "\"tool_use_id\":\"1\",\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}]}]}",
	  "m max=9 u=x a= u=ok result tools=1,t{\"a\":1} schema={\"b\":2}" },
	{ CHAT,
	  "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"be\"},{"
	  "\"role\":\"developer\","
	  "\"content\":\"brief\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\","
	  "\"text\":\"hi\"},{"
	  "\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}],\"stop\":\"E\",\"max_"
	  "tokens\":4}",
	  "m system=be\nbrief max=4 u=hi media=1 stop=E" },
	{ CHAT,
	  "{\"model\":\"m\",\"stream\":true,\"response_format\":{\"type\":\"json_"
	  "object\"},\"tools\":[{"
	  "\"type\":\"function\",\"function\":{\"name\":\"t\",\"parameters\":{}}}],"
	  "\"messages\":[{\"role\":"
	  "\"assistant\",\"content\":null,\"tool_calls\":[]},{\"role\":\"tool\",\"tool_"
	  "call_id\":\"1\","
	  "\"content\":\"3\"}]}",
	  "m stream a= u=3 result tools=1,t{} schema={}" },
	{ RESPONSES, "{\"model\":\"m\",\"input\":\"hi\",\"instructions\":\"be\"}",
	  "m system=be u=hi" },
	{ RESPONSES,
	  "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_"
	  "text\",\"text\":"
	  "\"q\"},{\"type\":\"input_image\",\"image_url\":\"u\"}]},{\"type\":"
	  "\"reasoning\",\"id\":\"r\"},{"
	  "\"type\":\"function_call\",\"name\":\"t\"},{\"type\":\"function_call_output\","
	  "\"call_id\":\"c\","
	  "\"output\":\"3\"}],\"max_output_tokens\":5,\"tools\":[{\"type\":\"function\","
	  "\"name\":\"t\","
	  "\"parameters\":{\"p\":1}}],\"text\":{\"format\":{\"type\":\"json_schema\","
	  "\"schema\":{\"s\":1}}}}",
	  "m max=5 u=q u=3 result media=1 tools=1,t{\"p\":1} schema={\"s\":1}" },
	{ GEMINI, "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]}", "m u=hi" },
	{ STREAM,
	  "{\"system_instruction\":{\"parts\":[{\"text\":\"be\"}]},\"contents\":[{"
	  "\"role\":\"user\","
	  "\"parts\":[{\"text\":\"a\"},{\"inlineData\":{}},{\"text\":\"b\"}]},{\"role\":"
	  "\"model\",\"parts\":"
	  "[{\"text\":\"no\",\"thought\":true},{\"text\":\"yes\"}]}],"
	  "\"generationConfig\":{"
	  "\"maxOutputTokens\":3,\"responseMimeType\":\"application/"
	  "json\",\"stopSequences\":[\"S\"]}}",
	  "m stream system=be max=3 u=a\nb a=yes prefill media=1 schema={} stop=S" },
	{ GEMINI,
	  "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":"
	  "\"t\",\"response\":{"
	  "\"o\":1}}}]}],\"tools\":[{\"functionDeclarations\":[{\"name\":\"t\","
	  "\"parameters\":{\"x\":1}},{"
	  "\"name\":\"t2\"}]}]}",
	  "m u={\"o\":1} result tools=2,t{\"x\":1}" },
};

Test(ingress_read, understands_what_clients_send)
{
	for (size_t i = 0; i < CT_COUNT(good); i++) {
		struct ct_arena arena = { 0 };
		struct ct_ingress_request request;
		struct ct_err err = { 0 };
		char seen[512];

		cr_assert_eq(read_as(good[i].path, good[i].body, &arena, &request, &err),
			     CT_OK, "case %zu: %s", i, err.msg);
		describe(&request, seen, sizeof(seen));
		cr_assert_str_eq(seen, good[i].expected, "case %zu: %s", i, seen);
		ct_arena_fini(&arena);
	}
}

Test(ingress_read, says_what_is_wrong_with_a_request)
{
	static const struct {
		const char *path, *body, *msg;
	} cases[] = {
		{ MESSAGES, "", "not JSON" },
		{ MESSAGES, "[]", "not a JSON object" },
		{ MESSAGES, "{\"model\":\"m\",\"model\":\"n\"}", "not JSON" },
		{ MESSAGES, "{\"max_tokens\":1,\"messages\":[]}",
		  "model: Field required" },
		{ MESSAGES, "{\"model\":7}", "model" },
		{ MESSAGES, "{\"model\":\"m\",\"messages\":[]}",
		  "max_tokens: Field required" },
		{ MESSAGES, "{\"model\":\"m\",\"max_tokens\":0}", "max_tokens" },
		{ MESSAGES, "{\"model\":\"m\",\"max_tokens\":\"9\"}", "max_tokens" },
		{ MESSAGES, "{\"model\":\"m\",\"max_tokens\":1}",
		  "messages: Field required" },
		{ MESSAGES, "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[]}",
		  "at least one" },
		{ MESSAGES, "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[7]}",
		  "role" },
		{ MESSAGES,
		  "{\"model\":\"m\",\"max_tokens\":1,\"temperature\":1,\"messages\":[]}",
		  "temperature: Extra" },
		{ MESSAGES,
		  "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\","
		  "\"content\":7}]}",
		  "neither text nor parts" },
		{ MESSAGES,
		  "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\","
		  "\"content\":[{"
		  "\"type\":\"zap\"}]}]}",
		  "'zap'" },
		{ MESSAGES,
		  "{\"model\":\"m\",\"max_tokens\":1,\"tools\":[{}],\"messages\":[{"
		  "\"role\":\"user\","
		  "\"content\":\"x\"}]}",
		  "without a name" },
		{ CHAT, "{\"messages\":[]}", "model" },
		{ CHAT, "{\"model\":\"m\"}", "messages" },
		{ CHAT, "{\"model\":\"m\",\"messages\":[{\"role\":\"king\"}]}",
		  "'king'" },
		{ CHAT, "{\"model\":\"m\",\"messages\":[],\"stream\":1}", "stream" },
		{ CHAT, "{\"model\":\"m\",\"messages\":[],\"temperature\":3}",
		  "temperature" },
		{ CHAT, "{\"model\":\"m\",\"messages\":[],\"stop\":[1]}", "stop" },
		{ RESPONSES, "{\"model\":\"m\"}", "input" },
		{ RESPONSES, "{\"model\":\"m\",\"input\":[]}", "at least one" },
		{ GEMINI, "{}", "contents" },
		{ GEMINI, "{\"contents\":[{\"role\":\"system\",\"parts\":[]}]}",
		  "valid role" },
		{ "/v1beta/models/:generateContent", "{\"contents\":[]}", "no model" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_ingress_request request;
		struct ct_err err = { 0 };
		int rc = read_as(cases[i].path, cases[i].body, &arena, &request, &err);

		cr_assert_eq(rc, CT_EINVALID, "%s: %d", cases[i].body, rc);
		cr_assert(strstr(err.msg, cases[i].msg) != NULL, "%s: %s", cases[i].body,
			  err.msg);
		ct_arena_fini(&arena);
	}
}

Test(ingress_read, asks_claude_clients_for_their_version)
{
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };
	struct ct_ingress_request request;
	struct ct_str body =
		ct_str("{\"model\":\"m\",\"max_tokens\":1,\"temperature\":0,\"messages\":"
		       "[{\"role\":\"user\",\"content\":\"x\"}]}");
	const struct ct_ingress *ingress = ct_ingresses[0];

	cr_assert_eq(
		ingress->read(ct_str(MESSAGES), &headers, body, &arena, &request, NULL),
		CT_EINVALID);
	ct_headers_add(&headers, ct_str("anthropic-version"), ct_str("2023-06-01"));
	cr_assert_eq(
		ingress->read(ct_str(MESSAGES), &headers, body, &arena, &request, NULL),
		CT_OK);
	cr_assert(request.request.has_temperature);
	ct_arena_fini(&arena);
}

Test(ingress_read, finds_protocol_and_provider_by_the_path)
{
	static const struct {
		const char *method, *path, *protocol, *provider;
	} cases[] = {
		{ "POST", "/v1/messages", "messages", "claude" },
		{ "POST", "/anthropic/v1/messages", "messages", "claude" },
		{ "POST", "/v1/chat/completions", "chat", "openai" },
		{ "POST", "/huggingface/v1/chat/completions", "chat", "huggingface" },
		{ "POST", "/azure/openai/v1/chat/completions", "chat", "azure" },
		{ "POST", "/azure/openai/deployments/d/chat/completions", "chat",
		  "azure" },
		{ "POST", "/openai/v1/responses", "responses", "openai" },
		{ "POST", "/gemini/v1beta/models/x:generateContent", "gemini", "gemini" },
		{ "POST", "/v1beta/models/x:streamGenerateContent", "gemini", "gemini" },
		{ "GET", "/v1/messages", NULL, NULL },
		{ "POST", "/v1/messages/count_tokens", NULL, NULL },
		{ "POST", "/", NULL, NULL },
		{ "POST", "", NULL, NULL },
		{ "POST", "/anthropic", NULL, NULL },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_str path = ct_str(cases[i].path), provider = { NULL, 0 };
		const struct ct_ingress *found =
			ct_ingress_find(ct_str(cases[i].method), &path, &provider);

		cr_assert_eq(found != NULL, cases[i].protocol != NULL, "%s",
			     cases[i].path);
		if (found == NULL)
			continue;
		cr_assert_str_eq(found->name, cases[i].protocol, "%s", cases[i].path);
		cr_assert(ct_str_is(provider, cases[i].provider), "%s: %.*s",
			  cases[i].path, CT_STR_ARG(provider));
	}
}

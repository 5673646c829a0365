#include <criterion/criterion.h>

#include "leaks.h"
#include "service/sandbox_answer.h"
#include "service/sandbox_schema.h"

TestSuite(sandbox_answer, .fini = check_leaks);

/* Ask one thing; what comes back lives in the arena. */
static struct ct_sandbox_answer ask(struct ct_arena *arena, const char *text,
				    int64_t max_tokens, const char *begun,
				    const char *schema)
{
	struct ct_message *messages = ct_arena_alloc(arena, 2 * sizeof(*messages));
	struct ct_ingress_request request = { .json_schema = ct_str(schema) };
	struct ct_sandbox_answer answer;

	messages[0] = (struct ct_message){ .role = CT_ROLE_USER, .text = ct_str(text) };
	messages[1] =
		(struct ct_message){ .role = CT_ROLE_ASSISTANT, .text = ct_str(begun) };
	request.request.messages = messages;
	request.request.message_count = begun ? 2 : 1;
	request.request.prefill = begun != NULL;
	request.request.max_tokens = max_tokens;
	cr_assert_eq(ct_sandbox_answer("claude", &request, arena, &answer, NULL), CT_OK);
	return answer;
}

Test(sandbox_answer, follows_its_rules)
{
	static const struct {
		const char *asked, *begun, *expected;
		int64_t max, output;
		enum ct_finish finish;
	} cases[] = {
		{ "hi", NULL, "[sandbox] claude here, no real model. You said: hi", 0, 9,
		  CT_FINISH_STOP },
		{ "please count to 4!", NULL, "[sandbox] 1 2 3 4", 0, 5, CT_FINISH_STOP },
		{ "Count To 4", NULL, "[sandbox] 1 2", 3, 3, CT_FINISH_LENGTH },
		{ "count to 4", NULL, "[sandbox] 1 2 3 4", 5, 5, CT_FINISH_STOP },
		{ "count to 4", "[sandbox] 1 2", " 3 4", 0, 2, CT_FINISH_STOP },
		{ "count to 4", "[sandbox] 1", " 2", 1, 1, CT_FINISH_LENGTH },
		{ "count to 4", "[sandbox] 1 2 3 4", "", 0, 0, CT_FINISH_STOP },
		{ "count to 4", "Well:", "[sandbox] 1 2 3 4", 0, 5, CT_FINISH_STOP },
		{ "count to 0", NULL,
		  "[sandbox] claude here, no real model. You said: count to 0", 0, 11,
		  CT_FINISH_STOP },
		{ "repeat: ```c\nx;\n```", NULL, "[sandbox] ```c\nx;\n```", 0, 4,
		  CT_FINISH_STOP },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_sandbox_answer a =
			ask(&arena, cases[i].asked, cases[i].max, cases[i].begun, NULL);

		cr_assert(ct_str_is(a.text, cases[i].expected), "'%s': '%.*s'",
			  cases[i].asked, CT_STR_ARG(a.text));
		cr_assert_eq(a.usage.output, cases[i].output, "'%s': %lld",
			     cases[i].asked, (long long)a.usage.output);
		cr_assert_eq(a.finish, cases[i].finish, "'%s'", cases[i].asked);
		ct_arena_fini(&arena);
	}
}

Test(sandbox_answer, counts_words_that_went_in)
{
	struct ct_arena arena = { 0 };
	struct ct_sandbox_answer a = ask(&arena, " one two  three\n", 0, NULL, NULL);

	cr_assert_eq(a.usage.input, 3);
	cr_assert(a.usage.known);
	ct_arena_fini(&arena);
}

Test(sandbox_answer, counts_no_further_than_a_hundred_thousand)
{
	struct ct_arena arena = { 0 };
	struct ct_sandbox_answer a =
		ask(&arena, "count to 99999999999999999999", 0, NULL, NULL);

	cr_assert_eq(a.usage.output, 100001);
	ct_arena_fini(&arena);
}

Test(sandbox_answer, calls_a_tool_that_the_prompt_names)
{
	static const struct ct_ingress_tool tools[] = {
		{ .name = { "ping", 4 } },
		{ .name = { "weather", 7 },
		  .schema = CT_STR(
			  "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":"
			  "\"string\",\"enum\":[\"Oslo\"]}},\"required\":[\"city\"]}") },
	};
	struct ct_message message = { .text = ct_str("use weather now") };
	struct ct_ingress_request request = { .tools = tools,
					      .tools_kept = 2,
					      .request = { .messages = &message,
							   .message_count = 1 } };
	struct ct_arena arena = { 0 };
	struct ct_sandbox_answer a;

	cr_assert_eq(ct_sandbox_answer("claude", &request, &arena, &a, NULL), CT_OK);
	cr_assert(ct_str_is(a.call.name, "weather"));
	cr_assert(ct_str_is(a.call.arguments, "{\"city\":\"Oslo\"}"), "%.*s",
		  CT_STR_ARG(a.call.arguments));
	cr_assert_eq(a.finish, CT_FINISH_TOOL_CALLS);
	message.text = ct_str("ping");
	cr_assert_eq(ct_sandbox_answer("claude", &request, &arena, &a, NULL), CT_OK);
	cr_assert(ct_str_is(a.call.arguments, "{}"));
	request.tool_result = true;
	cr_assert_eq(ct_sandbox_answer("claude", &request, &arena, &a, NULL), CT_OK);
	cr_assert_eq(a.call.name.len, 0, "a tool that has answered is called again");
	ct_arena_fini(&arena);
}

Test(sandbox_answer, fits_a_schema)
{
	static const struct {
		const char *schema, *expected;
	} cases[] = {
		{ "{}", "{\"sandbox\":\"no real model\"}" },
		{ "{\"type\":\"object\",\"required\":[\"a\",\"b\",\"a\"],\"properties\":{"
		  "\"a\":"
		  "{\"type\":\"string\"},\"b\":{\"type\":[\"null\",\"integer\"]},\"c\":{}"
		  "}}",
		  "{\"a\":\"[sandbox]\",\"b\":0}" },
		{ "{\"type\":\"OBJECT\",\"required\":[\"x\"],\"properties\":{\"x\":{"
		  "\"type\":"
		  "\"BOOLEAN\"}}}",
		  "{\"x\":true}" },
		{ "{\"type\":\"array\",\"items\":{\"type\":\"number\",\"minimum\":1.5},"
		  "\"minItems\":2}",
		  "[1.5,1.5]" },
		{ "{\"enum\":[\"b\",\"a\"]}", "\"b\"" },
		{ "{\"const\":7}", "7" },
		{ "{\"type\":\"string\",\"minLength\":12}", "\"[sandbox]...\"" },
		{ "{\"type\":\"string\",\"maxLength\":3}", "\"[sa\"" },
		{ "{\"type\":\"string\",\"format\":\"date\"}", "\"2026-01-01\"" },
		{ "{\"type\":\"integer\",\"exclusiveMinimum\":4}", "5" },
		{ "{\"type\":\"integer\",\"minimum\":7,\"multipleOf\":5}", "10" },
		{ "{\"type\":\"integer\",\"maximum\":-3}", "-3" },
		{ "{\"$ref\":\"#/$defs/n\",\"$defs\":{\"n\":{\"type\":\"integer\"}}}",
		  "0" },
		{ "{\"$ref\":\"#/$defs/gone\"}", "{}" },
		{ "{\"anyOf\":[{\"type\":\"boolean\"},{\"type\":\"null\"}]}", "true" },
		{ "{\"type\":\"null\"}", "null" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_buf out = CT_BUF_INIT(4096);
		struct ct_jw jw = ct_jw(&out);
		const struct ct_json *schema = NULL;

		cr_assert_eq(ct_json_parse(&arena, ct_str(cases[i].schema),
					   CT_JSON_STRICT, &schema, NULL),
			     CT_OK, "%s", cases[i].schema);
		ct_schema_fill(schema, &jw);
		cr_assert_str_eq(out.ptr, cases[i].expected, "%s: %s", cases[i].schema,
				 out.ptr);
		ct_buf_fini(&out);
		ct_arena_fini(&arena);
	}
}

Test(sandbox_answer, ends_a_schema_that_refers_to_itself)
{
	static const char text[] = "{\"type\":\"object\",\"required\":[\"a\",\"b\"],"
				   "\"properties\":{\"a\":{\"$ref\":"
				   "\"#\"},\"b\":{\"$ref\":\"#\"}}}";
	struct ct_arena arena = { 0 };
	struct ct_buf out = CT_BUF_INIT(16 << 20);
	struct ct_jw jw = ct_jw(&out);
	const struct ct_json *schema = NULL;

	ct_json_parse(&arena, ct_str(text), CT_JSON_STRICT, &schema, NULL);
	ct_schema_fill(schema, &jw);
	cr_assert_eq(ct_buf_check(&out, "document", NULL), CT_OK);
	cr_assert_eq(
		ct_json_parse(&arena, ct_buf_str(&out), CT_JSON_STRICT, &schema, NULL),
		CT_OK);
	ct_buf_fini(&out);
	ct_arena_fini(&arena);
}

Test(sandbox_answer, takes_a_started_answer_only_for_the_family_that_does)
{
	cr_assert(
		ct_sandbox_takes_prefill("claude", ct_str("claude-haiku-4-5-20251001")));
	cr_assert_not(ct_sandbox_takes_prefill("claude", ct_str("claude-sonnet-5-5")));
	cr_assert_not(ct_sandbox_takes_prefill("openai", ct_str("x-4-5")));
}

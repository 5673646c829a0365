/* Tools, their calls and their results in each protocol's request: wire/, "Tools". */
#include <criterion/criterion.h>

#include "leaks.h"
#include "provider/vendors.h"

TestSuite(tools, .fini = check_leaks);

static const struct ct_tool tool = { CT_STR("find"), CT_STR("Finds."),
				     CT_STR("{\"type\":\"object\"}") };
static const struct ct_tool_call calls[] = {
	{ CT_STR("c1"), CT_STR("find"), CT_STR("{\"q\":\"a\"}") },
	{ CT_STR("c2"), CT_STR("find"), CT_STR("no object") },
};

/* A question, a turn with two calls, what came of them. raw: as the service `by` wrote it. */
struct talk {
	struct ct_message messages[4];
	struct ct_request request;
};

static struct talk talk(const char *raw, const char *by)
{
	return (struct talk){ .messages = {
		{ .role = CT_ROLE_USER, .text = CT_STR("Q") },
		{ .role = CT_ROLE_ASSISTANT, .text = CT_STR("I look."), .calls = calls,
		  .call_count = 2, .reasoning = CT_STR("hm"), .raw = ct_str(raw),
		  .raw_by = ct_str(by) },
		{ .role = CT_ROLE_TOOL, .text = CT_STR("one"), .call_id = CT_STR("c1"),
		  .call_name = CT_STR("find") },
		{ .role = CT_ROLE_TOOL, .text = CT_STR("two"), .call_id = CT_STR("c2"),
		  .call_name = CT_STR("find"), .failed = true },
	} };
}

static void expect_at(const struct ct_vendor *vendor, const char *url, struct talk *t,
		      const struct ct_model *model, const char *body)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_endpoint endpoint = { .name = ct_str(vendor->kind),
					.vendor = vendor,
					.base_url = ct_str(url != NULL ? url : vendor->base_url),
					.own_address = url == NULL };
	struct ct_http_request http = { 0 };
	struct ct_warnings warnings = { 0 };
	struct ct_err err = { 0 };
	const struct ct_json *json;

	t->request = (struct ct_request){ .model = CT_STR("m"),
					  .messages = t->messages,
					  .message_count = 4,
					  .tools = &tool,
					  .tool_count = 1 };
	cr_assert_eq(vendor->request(&endpoint, &t->request, model, &arena, &http, &warnings,
				     &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_json_parse(&arena, http.body, CT_JSON_STRICT, &json, &err), CT_OK, "%s",
		     err.msg);
	cr_assert(ct_str_has(http.body, body), "%.*s\n has not\n%s", CT_STR_ARG(http.body), body);
}

static const struct ct_model takes = { .tools = CT_YES, .max_output = 100 };

Test(tools, go_to_claude_as_blocks_with_all_results_in_one_message)
{
	struct talk t = talk(NULL, NULL);

	expect_at(&ct_vendor_claude, NULL, &t, &takes,
		  "\"tools\":[{\"name\":\"find\",\"description\":\"Finds.\",\"input_schema\":{"
		  "\"type\":\"object\"}}]");
	expect_at(&ct_vendor_claude, NULL, &t, &takes,
		  "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"I look.\"},"
		  "{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"find\",\"input\":{\"q\":\"a\"}},"
		  "{\"type\":\"tool_use\",\"id\":\"c2\",\"name\":\"find\",\"input\":{}}]},"
		  "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"c1\","
		  "\"content\":\"one\"},{\"type\":\"tool_result\",\"tool_use_id\":\"c2\","
		  "\"content\":\"two\",\"is_error\":true}]}]");
}

Test(tools, go_to_gemini_as_parts_with_a_word_for_the_signature_that_there_is_not)
{
	struct talk t = talk(NULL, NULL);

	expect_at(&ct_vendor_gemini, NULL, &t, &takes,
		  "\"tools\":[{\"functionDeclarations\":[{\"name\":\"find\",\"description\":"
		  "\"Finds.\",\"parametersJsonSchema\":{\"type\":\"object\"}}]}]");
	expect_at(&ct_vendor_gemini, NULL, &t, &takes,
		  "{\"role\":\"model\",\"parts\":[{\"text\":\"I look.\"},{\"functionCall\":{\"id\":"
		  "\"c1\",\"name\":\"find\",\"args\":{\"q\":\"a\"}},\"thoughtSignature\":"
		  "\"skip_thought_signature_validator\"},{\"functionCall\":{\"id\":\"c2\",\"name\":"
		  "\"find\",\"args\":{}}}]},{\"role\":\"user\",\"parts\":[{\"functionResponse\":{"
		  "\"id\":\"c1\",\"name\":\"find\",\"response\":{\"output\":\"one\"}}},{"
		  "\"functionResponse\":{\"id\":\"c2\",\"name\":\"find\",\"response\":{\"error\":"
		  "\"two\"}}}]}]");
	/* an id that was made up for a call without one is not sent */
	t.messages[2].call_id = ct_str("cartrita_call_0_1");
	expect_at(&ct_vendor_gemini, NULL, &t, &takes,
		  "[{\"functionResponse\":{\"name\":\"find\",\"response\":{\"output\":\"one\"}}}");
}

#define CHAT_CALLS \
	"\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"find\"," \
	"\"arguments\":\"{\\\"q\\\":\\\"a\\\"}\"}},{\"id\":\"c2\",\"type\":\"function\"," \
	"\"function\":{\"name\":\"find\",\"arguments\":\"no object\"}}]},{\"role\":\"tool\"," \
	"\"tool_call_id\":\"c1\",\"content\":\"one\"},{\"role\":\"tool\",\"tool_call_id\":" \
	"\"c2\",\"content\":\"two\"}]"

Test(tools, go_to_a_chat_completion_as_messages_of_their_own)
{
	struct talk t = talk(NULL, NULL);

	expect_at(&ct_vendor_compatible, "http://h/v1", &t, &takes,
		  "{\"role\":\"assistant\",\"content\":\"I look.\"," CHAT_CALLS);
	expect_at(&ct_vendor_compatible, "http://h/v1", &t, &takes,
		  "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"find\","
		  "\"description\":\"Finds.\",\"parameters\":{\"type\":\"object\"}}}]");
	expect_at(&ct_vendor_compatible, "https://api.deepseek.com", &t, &takes,
		  "\"content\":\"I look.\",\"reasoning_content\":\"hm\"," CHAT_CALLS);
}

Test(tools, go_to_responses_as_items)
{
	static const struct ct_model thinks = { .tools = CT_YES, .reasoning = CT_YES };
	struct talk t = talk(NULL, NULL);

	expect_at(&ct_vendor_openai, NULL, &t, &thinks,
		  "{\"role\":\"assistant\",\"content\":\"I look.\"},{\"type\":\"function_call\","
		  "\"call_id\":\"c1\",\"name\":\"find\",\"arguments\":\"{\\\"q\\\":\\\"a\\\"}\"},"
		  "{\"type\":\"function_call\",\"call_id\":\"c2\",\"name\":\"find\",\"arguments\":"
		  "\"no object\"},{\"type\":\"function_call_output\",\"call_id\":\"c1\",\"output\":"
		  "\"one\"},{\"type\":\"function_call_output\",\"call_id\":\"c2\",\"output\":"
		  "\"two\"}],\"tools\":[{\"type\":\"function\",\"name\":\"find\",\"description\":"
		  "\"Finds.\",\"parameters\":{\"type\":\"object\"}}],\"include\":["
		  "\"reasoning.encrypted_content\"]");
}

Test(tools, of_a_turn_that_this_very_service_made_go_back_as_they_came)
{
	struct talk t = talk("[{\"type\":\"thinking\",\"signature\":\"s\"}]", "claude");

	expect_at(&ct_vendor_claude, NULL, &t, &takes,
		  "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"signature\":\"s\"}]},"
		  "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\"");
	/* what another one made is written anew */
	expect_at(&ct_vendor_gemini, NULL, &t, &takes, "\"parts\":[{\"text\":\"I look.\"}");
	t = talk("[{\"functionCall\":{},\"thoughtSignature\":\"s\"}]", "gemini");
	expect_at(&ct_vendor_gemini, NULL, &t, &takes,
		  "\"parts\":[{\"functionCall\":{},\"thoughtSignature\":\"s\"}]}");
	t = talk("[{\"type\":\"reasoning\",\"id\":\"r\"},{\"type\":\"function_call\"}]", "openai");
	expect_at(&ct_vendor_openai, NULL, &t, &takes,
		  "{\"type\":\"reasoning\",\"id\":\"r\"},{\"type\":\"function_call\"},"
		  "{\"type\":\"function_call_output\"");
}

static bool offers(const struct ct_vendor *vendor, const char *url, const struct ct_model *model,
		   struct ct_http_request *http, struct ct_arena *arena)
{
	static const struct ct_message question = { .text = CT_STR("Q") };
	struct ct_endpoint endpoint = { .name = ct_str(vendor->kind),
					.vendor = vendor,
					.base_url = ct_str(url),
					.api = CT_OPENAI_CHAT,
					.own_address = vendor == &ct_vendor_openai };
	struct ct_request request = { .model = CT_STR("m"),
				      .messages = &question,
				      .message_count = 1,
				      .tools = &tool,
				      .tool_count = 1 };

	cr_assert_eq(vendor->request(&endpoint, &request, model, arena, http, NULL, NULL), CT_OK);
	return ct_str_has(http->body, "\"tools\"");
}

Test(tools, are_offered_unless_the_model_is_known_not_to_take_them)
{
	static const struct ct_model takes_none = { .tools = CT_NO }, unknown = { 0 };
	static const struct ct_model without = { .tools = CT_YES, .reasoning = CT_YES,
						 .efforts = { CT_STR("none"), CT_STR("high") },
						 .effort_count = 2 };
	static const struct ct_model always = { .tools = CT_YES, .reasoning = CT_YES,
						.efforts = { CT_STR("low"), CT_STR("high") },
						.effort_count = 2 };
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_http_request http[7] = { 0 };

	cr_assert(offers(&ct_vendor_claude, "http://h", &takes, &http[0], &arena));
	cr_assert_not(offers(&ct_vendor_claude, "http://h", &takes_none, &http[1], &arena));
	cr_assert(offers(&ct_vendor_gemini, "http://h", &unknown, &http[2], &arena));
	cr_assert(offers(&ct_vendor_compatible, "http://h", NULL, &http[3], &arena));
	/* OpenAI's that reason take them in a chat completion only without reasoning */
	cr_assert(offers(&ct_vendor_openai, "http://h", &without, &http[4], &arena));
	cr_assert(ct_str_has(http[4].body, "\"reasoning_effort\":\"none\""));
	cr_assert_not(offers(&ct_vendor_openai, "http://h", &always, &http[5], &arena));
	cr_assert(offers(&ct_vendor_openai, "http://h", NULL, &http[6], &arena));
}

/* The bytes themselves, where a vendor's clients count on more than one decoder looks at. */
#include <criterion/criterion.h>

#include "ingress/ingress.h"
#include "leaks.h"

TestSuite(ingress_bytes, .fini = check_leaks);

#define ITEM(n, text) \
	"{\"id\":\"msg_7_" n \
	"\",\"type\":\"message\",\"role\":\"assistant\",\"status\":\"completed\"," \
	"\"content\":[{\"type\":\"output_text\",\"text\":\"" text \
	"\",\"annotations\":[]}]}"
#define CALL \
	"{\"id\":\"fc_7_1\",\"type\":\"function_call\",\"call_id\":\"c\",\"name\":" \
	"\"t\"," \
	"\"arguments\":\"{}\",\"status\":\"completed\"}"

/* Text, a call, text again, the limit: what each protocol says last, from its marker on. */
static const struct {
	const char *name, *marker, *expected;
} cases[] = {
	{ "messages", "event: message_delta",
	  "event: message_delta\ndata: "
	  "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
	  "\"max_tokens\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":3,"
	  "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":1,\"output_"
	  "tokens\":2}}\n\n"
	  "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n" },
	{ "chat",
	  "data: "
	  "{\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\",\"created\":5,"
	  "\"model\":\"m\",\"choices\":[]",
	  "data: "
	  "{\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\",\"created\":5,"
	  "\"model\":"
	  "\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2,"
	  "\"total_tokens\":6,\"prompt_tokens_details\":{\"cached_tokens\":1},"
	  "\"completion_tokens_details\":{\"reasoning_tokens\":0}}}\n\ndata: "
	  "[DONE]\n\n" },
	{ "responses", "event: response.incomplete",
	  "event: response.incomplete\ndata: "
	  "{\"type\":\"response.incomplete\",\"sequence_number\":18,"
	  "\"response\":{\"id\":\"resp_7\",\"object\":\"response\",\"created_at\":5,"
	  "\"status\":"
	  "\"incomplete\",\"error\":null,\"incomplete_details\":{\"reason\":\"max_output_"
	  "tokens\"},"
	  "\"model\":\"m\",\"output\":[" ITEM("0", "a") "," CALL "," ITEM(
		  "2", "b") "],\"usage\":{"
			    "\"input_tokens\":4,\"input_tokens_details\":{\"cached_"
			    "tokens\":1},\"output_tokens\":2,"
			    "\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_"
			    "tokens\":6}}}\n\n" },
	{ "gemini", "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}]",
	  "data: "
	  "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],\"role\":\"model\"}"
	  ","
	  "\"finishReason\":\"MAX_TOKENS\",\"index\":0}],\"usageMetadata\":{"
	  "\"promptTokenCount\":4,"
	  "\"cachedContentTokenCount\":1,\"candidatesTokenCount\":2,\"totalTokenCount\":"
	  "6},"
	  "\"modelVersion\":\"m\",\"responseId\":\"7\"}\r\n\r\n" },
};

static void write_stream(const struct ct_ingress *ingress, struct ct_buf *out)
{
	const struct ct_tool_call call = { .id = CT_STR("c"),
					   .name = CT_STR("t"),
					   .arguments = CT_STR("{}") };
	const struct ct_event events[] = {
		{ .type = CT_EVENT_START },
		{ .type = CT_EVENT_TEXT, .text = CT_STR("a") },
		{ .type = CT_EVENT_TOOL_CALL, .call = call },
		{ .type = CT_EVENT_TEXT, .text = CT_STR("b") },
		{ .type = CT_EVENT_USAGE,
		  .usage = { .input = 4, .cached = 1, .output = 2 } },
		{ .type = CT_EVENT_FINISH, .finish = CT_FINISH_LENGTH },
	};
	struct ct_ingress_answer answer;

	ct_ingress_answer_init(&answer, ct_str("7"), ct_str("m"), 1 << 20);
	answer.created_s = 5;
	answer.include_usage = true;
	for (size_t i = 0; i < CT_COUNT(events); i++)
		ingress->event(&answer, &events[i], out);
	if (ingress->end != NULL)
		ingress->end(&answer, out);
	ct_ingress_answer_fini(&answer);
}

Test(ingress_bytes, end_a_stream_as_the_vendor_does)
{
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_buf out = CT_BUF_INIT(1 << 20);
		const char *from;

		cr_assert_str_eq(ct_ingresses[i]->name, cases[i].name);
		write_stream(ct_ingresses[i], &out);
		from = strstr(out.ptr, cases[i].marker);
		cr_assert_not_null(from, "%s: %s", cases[i].name, out.ptr);
		cr_assert_str_eq(from, cases[i].expected, "%s: %s", cases[i].name, from);
		ct_buf_fini(&out);
	}
}

Test(ingress_bytes, write_an_error_in_each_shape)
{
	static const char *const expected[] = {
		"{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\","
		"\"message\":\"x\"}}",
		"{\"error\":{\"message\":\"x\",\"type\":\"requests\",\"param\":null,"
		"\"code\":"
		"\"rate_limit_exceeded\"}}",
		"{\"error\":{\"message\":\"x\",\"type\":\"requests\",\"param\":null,"
		"\"code\":"
		"\"rate_limit_exceeded\"}}",
		"{\"error\":{\"code\":429,\"message\":\"x\",\"status\":\"RESOURCE_"
		"EXHAUSTED\","
		"\"details\":[{\"@type\":\"type.googleapis.com/"
		"google.rpc.RetryInfo\",\"retryDelay\":"
		"\"1.500s\"}]}}",
	};

	for (size_t i = 0; i < CT_COUNT(expected); i++) {
		struct ct_buf out = CT_BUF_INIT(4096);

		ct_ingresses[i]->error(429, CT_ERATE, ct_str("x"), 1500, false, &out);
		cr_assert_str_eq(out.ptr, expected[i], "%s: %s", ct_ingresses[i]->name,
				 out.ptr);
		ct_buf_fini(&out);
	}
}

#include <criterion/criterion.h>

#include "leaks.h"
#include "provider/vendors.h"

TestSuite(error, .fini = check_leaks);

static const struct ct_endpoint endpoint = {
	.name = CT_STR("claude"),
	.vendor = &ct_vendor_claude,
};

static int class_of(int status, const char *body, struct ct_err *err)
{
	*err = (struct ct_err){ .code = 0 };
	return ct_provider_error(&endpoint, status, NULL, ct_str(body), 0, err);
}

Test(error, tells_the_class_by_status_and_words)
{
#define OPENAI(type, code) \
	"{\"error\":{\"message\":\"m\",\"type\":\"" type "\",\"code\":\"" code "\"}}"
#define SAYS(message) \
	"{\"error\":{\"message\":\"" message "\",\"type\":\"invalid_request_error\"}}"
	static const struct {
		int status;
		const char *body;
		int code;
	} cases[] = {
		{ 400, SAYS("temperature is deprecated for this model."), CT_EINVALID },
		{ 400, "", CT_EINVALID },
		{ 422, "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field required\"}]}",
		  CT_EINVALID },
		{ 413, "<html>too large</html>", CT_EINVALID },
		{ 401, "", CT_EAUTH },
		{ 403, "{\"error\":\"no access\"}", CT_EAUTH },
		{ 400,
		  "{\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\",\"details\":["
		  "{\"reason\":\"API_KEY_INVALID\"}]}}",
		  CT_EAUTH },
		{ 400,
		  "{\"code\":\"Client specified an invalid argument\",\"error\":\"Incorrect API "
		  "key provided: ab***yz.\"}",
		  CT_EAUTH },
		{ 402, "", CT_EQUOTA },
		{ 432, "{\"detail\":{\"error\":\"plan limit\"}}", CT_EQUOTA },
		{ 500, "{\"error\":{\"code\":500,\"message\":\"tools param requires --jinja flag\","
		       "\"type\":\"server_error\"}}", CT_EINVALID },
		{ 433, "", CT_EQUOTA },
		{ 434, "", CT_EINVALID },
		{ 404, SAYS("model: claude-9"), CT_ENOMODEL },
		{ 404, OPENAI("invalid_request_error", "model_not_found"), CT_ENOMODEL },
		{ 404, "{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"no\"}}",
		  CT_ENOMODEL },
		{ 404, "<html>nothing about a model here</html>", CT_EINVALID },
		{ 404, SAYS("file not found"), CT_EINVALID },
		{ 400, OPENAI("invalid_model", "1500"), CT_ENOMODEL },
		{ 429, "", CT_ERATE },
		{ 429, OPENAI("tokens", "rate_limit_exceeded"), CT_ERATE },
		{ 429, SAYS("Upgrade at https://console.groq.com/settings/billing"),
		  CT_ERATE },
		{ 429, OPENAI("insufficient_quota", "insufficient_quota"), CT_EQUOTA },
		{ 429, OPENAI("x", "credit_balance_exhausted"), CT_EQUOTA },
		{ 429, OPENAI("x", "project_spend_limit_exceeded"), CT_EQUOTA },
		{ 429, OPENAI("x", "organization_usage_limit_exceeded"), CT_EQUOTA },
		{ 400, SAYS("Your credit balance is too low to access the API."),
		  CT_EQUOTA },
		{ 429,
		  "{\"error\":{\"code\":429,\"message\":\"You exceeded your current "
		  "quota\",\"status\":\"RESOURCE_EXHAUSTED\"}}",
		  CT_ERATE },
		{ 429,
		  "{\"error\":{\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{"
		  "\"violations\":[{\"quotaId\":\"RequestsPerDayPerProject\"}]}]}}",
		  CT_EQUOTA },
		{ 400, OPENAI("invalid_request_error", "context_length_exceeded"),
		  CT_ECONTEXT },
		{ 400, SAYS("prompt is too long: 210000 tokens > 200000 maximum"),
		  CT_ECONTEXT },
		{ 400,
		  SAYS("input length and `max_tokens` exceed context limit: 1 + 2 > 2"),
		  CT_ECONTEXT },
		{ 400,
		  SAYS("The input token count (9) exceeds the maximum number of tokens "
		       "allowed (8)."),
		  CT_ECONTEXT },
		{ 413, SAYS("Prompt is too long"), CT_ECONTEXT },
		{ 400,
		  SAYS("max_tokens: 9 > 8, which is the maximum allowed number of output "
		       "tokens"),
		  CT_EINVALID },
		{ 400, OPENAI("invalid_request_error", "content_policy_violation"),
		  CT_EFILTER },
		{ 400,
		  "{\"error\":{\"code\":\"content_filter\",\"innererror\":{\"code\":"
		  "\"ResponsibleAIPolicyViolation\"}}}",
		  CT_EFILTER },
		{ 400, SAYS("Output blocked by content filtering policy"), CT_EFILTER },
		{ 403, SAYS("Your input was flagged by moderation"), CT_EFILTER },
		{ 408, "", CT_EUPSTREAM },
		{ 409, "", CT_EUPSTREAM },
		{ 425, "", CT_EUPSTREAM },
		{ 500, "", CT_EUPSTREAM },
		{ 503,
		  "{\"error\":\"Model x is currently loading\",\"estimated_time\":20.0}",
		  CT_EUPSTREAM },
		{ 524, "<html>", CT_EUPSTREAM },
		{ 529,
		  "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
		  "\"message\":\"Overloaded\"}}",
		  CT_EUPSTREAM },
		{ 302, "", CT_EPROTO },
		{ 418, "", CT_EINVALID },
		{ 200, "<html>", CT_EPROTO },
		{ 200, "{\"error\":{\"type\":\"overloaded_error\"}}", CT_EUPSTREAM },
		{ 200, "{\"error\":{\"code\":402,\"message\":\"pay\"}}", CT_EQUOTA },
		{ 200,
		  "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\","
		  "\"message\":\"k\"}}",
		  CT_EAUTH },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err;
		int code = class_of(cases[i].status, cases[i].body, &err);
		cr_assert_eq(code, cases[i].code, "%d %s: %s", cases[i].status,
			     cases[i].body, ct_code_name(code));
		cr_assert_eq(err.code, code);
	}
}

Test(error, finds_the_message_in_each_shape)
{
	static const struct {
		const char *body, *message;
	} cases[] = {
		{ "{\"error\":{\"message\":\"m\"}}", "claude answered 500: m" },
		{ "{\"error\":\"text\"}", "claude answered 500: text" },
		{ "{\"message\":\"m\",\"code\":3}", "claude answered 500: m" },
		{ "{\"detail\":\"d\"}", "claude answered 500: d" },
		{ "{\"detail\":[\"one\",\"two\"]}", "claude answered 500: one" },
		{ "{\"object\":\"error\",\"message\":{\"detail\":[{\"msg\":\"extra\"}]}}",
		  "claude answered 500: extra" },
		{ "{\"detail\":[{\"msg\":\"required\"}]}",
		  "claude answered 500: required" },
		{ "[{\"error\":{\"message\":\"wrapped\"}}]",
		  "claude answered 500: wrapped" },
		{ "plain words\n", "claude answered 500: plain words" },
		{ "<html><body>x</body></html>", "claude answered 500" },
		{ "", "claude answered 500" },
		{ "{}", "claude answered 500" },
		{ "[]", "claude answered 500" },
		{ "null", "claude answered 500" },
		{ "{\"error\":{\"message\":\" two\\n\\n lines\\u001b[31m\\u0007 \"}}",
		  "claude answered 500: two lines[31m" },
		{ "{\"error\":{\"message\":\"half \\ud83d\"}}",
		  "claude answered 500: half \xEF\xBF\xBD" },
		{ "{\"error\":{\"message\":\"Provider returned "
		  "error\",\"metadata\":{\"raw\":\"busy\"}}}",
		  "claude answered 500: Provider returned error: busy" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err;
		class_of(500, cases[i].body, &err);
		cr_assert_str_eq(err.msg, cases[i].message, "%s: %s", cases[i].body,
				 err.msg);
	}
}

Test(error, cuts_a_long_message_between_characters)
{
	char body[4096] = "{\"error\":\"";
	struct ct_err err;

	for (int i = 0; i < 300; i++)
		strcat(body, "\xC3\xA9x");
	strcat(body, "\"}");
	class_of(500, body, &err);
	cr_assert_leq(strlen(err.msg), 330);
	cr_assert_geq(strlen(err.msg), 310);
	cr_assert(strchr("\xA9x", err.msg[strlen(err.msg) - 1]) != NULL, "%s", err.msg);
}

Test(error, says_how_long_to_wait_and_whether_to_try_again)
{
	static struct ct_headers headers;
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_err err;

	headers = (struct ct_headers){ .arena = &arena };
	ct_headers_add(&headers, (struct ct_str)CT_STR("Retry-After"),
		       (struct ct_str)CT_STR("2"));
	ct_headers_add(&headers, (struct ct_str)CT_STR("X-Should-Retry"),
		       (struct ct_str)CT_STR("false"));
	ct_provider_error(&endpoint, 429, &headers, ct_str("{}"), 0, &err);
	cr_assert_eq(err.retry_after_ms, 2000);
	cr_assert_eq(err.should_retry, -1);
	cr_assert_eq(err.status, 429);
}

static int may_retry(const char *name, const char *value)
{
	static struct ct_headers headers;
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_err err;

	headers = (struct ct_headers){ .arena = &arena };
	ct_headers_add(&headers, ct_str(name), ct_str(value));
	cr_assert_eq(ct_provider_error(&endpoint, 429, &headers, ct_str("{}"), 0, &err),
		     CT_ERATE);
	return err.should_retry;
}

Test(error, takes_claudes_429_without_an_end_for_a_limit_on_spending)
{
	cr_assert_eq(may_retry("Server", "cloudflare"), -1);
	cr_assert_eq(may_retry("retry-after", "2"), 0);
	cr_assert_eq(may_retry("retry-after", "0"), 0);
	cr_assert_eq(may_retry("anthropic-ratelimit-requests-reset", "soon"), 0);
	cr_assert_eq(may_retry("RateLimit", "\"api\";r=0;t=2"), 0);
	cr_assert_eq(may_retry("x-should-retry", "true"), 1);
}

Test(error, reads_an_error_that_comes_as_an_event)
{
	struct ct_err err;

	cr_assert_eq(class_of(404, "event: error\r\ndata: {\"error\":{\"message\":\"gone\","
				   "\"code\":\"model_not_found\"}}\r\n", &err), CT_ENOMODEL);
	cr_assert_str_eq(err.msg, "claude answered 404: gone");
	cr_assert_eq(class_of(429, ": hi\n\ndata: {\"error\":{\"details\":[{\"@type\":\"google.rpc."
				   "RetryInfo\",\"retryDelay\":\"2s\"}]}}\n\n", &err), CT_ERATE);
	cr_assert_eq(err.retry_after_ms, 2000);
	cr_assert_eq(class_of(500, ": nothing but this\n\n", &err), CT_EUPSTREAM);
}

Test(error, names_the_variable_of_a_key_that_was_refused)
{
	struct ct_err err;

	class_of(401, "", &err);
	cr_assert(strstr(err.hint, "ANTHROPIC_API_KEY") != NULL, "%s", err.hint);
}

Test(error, keeps_the_first_request_id_that_a_provider_gives)
{
	static struct ct_headers headers;
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };

	headers = (struct ct_headers){ .arena = &arena };
	cr_assert_null(ct_provider_request_id(&headers).ptr);
	ct_headers_add(&headers, (struct ct_str)CT_STR("X-Amz-Cf-Id"),
		       (struct ct_str)CT_STR("b"));
	ct_headers_add(&headers, (struct ct_str)CT_STR("Request-Id"),
		       (struct ct_str)CT_STR("a"));
	cr_assert(ct_str_is(ct_provider_request_id(&headers), "a"));
}

Test(error, finds_the_request_id_that_stands_in_the_body)
{
	static const struct {
		const char *body, *expected; /* NULL: none */
	} cases[] = {
		{ "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"},"
		  "\"request_id\":\"req_011\"}", "req_011" },
		{ "{\"err_code\":\"INVALID_AUTH\",\"request_id\":\"a-b\"}", "a-b" },
		{ "{\"error\":{\"message\":\"m\"}}", NULL },
		{ "{\"request_id\":7}", NULL },
		{ "{\"request_id\":\" \"}", NULL },
		{ "<html>", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
		struct ct_str id = ct_error_request_id(&arena, ct_str(cases[i].body));
		if (cases[i].expected == NULL)
			cr_assert_null(id.ptr, "case %zu", i);
		else
			cr_assert(ct_str_is(id, cases[i].expected), "case %zu", i);
	}
}

#include <criterion/criterion.h>

#include "leaks.h"
#include "provider/vendors.h"

TestSuite(request, .fini = check_leaks);

#define STR(text) (struct ct_str) CT_STR(text)

static const struct ct_message hi[] = { { .role = CT_ROLE_USER, .text = CT_STR("Hi") } };
static const struct ct_message started[] = {
	{ .role = CT_ROLE_USER, .text = CT_STR("Hi") },
	{ .role = CT_ROLE_ASSISTANT, .text = CT_STR("Once \n") },
};

/* What a vendor made of a request. */
struct made {
	struct ct_arena arena;
	struct ct_http_request http;
	struct ct_warnings warnings;
	struct ct_err err;
	int code;
};

static void make(struct made *m, const struct ct_endpoint *endpoint,
		 const struct ct_request *request, const struct ct_model *model)
{
	*m = (struct made){ .code = 0 };
	m->code = endpoint->vendor->request(endpoint, request, model, &m->arena, &m->http,
					    &m->warnings, &m->err);
}

static struct ct_request plain(const char *model)
{
	return (struct ct_request){ .model = ct_str(model),
				    .messages = hi,
				    .message_count = 1 };
}

static struct ct_endpoint own(const struct ct_vendor *vendor)
{
	return (struct ct_endpoint){ .name = ct_str(vendor->kind),
				     .vendor = vendor,
				     .base_url = ct_str(vendor->base_url),
				     .own_address = true };
}

static struct ct_endpoint at(const struct ct_vendor *vendor, const char *url)
{
	return (struct ct_endpoint){ .name = ct_str(vendor->kind),
				     .vendor = vendor,
				     .base_url = ct_str(url) };
}

static void expect(const struct ct_endpoint *endpoint, const struct ct_request *request,
		   const struct ct_model *model, const char *url, const char *body)
{
	struct made m;

	make(&m, endpoint, request, model);
	cr_assert_eq(m.code, CT_OK, "%s", m.err.msg);
	cr_assert(ct_str_is(m.http.url, url), "%.*s", CT_STR_ARG(m.http.url));
	cr_assert(ct_str_is(m.http.body, body), "%.*s", CT_STR_ARG(m.http.body));
	ct_arena_fini(&m.arena);
}

static void expect_warning(const struct ct_endpoint *endpoint,
			   const struct ct_request *request, const struct ct_model *model,
			   const char *words)
{
	struct made m;
	bool found = false;

	make(&m, endpoint, request, model);
	cr_assert_eq(m.code, CT_OK, "%s", m.err.msg);
	for (size_t i = 0; i < m.warnings.count; i++)
		found = found || ct_str_has(m.warnings.text[i], words);
	cr_assert(found, "no warning says '%s'", words);
	ct_arena_fini(&m.arena);
}

static int code_of(const struct ct_endpoint *endpoint, const struct ct_request *request,
		   const struct ct_model *model)
{
	struct made m;

	make(&m, endpoint, request, model);
	ct_arena_fini(&m.arena);
	return m.code;
}

static struct ct_str header(const struct made *m, const char *name)
{
	for (size_t i = 0; i < m->http.header_count; i++)
		if (ct_str_is_nocase(m->http.headers[i].name, name))
			return m->http.headers[i].value;
	return (struct ct_str){ NULL, 0 };
}

#define HI "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]"
#define CLAUDE "https://api.anthropic.com/v1/messages"

Test(request, asks_claude_for_all_that_can_be_asked)
{
	struct ct_endpoint claude = own(&ct_vendor_claude);
	struct ct_model model = { .max_output = 128000,
				  .thinking = CT_THINKING_ADAPTIVE,
				  .efforts = { STR("low"), STR("medium"), STR("high") },
				  .effort_count = 3 };
	struct ct_request r = plain("c");

	expect(&claude, &r, NULL, CLAUDE, "{\"model\":\"c\",\"max_tokens\":8192," HI "}");
	expect(&claude, &r, &model, CLAUDE,
	       "{\"model\":\"c\",\"max_tokens\":32000," HI "}");
	r.stream = r.reasoning = true;
	r.system = STR("Be brief.");
	r.stops[r.stop_count++] = STR("<end>");
	r.effort = STR("xhigh");
	r.user = STR("u-1");
	r.max_tokens = 100;
	expect(&claude, &r, &model, CLAUDE,
	       "{\"model\":\"c\",\"max_tokens\":100,\"stream\":true,\"system\":\"Be "
	       "brief.\"," HI ",\"stop_sequences\":[\"<end>\"],\"thinking\":{\"type\":"
			      "\"adaptive\",\"display\":"
	       "\"summarized\"},\"output_config\":{\"effort\":\"high\"},\"metadata\":{"
	       "\"user_id\":\"u-1\"}}");
	expect_warning(&claude, &r, &model, "'high' is sent");
}

Test(request, sends_claude_no_sampling_but_to_the_old_version)
{
	struct ct_endpoint claude = own(&ct_vendor_claude);
	struct ct_model without = { .temperature = CT_NO };
	struct ct_request r = plain("c");
	struct made m;

	r.has_temperature = true;
	r.temperature = 1.5;
	expect(&claude, &r, NULL, CLAUDE, "{\"model\":\"c\",\"max_tokens\":8192," HI "}");
	expect_warning(&claude, &r, NULL, "temperature");
	make(&m, &claude, &r, NULL);
	cr_assert(ct_str_is(header(&m, "anthropic-version"), "2026-10-21"));
	ct_arena_fini(&m.arena);
	claude.api_version = STR("2023-06-01");
	expect(&claude, &r, NULL, CLAUDE,
	       "{\"model\":\"c\",\"max_tokens\":8192," HI ",\"temperature\":1}");
	expect_warning(&claude, &r, NULL, "at most 1");
	expect(&claude, &r, &without, CLAUDE,
	       "{\"model\":\"c\",\"max_tokens\":8192," HI "}");
	expect_warning(&claude, &r, &without, "no sampling");
}

Test(request, gives_claude_a_budget_below_its_output)
{
	struct ct_endpoint claude = own(&ct_vendor_claude);
	struct ct_model model = { .thinking = CT_THINKING_BUDGET, .max_output = 64000 };
	struct ct_request r = plain("c");

	r.reasoning = true;
	r.max_tokens = 3000;
	expect(&claude, &r, &model, CLAUDE,
	       "{\"model\":\"c\",\"max_tokens\":3000," HI
	       ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1500}}");
	r.max_tokens = 1024;
	expect(&claude, &r, &model, CLAUDE,
	       "{\"model\":\"c\",\"max_tokens\":1024," HI "}");
	expect_warning(&claude, &r, &model, "no room to think");
}

Test(request, goes_on_with_a_started_answer_only_where_the_model_does)
{
	struct ct_endpoint claude = own(&ct_vendor_claude);
	struct ct_endpoint mistral =
		at(&ct_vendor_compatible, "https://api.mistral.ai/v1");
	struct ct_endpoint openai = own(&ct_vendor_openai);
	struct ct_model model = { .prefill = CT_YES };
	struct ct_request r = plain("c");

	r.messages = started;
	r.message_count = 2;
	r.prefill = true;
	expect(&claude, &r, &model, CLAUDE,
	       "{\"model\":\"c\",\"max_tokens\":8192,\"messages\":[{\"role\":\"user\","
	       "\"content\":"
	       "\"Hi\"},{\"role\":\"assistant\",\"content\":\"Once\"}]}");
	expect(&mistral, &r, &model, "https://api.mistral.ai/v1/chat/completions",
	       "{\"model\":\"c\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{"
	       "\"role\":"
	       "\"assistant\",\"content\":\"Once \\n\",\"prefix\":true}]}");
	cr_assert_eq(code_of(&claude, &r, NULL), CT_EINVALID);
	cr_assert_eq(code_of(&openai, &r, &model), CT_EINVALID);
	openai.api = CT_OPENAI_CHAT;
	cr_assert_eq(code_of(&openai, &r, &model), CT_EINVALID);
}

Test(request, sends_a_paused_turn_back_as_it_was)
{
	struct ct_endpoint claude = own(&ct_vendor_claude);
	struct ct_message turn[] = {
		hi[0],
		{ .role = CT_ROLE_ASSISTANT,
		  .text = STR("So"),
		  .raw = STR("[{\"type\":\"text\",\"text\":\"So\"}]") }
	};
	struct ct_request r = plain("c");

	r.messages = turn;
	r.message_count = 2;
	expect(&claude, &r, NULL, CLAUDE,
	       "{\"model\":\"c\",\"max_tokens\":8192,\"messages\":[{\"role\":\"user\","
	       "\"content\":"
	       "\"Hi\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":"
	       "\"So\"}]}]}");
}

#define GEMINI "https://generativelanguage.googleapis.com/v1beta/models/"
#define CONTENTS "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Hi\"}]}]"

Test(request, asks_gemini_for_all_that_can_be_asked)
{
	struct ct_endpoint gemini = own(&ct_vendor_gemini);
	struct ct_request r = plain("models/gemini-3.8-flash");

	expect(&gemini, &r, NULL, GEMINI "gemini-3.8-flash:generateContent",
	       "{" CONTENTS ",\"generationConfig\":{}}");
	r.model = STR("gemini-3/x?y");
	r.stream = r.reasoning = r.has_temperature = r.has_top_p = r.has_seed = true;
	r.temperature = 0.5;
	r.top_p = 0.9;
	r.seed = 7;
	r.max_tokens = 50;
	r.effort = STR("low");
	r.system = STR("S");
	r.stops[r.stop_count++] = STR("x");
	expect(&gemini, &r, NULL, GEMINI "gemini-3%2Fx%3Fy:streamGenerateContent?alt=sse",
	       "{\"systemInstruction\":{\"parts\":[{\"text\":\"S\"}]}," CONTENTS
	       ",\"generationConfig\":{\"maxOutputTokens\":50,\"stopSequences\":[\"x\"],"
	       "\"temperature\":0.5,\"topP\":0.9,\"seed\":7,\"thinkingConfig\":{"
	       "\"thinkingLevel\":"
	       "\"LOW\",\"includeThoughts\":true}}}");
	r = plain("gemini-2.5-pro");
	r.effort = STR("none");
	expect(&gemini, &r, NULL, GEMINI "gemini-2.5-pro:generateContent",
	       "{" CONTENTS
	       ",\"generationConfig\":{\"thinkingConfig\":{\"thinkingBudget\":128}}}");
	r.stop_count = 6;
	cr_assert_eq(code_of(&gemini, &r, NULL), CT_EINVALID);
}

Test(request, speaks_responses_at_openai_and_chat_elsewhere)
{
	struct ct_endpoint openai = own(&ct_vendor_openai);
	struct ct_endpoint other =
		at(&ct_vendor_openai, "http://127.0.0.1:8080/openai/v1");
	struct ct_request r = plain("m");

	r.system = STR("S");
	r.stream = r.reasoning = true;
	r.max_tokens = 9;
	r.effort = STR("low");
	r.user = STR("u");
	expect(&openai, &r, NULL, "https://api.openai.com/v1/responses",
	       "{\"model\":\"m\",\"store\":false,\"stream\":true,\"instructions\":\"S\","
	       "\"input\":"
	       "[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_output_tokens\":9,"
	       "\"reasoning\":"
	       "{\"effort\":\"low\",\"summary\":\"auto\"},\"safety_identifier\":\"u\"}");
	openai.api = CT_OPENAI_CHAT;
	expect(&openai, &r, NULL, "https://api.openai.com/v1/chat/completions",
	       "{\"model\":\"m\",\"messages\":[{\"role\":\"developer\",\"content\":\"S\"}"
	       ",{\"role\":"
	       "\"user\",\"content\":\"Hi\"}],\"stream\":true,\"stream_options\":{"
	       "\"include_usage\":"
	       "true},\"max_completion_tokens\":9,\"reasoning_effort\":\"low\",\"safety_"
	       "identifier\":\"u\"}");
	expect(&other, &r, NULL, "http://127.0.0.1:8080/openai/v1/chat/completions",
	       "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"S\"},{"
	       "\"role\":"
	       "\"user\",\"content\":\"Hi\"}],\"stream\":true,\"stream_options\":{"
	       "\"include_usage\":"
	       "true},\"max_tokens\":9,\"reasoning_effort\":\"low\"}");
}

Test(request, warns_of_what_responses_does_not_take)
{
	struct ct_endpoint openai = own(&ct_vendor_openai);
	struct ct_model model = { .temperature = CT_NO };
	struct ct_request r = plain("m");

	r.has_seed = r.has_temperature = true;
	r.stops[r.stop_count++] = STR("x");
	expect(&openai, &r, &model, "https://api.openai.com/v1/responses",
	       "{\"model\":\"m\",\"store\":false,\"input\":[{\"role\":\"user\","
	       "\"content\":\"Hi\"}]}");
	expect_warning(&openai, &r, &model, "seed");
	expect_warning(&openai, &r, &model, "stop sequences");
	expect_warning(&openai, &r, &model, "temperature");
	openai.api = CT_OPENAI_CHAT;
	r.stop_count = 5;
	cr_assert_eq(code_of(&openai, &r, &model), CT_EINVALID);
}

Test(request, finds_the_deployment_however_much_of_its_address_was_written)
{
	static const struct {
		const char *base, *version, *url;
	} cases[] = {
		{ "https://r.x", "", "https://r.x/openai/v1/chat/completions" },
		{ "https://r.x/openai", "", "https://r.x/openai/v1/chat/completions" },
		{ "https://r.x/openai/v1", "v1",
		  "https://r.x/openai/v1/chat/completions" },
		{ "https://r.x", "preview",
		  "https://r.x/openai/v1/chat/completions?api-version=preview" },
		{ "https://r.x", "2024-06-01",
		  "https://r.x/openai/deployments/my%20d/chat/"
		  "completions?api-version=2024-06-01" },
		{ "https://r.x/openai/deployments/d", "",
		  "https://r.x/openai/deployments/d/chat/"
		  "completions?api-version=2024-10-21" },
	};
	struct ct_request r = plain("my d");

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_endpoint azure = at(&ct_vendor_azure, cases[i].base);
		azure.api_version = ct_str(cases[i].version);
		expect(&azure, &r, NULL, cases[i].url, "{\"model\":\"my d\"," HI "}");
	}
}

Test(request, lets_options_win_the_users_most_of_all)
{
	struct ct_option of_service[] = { { STR("max_tokens"), STR("5") },
					  { STR("top_k"), STR("1") },
					  { STR("x"), STR("{\"a\":1}") } };
	struct ct_option of_user[] = { { STR("top_k"), STR("2") },
				       { STR("top_k"), STR("3") } };
	struct ct_endpoint claude = own(&ct_vendor_claude);
	struct ct_request r = plain("c");

	claude.options = of_service;
	claude.option_count = 3;
	r.options = of_user;
	r.option_count = 2;
	expect(&claude, &r, NULL, CLAUDE,
	       "{\"model\":\"c\"," HI ",\"max_tokens\":5,\"x\":{\"a\":1},\"top_k\":3}");
}

Test(request, carries_the_key_where_the_vendor_wants_it_and_no_key_at_all_without_one)
{
	static const struct {
		const struct ct_vendor *vendor;
		const char *header, *before;
	} cases[] = {
		{ &ct_vendor_claude, "x-api-key", "" },
		{ &ct_vendor_gemini, "x-goog-api-key", "" },
		{ &ct_vendor_openai, "authorization", "Bearer " },
		{ &ct_vendor_azure, "api-key", "" },
		{ &ct_vendor_huggingface, "authorization", "Bearer " },
		{ &ct_vendor_compatible, "authorization", "Bearer " },
	};
	struct ct_secret *key = ct_secret_create(STR("sk-secret-key"));
	struct ct_request r = plain("m");

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_endpoint e = at(cases[i].vendor, "http://h");
		struct made m;
		make(&m, &e, &r, NULL);
		cr_assert_null(header(&m, cases[i].header).ptr, "%s",
			       cases[i].vendor->kind);
		ct_arena_fini(&m.arena);
		e.key = key;
		make(&m, &e, &r, NULL);
		cr_assert(ct_str_is(header(&m, cases[i].header), cases[i].before), "%s",
			  cases[i].vendor->kind);
		cr_assert(!ct_str_has(m.http.body, "sk-secret"), "%s",
			  cases[i].vendor->kind);
		ct_arena_fini(&m.arena);
	}
	ct_secret_destroy(key);
}

Test(request, sends_configured_headers_in_place_of_its_own)
{
	struct ct_extra_header headers[] = { { STR("Anthropic-Version"),
					       STR("2023-06-01") },
					     { STR("X-Title"), STR("t") } };
	struct ct_endpoint claude = own(&ct_vendor_claude);
	struct ct_request r = plain("c");
	struct made m;
	int versions = 0;

	claude.headers = headers;
	claude.header_count = 2;
	make(&m, &claude, &r, NULL);
	for (size_t i = 0; i < m.http.header_count; i++)
		versions += ct_str_is_nocase(m.http.headers[i].name, "anthropic-version");
	cr_assert_eq(versions, 1);
	cr_assert(ct_str_is(header(&m, "anthropic-version"), "2023-06-01"));
	cr_assert(ct_str_is(header(&m, "x-title"), "t"));
	ct_arena_fini(&m.arena);
}

Test(request, does_not_double_the_version_of_an_address)
{
	struct ct_endpoint claude = at(&ct_vendor_claude, "http://h/v1");
	struct ct_endpoint gemini = at(&ct_vendor_gemini, "http://h/v1beta");
	struct ct_request r = plain("m");
	struct made m;

	make(&m, &claude, &r, NULL);
	cr_assert(ct_str_is(m.http.url, "http://h/v1/messages"));
	ct_arena_fini(&m.arena);
	make(&m, &gemini, &r, NULL);
	cr_assert(ct_str_is(m.http.url, "http://h/v1beta/models/m:generateContent"));
	ct_arena_fini(&m.arena);
}

Test(request, asks_for_health_what_costs_no_tokens)
{
	static const struct {
		const struct ct_vendor *vendor;
		const char *base, *url;
	} cases[] = {
		{ &ct_vendor_claude, "http://h", "http://h/v1/models?limit=1" },
		{ &ct_vendor_gemini, "http://h", "http://h/v1beta/models?pageSize=1" },
		{ &ct_vendor_openai, "http://h/v1", "http://h/v1/models" },
		{ &ct_vendor_azure, "http://h", "http://h/openai/v1/models" },
		{ &ct_vendor_azure, "http://h/openai/deployments/d",
		  "http://h/openai/v1/models" },
		{ &ct_vendor_huggingface, "http://h/v1", "http://h/v1/models" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_endpoint e = at(cases[i].vendor, cases[i].base);
		struct ct_http_request http = { .method = NULL };
		CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
		cr_assert_eq(e.vendor->health(&e, &arena, &http, NULL), CT_OK);
		cr_assert_str_eq(http.method, "GET");
		cr_assert(ct_str_is(http.url, cases[i].url), "%.*s",
			  CT_STR_ARG(http.url));
	}
}

Test(request, knows_each_vendor_by_kind_and_alias)
{
	cr_assert_eq(ct_vendor_find(STR("anthropic")), &ct_vendor_claude);
	cr_assert_eq(ct_vendor_find(STR("google")), &ct_vendor_gemini);
	cr_assert_eq(ct_vendor_find(STR("hf")), &ct_vendor_huggingface);
	cr_assert_eq(ct_vendor_find(STR("azure")), &ct_vendor_azure);
	cr_assert_eq(ct_vendor_find(STR("compatible")), &ct_vendor_compatible);
	cr_assert_null(ct_vendor_find(STR("nobody")));
}

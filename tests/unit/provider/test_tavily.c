/* What Tavily is asked, byte for byte: wire/tavily. */
#include <criterion/criterion.h>

#include "leaks.h"
#include "provider/vendors.h"

TestSuite(tavily, .fini = check_leaks);

static const struct ct_str domains[] = { CT_STR("a.example"), CT_STR("b.example") };

static int make(const struct ct_search *search, enum ct_task task, struct ct_arena *arena,
		struct ct_http_request *http, struct ct_err *err)
{
	struct ct_endpoint endpoint = { .name = CT_STR("tavily"),
					.vendor = &ct_vendor_tavily,
					.base_url = CT_STR("http://h") };
	struct ct_request request = { .task = task, .search = search };
	static struct ct_warnings warnings;

	warnings.count = 0;
	int rc = ct_vendor_tavily.request(&endpoint, &request, NULL, arena, http, &warnings, err);
	if (search->limit > 20)
		cr_assert(ct_str_has(warnings.text[0], "at most 20"));
	return rc;
}

Test(tavily, is_asked_for_what_was_said_and_nothing_else)
{
	static const struct {
		enum ct_task task;
		struct ct_search search;
		const char *url, *body;
	} cases[] = {
		{ CT_TASK_SEARCH, { .query = CT_STR("q"), .limit = 7 }, "http://h/search",
		  "{\"query\":\"q\",\"max_results\":7}" },
		{ CT_TASK_SEARCH,
		  { .query = CT_STR("q \"x\""), .limit = 100, .depth = CT_STR("advanced"),
		    .topic = CT_STR("news"), .time_range = CT_STR("week"), .include = domains,
		    .include_count = 2, .exclude = domains, .exclude_count = 1, .answer = true },
		  "http://h/search",
		  "{\"query\":\"q \\\"x\\\"\",\"search_depth\":\"advanced\",\"topic\":\"news\","
		  "\"time_range\":\"week\",\"max_results\":20,\"include_domains\":[\"a.example\","
		  "\"b.example\"],\"exclude_domains\":[\"a.example\"],\"include_answer\":true}" },
		{ CT_TASK_EXTRACT, { .urls = domains, .url_count = 2, .depth = CT_STR("basic") },
		  "http://h/extract",
		  "{\"urls\":[\"a.example\",\"b.example\"],\"extract_depth\":\"basic\","
		  "\"format\":\"markdown\"}" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
		struct ct_http_request http = { 0 };
		struct ct_err err = { 0 };
		cr_assert_eq(make(&cases[i].search, cases[i].task, &arena, &http, &err), CT_OK);
		cr_assert(ct_str_is(http.url, cases[i].url), "%.*s", CT_STR_ARG(http.url));
		cr_assert(ct_str_is(http.body, cases[i].body), "%.*s", CT_STR_ARG(http.body));
	}
}

Test(tavily, is_not_asked_for_what_it_cannot_do)
{
	struct ct_search typed = { .query = CT_STR("q"), .limit = 1, .has_type = true };
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_http_request http = { 0 };
	struct ct_err err = { 0 };

	cr_assert_eq(make(&typed, CT_TASK_SEARCH, &arena, &http, &err), CT_EINVALID);
	cr_assert(ct_str_has(ct_str(err.hint), "github"));
	cr_assert_eq(make(&typed, CT_TASK_READ, &arena, &http, &err), CT_EINVALID);
	cr_assert_eq(make(&typed, CT_TASK_CHAT, &arena, &http, &err), CT_EINVALID);
}

#include <criterion/criterion.h>
#include <stdio.h>

#include "model/request.h"

Test(search, takes_the_name_of_a_domain_for_one)
{
	static const char *const good[] = { "example.org", "a-b.c_d.example.co.uk", "*.example.org",
					    "1.example.org", "m\xC3\xBCller.de", "xn--mller-kva.de" };
	static const char *const bad[] = { "",		"example",     ".org",	     "example.",
					   "a..b",	"-a.org",      "a-.org",     "a b.org",
					   "http://a.org", "a.org/x",  "a.org:80",   "127.0.0.1",
					   "*",		"*.",	       "a.org\n",    "a,b.org" };
	char label[80], name[300] = "";

	for (size_t i = 0; i < CT_COUNT(good); i++)
		cr_assert(ct_is_domain(ct_str(good[i])), "%s", good[i]);
	for (size_t i = 0; i < CT_COUNT(bad); i++)
		cr_assert_not(ct_is_domain(ct_str(bad[i])), "%s", bad[i]);
	snprintf(label, sizeof(label), "%064d.org", 0);
	cr_assert_not(ct_is_domain(ct_str(label)));
	for (int i = 0; i < 63; i++)
		strcat(name, "abc.");
	cr_assert_not(ct_is_domain(ct_str(strcat(name, "org"))), "%zu bytes", strlen(name));
}

Test(search, takes_an_address_of_the_web_for_one)
{
	static const char *const good[] = { "https://a.org", "HTTP://a/b?c#d", "http://[::1]:8/" };
	static const char *const bad[] = { "",	    "a.org",	  "ftp://a.org", "https://",
					   "http:///x", "https://a b", "http://?x",   "file:///etc" };

	for (size_t i = 0; i < CT_COUNT(good); i++)
		cr_assert(ct_is_web_url(ct_str(good[i])), "%s", good[i]);
	for (size_t i = 0; i < CT_COUNT(bad); i++)
		cr_assert_not(ct_is_web_url(ct_str(bad[i])), "%s", bad[i]);
}

static void refuses(enum ct_task task, const struct ct_search *s, const char *why)
{
	struct ct_request r = { .task = task, .search = s };
	struct ct_err err = { 0 };

	cr_assert_eq(ct_request_check(&r, &err), CT_EINVALID, "%s", why);
	cr_assert(ct_str_has(ct_str(err.msg), why), "%s: %s", why, err.msg);
}

Test(search, refuses_what_nobody_could_search_for)
{
	static const struct ct_str domain = CT_STR("no domain");
	static const struct {
		struct ct_search search;
		const char *why;
	} cases[] = {
		{ { .limit = 1 }, "query is empty" },
		{ { .query = CT_STR(" \n\t"), .limit = 1 }, "query is empty" },
		{ { .query = CT_STR("x"), .limit = 0 }, "limit" },
		{ { .query = CT_STR("x"), .limit = 10000 }, "limit" },
		{ { .query = CT_STR("x"), .limit = -1 }, "limit" },
		{ { .query = CT_STR("x"), .limit = 1, .depth = CT_STR("deep") }, "depth" },
		{ { .query = CT_STR("x"), .limit = 1, .topic = CT_STR("sport") }, "topic" },
		{ { .query = CT_STR("x"), .limit = 1, .time_range = CT_STR("hour") }, "time" },
		{ { .query = CT_STR("x"), .limit = 1, .include = &domain, .include_count = 1 },
		  "no domain" },
		{ { .query = CT_STR("x"), .limit = 1, .exclude = &domain, .exclude_count = 65 },
		  "more than" },
	};
	struct ct_search good = { .query = CT_STR("x"),
				  .limit = 1000,
				  .depth = CT_STR("advanced"),
				  .topic = CT_STR("news"),
				  .time_range = CT_STR("day") };
	struct ct_request r = { .task = CT_TASK_SEARCH, .search = &good };

	cr_assert_eq(ct_request_check(&r, NULL), CT_OK);
	for (size_t i = 0; i < CT_COUNT(cases); i++)
		refuses(CT_TASK_SEARCH, &cases[i].search, cases[i].why);
	refuses(CT_TASK_SEARCH, NULL, "nothing");
}

Test(search, refuses_pages_that_are_none)
{
	struct ct_str urls[CT_SEARCH_URLS_MAX + 1];
	struct ct_search s = { .urls = urls, .url_count = CT_SEARCH_URLS_MAX };
	struct ct_request r = { .task = CT_TASK_EXTRACT, .search = &s };

	for (size_t i = 0; i < CT_COUNT(urls); i++)
		urls[i] = ct_str("https://example.org/");
	cr_assert_eq(ct_request_check(&r, NULL), CT_OK);
	s.url_count++;
	refuses(CT_TASK_EXTRACT, &s, "more than 20");
	s.url_count = 0;
	refuses(CT_TASK_EXTRACT, &s, "no page");
	s.url_count = 2;
	urls[1] = ct_str("example.org");
	refuses(CT_TASK_EXTRACT, &s, "example.org");
}

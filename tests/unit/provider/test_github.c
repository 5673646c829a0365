#include <criterion/criterion.h>
#include <stdio.h>

#include "leaks.h"
#include "provider/vendors.h"

TestSuite(github, .fini = check_leaks);
TestSuite(github_error, .fini = check_leaks);

#define STR(text) (struct ct_str) CT_STR(text)

/* What was made of a request. */
struct made {
	struct ct_arena arena;
	struct ct_http_request http;
	struct ct_warnings warnings;
	struct ct_err err;
	int code;
};

static void make(struct made *m, const char *base, enum ct_task task,
		 const struct ct_search *search)
{
	struct ct_secret *key = ct_secret_create(ct_str("ghp_0123456789"));
	struct ct_endpoint endpoint = { .name = STR("github"),
					.vendor = &ct_vendor_github,
					.base_url = ct_str(base),
					.key = key };
	struct ct_request request = { .task = task, .search = search };

	*m = (struct made){ .code = 0 };
	m->code = ct_vendor_github.request(&endpoint, &request, NULL, &m->arena, &m->http,
					   &m->warnings, &m->err);
	ct_secret_destroy(key);
}

static void expect_url(const char *base, enum ct_task task,
		       const struct ct_search *search, const char *url)
{
	struct made m;

	make(&m, base, task, search);
	cr_assert_eq(m.code, CT_OK, "%s", m.err.msg);
	cr_assert(ct_str_is(m.http.url, url), "%.*s", CT_STR_ARG(m.http.url));
	ct_arena_fini(&m.arena);
}

static void expect_refused(const char *base, const struct ct_search *search, int code,
			   const char *words)
{
	struct made m;

	make(&m, base, CT_TASK_SEARCH, search);
	cr_assert_eq(m.code, code, "%s", m.err.msg);
	cr_assert(strstr(m.err.msg, words), "%s", m.err.msg);
	cr_assert_eq(m.http.url.len, 0);
	ct_arena_fini(&m.arena);
}

static const char own[] = "https://api.github.com";

Test(github, asks_for_each_type_with_its_qualifiers_as_they_are)
{
	static const char *const types[] = { "repositories", "code", "issues", "users" };

	for (int i = 0; i < 4; i++) {
		struct ct_search s = { .query = STR("tetris language:c++ \"a&b\""),
				       .limit = 10,
				       .type = (enum ct_search_type)i };
		char url[256];

		snprintf(url, sizeof(url),
			 "https://api.github.com/search/"
			 "%s?q=tetris%%20language%%3Ac%%2B%%2B"
			 "%%20%%22a%%26b%%22&per_page=10",
			 types[i]);
		expect_url(own, CT_TASK_SEARCH, &s, url);
	}
}

Test(github, asks_for_at_most_a_hundred_at_once)
{
	struct ct_search s = { .query = STR("a"), .limit = 250 };

	expect_url("http://127.0.0.1:8/github", CT_TASK_SEARCH, &s,
		   "http://127.0.0.1:8/github/search/repositories?q=a&per_page=100");
}

Test(github, reads_what_is_at_a_path)
{
	struct ct_search s = { .path = STR("repos/o/n/pulls?state=all") };

	expect_url("https://ghe.example/api/v3", CT_TASK_READ, &s,
		   "https://ghe.example/api/v3/repos/o/n/pulls?state=all");
}

Test(github, says_who_asks_for_what_in_which_version)
{
	static const char *const names[] = { "Authorization", "Accept",
					     "X-GitHub-Api-Version" };
	struct ct_search s = { .query = STR("a"), .limit = 1 };
	struct made m;

	make(&m, own, CT_TASK_SEARCH, &s);
	cr_assert_eq(m.http.header_count, 3);
	for (size_t i = 0; i < 3; i++)
		cr_assert(ct_str_is(m.http.headers[i].name, names[i]));
	cr_assert(ct_str_is(m.http.headers[0].value, "Bearer "));
	cr_assert_not_null(m.http.headers[0].secret);
	cr_assert(ct_str_is(m.http.headers[1].value,
			    "application/vnd.github.text-match+json"));
	cr_assert(ct_str_is(m.http.headers[2].value, "2022-11-28"));
	cr_assert_str_eq(m.http.method, "GET");
	ct_arena_fini(&m.arena);
}

Test(github, goes_on_at_the_next_page_of_its_own_origin)
{
	static const struct {
		const char *base, *page, *url;
	} cases[] = {
		{ own, "https://api.github.com/search/users?q=a&page=2",
		  "https://api.github.com/search/users?q=a&page=2" },
		{ own, "HTTPS://API.github.com:443/x?page=2",
		  "HTTPS://API.github.com:443/x?page=2" },
		{ own, "/search/users?q=a&page=2",
		  "https://api.github.com/search/users?q=a&page=2" },
		{ own, "?page=2", "https://api.github.com/search/repositories?page=2" },
		{ "https://ghe.example/api/v3",
		  "https://ghe.example/api/v3/search/users?page=2",
		  "https://ghe.example/api/v3/search/users?page=2" },
		/* a proxy that leaves GitHub's own links as they are */
		{ "http://127.0.0.1:8/github",
		  "https://api.github.com/search/users?q=a&page=2",
		  "http://127.0.0.1:8/github/search/users?q=a&page=2" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_search s = { .query = STR("a"),
				       .limit = 200,
				       .page = ct_str(cases[i].page) };
		expect_url(cases[i].base, CT_TASK_SEARCH, &s, cases[i].url);
	}
}

Test(github, takes_the_key_to_no_other_origin)
{
	static const char *const pages[] = {
		"https://evil.example/search/users?page=2",
		"http://api.github.com/search/users?page=2",
		"https://api.github.com:8443/search/users?page=2",
		"https://api.github.com.evil.example/search/users?page=2",
		"//evil.example/search/users?page=2",
	};
	static const char *const none[] = {
		"https://api.github.com@evil.example/",
		"https://user:pass@api.github.com/",
		"file:///etc/passwd",
		"https://api.github.com\\@evil.example/",
		"https://api.github.com/a b",
		"https://",
	};

	for (size_t i = 0; i < CT_COUNT(pages); i++) {
		struct ct_search s = { .query = STR("a"),
				       .limit = 200,
				       .page = ct_str(pages[i]) };
		expect_refused(own, &s, CT_EPROTO, "names another host");
	}
	for (size_t i = 0; i < CT_COUNT(none); i++) {
		struct ct_search s = { .query = STR("a"),
				       .limit = 200,
				       .page = ct_str(none[i]) };
		expect_refused(own, &s, CT_EPROTO, "names no address");
	}
}

Test(github, refuses_what_it_cannot_be_asked)
{
	static char query[9000];
	struct ct_search s = { .query = { query, sizeof(query) }, .limit = 1 };
	struct made m;

	memset(query, 'a', sizeof(query));
	expect_refused(own, &s, CT_EINVALID, "too long");
	make(&m, own, CT_TASK_EXTRACT, &s);
	cr_assert_eq(m.code, CT_EINVALID, "%s", m.err.msg);
	ct_arena_fini(&m.arena);
	make(&m, own, CT_TASK_CHAT, NULL);
	cr_assert_eq(m.code, CT_EINVALID, "%s", m.err.msg);
	ct_arena_fini(&m.arena);
}

Test(github, warns_of_what_only_others_take)
{
	struct ct_str domain = STR("a.example");
	struct ct_search s = { .query = STR("a"),
			       .limit = 1,
			       .depth = STR("advanced"),
			       .topic = STR("news"),
			       .time_range = STR("day"),
			       .include = &domain,
			       .include_count = 1,
			       .answer = true };
	struct made m;

	make(&m, own, CT_TASK_SEARCH, &s);
	cr_assert_eq(m.code, CT_OK);
	cr_assert_eq(m.warnings.count, 5);
	cr_assert_not(ct_str_has(m.http.url, "advanced"));
	ct_arena_fini(&m.arena);
}

/* An error as GitHub answers it. header: NAME, VALUE, … NULL. */
static int refuse(int status, const char *const *header, const char *body,
		  struct ct_err *err)
{
	static const struct ct_endpoint endpoint = { .name = CT_STR("github"),
						     .vendor = &ct_vendor_github };
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };

	for (; header != NULL && *header != NULL; header += 2)
		ct_headers_add(&headers, ct_str(header[0]), ct_str(header[1]));
	*err = (struct ct_err){ 0 };
	int code = ct_provider_error(&endpoint, status, &headers, ct_str(body),
				     INT64_C(1700000000000), err);
	cr_assert_eq(code, err->code);
	ct_arena_fini(&arena);
	return code;
}

#define SAYS(words) "{\"message\":\"" words "\",\"documentation_url\":\"https://d\"}"

Test(github_error, tells_limits_from_refusals)
{
	static const char *const left[] = { "x-ratelimit-remaining", "4000",
					    "x-ratelimit-reset", "1700000100", NULL };
	static const char *const none_left[] = { "X-RateLimit-Remaining", "0",
						 "X-RateLimit-Reset", "1700000025",
						 NULL };
	static const char *const past[] = { "x-ratelimit-remaining", "0",
					    "x-ratelimit-reset", "1600000000", NULL };
	static const char *const wait[] = { "retry-after", "7", "x-ratelimit-remaining",
					    "4000", NULL };
	static const struct {
		int status;
		const char *const *headers;
		const char *body;
		int code;
		int64_t wait_ms;
	} cases[] = {
		{ 403, left, SAYS("Must have push access to repository"), CT_EAUTH, 0 },
		{ 403, NULL, "", CT_EAUTH, 0 },
		{ 403, NULL, "<html>nginx</html>", CT_EAUTH, 0 },
		{ 403, wait, "", CT_ERATE, 7000 },
		{ 403, none_left, "", CT_ERATE, 25000 },
		{ 403, past, "", CT_ERATE, 0 },
		{ 403, none_left, SAYS("API rate limit exceeded for user ID 1."),
		  CT_ERATE, 25000 },
		{ 403, NULL, SAYS("API rate limit exceeded for 1.2.3.4."), CT_ERATE, 0 },
		{ 403, left,
		  SAYS("You have exceeded a secondary rate limit. Please wait a few "
		       "minutes"),
		  CT_ERATE, 60000 },
		{ 403, wait, SAYS("You have exceeded a SECONDARY RATE LIMIT"), CT_ERATE,
		  7000 },
		{ 403, NULL, SAYS("You have triggered an abuse detection mechanism."),
		  CT_ERATE, 60000 },
		{ 429, wait, "", CT_ERATE, 7000 },
		{ 429, none_left, "", CT_ERATE, 25000 },
		{ 429, NULL, SAYS("You have exceeded a secondary rate limit"), CT_ERATE,
		  60000 },
		{ 429, NULL, SAYS("credit balance usage_limit billing"), CT_ERATE, 0 },
		{ 401, NULL, SAYS("Bad credentials"), CT_EAUTH, 0 },
		{ 401, none_left, SAYS("Bad credentials"), CT_EAUTH, 25000 },
		{ 404, NULL, SAYS("Not Found"), CT_EINVALID, 0 },
		{ 404, NULL, SAYS("no such model"), CT_EINVALID, 0 },
		{ 400, NULL, SAYS("Problems parsing JSON"), CT_EINVALID, 0 },
		{ 410, NULL, SAYS("Issues are disabled"), CT_EINVALID, 0 },
		{ 422, NULL, SAYS("content policy maximum context length"), CT_EINVALID,
		  0 },
		{ 451, NULL, SAYS("Repository access blocked"), CT_EINVALID, 0 },
		{ 301, NULL, SAYS("Moved Permanently"), CT_EPROTO, 0 },
		{ 304, NULL, "", CT_EPROTO, 0 },
		{ 500, NULL, "", CT_EUPSTREAM, 0 },
		{ 503, wait, "<html>Unicorn!</html>", CT_EUPSTREAM, 7000 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err;
		int code = refuse(cases[i].status, cases[i].headers, cases[i].body, &err);
		cr_assert_eq(code, cases[i].code, "case %zu: %s, not %s", i,
			     ct_code_name(code), ct_code_name(cases[i].code));
		cr_assert_eq(err.retry_after_ms, cases[i].wait_ms, "case %zu: %lld", i,
			     (long long)err.retry_after_ms);
		cr_assert_eq(err.status, cases[i].status);
	}
}

Test(github_error, says_which_scope_the_token_lacks)
{
	static const char *const lacks[] = { "X-OAuth-Scopes", "gist, read:org",
					     "X-Accepted-OAuth-Scopes", "admin:org, repo",
					     NULL };
	static const char *const none[] = { "X-OAuth-Scopes", "",
					    "X-Accepted-OAuth-Scopes", "repo", NULL };
	static const char *const has[] = { "X-OAuth-Scopes", "gist, repo",
					   "X-Accepted-OAuth-Scopes", "public_repo, repo",
					   NULL };
	static const char *const fine[] = { "X-Accepted-GitHub-Permissions",
					    "pull_requests=read", NULL };
	static const char *const sso[] = {
		"X-GitHub-SSO", "required; url=https://github.com/orgs/o/sso?x=1", NULL
	};
	struct ct_err err;

	refuse(403, lacks, SAYS("Forbidden"), &err);
	cr_assert_str_eq(
		err.msg,
		"github answered 403: Forbidden; the token lacks a scope: needed is "
		"one of admin:org, repo; it has gist, read:org");
	refuse(403, none, SAYS("Forbidden"), &err);
	cr_assert(strstr(err.msg, "needed is one of repo; it has none"), "%s", err.msg);
	refuse(403, has, SAYS("Forbidden"), &err);
	cr_assert_str_eq(err.msg, "github answered 403: Forbidden");
	refuse(403, fine, SAYS("Resource not accessible"), &err);
	cr_assert(strstr(err.msg, "needed is pull_requests=read"), "%s", err.msg);
	refuse(403, sso, SAYS("Protected by SAML"), &err);
	cr_assert(strstr(err.msg, "https://github.com/orgs/o/sso?x=1"), "%s", err.msg);
	refuse(404, lacks, SAYS("Not Found"), &err);
	cr_assert(strstr(err.msg, "lacks a scope"), "%s", err.msg);
	cr_assert(strstr(err.hint, "may not see it"), "%s", err.hint);
	refuse(404, has, SAYS("Not Found"), &err);
	cr_assert_str_eq(err.msg, "github answered 404: Not Found");
}

Test(github_error, says_what_is_not_valid)
{
	static const struct {
		const char *body, *msg;
	} cases[] = {
		{ "{\"message\":\"Validation "
		  "Failed\",\"errors\":[{\"resource\":\"Search\","
		  "\"field\":\"q\",\"code\":\"missing\"}]}",
		  "github answered 422: Validation Failed: Search.q missing" },
		{ "{\"message\":\"Validation Failed\",\"errors\":[{\"message\":\"The "
		  "listed "
		  "users cannot be searched\",\"code\":\"invalid\"},{\"code\":\"x\"}]}",
		  "github answered 422: Validation Failed: The listed users cannot be "
		  "searched: x" },
		{ "{\"message\":\"Validation Failed\",\"errors\":[\"one\",\"two\"]}",
		  "github answered 422: Validation Failed: one: two" },
		{ "{\"message\":\"Validation Failed\",\"errors\":\"one\"}",
		  "github answered 422: Validation Failed: one" },
		{ "{\"message\":\"Only the first 1000 search results are available\"}",
		  "github answered 422: Only the first 1000 search results are "
		  "available" },
		{ "{\"message\":\"two\\nlines \\u001b[31m\\ud800\"}",
		  "github answered 422: two lines [31m\xEF\xBF\xBD" },
		{ "", "github answered 422" },
	};
	struct ct_err err;

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		cr_assert_eq(refuse(422, NULL, cases[i].body, &err), CT_EINVALID);
		cr_assert_str_eq(err.msg, cases[i].msg, "case %zu: %s", i, err.msg);
	}
}

Test(github_error, stays_within_its_line_whatever_is_said)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(1 << 20);
	struct ct_err err;

	ct_buf_puts(&body, "{\"message\":\"");
	for (int i = 0; i < 2000; i++)
		ct_buf_puts(&body, "ö");
	ct_buf_puts(&body, "\",\"errors\":[");
	for (int i = 0; i < 100; i++)
		ct_buf_puts(&body,
			    "{\"message\":\"0123456789012345678901234567890123\"},");
	ct_buf_puts(&body, "1,null,[],{}]}");
	cr_assert_eq(refuse(422, NULL, body.ptr, &err), CT_EINVALID);
	cr_assert(strlen(err.msg) < sizeof(err.msg));
	cr_assert_null(strstr(err.msg, "\xEF\xBF\xBD"), "%s", err.msg);
}

Test(github_error, says_that_a_repository_has_moved)
{
	static const char *const moved[] = { "location",
					     "https://api.github.com/repositories/1000",
					     NULL };
	static const int statuses[] = { 301, 302, 307, 308 };

	for (size_t i = 0; i < CT_COUNT(statuses); i++) {
		struct ct_err err;

		cr_assert_eq(refuse(statuses[i], moved, SAYS("Moved Permanently"), &err),
			     CT_EPROTO);
		cr_assert(strstr(err.msg, "not followed"), "%s", err.msg);
		cr_assert(strstr(err.hint, "renamed"), "%d: %s", statuses[i], err.hint);
	}
}

/* GitHub as the sandbox has it: repositories, pull requests and searches by plain rules. */
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "codec/query.h"
#include "service/sandbox_call.h"

enum {
	TOTAL = 42, /* results, and pull requests, where nothing else is said */
	TOTAL_MAX = 100000,
	REACH = 1000, /* results that can be had of one search */
	PER_PAGE = 30,
	PER_PAGE_MAX = 100,
	QUERY_MAX = 256, /* characters */
	DOCUMENT_BYTES = 16 << 20,
	LINK_BYTES = 32 << 10,
};

/* A request while its answer is written. */
struct ask {
	struct ct_sandbox_call *call;
	struct ct_str path, query; /* path without the prefix; query as it came */
	int64_t page, per_page, total;
	int status;
	const char *scope; /* one that the token lacks; NULL: none */
	struct ct_str location;
	struct ct_jw jw;
};

static void put(struct ask *a, const char *key, const char *fmt, ...) CT_PRINTF(3, 4);

static void put(struct ask *a, const char *key, const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ct_jw_member(&a->jw, key, ct_str(text));
}

static void refuse(struct ask *a, int status, const char *message)
{
	a->status = status;
	ct_jw_object(&a->jw);
	put(a, "message", "%s", message);
	put(a, "documentation_url", "https://docs.github.com/rest");
	put(a, "status", "%d", status);
	ct_jw_end_object(&a->jw);
}

static void refuse_query(struct ask *a, const char *code, const char *message)
{
	a->status = 422;
	ct_jw_object(&a->jw);
	put(a, "message", "Validation Failed");
	ct_jw_key(&a->jw, "errors");
	ct_jw_array(&a->jw);
	ct_jw_object(&a->jw);
	put(a, "message", "[sandbox] %s", message);
	put(a, "resource", "Search");
	put(a, "field", "q");
	put(a, "code", "%s", code);
	ct_jw_end_object(&a->jw);
	ct_jw_end_array(&a->jw);
	put(a, "documentation_url", "https://docs.github.com/rest/search");
	ct_jw_end_object(&a->jw);
}

static void read_page(struct ask *a)
{
	a->page = ct_query_int(a->query, "page", 1);
	a->per_page = ct_query_int(a->query, "per_page", PER_PAGE);
	if (a->page < 1 || a->page > TOTAL_MAX)
		a->page = 1;
	if (a->per_page < 1)
		a->per_page = PER_PAGE;
	if (a->per_page > PER_PAGE_MAX)
		a->per_page = PER_PAGE_MAX;
}

/* "find 250" has so many, "find nothing" none. */
static int64_t total_of(struct ct_str query)
{
	static const char word[] = "find ";
	const char *at = memmem(query.ptr, query.len, word, sizeof(word) - 1);
	int64_t total = 0;

	if (ct_str_has(query, "find nothing"))
		return 0;
	if (at == NULL)
		return TOTAL;
	at += sizeof(word) - 1;
	if (at == query.ptr + query.len || *at < '0' || *at > '9')
		return TOTAL;
	for (; at < query.ptr + query.len && *at >= '0' && *at <= '9'; at++)
		if (total < TOTAL_MAX)
			total = total * 10 + (*at - '0');
	return total < TOTAL_MAX ? total : TOTAL_MAX;
}

static void put_owner(struct ask *a, const char *key, struct ct_str login)
{
	ct_jw_key(&a->jw, key);
	ct_jw_object(&a->jw);
	put(a, "login", "%.*s", CT_STR_ARG(login));
	put(a, "html_url", "https://sandbox.example/%.*s", CT_STR_ARG(login));
	put(a, "type", "User");
	ct_jw_end_object(&a->jw);
}

static void put_repository(struct ask *a, struct ct_str owner, struct ct_str name,
			   const char *about)
{
	put(a, "full_name", "%.*s/%.*s", CT_STR_ARG(owner), CT_STR_ARG(name));
	put(a, "name", "%.*s", CT_STR_ARG(name));
	put_owner(a, "owner", owner);
	ct_jw_member_bool(&a->jw, "private", false);
	put(a, "html_url", "https://sandbox.example/%.*s/%.*s", CT_STR_ARG(owner),
	    CT_STR_ARG(name));
	put(a, "description", "[sandbox] %s", about);
	ct_jw_member_bool(&a->jw, "fork", false);
	ct_jw_member_bool(&a->jw, "archived", false);
	put(a, "language", "C");
	ct_jw_member_int(&a->jw, "stargazers_count", TOTAL);
	ct_jw_member_int(&a->jw, "forks_count", 7);
	ct_jw_member_int(&a->jw, "subscribers_count", 3);
	ct_jw_member_int(&a->jw, "open_issues_count", TOTAL);
	put(a, "default_branch", "main");
	put(a, "visibility", "public");
	put(a, "created_at", "2026-01-01T00:00:00Z");
	put(a, "updated_at", "2026-01-02T00:00:00Z");
	put(a, "pushed_at", "2026-01-02T00:00:00Z");
}

static void put_file(struct ask *a, int64_t n)
{
	put(a, "name", "file-%lld.c", (long long)n);
	put(a, "path", "src/file-%lld.c", (long long)n);
	put(a, "html_url", "https://sandbox.example/sandbox/repository/src/file-%lld.c",
	    (long long)n);
	ct_jw_key(&a->jw, "repository");
	ct_jw_object(&a->jw);
	put_repository(a, ct_str("sandbox"), ct_str("repository"), "no real repository");
	ct_jw_end_object(&a->jw);
	ct_jw_key(&a->jw, "text_matches");
	ct_jw_array(&a->jw);
	ct_jw_object(&a->jw);
	put(a, "property", "content");
	put(a, "fragment", "/* [sandbox] no real file: line %lld */", (long long)n);
	ct_jw_end_object(&a->jw);
	ct_jw_end_array(&a->jw);
}

static void put_issue(struct ask *a, struct ct_str query, int64_t n)
{
	ct_jw_member_int(&a->jw, "number", n);
	put(a, "title", "[sandbox] Issue %lld for: %.*s", (long long)n, CT_STR_ARG(query));
	put(a, "state", "open");
	put(a, "html_url", "https://sandbox.example/sandbox/repository/issues/%lld",
	    (long long)n);
	put(a, "body", "[sandbox] github here, no real issue.");
	put_owner(a, "user", ct_str("sandbox"));
}

static void put_user(struct ask *a, int64_t n)
{
	put(a, "login", "sandbox-user-%lld", (long long)n);
	put(a, "html_url", "https://sandbox.example/sandbox-user-%lld", (long long)n);
	put(a, "type", "User");
	put(a, "bio", "[sandbox] no real user");
}

static void put_result(struct ask *a, const char *type, struct ct_str query, int64_t n)
{
	struct ct_str name = ct_arena_printf(&a->call->arena, "repository-%lld", (long long)n);
	char about[512];

	ct_jw_object(&a->jw);
	snprintf(about, sizeof(about), "no real repository: result %lld for: %.*s",
		 (long long)n, CT_STR_ARG(query));
	if (strcmp(type, "repositories") == 0)
		put_repository(a, ct_str("sandbox"), name, about);
	else if (strcmp(type, "code") == 0)
		put_file(a, n);
	else if (strcmp(type, "issues") == 0)
		put_issue(a, query, n);
	else
		put_user(a, n);
	ct_jw_key(&a->jw, "score");
	ct_jw_num(&a->jw, 1.0 / (double)n);
	ct_jw_end_object(&a->jw);
}

static void search(struct ask *a, const char *type)
{
	struct ct_str query = ct_query_get(a->query, "q", &a->call->arena);

	if (ct_str_trim(query).len == 0) {
		refuse_query(a, "missing", "there is no query");
		return;
	}
	if (query.len > QUERY_MAX) {
		refuse_query(a, "invalid", "The search is longer than 256 characters.");
		return;
	}
	if (a->page * a->per_page > REACH + a->per_page - 1) {
		refuse(a, 422, "Only the first 1000 search results are available");
		return;
	}
	a->total = total_of(query);
	ct_jw_object(&a->jw);
	ct_jw_member_int(&a->jw, "total_count", a->total);
	ct_jw_member_bool(&a->jw, "incomplete_results", ct_str_has(query, "out of time"));
	ct_jw_key(&a->jw, "items");
	ct_jw_array(&a->jw);
	a->total = a->total < REACH ? a->total : REACH;
	for (int64_t n = (a->page - 1) * a->per_page + 1;
	     n <= a->page * a->per_page && n <= a->total; n++)
		put_result(a, type, query, n);
	ct_jw_end_array(&a->jw);
	ct_jw_end_object(&a->jw);
}

/* Every third pull request is closed, every sixth was merged. */
static bool is_closed(int64_t n)
{
	return n % 3 == 0;
}

static void put_branch(struct ask *a, const char *key, const char *ref)
{
	ct_jw_key(&a->jw, key);
	ct_jw_object(&a->jw);
	put(a, "label", "sandbox:%s", ref);
	put(a, "ref", "%s", ref);
	ct_jw_end_object(&a->jw);
}

static void put_pull(struct ask *a, struct ct_str repository, int64_t n, bool alone)
{
	bool merged = n % 6 == 0;

	ct_jw_object(&a->jw);
	ct_jw_member_int(&a->jw, "number", n);
	put(a, "title", "[sandbox] Pull request %lld", (long long)n);
	put(a, "state", is_closed(n) ? "closed" : "open");
	ct_jw_member_bool(&a->jw, "draft", !is_closed(n) && n % 5 == 0);
	put(a, "html_url", "https://sandbox.example/%.*s/pull/%lld", CT_STR_ARG(repository),
	    (long long)n);
	put(a, "body", "[sandbox] github here, no real pull request.");
	put_owner(a, "user", ct_str("sandbox"));
	put_branch(a, "head", "topic");
	put_branch(a, "base", "main");
	put(a, "created_at", "2026-01-01T00:00:00Z");
	put(a, "updated_at", "2026-01-02T00:00:00Z");
	ct_jw_member_or_null(&a->jw, "merged_at",
			     ct_str(merged ? "2026-01-02T00:00:00Z" : NULL));
	if (alone) {
		ct_jw_member_bool(&a->jw, "merged", merged);
		ct_jw_member_int(&a->jw, "commits", 1);
		ct_jw_member_int(&a->jw, "additions", n);
		ct_jw_member_int(&a->jw, "deletions", 1);
		ct_jw_member_int(&a->jw, "changed_files", 1);
	}
	ct_jw_end_object(&a->jw);
}

static bool is_listed(struct ct_str state, int64_t n)
{
	return ct_str_is(state, "all") || ct_str_is(state, "closed") == is_closed(n);
}

static void list_pulls(struct ask *a, struct ct_str repository)
{
	struct ct_str state = ct_query_get(a->query, "state", &a->call->arena);
	int64_t from = (a->page - 1) * a->per_page, until = from + a->per_page;

	ct_jw_array(&a->jw);
	for (int64_t n = TOTAL; n > 0; n--) {
		if (!is_listed(state, n))
			continue;
		if (a->total >= from && a->total < until)
			put_pull(a, repository, n, false);
		a->total++;
	}
	ct_jw_end_array(&a->jw);
}

/* "/pulls/12" behind the repository. */
static void show_pull(struct ask *a, struct ct_str repository, struct ct_str number)
{
	int64_t n;

	if (ct_str_int(number, &n) && n > 0 && n <= TOTAL)
		put_pull(a, repository, n, true);
	else
		refuse(a, 404, "Not Found");
}

/* Names that stand for what may go wrong with a repository. False: this is none of them. */
static bool goes_wrong(struct ask *a, struct ct_str name)
{
	if (ct_str_is(name, "missing")) {
		refuse(a, 404, "Not Found");
	} else if (ct_str_is(name, "private")) {
		a->scope = "repo";
		refuse(a, 404, "Not Found");
	} else if (ct_str_is(name, "forbidden")) {
		a->scope = "repo";
		refuse(a, 403, "[sandbox] Resource not accessible by this token");
	} else if (ct_str_is(name, "moved")) {
		refuse(a, 301, "Moved Permanently");
		a->location = ct_arena_printf(&a->call->arena,
					      "http://127.0.0.1:%d/github/repositories/1",
					      ct_sandbox_port(a->call->sandbox));
	} else {
		return false;
	}
	return true;
}

static struct ct_str take_part(struct ct_str *path)
{
	const char *slash = path->len > 0 ? memchr(path->ptr, '/', path->len) : NULL;
	struct ct_str part = { path->ptr,
			       slash != NULL ? (size_t)(slash - path->ptr) : path->len };

	*path = ct_str_from(*path, part.len + 1);
	return part;
}

static void repository(struct ask *a)
{
	struct ct_str rest = ct_str_from(a->path, strlen("/repos/"));
	struct ct_str whole = rest, owner = take_part(&rest), name = take_part(&rest);

	whole.len = owner.len + 1 + name.len;
	if (owner.len == 0 || name.len == 0 || whole.len > 300) {
		refuse(a, 404, "Not Found");
	} else if (goes_wrong(a, name)) {
		return;
	} else if (rest.len == 0) {
		ct_jw_object(&a->jw);
		put_repository(a, owner, name, "github here, no real repository");
		ct_jw_end_object(&a->jw);
	} else if (ct_str_is(rest, "pulls")) {
		list_pulls(a, whole);
	} else if (ct_str_starts(rest, "pulls/")) {
		show_pull(a, whole, ct_str_from(rest, strlen("pulls/")));
	} else {
		refuse(a, 404, "Not Found");
	}
}

static void route(struct ask *a)
{
	static const char *const types[] = { "repositories", "code", "issues", "users" };

	if (!ct_str_is(a->call->method, "GET")) {
		refuse(a, 404, "Not Found");
		return;
	}
	for (size_t i = 0; i < CT_COUNT(types); i++)
		if (ct_str_starts(a->path, "/search/") &&
		    ct_str_is(ct_str_from(a->path, strlen("/search/")), types[i])) {
			search(a, types[i]);
			return;
		}
	if (ct_str_starts(a->path, "/repos/"))
		repository(a);
	else if (ct_str_is(a->path, "/rate_limit"))
		ct_jw_raw(&a->jw, ct_str("{\"resources\":{\"core\":{\"limit\":5000,\"used\":0,"
					 "\"remaining\":5000,\"reset\":0}},\"sandbox\":\"no "
					 "real limits\"}"));
	else
		refuse(a, 404, "[sandbox] no such endpoint here: see cartrita-sandbox(1)");
}

/* <…&page=N>; rel="NAME", with the query's other parameters as they came. */
static void put_link(struct ask *a, struct ct_buf *out, int64_t page, const char *name)
{
	struct ct_str rest = a->query;

	ct_buf_printf(out, "%s<http://127.0.0.1:%d/github%.*s?", out->len > 0 ? ", " : "",
		      ct_sandbox_port(a->call->sandbox), CT_STR_ARG(a->path));
	while (rest.len > 0) {
		const char *end = memchr(rest.ptr, '&', rest.len);
		struct ct_str pair = { rest.ptr, end != NULL ? (size_t)(end - rest.ptr)
							     : rest.len };
		rest = ct_str_from(rest, pair.len + 1);
		if (ct_str_starts(pair, "page="))
			continue;
		for (size_t i = 0; i < pair.len; i++)
			if (strchr("<>\" ", pair.ptr[i]) != NULL)
				ct_buf_printf(out, "%%%02X", (unsigned char)pair.ptr[i]);
			else
				ct_buf_append(out, pair.ptr + i, 1);
		ct_buf_puts(out, "&");
	}
	ct_buf_printf(out, "page=%lld>; rel=\"%s\"", (long long)page, name);
}

static void add_links(struct ask *a, struct ct_headers *headers)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf links = CT_BUF_INIT(LINK_BYTES);
	int64_t last = (a->total + a->per_page - 1) / a->per_page;

	if (a->page > 1) {
		put_link(a, &links, 1, "first");
		put_link(a, &links, a->page - 1, "prev");
	}
	if (a->page < last) {
		put_link(a, &links, a->page + 1, "next");
		put_link(a, &links, last, "last");
	}
	if (links.len > 0 && !links.failed)
		ct_headers_add(headers, ct_str("Link"), ct_buf_str(&links));
}

/* It limits nothing, but says what the real one says. */
void ct_sandbox_github_headers(struct ct_sandbox_call *call, const char *scope,
			       struct ct_headers *headers)
{
	bool is_search = ct_str_has(call->path, "/search/");
	int64_t limit = is_search ? 30 : 5000;

	ct_headers_add(headers, ct_str("x-ratelimit-limit"),
		       ct_arena_printf(&call->arena, "%lld", (long long)limit));
	ct_headers_add(headers, ct_str("x-ratelimit-remaining"),
		       ct_arena_printf(&call->arena, "%lld", (long long)limit - 1));
	ct_headers_add(headers, ct_str("x-ratelimit-reset"),
		       ct_arena_printf(&call->arena, "%lld",
				       (long long)(ct_time_now().wall_ms / 1000 + 60)));
	ct_headers_add(headers, ct_str("x-ratelimit-resource"),
		       ct_str(is_search ? "search" : "core"));
	ct_headers_add(headers, ct_str("X-OAuth-Scopes"),
		       ct_str(scope != NULL ? "gist" : "gist, repo"));
	if (scope != NULL)
		ct_headers_add(headers, ct_str("X-Accepted-OAuth-Scopes"), ct_str(scope));
}

static void answer(struct ask *a, struct ct_buf *body)
{
	struct ct_sandbox_call *call = a->call;
	struct ct_headers *headers = &call->headers;

	ct_sandbox_github_headers(call, a->scope, headers);
	if (a->location.len > 0)
		ct_headers_add(headers, ct_str("Location"), a->location);
	if (a->status != 200) {
		ct_sandbox_reply(call, a->status, "application/json", ct_buf_str(body),
				 headers);
		return;
	}
	add_links(a, headers);
	call->document = ct_arena_dup(&call->arena, ct_buf_str(body));
	call->fault = ct_plan_next(&call->sandbox->plan, call->provider, false,
				   ct_clock_us() / 1000);
	ct_sandbox_chat(call);
}

void ct_sandbox_github(struct ct_sandbox_call *call, const struct ct_server_request *request,
		       struct ct_str path)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(DOCUMENT_BYTES);
	struct ask a = { .call = call,
			 .path = path,
			 .query = request->query,
			 .status = 200,
			 .jw = ct_jw(&body) };

	call->headers.arena = &call->arena;
	if (ct_headers_get(request->headers, "user-agent").len == 0) {
		refuse(&a, 403, "Request forbidden by administrative rules. Please make sure "
				"your request has a User-Agent header");
	} else if (!call->has_key) {
		refuse(&a, 401, "Requires authentication");
	} else {
		read_page(&a);
		route(&a);
	}
	if (body.failed)
		ct_sandbox_error(call, 500, CT_ENOMEM, ct_str("no memory for an answer"), -1);
	else
		answer(&a, &body);
}

/* GitHub's REST API, for searching and reading: wire/github. */
#include "provider/github.h"

#include "net/url.h"
#include "provider/ask.h"
#include "provider/vendors.h"

enum { PAGE_MOST = 100 };

static const char *const types[] = {
	[CT_SEARCH_REPOSITORIES] = "repositories",
	[CT_SEARCH_CODE] = "code",
	[CT_SEARCH_ISSUES] = "issues",
	[CT_SEARCH_USERS] = "users",
};

static void warn_of(struct ct_ask *ask, bool given, const char *what)
{
	if (given)
		ct_ask_warn(ask, "%.*s takes no %s: not sent",
			    CT_STR_ARG(ask->endpoint->name), what);
}

static void warn_of_rest(struct ct_ask *ask, const struct ct_search *s)
{
	warn_of(ask, s->depth.len > 0, "depth");
	warn_of(ask, s->topic.len > 0, "topic");
	warn_of(ask, s->time_range.len > 0, "time range");
	warn_of(ask, s->include_count + s->exclude_count > 0, "domains");
	warn_of(ask, s->answer, "answer in words");
}

/* -o sort=stars: a body that is none has no members, an address has parameters. */
static void add_options(struct ct_buf *url, struct ct_arena *arena,
			const struct ct_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct ct_json *value;

		if (ct_json_parse(arena, options[i].json, CT_JSON_LENIENT, &value,
				  NULL) != CT_OK)
			continue;
		ct_buf_puts(url, "&");
		ct_buf_add(url, ct_ask_escape(arena, options[i].key));
		ct_buf_puts(url, "=");
		ct_buf_add(url, ct_ask_escape(arena, value->text));
	}
}

static void search_url(struct ct_ask *ask, struct ct_buf *url)
{
	const struct ct_search *s = ask->request->search;
	int64_t count = s->limit < PAGE_MOST ? s->limit : PAGE_MOST;

	ct_buf_printf(url, "/search/%s?q=", types[s->type]);
	ct_buf_add(url, ct_ask_escape(ask->arena, s->query));
	ct_buf_printf(url, "&per_page=%lld", (long long)(count > 0 ? count : 1));
	add_options(url, ask->arena, ask->endpoint->options, ask->endpoint->option_count);
	add_options(url, ask->arena, ask->request->options, ask->request->option_count);
	if (s->page.len == 0)
		warn_of_rest(ask, s);
}

static bool same_origin(const struct ct_url *a, const struct ct_url *b)
{
	return a->https == b->https && a->port == b->port && a->host.len == b->host.len &&
	       strncasecmp(a->host.ptr, b->host.ptr, a->host.len) == 0;
}

/*
 * The next page is asked for with the key: its address must be the provider's own. One that
 * names GitHub's own address stands, behind a proxy, for the proxy's.
 */
static int next_page(const struct ct_ask *ask, struct ct_str first, struct ct_str *out,
		     struct ct_err *err)
{
	const struct ct_vendor *vendor = ask->endpoint->vendor;
	struct ct_str name = ask->endpoint->name, joined;
	struct ct_url base, own, next;

	int rc = ct_url_parse(ask->endpoint->base_url, &base, err);
	if (rc == CT_OK)
		rc = ct_url_parse(ct_str(vendor->base_url), &own, err);
	if (rc != CT_OK)
		return rc;
	if (ct_url_join(first, ask->request->search->page, ask->arena, &joined, NULL) !=
		    CT_OK ||
	    ct_url_parse(joined, &next, NULL) != CT_OK)
		return ct_fail(err, CT_EPROTO, "%.*s names no address for its next page",
			       CT_STR_ARG(name));
	if (same_origin(&next, &base))
		*out = joined;
	else if (same_origin(&next, &own))
		*out = ct_arena_printf(ask->arena, "%.*s%.*s",
				       CT_STR_ARG(ask->endpoint->base_url),
				       CT_STR_ARG(next.rest));
	else
		return ct_fail(
			err, CT_EPROTO,
			"%.*s names another host for its next page (%.*s): the key "
			"does not go there",
			CT_STR_ARG(name), CT_STR_ARG(next.host));
	return out->ptr != NULL ? CT_OK : ct_fail(err, CT_ENOMEM, "out of memory");
}

static int address(struct ct_ask *ask, struct ct_str *out, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf url = CT_BUF_INIT(CT_URL_MAX);
	const struct ct_search *s = ask->request->search;

	ct_buf_add(&url, ask->endpoint->base_url);
	if (ask->request->task == CT_TASK_SEARCH)
		search_url(ask, &url);
	else
		ct_buf_printf(&url, "/%.*s", CT_STR_ARG(s->path));
	if (url.failed == CT_ETOOBIG)
		return ct_fail(err, CT_EINVALID, "the query is too long for an address");
	*out = ct_arena_dup(ask->arena, ct_buf_str(&url));
	if (url.failed || out->ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	return s->page.len > 0 ? next_page(ask, *out, out, err) : CT_OK;
}

/* Fragments that matched come with searches; the version is pinned, so that members stay. */
static int headers(const struct ct_endpoint *endpoint, bool search,
		   struct ct_http_request *out, struct ct_err *err)
{
	const char *accept = search ? "application/vnd.github.text-match+json"
				    : "application/vnd.github+json";
	struct ct_str version = endpoint->api_version;
	int rc = ct_ask_key(endpoint, out, "Authorization", "Bearer ", err);

	if (rc == CT_OK)
		rc = ct_ask_header(endpoint, out, "Accept", ct_str(accept), err);
	if (rc == CT_OK)
		rc = ct_ask_header(endpoint, out, "X-GitHub-Api-Version",
				   version.len > 0 ? version : ct_str("2022-11-28"), err);
	return rc;
}

static int request(const struct ct_endpoint *endpoint, const struct ct_request *r,
		   const struct ct_model *model, struct ct_arena *arena,
		   struct ct_http_request *out, struct ct_warnings *warnings,
		   struct ct_err *err)
{
	struct ct_ask ask = { .endpoint = endpoint,
			      .request = r,
			      .model = model,
			      .arena = arena,
			      .out = out,
			      .warnings = warnings };
	bool search = r->task == CT_TASK_SEARCH;
	struct ct_str url = { NULL, 0 };

	if (r->search == NULL || (!search && r->task != CT_TASK_READ))
		return ct_fail(err, CT_EINVALID,
			       "%.*s can be searched and read, and nothing else",
			       CT_STR_ARG(endpoint->name));
	int rc = headers(endpoint, search, out, err);
	if (rc == CT_OK)
		rc = address(&ask, &url, err);
	return rc == CT_OK ? ct_ask_get(endpoint, out, url, err) : rc;
}

/* What is left of the limits: it counts towards none. */
static int health(const struct ct_endpoint *endpoint, struct ct_arena *arena,
		  struct ct_http_request *out, struct ct_err *err)
{
	int rc = headers(endpoint, false, out, err);

	return rc == CT_OK
		       ? ct_ask_get(endpoint, out,
				    ct_ask_url(endpoint, arena, "", "/rate_limit"), err)
		       : rc;
}

static const struct ct_dialect *dialect(const struct ct_endpoint *endpoint,
					enum ct_task task)
{
	(void)endpoint;
	return task == CT_TASK_READ ? &ct_dialect_github_read : &ct_dialect_github_search;
}

const struct ct_vendor ct_vendor_github = {
	.kind = "github",
	.base_url = "https://api.github.com",
	.base_url_env = "GITHUB_BASE_URL",
	.base_url_env_too = "GITHUB_API_URL", /* as GitHub's own runners set it */
	.key_env = { "GITHUB_API_KEY", "GITHUB_TOKEN" },
	.capabilities = CT_CAN_SEARCH | CT_CAN_READ,
	.request = request,
	.health = health,
	.dialect = dialect,
	.refine = ct_github_refine,
};

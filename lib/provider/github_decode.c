/* GitHub's answers: pages of results, repositories, pull requests. */
#include <math.h>

#include "codec/link.h"
#include "provider/github.h"

/* The URL of the next page stands in no body, but in the answer's Link field. */
static int tell_page(struct ct_decoder *d, int64_t total, bool incomplete,
		     struct ct_err *err)
{
	struct ct_event event = {
		.type = CT_EVENT_PAGE,
		.total = total,
		.incomplete = incomplete,
		.next = ct_utf8_clean_dup(&d->chunk, ct_link_find(d->headers, "next")),
	};

	return d->on_event(d->user, &event, err);
}

static int another_shape(const struct ct_decoder *d, const char *what, struct ct_err *err)
{
	return ct_fail(err, CT_EPROTO, "%.*s answered with another shape: %s",
		       CT_STR_ARG(d->endpoint->name), what);
}

/* All of the document was there, and was what it should be. */
static int end_document(struct ct_decoder *d)
{
	d->valid = d->done = true;
	ct_mark_end(d, CT_FINISH_STOP, ct_str("stop"));
	return CT_OK;
}

/* The first of these that is a text with something in it. */
static struct ct_str first_text(const struct ct_json *item, const char *const *paths)
{
	for (; *paths != NULL; paths++) {
		struct ct_str text = ct_json_str_at(item, *paths);
		if (ct_str_trim(text).len > 0)
			return text;
	}
	return (struct ct_str){ NULL, 0 };
}

/* A file is named by its repository and path, anything else has a name. */
static struct ct_str title_of(struct ct_decoder *d, const struct ct_json *item)
{
	static const char *const names[] = { "title", "full_name", "login", NULL };
	struct ct_str title = first_text(item, names);
	struct ct_str path = ct_json_str_at(item, "path");
	struct ct_str repository = ct_json_str_at(item, "repository.full_name");

	if (title.len > 0 || path.len == 0 || repository.len == 0)
		return title;
	return ct_arena_printf(&d->chunk, "%.*s: %.*s", CT_STR_ARG(repository),
			       CT_STR_ARG(path));
}

/* What matched, as far as GitHub shows it. */
static struct ct_str fragments_of(struct ct_decoder *d, const struct ct_json *item)
{
	enum { SNIPPET_BYTES = 8192 };
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(SNIPPET_BYTES);
	const struct ct_json *match = ct_json_first(ct_json_get(item, "text_matches"));

	for (; match != NULL; match = match->next) {
		struct ct_str fragment = ct_str_trim(ct_json_str_at(match, "fragment"));
		if (fragment.len == 0 || text.len + fragment.len + 8 > SNIPPET_BYTES)
			continue;
		ct_buf_puts(&text, text.len > 0 ? " … " : "");
		ct_buf_add(&text, fragment);
	}
	return text.len > 0 ? ct_arena_dup(&d->chunk, ct_buf_str(&text))
			    : (struct ct_str){ NULL, 0 };
}

/* A repository and a person describe themselves; of a long text what matched says more. */
static struct ct_str snippet_of(struct ct_decoder *d, const struct ct_json *item)
{
	static const char *const own[] = { "description", "bio", NULL };
	static const char *const other[] = { "body", "type", NULL };
	struct ct_str text = first_text(item, own);

	if (text.len == 0)
		text = fragments_of(d, item);
	/* of a file nothing else is there, but its path */
	if (text.len == 0 && ct_json_get(item, "repository") == NULL)
		text = first_text(item, other);
	return text;
}

static int bring_item(struct ct_decoder *d, const struct ct_json *item, struct ct_str url,
		      struct ct_err *err)
{
	const struct ct_json *score = ct_json_get(item, "score");
	struct ct_found found = {
		.title = title_of(d, item),
		.url = url,
		.text = snippet_of(d, item),
		.score = ct_json_num(score, NAN),
	};

	bool code = ct_json_get(item, "repository") != NULL;

	found.has_score = !isnan(found.score);
	return ct_bring_found(d, &found, code ? CT_FOUND_CODE : CT_FOUND_SNIPPET, err);
}

/* What does not say where it is cannot be shown, but keeps nobody from the others. */
static int bring_items(struct ct_decoder *d, const struct ct_json *item, struct ct_err *err)
{
	int64_t usable = 0, all = 0;
	int rc = CT_OK;

	for (; item != NULL && rc == CT_OK; item = item->next, all++) {
		struct ct_str url = ct_str_trim(ct_json_str_at(item, "html_url"));
		if (url.len > 0 && url.len <= CT_FOUND_URL_MAX) {
			usable++;
			rc = bring_item(d, item, url, err);
		} else {
			rc = ct_bring_bad(d, err);
		}
	}
	if (rc == CT_OK && usable == 0 && all > 0)
		rc = another_shape(d, "results without addresses", err);
	return rc;
}

static int search_chunk(struct ct_decoder *d, const struct ct_json *json,
			struct ct_str name, struct ct_err *err)
{
	const struct ct_json *items = ct_json_get(json, "items");
	int64_t total = ct_json_int_at(json, "total_count", -1);

	(void)name;
	if (!ct_json_is(items, CT_JSON_ARRAY))
		return another_shape(d, "a search without items", err);
	bool incomplete = ct_json_true(ct_json_get(json, "incomplete_results"));
	int rc = tell_page(d, total < 0 ? -1 : total, incomplete, err);
	if (rc == CT_OK)
		rc = bring_items(d, items->first, err);
	return rc == CT_OK ? end_document(d) : rc;
}

const struct ct_dialect ct_dialect_github_search = {
	.name = "github search",
	.chunk = search_chunk,
	.whole = true,
};

/* A member that is kept; of an object, or of the objects of an array, those below. */
struct member {
	const char *key;
	const struct member *below; /* NULL: all of it */
};

static const struct member person[] = { { "login", NULL }, { "html_url", NULL }, { 0 } };
static const struct member label[] = { { "name", NULL }, { 0 } };
static const struct member license[] = { { "spdx_id", NULL }, { "name", NULL }, { 0 } };
static const struct member named[] = { { "full_name", NULL },
				       { "html_url", NULL },
				       { 0 } };
static const struct member titled[] = { { "title", NULL }, { 0 } };
static const struct member branch[] = {
	{ "label", NULL }, { "ref", NULL }, { "sha", NULL }, { "repo", named }, { 0 }
};

static const struct member repository[] = {
	{ "full_name", NULL },
	{ "description", NULL },
	{ "html_url", NULL },
	{ "owner", person },
	{ "homepage", NULL },
	{ "language", NULL },
	{ "license", license },
	{ "topics", NULL },
	{ "stargazers_count", NULL },
	{ "forks_count", NULL },
	{ "subscribers_count", NULL },
	{ "open_issues_count", NULL },
	{ "default_branch", NULL },
	{ "visibility", NULL },
	{ "private", NULL },
	{ "archived", NULL },
	{ "disabled", NULL },
	{ "fork", NULL },
	{ "parent", named },
	{ "is_template", NULL },
	{ "size", NULL },
	{ "clone_url", NULL },
	{ "created_at", NULL },
	{ "updated_at", NULL },
	{ "pushed_at", NULL },
	{ 0 },
};

static const struct member pull[] = {
	{ "number", NULL },
	{ "title", NULL },
	{ "state", NULL },
	{ "draft", NULL },
	{ "html_url", NULL },
	{ "user", person },
	{ "body", NULL },
	{ "labels", label },
	{ "assignees", person },
	{ "milestone", titled },
	{ "requested_reviewers", person },
	{ "head", branch },
	{ "base", branch },
	{ "created_at", NULL },
	{ "updated_at", NULL },
	{ "closed_at", NULL },
	{ "merged_at", NULL },
	{ 0 },
};

/* What only a pull request that is asked for by itself has. */
static const struct member pull_alone[] = {
	{ "merged", NULL },
	{ "mergeable", NULL },
	{ "mergeable_state", NULL },
	{ "merged_by", person },
	{ "comments", NULL },
	{ "review_comments", NULL },
	{ "commits", NULL },
	{ "additions", NULL },
	{ "deletions", NULL },
	{ "changed_files", NULL },
	{ 0 },
};

static void write_members(struct ct_jw *jw, const struct ct_json *object,
			  const struct member *members);

/* What has no members of its own although it should is as good as missing. */
static void write_kept(struct ct_jw *jw, const struct ct_json *value,
		       const struct member *below)
{
	if (value != NULL && below == NULL) {
		ct_jw_value(jw, value);
	} else if (ct_json_is(value, CT_JSON_ARRAY)) {
		ct_jw_array(jw);
		for (value = value->first; value != NULL; value = value->next)
			write_kept(jw, value, below);
		ct_jw_end_array(jw);
	} else if (ct_json_is(value, CT_JSON_OBJECT)) {
		ct_jw_object(jw);
		write_members(jw, value, below);
		ct_jw_end_object(jw);
	} else {
		ct_jw_null(jw);
	}
}

static void write_members(struct ct_jw *jw, const struct ct_json *object,
			  const struct member *members)
{
	for (; members->key != NULL; members++) {
		ct_jw_key(jw, members->key);
		write_kept(jw, ct_json_get(object, members->key), members->below);
	}
}

static bool is_repository(const struct ct_json *json)
{
	return ct_json_str_at(json, "full_name").len > 0 &&
	       ct_json_str_at(json, "html_url").len > 0;
}

static bool is_pull(const struct ct_json *json)
{
	return ct_json_int_at(json, "number", 0) > 0 &&
	       ct_json_is(ct_json_get(json, "title"), CT_JSON_STRING) &&
	       ct_json_str_at(json, "state").len > 0 &&
	       ct_json_str_at(json, "html_url").len > 0;
}

static int write_pulls(struct ct_decoder *d, struct ct_jw *jw, const struct ct_json *list,
		       struct ct_err *err)
{
	ct_jw_array(jw);
	for (list = list->first; list != NULL; list = list->next) {
		if (!is_pull(list))
			return another_shape(d, "what is no pull request in a list", err);
		write_kept(jw, list, pull);
	}
	ct_jw_end_array(jw);
	return CT_OK;
}

static int write_record(struct ct_decoder *d, struct ct_jw *jw,
			const struct ct_json *json, struct ct_err *err)
{
	if (ct_json_is(json, CT_JSON_ARRAY))
		return write_pulls(d, jw, json, err);
	if (!is_repository(json) && !is_pull(json))
		return another_shape(d, "neither a repository nor a pull request", err);
	ct_jw_object(jw);
	write_members(jw, json, is_pull(json) ? pull : repository);
	if (is_pull(json))
		write_members(jw, json, pull_alone);
	ct_jw_end_object(jw);
	return CT_OK;
}

static int read_chunk(struct ct_decoder *d, const struct ct_json *json,
		      struct ct_str name, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_BODY_MAX_BYTES);
	struct ct_jw jw = ct_jw(&text);

	(void)name;
	int rc = write_record(d, &jw, json, err);
	if (rc == CT_OK)
		rc = ct_buf_check(&text, "the answer", err);
	if (rc == CT_OK)
		rc = tell_page(d, -1, false, err);
	if (rc == CT_OK)
		rc = ct_bring_text(d, ct_buf_str(&text), err);
	return rc == CT_OK ? end_document(d) : rc;
}

const struct ct_dialect ct_dialect_github_read = {
	.name = "github read",
	.chunk = read_chunk,
	.whole = true,
};

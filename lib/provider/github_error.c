/* What GitHub means by its statuses, some of which mean several things: wire/github, "Errors". */
#include <stdio.h>

#include "codec/plain.h"
#include "provider/github.h"

enum {
	SECONDARY_WAIT_MS = 60 * 1000, /* where a secondary limit does not say how long */
	DETAILS_MAX = 8, /* reasons that are listed */
	DETAIL_BYTES = 240,
};

static struct ct_str header(const struct ct_refusal *r, const char *name)
{
	return ct_headers_get(r->headers, name);
}

/* Does the message, in whatever case, say that? */
static bool says(const struct ct_refusal *r, const char *words)
{
	struct ct_str text = ct_json_str_at(r->body, "message");
	size_t len = strlen(words);

	for (size_t at = 0; at + len <= text.len; at++)
		if (strncasecmp(text.ptr + at, words, len) == 0)
			return true;
	return false;
}

static bool is_secondary(const struct ct_refusal *r)
{
	return says(r, "secondary rate limit") || says(r, "abuse detection") ||
	       says(r, "submitted too quickly");
}

/* A 403 is a limit where it says so in any of these ways; else the token may not do that. */
static bool is_limit(const struct ct_refusal *r)
{
	if (r->status == 429)
		return true;
	return r->status == 403 && (header(r, "retry-after").len > 0 ||
				    ct_str_is(header(r, "x-ratelimit-remaining"), "0") ||
				    is_secondary(r) || says(r, "rate limit exceeded"));
}

static int code_of(const struct ct_refusal *r)
{
	if (is_limit(r))
		return CT_ERATE;
	if (r->status == 401 || r->status == 403)
		return CT_EAUTH;
	if (r->status == 408 || r->status == 409 || r->status >= 500)
		return CT_EUPSTREAM;
	return r->status >= 400 ? CT_EINVALID : CT_EPROTO;
}

/* One more remark behind the message, as one clean line, cut between characters. */
static void add_remark(struct ct_err *err, const char *before, struct ct_str text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(4 * DETAIL_BYTES);
	size_t len = strlen(err->msg), n;

	text = ct_str_trim(text);
	if (text.len > DETAIL_BYTES) {
		text.len = DETAIL_BYTES;
		while (text.len > 0 && ((unsigned char)text.ptr[text.len] & 0xC0) == 0x80)
			text.len--;
	}
	ct_plain_lines(text, &line);
	for (n = 0; n < line.len; n++)
		if (line.ptr[n] == '\n' || line.ptr[n] == '\t')
			line.ptr[n] = ' ';
	if (len + strlen(before) + n >= sizeof(err->msg))
		return;
	snprintf(err->msg + len, sizeof(err->msg) - len, "%s%.*s", before,
		 CT_STR_ARG(ct_buf_str(&line)));
}

/* {"resource","field","code"}, with a message for "custom" and some others. */
static void add_detail(const struct ct_json *detail, struct ct_err *err)
{
	struct ct_str message = ct_json_str_at(detail, "message");
	char text[DETAIL_BYTES];

	if (ct_json_is(detail, CT_JSON_STRING))
		message = ct_json_str(detail);
	if (message.len == 0) {
		struct ct_str resource = ct_json_str_at(detail, "resource");
		struct ct_str field = ct_json_str_at(detail, "field");
		snprintf(text, sizeof(text), "%.*s%s%.*s %.*s", CT_STR_ARG(resource),
			 resource.len > 0 && field.len > 0 ? "." : "", CT_STR_ARG(field),
			 CT_STR_ARG(ct_json_str_at(detail, "code")));
		message = ct_str_trim(ct_str(text));
	}
	if (message.len > 0)
		add_remark(err, ": ", message);
}

/* The message first, then what it is about: it alone often says no more than "Validation Failed". */
static void describe(const struct ct_refusal *r, struct ct_err *err)
{
	struct ct_str message = ct_json_str_at(r->body, "message");
	const struct ct_json *list = ct_json_get(r->body, "errors");
	int count = 0;

	if (ct_str_trim(message).len == 0)
		return;
	snprintf(err->msg, sizeof(err->msg), "%.*s answered %d",
		 CT_STR_ARG(r->endpoint->name), r->status);
	add_remark(err, ": ", message);
	if (ct_json_is(list, CT_JSON_STRING))
		add_detail(list, err);
	for (list = ct_json_first(list); list != NULL && count < DETAILS_MAX;
	     list = list->next, count++)
		add_detail(list, err);
}

/* The next word of a list with commas. */
static struct ct_str next_scope(struct ct_str *list)
{
	const char *comma = list->len > 0 ? memchr(list->ptr, ',', list->len) : NULL;
	struct ct_str scope = { list->ptr,
				comma != NULL ? (size_t)(comma - list->ptr) : list->len };

	*list = ct_str_from(*list, scope.len + 1);
	return ct_str_trim(scope);
}

static bool has_scope(struct ct_str list, struct ct_str scope)
{
	while (list.len > 0)
		if (ct_str_eq(next_scope(&list), scope))
			return true;
	return false;
}

/* Classic tokens say what they may, and what would do. */
static bool lacks_scope(const struct ct_refusal *r)
{
	struct ct_str accepted = header(r, "x-accepted-oauth-scopes");
	struct ct_str has = header(r, "x-oauth-scopes");

	if (accepted.len == 0 || has.ptr == NULL)
		return false;
	while (accepted.len > 0) {
		struct ct_str scope = next_scope(&accepted);
		if (scope.len > 0 && has_scope(has, scope))
			return false;
	}
	return true;
}

/* Stands in the message, not the hint: a refused key has a hint of its own. */
static void explain_permission(const struct ct_refusal *r, struct ct_err *err)
{
	struct ct_str needed = header(r, "x-accepted-github-permissions");
	struct ct_str sso = header(r, "x-github-sso");
	struct ct_str has = header(r, "x-oauth-scopes");

	if (lacks_scope(r)) {
		add_remark(err, "; the token lacks a scope: needed is one of ",
			   header(r, "x-accepted-oauth-scopes"));
		add_remark(err, "; it has ", has.len > 0 ? has : ct_str("none"));
	} else if (needed.len > 0) {
		add_remark(err, "; the token lacks a permission: needed is ", needed);
	}
	if (ct_str_starts(sso, "required"))
		add_remark(err,
			   "; the token must be authorised for single sign-on: ", sso);
}

/* For good, or for now: the repository has another name in each case. */
static bool is_move(int status)
{
	return status == 301 || status == 302 || status == 307 || status == 308;
}

void ct_github_refine(const struct ct_refusal *r, struct ct_err *err)
{
	struct ct_str moved = header(r, "location");

	err->code = code_of(r);
	if (r->status >= 400)
		describe(r, err);
	if (err->code != CT_EAUTH)
		err->hint[0] = '\0';
	if (err->code == CT_ERATE && err->retry_after_ms == 0 && is_secondary(r))
		err->retry_after_ms = SECONDARY_WAIT_MS;
	if (err->code == CT_EAUTH)
		explain_permission(r, err);
	if (r->status == 404 && lacks_scope(r))
		explain_permission(r, err);
	if (r->status == 404)
		ct_hint(err, "there is none of that name, or the token may not see it: a "
			     "private "
			     "one needs the scope repo");
	if (is_move(r->status) && moved.len > 0)
		ct_hint(err, "it was renamed or moved: ask for it by its new name");
}

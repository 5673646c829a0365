#include "model/search.h"

#include <ctype.h>

#include "model/request.h"

enum { DOMAIN_MAX = 253, LABEL_MAX = 63, QUERY_MAX = 64 << 10 };

static bool is_one_of(struct ct_str word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (ct_str_is(word, *words))
			return true;
	return false;
}

const char *ct_search_type_name(enum ct_search_type type)
{
	static const char *const names[] = { "repositories", "code", "issues", "users" };

	return names[type];
}

/* Letters, digits and inner dashes; characters beyond ASCII may stand for themselves. */
static bool is_label(struct ct_str label)
{
	if (label.len == 0 || label.len > LABEL_MAX || label.ptr[0] == '-' ||
	    label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		unsigned char c = (unsigned char)label.ptr[i];
		if (c < 0x80 && !isalnum(c) && c != '-' && c != '_')
			return false;
	}
	return true;
}

static bool is_number(struct ct_str label)
{
	for (size_t i = 0; i < label.len; i++)
		if (!isdigit((unsigned char)label.ptr[i]))
			return false;
	return true;
}

bool ct_is_domain(struct ct_str text)
{
	size_t labels = 0;
	bool number = false;

	if (text.len > DOMAIN_MAX)
		return false;
	if (ct_str_starts(text, "*.")) /* all of a domain's own */
		text = ct_str_from(text, 2), labels++;
	for (bool more = true; more; labels++) {
		const char *dot = text.len > 0 ? memchr(text.ptr, '.', text.len) : NULL;
		struct ct_str label = { text.ptr,
					dot != NULL ? (size_t)(dot - text.ptr) : text.len };

		if (!is_label(label))
			return false;
		number = is_number(label);
		more = dot != NULL;
		text = ct_str_from(text, label.len + 1);
	}
	return labels >= 2 && !number;
}

bool ct_is_web_url(struct ct_str text)
{
	bool secure = text.len > 8 && strncasecmp(text.ptr, "https://", 8) == 0;
	size_t head = secure ? 8 : 7;

	if (!secure && !(text.len > 7 && strncasecmp(text.ptr, "http://", 7) == 0))
		return false;
	if (text.ptr[head] == '/' || text.ptr[head] == ':' || text.ptr[head] == '?')
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7F)
			return false;
	return true;
}

static int check_word(const char *what, struct ct_str word, const char *const *words,
		      struct ct_err *err)
{
	if (word.len == 0 || is_one_of(word, words))
		return CT_OK;
	return ct_fail(err, CT_EINVALID, "unknown %s '%.*s'", what, (int)word.len, word.ptr);
}

static int check_domains(const struct ct_str *domains, size_t count, struct ct_err *err)
{
	if (count > CT_SEARCH_DOMAINS_MAX)
		return ct_fail(err, CT_EINVALID, "more than %d domains", CT_SEARCH_DOMAINS_MAX);
	for (size_t i = 0; i < count; i++)
		if (!ct_is_domain(domains[i])) {
			ct_fail(err, CT_EINVALID, "'%.*s' is no domain",
				(int)domains[i].len, domains[i].ptr);
			ct_hint(err, "a domain is written like example.org");
			return CT_EINVALID;
		}
	return CT_OK;
}

static int check_query(const struct ct_search *s, struct ct_err *err)
{
	static const char *const depths[] = { "basic", "advanced", NULL };
	static const char *const topics[] = { "general", "news", "finance", NULL };
	static const char *const ranges[] = { "day", "week", "month", "year", NULL };
	int rc = CT_OK;

	if (ct_str_trim(s->query).len == 0)
		return ct_fail(err, CT_EINVALID, "the query is empty");
	if (s->query.len > QUERY_MAX)
		return ct_fail(err, CT_EINVALID, "the query has more than %d KiB",
			       QUERY_MAX >> 10);
	if (s->limit < 1 || s->limit > CT_SEARCH_LIMIT_MAX)
		return ct_fail(err, CT_EINVALID, "the limit must be from 1 to %d",
			       CT_SEARCH_LIMIT_MAX);
	rc = check_word("depth", s->depth, depths, err);
	if (rc == CT_OK)
		rc = check_word("topic", s->topic, topics, err);
	if (rc == CT_OK)
		rc = check_word("time range", s->time_range, ranges, err);
	if (rc == CT_OK)
		rc = check_domains(s->include, s->include_count, err);
	return rc == CT_OK ? check_domains(s->exclude, s->exclude_count, err) : rc;
}

static int check_urls(const struct ct_search *s, struct ct_err *err)
{
	static const char *const depths[] = { "basic", "advanced", NULL };

	if (s->url_count == 0)
		return ct_fail(err, CT_EINVALID, "no page is named");
	if (s->url_count > CT_SEARCH_URLS_MAX)
		return ct_fail(err, CT_EINVALID, "%zu pages are more than %d", s->url_count,
			       CT_SEARCH_URLS_MAX);
	for (size_t i = 0; i < s->url_count; i++)
		if (!ct_is_web_url(s->urls[i])) {
			ct_fail(err, CT_EINVALID, "'%.*s' is no address of a page",
				(int)s->urls[i].len, s->urls[i].ptr);
			ct_hint(err, "it begins with http:// or https://");
			return CT_EINVALID;
		}
	return check_word("depth", s->depth, depths, err);
}

int ct_search_check(enum ct_task task, const struct ct_search *search, struct ct_err *err)
{
	if (search == NULL)
		return ct_fail(err, CT_EINVALID, "nothing is searched for");
	if (task == CT_TASK_SEARCH)
		return check_query(search, err);
	if (task == CT_TASK_EXTRACT)
		return check_urls(search, err);
	if (search->path.len == 0)
		return ct_fail(err, CT_EINVALID, "nothing is named to be read");
	return CT_OK;
}

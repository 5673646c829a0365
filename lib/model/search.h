/*
 * A search and what it finds, in nobody's dialect: for CT_TASK_SEARCH, CT_TASK_EXTRACT and
 * CT_TASK_READ of struct ct_request. Strings are borrowed as those of a request are.
 */
#ifndef CT_MODEL_SEARCH_H
#define CT_MODEL_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum ct_search_type { CT_SEARCH_REPOSITORIES, CT_SEARCH_CODE, CT_SEARCH_ISSUES, CT_SEARCH_USERS };

enum {
	CT_SEARCH_LIMIT_MAX = 1000, /* results of one search, over all pages */
	CT_SEARCH_DOMAINS_MAX = 64, /* in each list */
	CT_SEARCH_URLS_MAX = 20, /* pages of one extraction: Tavily's own limit */
};

/* {NULL, 0} and 0: the provider's own. */
struct ct_search {
	struct ct_str query; /* SEARCH: UTF-8, not blank */
	int64_t limit; /* at least 1 */
	enum ct_search_type type; /* of a code host's */
	bool has_type; /* it was asked for: only a code host takes one */
	struct ct_str depth; /* basic advanced */
	struct ct_str topic; /* general news finance */
	struct ct_str time_range; /* day week month year */
	const struct ct_str *include, *exclude; /* domains */
	size_t include_count, exclude_count;
	bool answer; /* ask for an answer in words, too */
	const struct ct_str *urls; /* EXTRACT */
	size_t url_count;
	struct ct_str path; /* READ: "repos/OWNER/NAME/pulls", from the provider's base */
	struct ct_str page; /* the next page's URL, as the provider gave it: the rest is in there */
};

/* One result. */
struct ct_found {
	struct ct_str title, url;
	struct ct_str text; /* the snippet, or with EXTRACT the page */
	double score; /* where has_score */
	bool has_score;
	struct ct_str error; /* EXTRACT: why the page could not be read; empty: text is all of it */
};

/* "repositories", "code", "issues", "users". Static. */
const char *ct_search_type_name(enum ct_search_type type);

/* A domain's name (example.org, *.example.org, not an address of four numbers). */
bool ct_is_domain(struct ct_str text);

/* An address of http or https, with a host, without blanks. */
bool ct_is_web_url(struct ct_str text);

#endif

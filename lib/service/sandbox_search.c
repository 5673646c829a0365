#include "service/sandbox_search.h"

#include <ctype.h>

enum { SLUG_BYTES = 40 };

/* The words of a query as a part of an address, so that another query finds other pages. */
static struct ct_str slug_of(struct ct_str query, struct ct_arena *arena)
{
	char slug[SLUG_BYTES + 1];
	size_t len = 0;

	for (size_t i = 0; i < query.len && len < SLUG_BYTES; i++) {
		unsigned char c = (unsigned char)query.ptr[i];
		bool word = isalnum(c) && c < 0x80;
		if (word || (len > 0 && slug[len - 1] != '-'))
			slug[len++] = word ? (char)tolower(c) : '-';
	}
	while (len > 0 && slug[len - 1] == '-')
		len--;
	return ct_arena_dup(arena, (struct ct_str){ slug, len });
}

/* As a search that has a budget of results would say it: every one, up to what was asked for. */
static int find_results(const char *provider, const struct ct_search *s, struct ct_arena *arena,
			struct ct_ingress_found *out)
{
	bool nothing = ct_str_has(s->query, "find nothing");
	size_t count = nothing ? 0 : (size_t)s->limit;
	struct ct_found *list = ct_arena_alloc(arena, (count + 1) * sizeof(*list));
	struct ct_str host = s->include_count > 0 ? s->include[0] : ct_str("sandbox.example");
	struct ct_str slug = slug_of(s->query, arena);

	if (list == NULL || slug.ptr == NULL)
		return CT_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		list[i].title = ct_arena_printf(arena, "[sandbox] Result %zu for: %.*s", i + 1,
						CT_STR_ARG(s->query));
		list[i].url = ct_arena_printf(arena, "https://%.*s/%.*s/%zu", CT_STR_ARG(host),
					      CT_STR_ARG(slug), i + 1);
		list[i].text = ct_arena_printf(arena,
					       "[sandbox] %s here, no real search: this is "
					       "result %zu of %zu for: %.*s",
					       provider, i + 1, count, CT_STR_ARG(s->query));
		list[i].score = 1.0 / (double)(i + 1);
		list[i].has_score = true;
		if (list[i].title.ptr == NULL || list[i].url.ptr == NULL ||
		    list[i].text.ptr == NULL)
			return CT_ENOMEM;
	}
	out->list = list;
	out->count = count;
	if (s->answer)
		out->answer = ct_arena_printf(arena,
					      "[sandbox] %s here, no real search. You asked: %.*s",
					      provider, CT_STR_ARG(s->query));
	return s->answer && out->answer.ptr == NULL ? CT_ENOMEM : CT_OK;
}

/* A page whose address has "missing" in it cannot be read. */
static int find_pages(const char *provider, const struct ct_search *s, struct ct_arena *arena,
		      struct ct_ingress_found *out)
{
	struct ct_found *list = ct_arena_alloc(arena, s->url_count * sizeof(*list));

	if (list == NULL)
		return CT_ENOMEM;
	for (size_t i = 0; i < s->url_count; i++) {
		list[i].url = s->urls[i];
		if (ct_str_has(s->urls[i], "missing"))
			list[i].error = ct_str("[sandbox] this page is missing, as its name says");
		else
			list[i].text = ct_arena_printf(
				arena, "# [sandbox] A page\n\n%s here, no real page: %.*s\n",
				provider, CT_STR_ARG(s->urls[i]));
		if (list[i].error.ptr == NULL && list[i].text.ptr == NULL)
			return CT_ENOMEM;
	}
	out->list = list;
	out->count = s->url_count;
	return CT_OK;
}

int ct_sandbox_find(const char *provider, const struct ct_ingress_request *request,
		    struct ct_arena *arena, struct ct_ingress_found *out, struct ct_err *err)
{
	const struct ct_search *s = request->request.search;
	int rc;

	*out = (struct ct_ingress_found){ .search = s };
	if (request->request.task == CT_TASK_EXTRACT)
		rc = find_pages(provider, s, arena, out);
	else
		rc = find_results(provider, s, arena, out);
	return rc == CT_OK ? rc : ct_fail(err, rc, "no memory for an answer");
}

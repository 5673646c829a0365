/* Tavily from the server's side: what it reads, refuses, and writes for the client's decoder. */
#include <criterion/criterion.h>

#include "ingress/ingress.h"
#include "leaks.h"
#include "provider/decoder.h"
#include "provider/vendors.h"

TestSuite(ingress_tavily, .fini = check_leaks);

static const struct ct_ingress *find(const char *text, struct ct_str *provider)
{
	struct ct_str path = ct_str(text);
	const struct ct_ingress *ingress = ct_ingress_find(ct_str("POST"), &path, provider);

	cr_assert_not_null(ingress, "%s", text);
	return ingress;
}

static int read_as(const char *path, const char *body, struct ct_arena *arena,
		   struct ct_ingress_request *out, struct ct_err *err)
{
	struct ct_headers headers = { .arena = arena };
	struct ct_str provider;

	return find(path, &provider)->read(ct_str(path), &headers, ct_str(body), arena, out, err);
}

Test(ingress_tavily, is_found_by_its_paths_with_and_without_a_prefix)
{
	static const char *const paths[] = { "/search", "/extract", "/tavily/search",
					     "/tavily/extract" };
	struct ct_str provider, path = ct_str("/search");

	for (size_t i = 0; i < CT_COUNT(paths); i++) {
		cr_assert_str_eq(find(paths[i], &provider)->name, "tavily", "%s", paths[i]);
		cr_assert(ct_str_is(provider, "tavily"));
	}
	cr_assert_null(ct_ingress_find(ct_str("GET"), &path, &provider));
}

Test(ingress_tavily, reads_what_is_asked_for)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_ingress_request r;
	struct ct_err err = { 0 };

	cr_assert_eq(read_as("/search",
			     "{\"query\":\"q\",\"max_results\":3,\"include_answer\":\"basic\","
			     "\"include_domains\":[\"a.example\"],\"search_depth\":\"fast\"}",
			     &arena, &r, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(r.request.task, CT_TASK_SEARCH);
	cr_assert(ct_str_is(r.request.search->query, "q"));
	cr_assert_eq(r.request.search->limit, 3);
	cr_assert(r.request.search->answer);
	cr_assert(ct_str_is(r.request.search->include[0], "a.example"));
	cr_assert_eq(read_as("/search", "{\"query\":\"q\"}", &arena, &r, &err), CT_OK);
	cr_assert_eq(r.request.search->limit, 5);
	cr_assert_eq(read_as("/extract", "{\"urls\":\"u\"}", &arena, &r, &err), CT_OK);
	cr_assert_eq(r.request.task, CT_TASK_EXTRACT);
	cr_assert_eq(r.request.search->url_count, 1);
	cr_assert_eq(read_as("/extract", "{\"urls\":[\"u\",\"v\"]}", &arena, &r, &err), CT_OK);
	cr_assert_eq(r.request.search->url_count, 2);
}

Test(ingress_tavily, refuses_what_tavily_refuses)
{
	static const char *const cases[][2] = {
		{ "/search", "{}" },
		{ "/search", "{\"query\":\"  \"}" },
		{ "/search", "{\"query\":7}" },
		{ "/search", "{\"query\":\"q\",\"max_results\":21}" },
		{ "/search", "{\"query\":\"q\",\"max_results\":-1}" },
		{ "/search", "{\"query\":\"q\",\"search_depth\":\"deep\"}" },
		{ "/search", "{\"query\":\"q\",\"topic\":\"sport\"}" },
		{ "/search", "{\"query\":\"q\",\"time_range\":\"hour\"}" },
		{ "/search", "{\"query\":\"q\",\"include_domains\":[7]}" },
		{ "/search", "{\"query\":\"q\",\"exclude_domains\":{}}" },
		{ "/search", "[]" },
		{ "/search", "no JSON" },
		{ "/extract", "{}" },
		{ "/extract", "{\"urls\":[]}" },
		{ "/extract", "{\"urls\":[1,2,3]}" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
		struct ct_ingress_request r;
		struct ct_err err = { 0 };
		cr_assert_eq(read_as(cases[i][0], cases[i][1], &arena, &r, &err), CT_EINVALID,
			     "%s: %s", cases[i][1], err.msg);
	}
}

static int count(void *user, const struct ct_event *event, struct ct_err *err)
{
	struct ct_buf *seen = user;

	(void)err;
	if (event->type == CT_EVENT_FOUND)
		ct_buf_printf(seen, "%.*s|%.*s|%.*s|%.*s|%g\n", CT_STR_ARG(event->found.title),
			      CT_STR_ARG(event->found.url), CT_STR_ARG(event->found.text),
			      CT_STR_ARG(event->found.error), event->found.score);
	if (event->type == CT_EVENT_TEXT)
		ct_buf_printf(seen, "says %.*s\n", CT_STR_ARG(event->text));
	return CT_OK;
}

static void comes_out(const struct ct_ingress_found *found, enum ct_task task, const char *expected)
{
	struct ct_endpoint endpoint = { .name = CT_STR("t"), .vendor = &ct_vendor_tavily };
	struct ct_buf out = CT_BUF_INIT(1 << 20), seen = CT_BUF_INIT(1 << 20);
	struct ct_ingress_answer answer;
	struct ct_str provider;

	ct_ingress_answer_init(&answer, ct_str("1"), ct_str("m"), 1 << 20);
	find("/search", &provider)->found(&answer, found, &out);
	struct ct_decoder *d = ct_decoder_create(&endpoint, task, count, &seen);
	cr_assert_eq(ct_decoder_feed(d, ct_buf_str(&out), NULL), CT_OK);
	cr_assert_eq(ct_decoder_finish(d, NULL), CT_OK);
	ct_decoder_destroy(d);
	cr_assert_str_eq(seen.ptr, expected, "%s", seen.ptr);
	ct_ingress_answer_fini(&answer);
	ct_buf_fini(&out);
	ct_buf_fini(&seen);
}

Test(ingress_tavily, writes_what_the_client_reads)
{
	static const struct ct_str urls[] = { CT_STR("https://a.example/") };
	static const struct ct_search search = { .query = CT_STR("q") },
				      extract = { .urls = urls, .url_count = 1 };
	static const struct ct_found found[] = {
		{ CT_STR("T"), CT_STR("https://a.example/"), CT_STR("x"), 0.5, true,
		  { NULL, 0 } },
		{ .url = CT_STR("https://b.example/"), .error = CT_STR("gone") },
	};

	comes_out(&(struct ct_ingress_found){ &search, found, 1, ct_str("A") }, CT_TASK_SEARCH,
		  "T|https://a.example/|x||0.5\nsays A\n");
	comes_out(&(struct ct_ingress_found){ &search, NULL, 0, { NULL, 0 } }, CT_TASK_SEARCH, "");
	comes_out(&(struct ct_ingress_found){ &extract, found, 2, { NULL, 0 } }, CT_TASK_EXTRACT,
		  "|https://a.example/|x||0\n|https://b.example/||gone|0\n");
}

Test(ingress_tavily, writes_errors_as_tavily_does)
{
	struct ct_buf out = CT_BUF_INIT(1 << 20);
	struct ct_str provider;

	find("/search", &provider)->error(432, CT_EQUOTA, ct_str("spent \"all\""), 0, false, &out);
	cr_assert_str_eq(out.ptr, "{\"detail\":{\"error\":\"spent \\\"all\\\"\"}}");
	ct_buf_fini(&out);
}

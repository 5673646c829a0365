/* Tavily's search and extract: https://docs.tavily.com/documentation/api-reference/endpoint/search */
#include "ingress/protocols.h"
#include "ingress/reader.h"

enum { RESULTS = 5, RESULTS_MAX = 20, DOMAINS_MAX = 300 };

static bool match(struct ct_str method, struct ct_str path)
{
	return ct_str_is(method, "POST") &&
	       (ct_str_is(path, "/search") || ct_str_is(path, "/extract"));
}

/* A list of texts; one text alone stands for such a list. */
static int read_list(const struct ct_json *body, const char *key, struct ct_arena *arena,
		     const struct ct_str **out, size_t *count, struct ct_err *err)
{
	const struct ct_json *value = ct_json_get(body, key);
	bool one = ct_json_is(value, CT_JSON_STRING);
	struct ct_str *list = ct_arena_alloc(arena, DOMAINS_MAX * sizeof(*list));

	*count = 0;
	if (list == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	*out = list;
	if (value == NULL || ct_json_is(value, CT_JSON_NULL))
		return CT_OK;
	if (!one && !ct_json_is(value, CT_JSON_ARRAY))
		return ct_fail(err, CT_EINVALID, "%s must be a list of strings.", key);
	for (const struct ct_json *v = one ? value : ct_json_first(value); v != NULL;
	     v = one ? NULL : v->next) {
		if (!ct_json_is(v, CT_JSON_STRING))
			return ct_fail(err, CT_EINVALID, "%s must be a list of strings.", key);
		if (*count == DOMAINS_MAX)
			return ct_fail(err, CT_EINVALID, "Max %d %s are allowed.", DOMAINS_MAX,
				       key);
		list[(*count)++] = v->text;
	}
	return CT_OK;
}

static int check_word(const char *key, struct ct_str word, const char *const *words,
		      struct ct_err *err)
{
	for (; word.len > 0 && *words != NULL; words++)
		if (ct_str_is(word, *words))
			return CT_OK;
	return word.len == 0 ? CT_OK : ct_fail(err, CT_EINVALID, "Invalid %s.", key);
}

static int read_search(const struct ct_json *body, struct ct_arena *arena, struct ct_search *s,
		       struct ct_err *err)
{
	static const char *const depths[] = { "basic", "advanced", "fast", "ultra-fast", NULL };
	static const char *const topics[] = { "general", "news", "finance", NULL };
	static const char *const ranges[] = { "day", "week", "month", "year",
					      "d",   "w",    "m",     "y",   NULL };
	const struct ct_json *answer = ct_json_get(body, "include_answer");
	int rc = ct_reader_str(body, "query", &s->query, err);

	s->limit = RESULTS;
	s->answer = ct_json_true(answer) || ct_json_is(answer, CT_JSON_STRING);
	if (rc == CT_OK && ct_str_trim(s->query).len == 0)
		return ct_fail(err, CT_EINVALID, "Query is missing.");
	if (rc == CT_OK)
		rc = ct_reader_int(body, "max_results", 0, &s->limit, err);
	if (rc == CT_OK && s->limit > RESULTS_MAX)
		return ct_fail(err, CT_EINVALID, "Max results must be between 0 and %d.",
			       RESULTS_MAX);
	if (rc == CT_OK)
		rc = ct_reader_str(body, "search_depth", &s->depth, err);
	if (rc == CT_OK)
		rc = check_word("search depth", s->depth, depths, err);
	if (rc == CT_OK)
		rc = ct_reader_str(body, "topic", &s->topic, err);
	if (rc == CT_OK)
		rc = check_word("topic", s->topic, topics, err);
	if (rc == CT_OK)
		rc = ct_reader_str(body, "time_range", &s->time_range, err);
	if (rc == CT_OK)
		rc = check_word("time range", s->time_range, ranges, err);
	if (rc == CT_OK)
		rc = read_list(body, "include_domains", arena, &s->include, &s->include_count,
			       err);
	if (rc == CT_OK)
		rc = read_list(body, "exclude_domains", arena, &s->exclude, &s->exclude_count,
			       err);
	return rc;
}

static int read_extract(const struct ct_json *body, struct ct_arena *arena, struct ct_search *s,
			struct ct_err *err)
{
	int rc = read_list(body, "urls", arena, &s->urls, &s->url_count, err);

	if (rc == CT_OK && s->url_count == 0)
		return ct_fail(err, CT_EINVALID, "No URLs provided.");
	if (rc == CT_OK && s->url_count > CT_SEARCH_URLS_MAX)
		return ct_fail(err, CT_EINVALID, "Max %d URLs are allowed.", CT_SEARCH_URLS_MAX);
	return rc;
}

static int read_request(struct ct_str path, const struct ct_headers *headers,
			struct ct_str text, struct ct_arena *arena,
			struct ct_ingress_request *out, struct ct_err *err)
{
	struct ct_search *search = ct_arena_alloc(arena, sizeof(*search));
	const struct ct_json *body;
	bool extract = ct_ingress_ends(path, "/extract");

	(void)headers;
	*out = (struct ct_ingress_request){ 0 };
	if (search == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	out->request.task = extract ? CT_TASK_EXTRACT : CT_TASK_SEARCH;
	out->request.search = search;
	int rc = ct_reader_body(arena, text, &body, err);
	if (rc != CT_OK)
		return rc;
	return extract ? read_extract(body, arena, search, err)
		       : read_search(body, arena, search, err);
}

/* An answer is never a stream. */
static void event(struct ct_ingress_answer *answer, const struct ct_event *event,
		  struct ct_buf *out)
{
	(void)answer, (void)event, (void)out;
}

static void put_search(struct ct_jw *jw, const struct ct_ingress_found *found)
{
	ct_jw_member(jw, "query", found->search->query);
	ct_jw_key(jw, "follow_up_questions");
	ct_jw_null(jw);
	ct_jw_member_or_null(jw, "answer", found->answer);
	ct_jw_key(jw, "images");
	ct_jw_array(jw);
	ct_jw_end_array(jw);
	ct_jw_key(jw, "results");
	ct_jw_array(jw);
	for (size_t i = 0; i < found->count; i++) {
		ct_jw_object(jw);
		ct_jw_member(jw, "title", found->list[i].title);
		ct_jw_member(jw, "url", found->list[i].url);
		ct_jw_member(jw, "content", found->list[i].text);
		ct_jw_key(jw, "score");
		ct_jw_num(jw, found->list[i].score);
		ct_jw_key(jw, "raw_content");
		ct_jw_null(jw);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void put_pages(struct ct_jw *jw, const struct ct_ingress_found *found, bool failed)
{
	ct_jw_key(jw, failed ? "failed_results" : "results");
	ct_jw_array(jw);
	for (size_t i = 0; i < found->count; i++) {
		const struct ct_found *page = &found->list[i];
		if ((page->error.len > 0) != failed)
			continue;
		ct_jw_object(jw);
		ct_jw_member(jw, "url", page->url);
		ct_jw_member(jw, failed ? "error" : "raw_content",
			     failed ? page->error : page->text);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void put_found(const struct ct_ingress_answer *answer,
		      const struct ct_ingress_found *found, struct ct_buf *out)
{
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	if (found->search->url_count > 0) {
		put_pages(&jw, found, false);
		put_pages(&jw, found, true);
	} else {
		put_search(&jw, found);
	}
	ct_jw_key(&jw, "response_time");
	ct_jw_num(&jw, 0.01);
	ct_jw_member(&jw, "request_id", answer->id);
	ct_jw_end_object(&jw);
}

/* Where a text is all that there is to say. */
static void whole(const struct ct_ingress_answer *answer, struct ct_str text,
		  const struct ct_tool_call *calls, size_t call_count, enum ct_finish finish,
		  struct ct_buf *out)
{
	static const struct ct_search none;
	struct ct_ingress_found found = { .search = &none, .answer = text };

	(void)calls, (void)call_count, (void)finish;
	put_found(answer, &found, out);
}

static void error(int status, int code, struct ct_str message, int64_t retry_after_ms,
		  bool in_stream, struct ct_buf *out)
{
	struct ct_jw jw = ct_jw(out);

	(void)status, (void)code, (void)retry_after_ms, (void)in_stream;
	ct_jw_object(&jw);
	ct_jw_key(&jw, "detail");
	ct_jw_object(&jw);
	ct_jw_member(&jw, "error", message);
	ct_jw_end_object(&jw);
	ct_jw_end_object(&jw);
}

const struct ct_ingress ct_ingress_tavily = {
	.name = "tavily",
	.provider = "tavily",
	.match = match,
	.read = read_request,
	.event = event,
	.whole = whole,
	.found = put_found,
	.error = error,
};

/* Tavily: search and extract: wire/tavily. */
#include "provider/dialect.h"
#include "provider/vendors.h"

enum { RESULTS_MAX = 20 };

static void write_domains(struct ct_jw *jw, const char *key, const struct ct_str *domains,
			  size_t count)
{
	if (count == 0)
		return;
	ct_jw_key(jw, key);
	ct_jw_array(jw);
	for (size_t i = 0; i < count; i++)
		ct_jw_str(jw, domains[i]);
	ct_jw_end_array(jw);
}

static void write_word(struct ct_jw *jw, const char *key, struct ct_str word)
{
	if (word.len > 0)
		ct_jw_member(jw, key, word);
}

static void write_search(struct ct_ask *ask)
{
	const struct ct_search *s = ask->request->search;
	struct ct_jw *jw = &ask->jw;

	ct_jw_member(jw, "query", s->query);
	write_word(jw, "search_depth", s->depth);
	write_word(jw, "topic", s->topic);
	write_word(jw, "time_range", s->time_range);
	if (s->limit > RESULTS_MAX)
		ct_ask_warn(ask, "%.*s finds at most %d results: as many are asked for",
			    CT_STR_ARG(ask->endpoint->name), RESULTS_MAX);
	ct_jw_member_int(jw, "max_results", s->limit > RESULTS_MAX ? RESULTS_MAX : s->limit);
	write_domains(jw, "include_domains", s->include, s->include_count);
	write_domains(jw, "exclude_domains", s->exclude, s->exclude_count);
	if (s->answer)
		ct_jw_member_bool(jw, "include_answer", true);
}

static void write_extract(struct ct_ask *ask)
{
	const struct ct_search *s = ask->request->search;
	struct ct_jw *jw = &ask->jw;

	write_domains(jw, "urls", s->urls, s->url_count);
	write_word(jw, "extract_depth", s->depth);
	ct_jw_member(jw, "format", ct_str("markdown"));
}

static int request(const struct ct_endpoint *endpoint, const struct ct_request *r,
		   const struct ct_model *model, struct ct_arena *arena,
		   struct ct_http_request *out, struct ct_warnings *warnings,
		   struct ct_err *err)
{
	bool extract = r->task == CT_TASK_EXTRACT;
	struct ct_ask ask = { .endpoint = endpoint,
			      .request = r,
			      .model = model,
			      .arena = arena,
			      .out = out,
			      .warnings = warnings };

	if ((r->task != CT_TASK_SEARCH && !extract) || r->search == NULL)
		return ct_fail(err, CT_EINVALID, "%.*s only searches and extracts",
			       CT_STR_ARG(endpoint->name));
	if (r->search->has_type) {
		ct_fail(err, CT_EINVALID, "%.*s searches the web: it knows no types",
			CT_STR_ARG(endpoint->name));
		ct_hint(err, "Types are a code host's: -p github");
		return CT_EINVALID;
	}
	int rc = ct_ask_key(endpoint, out, "Authorization", "Bearer ", err);
	if (rc != CT_OK)
		return rc;
	ct_ask_begin(&ask);
	if (extract)
		write_extract(&ask);
	else
		write_search(&ask);
	rc = ct_ask_end(&ask,
			ct_ask_url(endpoint, arena, "", extract ? "/extract" : "/search"),
			err);
	ct_buf_fini(&ask.body);
	return rc;
}

/* What is left of the account's credits: asking takes none. */
static int health(const struct ct_endpoint *endpoint, struct ct_arena *arena,
		  struct ct_http_request *out, struct ct_err *err)
{
	int rc = ct_ask_key(endpoint, out, "Authorization", "Bearer ", err);

	return rc == CT_OK ? ct_ask_get(endpoint, out,
					ct_ask_url(endpoint, arena, "", "/usage"), err)
			   : rc;
}

static const struct ct_dialect *dialect(const struct ct_endpoint *endpoint, enum ct_task task)
{
	(void)endpoint;
	return task == CT_TASK_EXTRACT ? &ct_dialect_tavily_extract
				       : &ct_dialect_tavily_search;
}

const struct ct_vendor ct_vendor_tavily = {
	.kind = "tavily",
	.base_url = "https://api.tavily.com",
	.base_url_env = "TAVILY_BASE_URL",
	.key_env = { "TAVILY_API_KEY" },
	.capabilities = CT_CAN_SEARCH | CT_CAN_EXTRACT,
	.request = request,
	.health = health,
	.dialect = dialect,
};

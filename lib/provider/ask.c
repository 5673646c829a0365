#include "provider/ask.h"

#include <stdarg.h>
#include <stdio.h>

void ct_ask_warn(struct ct_ask *ask, const char *fmt, ...)
{
	struct ct_warnings *w = ask->warnings;
	char text[256];

	if (w == NULL || w->count == CT_WARNINGS_MAX)
		return;
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	struct ct_str copy = ct_arena_dup(ask->arena, ct_str(text));
	if (copy.ptr != NULL)
		w->text[w->count++] = copy;
}

void ct_ask_begin(struct ct_ask *ask)
{
	ask->body = (struct ct_buf)CT_BUF_INIT(CT_REQUEST_MAX_BYTES);
	ask->jw = ct_jw(&ask->body);
	ct_jw_object(&ask->jw);
}

struct ct_str ct_ask_url(const struct ct_endpoint *endpoint, struct ct_arena *arena,
			 const char *version, const char *path)
{
	struct ct_str base = endpoint->base_url;
	size_t len = strlen(version);

	/* people write it with and without */
	if (base.len >= len && memcmp(base.ptr + base.len - len, version, len) == 0)
		version = "";
	return ct_arena_printf(arena, "%.*s%s%s", CT_STR_ARG(base), version, path);
}

struct ct_str ct_ask_escape(struct ct_arena *arena, struct ct_str text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = ct_arena_alloc(arena, text.len * 3 + 1);
	size_t len = 0;

	if (out == NULL)
		return (struct ct_str){ NULL, 0 };
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') ||
			     (c != '\0' && strchr("-._~", c) != NULL);
		if (plain) {
			out[len++] = (char)c;
			continue;
		}
		out[len++] = '%';
		out[len++] = hex[c >> 4];
		out[len++] = hex[c & 15];
	}
	return (struct ct_str){ out, len };
}

static bool is_configured(const struct ct_endpoint *endpoint, const char *name)
{
	for (size_t i = 0; i < endpoint->header_count; i++)
		if (ct_str_is_nocase(endpoint->headers[i].name, name))
			return true;
	return false;
}

int ct_ask_header(const struct ct_endpoint *endpoint, struct ct_http_request *out,
		  const char *name, struct ct_str value, struct ct_err *err)
{
	if (is_configured(endpoint, name))
		return CT_OK;
	return ct_http_add_header(out, name, value, NULL, err);
}

int ct_ask_key(const struct ct_endpoint *endpoint, struct ct_http_request *out,
	       const char *name, const char *prefix, struct ct_err *err)
{
	if (endpoint->key == NULL || is_configured(endpoint, name))
		return CT_OK;
	return ct_http_add_header(out, name, ct_str(prefix), endpoint->key, err);
}

int ct_ask_extra(const struct ct_endpoint *endpoint, struct ct_http_request *out,
		 struct ct_err *err)
{
	for (size_t i = 0; i < endpoint->header_count; i++) {
		if (out->header_count == CT_HTTP_HEADERS_MAX)
			return ct_fail(err, CT_ETOOBIG,
				       "%.*s has too many headers configured",
				       CT_STR_ARG(endpoint->name));
		out->headers[out->header_count++] = (struct ct_http_header){
			.name = endpoint->headers[i].name,
			.value = endpoint->headers[i].value,
		};
	}
	return CT_OK;
}

int ct_ask_get(const struct ct_endpoint *endpoint, struct ct_http_request *out,
	       struct ct_str url, struct ct_err *err)
{
	if (url.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	out->method = "GET";
	out->url = url;
	return ct_ask_extra(endpoint, out, err);
}

static bool is_option(const struct ct_option *options, size_t count, struct ct_str key)
{
	for (size_t i = 0; i < count; i++)
		if (ct_str_eq(options[i].key, key))
			return true;
	return false;
}

/* Of an option that was given twice the last counts. */
static void write_options(struct ct_jw *jw, const struct ct_option *options, size_t count,
			  const struct ct_request *winner)
{
	for (size_t i = 0; i < count; i++) {
		if (is_option(&options[i + 1], count - i - 1, options[i].key))
			continue;
		if (winner != NULL &&
		    is_option(winner->options, winner->option_count, options[i].key))
			continue;
		ct_jw_key_str(jw, options[i].key);
		ct_jw_raw(jw, options[i].json);
	}
}

/* Our members, less those that an option replaces, then the options. */
static int merge(struct ct_ask *ask, struct ct_err *err)
{
	const struct ct_endpoint *e = ask->endpoint;
	const struct ct_request *r = ask->request;
	const struct ct_json *ours;
	CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(CT_REQUEST_MAX_BYTES);
	struct ct_jw jw = ct_jw(&body);

	/* a body that stands in the arena: the tree points into it */
	struct ct_str text = ct_arena_dup(ask->arena, ct_buf_str(&ask->body));
	if (text.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	int rc = ct_json_parse(ask->arena, text, CT_JSON_LENIENT, &ours, err);
	if (rc != CT_OK)
		return rc;
	ct_jw_object(&jw);
	for (ours = ct_json_first(ours); ours != NULL; ours = ours->next) {
		if (is_option(e->options, e->option_count, ours->key) ||
		    is_option(r->options, r->option_count, ours->key))
			continue;
		ct_jw_key_str(&jw, ours->key);
		ct_jw_value(&jw, ours);
	}
	write_options(&jw, e->options, e->option_count, r);
	write_options(&jw, r->options, r->option_count, NULL);
	ct_jw_end_object(&jw);
	ct_buf_clear(&ask->body);
	ct_buf_add(&ask->body, ct_buf_str(&body));
	return ct_buf_check(&body, "the request", err);
}

int ct_ask_end(struct ct_ask *ask, struct ct_str url, struct ct_err *err)
{
	const struct ct_endpoint *e = ask->endpoint;
	struct ct_http_request *out = ask->out;

	ct_jw_end_object(&ask->jw);
	int rc = ct_buf_check(&ask->body, "the request", err);
	if (rc == CT_OK && (e->option_count > 0 || ask->request->option_count > 0))
		rc = merge(ask, err);
	if (rc == CT_OK)
		rc = ct_buf_check(&ask->body, "the request", err);
	if (rc == CT_OK)
		rc = ct_ask_header(e, out, "Content-Type", ct_str("application/json"),
				   err);
	if (rc == CT_OK)
		rc = ct_ask_extra(e, out, err);
	if (rc != CT_OK)
		return rc;
	out->method = "POST";
	out->url = url;
	out->stream = ask->request->stream;
	out->body = ct_arena_dup(ask->arena, ct_buf_str(&ask->body));
	if (url.ptr == NULL || out->body.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	return CT_OK;
}

int64_t ct_ask_max_tokens(struct ct_ask *ask)
{
	int64_t asked = ask->request->max_tokens;
	int64_t most = ask->model != NULL ? ask->model->max_output : 0;

	if (most <= 0 || asked <= most)
		return asked;
	ct_ask_warn(ask, "%.*s writes at most %lld tokens: max_tokens is sent as that",
		    CT_STR_ARG(ask->request->model), (long long)most);
	return most;
}

static int rank(struct ct_str effort)
{
	static const char *const names[] = { "none", "minimal", "low", "medium",
					     "high", "xhigh",	"max" };

	for (int i = 0; i < (int)CT_COUNT(names); i++)
		if (ct_str_is(effort, names[i]))
			return i;
	return -1;
}

struct ct_str ct_ask_effort(struct ct_ask *ask)
{
	const struct ct_model *m = ask->model;
	struct ct_str asked = ask->request->effort, best;

	if (asked.len == 0 || m == NULL ||
	    (m->effort_count == 0 && m->reasoning != CT_NO))
		return asked;
	if (m->effort_count == 0) {
		ct_ask_warn(ask, "%.*s does not reason: effort is not sent",
			    CT_STR_ARG(ask->request->model));
		return (struct ct_str){ NULL, 0 };
	}
	best = m->efforts[0];
	for (int i = 0; i < m->effort_count; i++)
		if (rank(m->efforts[i]) <= rank(asked))
			best = m->efforts[i];
	if (!ct_str_eq(best, asked))
		ct_ask_warn(ask, "%.*s takes no effort '%.*s': '%.*s' is sent",
			    CT_STR_ARG(ask->request->model), CT_STR_ARG(asked),
			    CT_STR_ARG(best));
	return best;
}

bool ct_ask_sampling(struct ct_ask *ask)
{
	const struct ct_request *r = ask->request;

	if (ask->model == NULL || ask->model->temperature != CT_NO)
		return true;
	if (r->has_temperature || r->has_top_p)
		ct_ask_warn(ask, "%.*s takes no sampling parameters: %s not sent",
			    CT_STR_ARG(r->model),
			    !r->has_top_p	 ? "temperature is"
			    : r->has_temperature ? "temperature and top_p are"
						 : "top_p is");
	return false;
}

int ct_ask_prefill(const struct ct_ask *ask, struct ct_err *err)
{
	if (!ask->request->prefill ||
	    (ask->model != NULL && ask->model->prefill == CT_YES))
		return CT_OK;
	return ct_fail(err, CT_EINVALID, "%.*s does not go on with a started answer",
		       CT_STR_ARG(ask->request->model));
}

int ct_ask_stops(const struct ct_ask *ask, size_t most, struct ct_err *err)
{
	if (ask->request->stop_count <= most)
		return CT_OK;
	return ct_fail(err, CT_EINVALID, "%.*s takes at most %zu stop sequences, not %zu",
		       CT_STR_ARG(ask->endpoint->name), most, ask->request->stop_count);
}

void ct_ask_write_stops(struct ct_ask *ask, const char *key)
{
	if (ask->request->stop_count == 0)
		return;
	ct_jw_key(&ask->jw, key);
	ct_jw_array(&ask->jw);
	for (size_t i = 0; i < ask->request->stop_count; i++)
		ct_jw_str(&ask->jw, ask->request->stops[i]);
	ct_jw_end_array(&ask->jw);
}

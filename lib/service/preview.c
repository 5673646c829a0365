#include "service/preview.h"

#include "base/log.h"
#include "provider/media.h"
#include "service/fit.h"

/* What one word of a command line may hold on Linux, less the rest of it (MAX_ARG_STRLEN). */
enum { WORD_BYTES = 100 << 10 };

static struct ct_str value_of(const struct ct_http_header *header)
{
	return header->secret != NULL ? ct_str("REDACTED") : (struct ct_str){ NULL, 0 };
}

/* One word of a shell's command line. */
static void quote(struct ct_str text, struct ct_buf *out)
{
	ct_buf_puts(out, "'");
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\'')
			ct_buf_puts(out, "'\\''");
		else
			ct_buf_append(out, text.ptr + i, 1);
	}
	ct_buf_puts(out, "'");
}

static void write_http(const struct ct_http_request *http, struct ct_buf *out)
{
	ct_buf_printf(out, "%s %.*s\n", http->method, CT_STR_ARG(http->url));
	for (size_t i = 0; i < http->header_count; i++) {
		const struct ct_http_header *h = &http->headers[i];
		ct_buf_printf(out, "%.*s: %.*s%.*s\n", CT_STR_ARG(h->name),
			      CT_STR_ARG(h->value), CT_STR_ARG(value_of(h)));
	}
	ct_buf_puts(out, "\n");
	ct_buf_add(out, http->body);
	ct_buf_puts(out, "\n");
}

static void write_curl(const struct ct_http_request *http, struct ct_buf *out)
{
	ct_buf_printf(out, "curl -X %s ", http->method);
	quote(http->url, out);
	for (size_t i = 0; i < http->header_count; i++) {
		const struct ct_http_header *h = &http->headers[i];
		CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(1 << 20);
		ct_buf_printf(&line, "%.*s: %.*s%.*s", CT_STR_ARG(h->name),
			      CT_STR_ARG(h->value), CT_STR_ARG(value_of(h)));
		ct_buf_puts(out, " \\\n  -H ");
		quote(ct_buf_str(&line), out);
	}
	if (http->body.len > WORD_BYTES) { /* JSON on one line: no line of it is the last one below */
		ct_buf_puts(out, " \\\n  --data-binary @- <<'CARTRITA'\n");
		ct_buf_add(out, http->body);
		ct_buf_puts(out, "\nCARTRITA\n");
		return;
	}
	ct_buf_puts(out, " \\\n  --data-raw ");
	quote(http->body, out);
	ct_buf_puts(out, "\n");
}

static void write_json(const struct ct_http_request *http, struct ct_buf *out)
{
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "method", ct_str(http->method));
	ct_jw_member(&jw, "url", http->url);
	ct_jw_key(&jw, "headers");
	ct_jw_object(&jw);
	for (size_t i = 0; i < http->header_count; i++) {
		const struct ct_http_header *h = &http->headers[i];
		CT_CLEANUP(ct_buf_fini) struct ct_buf value = CT_BUF_INIT(1 << 20);
		ct_buf_add(&value, h->value);
		ct_buf_add(&value, value_of(h));
		ct_jw_key_str(&jw, h->name);
		ct_jw_str(&jw, ct_buf_str(&value));
	}
	ct_jw_end_object(&jw);
	ct_jw_key(&jw, "body");
	ct_jw_raw(&jw, http->body);
	ct_jw_end_object(&jw);
	ct_buf_puts(out, "\n");
}

static int check_media(const struct ct_candidate *c, const struct ct_request *request,
		       struct ct_err *err)
{
	struct ct_request asked = *request;

	asked.model = c->model_id;
	return ct_media_check(&c->service->endpoint, &asked, c->model, err);
}

/* As a call would find it: one that was named is not passed over. */
static const struct ct_candidate *first_to_ask(struct ct_app *app,
					       const struct ct_candidates *candidates,
					       const struct ct_request *request)
{
	const struct ct_candidate *list = candidates->list, *with_key = NULL;

	for (size_t i = 0; i < candidates->count && !list[0].named; i++) {
		if (!ct_config_has_key(app->config, list[i].service))
			continue;
		if (check_media(&list[i], request, NULL) == CT_OK)
			return &list[i];
		with_key = with_key != NULL ? with_key : &list[i];
	}
	return with_key != NULL ? with_key : &list[0];
}

int ct_preview(struct ct_app *app, const struct ct_request *request,
	       const struct ct_candidates *candidates, enum ct_preview_form form,
	       struct ct_buf *out, struct ct_err *err)
{
	static void (*const write[])(const struct ct_http_request *, struct ct_buf *) = {
		[CT_PREVIEW_HTTP] = write_http,
		[CT_PREVIEW_CURL] = write_curl,
		[CT_PREVIEW_JSON] = write_json,
	};
	const struct ct_candidate *candidate = first_to_ask(app, candidates, request);
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_http_request http = { 0 };
	struct ct_warnings warnings = { 0 };
	struct ct_request asked = *request;
	const struct ct_endpoint *endpoint = &candidate->service->endpoint;

	int rc = ct_config_key(app->config, candidate->service, err);
	if (rc != CT_OK)
		return rc;
	asked.model = candidate->model_id;
	asked.messages += ct_fit(request, candidate->model);
	asked.message_count -= ct_fit(request, candidate->model);
	rc = check_media(candidate, request, err);
	if (rc != CT_OK)
		return rc;
	rc = endpoint->vendor->request(endpoint, &asked, candidate->model, &arena, &http,
				       &warnings, err);
	if (rc != CT_OK)
		return rc;
	for (size_t i = 0; i < warnings.count; i++)
		ct_log(CT_LOG_WARN, "%.*s", CT_STR_ARG(warnings.text[i]));
	write[form](&http, out);
	return ct_buf_check(out, "the request", err);
}

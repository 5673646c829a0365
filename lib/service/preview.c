#include "service/preview.h"

#include "service/fit.h"

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
	ct_buf_puts(out, " \\\n  --data-raw ");
	quote(http->body, out);
	ct_buf_puts(out, "\n");
}

int ct_preview(struct ct_app *app, const struct ct_request *request,
	       const struct ct_candidate *candidate, bool curl, struct ct_buf *out,
	       struct ct_err *err)
{
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
	rc = endpoint->vendor->request(endpoint, &asked, candidate->model, &arena, &http,
				       &warnings, err);
	if (rc != CT_OK)
		return rc;
	if (curl)
		write_curl(&http, out);
	else
		write_http(&http, out);
	return ct_buf_check(out, "the request", err);
}

#include "client.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "leaks.h"

struct ct_loop *client_loop;
struct ct_http *client_http;

void client_open(void)
{
	static const char *const proxies[] = {
		"http_proxy", "https_proxy", "HTTPS_PROXY",   "all_proxy",   "ALL_PROXY",
		"no_proxy",   "NO_PROXY",    "SSL_CERT_FILE", "SSL_CERT_DIR"
	};
	struct ct_err err = { 0 };

	for (size_t i = 0; i < CT_COUNT(proxies); i++)
		unsetenv(proxies[i]);
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(ct_loop_create(&client_loop, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_http_create(client_loop, &client_http, &err), CT_OK, "%s",
		     err.msg);
}

void client_close(void)
{
	ct_http_destroy(client_http);
	ct_loop_destroy(client_loop);
	check_leaks();
}

static void on_head(void *user, int status, const struct ct_headers *headers)
{
	struct seen *seen = user;
	struct ct_str x = ct_headers_get(headers, "X");

	seen->heads++;
	seen->status = status;
	snprintf(seen->x, sizeof(seen->x), "%.*s", CT_STR_ARG(x));
	if (seen->cancel_in_head)
		ct_http_cancel(seen->transfer);
	if (seen->pause_in_head)
		ct_http_pause(seen->transfer, true);
}

static int on_body(void *user, struct ct_str bytes, struct ct_err *err)
{
	struct seen *seen = user;

	if (seen->heads == 0)
		seen->body_before_head = true;
	for (size_t i = 0; i < bytes.len; i++, seen->body_len++)
		if (seen->body_len < sizeof(seen->body) - 1)
			seen->body[seen->body_len] = bytes.ptr[i];
	if (seen->in_body != NULL && seen->body_len == bytes.len)
		seen->in_body(seen);
	if (seen->cancel_in_body)
		ct_http_cancel(seen->transfer);
	if (seen->destroy_in_body) {
		ct_http_destroy(client_http);
		client_http = NULL;
	}
	if (seen->body_reply != CT_OK)
		return ct_fail(err, seen->body_reply, "the reader wants no more");
	return CT_OK;
}

static void on_done(void *user, int code, const struct ct_err *err)
{
	struct seen *seen = user;

	seen->dones++;
	seen->code = code;
	if (err != NULL)
		seen->err = *err;
	if (seen->cancel_in_done)
		ct_http_cancel(seen->transfer);
	if (seen->then != NULL)
		seen->then(seen);
}

int client_start_request(struct seen *seen, const struct ct_http_request *request)
{
	static const struct ct_http_handler handler = { on_head, on_body, on_done };

	return ct_http_start(client_http, request, &handler, seen, &seen->transfer,
			     &seen->err);
}

int client_start(struct seen *seen, const char *url, const char *body)
{
	struct ct_http_request request = { .method = body ? "POST" : "GET",
					   .url = ct_str(url),
					   .body = ct_str(body) };

	return client_start_request(seen, &request);
}

void client_run(struct seen *seen, const char *url, const char *body)
{
	cr_assert_eq(client_start(seen, url, body), CT_OK, "%s: %s", url, seen->err.msg);
	cr_assert_eq(seen->heads + seen->dones, 0);
	ct_loop_run(client_loop);
}

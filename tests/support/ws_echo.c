/*
 * What the Autobahn test suite wants of an implementation: each message comes back as it went.
 * ws_echo: a server, whose port is printed. ws_echo URL: a client, through all cases of the server there.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/ws.h"

enum { MOST_BYTES = 64 << 20 };

struct echo {
	struct ct_ws *ws;
	struct ct_loop *loop;
	long count; /* of cases, as the server says; -1: messages are echoed */
};

static const struct ct_ws_options options = { .max_message_bytes = MOST_BYTES,
					      .max_unsent_bytes = MOST_BYTES };

static void on_open(void *user, const struct ct_headers *headers)
{
	(void)user, (void)headers;
}

static void on_text(void *user, struct ct_str text)
{
	struct echo *e = user;
	char number[16];

	if (e->count < 0) {
		ct_ws_send_text(e->ws, text, NULL);
		return;
	}
	snprintf(number, sizeof(number), "%.*s", CT_STR_ARG(text));
	e->count = strtol(number, NULL, 10);
}

static void on_binary(void *user, struct ct_str bytes)
{
	struct echo *e = user;

	ct_ws_send_binary(e->ws, bytes, NULL);
}

static void on_client_end(void *user, const struct ct_ws_end *end)
{
	struct echo *e = user;

	(void)end;
	ct_loop_stop(e->loop);
}

static void on_server_end(void *user, const struct ct_ws_end *end)
{
	(void)end;
	free(user);
}

static int fail(const struct ct_err *err)
{
	fprintf(stderr, "ws_echo: %s\n", err->msg);
	return 1;
}

/* One connection, until its end. */
static int go(struct echo *e, const char *url, const char *path)
{
	static const struct ct_ws_handler handler = { on_open, on_text, on_binary, NULL,
						      on_client_end };
	char whole[256];
	struct ct_err err = { 0 };

	snprintf(whole, sizeof(whole), "%s%s", url, path);
	if (ct_ws_connect(e->loop,
			  &(struct ct_ws_request){ .url = ct_str(whole), .options = options },
			  &handler, e, &e->ws, &err) != CT_OK)
		return fail(&err);
	ct_loop_run(e->loop);
	return 0;
}

static int run_cases(struct ct_loop *loop, const char *url)
{
	struct echo e = { .loop = loop };
	char path[64];
	int rc = go(&e, url, "/getCaseCount");
	long count = e.count;

	e.count = -1;
	for (long i = 1; i <= count && rc == 0; i++) {
		snprintf(path, sizeof(path), "/runCase?case=%ld&agent=cartrita", i);
		rc = go(&e, url, path);
	}
	return rc != 0 ? rc : go(&e, url, "/updateReports?agent=cartrita");
}

static void on_request(void *user, struct ct_exchange *exchange,
		       const struct ct_server_request *request, void **exchange_user)
{
	static const struct ct_ws_handler handler = { on_open, on_text, on_binary, NULL,
						      on_server_end };
	struct echo *e = calloc(1, sizeof(*e));
	struct ct_headers none = { 0 };
	struct ct_err err = { 0 };

	(void)user;
	*exchange_user = NULL;
	if (e == NULL)
		abort();
	e->count = -1;
	if (ct_ws_accept(exchange, request, &options, &handler, e, &e->ws, &err) == CT_OK)
		return;
	free(e);
	ct_exchange_head(exchange, err.status > 0 ? err.status : 500, &none, 0, NULL);
	ct_exchange_end(exchange);
}

static void on_gone(void *user, void *exchange_user, bool complete)
{
	(void)user, (void)exchange_user, (void)complete;
}

int main(int argc, char *argv[])
{
	static const struct ct_server_handler handler = { on_request, on_gone };
	struct ct_server_options at = { .max_body_bytes = 1 << 20, .max_connections = 100 };
	struct ct_server *server;
	struct ct_loop *loop;
	struct ct_err err = { 0 };

	signal(SIGPIPE, SIG_IGN);
	if (ct_loop_create(&loop, &err) != CT_OK)
		return fail(&err);
	if (argc > 1) {
		int rc = run_cases(loop, argv[1]);
		ct_loop_destroy(loop);
		return rc;
	}
	if (ct_server_create(loop, &at, &handler, NULL, &server, &err) != CT_OK)
		return fail(&err);
	printf("%d\n", ct_server_port(server));
	fflush(stdout);
	ct_loop_run(loop);
	return 0;
}

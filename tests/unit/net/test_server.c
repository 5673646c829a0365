/* Raw client sockets on the server's own loop: what is sent and seen is bytes, not a client's idea. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "leaks.h"
#include "net/server.h"

TestSuite(server, .fini = check_leaks, .timeout = 60);

enum how { ANSWER, LATER, NEVER, CUT, RESET, RESET_BEFORE_HEAD, BIG, SHORT };

/* One client and what happened to its requests. */
struct world {
	struct ct_loop *loop;
	struct ct_server *server;
	struct ct_watch *watch;
	struct ct_timer *timer;
	struct ct_exchange *waiting;
	int fd;
	enum how how;
	int requests, gone, complete;
	int stop_after_gone; /* end the loop once so many exchanges are gone */
	bool stop_at_request;
	size_t got_max; /* end once so much has come */
	bool closed, was_reset;
	struct ct_buf got; /* what the client received */
	char seen[256]; /* "METHOD PATH?QUERY=BODY;" of each request */
};

static void answer(struct world *w, struct ct_exchange *exchange, const char *text)
{
	struct ct_headers *headers = calloc(1, sizeof(*headers));
	struct ct_arena arena = { 0 };

	(void)w;
	headers->arena = &arena;
	ct_headers_add(headers, ct_str("X-Test"), ct_str("yes"));
	cr_assert_eq(ct_exchange_head(exchange, 200, headers, -1, NULL), CT_OK);
	ct_arena_fini(&arena);
	free(headers);
	cr_assert_eq(ct_exchange_send(exchange, ct_str(text), NULL), CT_OK);
	ct_exchange_end(exchange);
}

static void on_timer(void *user)
{
	struct world *w = user;

	answer(w, w->waiting, "later");
}

static void on_turn(void *user)
{
	ct_loop_stop(((struct world *)user)->loop);
}

static void send_big(struct ct_exchange *exchange)
{
	char *block = malloc(1 << 20);

	memset(block, 'b', 1 << 20);
	cr_assert_eq(ct_exchange_head(exchange, 200, NULL, -1, NULL), CT_OK);
	for (int i = 0; i < 64; i++)
		cr_assert_eq(ct_exchange_send(exchange, (struct ct_str){ block, 1 << 20 },
					      NULL),
			     CT_OK);
	cr_assert_eq(ct_exchange_unsent(exchange), 64u << 20);
	cr_assert_eq(ct_exchange_send(exchange, ct_str("x"), NULL), CT_ETOOBIG);
	ct_exchange_end(exchange);
	free(block);
}

static void on_request(void *user, struct ct_exchange *exchange,
		       const struct ct_server_request *request, void **exchange_user)
{
	struct world *w = user;
	size_t used = strlen(w->seen);

	*exchange_user = w;
	w->requests++;
	w->waiting = exchange;
	snprintf(w->seen + used, sizeof(w->seen) - used, "%.*s %.*s?%.*s=%.*s;",
		 CT_STR_ARG(request->method), CT_STR_ARG(request->path),
		 CT_STR_ARG(request->query), CT_STR_ARG(request->body));
	if (w->how == ANSWER)
		answer(w, exchange, "hello");
	else if (w->how == LATER)
		ct_timer_start(w->timer, 1);
	else if (w->how == BIG)
		send_big(exchange);
	else if (w->how == RESET_BEFORE_HEAD)
		ct_exchange_abort(exchange, true);
	if (w->how == CUT || w->how == RESET || w->how == SHORT) {
		ct_exchange_head(exchange, 200, NULL, w->how == SHORT ? 100 : -1, NULL);
		ct_exchange_send(exchange, ct_str("half"), NULL);
		ct_exchange_abort(exchange, w->how == RESET);
	}
	if (w->stop_at_request)
		ct_loop_stop(w->loop);
}

static void on_gone(void *user, void *exchange_user, bool complete)
{
	struct world *w = user;

	cr_assert_eq(exchange_user, w);
	w->gone++;
	w->complete += complete;
	w->waiting = NULL;
	if (w->gone == w->stop_after_gone)
		ct_loop_stop(w->loop);
}

/* The client reads: until its connection ends, or what was waited for has come. */
static void on_readable(void *user, int events)
{
	struct world *w = user;
	char bytes[65536];
	ssize_t n = recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	(void)events;
	if (n > 0)
		ct_buf_append(&w->got, bytes, (size_t)n);
	if (n < 0 && errno == EAGAIN)
		return;
	w->closed = n <= 0;
	w->was_reset = n < 0 && errno == ECONNRESET;
	if (w->closed) {
		ct_watch_close(w->watch);
		w->watch = NULL;
	}
	if (w->closed ? w->gone >= w->stop_after_gone
		      : w->got_max && w->got.len >= w->got_max)
		ct_loop_stop(w->loop);
}

static void open_world(struct world *w, enum how how)
{
	struct ct_server_options options = { .max_body_bytes = 1000,
					     .max_connections = 10 };
	struct ct_server_handler handler = { .on_request = on_request,
					     .on_gone = on_gone };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct ct_err err = { 0 };

	*w = (struct world){ .how = how,
			     .got = CT_BUF_INIT(128 << 20),
			     .stop_after_gone = 1 };
	cr_assert_eq(ct_loop_create(&w->loop, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_server_create(w->loop, &options, &handler, w, &w->server, &err),
		     CT_OK, "%s", err.msg);
	w->timer = ct_timer_create(w->loop, on_timer, w);
	to.sin_port = htons((uint16_t)ct_server_port(w->server));
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(connect(w->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	cr_assert_eq(ct_watch_open(w->loop, w->fd, CT_READABLE, true, on_readable, w,
				   &w->watch, &err),
		     CT_OK);
}

static void say(struct world *w, const char *text)
{
	cr_assert_eq(send(w->fd, text, strlen(text), MSG_NOSIGNAL),
		     (ssize_t)strlen(text));
}

static void leave(struct world *w)
{
	ct_watch_close(w->watch);
	w->watch = NULL;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

static void close_world(struct world *w)
{
	leave(w);
	ct_server_destroy(w->server);
	ct_timer_destroy(w->timer);
	ct_loop_destroy(w->loop);
	ct_buf_fini(&w->got);
}

#define GET "GET /a%20b?q=%31 HTTP/1.1\r\nHost: x\r\n\r\n"

Test(server, answers_in_chunks_and_says_its_headers)
{
	struct world w;

	open_world(&w, ANSWER);
	say(&w, GET);
	ct_loop_run(w.loop);
	cr_assert_str_eq(w.seen, "GET /a b?q=%31=;");
	cr_assert_eq(w.complete, 1);
	w.got_max = 1;
	while (strstr(w.got.ptr, "0\r\n\r\n") == NULL)
		ct_loop_run(w.loop);
	cr_assert(strstr(w.got.ptr, "X-Test: yes") != NULL, "%s", w.got.ptr);
	cr_assert(strstr(w.got.ptr, "\r\n\r\n5\r\nhello\r\n0\r\n\r\n") != NULL, "%s",
		  w.got.ptr);
	close_world(&w);
}

Test(server, wakes_a_connection_that_is_answered_later)
{
	struct world w;

	open_world(&w, LATER);
	say(&w, GET);
	ct_loop_run(w.loop);
	cr_assert_eq(w.complete, 1);
	close_world(&w);
}

Test(server, answers_pipelined_requests_in_their_order)
{
	struct world w;

	open_world(&w, ANSWER);
	w.stop_after_gone = 3;
	say(&w, "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none" GET
		"POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		"2\r\nth\r\n3\r\nree\r\n0\r\n\r\n");
	ct_loop_run(w.loop);
	cr_assert_str_eq(w.seen, "POST /1?=one;GET /a b?q=%31=;POST /3?=three;");
	cr_assert_eq(w.complete, 3);
	close_world(&w);
}

Test(server, reads_a_request_that_comes_byte_by_byte)
{
	static const char text[] =
		"POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none";
	struct ct_timer *turn;
	struct world w;

	open_world(&w, ANSWER);
	turn = ct_timer_create(w.loop, on_turn, &w);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		cr_assert_eq(send(w.fd, text + i, 1, MSG_NOSIGNAL), 1);
		ct_timer_start(turn, 0);
		ct_loop_run(w.loop);
	}
	ct_timer_destroy(turn);
	if (w.gone == 0)
		ct_loop_run(w.loop);
	cr_assert_str_eq(w.seen, "POST /1?=one;");
	close_world(&w);
}

Test(server, refuses_requests_that_two_readers_would_frame_differently)
{
	static const struct {
		const char *name, *request, *status;
		const char *other; /* what libmicrohttpd 1.0 answers before we are asked */
	} cases[] = {
		{ "CL and TE",
		  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		  "HTTP/1.1 400" },
		{ "two CL, different",
		  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: "
		  "2\r\n\r\nab",
		  "HTTP/1.1 400" },
		{ "two CL, equal",
		  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: "
		  "1\r\n\r\na",
		  "HTTP/1.1 400" },
		{ "CL that is none",
		  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na",
		  "HTTP/1.1 400" },
		{ "TE unknown",
		  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
		  "HTTP/1.1 501", "HTTP/1.1 400" },
		{ "TE twice",
		  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		  "HTTP/1.1 501", "HTTP/1.1 400" },
		{ "no Host", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400" },
		{ "two Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
		  "HTTP/1.1 400" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct world w;

		open_world(&w, ANSWER);
		w.stop_after_gone = 0;
		say(&w, cases[i].request);
		ct_loop_run(w.loop);
		struct ct_str got = ct_buf_str(&w.got);
		cr_assert(ct_str_starts(got, cases[i].status) ||
				  (cases[i].other != NULL && ct_str_starts(got, cases[i].other)),
			  "%s: %s", cases[i].name, w.got.ptr);
		cr_assert(w.closed, "%s", cases[i].name);
		cr_assert_eq(w.requests + w.gone, 0, "%s", cases[i].name);
		close_world(&w);
	}
}

Test(server, takes_http_1_0_without_a_host)
{
	struct world w;

	open_world(&w, ANSWER);
	say(&w, "GET /old HTTP/1.0\r\n\r\n");
	ct_loop_run(w.loop);
	cr_assert_str_eq(w.seen, "GET /old?=;");
	close_world(&w);
}

Test(server, refuses_a_body_over_the_limit_whole_or_in_chunks)
{
	char *text = malloc(9000);

	for (int chunked = 0; chunked < 2; chunked++) {
		struct world w;
		int len = sprintf(text, "POST / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s",
				  chunked ? "Transfer-Encoding: chunked"
					  : "Content-Length: 4096",
				  chunked ? "1000\r\n" : "");

		memset(text + len, 'z', 4096);
		strcpy(text + len + 4096, chunked ? "\r\n0\r\n\r\n" : "");
		open_world(&w, ANSWER);
		w.stop_after_gone = 0;
		w.got_max = 12;
		say(&w, text);
		ct_loop_run(w.loop);
		cr_assert(ct_str_starts(ct_buf_str(&w.got), "HTTP/1.1 413"), "%s",
			  w.got.ptr);
		cr_assert_eq(w.requests, 0);
		close_world(&w);
	}
	free(text);
}

Test(server, holds_for_a_slow_reader_and_loses_nothing)
{
	struct world w;

	open_world(&w, BIG);
	ct_watch_set(w.watch, 0); /* nobody reads */
	w.stop_at_request = true;
	say(&w, GET);
	ct_loop_run(w.loop);
	w.stop_at_request = false;
	cr_assert_eq(w.gone, 0);
	ct_watch_set(w.watch, CT_READABLE);
	ct_loop_run(w.loop);
	cr_assert_eq(w.complete, 1);
	w.got_max = 64 << 20;
	while (strstr(w.got.ptr + w.got.len - 5, "0\r\n\r\n") == NULL)
		ct_loop_run(w.loop);
	size_t count = 0;
	for (size_t i = 0; i < w.got.len; i++)
		count += w.got.ptr[i] == 'b' && (i == 0 || w.got.ptr[i - 1] == 'b');
	cr_assert_geq(count, (64u << 20) - 10000);
	close_world(&w);
}

Test(server, notices_a_client_that_goes_while_nothing_is_sent)
{
	struct world w;

	open_world(&w, NEVER);
	w.stop_at_request = true;
	say(&w, GET);
	ct_loop_run(w.loop);
	leave(&w);
	ct_loop_run(w.loop);
	cr_assert_eq(w.gone, 1);
	cr_assert_eq(w.complete, 0);
	close_world(&w);
}

Test(server, notices_a_client_that_goes_in_the_middle_of_an_answer)
{
	struct world w;

	open_world(&w, BIG);
	ct_watch_set(w.watch, 0);
	w.stop_at_request = true;
	say(&w, GET);
	ct_loop_run(w.loop);
	leave(&w);
	ct_loop_run(w.loop);
	cr_assert_eq(w.gone, 1);
	cr_assert_eq(w.complete, 0);
	close_world(&w);
}

Test(server, cuts_after_what_was_queued_without_the_last_chunk)
{
	struct world w;

	open_world(&w, CUT);
	w.stop_after_gone = 1;
	say(&w, GET);
	while (!w.closed)
		ct_loop_run(w.loop);
	cr_assert(strstr(w.got.ptr, "4\r\nhalf\r\n") != NULL, "%s", w.got.ptr);
	cr_assert(strstr(w.got.ptr, "0\r\n\r\n") == NULL, "%s", w.got.ptr);
	cr_assert_eq(w.was_reset, false);
	cr_assert_eq(w.gone, 1);
	cr_assert_eq(w.complete, 0);
	close_world(&w);
}

Test(server, cuts_an_answer_short_of_its_length)
{
	struct world w;

	open_world(&w, SHORT);
	say(&w, GET);
	while (!w.closed)
		ct_loop_run(w.loop);
	cr_assert(strstr(w.got.ptr, "Content-Length: 100") != NULL, "%s", w.got.ptr);
	cr_assert(strstr(w.got.ptr, "\r\n\r\nhalf") != NULL, "%s", w.got.ptr);
	cr_assert_eq(w.complete, 0);
	close_world(&w);
}

Test(server, resets_before_and_after_the_head)
{
	static const enum how hows[] = { RESET_BEFORE_HEAD, RESET };

	for (size_t i = 0; i < CT_COUNT(hows); i++) {
		struct world w;

		open_world(&w, hows[i]);
		say(&w, GET);
		while (!w.closed)
			ct_loop_run(w.loop);
		cr_assert(w.was_reset, "case %zu: %s", i, w.got.ptr);
		cr_assert_eq(w.gone, 1);
		close_world(&w);
	}
}

Test(server, tells_everyone_when_it_is_destroyed)
{
	struct world w;

	open_world(&w, NEVER);
	w.stop_at_request = true;
	say(&w, GET);
	ct_loop_run(w.loop);
	ct_server_destroy(w.server);
	w.server = NULL;
	cr_assert_eq(w.gone, 1);
	cr_assert_eq(w.complete, 0);
	close_world(&w);
}

Test(server, says_which_port_is_taken)
{
	struct ct_server_options options = { .max_body_bytes = 1, .max_connections = 1 };
	struct ct_server_handler handler = { .on_request = on_request,
					     .on_gone = on_gone };
	struct ct_server *second = NULL;
	struct ct_err err = { 0 };
	struct world w;

	open_world(&w, NEVER);
	options.port = ct_server_port(w.server);
	cr_assert_eq(ct_server_create(w.loop, &options, &handler, &w, &second, &err),
		     CT_EIO);
	cr_assert(strstr(err.msg, "port") != NULL, "%s", err.msg);
	close_world(&w);
}

/* Answers that are made piece by piece, over many turns of the loop: every byte of the framing. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "leaks.h"
#include "net/server.h"

TestSuite(pieces, .fini = check_leaks, .timeout = 60);

enum last { END, CUT, RESET, NOTHING };

/* One client, and the answer it is given: so many pieces, one each turn, then the last word. */
struct world {
	struct ct_loop *loop;
	struct ct_server *server;
	struct ct_watch *watch;
	struct ct_timer *timer;
	struct ct_exchange *exchange;
	struct ct_buf piece; /* the next begins with its number */
	int fd, made, count;
	enum last last;
	bool stop_when_made, gone, complete, closed, was_reset;
	struct ct_buf got, body; /* what the client received, and what it holds */
	bool whole;
};

static void make_one(void *user)
{
	struct world *w = user;

	if (w->made == w->count) {
		if (w->last == END)
			ct_exchange_end(w->exchange);
		else if (w->last != NOTHING)
			ct_exchange_abort(w->exchange, w->last == RESET);
		if (w->stop_when_made)
			ct_loop_stop(w->loop);
		return;
	}
	memcpy(w->piece.ptr, (char[]){ (char)('a' + w->made % 26) }, 1);
	cr_assert_eq(ct_exchange_send(w->exchange, ct_buf_str(&w->piece), NULL), CT_OK);
	cr_assert_eq(ct_exchange_send(w->exchange, ct_str(""), NULL), CT_OK);
	w->made++;
	ct_timer_start(w->timer, 1);
}

static void on_request(void *user, struct ct_exchange *exchange,
		       const struct ct_server_request *request, void **exchange_user)
{
	struct world *w = user;

	(void)request;
	*exchange_user = w;
	w->exchange = exchange;
	cr_assert_eq(ct_exchange_head(exchange, 200, NULL, -1, NULL), CT_OK);
	ct_timer_start(w->timer, 1);
}

static void on_gone(void *user, void *exchange_user, bool complete)
{
	struct world *w = user;

	(void)exchange_user;
	w->gone = true;
	w->complete = complete;
	ct_timer_stop(w->timer);
	if (w->closed || w->fd < 0 || complete)
		ct_loop_stop(w->loop);
}

static void on_readable(void *user, int events)
{
	struct world *w = user;
	char bytes[65536];
	ssize_t n = recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	(void)events;
	if (n > 0)
		ct_buf_append(&w->got, bytes, (size_t)n);
	if (n > 0 || (n < 0 && errno == EAGAIN))
		return;
	w->closed = true;
	w->was_reset = n < 0 && errno == ECONNRESET;
	ct_watch_close(w->watch);
	w->watch = NULL;
	if (w->gone)
		ct_loop_stop(w->loop);
}

static void open_world(struct world *w, size_t piece_bytes, int count, enum last last)
{
	struct ct_server_options options = { .max_body_bytes = 1000, .max_connections = 10 };
	struct ct_server_handler handler = { .on_request = on_request, .on_gone = on_gone };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct ct_err err = { 0 };

	*w = (struct world){ .count = count,
			     .last = last,
			     .piece = CT_BUF_INIT(64 << 20),
			     .got = CT_BUF_INIT(128 << 20),
			     .body = CT_BUF_INIT(128 << 20) };
	for (size_t i = 0; i < piece_bytes; i++)
		ct_buf_append(&w->piece, ".", 1);
	cr_assert_eq(ct_loop_create(&w->loop, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_server_create(w->loop, &options, &handler, w, &w->server, &err), CT_OK,
		     "%s", err.msg);
	w->timer = ct_timer_create(w->loop, make_one, w);
	to.sin_port = htons((uint16_t)ct_server_port(w->server));
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(connect(w->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	cr_assert_eq(ct_watch_open(w->loop, w->fd, CT_READABLE, true, on_readable, w, &w->watch,
				   &err),
		     CT_OK);
}

static void leave(struct world *w)
{
	ct_watch_close(w->watch);
	w->watch = NULL;
	close(w->fd);
	w->fd = -1;
}

static void close_world(struct world *w)
{
	if (w->fd >= 0)
		leave(w);
	ct_server_destroy(w->server);
	ct_timer_destroy(w->timer);
	ct_loop_destroy(w->loop);
	ct_buf_fini(&w->piece);
	ct_buf_fini(&w->got);
	ct_buf_fini(&w->body);
}

static void say(struct world *w, const char *text)
{
	cr_assert_eq(send(w->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void read_to_the_end(struct world *w)
{
	char bytes[65536];
	ssize_t n;

	/* the daemon keeps the connection: what is still in the socket ends with its last bytes */
	while (!w->closed && (n = recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		ct_buf_append(&w->got, bytes, (size_t)n);
}

/* Take the chunks apart: false where they are none. */
static bool unframe(struct world *w)
{
	const char *at, *end;

	read_to_the_end(w);
	at = strstr(w->got.ptr, "\r\n\r\n");
	end = w->got.ptr + w->got.len;
	for (at = at != NULL ? at + 4 : end; at < end;) {
		char *line_end;
		size_t len = strtoul(at, &line_end, 16);

		if (line_end == at || strncmp(line_end, "\r\n", 2) != 0)
			return false;
		at = line_end + 2;
		if (len > (size_t)(end - at))
			return false;
		ct_buf_append(&w->body, at, len);
		at += len;
		if (strncmp(at, "\r\n", 2) != 0)
			return false;
		at += 2;
		w->whole = len == 0 && at == end;
		if (len == 0)
			return w->whole;
	}
	return true;
}

static void check_pieces(const struct world *w, int count)
{
	cr_assert_eq(w->body.len, w->piece.len * (size_t)count);
	for (int i = 0; i < count; i++)
		cr_assert_eq(w->body.ptr[w->piece.len * (size_t)i], 'a' + i % 26, "piece %d", i);
}

#define REQUEST "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"

Test(pieces, are_a_chunk_each_and_end_with_the_empty_one)
{
	struct world w;

	open_world(&w, 10, 30, END);
	say(&w, REQUEST);
	ct_loop_run(w.loop);
	cr_assert(w.complete);
	cr_assert(unframe(&w), "%s", w.got.ptr);
	cr_assert(w.whole, "%s", w.got.ptr);
	check_pieces(&w, 30);
	close_world(&w);
}

Test(pieces, leave_the_connection_fit_for_the_next_request)
{
	struct world w;

	open_world(&w, 10, 3, END);
	for (int i = 0; i < 3; i++) {
		w.made = 0;
		say(&w, REQUEST);
		ct_loop_run(w.loop);
		cr_assert(w.complete, "request %d", i);
		ct_buf_clear(&w.body);
		cr_assert(unframe(&w), "request %d: %s", i, w.got.ptr);
		check_pieces(&w, 3);
		ct_buf_clear(&w.got);
	}
	close_world(&w);
}

Test(pieces, have_no_frame_where_the_client_knows_none)
{
	static const char *const requests[] = {
		"GET / HTTP/1.0\r\n\r\n",
		"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
	};

	for (size_t i = 0; i < CT_COUNT(requests); i++) {
		struct world w;
		const char *body;

		open_world(&w, 10, 3, END);
		say(&w, requests[i]);
		while (!w.closed)
			ct_loop_run(w.loop);
		body = strstr(w.got.ptr, "\r\n\r\n");
		cr_assert_str_eq(body + 4, "a.........b.........c.........", "%s", w.got.ptr);
		close_world(&w);
	}
}

Test(pieces, are_framed_alike_where_the_connection_ends_with_them)
{
	struct world w;

	open_world(&w, 10, 5, END);
	say(&w, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	while (!w.closed)
		ct_loop_run(w.loop);
	if (strstr(w.got.ptr, "chunked") != NULL) {
		cr_assert(unframe(&w), "%s", w.got.ptr);
		cr_assert(w.whole);
		check_pieces(&w, 5);
	} else {
		cr_assert_eq(w.got.len - (size_t)(strstr(w.got.ptr, "\r\n\r\n") - w.got.ptr), 54u,
			     "%s", w.got.ptr);
	}
	close_world(&w);
}

Test(pieces, wait_for_a_slow_reader_and_none_is_lost)
{
	struct world w;

	open_world(&w, 1 << 20, 40, END);
	w.stop_when_made = true;
	ct_watch_set(w.watch, 0);
	say(&w, REQUEST);
	ct_loop_run(w.loop);
	cr_assert(!w.gone);
	cr_assert_gt(ct_exchange_unsent(w.exchange), 10u << 20);
	ct_watch_set(w.watch, CT_READABLE);
	ct_loop_run(w.loop);
	cr_assert(w.complete);
	cr_assert(unframe(&w));
	cr_assert(w.whole);
	check_pieces(&w, 40);
	close_world(&w);
}

Test(pieces, that_nobody_takes_have_a_ceiling)
{
	struct world w;
	int rc = CT_OK;

	open_world(&w, 1 << 20, 2, NOTHING);
	w.stop_when_made = true;
	ct_watch_set(w.watch, 0);
	say(&w, REQUEST);
	ct_loop_run(w.loop);
	for (int i = 0; i < 100 && rc == CT_OK; i++)
		rc = ct_exchange_send(w.exchange, ct_buf_str(&w.piece), NULL);
	cr_assert_eq(rc, CT_ETOOBIG);
	cr_assert_leq(ct_exchange_unsent(w.exchange), 64u << 20);
	close_world(&w);
}

Test(pieces, are_all_sent_before_a_cut)
{
	for (int slow = 0; slow < 2; slow++) {
		struct world w;

		open_world(&w, slow ? 1 << 20 : 10, 20, CUT);
		w.stop_when_made = slow;
		ct_watch_set(w.watch, slow ? 0 : CT_READABLE);
		say(&w, REQUEST);
		if (slow)
			ct_loop_run(w.loop);
		ct_watch_set(w.watch, CT_READABLE);
		while (!w.closed)
			ct_loop_run(w.loop);
		cr_assert(unframe(&w), "slow: %d", slow);
		cr_assert(!w.whole && !w.complete, "slow: %d", slow);
		check_pieces(&w, 20);
		close_world(&w);
	}
}

Test(pieces, end_in_a_reset_where_that_is_asked_for)
{
	struct world w;

	open_world(&w, 10, 3, RESET);
	say(&w, REQUEST);
	while (!w.closed)
		ct_loop_run(w.loop);
	cr_assert(w.was_reset);
	cr_assert(w.gone && !w.complete);
	close_world(&w);
}

Test(pieces, stop_when_the_client_goes_between_two_or_before_taking_one)
{
	for (int slow = 0; slow < 2; slow++) {
		struct world w;

		open_world(&w, slow ? 1 << 20 : 10, 20, NOTHING);
		w.stop_when_made = true;
		ct_watch_set(w.watch, 0);
		say(&w, REQUEST);
		ct_loop_run(w.loop);
		leave(&w);
		while (!w.gone)
			ct_loop_run(w.loop);
		cr_assert(!w.complete, "slow: %d", slow);
		close_world(&w);
	}
}

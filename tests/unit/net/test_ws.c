/* The handshake, limits, back-pressure and ends of a WebSocket. Frames: test_ws_cases.c. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "leaks.h"
#include "net/ws_handshake.h"
#include "rawserver.h"
#include "wspeer.h"

static void setup(void)
{
	static const char *const proxies[] = { "http_proxy", "all_proxy", "ALL_PROXY" };

	for (size_t i = 0; i < CT_COUNT(proxies); i++)
		unsetenv(proxies[i]);
	signal(SIGPIPE, SIG_IGN);
}

TestSuite(ws, .init = setup, .fini = check_leaks, .timeout = 100);

Test(ws, answers_a_key_as_the_standard_does)
{
	char accept[CT_WS_ACCEPT_SIZE];

	ct_ws_accept_key(accept, ct_str("dGhlIHNhbXBsZSBub25jZQ=="));
	cr_assert_str_eq(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

Test(ws, asks_with_the_path_the_host_and_a_key)
{
	struct wspeer p = { .frames = { "\x88\x00", 2 } };

	wspeer_run(&p);
	cr_expect(strstr(p.got.ptr, "GET /x?y=z HTTP/1.1\r\nHost: 127.0.0.1:") == p.got.ptr, "%s",
		  p.got.ptr);
	cr_expect_not_null(strstr(p.got.ptr, "\r\nSec-WebSocket-Version: 13\r\n"));
	cr_expect_eq(p.code, CT_OK);
	wspeer_fini(&p);
}

Test(ws, tells_what_a_refusal_said)
{
	static const struct {
		const char *answer, *body;
		int status;
		bool then_close;
	} cases[] = {
		{ "HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope", "nope", 401, false },
		{ "HTTP/1.1 402 Pay\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0"
		  "\r\n\r\n",
		  "abcde", 402, false },
		{ "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n\r\nuntil the end", "until the end", 429,
		  true },
		{ "HTTP/1.1 503 \r\ncontent-length: 100\r\n\r\ncut", "cut", 503, true },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "", 200,
		  false },
		{ "HTTP/1.1 302 Found\nLocation: http://other/\nContent-Length: 0\n\n", "", 302, false },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct wspeer p = { .answer = cases[i].answer, .then_close = cases[i].then_close };

		wspeer_run(&p);
		cr_expect_eq(p.code, CT_EPROTO, "%zu: %d %s", i, p.code, p.err.msg);
		cr_expect_eq(p.status, cases[i].status, "%zu: %d", i, p.status);
		cr_expect_eq(p.err.status, cases[i].status);
		cr_expect_str_eq(p.body, cases[i].body, "%zu: %s", i, p.body);
		cr_expect_eq(p.opens, 0);
		wspeer_fini(&p);
	}
}

Test(ws, refuses_answers_that_are_no_websockets)
{
	static const struct {
		const char *answer, *why;
		int code;
		bool then_close;
	} cases[] = {
		{ "SSH-2.0-OpenSSH\r\n", "no HTTP", CT_EPROTO, false },
		{ "HTTP/2 200\r\n\r\n", "no HTTP", CT_EPROTO, false },
		{ "HTTP/1.1 1x1 No\r\n\r\n", "no HTTP", CT_EPROTO, false },
		{ "HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\n\r\n", "Upgrade: websocket", CT_EPROTO,
		  false },
		{ "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n\r\n", "Connection: Upgrade", CT_EPROTO,
		  false },
		{ "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
		  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
		  "another key", CT_EPROTO, false },
		{ "HTTP/1.1 101 Yes\r\nUpgrade: web", "closed the connection", CT_ECONNECT, true },
		{ "", "closed the connection", CT_ECONNECT, true },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct wspeer p = { .answer = cases[i].answer, .then_close = cases[i].then_close };

		wspeer_run(&p);
		cr_expect_eq(p.code, cases[i].code, "%zu: %d %s", i, p.code, p.err.msg);
		cr_expect_not_null(strstr(p.err.msg, cases[i].why), "%zu: %s", i, p.err.msg);
		cr_expect_eq(p.status, 0);
		wspeer_fini(&p);
	}
}

Test(ws, refuses_a_head_without_end)
{
	char *answer = malloc(CT_WS_HEAD_MAX + 100);

	memset(answer, 'x', CT_WS_HEAD_MAX + 99);
	memcpy(answer, "HTTP/1.1 200 OK\r\n", 17);
	answer[CT_WS_HEAD_MAX + 99] = '\0';

	struct raw_step steps[] = { RAW(READ), RAW_TEXT(answer), RAW(HOLD), RAW(END) };
	struct rawserver *raw = rawserver_start(steps);
	struct ct_ws_answer read;
	struct ct_arena arena = { 0 };
	struct ct_err err = { 0 };
	int code;

	cr_expect_not(ct_ws_answer_read(ct_str(answer), &arena, &read, &code, &err));
	cr_expect_eq(code, CT_EPROTO);
	ct_arena_fini(&arena);
	rawserver_stop(raw);
	free(answer);
}

/* A connection that was never made. */
static void run_against(const char *url, int64_t open_ms, struct wspeer *p);

static void end_alone(void *user, const struct ct_ws_end *end)
{
	struct wspeer *p = user;

	p->ends++;
	p->code = end->code;
	p->err = end->err;
}

static void nothing(void *user, struct ct_str bytes)
{
	(void)user, (void)bytes;
}

static void open_alone(void *user, const struct ct_headers *headers)
{
	(void)headers;
	((struct wspeer *)user)->opens++;
}

static void run_against(const char *url, int64_t open_ms, struct wspeer *p)
{
	static const struct ct_ws_handler handler = { open_alone, nothing, nothing, NULL,
						      end_alone };
	struct ct_ws_request request = { .url = ct_str(url), .options.open_ms = open_ms };

	cr_assert_eq(ct_loop_create(&p->loop, NULL), CT_OK);
	cr_assert_eq(ct_ws_connect(p->loop, &request, &handler, p, &p->ws, &p->err), CT_OK,
		     "%s", p->err.msg);
	ct_loop_run(p->loop);
	ct_loop_destroy(p->loop);
}

Test(ws, says_that_nobody_listens)
{
	struct wspeer p = { 0 };
	char url[64];

	snprintf(url, sizeof(url), "ws://127.0.0.1:%d/", rawserver_dead_port());
	run_against(url, 0, &p);
	cr_expect_eq(p.code, CT_ECONNECT, "%s", p.err.msg);
	cr_expect_eq(p.ends, 1);
}

Test(ws, gives_up_on_a_peer_that_does_not_answer)
{
	static const struct raw_step steps[] = { RAW(READ), RAW(HOLD), RAW(END) };
	struct rawserver *raw = rawserver_start(steps);
	struct wspeer p = { 0 };

	run_against(rawserver_url(raw, "/"), 50, &p);
	cr_expect_eq(p.code, CT_EFIRST, "%s", p.err.msg);
	rawserver_stop(raw);
}

Test(ws, goes_through_a_proxy_by_connect)
{
	static const struct raw_step steps[] = { RAW(READ), RAW_TEXT("HTTP/1.1 200 OK\r\n\r\n"),
						 RAW(READ),
						 RAW_TEXT("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
						 RAW(CLOSE), RAW(END) };
	struct rawserver *raw = rawserver_start(steps);
	struct wspeer p = { 0 };

	setenv("http_proxy", rawserver_url(raw, ""), 1);
	run_against("ws://provider.example:8080/listen", 0, &p);
	unsetenv("http_proxy");
	cr_expect_eq(p.err.status, 403, "%s", p.err.msg);
	rawserver_halt(raw);
	cr_expect_not_null(strstr(rawserver_received(raw), "CONNECT provider.example:8080 "));
	cr_expect_not_null(strstr(rawserver_received(raw),
				  "GET /listen HTTP/1.1\r\nHost: provider.example:8080\r\n"));
	rawserver_stop(raw);
}

Test(ws, sends_a_secret_header_and_refuses_one_with_a_line_end)
{
	static const struct raw_step steps[] = { RAW(READ), RAW(CLOSE), RAW(END) };
	static const struct ct_ws_handler handler = { open_alone, nothing, nothing, NULL,
						      end_alone };
	struct rawserver *raw = rawserver_start(steps);
	struct ct_secret *good = ct_secret_create(ct_str("key-1234567"));
	struct ct_secret *bad = ct_secret_create(ct_str("key\r\nX: y"));
	struct ct_ws_request request = { .url = ct_str(rawserver_url(raw, "/")),
					 .header_count = 1 };
	struct wspeer p = { 0 };

	request.headers[0] =
		(struct ct_http_header){ ct_str("Authorization"), ct_str("Token "), bad };
	cr_assert_eq(ct_loop_create(&p.loop, NULL), CT_OK);
	cr_expect_eq(ct_ws_connect(p.loop, &request, &handler, &p, &p.ws, &p.err), CT_EINVALID);
	cr_expect_null(strstr(p.err.msg, "key"));
	request.headers[0].secret = good;
	cr_assert_eq(ct_ws_connect(p.loop, &request, &handler, &p, &p.ws, &p.err), CT_OK);
	ct_loop_run(p.loop);
	ct_loop_destroy(p.loop);
	rawserver_halt(raw);
	cr_expect_not_null(
		strstr(rawserver_received(raw), "\r\nAuthorization: Token key-1234567\r\n"));
	rawserver_stop(raw);
	ct_secret_destroy(good);
	ct_secret_destroy(bad);
}

Test(ws, is_refused_by_our_server_where_the_request_asks_wrongly)
{
#define ASK(upgrade, connection, version, key)                                        \
	"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: " upgrade "\r\nConnection: " connection \
	"\r\nSec-WebSocket-Version: " version "\r\nSec-WebSocket-Key: " key "\r\n\r\n"
	static const struct {
		const char *head;
		int status;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ ASK("h2c", "Upgrade", "13", "dGhlIHNhbXBsZSBub25jZQ=="), 400 },
		{ ASK("websocket", "close", "13", "dGhlIHNhbXBsZSBub25jZQ=="), 400 },
		{ ASK("websocket", "Upgrade", "8", "dGhlIHNhbXBsZSBub25jZQ=="), 426 },
		{ ASK("websocket", "Upgrade", "13", "dGhlIHNhbXBsZQ=="), 400 },
		{ ASK("websocket", "Upgrade", "13", "not base64 at all, no no"), 400 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct wspeer p = { .is_client = true, .answer = cases[i].head, .then_close = true };

		wspeer_run(&p);
		cr_expect_eq(p.err.status, cases[i].status, "%zu: %d %s", i, p.err.status, p.err.msg);
		cr_expect_eq(p.opens, 0);
		wspeer_fini(&p);
	}
}

Test(ws, refuses_frames_that_are_masked_by_a_server_or_bare_from_a_client)
{
	struct wspeer masked = { .frames = CT_STR("\x81\x81\x01\x02\x03\x04x") };
	struct wspeer bare = { .is_client = true,
			       .unmasked = true,
			       .frames = CT_STR("\x81\x01x") };

	wspeer_run(&masked);
	wspeer_run(&bare);
	cr_expect_eq(masked.code, CT_EPROTO);
	cr_expect_str_eq(masked.told.ptr, "C1002;");
	cr_expect_str_eq(masked.seen.ptr, "");
	cr_expect_eq(bare.code, CT_EPROTO);
	cr_expect_str_eq(bare.told.ptr, "C1002;");
	wspeer_fini(&masked);
	wspeer_fini(&bare);
}

Test(ws, refuses_messages_over_the_limit_also_in_fragments)
{
	static const struct ct_str cases[] = {
		CT_STR("\x82\x0b" "0123456789a"),
		CT_STR("\x82\x7f\x00\x00\x00\x10\x00\x00\x00\x00never comes"),
		CT_STR("\x01\x06" "012345\x00\x05" "6789a"),
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct wspeer p = { .frames = cases[i], .options.max_message_bytes = 10 };

		wspeer_run(&p);
		cr_expect_eq(p.code, CT_ETOOBIG, "%zu: %d %s", i, p.code, p.err.msg);
		cr_expect_str_eq(p.told.ptr, "C1009;", "%zu: %s", i, p.told.ptr);
		cr_expect_str_eq(p.seen.ptr, "");
		wspeer_fini(&p);
	}
}

Test(ws, calls_a_socket_that_ends_without_a_close_frame_cut)
{
	static const struct ct_str cases[] = {
		CT_STR(""),
		CT_STR("\x81"),
		CT_STR("\x81\x05he"),
		CT_STR("\x01\x02he"),
		CT_STR("\x81\x02he"),
	};

	for (size_t i = 0; i < CT_COUNT(cases) * 4; i++) {
		struct wspeer p = { .frames = cases[i / 4],
				    .is_client = (i & 1) != 0,
				    .then_close = (i & 2) == 0,
				    .then_reset = (i & 2) != 0,
				    .silent = true };

		wspeer_run(&p);
		cr_expect_eq(p.code, p.opens ? CT_ECUT : p.code, "%zu: %d %s", i, p.code, p.err.msg);
		cr_expect_neq(p.code, CT_OK, "%zu", i);
		cr_expect_eq(p.ends, 1);
		cr_expect_eq(p.close_code, CT_WS_ABNORMAL);
		if (i / 4 == 4 && !p.then_reset)
			cr_expect_str_eq(p.seen.ptr, "T:he;", "%zu", i);
		wspeer_fini(&p);
	}
}

static void close_now(struct wspeer *p)
{
	ct_ws_send_text(p->ws, ct_str("last words"), NULL);
	ct_ws_close(p->ws, CT_WS_NORMAL, "done");
	ct_ws_close(p->ws, CT_WS_GOING_AWAY, "again");
	cr_expect_eq(ct_ws_send_text(p->ws, ct_str("too late"), NULL), CT_ECANCELLED);
}

Test(ws, closes_after_what_was_queued_and_hears_the_peer_out)
{
	/* the peer still says something before its close frame */
	struct wspeer p = { .frames = CT_STR("\x81\x02hi\x88\x02\x03\xe8"),
			    .on_open = close_now,
			    .silent = true };

	wspeer_run(&p);
	cr_expect_str_eq(p.told.ptr, "T:last words;C1000;", "%s", p.told.ptr);
	cr_expect_str_eq(p.seen.ptr, "T:hi;");
	cr_expect_eq(p.code, CT_OK);
	cr_expect_eq(p.close_code, 1000);
	wspeer_fini(&p);
}

Test(ws, does_not_wait_for_ever_for_a_close_frame)
{
	struct wspeer p = { .on_open = close_now, .keeps_open = true, .options.close_ms = 50 };

	wspeer_run(&p);
	cr_expect_eq(p.code, CT_EIDLE, "%d %s", p.code, p.err.msg);
	wspeer_fini(&p);
}

static void cancel_now(struct wspeer *p)
{
	ct_ws_cancel(p->ws);
	p->ws = NULL;
	p->ends = 1;
}

static void cancel_in_message(struct wspeer *p, struct ct_str bytes)
{
	(void)bytes;
	cancel_now(p);
}

Test(ws, can_be_cancelled_in_any_callback)
{
	for (int i = 0; i < 4; i++) {
		struct wspeer p = { .frames = CT_STR("\x81\x02hi\x81\x02ho"),
				    .is_client = (i & 1) != 0,
				    .on_open = (i & 2) ? cancel_now : NULL,
				    .on_message = cancel_in_message };

		wspeer_run(&p);
		cr_expect_eq(p.ends, 1);
		cr_expect_str_eq(p.seen.ptr, (i & 2) ? "" : "T:hi;");
		wspeer_fini(&p);
	}
}

static const char block[8192];

/* Sends until there is no room, again when there is, a few times; then closes. */
static void fill(struct wspeer *p)
{
	int *rounds = p->data;

	while (ct_ws_send_binary(p->ws, (struct ct_str){ block, sizeof(block) }, NULL) == CT_OK)
		rounds[1]++;
	cr_assert(ct_ws_unsent(p->ws) <= 64 << 10);
	if (++rounds[0] == 5)
		ct_ws_close(p->ws, CT_WS_NORMAL, NULL);
}

Test(ws, says_when_its_queue_is_full_and_when_it_is_not)
{
	for (int i = 0; i < 2; i++) {
		int rounds[2] = { 0 };
		size_t whole = 0;
		struct wspeer p = { .on_open = fill,
				    .on_room = fill,
				    .is_client = i == 1,
				    .keeps_open = i == 1,
				    .frames = CT_STR("\x88\x02\x03\xe8"),
				    .data = rounds,
				    .options.max_unsent_bytes = 64 << 10 };

		p.frames.len = 0;
		p.options.close_ms = i == 1 ? 50 : 0;
		wspeer_run(&p);
		cr_expect_eq(rounds[0], 5);
		for (const char *at = p.told.ptr; (at = strstr(at, "B:8192;")) != NULL; at++)
			whole++;
		cr_expect_eq(whole, (size_t)rounds[1], "%zu of %d", whole, rounds[1]);
		wspeer_fini(&p);
	}
}


static void go_on(void *user)
{
	struct wspeer *p = user;

	cr_expect_str_eq(p->seen.ptr, "T:one;");
	ct_ws_pause(p->ws, false);
}

static void pause_once(struct wspeer *p, struct ct_str bytes)
{
	(void)bytes;
	if (p->timer != NULL)
		return;
	ct_ws_pause(p->ws, true);
	p->timer = ct_timer_create(p->loop, go_on, p);
	ct_timer_start(p->timer, 30);
}

Test(ws, reads_nothing_while_it_is_paused)
{
	struct wspeer p = { .frames = CT_STR("\x81\x03one\x81\x03two\x88\x02\x03\xe8"),
			    .on_message = pause_once,
			    .silent = true };

	wspeer_run(&p);
	cr_expect_str_eq(p.seen.ptr, "T:one;T:two;");
	cr_expect_eq(p.code, CT_OK);
	wspeer_fini(&p);
}

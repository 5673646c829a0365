/* What a caller may do with the client, and what it sends. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client.h"
#include "net/reach.h"
#include "rawserver.h"

TestSuite(http, .init = client_open, .fini = client_close, .timeout = 100);

#define OK "HTTP/1.1 200 OK\r\n"
#define HI OK "Content-Length: 2\r\n\r\nhi"

/* As many exchanges on a connection as come. */
static const struct raw_step keep_alive[] = { RAW(READ),    RAW_TEXT(HI), RAW(READ),
					      RAW_TEXT(HI), RAW(READ),	  RAW_TEXT(HI),
					      RAW(HOLD),    RAW(AGAIN) };
static const struct raw_step head_then_silence[] = {
	RAW(READ), RAW_TEXT(OK "Content-Length: 9\r\nX: 1\r\n\r\n"), RAW(HOLD), RAW(AGAIN)
};
static const struct raw_step one_answer[] = { RAW(READ), RAW_TEXT(HI), RAW(CLOSE),
					      RAW(AGAIN) };

static bool has(const char *text, const char *part)
{
	return strcasestr(text, part) != NULL;
}

Test(http, sends_a_get_with_its_headers_and_no_more_than_it_must)
{
	struct rawserver *server = rawserver_start(one_answer);
	struct ct_secret *secret = ct_secret_create(ct_str("sk-0123456789"));
	struct ct_http_request request = { .method = "GET", .stream = true };
	struct seen seen = { 0 };

	request.url = ct_str(rawserver_url(server, "/v1/x?y=z"));
	ct_http_add_header(&request, "Authorization", ct_str("Bearer "), secret, NULL);
	ct_http_add_header(&request, "Accept", ct_str("text/event-stream"), NULL, NULL);
	ct_http_add_header(&request, "X-Empty", ct_str(""), NULL, NULL);
	cr_assert_eq(client_start_request(&seen, &request), CT_OK);
	ct_loop_run(client_loop);
	rawserver_halt(server);

	const char *sent = rawserver_received(server);
	cr_expect_eq(seen.code, CT_OK, "%s", seen.err.msg);
	cr_expect_eq(strncmp(sent, "GET /v1/x?y=z HTTP/1.1\r\n", 24), 0, "%s", sent);
	cr_expect(has(sent, "\r\nAuthorization: Bearer sk-0123456789\r\n"), "%s", sent);
	cr_expect(has(sent, "\r\nAccept: text/event-stream\r\n"), "%s", sent);
	cr_expect(has(sent, "\r\nX-Empty:\r\n"), "%s", sent);
	cr_expect(has(sent, "\r\nAccept-Encoding: identity\r\n"), "%s", sent);
	cr_expect(has(sent, "\r\nUser-Agent: cartrita/" CT_VERSION "\r\n"), "%s", sent);
	cr_expect(!has(sent, "gzip") && !has(sent, "*/*"), "%s", sent);
	ct_secret_destroy(secret);
	rawserver_stop(server);
}

/* A file without a name that holds text. */
static int file_of(const char *text)
{
	char path[] = "/tmp/cartrita-test.XXXXXX";
	int fd = mkstemp(path);

	cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	unlink(path);
	return fd;
}

Test(http, sends_a_part_of_a_file_between_two_texts)
{
	struct rawserver *server = rawserver_start(one_answer);
	struct ct_http_file file = { file_of("0123456789"), 2, 5, CT_STR(" after") };
	struct ct_http_request request = { .method = "POST",
					   .body = CT_STR("before "),
					   .file = &file };
	struct seen seen = { 0 };

	request.url = ct_str(rawserver_url(server, "/"));
	cr_assert_eq(client_start_request(&seen, &request), CT_OK);
	ct_loop_run(client_loop);
	rawserver_halt(server);
	const char *sent = rawserver_received(server);
	cr_expect_eq(seen.code, CT_OK, "%s", seen.err.msg);
	cr_expect(has(sent, "\r\nContent-Length: 18\r\n"), "%s", sent);
	cr_expect(has(sent, "\r\n\r\nbefore 23456 after"), "%s", sent);
	cr_expect_eq(lseek(file.fd, 0, SEEK_CUR), 10, "its position is not used");
	close(file.fd);
	rawserver_stop(server);
}

Test(http, a_file_that_became_shorter_is_no_body)
{
	struct rawserver *server = rawserver_start(one_answer);
	struct ct_http_file file = { file_of("0123"), 0, 10, { NULL, 0 } };
	struct ct_http_request request = { .method = "POST", .file = &file };
	struct seen seen = { 0 };

	request.url = ct_str(rawserver_url(server, "/"));
	cr_assert_eq(client_start_request(&seen, &request), CT_OK);
	ct_loop_run(client_loop);
	cr_expect_eq(seen.code, CT_EINVALID, "%d %s", seen.code, seen.err.msg);
	cr_expect(has(seen.err.msg, "became shorter"), "%s", seen.err.msg);
	close(file.fd);
	rawserver_stop(server);
}

Test(http, sends_bodies_small_and_large_as_they_are)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 3 << 20 };

	for (size_t i = 0; i < CT_COUNT(sizes); i++) {
		struct rawserver *server = rawserver_start(one_answer);
		struct seen seen = { 0 };
		char *body = malloc(sizes[i] + 1), length[64];
		memset(body, 'b', sizes[i]);
		body[sizes[i]] = '\0';
		snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n", sizes[i]);
		client_run(&seen, rawserver_url(server, "/"), body);
		rawserver_halt(server);
		const char *sent = rawserver_received(server);
		cr_expect_eq(seen.code, CT_OK, "%zu: %s", sizes[i], seen.err.msg);
		cr_expect_eq(strncmp(sent, "POST / HTTP/1.1\r\n", 17), 0);
		cr_expect(has(sent, length), "%zu: %.300s", sizes[i], sent);
		cr_expect(!has(sent, "Expect:") && !has(sent, "Content-Type:"), "%.300s",
			  sent);
		cr_expect(has(sent, "Accept-Encoding:"), "%.300s", sent);
		if (sizes[i] == 65535)
			cr_expect_eq(strspn(strstr(sent, "\r\n\r\n") + 4, "b"),
				     strlen(strstr(sent, "\r\n\r\n") + 4));
		free(body);
		rawserver_stop(server);
	}
}

Test(http, refuses_what_could_not_be_sent)
{
	static const struct {
		const char *name, *value;
	} cases[] = { { "X", "a\r\nY: b" }, { "X", "a\nb" },   { "X", "\x01" },
		      { "X", "\x7f" },	    { "X\r\nY", "b" }, { "X:", "b" },
		      { "", "b" },	    { "X Y", "b" },    { "\xC3\xA9", "b" } };
	struct ct_secret *secret = ct_secret_create(ct_str("hunter2hunter2\r\n"));
	struct ct_http_request request = { .method = "GET", .url = CT_STR("http://h/") };
	struct seen seen = { 0 };

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		request.header_count = 0;
		ct_http_add_header(&request, cases[i].name, ct_str(cases[i].value), NULL,
				   NULL);
		cr_expect_eq(client_start_request(&seen, &request), CT_EINVALID, "%s: %s",
			     cases[i].name, cases[i].value);
	}
	request.header_count = 0;
	ct_http_add_header(&request, "X-Key", ct_str(""), secret, NULL);
	cr_expect_eq(client_start_request(&seen, &request), CT_EINVALID);
	cr_expect(has(seen.err.msg, "X-Key") && !has(seen.err.msg, "hunter2"), "%s",
		  seen.err.msg);
	cr_expect_eq(client_start(&seen, "ftp://h/", NULL), CT_EINVALID);
	cr_expect_eq(client_start(&seen, "http://u:p@h/", NULL), CT_EINVALID);
	cr_expect_eq(client_start(&seen, "file:///etc/passwd", NULL), CT_EINVALID);
	ct_secret_destroy(secret);
	ct_loop_run(client_loop);
	cr_expect_eq(seen.dones, 0);
}

Test(http, has_room_for_so_many_headers_and_says_when_it_has_not)
{
	struct ct_http_request request = { 0 };
	struct ct_err err = { 0 };

	for (int i = 0; i < CT_HTTP_HEADERS_MAX; i++)
		cr_assert_eq(ct_http_add_header(&request, "A", ct_str("b"), NULL, &err),
			     CT_OK);
	cr_assert_eq(ct_http_add_header(&request, "A", ct_str("b"), NULL, &err),
		     CT_ETOOBIG);
	cr_assert_eq(request.header_count, (size_t)CT_HTTP_HEADERS_MAX);
}

static void start_next(struct seen *seen)
{
	struct seen *next = seen + 1;

	if (next->x[0] != '\0') /* "x" of the request to come: its URL */
		cr_assert_eq(client_start(next, next->x, NULL), CT_OK);
}

Test(http, uses_one_connection_again_also_from_on_done)
{
	struct rawserver *server = rawserver_start(keep_alive);
	struct seen seen[3] = { { .then = start_next }, { .then = start_next } };

	for (int i = 1; i < 3; i++)
		snprintf(seen[i].x, sizeof(seen[i].x), "%s", rawserver_url(server, "/"));
	seen[2].then = NULL;
	client_run(&seen[0], rawserver_url(server, "/"), NULL);
	for (int i = 0; i < 3; i++)
		cr_expect_str_eq(seen[i].body, "hi", "%d: %s", i, seen[i].err.msg);
	rawserver_halt(server);
	cr_expect_eq(rawserver_connections(server), 1u);
	rawserver_stop(server);
}

Test(http, tries_again_by_itself_when_a_kept_connection_turns_out_dead)
{
	struct rawserver *server = rawserver_start(one_answer);

	for (int i = 0; i < 2; i++) {
		struct seen seen = { 0 };
		client_run(&seen, rawserver_url(server, "/"), "body");
		cr_expect_eq(seen.code, CT_OK, "%s", seen.err.msg);
	}
	rawserver_stop(server);
}

Test(http, gives_the_head_at_once_and_can_be_cancelled_in_it)
{
	struct rawserver *server = rawserver_start(head_then_silence);
	struct seen seen = { .cancel_in_head = true };

	/* the peer never says more, so the loop ends only if on_head came */
	client_run(&seen, rawserver_url(server, "/"), NULL);
	cr_expect_eq(seen.heads, 1);
	cr_expect_str_eq(seen.x, "1");
	cr_expect_eq(seen.dones, 0);
	rawserver_stop(server);
}

Test(http, calls_nothing_back_after_a_cancel_in_any_callback)
{
	struct rawserver *server = rawserver_start(one_answer);
	struct seen in_head = { .cancel_in_head = true },
		    in_body = { .cancel_in_body = true },
		    in_done = { .cancel_in_done = true }, at_once = { 0 };

	client_run(&in_head, rawserver_url(server, "/"), NULL);
	cr_expect(in_head.heads == 1 && in_head.body_len == 0 && in_head.dones == 0);
	client_run(&in_body, rawserver_url(server, "/"), NULL);
	cr_expect(in_body.heads == 1 && in_body.body_len == 2 && in_body.dones == 0);
	client_run(&in_done, rawserver_url(server, "/"), NULL);
	cr_expect(in_done.heads == 1 && in_done.body_len == 2 && in_done.dones == 1);
	cr_assert_eq(client_start(&at_once, rawserver_url(server, "/"), NULL), CT_OK);
	ct_http_cancel(at_once.transfer);
	ct_http_cancel(NULL);
	ct_loop_run(client_loop);
	cr_expect_eq(at_once.heads + at_once.dones, 0);
	rawserver_stop(server);
}

Test(http, can_be_started_inside_a_callback_of_curl)
{
	struct rawserver *server = rawserver_start(one_answer);
	struct seen seen[2] = { { .in_body = start_next } };

	snprintf(seen[1].x, sizeof(seen[1].x), "%s", rawserver_url(server, "/"));
	client_run(&seen[0], rawserver_url(server, "/"), NULL);
	for (int i = 0; i < 2; i++)
		cr_expect_str_eq(seen[i].body, "hi", "%d: %s", i, seen[i].err.msg);
	rawserver_stop(server);
}

static void start_and_cancel(struct seen *seen)
{
	start_next(seen);
	ct_http_cancel(seen[1].transfer);
}

Test(http, can_be_started_and_cancelled_inside_one_callback)
{
	struct rawserver *server = rawserver_start(one_answer);
	struct seen seen[2] = { { .in_body = start_and_cancel } };

	snprintf(seen[1].x, sizeof(seen[1].x), "%s", rawserver_url(server, "/"));
	client_run(&seen[0], rawserver_url(server, "/"), NULL);
	cr_expect_eq(seen[0].code, CT_OK);
	cr_expect_eq(seen[1].heads + seen[1].dones, 0);
	rawserver_stop(server);
}

/* The other one is sending a body that is gone once it was cancelled. */
static void cancel_other_and_free(struct seen *seen)
{
	ct_http_cancel(seen[1].transfer);
	free(seen[1].data);
	seen[1].data = NULL;
}

Test(http, does_not_touch_a_body_after_a_cancel_inside_another_ones_callback)
{
	enum { MUCH = 32 << 20 };
	static const struct raw_step slow_reader[] = { RAW(HOLD), RAW(END) };
	struct rawserver *server = rawserver_start(one_answer);
	struct rawserver *reader = rawserver_start(slow_reader);
	struct seen seen[2] = { { .in_body = cancel_other_and_free } };
	struct ct_http_request request = { .method = "POST" };

	request.url = ct_str(rawserver_url(reader, "/"));
	seen[1].data = calloc(1, MUCH);
	request.body = (struct ct_str){ seen[1].data, MUCH };
	cr_assert_eq(client_start_request(&seen[1], &request), CT_OK);
	client_run(&seen[0], rawserver_url(server, "/"), NULL);
	cr_expect_eq(seen[0].code, CT_OK);
	cr_expect_eq(seen[1].heads + seen[1].dones, 0);
	cr_expect_null(seen[1].data);
	rawserver_stop(server);
	rawserver_stop(reader);
}

static void cancel_other(struct seen *seen)
{
	ct_http_cancel(seen[1].transfer);
}

static void cancel_later(void *user)
{
	struct seen *seen = user;

	ct_http_cancel(seen->transfer);
}

Test(http, can_be_cancelled_from_elsewhere)
{
	struct rawserver *silent = rawserver_start(head_then_silence);
	struct rawserver *server = rawserver_start(one_answer);
	struct seen seen[2] = { { .then = cancel_other } }, timed = { 0 };
	struct ct_timer *timer = ct_timer_create(client_loop, cancel_later, &timed);

	cr_assert_eq(client_start(&seen[1], rawserver_url(silent, "/"), "body"), CT_OK);
	client_run(&seen[0], rawserver_url(server, "/"), NULL);
	cr_expect_eq(seen[0].dones, 1);
	cr_expect_eq(seen[1].dones, 0);
	cr_assert_eq(client_start(&timed, rawserver_url(silent, "/"), NULL), CT_OK);
	ct_timer_start(timer, 1);
	ct_loop_run(client_loop);
	cr_expect_eq(timed.dones, 0);
	ct_timer_destroy(timer);
	rawserver_stop(server);
	rawserver_stop(silent);
}

Test(http, can_be_destroyed_with_transfers_under_way)
{
	struct rawserver *silent = rawserver_start(head_then_silence);
	struct seen seen[3] = { 0 };

	for (int i = 0; i < 3; i++)
		cr_assert_eq(client_start(&seen[i], rawserver_url(silent, "/"), NULL),
			     CT_OK);
	ct_http_destroy(client_http);
	client_http = NULL;
	ct_loop_run(client_loop);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(seen[i].heads + seen[i].dones, 0);
	rawserver_stop(silent);
}

Test(http, can_be_destroyed_inside_a_callback)
{
	struct rawserver *silent = rawserver_start(head_then_silence);
	struct rawserver *server = rawserver_start(one_answer);
	struct seen other = { 0 }, seen = { .destroy_in_body = true };

	cr_assert_eq(client_start(&other, rawserver_url(silent, "/"), NULL), CT_OK);
	client_run(&seen, rawserver_url(server, "/"), NULL);
	cr_expect_eq(seen.body_len, 2u);
	cr_expect_eq(seen.dones + other.dones, 0);
	rawserver_stop(server);
	rawserver_stop(silent);
}

Test(http, ends_with_the_readers_code_and_words)
{
	struct rawserver *server = rawserver_start(one_answer);
	struct seen seen = { .body_reply = CT_EFILTER };

	client_run(&seen, rawserver_url(server, "/"), NULL);
	cr_expect_eq(seen.code, CT_EFILTER);
	cr_expect_str_eq(seen.err.msg, "the reader wants no more");
	cr_expect_eq(seen.dones, 1);
	rawserver_stop(server);
}

struct resumer {
	struct seen seen;
	struct ct_timer *timer;
	size_t len_when_paused;
};

static void resume(void *user)
{
	struct resumer *r = user;

	r->len_when_paused = r->seen.body_len;
	ct_http_pause(r->seen.transfer, false);
	/* pausing again is fine, and has the last word */
	ct_http_pause(r->seen.transfer, true);
	ct_http_pause(r->seen.transfer, false);
	/* nothing is delivered from inside the call */
	cr_assert_eq(r->seen.body_len, r->len_when_paused);
}

Test(http, delivers_nothing_while_paused_and_everything_afterwards)
{
	static const struct raw_step much[] = {
		RAW(READ), RAW_TEXT(OK "\r\n"),
		RAW_TIMES("0123456789abcdef0123456789abcdef", 100000), RAW(CLOSE),
		RAW(END)
	};
	struct rawserver *server = rawserver_start(much);
	struct resumer r = { .seen = { .pause_in_head = true } };

	r.timer = ct_timer_create(client_loop, resume, &r);
	ct_timer_start(r.timer, 50);
	client_run(&r.seen, rawserver_url(server, "/"), NULL);
	cr_expect_eq(r.len_when_paused, 0u);
	cr_expect_eq(r.seen.body_len, 3200000u);
	cr_expect_eq(r.seen.code, CT_OK, "%s", r.seen.err.msg);
	ct_timer_destroy(r.timer);
	rawserver_stop(server);
}

/* Of two, whose answers come at once, the first pauses the other. */
struct pair {
	struct seen one, other;
	struct ct_timer *sleep, *resume;
	int turns;
};

static void resume_both(void *user)
{
	struct pair *p = user;

	if (p->one.dones == 0)
		ct_http_pause(p->one.transfer, false);
	if (p->other.dones == 0)
		ct_http_pause(p->other.transfer, false);
}

static void pause_other(struct seen *seen)
{
	struct pair *p = seen->data;
	struct seen *other = seen == &p->one ? &p->other : &p->one;

	if (other->dones > 0)
		return;
	ct_http_pause(other->transfer, true);
	ct_timer_start(p->resume, 50);
}

/* In each turn time for both answers to arrive before the loop looks. */
static void let_arrive(void *user)
{
	struct pair *p = user;

	usleep(5 * 1000);
	if (p->one.dones + p->other.dones == 0 && p->turns++ < 20)
		ct_timer_start(p->sleep, 0);
}

Test(http, reads_a_head_that_comes_while_it_is_paused)
{
	static const struct raw_step steps[] = {
		RAW(READ), RAW_TEXT("HTTP/1.1 200 OK\r\nx: y\r\nContent-Length: 2\r\n\r\nab"),
		RAW(CLOSE), RAW(END)
	};
	struct rawserver *servers[] = { rawserver_start(steps), rawserver_start(steps) };
	struct pair p = { .one = { .in_body = pause_other, .data = &p },
			  .other = { .in_body = pause_other, .data = &p } };

	p.resume = ct_timer_create(client_loop, resume_both, &p);
	p.sleep = ct_timer_create(client_loop, let_arrive, &p);
	ct_timer_start(p.sleep, 0);
	cr_assert_eq(client_start(&p.one, rawserver_url(servers[0], "/"), NULL), CT_OK);
	client_run(&p.other, rawserver_url(servers[1], "/"), NULL);
	cr_expect_str_eq(p.one.x, "y");
	cr_expect_str_eq(p.other.x, "y");
	cr_expect_str_eq(p.one.body, "ab");
	cr_expect_str_eq(p.other.body, "ab");
	cr_expect_eq(p.one.code + p.other.code, CT_OK, "%s%s", p.one.err.msg, p.other.err.msg);
	ct_timer_destroy(p.resume);
	ct_timer_destroy(p.sleep);
	rawserver_stop(servers[0]);
	rawserver_stop(servers[1]);
}

Test(http, blames_the_peer_for_a_refusal_and_names_it)
{
	struct seen seen = { 0 };
	char url[64], expected[128];
	int port = rawserver_dead_port();

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
	snprintf(expected, sizeof(expected),
		 "cannot connect to 127.0.0.1:%d: Connection refused", port);
	client_run(&seen, url, NULL);
	cr_expect_eq(seen.code, CT_ECONNECT);
	cr_expect_str_eq(seen.err.msg, expected);
	cr_expect_eq(seen.dones, 1);
}

Test(http, blames_the_peer_when_only_one_of_its_addresses_refuses)
{
	struct seen seen = { 0 };
	char url[64];

	/* where ::1 is another address of it, that one may have no route */
	snprintf(url, sizeof(url), "http://localhost:%d/", rawserver_dead_port());
	client_run(&seen, url, NULL);
	cr_expect_eq(seen.code, CT_ECONNECT, "%s", seen.err.msg);
}

Test(http, blames_this_side_for_a_name_that_is_none)
{
	struct seen seen = { 0 };

	/* RFC 6761 §6.4: never resolves */
	client_run(&seen, "http://no-such-host.invalid/", NULL);
	cr_expect_eq(seen.code, CT_ELOCAL, "%s", seen.err.msg);
	cr_expect(has(seen.err.msg, "no-such-host.invalid"), "%s", seen.err.msg);
}

Test(http, blames_this_side_for_want_of_a_route)
{
	struct seen seen = { 0 };

	/* class E: no Linux routes to it */
	client_run(&seen, "http://255.255.255.255:9/", NULL);
	cr_expect_eq(seen.code, CT_ELOCAL, "%s", seen.err.msg);
}

Test(http, blames_this_side_for_want_of_descriptors)
{
	struct seen seen = { 0 };
	struct rlimit old, none;
	int fds[64], n = 0;

	getrlimit(RLIMIT_NOFILE, &old);
	cr_assert_eq(client_start(&seen, "http://127.0.0.1:9/", NULL), CT_OK);
	none = old;
	none.rlim_cur = 32;
	setrlimit(RLIMIT_NOFILE, &none);
	while (n < 64 && (fds[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		n++;
	ct_loop_run(client_loop);
	while (n > 0)
		close(fds[--n]);
	setrlimit(RLIMIT_NOFILE, &old);
	cr_expect_eq(seen.code, CT_ELOCAL, "%s", seen.err.msg);
	cr_expect(has(seen.err.msg, strerror(EMFILE)), "%s", seen.err.msg);
}

static void use_proxy(const char *name, int port)
{
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
	setenv(name, url, 1);
}

Test(http, blames_this_side_for_a_dead_proxy)
{
	struct seen plain = { 0 }, tls = { 0 };

	use_proxy("http_proxy", rawserver_dead_port());
	use_proxy("https_proxy", rawserver_dead_port());
	client_run(&plain, "http://192.0.2.1/", NULL);
	cr_expect_eq(plain.code, CT_ELOCAL, "%s", plain.err.msg);
	cr_expect(has(plain.err.msg, "proxy"), "%s", plain.err.msg);
	client_run(&tls, "https://192.0.2.1/", NULL);
	cr_expect_eq(tls.code, CT_ELOCAL, "%s", tls.err.msg);
	cr_expect(has(tls.err.msg, "proxy"), "%s", tls.err.msg);
}

Test(http, blames_the_peer_when_no_proxy_stands_before_it)
{
	struct seen seen = { 0 };
	char url[64];

	use_proxy("http_proxy", rawserver_dead_port());
	setenv("no_proxy", "127.0.0.1", 1);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", rawserver_dead_port());
	client_run(&seen, url, NULL);
	cr_expect_eq(seen.code, CT_ECONNECT, "%s", seen.err.msg);
}

Test(http, tells_a_proxy_that_wants_a_password_from_one_that_finds_no_way)
{
	static const struct {
		const char *answer;
		int code;
	} cases[] = {
		{ "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n", CT_ELOCAL },
		{ "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", CT_ELOCAL },
		{ "HTTP/1.1 502 Gone\r\nContent-Length: 0\r\n\r\n", CT_ECONNECT },
		{ "HTTP/1.1 200 OK\r\n\r\n", CT_ECONNECT },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct raw_step steps[] = { RAW(READ), RAW_TEXT(cases[i].answer),
					    RAW(CLOSE), RAW(END) };
		struct rawserver *server = rawserver_start(steps);
		struct seen seen = { 0 };
		use_proxy("https_proxy", rawserver_port(server));
		client_run(&seen, "https://192.0.2.1/", NULL);
		cr_expect_eq(seen.code, cases[i].code, "%s: %d: %s", cases[i].answer,
			     seen.code, seen.err.msg);
		cr_expect_eq(seen.heads, 0);
		rawserver_stop(server);
	}
}

Test(http, runs_many_exchanges_at_once_without_mixing_them)
{
	enum { MANY = 50 };
	struct rawserver *servers[MANY];
	struct raw_step steps[MANY][4];
	char answers[MANY][64];
	struct seen *seen = calloc(MANY, sizeof(*seen));

	for (int i = 0; i < MANY; i++) {
		snprintf(answers[i], sizeof(answers[i]),
			 OK "Content-Length: 3\r\n\r\n%03d", i);
		memcpy(steps[i],
		       (struct raw_step[4]){ RAW(READ), RAW_TEXT(answers[i]), RAW(CLOSE),
					     RAW(END) },
		       sizeof(steps[i]));
		servers[i] = rawserver_start(steps[i]);
		cr_assert_eq(client_start(&seen[i], rawserver_url(servers[i], "/"), "x"),
			     CT_OK);
	}
	ct_loop_run(client_loop);
	for (int i = 0; i < MANY; i++) {
		cr_expect_eq(seen[i].code, CT_OK, "%d: %s", i, seen[i].err.msg);
		cr_expect_eq(atoi(seen[i].body), i);
		rawserver_stop(servers[i]);
	}
	free(seen);
}

static int reach(struct seen *seen, const char *url, enum ct_reach how)
{
	struct ct_http_request request = { .method = "GET", .url = ct_str(url), .reach = how };
	int rc = client_start_request(seen, &request);

	if (rc == CT_OK)
		ct_loop_run(client_loop);
	return rc == CT_OK ? seen->code : rc;
}

Test(http, goes_no_further_than_it_may)
{
	struct rawserver *server = rawserver_start(one_answer);
	struct seen told = { 0 }, out = { 0 }, name = { 0 };
	char local[64];

	cr_expect_eq(reach(&told, rawserver_url(server, "/"), CT_REACH_TOLD), CT_OK);
	cr_expect_eq(reach(&out, rawserver_url(server, "/"), CT_REACH_PUBLIC), CT_EINVALID);
	snprintf(local, sizeof(local), "http://localhost:%d/", rawserver_port(server));
	cr_expect_eq(reach(&name, local, CT_REACH_PUBLIC), CT_EINVALID);
	rawserver_halt(server);
	cr_expect_eq(rawserver_connections(server), 1);
	rawserver_stop(server);
}

static bool leads_to_private(const char *host)
{
	struct addrinfo *found = NULL;
	bool private = getaddrinfo(host, NULL, NULL, &found) == 0 &&
		       ct_address_is_private(found->ai_addr);

	if (found != NULL)
		freeaddrinfo(found);
	return private;
}

/* A name shows only when it is resolved what it stands for. */
Test(http, looks_at_the_address_behind_a_name)
{
	struct seen seen = { 0 };
	char host[256], url[300];

	/* the machine's own, or (Debian's /etc/hosts) that of its loopback */
	cr_assert_eq(gethostname(host, sizeof(host)), 0);
	if (!leads_to_private(host))
		snprintf(host, sizeof(host), "ip6-loopback");
	if (!leads_to_private(host))
		cr_skip_test("no name here leads to a private address");
	snprintf(url, sizeof(url), "http://%s:%d/", host, rawserver_dead_port());
	cr_expect_eq(reach(&seen, url, CT_REACH_PUBLIC), CT_EINVALID, "%s", seen.err.msg);
	cr_expect(has(seen.err.msg, "private address"), "%s", seen.err.msg);
}

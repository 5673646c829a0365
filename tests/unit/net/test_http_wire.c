/* What comes over the wire, byte for byte, and what it is called. */
#include <criterion/criterion.h>

#include "client.h"
#include "rawserver.h"

TestSuite(http_wire, .init = client_open, .fini = client_close, .timeout = 100);

/* "hello hello hello" */
#define GZIP \
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90" \
	"\x00" \
	"\x80\x88\xf9\xe5\x11\x00\x00\x00"
enum { GZIP_LEN = 28 };

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"
#define KIB \
	".............................................................................." \
	".." \
	"................................................"

struct wire_case {
	const char *name;
	struct raw_step steps[8];
	int code, status; /* status 0: no head is seen */
	const char *body, *x;
};

static const struct wire_case wire_cases[] = {
	{ "content-length",
	  { RAW(READ), RAW_TEXT(OK "Content-Length: 2\r\nX: 1\r\n\r\nhi"), RAW(CLOSE) },
	  CT_OK,
	  200,
	  "hi",
	  "1" },
	{ "no body at all",
	  { RAW(READ), RAW_TEXT(OK "Content-Length: 0\r\n\r\n"), RAW(CLOSE) },
	  CT_OK,
	  200,
	  "",
	  "" },
	{ "204",
	  { RAW(READ), RAW_TEXT("HTTP/1.1 204 None\r\n\r\n"), RAW(CLOSE) },
	  CT_OK,
	  204,
	  "",
	  "" },
	{ "chunked",
	  { RAW(READ), RAW_TEXT(CHUNKED "1\r\nh\r\n1;e=v\r\ni\r\n0\r\n\r\n"),
	    RAW(CLOSE) },
	  CT_OK,
	  200,
	  "hi",
	  "" },
	{ "a byte at a time",
	  { RAW(READ),
	    { .op = RAW_DRIP,
	      .bytes = OK
	      "X: a b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" },
	    RAW(CLOSE) },
	  CT_OK,
	  200,
	  "hi",
	  "a b" },
	{ "trailers are passed over",
	  { RAW(READ), RAW_TEXT(CHUNKED "2\r\nhi\r\n0\r\nX: late\r\n\r\n"), RAW(CLOSE) },
	  CT_OK,
	  200,
	  "hi",
	  "" },
	{ "close ends a body of unknown length",
	  { RAW(READ), RAW_TEXT(OK "\r\nall of it"), RAW(CLOSE) },
	  CT_OK,
	  200,
	  "all of it",
	  "" },
	{ "HTTP/1.0",
	  { RAW(READ), RAW_TEXT("HTTP/1.0 200 OK\nX: y\n\nhi"), RAW(CLOSE) },
	  CT_OK,
	  200,
	  "hi",
	  "y" },
	{ "no reason phrase",
	  { RAW(READ), RAW_TEXT("HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n"),
	    RAW(CLOSE) },
	  CT_OK,
	  503,
	  "",
	  "" },
	{ "a folded header",
	  { RAW(READ),
	    RAW_TEXT(OK "X: one\r\n two\r\n\tthree\r\nContent-Length: 0\r\n\r\n"),
	    RAW(CLOSE) },
	  CT_OK,
	  200,
	  "",
	  "one   two  \tthree" },
	{ "1xx are passed over",
	  { RAW(READ),
	    RAW_TEXT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX: "
		     "early\r\n\r\n"),
	    RAW_TEXT(OK "Content-Length: 2\r\nX: final\r\n\r\nhi"), RAW(CLOSE) },
	  CT_OK,
	  200,
	  "hi",
	  "final" },
	{ "a redirect is an answer",
	  { RAW(READ),
	    RAW_TEXT("HTTP/1.1 302 There\r\nLocation: /other\r\nContent-Length: "
		     "0\r\n\r\n"),
	    RAW(CLOSE), RAW(READ), RAW_TEXT(OK "Content-Length: 5\r\n\r\nother"),
	    RAW(CLOSE) },
	  CT_OK,
	  302,
	  "",
	  "" },
	{ "gzip that nobody asked for",
	  { RAW(READ),
	    RAW_TEXT(OK "Content-Encoding: gzip\r\nContent-Length: 28\r\n\r\n"),
	    { .op = RAW_SEND, .bytes = GZIP, .len = GZIP_LEN },
	    RAW(CLOSE) },
	  CT_OK,
	  200,
	  "hello hello hello",
	  "" },
	{ "gzip a byte at a time",
	  { RAW(READ),
	    RAW_TEXT(OK "Content-Encoding: gzip\r\n\r\n"),
	    { .op = RAW_DRIP, .bytes = GZIP, .len = GZIP_LEN },
	    RAW(CLOSE) },
	  CT_OK,
	  200,
	  "hello hello hello",
	  "" },

	{ "reset before the head", { RAW(READ), RAW(RESET) }, CT_ECONNECT, 0, "", "" },
	{ "closed before the head", { RAW(READ), RAW(CLOSE) }, CT_ECONNECT, 0, "", "" },
	{ "reset inside the head",
	  { RAW(READ), RAW_TEXT(OK "Content-"), RAW(RESET) },
	  CT_ECONNECT,
	  0,
	  "",
	  "" },
	{ "closed inside the head",
	  { RAW(READ), RAW_TEXT(OK "Content-"), RAW(CLOSE) },
	  CT_ECONNECT,
	  0,
	  "",
	  "" },
	{ "closed after a whole line of the head",
	  { RAW(READ), RAW_TEXT(OK "X: 1\r\n"), RAW(CLOSE) },
	  CT_ECONNECT,
	  0,
	  "",
	  "" },
	{ "only a 1xx",
	  { RAW(READ), RAW_TEXT("HTTP/1.1 100 Continue\r\n\r\n"), RAW(CLOSE) },
	  CT_ECONNECT,
	  0,
	  "",
	  "" },

	{ "shorter than its Content-Length",
	  { RAW(READ), RAW_TEXT(OK "Content-Length: 9\r\n\r\nhi"), RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "hi",
	  "" },
	{ "closed with nothing of the body",
	  { RAW(READ), RAW_TEXT(OK "Content-Length: 9\r\n\r\n"), RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "",
	  "" },
	{ "reset after the head",
	  { RAW(READ), RAW_TEXT(OK "Content-Length: 9\r\n\r\n"), RAW(RESET) },
	  CT_ECUT,
	  200,
	  "",
	  "" },
	{ "a bad chunk size",
	  { RAW(READ), RAW_TEXT(CHUNKED "2\r\nhi\r\nxyz\r\n"), RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "hi",
	  "" },
	{ "a chunk size past any number",
	  { RAW(READ), RAW_TEXT(CHUNKED "fffffffffffffffff\r\nhi"), RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "",
	  "" },
	{ "a chunk longer than its size",
	  { RAW(READ), RAW_TEXT(CHUNKED "2\r\nhiho\r\n0\r\n\r\n"), RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "hi",
	  "" },
	{ "cut in a chunk header",
	  { RAW(READ), RAW_TEXT(CHUNKED "2\r\nhi\r\n1"), RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "hi",
	  "" },
	{ "cut in a chunk",
	  { RAW(READ), RAW_TEXT(CHUNKED "5\r\nhi"), RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "hi",
	  "" },
	{ "no last chunk",
	  { RAW(READ), RAW_TEXT(CHUNKED "2\r\nhi\r\n"), RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "hi",
	  "" },
	{ "no end after the last chunk",
	  { RAW(READ), RAW_TEXT(CHUNKED "2\r\nhi\r\n0\r\n"), RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "hi",
	  "" },
	{ "gzip that is none",
	  { RAW(READ),
	    RAW_TEXT(OK "Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"),
	    RAW_TEXT("this is not gzipped!"), RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "",
	  "" },
	{ "an encoding nobody knows",
	  { RAW(READ),
	    RAW_TEXT(OK "Content-Encoding: rot13\r\nContent-Length: 2\r\n\r\nuv"),
	    RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "",
	  "" },
	{ "gzip cut short",
	  { RAW(READ),
	    RAW_TEXT(OK "Content-Encoding: gzip\r\nContent-Length: 28\r\n\r\n"),
	    { .op = RAW_SEND, .bytes = GZIP, .len = GZIP_LEN - 14 },
	    RAW(CLOSE) },
	  CT_ECUT,
	  200,
	  "hel",
	  "" },

	{ "not HTTP",
	  { RAW(READ), RAW_TEXT("SSH-2.0-OpenSSH_9.2\r\n"), RAW(CLOSE) },
	  CT_EPROTO,
	  0,
	  "",
	  "" },
	{ "HTTP/0.9",
	  { RAW(READ), RAW_TEXT("<html>hi</html>"), RAW(CLOSE) },
	  CT_EPROTO,
	  0,
	  "",
	  "" },
	{ "a status that is no number",
	  { RAW(READ), RAW_TEXT("HTTP/1.1 abc OK\r\n\r\n"), RAW(CLOSE) },
	  CT_EPROTO,
	  0,
	  "",
	  "" },
	{ "a Content-Length that is no number",
	  { RAW(READ), RAW_TEXT(OK "Content-Length: two\r\n\r\nhi"), RAW(CLOSE) },
	  CT_EPROTO,
	  0,
	  "",
	  "" },
	{ "another protocol unasked",
	  { RAW(READ),
	    RAW_TEXT("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: "
		     "upgrade\r\n\r\n"),
	    RAW(CLOSE) },
	  CT_EPROTO,
	  0,
	  "",
	  "" },
	{ "many headers over the limit",
	  { RAW(READ), RAW_TEXT(OK), RAW_TIMES("A: " KIB KIB "\r\n", 2000), RAW(CLOSE) },
	  CT_EPROTO,
	  0,
	  "",
	  "" },
	{ "one header over the limit",
	  { RAW(READ), RAW_TEXT(OK "A: "), RAW_TIMES(KIB, 4000), RAW(CLOSE) },
	  CT_EPROTO,
	  0,
	  "",
	  "" },
	{ "1xx without end",
	  { RAW(READ), RAW_TIMES("HTTP/1.1 100 Continue\r\n\r\n", 20000), RAW(CLOSE) },
	  CT_EPROTO,
	  0,
	  "",
	  "" },
	{ "trailers without end",
	  { RAW(READ), RAW_TEXT(CHUNKED "2\r\nhi\r\n0\r\n"),
	    RAW_TIMES("A: " KIB KIB "\r\n", 2000), RAW(CLOSE) },
	  CT_EPROTO,
	  200,
	  "hi",
	  "" },
};

static void check(const struct wire_case *c, const struct seen *seen, const char *how)
{
	cr_expect_eq(seen->dones, 1, "%s%s: done %d times", c->name, how, seen->dones);
	cr_expect_eq(seen->code, c->code, "%s%s: code %d: %s", c->name, how, seen->code,
		     seen->err.msg);
	cr_expect_eq(seen->err.code, c->code, "%s%s: err says %d", c->name, how,
		     seen->err.code);
	cr_expect_eq(seen->heads, c->status != 0, "%s%s: %d heads", c->name, how,
		     seen->heads);
	cr_expect_eq(seen->status, c->status, "%s%s: status %d", c->name, how,
		     seen->status);
	cr_expect_str_eq(seen->body, c->body, "%s%s: body %s", c->name, how, seen->body);
	cr_expect_str_eq(seen->x, c->x, "%s%s: header %s", c->name, how, seen->x);
	cr_expect_not(seen->body_before_head, "%s%s", c->name, how);
	cr_expect(c->code == CT_OK || strstr(seen->err.msg, "127.0.0.1") != NULL,
		  "%s%s: %s", c->name, how, seen->err.msg);
}

Test(http_wire, calls_each_answer_by_its_name)
{
	for (size_t i = 0; i < CT_COUNT(wire_cases); i++) {
		struct rawserver *server = rawserver_start(wire_cases[i].steps);
		struct seen seen = { 0 };
		client_run(&seen, rawserver_url(server, "/"), NULL);
		check(&wire_cases[i], &seen, "");
		rawserver_stop(server);
	}
}

/* Closed after each of its bytes. */
Test(http_wire, never_takes_a_cut_answer_for_a_whole_one)
{
	static const char answer[] = OK "X: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
					"2\r\nhi\r\n0\r\n\r\n";
	static const size_t head =
		sizeof(OK "X: 1\r\nTransfer-Encoding: chunked\r\n\r\n") - 1;

	/* the line feed that is the last byte tells nothing new: nobody misses it */
	for (size_t len = 1; len < sizeof(answer) - 2; len++) {
		struct raw_step steps[] = {
			RAW(READ),
			{ .op = RAW_SEND, .bytes = answer, .len = len },
			RAW(CLOSE),
			RAW(END)
		};
		struct rawserver *server = rawserver_start(steps);
		struct seen seen = { 0 };
		client_run(&seen, rawserver_url(server, "/"), NULL);
		if (len >= 5) /* shorter ones could be anything */
			cr_expect_eq(seen.code, len < head ? CT_ECONNECT : CT_ECUT,
				     "cut at %zu: %d: %s", len, seen.code, seen.err.msg);
		cr_expect_neq(seen.code, CT_OK, "cut at %zu", len);
		cr_expect_eq(seen.heads, len >= head, "cut at %zu", len);
		rawserver_stop(server);
	}
}

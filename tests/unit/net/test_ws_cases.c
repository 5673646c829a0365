/*
 * The cases that WebSocket implementations are commonly put to (Autobahn's sections 1 to 7 and
 * 10), as bytes: each for both roles of ours, and in pieces of several sizes.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>

#include "leaks.h"
#include "wspeer.h"

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
}

TestSuite(ws_cases, .init = setup, .fini = check_leaks, .timeout = 300);

#define X10(s) s s s s s s s s s s
#define X125 X10("0123456789") X10("AB") "CDEFG"
#define X126 X125 "!"
#define CLOSE "\x88\x02\x03\xe8"
#define CLOSED "C1000;"

struct ws_case {
	const char *name, *frames;
	size_t len;
	const char *seen; /* by ours */
	const char *told; /* by ours, to the peer */
	int code, close_code;
};

#define CASE(name, frames, seen, told, code, close_code) \
	{ \
		name, frames, sizeof(frames) - 1, seen, told, code, close_code \
	}
#define GOOD(name, frames, seen, told) \
	CASE(name, frames CLOSE, seen, told CLOSED, CT_OK, CT_WS_NORMAL)
#define BAD(name, frames, seen, told, close_code) \
	CASE(name, frames, seen, told, CT_EPROTO, close_code)

static const struct ws_case cases[] = {
	/* 1: framing */
	GOOD("1.1.1 empty text", "\x81\x00", "T:;", "T:;"),
	GOOD("1.1.2 text of 125", "\x81\x7d" X125, "T:125;", "T:125;"),
	GOOD("1.1.3 text of 126", "\x81\x7e\x00\x7e" X126, "T:126;", "T:126;"),
	GOOD("1.2.1 empty binary", "\x82\x00", "B:;", "B:;"),
	GOOD("1.2.3 binary of 126", "\x82\x7e\x00\x7e" X126, "B:126;", "B:126;"),
	/* 2: pings and pongs */
	GOOD("2.1 ping without payload", "\x89\x00", "", "P:;"),
	GOOD("2.2 ping with a payload", "\x89\x05Hello", "", "P:Hello;"),
	GOOD("2.3 ping with a binary payload", "\x89\x03\x00\xff\xfe", "", "P:\0\xff\xfe;"),
	GOOD("2.4 ping of 125", "\x89\x7d" X125, "", "P:125;"),
	BAD("2.5 ping of 126", "\x89\x7e\x00\x7e" X126, "", "C1002;", 1002),
	GOOD("2.7 pong that nobody asked for", "\x8a\x00", "", ""),
	GOOD("2.9 pong, then ping", "\x8a\x01x\x89\x01y", "", "P:y;"),
	GOOD("2.10 ten pings", "\x89\x01\x30\x89\x01\x31\x89\x01\x32\x89\x01\x33\x89\x01\x34", "",
	     "P:0;P:1;P:2;P:3;P:4;"),
	/* 3: reserved bits */
	BAD("3.1 RSV 1", "\x91\x01x", "", "C1002;", 1002),
	BAD("3.2 good, then RSV 2", "\x81\x01g\xa1\x01x", "T:g;", "T:g;C1002;", 1002),
	BAD("3.4 good, RSV 4, ping", "\x81\x01g\xc1\x01x\x89\x00", "T:g;", "T:g;C1002;", 1002),
	BAD("3.5 RSV in binary", "\xd2\x01x", "", "C1002;", 1002),
	BAD("3.6 RSV in ping", "\xe9\x01x", "", "C1002;", 1002),
	BAD("3.7 RSV in close", "\xf8\x00", "", "C1002;", 1002),
	/* 4: reserved opcodes */
	BAD("4.1.1 opcode 3", "\x83\x00", "", "C1002;", 1002),
	BAD("4.1.2 opcode 4", "\x84\x01x", "", "C1002;", 1002),
	BAD("4.1.3 good, opcode 5, ping", "\x81\x01g\x85\x00\x89\x00", "T:g;", "T:g;C1002;", 1002),
	BAD("4.1.5 opcode 7", "\x87\x00", "", "C1002;", 1002),
	BAD("4.2.1 opcode 11", "\x8b\x00", "", "C1002;", 1002),
	BAD("4.2.5 good, opcode 15, ping", "\x81\x01g\x8f\x00\x89\x00", "T:g;", "T:g;C1002;", 1002),
	/* 5: fragments */
	BAD("5.1 ping in fragments", "\x09\x01" "a\x80\x01" "b", "", "C1002;", 1002),
	BAD("5.2 pong in fragments", "\x0a\x01" "a\x80\x01" "b", "", "C1002;", 1002),
	GOOD("5.3 text in two", "\x01\x01" "a\x80\x01" "b", "T:ab;", "T:ab;"),
	GOOD("5.6 ping between fragments", "\x01\x01" "a\x89\x01p\x80\x01" "b", "T:ab;", "P:p;T:ab;"),
	BAD("5.9 continuation of nothing", "\x80\x01x\x81\x01y", "", "C1002;", 1002),
	BAD("5.11 continuation, not the last, of nothing", "\x00\x01x\x81\x01y", "", "C1002;", 1002),
	BAD("5.15 continuation after a whole message", "\x01\x01" "a\x80\x01" "b\x00\x01x", "T:ab;",
	    "T:ab;C1002;", 1002),
	BAD("5.18 text inside text", "\x01\x01" "a\x81\x01" "b", "", "C1002;", 1002),
	GOOD("5.19 five fragments, pings between",
	     "\x01\x01" "a\x00\x01" "b\x89\x01p\x00\x01" "c\x89\x01q\x00\x01" "d\x80\x01" "e", "T:abcde;",
	     "P:p;P:q;T:abcde;"),
	GOOD("5.x empty fragments", "\x02\x00\x00\x00\x80\x00", "B:;", "B:;"),
	/* 6: UTF-8 */
	GOOD("6.1.2 empty fragments of text", "\x01\x00\x00\x00\x80\x00", "T:;", "T:;"),
	GOOD("6.2.1 valid", "\x81\x05\xce\xba\xcf\x8c!", "T:\xce\xba\xcf\x8c!;", "T:\xce\xba\xcf\x8c!;"),
	GOOD("6.2.3 split within a character", "\x01\x01\xce\x80\x01\xba", "T:\xce\xba;",
	     "T:\xce\xba;"),
	GOOD("6.2.4 four bytes in four frames", "\x01\x01\xf0\x00\x01\x9f\x00\x01\x98\x80\x01\x80",
	     "T:\xf0\x9f\x98\x80;", "T:\xf0\x9f\x98\x80;"),
	BAD("6.3.1 surrogate", "\x81\x04\xce\xba\xed\xa0", "", "C1007;", 1007),
	BAD("6.4.1 refused before its last fragment", "\x01\x03" "a\xf4\x90", "", "C1007;", 1007),
	BAD("6.6.1 incomplete", "\x81\x01\xce", "", "C1007;", 1007),
	BAD("6.8 overlong slash", "\x81\x02\xc0\xaf", "", "C1007;", 1007),
	BAD("6.10 five bytes", "\x81\x05\xf8\x88\x80\x80\x80", "", "C1007;", 1007),
	BAD("6.12 lone continuation", "\x81\x01\x80", "", "C1007;", 1007),
	BAD("6.14 character cut by a new fragment that goes on wrong", "\x01\x02\xe0\xa0\x80\x01x", "",
	    "C1007;", 1007),
	GOOD("6.22 U+FFFE", "\x81\x03\xef\xbf\xbe", "T:\xef\xbf\xbe;", "T:\xef\xbf\xbe;"),
	GOOD("6.x binary is no text", "\x82\x02\xff\xfe", "B:\xff\xfe;", "B:\xff\xfe;"),
	/* 7: closing */
	GOOD("7.1.1 text, then close", "\x81\x01x", "T:x;", "T:x;"),
	CASE("7.1.2 two closes", CLOSE CLOSE, "", CLOSED, CT_OK, 1000),
	CASE("7.1.3 ping after close", CLOSE "\x89\x00", "", CLOSED, CT_OK, 1000),
	CASE("7.1.4 text after close", CLOSE "\x81\x01x", "", CLOSED, CT_OK, 1000),
	CASE("7.1.5 close between fragments", "\x01\x01" "a" CLOSE "\x80\x01" "b", "", CLOSED, CT_OK,
	     1000),
	CASE("7.3.1 close without a code", "\x88\x00", "", "C;", CT_OK, CT_WS_NO_STATUS),
	BAD("7.3.2 close of one byte", "\x88\x01\x03", "", "C1002;", 1002),
	CASE("7.3.4 close with a reason", "\x88\x05\x03\xe8" "bye", "", CLOSED, CT_OK, 1000),
	BAD("7.3.6 close of 126", "\x88\x7e\x00\x7e" X126, "", "C1002;", 1002),
	BAD("7.5.1 reason that is no UTF-8", "\x88\x04\x03\xe8\xce\x41", "", "C1007;", 1007),
	CASE("7.7.1 close 1001", "\x88\x02\x03\xe9", "", "C1001;", CT_OK, 1001),
	CASE("7.7.9 close 1011", "\x88\x02\x03\xf3", "", "C1011;", CT_OK, 1011),
	CASE("7.7.x close 1013", "\x88\x02\x03\xf5", "", "C1013;", CT_OK, 1013),
	CASE("7.7.10 close 3000", "\x88\x02\x0b\xb8", "", "C3000;", CT_OK, 3000),
	CASE("7.7.13 close 4999", "\x88\x02\x13\x87", "", "C4999;", CT_OK, 4999),
	BAD("7.9.1 close 0", "\x88\x02\x00\x00", "", "C1002;", 1002),
	BAD("7.9.2 close 999", "\x88\x02\x03\xe7", "", "C1002;", 1002),
	BAD("7.9.3 close 1004", "\x88\x02\x03\xec", "", "C1002;", 1002),
	BAD("7.9.4 close 1005", "\x88\x02\x03\xed", "", "C1002;", 1002),
	BAD("7.9.5 close 1006", "\x88\x02\x03\xee", "", "C1002;", 1002),
	BAD("7.9.6 close 1016", "\x88\x02\x03\xf8", "", "C1002;", 1002),
	BAD("7.9.10 close 2999", "\x88\x02\x0b\xb7", "", "C1002;", 1002),
	BAD("7.13.1 close 5000", "\x88\x02\x13\x88", "", "C1002;", 1002),
	/* lengths in more bytes than they need: RFC 6455 section 5.2 */
	BAD("16 bits for 1", "\x81\x7e\x00\x01x", "", "C1002;", 1002),
	BAD("64 bits for 1", "\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x01x", "", "C1002;", 1002),
};

static void run_case(const struct ws_case *c, bool is_client, size_t piece)
{
	struct wspeer p = { .is_client = is_client,
			    .piece = piece,
			    .frames = { c->frames, c->len } };
	char label[128];

	snprintf(label, sizeof(label), "%s (%s, pieces of %zu)", c->name,
		 is_client ? "server" : "client", piece);
	wspeer_run(&p);
	cr_expect_eq(p.opens, 1, "%s", label);
	cr_expect_eq(p.ends, 1, "%s", label);
	cr_expect_str_eq(p.seen.ptr, c->seen, "%s: saw %s", label, p.seen.ptr);
	/* how much of the end of a long line of pings is answered is the implementation's choice */
	cr_expect_str_eq(p.told.ptr, c->told, "%s: said %s", label, p.told.ptr);
	cr_expect_eq(p.code, c->code, "%s: %d %s", label, p.code, p.err.msg);
	cr_expect_eq(p.close_code, c->close_code, "%s: %d", label, p.close_code);
	wspeer_fini(&p);
}

Test(ws_cases, are_met_by_the_client)
{
	for (size_t i = 0; i < CT_COUNT(cases); i++)
		run_case(&cases[i], false, 0);
}

Test(ws_cases, are_met_by_the_server)
{
	for (size_t i = 0; i < CT_COUNT(cases); i++)
		run_case(&cases[i], true, 0);
}

Test(ws_cases, are_met_whatever_pieces_the_bytes_come_in)
{
	static const size_t pieces[] = { 1, 2, 3, 7 };

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		for (size_t j = 0; j < CT_COUNT(pieces); j++)
			run_case(&cases[i], j % 2 != 0, pieces[j]);
}

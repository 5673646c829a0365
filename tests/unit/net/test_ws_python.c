/* Against a server that others wrote (Python's websockets), without TLS and with it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leaks.h"
#include "net/ws.h"

static char folder[] = "/tmp/cartrita-ws-XXXXXX";
static char certificate[64];
static pid_t server;

/* Echoes; "bye" is answered with a close; it pings each time; a big message is sent in fragments. */
static const char script[] =
	"import asyncio, ssl, sys, websockets\n"
	"async def serve(ws):\n"
	"    path = ws.request.path if hasattr(ws, 'request') else ws.path\n"
	"    if path == '/big':\n"
	"        await ws.send(['abc' * 100000, 'x', 'def' * 100000])\n"
	"    async for m in ws:\n"
	"        if m == 'bye':\n"
	"            await ws.close(4001, 'as you said')\n"
	"            return\n"
	"        await (await ws.ping())\n"
	"        await ws.send(m)\n"
	"async def main():\n"
	"    tls = None\n"
	"    if len(sys.argv) > 1:\n"
	"        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
	"        tls.load_cert_chain(sys.argv[1] + '/cert.pem', sys.argv[1] + '/key.pem')\n"
	"    async with websockets.serve(serve, '127.0.0.1', 0, ssl=tls, compression=None, "
	"max_size=None) as s:\n"
	"        print(s.sockets[0].getsockname()[1], flush=True)\n"
	"        await asyncio.Future()\n"
	"asyncio.run(main())\n";

static bool run(const char *command)
{
	return WEXITSTATUS(system(command)) == 0;
}

static void make_certificate(void)
{
	char command[512];

	cr_assert(mkdtemp(folder) != NULL);
	snprintf(certificate, sizeof(certificate), "%s/cert.pem", folder);
	snprintf(command, sizeof(command),
		 "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
		 "-nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=cartrita-test "
		 "-addext subjectAltName=IP:127.0.0.1 2>/dev/null",
		 folder);
	cr_assert(run(command), "%s", command);
}

static int start_server(bool tls)
{
	int fds[2], port = 0;
	FILE *out;

	cr_assert_eq(pipe(fds), 0);
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fds[1], STDOUT_FILENO);
		execl("/usr/bin/python3", "python3", "-c", script, tls ? folder : NULL, NULL);
		_exit(127);
	}
	close(fds[1]);
	out = fdopen(fds[0], "r");
	cr_assert_eq(fscanf(out, "%d", &port), 1, "the server does not listen");
	fclose(out);
	return port;
}

static void setup(void)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY",
					     "all_proxy", "ALL_PROXY" };

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < CT_COUNT(names); i++)
		unsetenv(names[i]);
	if (!run("/usr/bin/python3 -c 'import websockets' 2>/dev/null") ||
	    !run("openssl version >/dev/null 2>&1"))
		cr_skip_test("no websockets for python3, or no openssl");
	make_certificate();
}

static void teardown(void)
{
	char command[96];

	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_expect(run(command));
	check_leaks();
}

TestSuite(ws_python, .init = setup, .fini = teardown, .timeout = 100);

enum { ROUNDS = 300, BIG = 700000 };

struct talk {
	struct ct_loop *loop;
	struct ct_ws *ws;
	char *big;
	int rounds, code, close_code;
	size_t big_texts;
	char reason[64];
	struct ct_err err;
};

static void on_open(void *user, const struct ct_headers *headers)
{
	struct talk *t = user;

	cr_expect(ct_headers_get(headers, "Server").len > 0);
	cr_expect_eq(ct_ws_send_binary(t->ws, (struct ct_str){ t->big, BIG }, NULL), CT_OK);
}

static void on_text(void *user, struct ct_str text)
{
	struct talk *t = user;
	char next[32];

	if (text.len == 600001) {
		t->big_texts++;
		return;
	}
	cr_assert(ct_str_starts(text, "round "));
	snprintf(next, sizeof(next), "round %d", ++t->rounds);
	ct_ws_send_text(t->ws, ct_str(t->rounds < ROUNDS ? next : "bye"), NULL);
}

static void on_binary(void *user, struct ct_str bytes)
{
	struct talk *t = user;

	cr_assert_eq(bytes.len, (size_t)BIG);
	cr_assert_eq(memcmp(bytes.ptr, t->big, BIG), 0);
	ct_ws_send_text(t->ws, ct_str("round 0"), NULL);
}

static void on_end(void *user, const struct ct_ws_end *end)
{
	struct talk *t = user;

	t->code = end->code;
	t->err = end->err;
	t->close_code = end->close_code;
	snprintf(t->reason, sizeof(t->reason), "%.*s", CT_STR_ARG(end->reason));
}

static void talk(struct talk *t, bool tls)
{
	static const struct ct_ws_handler handler = { on_open, on_text, on_binary, NULL, on_end };
	struct ct_ws_request request = { .header_count = 0 };
	char url[64];

	snprintf(url, sizeof(url), "%s://127.0.0.1:%d/big", tls ? "wss" : "ws", start_server(tls));
	request.url = ct_str(url);
	t->big = malloc(BIG);
	for (size_t i = 0; i < BIG; i++)
		t->big[i] = (char)(i * 7);
	cr_assert_eq(ct_loop_create(&t->loop, NULL), CT_OK);
	cr_assert_eq(ct_ws_connect(t->loop, &request, &handler, t, &t->ws, NULL), CT_OK);
	ct_loop_run(t->loop);
	ct_loop_destroy(t->loop);
	free(t->big);
}

static void expect_all(const struct talk *t)
{
	cr_expect_eq(t->code, CT_OK, "%s", t->err.msg);
	cr_expect_eq(t->rounds, ROUNDS);
	cr_expect_eq(t->big_texts, 1);
	cr_expect_eq(t->close_code, 4001);
	cr_expect_str_eq(t->reason, "as you said");
}

Test(ws_python, understands_each_other)
{
	struct talk t = { 0 };

	talk(&t, false);
	expect_all(&t);
}

Test(ws_python, understands_each_other_through_tls)
{
	struct talk t = { 0 };

	setenv("SSL_CERT_FILE", certificate, 1);
	talk(&t, true);
	expect_all(&t);
}

Test(ws_python, does_not_believe_a_certificate_that_nobody_signed)
{
	struct talk t = { 0 };

	talk(&t, true);
	cr_expect_eq(t.code, CT_ELOCAL, "%d %s", t.code, t.err.msg);
	cr_expect_not_null(strstr(t.err.msg, "certificate"));
}

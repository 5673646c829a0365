/* Many exchanges on few connections, where the server speaks HTTP/2 (nghttpd of Debian's nghttp2). */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "rawserver.h"

enum { BIG_BYTES = 40 << 20, SMALL_BYTES = 3000, MANY = 90 };

static char folder[] = "/tmp/cartrita-h2-XXXXXX";
static char big[64], small[64];
static int port;
static pid_t server;

static bool run(const char *command)
{
	return WEXITSTATUS(system(command)) == 0;
}

static bool make_files(void)
{
	char command[640];

	if (mkdtemp(folder) == NULL)
		return false;
	snprintf(command, sizeof(command),
		 "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
		 "-nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=cartrita-test "
		 "-addext subjectAltName=IP:127.0.0.1 2>/dev/null && "
		 "head -c %d /dev/zero >big && head -c %d /dev/zero >small",
		 folder, BIG_BYTES, SMALL_BYTES);
	return run(command);
}

static void be_server(void)
{
	char text[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (chdir(folder) != 0)
		_exit(1);
	dup2(open("/dev/null", O_RDWR), STDOUT_FILENO);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	snprintf(text, sizeof(text), "%d", port);
	execlp("nghttpd", "nghttpd", "-a", "127.0.0.1", "-d", folder, text, "key.pem",
	       "cert.pem", NULL);
	_exit(127);
}

static bool is_up(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool up = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;

	close(fd);
	return up;
}

static void setup(void)
{
	char path[64];

	client_open();
	if (!run("openssl version >/dev/null 2>&1 && nghttpd --version >/dev/null 2>&1"))
		cr_skip_test("no openssl or no nghttpd");
	cr_assert(make_files());
	port = rawserver_dead_port();
	server = fork();
	cr_assert(server >= 0);
	if (server == 0)
		be_server();
	while (!is_up()) {
		cr_assert_eq(waitpid(server, NULL, WNOHANG), 0, "nghttpd does not run");
		usleep(10000);
	}
	snprintf(path, sizeof(path), "%s/cert.pem", folder);
	setenv("SSL_CERT_FILE", path, 1);
	snprintf(big, sizeof(big), "https://127.0.0.1:%d/big", port);
	snprintf(small, sizeof(small), "https://127.0.0.1:%d/small", port);
}

static void teardown(void)
{
	char command[96];

	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
		snprintf(command, sizeof(command), "rm -r %s", folder);
		cr_expect(run(command));
	}
	client_close();
}

TestSuite(http2, .init = setup, .fini = teardown, .timeout = 100);

/* Sockets of ours that lead to the server. */
static int connections(void)
{
	int count = 0;

	for (int fd = 3; fd < 1024; fd++) {
		struct sockaddr_in peer;
		socklen_t len = sizeof(peer);

		count += getpeername(fd, (struct sockaddr *)&peer, &len) == 0 &&
			 peer.sin_family == AF_INET && ntohs(peer.sin_port) == port;
	}
	return count;
}

static int left, most;

static void count_down(struct seen *seen)
{
	int now = connections();

	(void)seen;
	most = now > most ? now : most;
	if (--left == 0)
		ct_loop_stop(client_loop);
}

Test(http2, puts_many_exchanges_on_few_connections)
{
	struct seen *seen = calloc(MANY, sizeof(*seen));

	left = MANY;
	for (int i = 0; i < MANY; i++) {
		seen[i].then = count_down;
		cr_assert_eq(client_start(&seen[i], small, NULL), CT_OK);
	}
	ct_loop_run(client_loop);
	for (int i = 0; i < MANY; i++) {
		cr_assert_eq(seen[i].code, CT_OK, "%d: %s", i, seen[i].err.msg);
		cr_assert_eq(seen[i].body_len, (size_t)SMALL_BYTES, "%d", i);
	}
	cr_assert_leq(most, 2, "%d connections", most);
	free(seen);
}

struct pair {
	struct seen paused, other[10];
	struct ct_timer *timer;
};

static int start_stream(struct seen *seen, const char *url)
{
	struct ct_http_request request = { .method = "GET", .url = ct_str(url), .stream = true };

	seen->then = count_down;
	return client_start_request(seen, &request);
}

static void start_others(void *user)
{
	struct pair *pair = user;

	if (pair->paused.heads == 0) {
		ct_timer_start(pair->timer, 100);
		return;
	}
	for (size_t i = 0; i < CT_COUNT(pair->other); i++)
		cr_assert_eq(start_stream(&pair->other[i], i == 0 ? big : small), CT_OK);
}

Test(http2, goes_on_with_others_while_one_is_paused)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	pair->timer = ct_timer_create(client_loop, start_others, pair);
	pair->paused.pause_in_head = true;
	left = CT_COUNT(pair->other);
	cr_assert_eq(start_stream(&pair->paused, big), CT_OK);
	ct_timer_start(pair->timer, 300); /* as much as the server may send without being read */
	ct_loop_run(client_loop);
	for (size_t i = 0; i < CT_COUNT(pair->other); i++)
		cr_assert_eq(pair->other[i].code, CT_OK, "%s", pair->other[i].err.msg);
	cr_assert_eq(pair->other[0].body_len, (size_t)BIG_BYTES);
	cr_assert_eq(pair->paused.body_len, 0u);
	left = 1;
	ct_http_pause(pair->paused.transfer, false);
	ct_loop_run(client_loop);
	cr_assert_eq(pair->paused.code, CT_OK, "%s", pair->paused.err.msg);
	cr_assert_eq(pair->paused.body_len, (size_t)BIG_BYTES);
	ct_timer_destroy(pair->timer);
	free(pair);
}

static int shared[6];
static size_t shared_count;

/* On a busy machine curl 7.88 opens one more connection now and then: who waits for that shares none. */
static void note_connection(struct seen *seen)
{
	if (strstr(seen->err.msg, "no TLS connection") == NULL)
		shared[shared_count++] = ct_http_shared_connection(seen->transfer);
	count_down(seen);
}

struct loss {
	struct seen answered, silent[5];
	struct ct_timer *timer;
	int step;
};

/* One has its head, the others are on their way to a server that has stopped, and then it is gone. */
static void lose(void *user)
{
	struct loss *loss = user;

	if (loss->answered.heads == 0) {
		ct_timer_start(loss->timer, 100);
		return;
	}
	if (loss->step++ == 1) {
		kill(server, SIGKILL);
		return;
	}
	kill(server, SIGSTOP);
	for (size_t i = 0; i < CT_COUNT(loss->silent); i++) {
		loss->silent[i].then = note_connection;
		cr_assert_eq(client_start(&loss->silent[i], small, "a question"), CT_OK);
	}
	ct_timer_start(loss->timer, 300);
}

Test(http2, knows_what_was_lost_with_a_connection_before_an_answer)
{
	struct loss *loss = calloc(1, sizeof(*loss));

	loss->timer = ct_timer_create(client_loop, lose, loss);
	loss->answered.then = note_connection;
	left = CT_COUNT(shared);
	shared_count = 0;
	cr_assert_eq(client_start(&loss->answered, big, NULL), CT_OK);
	ct_timer_start(loss->timer, 100);
	ct_loop_run(client_loop);
	cr_expect_gt(shared_count, 3);
	cr_expect_gt(shared[0], 0);
	for (size_t i = 1; i < shared_count; i++)
		cr_expect_eq(shared[i], shared[0], "%zu: %d, not %d", i, shared[i], shared[0]);
	ct_timer_destroy(loss->timer);
	free(loss);
}

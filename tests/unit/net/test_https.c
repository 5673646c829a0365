/* Whose certificate is believed, and what a failure there is called. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "rawserver.h"

static char folder[] = "/tmp/cartrita-tls-XXXXXX";
static char certificate[64], url[64];
static pid_t server;

static bool run(const char *command)
{
	return WEXITSTATUS(system(command)) == 0;
}

/* A self-signed certificate for 127.0.0.1, and its hash link in the same folder. */
static void make_certificate(void)
{
	char command[512];

	cr_assert(mkdtemp(folder) != NULL);
	snprintf(certificate, sizeof(certificate), "%s/cert.pem", folder);
	snprintf(command, sizeof(command),
		 "cd %s && openssl req -x509 -newkey ec -pkeyopt "
		 "ec_paramgen_curve:prime256v1 "
		 "-nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=cartrita-test "
		 "-addext subjectAltName=IP:127.0.0.1 2>/dev/null && "
		 "ln -s cert.pem $(openssl x509 -hash -noout -in cert.pem).0",
		 folder);
	cr_assert(run(command), "%s", command);
}

static void be_server(int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (chdir(folder) != 0)
		_exit(1);
	dup2(out, STDOUT_FILENO);
	dup2(open("/dev/null", O_RDWR), STDERR_FILENO);
	execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert",
	       "cert.pem", "-key", "key.pem", "-www", NULL);
	_exit(127);
}

/* It says "ACCEPT 127.0.0.1:PORT" once it listens. */
static void start_server(void)
{
	char line[256];
	int fds[2], port = 0;
	FILE *out;

	cr_assert_eq(pipe(fds), 0);
	server = fork();
	cr_assert(server >= 0);
	if (server == 0)
		be_server(fds[1]);
	close(fds[1]);
	out = fdopen(fds[0], "r");
	while (port == 0 && fgets(line, sizeof(line), out) != NULL)
		if (sscanf(line, "ACCEPT 127.0.0.1:%d", &port) != 1)
			port = 0;
	cr_assert(port > 0, "openssl s_server does not listen");
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/", port);
	fclose(out);
}

static void setup(void)
{
	client_open();
	if (!run("openssl version >/dev/null 2>&1"))
		cr_skip_test("no openssl command");
	make_certificate();
	start_server();
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

TestSuite(https, .init = setup, .fini = teardown, .timeout = 100);

Test(https, does_not_believe_a_certificate_that_nobody_signed)
{
	struct seen seen = { 0 };

	client_run(&seen, url, NULL);
	cr_expect_eq(seen.code, CT_ELOCAL, "%d: %s", seen.code, seen.err.msg);
	cr_expect(strstr(seen.err.msg, "certificate of 127.0.0.1") != NULL, "%s",
		  seen.err.msg);
	cr_expect(strstr(seen.err.hint, "SSL_CERT_FILE") != NULL, "%s", seen.err.hint);
	cr_expect_eq(seen.heads, 0);
}

Test(https, believes_one_in_ssl_cert_file)
{
	struct seen seen = { 0 };

	setenv("SSL_CERT_FILE", certificate, 1);
	client_run(&seen, url, NULL);
	cr_expect_eq(seen.code, CT_OK, "%s", seen.err.msg);
	cr_expect_eq(seen.status, 200);
	cr_expect(seen.body_len > 0);
}

Test(https, believes_one_with_a_hash_link_in_ssl_cert_dir)
{
	struct seen seen = { 0 };

	setenv("SSL_CERT_DIR", folder, 1);
	client_run(&seen, url, NULL);
	cr_expect_eq(seen.code, CT_OK, "%s", seen.err.msg);
}

Test(https, does_not_believe_one_made_out_to_another_name)
{
	struct seen seen = { 0 };
	char other[64];

	setenv("SSL_CERT_FILE", certificate, 1);
	snprintf(other, sizeof(other), "https://localhost:%s", strrchr(url, ':') + 1);
	client_run(&seen, other, NULL);
	cr_expect_eq(seen.code, CT_ELOCAL, "%d: %s", seen.code, seen.err.msg);
	cr_expect(strstr(seen.err.msg, "localhost") != NULL, "%s", seen.err.msg);
}

Test(https, says_that_ssl_cert_file_cannot_be_read)
{
	struct seen seen = { 0 };

	setenv("SSL_CERT_FILE", "/nonexistent/certificates.pem", 1);
	client_run(&seen, url, NULL);
	cr_expect_eq(seen.code, CT_ELOCAL, "%d: %s", seen.code, seen.err.msg);
	cr_expect(strstr(seen.err.msg, "/nonexistent/certificates.pem") != NULL, "%s",
		  seen.err.msg);
}

Test(https, blames_the_peer_when_it_does_not_speak_tls)
{
	static const struct raw_step plain[] = { RAW_TEXT("HTTP/1.1 400 Bad\r\n\r\n"),
						 RAW(CLOSE), RAW(END) };
	static const struct raw_step gone[] = { RAW(RESET), RAW(END) };
	static const struct raw_step *const cases[] = { plain, gone };

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct rawserver *raw = rawserver_start(cases[i]);
		struct seen seen = { 0 };
		char address[64];
		snprintf(address, sizeof(address), "https://127.0.0.1:%d/",
			 rawserver_port(raw));
		client_run(&seen, address, NULL);
		cr_expect_eq(seen.code, CT_ECONNECT, "%zu: %d: %s", i, seen.code,
			     seen.err.msg);
		rawserver_stop(raw);
	}
}

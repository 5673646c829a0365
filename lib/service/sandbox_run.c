/* The sandbox as a program: in the foreground, detached, or around a command. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "service/sandbox.h"

enum { EXPORTS_MAX_BYTES = 64 << 10 };

static void stop(void *user)
{
	ct_loop_stop(user);
}

static int stop_on_signals(struct ct_loop *loop, struct ct_err *err)
{
	int rc = ct_loop_on_signal(loop, SIGINT, stop, loop, err);

	return rc == CT_OK ? ct_loop_on_signal(loop, SIGTERM, stop, loop, err) : rc;
}

static int serve(struct ct_loop *loop, const struct ct_sandbox_options *options,
		 void (*ready)(void *user, struct ct_str exports), void *user,
		 struct ct_err *err)
{
	struct ct_buf text = CT_BUF_INIT(EXPORTS_MAX_BYTES);
	struct ct_sandbox *sandbox = NULL;
	int rc = stop_on_signals(loop, err);

	if (rc == CT_OK)
		rc = ct_sandbox_create(loop, options, &sandbox, err);
	if (rc != CT_OK)
		return rc;
	ct_sandbox_print(sandbox, &text);
	rc = ct_buf_check(&text, "the exports", err);
	if (rc == CT_OK) {
		if (ready != NULL)
			ready(user, ct_buf_str(&text));
		ct_loop_run(loop);
	}
	ct_buf_fini(&text);
	ct_sandbox_destroy(sandbox);
	return rc;
}

int ct_sandbox_run(const struct ct_sandbox_options *options,
		   void (*ready)(void *user, struct ct_str exports), void *user,
		   struct ct_err *err)
{
	struct ct_loop *loop = NULL;
	int rc = ct_loop_create(&loop, err);

	if (rc != CT_OK)
		return rc;
	rc = serve(loop, options, ready, user, err);
	ct_loop_destroy(loop);
	return rc;
}

/* All of text, to a pipe. */
static void write_all(int fd, struct ct_str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.ptr, text.len);

		if (n < 0 && errno != EINTR)
			return;
		text = ct_str_from(text, n > 0 ? (size_t)n : 0);
	}
}

/* Let go of the terminal, and tell whoever waits that it may go on. */
static void detach(void *user, struct ct_str exports)
{
	const int *pipe_fd = user;
	char text[64];
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2 && nowhere >= 0; fd++)
		dup2(nowhere, fd);
	if (nowhere > 2)
		close(nowhere);
	if (chdir("/") != 0)
		ct_log(CT_LOG_DEBUG, "the sandbox stays in its folder");
	snprintf(text, sizeof(text), "export CARTRITA_SANDBOX_PID='%ld'\n",
		 (long)getpid());
	write_all(*pipe_fd, ct_str("+"));
	write_all(*pipe_fd, exports);
	write_all(*pipe_fd, ct_str(text));
	close(*pipe_fd);
}

/* The detached process. What it has to say goes to the pipe: "+exports", or a code and why. */
static void be_background(const struct ct_sandbox_options *options, int pipe_fd)
{
	struct ct_err err = { 0 };
	char text[sizeof(err.msg) + sizeof(err.hint) + 32];
	int rc;

	/* whoever waits for the end of some other pipe of the shell's must not wait for us */
	if (pipe_fd > 3)
		close_range(3, (unsigned)pipe_fd - 1, 0);
	close_range((unsigned)pipe_fd + 1, ~0u, 0);
	setsid();
	if (fork() != 0)
		_exit(0);
	rc = ct_sandbox_run(options, detach, &pipe_fd, &err);
	if (rc != CT_OK) {
		snprintf(text, sizeof(text), "%d\n%s\n%s", rc, err.msg, err.hint);
		write_all(pipe_fd, ct_str(text));
	}
	_exit(rc == CT_OK ? 0 : 1);
}

/* "CODE\nMESSAGE\nHINT" */
static int report(struct ct_str text, struct ct_err *err)
{
	char *line = NULL, *hint = NULL;
	int code = (int)strtol(text.ptr, &line, 10);

	if (code >= CT_OK || *line != '\n')
		return ct_fail(err, CT_EIO, "the sandbox ended before it could serve");
	hint = strchr(line + 1, '\n');
	ct_fail(err, code, "%.*s", hint != NULL ? (int)(hint - line - 1) : 0, line + 1);
	if (hint != NULL && hint[1] != '\0')
		ct_hint(err, "%s", hint + 1);
	return code;
}

int ct_sandbox_background(const struct ct_sandbox_options *options, struct ct_buf *out,
			  struct ct_err *err)
{
	struct ct_buf said = CT_BUF_INIT(EXPORTS_MAX_BYTES);
	int ends[2], rc;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return ct_fail(err, CT_EIO, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		be_background(options, ends[1]);
	}
	close(ends[1]);
	rc = pid < 0 ? ct_fail(err, CT_EIO, "cannot start a process: %s", strerror(errno))
		     : ct_file_read_fd(ends[0], "the sandbox", &said, err);
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	if (rc == CT_OK && said.len > 0 && said.ptr[0] == '+')
		ct_buf_add(out, ct_str_from(ct_buf_str(&said), 1));
	else if (rc == CT_OK)
		rc = report(ct_buf_str(&said), err);
	ct_buf_fini(&said);
	return rc;
}

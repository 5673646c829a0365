#include "service/key_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * The child keeps our process group: a command that asks on the terminal (pinentry) must stay
 * in the foreground. It starts with default signals, since we ignore SIGPIPE.
 */
static int spawn(struct ct_str command, char *const env[], int out_fd, pid_t *pid)
{
	char *copy = strndup(command.ptr, command.len);
	char shell[] = "sh", option[] = "-c";
	char *argv[] = { shell, option, copy, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t all, none;

	if (copy == NULL)
		return ENOMEM;
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
	int rc = posix_spawn(pid, "/bin/sh", &actions, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	free(copy);
	return rc;
}

static int64_t ms_left(int64_t until_us)
{
	int64_t left = (until_us - ct_clock_us() + 999) / 1000;

	return left > 0 ? left : 0;
}

/* Everything it writes, until it closes its end. */
static int read_output(int fd, int64_t until_us, const char *name, struct ct_buf *out,
		       struct ct_err *err)
{
	for (;;) {
		char chunk[4096];
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		int ready = poll(&poll_fd, 1, (int)ms_left(until_us));
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			return ct_fail(err, CT_ECONFIG, "%s: key_command took too long", name);
		ssize_t n = ready < 0 ? -1 : read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ct_fail(err, CT_ECONFIG, "%s: key_command: %s", name,
				       strerror(errno));
		if (n == 0)
			return CT_OK;
		ct_buf_append(out, chunk, (size_t)n);
		explicit_bzero(chunk, sizeof(chunk));
		if (out->failed != CT_OK)
			return ct_fail(err, CT_ECONFIG, "%s: key_command writes more than %d bytes",
				       name, CT_KEY_COMMAND_BYTES);
	}
}

/* Closing its stdout does not mean that it has ended: the same limit holds. */
static int wait_end(pid_t pid, int64_t until_us, int *status)
{
	for (;;) {
		pid_t got = waitpid(pid, status, WNOHANG);
		if (got == pid)
			return CT_OK;
		if (got < 0 && errno != EINTR)
			return CT_ECONFIG;
		if (ms_left(until_us) == 0)
			return CT_ETIMEOUT;
		poll(NULL, 0, 5);
	}
}

static int end_child(pid_t pid, int64_t until_us, const char *name, struct ct_err *err)
{
	int status = 0, rc = wait_end(pid, until_us, &status);

	if (rc == CT_ETIMEOUT) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return ct_fail(err, CT_ECONFIG, "%s: key_command took too long", name);
	}
	if (rc != CT_OK)
		return ct_fail(err, CT_ECONFIG, "%s: key_command: %s", name, strerror(errno));
	if (WIFSIGNALED(status))
		return ct_fail(err, CT_ECONFIG, "%s: key_command was ended by signal %d", name,
			       WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return ct_fail(err, CT_ECONFIG, "%s: key_command failed with status %d", name,
			       WEXITSTATUS(status));
	return CT_OK;
}

static int first_line(struct ct_buf *text, const char *name, struct ct_buf *out,
		      struct ct_err *err)
{
	struct ct_str line = ct_buf_str(text);
	const char *end = memchr(line.ptr, '\n', line.len);

	if (end != NULL)
		line.len = (size_t)(end - line.ptr);
	line = ct_str_trim(line);
	if (line.len == 0)
		return ct_fail(err, CT_ECONFIG, "%s: key_command wrote no key", name);
	ct_buf_add(out, line);
	return ct_buf_check(out, "the key", err);
}

int ct_key_command_run(struct ct_str command, char *const env[], int64_t limit_ms,
		       const char *name, struct ct_buf *out, struct ct_err *err)
{
	struct ct_buf text = CT_BUF_INIT(CT_KEY_COMMAND_BYTES);
	int64_t until_us = ct_clock_us() + limit_ms * 1000;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return ct_fail(err, CT_EIO, "cannot make a pipe: %s", strerror(errno));
	int rc = spawn(command, env, fds[1], &pid);
	close(fds[1]);
	if (rc != 0) {
		close(fds[0]);
		return ct_fail(err, CT_ECONFIG, "%s: cannot run key_command: %s", name,
			       strerror(rc));
	}
	rc = read_output(fds[0], until_us, name, &text, err);
	close(fds[0]);
	if (rc != CT_OK)
		kill(pid, SIGKILL);
	int ended = end_child(pid, rc == CT_OK ? until_us : INT64_MAX, name,
			      rc == CT_OK ? err : NULL);
	if (rc == CT_OK)
		rc = ended;
	if (rc == CT_OK)
		rc = first_line(&text, name, out, err);
	if (text.cap > 0)
		explicit_bzero(text.ptr, text.cap);
	ct_buf_fini(&text);
	return rc;
}

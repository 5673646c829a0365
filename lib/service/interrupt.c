#include "service/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	LOOK_MS = 250,
	TOGETHER_US = 100 * 1000, /* timeout(1) and others signal a process and its group: once */
};

static const int watched[] = { SIGINT, SIGTERM, SIGHUP };

struct ct_interrupt {
	ct_interrupt_fn *fn;
	void *user;
	struct ct_watch *watch;
	struct ct_timer *timer;
	int ends[2];
	struct sigaction before[CT_COUNT(watched)];
};

/* What the handler reaches. */
static struct {
	volatile sig_atomic_t seen;
	int64_t seen_us;
	int fd;
	bool has_terminal;
	struct termios terminal;
} handler;

static void on_signal(int number)
{
	int saved = errno;
	char byte = 0;

	if (handler.seen && ct_clock_us() - handler.seen_us < TOGETHER_US)
		return;
	if (handler.seen) {
		if (handler.has_terminal)
			tcsetattr(STDIN_FILENO, TCSANOW, &handler.terminal);
		_exit(128 + number);
	}
	handler.seen_us = ct_clock_us();
	handler.seen = number;
	ssize_t ignored = write(handler.fd, &byte, 1);
	(void)ignored;
	errno = saved;
}

static void on_readable(void *user, int events)
{
	struct ct_interrupt *in = user;
	char bytes[16];

	(void)events;
	if (read(in->ends[0], bytes, sizeof(bytes)) > 0)
		in->fn(in->user, CT_INTERRUPT_SIGNAL);
}

static void on_look(void *user)
{
	struct ct_interrupt *in = user;
	struct pollfd out = { .fd = STDOUT_FILENO };

	if (poll(&out, 1, 0) > 0 && out.revents & (POLLERR | POLLNVAL))
		in->fn(in->user, CT_INTERRUPT_READER);
	else
		ct_timer_start(in->timer, LOOK_MS);
}

static void take_signals(struct ct_interrupt *in)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	handler.seen = 0;
	handler.fd = in->ends[1];
	handler.has_terminal = tcgetattr(STDIN_FILENO, &handler.terminal) == 0;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < CT_COUNT(watched); i++)
		sigaddset(&action.sa_mask, watched[i]);
	for (size_t i = 0; i < CT_COUNT(watched); i++) {
		sigaction(watched[i], NULL, &in->before[i]);
		/* nohup and background jobs ignore some: leave it so */
		if (in->before[i].sa_handler != SIG_IGN)
			sigaction(watched[i], &action, NULL);
	}
}

int ct_interrupt_watch(struct ct_loop *loop, ct_interrupt_fn *fn, void *user,
		       struct ct_interrupt **out, struct ct_err *err)
{
	struct ct_interrupt *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory to watch signals");
	in->fn = fn;
	in->user = user;
	if (pipe2(in->ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		free(in);
		return ct_fail(err, CT_EIO, "cannot watch signals: %s", strerror(errno));
	}
	in->timer = ct_timer_create(loop, on_look, in);
	int rc = in->timer == NULL ? ct_fail(err, CT_ENOMEM, "no memory to watch signals") :
				     ct_watch_open(loop, in->ends[0], CT_READABLE, true,
						   on_readable, in, &in->watch, err);
	if (rc != CT_OK) {
		ct_timer_destroy(in->timer);
		close(in->ends[0]);
		close(in->ends[1]);
		free(in);
		return rc;
	}
	take_signals(in);
	ct_timer_start(in->timer, LOOK_MS);
	*out = in;
	return CT_OK;
}

int ct_interrupt_signal(const struct ct_interrupt *in)
{
	return in != NULL ? handler.seen : 0;
}

void ct_interrupt_end(struct ct_interrupt *in)
{
	if (in == NULL)
		return;
	for (size_t i = 0; i < CT_COUNT(watched); i++)
		sigaction(watched[i], &in->before[i], NULL);
	ct_watch_close(in->watch);
	ct_timer_destroy(in->timer);
	close(in->ends[0]);
	close(in->ends[1]);
	free(in);
}

#include "net/thread.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { STACK_BYTES = 512 << 10 };

int ct_thread_start(pthread_t *thread, void *(*fn)(void *user), void *user,
		    struct ct_err *err)
{
	pthread_attr_t attr;
	sigset_t all, before;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	/* signals are for the thread that runs the loop */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(thread, &attr, fn, user);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (rc != 0)
		return ct_fail(err, CT_EIO, "cannot start a thread: %s", strerror(rc));
	return CT_OK;
}

/* Another process may have made the shared description non-blocking. */
static void wait_ready(int fd, short events)
{
	poll(&(struct pollfd){ .fd = fd, .events = events }, 1, -1);
}

ssize_t ct_thread_read(int fd, void *bytes, size_t size)
{
	ssize_t n;

	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	while ((n = read(fd, bytes, size)) < 0 && (errno == EINTR || errno == EAGAIN))
		if (errno == EAGAIN)
			wait_ready(fd, POLLIN);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	return n;
}

ssize_t ct_thread_write(int fd, const void *bytes, size_t size)
{
	ssize_t n;

	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	while ((n = write(fd, bytes, size)) < 0 && (errno == EINTR || errno == EAGAIN))
		if (errno == EAGAIN)
			wait_ready(fd, POLLOUT);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	return n;
}

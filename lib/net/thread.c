#include "net/thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
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

/*
 * glibc loads this library when a thread is cancelled, and aborts the process where it cannot: when no
 * descriptor is left it is too late.
 */
int ct_thread_start_cancellable(pthread_t *thread, void *(*fn)(void *user), void *user,
				struct ct_err *err)
{
	static const char unwinder[] = "libgcc_s.so.1";

	if (dlopen(unwinder, RTLD_NOW) == NULL)
		return ct_fail(err, CT_EIO, "cannot start a thread: %s", dlerror());
	return ct_thread_start(thread, fn, user, err);
}

/* struct sched_attr, in its first version. */
struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime_ns, deadline_ns, period_ns;
};

static bool get_attr(struct attr *attr)
{
	return syscall(SYS_sched_getattr, 0, attr, sizeof(*attr), 0) == 0 &&
	       attr->policy == SCHED_OTHER;
}

bool ct_thread_slice(int64_t us)
{
	struct attr attr = { 0 }, taken = { 0 };

	if (!get_attr(&attr))
		return false;
	attr.size = sizeof(attr);
	attr.runtime_ns = (uint64_t)us * 1000;
	/* an older kernel takes it and forgets it */
	return syscall(SYS_sched_setattr, 0, &attr, 0) == 0 && get_attr(&taken) &&
	       taken.runtime_ns == attr.runtime_ns;
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

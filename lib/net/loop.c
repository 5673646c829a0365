#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <uv.h>

struct deferred {
	struct deferred *next;
	ct_loop_fn *fn;
	void *user;
};

struct ct_loop {
	uv_loop_t uv;
	uv_idle_t idle; /* runs while something is deferred */
	struct deferred *first, **last;
};

/*
 * Clocks that watch over a stream are put off at every piece of it. Moving uv's timer costs two
 * walks through a heap of all timers; putting off costs a store, and when uv's timer comes the
 * difference is waited for.
 */
struct ct_timer {
	uint64_t due, uv_due; /* uv's is not after due; UINT64_MAX: it is not active */
	uv_loop_t *loop; /* also here: what is put off need not touch uv's */
	ct_loop_fn *fn;
	void *user;
	uv_timer_t uv;
};

/*
 * Not uv's own: before 1.45 its loop yields the core, for a whole slice, to a thread that is not back
 * from sending yet.
 */
struct ct_async {
	struct ct_watch *watch;
	int fd;
	ct_loop_fn *fn;
	void *user;
};

struct on_signal {
	uv_signal_t uv;
	ct_loop_fn *fn;
	void *user;
};

struct ct_watch {
	uv_poll_t uv;
	int fd;
	int epoll; /* between uv and fd where uv must not touch fd's flags; -1: none */
	int events;
	ct_watch_fn *fn;
	void *user;
};

/* Every handle's data is the memory it lies in; the loop's own have none. */
static void free_owner(uv_handle_t *handle)
{
	free(handle->data);
}

static int no_memory(struct ct_err *err)
{
	return ct_fail(err, CT_ENOMEM, "out of memory");
}

/* uv aborts where it cannot make its pipe for signals, behind an epoll; others open files meanwhile. */
static int spare_descriptors(void)
{
	int fds[4], rc = 0;
	size_t n = 0;

	for (; n < CT_COUNT(fds) && rc == 0; n++) {
		fds[n] = epoll_create1(EPOLL_CLOEXEC);
		rc = fds[n] < 0 ? -errno : 0;
	}
	while (n-- > 0)
		if (fds[n] >= 0)
			close(fds[n]);
	return rc;
}

int ct_loop_create(struct ct_loop **out, struct ct_err *err)
{
	struct ct_loop *loop = calloc(1, sizeof(*loop));
	int rc;

	if (loop == NULL)
		return no_memory(err);
	rc = spare_descriptors();
	if (rc == 0)
		rc = uv_loop_init(&loop->uv);
	if (rc != 0) {
		free(loop);
		return ct_fail(err, CT_EIO, "cannot make an event loop: %s",
			       uv_strerror(rc));
	}
	uv_idle_init(&loop->uv, &loop->idle);
	loop->last = &loop->first;
	*out = loop;
	return CT_OK;
}

/* What they defer in turn is left for the next time. */
static void run_deferred(struct ct_loop *loop)
{
	struct deferred *next, *at = loop->first;

	loop->first = NULL;
	loop->last = &loop->first;
	for (; at != NULL; at = next) {
		next = at->next;
		at->fn(at->user);
		free(at);
	}
}

static void on_idle(uv_idle_t *idle)
{
	struct ct_loop *loop = (struct ct_loop *)idle->loop;

	run_deferred(loop);
	if (loop->first == NULL)
		uv_idle_stop(idle);
}

int ct_loop_defer(struct ct_loop *loop, ct_loop_fn *fn, void *user)
{
	struct deferred *deferred = malloc(sizeof(*deferred));

	if (deferred == NULL)
		return CT_ENOMEM;
	*deferred = (struct deferred){ .fn = fn, .user = user };
	*loop->last = deferred;
	loop->last = &deferred->next;
	uv_idle_start(&loop->idle, on_idle);
	return CT_OK;
}

static void close_one(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (uv_is_closing(handle))
		return;
	if (handle->type == UV_POLL)
		ct_watch_close(handle->data);
	else
		uv_close(handle, free_owner);
}

void ct_loop_destroy(struct ct_loop *loop)
{
	if (loop == NULL)
		return;
	/* they may hold memory that only they release */
	while (loop->first != NULL)
		run_deferred(loop);
	uv_walk(&loop->uv, close_one, NULL);
	/* a stop from before ends the first run, not the second */
	while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0)
		;
	int rc = uv_loop_close(&loop->uv);
	assert(rc == 0);
	(void)rc;
	free(loop);
}

void ct_loop_run(struct ct_loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void ct_loop_stop(struct ct_loop *loop)
{
	uv_stop(&loop->uv);
}

struct ct_timer *ct_timer_create(struct ct_loop *loop, ct_loop_fn *fn, void *user)
{
	struct ct_timer *timer = calloc(1, sizeof(*timer));

	if (timer == NULL)
		return NULL;
	uv_timer_init(&loop->uv, &timer->uv);
	timer->uv.data = timer;
	timer->uv_due = UINT64_MAX;
	timer->loop = &loop->uv;
	timer->fn = fn;
	timer->user = user;
	return timer;
}

static void on_timer(uv_timer_t *uv)
{
	struct ct_timer *timer = uv->data;

	if (timer->due > uv_now(uv->loop)) {
		timer->uv_due = timer->due;
		uv_timer_start(uv, on_timer, timer->due - uv_now(uv->loop), 0);
		return;
	}
	timer->uv_due = UINT64_MAX;
	timer->fn(timer->user);
}

void ct_timer_start(struct ct_timer *timer, int64_t delay_ms)
{
	/* uv counts from the time this turn began, which a long callback leaves behind */
	uv_update_time(timer->loop);
	timer->due = uv_now(timer->loop) + (delay_ms > 0 ? (uint64_t)delay_ms : 0);
	if (timer->uv_due <= timer->due)
		return;
	timer->uv_due = timer->due;
	uv_timer_start(&timer->uv, on_timer, timer->due - uv_now(timer->loop), 0);
}

void ct_timer_stop(struct ct_timer *timer)
{
	timer->uv_due = UINT64_MAX;
	uv_timer_stop(&timer->uv);
}

void ct_timer_destroy(struct ct_timer *timer)
{
	if (timer != NULL)
		uv_close((uv_handle_t *)&timer->uv, free_owner);
}

static void on_signal(uv_signal_t *uv, int number)
{
	struct on_signal *s = uv->data;

	(void)number;
	s->fn(s->user);
}

int ct_loop_on_signal(struct ct_loop *loop, int signal, ct_loop_fn *fn, void *user,
		      struct ct_err *err)
{
	struct on_signal *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return no_memory(err);
	rc = uv_signal_init(&loop->uv, &s->uv);
	if (rc != 0) {
		free(s);
		return ct_fail(err, CT_EIO, "cannot watch for signals: %s",
			       uv_strerror(rc));
	}
	s->uv.data = s;
	s->fn = fn;
	s->user = user;
	rc = uv_signal_start(&s->uv, on_signal, signal);
	if (rc != 0) {
		uv_close((uv_handle_t *)&s->uv, free_owner);
		return ct_fail(err, CT_EIO, "cannot watch for signal %d: %s", signal,
			       uv_strerror(rc));
	}
	uv_unref((uv_handle_t *)&s->uv);
	return CT_OK;
}

static uint32_t epoll_bits(int events)
{
	uint32_t bits = 0;

	if (events & CT_READABLE)
		bits |= EPOLLIN | EPOLLRDHUP;
	if (events & CT_WRITABLE)
		bits |= EPOLLOUT;
	return bits;
}

/* What an epoll of our own has seen, as our events; an error or hang-up counts as all asked for. */
static int look(const struct ct_watch *watch)
{
	struct epoll_event seen;
	int events = 0;

	if (epoll_wait(watch->epoll, &seen, 1, 0) != 1)
		return 0;
	if (seen.events & (EPOLLERR | EPOLLHUP))
		return watch->events;
	if (seen.events & (EPOLLIN | EPOLLRDHUP))
		events |= CT_READABLE;
	if (seen.events & EPOLLOUT)
		events |= CT_WRITABLE;
	return events & watch->events;
}

static void on_poll(uv_poll_t *uv, int status, int bits)
{
	struct ct_watch *watch = uv->data;
	int events = 0;

	if (status != 0)
		events = watch->events; /* who reads or writes will see what is wrong */
	else if (watch->epoll >= 0)
		events = look(watch);
	else
		events = ((bits & UV_READABLE) ? CT_READABLE : 0) |
			 ((bits & UV_WRITABLE) ? CT_WRITABLE : 0);
	if (events != 0)
		watch->fn(watch->user, events);
	/* uv gives up a descriptor with an error; our callers are told until they close it */
	if (status != 0 && !uv_is_closing((uv_handle_t *)uv))
		ct_watch_set(watch, watch->events);
}

void ct_watch_set(struct ct_watch *watch, int events)
{
	int bits = ((events & CT_READABLE) ? UV_READABLE : 0) |
		   ((events & CT_WRITABLE) ? UV_WRITABLE : 0);

	watch->events = events;
	if (watch->epoll >= 0) {
		struct epoll_event event = { .events = epoll_bits(events) };
		epoll_ctl(watch->epoll, EPOLL_CTL_MOD, watch->fd, &event);
		bits = events ? UV_READABLE : 0;
	}
	if (bits != 0)
		uv_poll_start(&watch->uv, bits, on_poll);
	else
		uv_poll_stop(&watch->uv);
}

/*
 * uv makes what it polls non-blocking. The standard descriptors share that flag
 * with the shell, so for them uv gets an epoll to poll which holds the descriptor.
 */
static int wrap_fd(struct ct_watch *watch)
{
	struct epoll_event event = { 0 };

	watch->epoll = -1;
	if (watch->fd > STDERR_FILENO)
		return 0;
	watch->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (watch->epoll < 0)
		return -errno;
	if (epoll_ctl(watch->epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0)
		return 0;
	int rc = -errno;
	close(watch->epoll);
	watch->epoll = -1;
	return rc;
}

static void hold_watch(struct ct_watch *watch, bool hold)
{
	if (hold)
		uv_ref((uv_handle_t *)&watch->uv);
	else
		uv_unref((uv_handle_t *)&watch->uv);
}

int ct_watch_open(struct ct_loop *loop, int fd, int events, bool background,
		  ct_watch_fn *fn, void *user, struct ct_watch **out, struct ct_err *err)
{
	struct ct_watch *watch = calloc(1, sizeof(*watch));
	int rc;

	if (watch == NULL)
		return no_memory(err);
	watch->fd = fd;
	watch->fn = fn;
	watch->user = user;
	rc = wrap_fd(watch);
	if (rc == 0)
		rc = uv_poll_init(&loop->uv, &watch->uv,
				  watch->epoll >= 0 ? watch->epoll : fd);
	if (rc != 0) {
		if (watch->epoll >= 0)
			close(watch->epoll);
		free(watch);
		return ct_fail(err, CT_EIO, "cannot watch descriptor %d: %s", fd,
			       uv_strerror(rc));
	}
	watch->uv.data = watch;
	hold_watch(watch, !background);
	ct_watch_set(watch, events);
	*out = watch;
	return CT_OK;
}

void ct_watch_close(struct ct_watch *watch)
{
	if (watch == NULL)
		return;
	/* this also takes it out of uv's epoll at once: the number may be used again */
	uv_close((uv_handle_t *)&watch->uv, free_owner);
	if (watch->epoll >= 0)
		close(watch->epoll);
}

static void on_async(void *user, int events)
{
	struct ct_async *async = user;
	uint64_t count;

	(void)events;
	if (read(async->fd, &count, sizeof(count)) == sizeof(count))
		async->fn(async->user);
}

int ct_async_create(struct ct_loop *loop, ct_loop_fn *fn, void *user, struct ct_async **out,
		    struct ct_err *err)
{
	struct ct_async *async = calloc(1, sizeof(*async));
	int rc;

	if (async == NULL)
		return no_memory(err);
	*async = (struct ct_async){ .fn = fn, .user = user };
	async->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (async->fd < 0)
		rc = ct_fail(err, CT_EIO, "cannot make a wake-up: %s", strerror(errno));
	else
		rc = ct_watch_open(loop, async->fd, CT_READABLE, true, on_async, async, &async->watch,
				   err);
	if (rc != CT_OK) {
		if (async->fd >= 0)
			close(async->fd);
		free(async);
		return rc;
	}
	*out = async;
	return CT_OK;
}

void ct_async_send(struct ct_async *async)
{
	const uint64_t one = 1;

	/* it fails only where so many are waiting that it is readable anyway */
	while (write(async->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void ct_async_hold(struct ct_async *async, bool hold)
{
	hold_watch(async->watch, hold);
}

void ct_async_destroy(struct ct_async *async)
{
	if (async == NULL)
		return;
	ct_watch_close(async->watch);
	close(async->fd);
	free(async);
}

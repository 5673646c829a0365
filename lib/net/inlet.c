#include "net/inlet.h"

#include <errno.h>
#include <stdlib.h>

#include "net/thread.h"

enum state { IDLE, WANTED, DONE, LEAVE };

struct ct_inlet {
	int fd;
	struct ct_inlet_handler handler;
	void *user;
	struct ct_async *done;
	pthread_t thread;
	pthread_mutex_t lock; /* of the state; the rest is whose turn it is */
	pthread_cond_t wanted;
	enum state state;
	ssize_t len; /* of what was read; -1: failed */
	int error;
	char bytes[CT_INLET_BYTES];
};

/* True: read; false: leave. */
static bool await_wish(struct ct_inlet *in)
{
	pthread_mutex_lock(&in->lock);
	while (in->state != WANTED && in->state != LEAVE)
		pthread_cond_wait(&in->wanted, &in->lock);
	bool wanted = in->state == WANTED;
	pthread_mutex_unlock(&in->lock);
	return wanted;
}

static void *run(void *user)
{
	struct ct_inlet *in = user;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	while (await_wish(in)) {
		in->len = ct_thread_read(in->fd, in->bytes, sizeof(in->bytes));
		in->error = in->len < 0 ? errno : 0;
		pthread_mutex_lock(&in->lock);
		if (in->state == WANTED)
			in->state = DONE;
		pthread_mutex_unlock(&in->lock);
		ct_async_send(in->done);
	}
	return NULL;
}

static void on_done(void *user)
{
	struct ct_inlet *in = user;

	pthread_mutex_lock(&in->lock);
	bool done = in->state == DONE;
	if (done)
		in->state = IDLE;
	pthread_mutex_unlock(&in->lock);
	if (!done)
		return;
	ct_async_hold(in->done, false);
	if (in->len > 0)
		in->handler.on_bytes(in->user, (struct ct_str){ in->bytes, (size_t)in->len });
	else
		in->handler.on_end(in->user, in->error);
}

int ct_inlet_create(struct ct_loop *loop, int fd, const struct ct_inlet_handler *handler,
		    void *user, struct ct_inlet **out, struct ct_err *err)
{
	struct ct_inlet *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory to read input");
	in->fd = fd;
	in->handler = *handler;
	in->user = user;
	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->wanted, NULL);
	int rc = ct_async_create(loop, on_done, in, &in->done, err);
	if (rc == CT_OK)
		rc = ct_thread_start_cancellable(&in->thread, run, in, err);
	if (rc != CT_OK) {
		ct_async_destroy(in->done);
		free(in);
		return rc;
	}
	*out = in;
	return CT_OK;
}

static void set_state(struct ct_inlet *in, enum state state)
{
	pthread_mutex_lock(&in->lock);
	in->state = state;
	pthread_cond_signal(&in->wanted);
	pthread_mutex_unlock(&in->lock);
}

void ct_inlet_want(struct ct_inlet *in)
{
	ct_async_hold(in->done, true);
	set_state(in, WANTED);
}

void ct_inlet_destroy(struct ct_inlet *in)
{
	if (in == NULL)
		return;
	set_state(in, LEAVE);
	pthread_cancel(in->thread);
	pthread_join(in->thread, NULL);
	ct_async_destroy(in->done);
	pthread_cond_destroy(&in->wanted);
	pthread_mutex_destroy(&in->lock);
	free(in);
}

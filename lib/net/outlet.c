#include "net/outlet.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "net/thread.h"

enum {
	SPARE_BYTES = 1 << 20,
	SLICE_US = 100, /* it has little to do, and somebody waits for that */
};

struct chunk {
	struct chunk *next;
	struct ct_buf text;
};

struct ct_outlet {
	int fd;
	struct ct_async *wake;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t more;
	struct chunk *first, **last; /* the first is being written */
	struct chunk *spare; /* written, its memory good for another */
	size_t lines, bytes; /* unsent */
	int64_t written; /* lines */
	size_t tell_at;
	bool tell, leave;
	int error;
};

static size_t count_lines(struct ct_str text)
{
	size_t count = 0;

	while (text.len > 0) {
		const char *end = memchr(text.ptr, '\n', text.len);
		if (end == NULL)
			break;
		text = ct_str_from(text, (size_t)(end - text.ptr) + 1);
		count++;
	}
	return count;
}

/* As much of text as is written at once. */
static size_t slice(struct ct_str text)
{
	if (text.ptr == NULL || text.len <= PIPE_BUF)
		return text.len;
	const char *end = memrchr(text.ptr, '\n', PIPE_BUF);
	if (end == NULL)
		end = memchr(text.ptr, '\n', text.len);
	return end != NULL ? (size_t)(end - text.ptr) + 1 : text.len;
}

static int write_slice(struct ct_outlet *o, struct ct_str text)
{
	while (text.len > 0) {
		ssize_t n = ct_thread_write(o->fd, text.ptr, text.len);
		if (n < 0)
			return errno;
		text = ct_str_from(text, (size_t)n);
	}
	return 0;
}

static void note(struct ct_outlet *o, struct ct_str written, int error)
{
	size_t lines = count_lines(written);

	pthread_mutex_lock(&o->lock);
	o->lines -= lines;
	o->bytes -= written.len;
	if (error == 0) {
		o->written += (int64_t)lines;
	} else {
		o->error = error;
		o->lines = o->bytes = 0;
	}
	bool tell = error != 0 || (o->tell && o->lines <= o->tell_at);
	o->tell = o->tell && !tell;
	pthread_mutex_unlock(&o->lock);
	if (tell)
		ct_async_send(o->wake);
}

static int write_chunk(struct ct_outlet *o, struct ct_str text)
{
	int error = 0;

	while (text.len > 0 && error == 0) {
		struct ct_str now = { text.ptr, slice(text) };
		error = write_slice(o, now);
		note(o, now, error);
		text = ct_str_from(text, now.len);
	}
	return error;
}

static void free_chunk(struct chunk *chunk)
{
	if (chunk != NULL)
		ct_buf_fini(&chunk->text);
	free(chunk);
}

/* The next to be written, which stays the first of the queue; NULL: leave. */
static struct chunk *await_chunk(struct ct_outlet *o)
{
	pthread_mutex_lock(&o->lock);
	while (!o->leave && o->first == NULL)
		pthread_cond_wait(&o->more, &o->lock);
	struct chunk *chunk = o->leave ? NULL : o->first;
	pthread_mutex_unlock(&o->lock);
	return chunk;
}

static void drop_chunk(struct ct_outlet *o, struct chunk *chunk)
{
	pthread_mutex_lock(&o->lock);
	o->first = chunk->next;
	if (o->first == NULL)
		o->last = &o->first;
	ct_buf_clear(&chunk->text);
	struct chunk *surplus = chunk;
	if (o->spare == NULL && chunk->text.cap <= SPARE_BYTES) {
		o->spare = chunk;
		surplus = NULL;
	}
	pthread_mutex_unlock(&o->lock);
	free_chunk(surplus);
}

static void *run(void *user)
{
	struct ct_outlet *o = user;
	struct chunk *chunk;
	int error = 0;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	ct_thread_slice(SLICE_US);
	while ((chunk = await_chunk(o)) != NULL) {
		if (error == 0)
			error = write_chunk(o, ct_buf_str(&chunk->text));
		drop_chunk(o, chunk);
	}
	return NULL;
}

int ct_outlet_create(struct ct_loop *loop, int fd, ct_loop_fn *fn, void *user,
		     struct ct_outlet **out, struct ct_err *err)
{
	struct ct_outlet *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory to write output");
	o->fd = fd;
	o->last = &o->first;
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->more, NULL);
	int rc = ct_async_create(loop, fn, user, &o->wake, err);
	if (rc == CT_OK)
		rc = ct_thread_start_cancellable(&o->thread, run, o, err);
	if (rc != CT_OK) {
		ct_async_destroy(o->wake);
		free(o);
		return rc;
	}
	*out = o;
	return CT_OK;
}

static struct chunk *take_spare(struct ct_outlet *o)
{
	pthread_mutex_lock(&o->lock);
	struct chunk *chunk = o->spare;
	o->spare = NULL;
	pthread_mutex_unlock(&o->lock);
	return chunk != NULL ? chunk : calloc(1, sizeof(*chunk));
}

/*
 * How much of text the descriptor takes without waiting: RWF_NOWAIT is of this call alone, not a flag
 * that others share. What cannot tell (terminals, many files, pipes before Linux 6.5) takes nothing.
 */
static size_t write_what_goes(int fd, struct ct_str text)
{
	size_t done = 0;

	while (done < text.len) {
		struct ct_str rest = ct_str_from(text, done);
		struct iovec part = { .iov_len = slice(rest) };

		if (part.iov_len > PIPE_BUF) /* might go in halves */
			break;
		memcpy(&part.iov_base, &rest.ptr, sizeof(rest.ptr)); /* which is only read */
		ssize_t n = pwritev2(fd, &part, 1, -1, RWF_NOWAIT);
		done += n > 0 ? (size_t)n : 0;
		if (n != (ssize_t)part.iov_len)
			break;
	}
	return done;
}

/*
 * While nothing is unsent the thread is not needed for what goes at once: to wake it costs two changes
 * of thread, and a thousand streams have something to say ten thousand times a second.
 */
void ct_outlet_put_now(struct ct_outlet *o, struct ct_buf *lines)
{
	pthread_mutex_lock(&o->lock);
	bool idle = o->bytes == 0 && o->error == 0;
	pthread_mutex_unlock(&o->lock);
	if (!idle)
		return;

	size_t done = write_what_goes(o->fd, ct_buf_str(lines));
	size_t count = count_lines((struct ct_str){ lines->ptr, done });

	pthread_mutex_lock(&o->lock);
	o->written += (int64_t)count;
	pthread_mutex_unlock(&o->lock);
	ct_buf_drop(lines, done);
}

int ct_outlet_put(struct ct_outlet *o, struct ct_buf *lines, struct ct_err *err)
{
	ct_outlet_put_now(o, lines);
	if (lines->len == 0)
		return CT_OK;

	struct chunk *chunk = take_spare(o);

	if (chunk == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory to write output");
	size_t count = count_lines(ct_buf_str(lines));
	struct ct_buf empty = chunk->text.ptr != NULL ? chunk->text :
						       (struct ct_buf)CT_BUF_INIT(lines->max);
	chunk->text = *lines;
	chunk->next = NULL;
	*lines = empty;
	pthread_mutex_lock(&o->lock);
	bool gone = o->error != 0, first = o->first == NULL;
	if (!gone) {
		*o->last = chunk;
		o->last = &chunk->next;
		o->lines += count;
		o->bytes += chunk->text.len;
	}
	pthread_mutex_unlock(&o->lock);
	if (gone)
		free_chunk(chunk);
	else if (first) /* else it is not waiting; and only now, since it needs the lock */
		pthread_cond_signal(&o->more);
	return CT_OK;
}

size_t ct_outlet_unsent(struct ct_outlet *o)
{
	pthread_mutex_lock(&o->lock);
	size_t lines = o->lines;
	pthread_mutex_unlock(&o->lock);
	return lines;
}

size_t ct_outlet_unsent_bytes(struct ct_outlet *o)
{
	pthread_mutex_lock(&o->lock);
	size_t bytes = o->bytes;
	pthread_mutex_unlock(&o->lock);
	return bytes;
}

int64_t ct_outlet_written(struct ct_outlet *o)
{
	pthread_mutex_lock(&o->lock);
	int64_t written = o->written;
	pthread_mutex_unlock(&o->lock);
	return written;
}

void ct_outlet_tell(struct ct_outlet *o, size_t unsent)
{
	pthread_mutex_lock(&o->lock);
	bool now = o->lines <= unsent;
	o->tell = !now;
	o->tell_at = unsent;
	pthread_mutex_unlock(&o->lock);
	if (now)
		ct_async_send(o->wake);
}

int ct_outlet_error(struct ct_outlet *o)
{
	pthread_mutex_lock(&o->lock);
	int error = o->error;
	pthread_mutex_unlock(&o->lock);
	return error;
}

void ct_outlet_destroy(struct ct_outlet *o)
{
	struct chunk *next;

	if (o == NULL)
		return;
	pthread_mutex_lock(&o->lock);
	o->leave = true;
	pthread_cond_signal(&o->more);
	pthread_mutex_unlock(&o->lock);
	pthread_cancel(o->thread);
	pthread_join(o->thread, NULL);
	ct_async_destroy(o->wake);
	for (struct chunk *at = o->first; at != NULL; at = next) {
		next = at->next;
		free_chunk(at);
	}
	free_chunk(o->spare);
	pthread_cond_destroy(&o->more);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

#include "sound/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

int ct_queue_init(struct ct_queue *q, size_t room)
{
	*q = (struct ct_queue){ .bytes = malloc(room), .room = room };
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->changed, NULL);
	return q->bytes != NULL ? CT_OK : CT_ENOMEM;
}

void ct_queue_fini(struct ct_queue *q)
{
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->changed);
	free(q->bytes);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t ct_queue_put(struct ct_queue *q, const void *bytes, size_t len)
{
	size_t to, first;

	pthread_mutex_lock(&q->lock);
	len = least(len, q->room - q->len);
	to = (q->at + q->len) % q->room;
	first = least(len, q->room - to);
	memcpy(q->bytes + to, bytes, first);
	memcpy(q->bytes, (const char *)bytes + first, len - first);
	q->len += len;
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
	return len;
}

size_t ct_queue_get(struct ct_queue *q, void *bytes, size_t len)
{
	size_t first;

	pthread_mutex_lock(&q->lock);
	len = least(len, q->len);
	first = least(len, q->room - q->at);
	memcpy(bytes, q->bytes + q->at, first);
	memcpy((char *)bytes + first, q->bytes, len - first);
	q->at = (q->at + len) % q->room;
	q->len -= len;
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
	return len;
}

bool ct_queue_wait_room(struct ct_queue *q, size_t len)
{
	bool open;

	pthread_mutex_lock(&q->lock);
	while (!q->closed && q->room - q->len < len)
		pthread_cond_wait(&q->changed, &q->lock);
	open = !q->closed;
	pthread_mutex_unlock(&q->lock);
	return open;
}

bool ct_queue_wait_bytes(struct ct_queue *q, size_t len)
{
	bool some;

	pthread_mutex_lock(&q->lock);
	while (!q->closed && !q->ended && q->len < len)
		pthread_cond_wait(&q->changed, &q->lock);
	some = !q->closed && q->len > 0;
	pthread_mutex_unlock(&q->lock);
	return some;
}

static void mark(struct ct_queue *q, bool *what)
{
	pthread_mutex_lock(&q->lock);
	*what = true;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

void ct_queue_end(struct ct_queue *q)
{
	mark(q, &q->ended);
}

void ct_queue_close(struct ct_queue *q)
{
	mark(q, &q->closed);
}

bool ct_queue_is_closed(struct ct_queue *q)
{
	bool closed;

	pthread_mutex_lock(&q->lock);
	closed = q->closed;
	pthread_mutex_unlock(&q->lock);
	return closed;
}

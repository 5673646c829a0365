/* A bounded queue of bytes between two threads, of which at most one waits. */
#ifndef CT_SOUND_QUEUE_H
#define CT_SOUND_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct ct_queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	char *bytes;
	size_t room, at, len; /* a ring */
	bool closed; /* nobody waits any more */
	bool ended; /* no more is put */
};

/* CT_OK or CT_ENOMEM. */
int ct_queue_init(struct ct_queue *queue, size_t room);
void ct_queue_fini(struct ct_queue *queue);

/* As many as fit; 0: it is full. */
size_t ct_queue_put(struct ct_queue *queue, const void *bytes, size_t len);
/* As many as there are. */
size_t ct_queue_get(struct ct_queue *queue, void *bytes, size_t len);
/* Wait until that many fit, or are there; false: it was closed, or ended and is empty. */
bool ct_queue_wait_room(struct ct_queue *queue, size_t len);
bool ct_queue_wait_bytes(struct ct_queue *queue, size_t len);
void ct_queue_end(struct ct_queue *queue);
void ct_queue_close(struct ct_queue *queue);
bool ct_queue_is_closed(struct ct_queue *queue);

#endif

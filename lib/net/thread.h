/* A thread for what blocks: it takes no signals, and can be ended while it waits for a descriptor. */
#ifndef CT_NET_THREAD_H
#define CT_NET_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* Run fn in a thread, which is not to be cancelled. CT_EIO. */
int ct_thread_start(pthread_t *thread, void *(*fn)(void *user), void *user,
		    struct ct_err *err);
/*
 * In one that can be, with pthread_cancel(), within ct_thread_read() and ct_thread_write() only; it
 * must hold no lock there. CT_EIO.
 */
int ct_thread_start_cancellable(pthread_t *thread, void *(*fn)(void *user), void *user,
				struct ct_err *err);

/*
 * The calling thread's share of a core comes in slices of that length, at least 100 µs: since Linux
 * 6.12 a thread that wakes takes the core at once from one whose slices are longer. False, and without
 * effect, before that and for other policies than the default one; see sched_setattr(2).
 */
bool ct_thread_slice(int64_t us);

/* As read(2) and write(2), in such a thread; again after EINTR, and after waiting for EAGAIN. */
ssize_t ct_thread_read(int fd, void *bytes, size_t size);
ssize_t ct_thread_write(int fd, const void *bytes, size_t size);

#endif

/*
 * The event loop: libuv, as far as we need it. One loop, one thread.
 * Nothing here blocks but ct_loop_run().
 */
#ifndef CT_NET_LOOP_H
#define CT_NET_LOOP_H

#include "base/err.h"

struct ct_loop;
struct ct_timer;

typedef void ct_loop_fn(void *user);

int ct_loop_create(struct ct_loop **out, struct ct_err *err);
/* Closes what is still open (timers, polls, signals) and runs their last callbacks. NULL is fine. */
void ct_loop_destroy(struct ct_loop *loop);

/* Run until ct_loop_stop(), or until nothing is left to wait for. */
void ct_loop_run(struct ct_loop *loop);
/* From any callback: ct_loop_run() returns after this turn. */
void ct_loop_stop(struct ct_loop *loop);

/*
 * A timer, one shot. fn is called from the loop, never from start. Destroy may be called
 * anywhere, also inside fn; fn is not called after it. NULL when out of memory.
 */
struct ct_timer *ct_timer_create(struct ct_loop *loop, ct_loop_fn *fn, void *user);
void ct_timer_start(struct ct_timer *timer, int64_t delay_ms); /* again: the old one is forgotten */
void ct_timer_stop(struct ct_timer *timer);
void ct_timer_destroy(struct ct_timer *timer); /* NULL is fine */

/* Call fn soon, from the loop, once; at the latest when the loop is destroyed. CT_ENOMEM. */
int ct_loop_defer(struct ct_loop *loop, ct_loop_fn *fn, void *user);

/*
 * A wake-up from another thread: fn is called from the loop, once for any number of sends since it
 * was called last, and sees what those threads wrote before they sent. It keeps the loop running
 * only while it is held. Destroy it on the loop's thread, once no other thread can send any more.
 */
struct ct_async;
int ct_async_create(struct ct_loop *loop, ct_loop_fn *fn, void *user, struct ct_async **out,
		    struct ct_err *err); /* CT_ENOMEM, CT_EIO */
void ct_async_send(struct ct_async *async); /* from any thread; never blocks */
void ct_async_hold(struct ct_async *async, bool hold); /* keep the loop running; at first not */
void ct_async_destroy(struct ct_async *async); /* also inside fn; NULL is fine */

/*
 * Call fn from the loop each time the signal comes, until the loop is destroyed. It does not
 * keep the loop running. CT_EIO.
 */
int ct_loop_on_signal(struct ct_loop *loop, int signal, ct_loop_fn *fn, void *user,
		      struct ct_err *err);

/*
 * Watch a descriptor: events are CT_READABLE | CT_WRITABLE. The watch is yours to close; the
 * descriptor stays yours, and may be closed as soon as ct_watch_close() has returned.
 * Does not keep the loop running when background is set. Other descriptors than 0 to 2 become
 * non-blocking. CT_EIO for what cannot be polled (a regular file).
 */
enum { CT_READABLE = 1, CT_WRITABLE = 2 };
struct ct_watch;
typedef void ct_watch_fn(void *user, int events);
int ct_watch_open(struct ct_loop *loop, int fd, int events, bool background, ct_watch_fn *fn,
		  void *user, struct ct_watch **out, struct ct_err *err);
void ct_watch_set(struct ct_watch *watch, int events);
void ct_watch_close(struct ct_watch *watch); /* NULL is fine */

#endif

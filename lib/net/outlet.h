/*
 * A descriptor that lines are written to by a thread of its own, since it may be one that must
 * stay blocking (0 to 2 share that flag with the shell), and whoever reads it may stand still. What
 * can be written without waiting is, at once, without the thread (RWF_NOWAIT, pwritev2(2)).
 * Each write holds whole lines, as many as a pipe takes at once (PIPE_BUF), or one that is longer:
 * a reader sees no half line, also when this process is killed.
 */
#ifndef CT_NET_OUTLET_H
#define CT_NET_OUTLET_H

#include "base/buf.h"
#include "net/loop.h"

struct ct_outlet;

/* fn is called from the loop after a failure, and when ct_outlet_tell() asked for it. */
int ct_outlet_create(struct ct_loop *loop, int fd, ct_loop_fn *fn, void *user,
		     struct ct_outlet **out, struct ct_err *err);

/* Take over what lines holds; it is left empty. After a failure it is dropped. CT_ENOMEM. */
int ct_outlet_put(struct ct_outlet *outlet, struct ct_buf *lines, struct ct_err *err);

/* Only what can be written without waiting, and while nothing is unsent: the rest stays in lines. */
void ct_outlet_put_now(struct ct_outlet *outlet, struct ct_buf *lines);

/* Lines, and bytes, that were put and are not written yet. */
size_t ct_outlet_unsent(struct ct_outlet *outlet);
size_t ct_outlet_unsent_bytes(struct ct_outlet *outlet);

/* Lines that were put and are written, all in all. */
int64_t ct_outlet_written(struct ct_outlet *outlet);

/* Call fn once, soon, when at most so many lines are unsent. */
void ct_outlet_tell(struct ct_outlet *outlet, size_t unsent);

/* The errno of the write that failed (nothing is written after it); 0: none. */
int ct_outlet_error(struct ct_outlet *outlet);

/* What is unsent is dropped, also in the middle of a write that waits. NULL is fine. */
void ct_outlet_destroy(struct ct_outlet *outlet);

#endif

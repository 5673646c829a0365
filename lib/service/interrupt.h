/*
 * Ctrl-C, a closing terminal, a reader of stdout that goes away: each cancels the call that
 * runs. A second signal restores the terminal and ends the process at once.
 *
 * Signal handlers need a place in memory that they can reach: the one other global beside the
 * log's sink. One watch at a time.
 */
#ifndef CT_SERVICE_INTERRUPT_H
#define CT_SERVICE_INTERRUPT_H

#include "net/loop.h"

struct ct_interrupt;

enum ct_interrupt_cause { CT_INTERRUPT_SIGNAL, CT_INTERRUPT_READER };

typedef void ct_interrupt_fn(void *user, enum ct_interrupt_cause cause);

/*
 * Call fn from the loop at SIGINT, SIGTERM or SIGHUP, and when what reads descriptor 1 (a pipe or
 * socket) has closed it; looked at four times a second. CT_EIO, CT_ENOMEM.
 */
int ct_interrupt_watch(struct ct_loop *loop, ct_interrupt_fn *fn, void *user,
		       struct ct_interrupt **out, struct ct_err *err);

/* The signal that came; 0: none. */
int ct_interrupt_signal(const struct ct_interrupt *interrupt);

/* The signals mean what they meant before. NULL is fine. */
void ct_interrupt_end(struct ct_interrupt *interrupt);

#endif

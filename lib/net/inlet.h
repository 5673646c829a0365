/*
 * A descriptor that is read by a thread of its own, since it may be one that must stay
 * blocking (0 to 2 share that flag with the shell). Nothing is read before it is wanted: who
 * wants no more makes the other end wait.
 */
#ifndef CT_NET_INLET_H
#define CT_NET_INLET_H

#include "base/str.h"
#include "net/loop.h"

struct ct_inlet;

enum { CT_INLET_BYTES = 64 << 10 }; /* at once */

struct ct_inlet_handler {
	/* Some bytes, valid during the call. */
	void (*on_bytes)(void *user, struct ct_str bytes);
	/* There is no more: its end, or (error, an errno) a failure. */
	void (*on_end)(void *user, int error);
};

/* The descriptor stays yours. CT_ENOMEM, CT_EIO. */
int ct_inlet_create(struct ct_loop *loop, int fd, const struct ct_inlet_handler *handler,
		    void *user, struct ct_inlet **out, struct ct_err *err);

/* Read once: then, from the loop, on_bytes or on_end is called. It keeps the loop running so long. */
void ct_inlet_want(struct ct_inlet *inlet);

/* Also while it waits for bytes, and inside the handler. NULL is fine. */
void ct_inlet_destroy(struct ct_inlet *inlet);

#endif

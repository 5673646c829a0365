/*
 * The functions of wslay that are used, had on demand: linking it would make every command pay
 * for its relocations. It frames; what the frames mean is net/ws_message.c's.
 */
#ifndef CT_NET_WSLAY_H
#define CT_NET_WSLAY_H

#include <wslay/wslay.h>

#include "base/err.h"

/* Named as there, without their prefix. */
struct ct_wslay {
	__typeof__(wslay_frame_context_init) *frame_context_init;
	__typeof__(wslay_frame_context_free) *frame_context_free;
	__typeof__(wslay_frame_send) *frame_send;
	__typeof__(wslay_frame_recv) *frame_recv;
};

/* Load the library, which stays loaded. CT_EIO. */
int ct_wslay_load(struct ct_wslay *wslay, struct ct_err *err);

#endif

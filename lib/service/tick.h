/* Something done again and again while the loop runs: a clock that people watch. */
#ifndef CT_SERVICE_TICK_H
#define CT_SERVICE_TICK_H

#include "service/app.h"

struct ct_tick;

typedef void ct_tick_fn(void *user);

/* Call fn from the app's loop each every_ms until it is stopped. The loop must be open. CT_ENOMEM. */
int ct_tick_start(struct ct_app *app, int64_t every_ms, ct_tick_fn *fn, void *user,
		  struct ct_tick **out, struct ct_err *err);
void ct_tick_stop(struct ct_tick *tick); /* also inside fn; NULL is fine */

#endif

#include "service/tick.h"

#include <stdlib.h>

#include "net/loop.h"

struct ct_tick {
	struct ct_timer *timer;
	int64_t every_ms;
	ct_tick_fn *fn;
	void *user;
};

static void on_timer(void *user)
{
	struct ct_tick *tick = user;

	ct_timer_start(tick->timer, tick->every_ms);
	tick->fn(tick->user);
}

int ct_tick_start(struct ct_app *app, int64_t every_ms, ct_tick_fn *fn, void *user,
		  struct ct_tick **out, struct ct_err *err)
{
	struct ct_tick *tick = calloc(1, sizeof(*tick));

	if (tick != NULL)
		tick->timer = ct_timer_create(app->loop, on_timer, tick);
	if (tick == NULL || tick->timer == NULL) {
		free(tick);
		return ct_fail(err, CT_ENOMEM, "no memory for a timer");
	}
	tick->every_ms = every_ms;
	tick->fn = fn;
	tick->user = user;
	ct_timer_start(tick->timer, every_ms);
	*out = tick;
	return CT_OK;
}

void ct_tick_stop(struct ct_tick *tick)
{
	if (tick == NULL)
		return;
	ct_timer_destroy(tick->timer);
	free(tick);
}

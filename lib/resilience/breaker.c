#include "resilience/breaker.h"

#include <stdio.h>
#include <string.h>

enum {
	REST_MOST_MS = 7 * 24 * 3600 * 1000,
	/* a probe whose process cannot be judged (another container) is waited for no longer */
	PROBE_MOST_MS = 600 * 1000,
};

static bool is_set(struct ct_time t)
{
	return t.wall_ms != 0;
}

/*
 * How far ahead until lies, never further than most: a wall clock that jumped between
 * two boots must not keep a circuit open for ever.
 */
static int64_t ahead_ms(struct ct_time until, struct ct_time now, int64_t most)
{
	int64_t ms = is_set(until) ? -ct_time_since(now, until) : 0;

	if (ms < 0)
		return 0;
	return ms < most ? ms : most;
}

static bool is_probe_of(const struct ct_circuit *c, const struct ct_process *self)
{
	return c->state == CT_CIRCUIT_HALF_OPEN && c->probe.pid == self->pid &&
	       c->probe.started == self->started && c->probe.pid_ns == self->pid_ns &&
	       c->probe.boot == self->boot;
}

int64_t ct_breaker_retry_in_ms(const struct ct_circuit *c, struct ct_time now)
{
	if (c->state == CT_CIRCUIT_CLOSED)
		return 0;
	return ahead_ms(c->retry_at, now,
			c->state == CT_CIRCUIT_OPEN ? c->cooldown_ms : PROBE_MOST_MS);
}

enum ct_pass ct_breaker_allow(struct ct_circuit *c, struct ct_time now,
			      const struct ct_process *self)
{
	if (c->state == CT_CIRCUIT_CLOSED)
		return CT_PASS;
	/* a probe whose process died tells nothing any more: do not wait for it */
	bool abandoned = c->state == CT_CIRCUIT_HALF_OPEN &&
			 ct_process_is_dead(&c->probe, self);
	if (!abandoned && ct_breaker_retry_in_ms(c, now) > 0)
		return CT_PASS_NO;
	c->state = CT_CIRCUIT_HALF_OPEN;
	c->probe = *self;
	c->retry_at = ct_time_add(now, PROBE_MOST_MS);
	return CT_PASS_PROBE;
}

int64_t ct_breaker_rest_ms(const struct ct_circuit *c, struct ct_time now)
{
	return ahead_ms(c->resting_until, now, REST_MOST_MS);
}

bool ct_breaker_success(struct ct_circuit *c, struct ct_time began)
{
	if (c->state == CT_CIRCUIT_CLOSED && c->failures == 0)
		return false;
	if (is_set(c->last_failure) && ct_time_since(began, c->last_failure) < 0)
		return false;
	*c = (struct ct_circuit){ .resting_until = c->resting_until };
	return true;
}

bool ct_breaker_failure(struct ct_circuit *c, const struct ct_breaker_policy *policy,
			struct ct_time now, struct ct_time began, const char *error)
{
	/* an attempt from before it opened tells nothing about the time since */
	bool late = c->state != CT_CIRCUIT_CLOSED && is_set(c->opened_at) &&
		    ct_time_since(began, c->opened_at) < 0;
	bool was_open = c->state != CT_CIRCUIT_CLOSED;

	if (late)
		return false;
	c->failures++;
	c->last_failure = now;
	snprintf(c->last_error, sizeof(c->last_error), "%s", error);
	if (was_open || c->failures >= policy->threshold) {
		c->state = CT_CIRCUIT_OPEN;
		c->cooldown_ms = policy->cooldown_ms;
		c->retry_at = ct_time_add(now, policy->cooldown_ms);
		c->probe = (struct ct_process){ 0 };
		if (!was_open)
			c->opened_at = now;
	}
	return true;
}

bool ct_breaker_release(struct ct_circuit *c, const struct ct_process *self, struct ct_time now)
{
	if (!is_probe_of(c, self))
		return false;
	c->state = CT_CIRCUIT_OPEN;
	c->retry_at = now;
	c->probe = (struct ct_process){ 0 };
	return true;
}

bool ct_breaker_rest(struct ct_circuit *c, struct ct_time now, int64_t wait_ms)
{
	if (wait_ms <= ct_breaker_rest_ms(c, now))
		return false;
	c->resting_until = ct_time_add(now, wait_ms < REST_MOST_MS ? wait_ms : REST_MOST_MS);
	return true;
}

bool ct_breaker_counts(int code)
{
	switch (code) {
	case CT_EUPSTREAM:
	case CT_EPROTO:
	case CT_ETOOBIG:
	case CT_ECUT:
	case CT_ECONNECT:
	case CT_EFIRST:
	case CT_EIDLE:
		return true;
	default:
		return false;
	}
}

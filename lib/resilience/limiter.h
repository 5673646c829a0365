/*
 * A rate limit, by the generic cell rate algorithm: one stored time (when the next request
 * would arrive if they came evenly) gives rate, burst and first-come order. In any time t at most
 * burst + rate * t requests leave.
 * ITU-T I.371 annex A; https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 *
 * Decisions on the shared struct ct_limit: the caller reads it, asks, and writes it back within one
 * transaction. Time comes in as an argument. A slot is taken before it is waited for: nobody
 * who comes later leaves earlier. One that is never used is lost, the limit is never exceeded.
 */
#ifndef CT_RESILIENCE_LIMITER_H
#define CT_RESILIENCE_LIMITER_H

#include <stdbool.h>

#include "model/limit.h"

struct ct_rate_slot {
	int64_t serial; /* 0: none is taken */
	int64_t wait_ms; /* until it may be used; where refused, until one could be */
	bool told; /* because the provider said so, not by the rate */
};

/*
 * Take the next slot if its wait is at most_ms or less: true, and limit must be saved. Refused:
 * nothing was taken; *changed says whether limit must be saved all the same (a clock was set back).
 */
bool ct_limiter_reserve(struct ct_limit *limit, const struct ct_rate *rate,
			struct ct_time now, int64_t most_ms, struct ct_rate_slot *slot,
			bool *changed);

/*
 * A slot that will not be used goes back while it is still the last one; else it is lost. Did
 * limit change?
 */
bool ct_limiter_give_back(struct ct_limit *limit, const struct ct_rate *rate,
			  struct ct_time now, int64_t serial);

/*
 * The answer to the request of slot `serial` (0: unknown) said that, at `told`. Until the reset only as
 * many slots as remain may be used after it, those that others have taken meanwhile among them. What
 * answers an earlier request can only tighten what a later one said. Did limit change?
 */
bool ct_limiter_tighten(struct ct_limit *limit, const struct ct_rate *rate,
			const struct ct_room *room, struct ct_time told, int64_t serial);

/* May a slot that was waited for be used, or has the provider said no meanwhile? */
bool ct_limiter_holds(const struct ct_limit *limit, struct ct_time now, int64_t serial);

/* How many could leave at once now. */
int64_t ct_limiter_free(const struct ct_limit *limit, const struct ct_rate *rate,
			struct ct_time now);

#endif

/*
 * A limit on how many requests may leave: what the configuration says, and how far it is used
 * up, as all processes of a store share it. resilience/limiter decides on it, store/ keeps it.
 */
#ifndef CT_MODEL_LIMIT_H
#define CT_MODEL_LIMIT_H

#include "base/clock.h"

enum {
	CT_RATE_MOST = 1000000, /* requests in a period, and in a burst */
	CT_RATE_DAY_MS = 24 * 3600 * 1000, /* the longest period */
};

/* All zeros: no limit. */
struct ct_rate {
	int64_t count; /* requests, 1 to CT_RATE_MOST */
	int64_t period_ms; /* in that time, 1 s to 1 day */
	int64_t burst; /* may leave at once after a quiet time, 1 to CT_RATE_MOST */
};

/* What a provider says of its own limit. */
struct ct_room {
	int64_t remaining; /* requests that it will still take */
	int64_t reset_ms; /* until so long after it said so; 0: it said nothing */
};

/*
 * All zeros: never used. Time spans are kept beside the moment from which they count, so that
 * none can be longer than it was when it was written, whatever the clocks do.
 */
struct ct_limit {
	struct ct_time at; /* when the last slot was taken */
	int64_t ahead_us; /* the theoretical arrival time of the next, after that moment */
	int64_t interval_us; /* between two requests, by the rate of then */
	int64_t serial; /* of the last slot */
	/* what the provider said last; zeros: nothing */
	struct ct_time told;
	int64_t lasts_ms; /* until so long after */
	int64_t bound; /* only slots up to this one may be used */
	int64_t teller; /* the slot whose answer said so */
};

#endif

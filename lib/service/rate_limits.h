/*
 * Rate limits as calls meet them: slots of a provider and of a user, taken together or not at all.
 * Kept in the store, for all processes; or, where there is none, for this process alone.
 *
 * Within the caller's transaction, on whichever thread has it. What a call holds is its own
 * struct ct_held, to be forgotten when the transaction is rolled back.
 */
#ifndef CT_SERVICE_RATE_LIMITS_H
#define CT_SERVICE_RATE_LIMITS_H

#include "base/arena.h"
#include "resilience/limiter.h"
#include "store/rate_limits.h"

/* A process's own. All zeros is empty. */
struct ct_own_limits {
	struct ct_own_limit *list;
	size_t count, room;
};

void ct_own_limits_fini(struct ct_own_limits *own);

/* Where they are kept: the store, or own where that is NULL. */
struct ct_limits {
	struct ct_store *store;
	struct ct_own_limits *own;
	struct ct_time now;
};

/* Whose limits, and how long may be waited. A rate that is NULL, or zeros, is no limit. */
struct ct_limits_ask {
	const char *service;
	const struct ct_rate *rate;
	struct ct_str user;
	const struct ct_rate *user_rate;
	int64_t most_ms;
};

/* Slots that were taken and not yet used. All zeros: none. */
struct ct_held {
	const char *service;
	const struct ct_rate *rate;
	int64_t slot; /* its; 0: none */
	struct ct_str user;
	const struct ct_rate *user_rate;
	int64_t user_slot; /* 0: none, or it is used */
	bool user_passed; /* the call has had its slot of the user */
};

/* All zeros: go on, there is no limit. */
struct ct_limits_answer {
	bool refused; /* it would have to wait for too long: wait_ms */
	bool by_user; /* whose limit it is that waits or refuses */
	bool told; /* the provider's own, as it said */
	int64_t wait_ms; /* what is held has to be waited for; 0: go on */
	int64_t slot; /* go on: the provider's, which is used now; 0: no limit */
};

/*
 * Take what the call needs to ask the provider now, or hold what it has to wait for and then asks
 * for again. A slot of another provider goes back. CT_OK whatever the answer; CT_ESTORE, CT_EBUSY,
 * CT_ENOMEM.
 */
int ct_limits_take(const struct ct_limits *limits, const struct ct_limits_ask *ask,
		   struct ct_held *held, struct ct_limits_answer *answer, struct ct_err *err);

/* The provider's slot is not used after all; or none of them. */
int ct_limits_drop(const struct ct_limits *limits, struct ct_held *held, struct ct_err *err);
int ct_limits_drop_all(const struct ct_limits *limits, struct ct_held *held,
		       struct ct_err *err);

/* What a provider said when it was asked with a slot: see resilience/limiter.h. */
struct ct_told {
	const char *service;
	const struct ct_rate *rate;
	int64_t slot;
	struct ct_room room; /* reset_ms 0: it said nothing */
	struct ct_time at;
};

/* A provider's limit as it stands. */
int ct_limits_look(const struct ct_limits *limits, const char *service, struct ct_limit *out,
		   struct ct_err *err);

int ct_limits_tell(const struct ct_limits *limits, const struct ct_told *told,
		   struct ct_err *err);

#endif

/*
 * What to do after an attempt has failed: the same provider again, the next one, or stop.
 * Reads only the code and the wait that was asked for; randomness comes in.
 */
#ifndef CT_RESILIENCE_RETRY_H
#define CT_RESILIENCE_RETRY_H

#include "base/err.h"

enum ct_action { CT_RETRY, CT_NEXT, CT_STOP };

struct ct_failure {
	int code; /* enum ct_code */
	int should_retry; /* the provider's word: 1, -1, 0 none */
	int64_t retry_after_ms; /* 0: none asked for */
	int tries; /* made with this provider for this request, this one included */
	int bad_responses; /* of them, that failed as CT_EPROTO or CT_ETOOBIG */
	int64_t left_ms; /* of the whole call's budget */
	uint32_t random;
};

struct ct_retry_policy {
	int retries; /* per provider */
	int64_t max_wait_ms; /* no single wait is longer */
};

struct ct_decision {
	enum ct_action action;
	int64_t wait_ms; /* before a retry */
	const char *reason; /* static, for -vv and the journal */
};

struct ct_decision ct_retry_decide(const struct ct_failure *failure,
				   const struct ct_retry_policy *policy);

/* Full jitter: a random time from 0 to min(8 s, 0.5 s × 2^(tries-1)).
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
int64_t ct_backoff_ms(int tries, uint32_t random);

#endif

/*
 * The state of one provider's circuit, as all processes of a store share it.
 * resilience/breaker decides on it, store/ keeps it.
 */
#ifndef CT_MODEL_CIRCUIT_H
#define CT_MODEL_CIRCUIT_H

#include "base/clock.h"
#include "base/process.h"

enum ct_circuit_state { CT_CIRCUIT_CLOSED, CT_CIRCUIT_OPEN, CT_CIRCUIT_HALF_OPEN };

/* All zeros: closed, without history. */
struct ct_circuit {
	enum ct_circuit_state state;
	int64_t failures; /* in a row */
	struct ct_time last_failure; /* when the last of them was reported; zeros: never */
	struct ct_time opened_at; /* open, half-open: since when */
	struct ct_time retry_at; /* open: when a probe may pass; half-open: when another may take over */
	struct ct_time resting_until; /* the wait that a 429 asked for; zeros: none */
	int64_t cooldown_ms; /* the time-out it opened with: the most that retry_at may lie ahead */
	struct ct_process probe; /* half-open: whose probe is under way */
	char last_error[256]; /* the failure that counted last, redacted */
};

#endif

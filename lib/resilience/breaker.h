/*
 * A circuit breaker: after enough failures in a row, stop calling a provider for a
 * while, then let one call through to see whether it is back.
 *
 * Decisions on the shared struct ct_circuit: the caller reads it, asks, and writes it back
 * within one transaction. Time comes in as an argument.
 */
#ifndef CT_RESILIENCE_BREAKER_H
#define CT_RESILIENCE_BREAKER_H

#include "base/err.h"
#include "model/circuit.h"

struct ct_breaker_policy {
	int64_t threshold; /* failures in a row that open it, at least 1 */
	int64_t cooldown_ms; /* until one probe may pass */
};

enum ct_pass {
	CT_PASS, /* closed: go */
	CT_PASS_PROBE, /* you are the probe: the circuit has changed and must be saved */
	CT_PASS_NO, /* open, or another's probe is under way */
};

/* May a call go ahead now? self: who would probe. */
enum ct_pass ct_breaker_allow(struct ct_circuit *circuit, struct ct_time now,
			      const struct ct_process *self);

/*
 * How long to wait before asking a provider that rests (its 429 asked for it), in ms; 0: not at all.
 * A rest that lies further ahead than any wait we keep (7 days) is cut to that.
 */
int64_t ct_breaker_rest_ms(const struct ct_circuit *circuit, struct ct_time now);

/*
 * Report. Each answers whether the circuit has changed and must be saved.
 * began: when the attempt that is reported began. A success closes only if it began after the
 * last failure; a failure of a probe opens again for a whole cooldown.
 */
bool ct_breaker_success(struct ct_circuit *circuit, struct ct_time began);
bool ct_breaker_failure(struct ct_circuit *circuit, const struct ct_breaker_policy *policy,
			struct ct_time now, struct ct_time began, const char *error);
/* A probe that ended without telling anything (cancelled, 4xx, 429): the next may probe at once. */
bool ct_breaker_release(struct ct_circuit *circuit, const struct ct_process *self,
			struct ct_time now);
/* The provider asked for a wait of that long from now. */
bool ct_breaker_rest(struct ct_circuit *circuit, struct ct_time now, int64_t wait_ms);

/* Milliseconds until a probe may pass; 0: now, or the circuit is closed. */
int64_t ct_breaker_retry_in_ms(const struct ct_circuit *circuit, struct ct_time now);

/* Is this failure the provider's fault, so that the circuit counts it? code: enum ct_code. */
bool ct_breaker_counts(int code);

#endif

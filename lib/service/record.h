/*
 * What a call leaves behind: its journal row, a metrics row for each attempt, and its word on
 * the providers' circuits. It also asks the circuits, in the same transactions.
 *
 * The store is never on the critical path: one that is busy for longer than its wait, or broken, is
 * passed over, and what could not be written is tried again at the end, after the answer.
 */
#ifndef CT_SERVICE_RECORD_H
#define CT_SERVICE_RECORD_H

#include "base/clock.h"
#include "model/attempt.h"
#include "model/turn.h"
#include "resilience/breaker.h"
#include "service/app.h"
#include "store/journal.h"

enum { CT_ATTEMPTS_MAX = 160 };

/* An attempt and what it says about its provider. */
struct ct_record_attempt {
	struct ct_attempt attempt;
	const char *service; /* whose circuit */
	struct ct_time began, ended;
	int64_t retry_after_ms; /* a 429's: the provider rests */
	int number; /* among those that were made, from 1; 0: skipped */
};

struct ct_record {
	struct ct_app *app;
	struct ct_breaker_policy policy;
	bool no_content; /* --no-log: a provider's words may quote the question */
	bool past_circuit; /* a test: asks no circuit, its failures do not count */
	struct ct_journal_entry entry; /* strings in the call's arena */
	struct ct_turn *turn; /* an answered one, to be kept with the outcome; NULL: none */
	bool begun; /* the pending row is committed */
	bool refused; /* the store was looked at last in vain, and not because it was busy */
	struct ct_record_attempt list[CT_ATTEMPTS_MAX];
	size_t count; /* attempts and skipped candidates, in order */
	size_t saved; /* of them, in the store */
	int made; /* attempts so far */
};

/* Commit the pending row now, for a request that makes no sense without the store. CT_ESTORE, CT_EBUSY. */
int ct_record_begin(struct ct_record *record, struct ct_err *err);

/* As far as can be known now: will what is to be kept be kept? */
bool ct_record_may_keep(const struct ct_record *record);

/* What the circuit says of asking a provider now. */
struct ct_gate {
	bool pass;
	bool probe; /* this call is the probe */
	int64_t rest_ms; /* the provider asked to be left alone for that long */
	int64_t retry_in_ms; /* !pass: until a probe may */
	struct ct_circuit circuit; /* as it was */
};

/* Commit the pending row if it is not yet, and ask the circuit, in one transaction. */
struct ct_gate ct_record_gate(struct ct_record *record, const char *service);

/* The last entry, to be filled in; NULL past the limit. skipped: a candidate that is not asked. */
struct ct_record_attempt *ct_record_add(struct ct_record *record, bool skipped);

/* Write what is new, now, so that other processes know of an outage at once. */
void ct_record_flush(struct ct_record *record);

/*
 * The outcome, with all that is still unwritten, in one transaction; waits for a busy store
 * for 10 s, for 3 s when nobody else gets to write it, either. A request that could not be recorded
 * is said so as a warning.
 */
void ct_record_end(struct ct_record *record, const struct ct_journal_outcome *outcome);

#endif

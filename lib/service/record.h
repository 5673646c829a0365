/*
 * What a call leaves behind: its journal row, a metrics row for each attempt, and its word on
 * the providers' circuits and rate limits. It also asks those, in the same transactions.
 *
 * The store is never on the critical path: one that is busy for longer than its wait, or broken, is
 * passed over, and what could not be written is tried again at the end, after the answer.
 * Where the app has a writer all is written by its thread, and answers come from the loop; else
 * here and now, and they come before the function returns.
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
	int shared_connection; /* that broke with it: see net/http.h; 0: none */
	int number; /* among those that were made, from 1; 0: skipped */
	struct ct_told told; /* with which slot it left, and what its answer says of the limit */
};

/* What of a record is in the store. */
struct ct_written {
	bool begun; /* the pending row */
	size_t saved; /* so many of the attempts */
	const char *probing; /* whose circuit waits for this call; NULL: none */
	struct ct_held held; /* slots that were taken and not yet used */
	int told; /* number of the attempt whose word on the limit is in already */
};

struct ct_record {
	struct ct_app *app;
	struct ct_arena *arena; /* the call's */
	struct ct_breaker_policy policy;
	bool no_content; /* --no-log: a provider's words may quote the question */
	bool past_circuit; /* a test: asks no circuit, its failures do not count */
	struct ct_journal_entry entry; /* strings in the call's arena */
	struct ct_turn *turn; /* an answered one, to be kept with the outcome; NULL: none */
	bool begun; /* the pending row is committed */
	bool refused; /* the store was looked at last in vain, and not because it was busy */
	bool waited; /* in vain because it was: nothing was written since */
	struct ct_record_attempt *list; /* in the arena */
	size_t count, room; /* attempts and skipped candidates, in order */
	size_t handed; /* of them, given to the store */
	int made; /* attempts so far */
	int64_t most_wait_ms; /* for a slot of a rate limit; for the next gate */
	struct ct_held alone; /* slots taken where there was no store */
	size_t alone_seen; /* attempts that are accounted for there */
	struct ct_written committed, pending; /* the jobs' own: pending within a transaction */
	struct ct_record_job *last; /* what ends it needs no memory then; NULL once it is given */
};

/* What the circuit says of asking a provider now. */
struct ct_gate {
	bool pass;
	bool probe; /* this call is the probe */
	int64_t rest_ms; /* the provider asked to be left alone for that long */
	int64_t retry_in_ms; /* !pass: until a probe may */
	struct ct_limits_answer limit; /* pass: a slot is to be waited for, or refused */
	struct ct_circuit circuit; /* as it was */
	const struct ct_err *err; /* code CT_OK, or why the store was passed over; valid in the callback */
};

typedef void ct_gate_fn(void *user, const struct ct_gate *gate);
typedef void ct_recorded_fn(void *user);

/*
 * Commit the pending row now, for a request that makes no sense without the store. CT_ESTORE, CT_EBUSY.
 * Where there is a writer the first gate's err says it.
 */
int ct_record_begin(struct ct_record *record, struct ct_err *err);

/*
 * While something else is waited for: prepare what will be written of a request (with it, a turn).
 * Does nothing where a writer does the work.
 */
void ct_record_warm(struct ct_app *app, bool turn);

/* As far as can be known now: will what is to be kept be kept? */
bool ct_record_may_keep(const struct ct_record *record);

/* Before anything else, with the first members set. CT_ENOMEM. */
int ct_record_prepare(struct ct_record *record, struct ct_err *err);
/* For one that is not ended. */
void ct_record_fini(struct ct_record *record);

/*
 * Commit the pending row if it is not yet, and ask the circuit and the limits, in one transaction:
 * no slot is taken where the circuit says no. A slot that has to be waited for is kept until the
 * next gate, which uses it, or the end. Without a store the limits are this process's own.
 */
void ct_record_gate(struct ct_record *record, const char *service, ct_gate_fn *fn, void *user);

/* Is there room for one more entry? Makes it. */
bool ct_record_has_room(struct ct_record *record);
/* The last entry, to be filled in; NULL where there is no room. skipped: a candidate that is not asked. */
struct ct_record_attempt *ct_record_add(struct ct_record *record, bool skipped);

/* Write what is new, now, so that other processes know of an outage at once. All entries are filled in. */
void ct_record_flush(struct ct_record *record);

/*
 * What the present attempt, the last entry, has been told of its provider's limit: for others to
 * know before it is over. Passed over where the store is locked: its flush says it again.
 */
void ct_record_tell(struct ct_record *record);

/*
 * The outcome (its strings in the call's arena), with all that is still unwritten, in one
 * transaction; waits for a busy store for 10 s, for 3 s when nobody else gets to write it, either,
 * the wait of the last gate included.
 * A request that could not be recorded is said so as a warning. fn comes last: the record is not
 * touched any more.
 */
void ct_record_end(struct ct_record *record, const struct ct_journal_outcome *outcome,
		   ct_recorded_fn *fn, void *user);

#endif

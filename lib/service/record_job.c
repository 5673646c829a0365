/* The store's side of a record. Runs on the writer's thread where there is one. */
#include "service/record_job.h"

#include <stdio.h>

#include "store/conversation.h"
#include "store/metrics.h"
#include "store/shared.h"
#include "store/upkeep.h"

enum { LOST_MS = 60 * 1000 }; /* after that a port may be another connection's */

/*
 * A hundred answers that shared one connection are lost with it, all at once: that is one
 * failure of the provider, not a hundred.
 */
static bool is_counted(struct ct_record *r, const struct ct_record_attempt *a)
{
	struct ct_lost_connection *lost = &r->app->lost;
	int code = a->attempt.code;

	if (a->shared_connection == 0 || (code != CT_ECUT && code != CT_ECONNECT))
		return false;
	if (lost->number == a->shared_connection && lost->service == a->service &&
	    lost->by != r && ct_time_since(a->ended, lost->at) < LOST_MS)
		return true;
	*lost = (struct ct_lost_connection){ a->shared_connection, a->service, r, a->ended };
	return false;
}

/* Apply what an attempt says to its provider's circuit. Did it change? */
static bool report(struct ct_record *r, const struct ct_record_attempt *a,
		   struct ct_circuit *circuit)
{
	int code = a->attempt.code;
	bool probed = r->pending.probing == a->service, changed = false;

	if (probed)
		r->pending.probing = NULL;
	if (code == CT_OK)
		return ct_breaker_success(circuit, a->began);
	if (r->past_circuit)
		return false;
	if (ct_breaker_counts(code) && !is_counted(r, a)) {
		char why[sizeof(circuit->last_error)];
		struct ct_str error = r->no_content ? ct_str(ct_code_name(code)) :
						      a->attempt.error;
		snprintf(why, sizeof(why), "%.*s", CT_STR_ARG(error));
		return ct_breaker_failure(circuit, &r->policy, a->ended, a->began, why);
	}
	if (code == CT_ERATE && a->retry_after_ms > 0)
		changed = ct_breaker_rest(circuit, a->ended, a->retry_after_ms);
	/* many calls of one process share its identity: only the one that probes ends the probe */
	return (probed && ct_breaker_release(circuit, &r->app->process, a->ended)) || changed;
}

static struct ct_limits limits_at(struct ct_store *store)
{
	return (struct ct_limits){ .store = store, .now = ct_time_now() };
}

/* The slots it left with are used; what it was told counts once. */
static int account(struct ct_record *r, struct ct_store *store,
		   const struct ct_record_attempt *a, struct ct_err *err)
{
	struct ct_limits limits = limits_at(store);

	r->pending.held.slot = r->pending.held.user_slot = 0;
	if (a->number == r->pending.told)
		return CT_OK;
	return ct_limits_tell(&limits, &a->told, err);
}

static int save_attempt(struct ct_record *r, struct ct_store *store,
			const struct ct_record_attempt *a, struct ct_err *err)
{
	struct ct_circuit circuit;

	if (a->attempt.skipped)
		return CT_OK;
	int rc = ct_metrics_add(store, &a->attempt, r->entry.request_id, a->number,
				r->entry.user_id, err);
	if (rc == CT_OK)
		rc = ct_circuit_load(store, a->service, &circuit, err);
	if (rc == CT_OK && report(r, a, &circuit))
		rc = ct_circuit_save(store, a->service, &circuit, err);
	return rc == CT_OK ? account(r, store, a, err) : rc;
}

static int save_new(struct ct_record_job *j, struct ct_store *store, struct ct_err *err)
{
	struct ct_record *r = j->record;
	int rc = r->pending.begun ? CT_OK : ct_journal_begin(store, &r->entry, err);

	for (size_t i = r->pending.saved; rc == CT_OK && i < j->count; i++)
		rc = save_attempt(r, store, &j->list[i], err);
	if (rc == CT_OK) {
		r->pending.begun = true;
		r->pending.saved = j->count;
	}
	return rc;
}

/*
 * The circuit's word first, and the limits': both are saved only if both let it pass. A probe is
 * claimed by who goes, not by who waits for a slot.
 */
static int ask(struct ct_record_job *j, struct ct_store *store, struct ct_err *err)
{
	struct ct_record *r = j->record;
	struct ct_gate *gate = &j->gate;
	struct ct_limits limits = limits_at(store);

	*gate = (struct ct_gate){ .pass = true };
	int rc = ct_circuit_load(store, j->ask.service, &gate->circuit, err);
	if (rc != CT_OK || r->past_circuit)
		return rc;
	struct ct_circuit circuit = gate->circuit;
	gate->rest_ms = ct_breaker_rest_ms(&circuit, limits.now);
	enum ct_pass pass = CT_PASS_NO;
	if (gate->rest_ms == 0)
		pass = ct_breaker_allow(&circuit, limits.now, &r->app->process);
	gate->pass = pass != CT_PASS_NO || gate->rest_ms > 0;
	gate->retry_in_ms = ct_breaker_retry_in_ms(&gate->circuit, limits.now);
	if (pass == CT_PASS_NO)
		return ct_limits_drop(&limits, &r->pending.held, err);
	rc = ct_limits_take(&limits, &j->ask, &r->pending.held, &gate->limit, err);
	gate->probe = pass == CT_PASS_PROBE && gate->limit.wait_ms == 0;
	if (rc != CT_OK || !gate->probe)
		return rc;
	r->pending.probing = j->ask.service;
	return ct_circuit_save(store, j->ask.service, &circuit, err);
}

static int tell(struct ct_record_job *j, struct ct_store *store, struct ct_err *err)
{
	struct ct_limits limits = limits_at(store);

	j->record->pending.told = j->number;
	return ct_limits_tell(&limits, &j->told, err);
}

/* A call that ends without having asked gives its probe back. */
static int release(struct ct_record *r, struct ct_store *store, struct ct_err *err)
{
	const char *service = r->pending.probing;
	struct ct_circuit circuit;

	if (service == NULL)
		return CT_OK;
	r->pending.probing = NULL;
	int rc = ct_circuit_load(store, service, &circuit, err);
	if (rc == CT_OK && ct_breaker_release(&circuit, &r->app->process, ct_time_now()))
		rc = ct_circuit_save(store, service, &circuit, err);
	return rc;
}

/* A conversation that was deleted meanwhile is no reason not to record the request. */
static int keep_turn(struct ct_record_job *j, struct ct_store *store, struct ct_err *err)
{
	struct ct_turn *turn = j->record->turn;

	j->kept = j->gone = false;
	if (turn == NULL)
		return CT_OK;
	int rc = ct_conversation_append(store, turn, err);
	j->kept = rc == CT_OK;
	j->gone = rc == CT_EINVALID;
	if (j->gone)
		j->turn_err = *err;
	return j->gone ? CT_OK : rc;
}

static int finish(struct ct_record_job *j, struct ct_store *store, struct ct_err *err)
{
	struct ct_record *r = j->record;
	struct ct_limits limits = limits_at(store);
	int rc = release(r, store, err);

	if (rc == CT_OK)
		rc = ct_limits_drop_all(&limits, &r->pending.held, err);
	if (rc == CT_OK)
		rc = ct_journal_end(store, &r->entry, &j->outcome, err);
	if (rc == CT_OK)
		rc = keep_turn(j, store, err);
	if (rc == CT_OK && r->app->config != NULL)
		rc = ct_store_trim(store, r->app->config->store_max_mb << 20, err);
	return rc;
}

int ct_record_work(struct ct_writer_job *job, struct ct_store *store, struct ct_err *err)
{
	struct ct_record_job *j = (struct ct_record_job *)job;
	int rc = save_new(j, store, err);

	if (rc == CT_OK && j->step == CT_RECORD_GATE)
		rc = ask(j, store, err);
	else if (rc == CT_OK && j->step == CT_RECORD_TELL)
		rc = tell(j, store, err);
	else if (rc == CT_OK && j->step == CT_RECORD_END)
		rc = finish(j, store, err);
	return rc;
}

void ct_record_settle(struct ct_writer_job *job, int rc)
{
	struct ct_record *r = ((struct ct_record_job *)job)->record;

	if (rc == CT_OK)
		r->committed = r->pending;
	else
		r->pending = r->committed;
}

#include "service/record.h"

#include <stdio.h>

#include "base/log.h"
#include "store/conversation.h"
#include "store/metrics.h"
#include "store/shared.h"
#include "store/upkeep.h"

enum { END_WAIT_MS = 10000, STUCK_MS = 3000 };

static int begin_row(struct ct_record *r, struct ct_err *err)
{
	return r->begun ? CT_OK : ct_journal_begin(r->app->store, &r->entry, err);
}

/* Apply what an attempt says to its provider's circuit. Did it change? */
static bool report(const struct ct_record *r, const struct ct_record_attempt *a,
		   struct ct_circuit *circuit)
{
	int code = a->attempt.code;
	bool changed = false;

	if (code == CT_OK)
		return ct_breaker_success(circuit, a->began);
	if (r->past_circuit)
		return false;
	if (ct_breaker_counts(code)) {
		char why[sizeof(circuit->last_error)];
		struct ct_str error = r->no_content ? ct_str(ct_code_name(code)) :
						      a->attempt.error;
		snprintf(why, sizeof(why), "%.*s", CT_STR_ARG(error));
		return ct_breaker_failure(circuit, &r->policy, a->ended, a->began, why);
	}
	if (code == CT_ERATE && a->retry_after_ms > 0)
		changed = ct_breaker_rest(circuit, a->ended, a->retry_after_ms);
	return ct_breaker_release(circuit, &r->app->process, a->ended) || changed;
}

static int save_attempt(struct ct_record *r, const struct ct_record_attempt *a,
			struct ct_err *err)
{
	struct ct_store *store = r->app->store;
	struct ct_circuit circuit;

	if (a->attempt.skipped)
		return CT_OK;
	int rc = ct_metrics_add(store, &a->attempt, r->entry.request_id, a->number,
				r->entry.user_id, err);
	if (rc == CT_OK)
		rc = ct_circuit_load(store, a->service, &circuit, err);
	if (rc == CT_OK && report(r, a, &circuit))
		rc = ct_circuit_save(store, a->service, &circuit, err);
	return rc;
}

static int save_new(struct ct_record *r, struct ct_err *err)
{
	int rc = begin_row(r, err);

	for (size_t i = r->saved; rc == CT_OK && i < r->count; i++)
		rc = save_attempt(r, &r->list[i], err);
	return rc;
}

/* End the transaction as rc says; what was saved is counted only when it is committed. */
static int settle(struct ct_record *r, int rc, struct ct_err *err)
{
	if (rc == CT_OK)
		rc = ct_store_commit(r->app->store, err);
	else
		ct_store_rollback(r->app->store);
	r->refused = rc != CT_OK && rc != CT_EBUSY;
	if (rc == CT_OK) {
		r->begun = true;
		r->saved = r->count;
	}
	return rc;
}

static int ask(struct ct_record *r, const char *service, struct ct_gate *gate,
	       struct ct_err *err)
{
	struct ct_store *store = r->app->store;
	struct ct_time now = ct_time_now();
	int rc = ct_circuit_load(store, service, &gate->circuit, err);

	if (rc != CT_OK || r->past_circuit)
		return rc;
	struct ct_circuit circuit = gate->circuit;
	gate->rest_ms = ct_breaker_rest_ms(&circuit, now);
	if (gate->rest_ms > 0)
		return CT_OK;
	enum ct_pass pass = ct_breaker_allow(&circuit, now, &r->app->process);
	gate->pass = pass != CT_PASS_NO;
	gate->probe = pass == CT_PASS_PROBE;
	gate->retry_in_ms = ct_breaker_retry_in_ms(&gate->circuit, now);
	return gate->probe ? ct_circuit_save(store, service, &circuit, err) : CT_OK;
}

struct ct_gate ct_record_gate(struct ct_record *r, const char *service)
{
	struct ct_gate gate = { .pass = true };
	struct ct_err err;

	if (r->app->store == NULL)
		return gate;
	int rc = ct_store_begin(r->app->store, &err);
	if (rc == CT_OK) {
		rc = save_new(r, &err);
		if (rc == CT_OK)
			rc = ask(r, service, &gate, &err);
		rc = settle(r, rc, &err);
	}
	if (rc != CT_OK) {
		ct_log(CT_LOG_INFO, "the store is passed over for now: %s", err.msg);
		return (struct ct_gate){ .pass = true };
	}
	return gate;
}

int ct_record_begin(struct ct_record *r, struct ct_err *err)
{
	int rc = ct_store_begin(r->app->store, err);

	return rc == CT_OK ? settle(r, save_new(r, err), err) : rc;
}

bool ct_record_may_keep(const struct ct_record *r)
{
	if (r->app->store == NULL)
		return r->app->store_err.code == CT_EBUSY;
	return r->begun || !r->refused;
}

struct ct_record_attempt *ct_record_add(struct ct_record *r, bool skipped)
{
	if (r->count == CT_ATTEMPTS_MAX)
		return NULL;
	struct ct_record_attempt *a = &r->list[r->count++];
	*a = (struct ct_record_attempt){
		.began = ct_time_now(),
		.number = skipped ? 0 : ++r->made,
		.attempt = { .skipped = skipped, .first_token_ms = -1, .cost_usd_nanos = -1 },
	};
	a->ended = a->began;
	a->attempt.started_wall_ms = a->began.wall_ms;
	return a;
}

void ct_record_flush(struct ct_record *r)
{
	struct ct_err err;

	if (r->app->store == NULL || r->saved == r->count)
		return;
	int rc = ct_store_begin(r->app->store, &err);
	if (rc == CT_OK)
		rc = settle(r, save_new(r, &err), &err);
	if (rc != CT_OK)
		ct_log(CT_LOG_INFO, "the store is passed over for now: %s", err.msg);
}

/* A conversation that was deleted meanwhile is no reason not to record the request. */
static int keep_turn(struct ct_record *r, bool *kept, struct ct_err *err)
{
	*kept = false;
	if (r->turn == NULL)
		return CT_OK;
	int rc = ct_conversation_append(r->app->store, r->turn, err);
	*kept = rc == CT_OK;
	if (rc == CT_EINVALID)
		r->turn->err = *err;
	return rc == CT_EINVALID ? CT_OK : rc;
}

/*
 * Where others take turns there will be one for us, too; a store that nobody has written for so
 * long is held by one process, and whoever asked has the answer and waits for the prompt.
 */
static int begin_end(struct ct_record *r, struct ct_err *err)
{
	struct ct_store *store = r->app->store;
	int64_t until_us = ct_clock_us() + END_WAIT_MS * 1000LL, version;
	int rc;

	do {
		version = ct_store_version(store);
		ct_store_set_wait(store, STUCK_MS);
		rc = ct_store_begin(store, err);
	} while (rc == CT_EBUSY && ct_clock_us() < until_us &&
		 ct_store_version(store) != version);
	return rc;
}

static int write_end(struct ct_record *r, const struct ct_journal_outcome *outcome,
		     struct ct_err *err)
{
	bool kept = false;

	if (r->app->store == NULL && r->app->store_err.code == CT_EBUSY)
		ct_app_open_store(r->app, CT_STORE_WRITE, NULL);
	if (r->app->store == NULL) {
		*err = r->app->store_err;
		return r->app->store_err.code;
	}
	int rc = begin_end(r, err);
	if (rc != CT_OK)
		return rc;
	rc = save_new(r, err);
	if (rc == CT_OK)
		rc = ct_journal_end(r->app->store, &r->entry, outcome, err);
	if (rc == CT_OK)
		rc = keep_turn(r, &kept, err);
	if (rc == CT_OK && r->app->config != NULL)
		rc = ct_store_trim(r->app->store, r->app->config->store_max_mb << 20, err);
	rc = settle(r, rc, err);
	if (rc == CT_OK && kept)
		r->turn->kept = true;
	return rc;
}

void ct_record_end(struct ct_record *r, const struct ct_journal_outcome *outcome)
{
	struct ct_err err = { 0 };

	if (write_end(r, outcome, &err) == CT_OK)
		return;
	if (r->turn != NULL)
		r->turn->err = err;
	ct_log(CT_LOG_WARN, "this request was not recorded: %s", err.msg);
}

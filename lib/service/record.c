#include "service/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "service/record_job.h"
#include "store/conversation.h"
#include "store/metrics.h"
#include "store/shared.h"

/* A writer has no reader who waits for its prompt: END_WAIT_MS is all it knows. */
enum { GATE_WAIT_MS = 2000, END_WAIT_MS = 10000, STUCK_MS = 3000 };

/*
 * Where others take turns there will be one for us, too; a store that nobody has written for so
 * long is held by one process, and whoever asked has the answer and waits for the prompt. What
 * the gate waited in vain counts.
 */
static int begin_end(const struct ct_record *r, struct ct_store *store, struct ct_err *err)
{
	int64_t until_us = ct_clock_us() + END_WAIT_MS * 1000LL, version;
	int64_t wait_ms = r->waited ? STUCK_MS - GATE_WAIT_MS : STUCK_MS;
	int rc;

	do {
		version = ct_store_version(store);
		ct_store_set_wait(store, wait_ms);
		rc = ct_store_begin(store, err);
		wait_ms = STUCK_MS;
	} while (rc == CT_EBUSY && ct_clock_us() < until_us &&
		 ct_store_version(store) != version);
	return rc;
}

/*
 * The store as it was opened, or none: one that was busy is tried again at the end, twice, since a
 * hundred processes may be making a new one.
 */
static struct ct_store *find_store(struct ct_record_job *j)
{
	struct ct_app *app = j->record->app;
	int tries = j->step == CT_RECORD_END ? 2 : 0;

	while (app->store == NULL && app->store_err.code == CT_EBUSY && tries-- > 0)
		ct_app_open_store(app, CT_STORE_WRITE, NULL);
	if (app->store == NULL)
		j->job.err = app->store_err;
	return app->store;
}

/* Without a writer. */
static int run(struct ct_record_job *j)
{
	struct ct_store *store = find_store(j);
	struct ct_err *err = &j->job.err;

	if (store == NULL)
		return err->code != CT_OK ? err->code : ct_fail(err, CT_ESTORE, "there is no store");
	int rc = j->step == CT_RECORD_END ? begin_end(j->record, store, err)
					  : ct_store_begin(store, err);
	if (rc != CT_OK)
		return rc;
	rc = ct_record_work(&j->job, store, err);
	if (rc == CT_OK)
		rc = ct_store_commit(store, err);
	else
		ct_store_rollback(store);
	return rc;
}

static void note(struct ct_record_job *j)
{
	struct ct_record *r = j->record;
	int rc = j->job.rc;

	if (j->step == CT_RECORD_TELL && rc == CT_EBUSY)
		return; /* it did not ask to wait */
	r->refused = rc != CT_OK && rc != CT_EBUSY;
	r->begun = r->begun || rc == CT_OK;
	r->waited = rc == CT_EBUSY;
	if (j->step != CT_RECORD_END && rc != CT_OK && j->job.err.msg[0] != '\0')
		ct_log(CT_LOG_INFO, "the store is passed over for now: %s", j->job.err.msg);
}

static void tell_of_turn(struct ct_record_job *j)
{
	struct ct_turn *turn = j->record->turn;

	if (turn == NULL)
		return;
	turn->kept = j->job.rc == CT_OK && j->kept;
	if (j->job.rc != CT_OK)
		turn->err = j->job.err;
	else if (j->gone)
		turn->err = j->turn_err;
}

static struct ct_limits own_limits(struct ct_record *r)
{
	return (struct ct_limits){ .own = &r->app->limits, .now = ct_time_now() };
}

/* What attempts made of slots that this process keeps for itself. */
static void account_alone(struct ct_record *r)
{
	struct ct_limits limits = own_limits(r);

	for (; r->alone_seen < r->count; r->alone_seen++) {
		const struct ct_record_attempt *a = &r->list[r->alone_seen];
		if (a->attempt.skipped)
			continue;
		r->alone.slot = r->alone.user_slot = 0;
		ct_limits_tell(&limits, &a->told, NULL);
	}
}

/* Nothing is known of the circuit; but a process keeps to the limits also by itself. */
static struct ct_gate gate_alone(struct ct_record *r, const struct ct_limits_ask *ask,
				 const struct ct_err *why)
{
	struct ct_gate gate = { .pass = true, .err = why };
	struct ct_limits limits = own_limits(r);

	account_alone(r);
	if (!r->past_circuit)
		ct_limits_take(&limits, ask, &r->alone, &gate.limit, NULL);
	return gate;
}

static void end_alone(struct ct_record *r)
{
	struct ct_limits limits = own_limits(r);

	account_alone(r);
	ct_limits_drop_all(&limits, &r->alone, NULL);
}

static void on_done(struct ct_writer_job *job)
{
	struct ct_record_job *j = (struct ct_record_job *)job;

	note(j);
	j->gate.err = &job->err;
	if (j->step == CT_RECORD_GATE && job->rc != CT_OK)
		j->gate = gate_alone(j->record, &j->ask, &job->err);
	if (j->step == CT_RECORD_GATE)
		j->on_gate(j->user, &j->gate);
	if (j->step == CT_RECORD_END) {
		end_alone(j->record);
		tell_of_turn(j);
		if (job->rc != CT_OK)
			ct_log(CT_LOG_WARN, "this request was not recorded: %s", job->err.msg);
		j->on_recorded(j->user);
	}
	free(j);
}

static struct ct_record_job *make(struct ct_record *r, enum ct_record_step step)
{
	struct ct_record_job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->job = (struct ct_writer_job){
		.work = ct_record_work,
		.settle = ct_record_settle,
		.done = on_done,
		.patience_ms = step == CT_RECORD_END ? END_WAIT_MS : GATE_WAIT_MS,
	};
	j->record = r;
	j->step = step;
	j->list = r->list;
	j->count = r->count;
	return j;
}

int ct_record_prepare(struct ct_record *r, struct ct_err *err)
{
	r->last = make(r, CT_RECORD_END);
	return r->last != NULL ? CT_OK : ct_fail(err, CT_ENOMEM, "no memory for a request");
}

void ct_record_fini(struct ct_record *r)
{
	free(r->last);
	r->last = NULL;
}

static void submit(struct ct_record_job *j)
{
	struct ct_app *app = j->record->app;

	if (app->writer != NULL) {
		ct_writer_submit(app->writer, &j->job);
		return;
	}
	j->job.rc = run(j);
	ct_record_settle(&j->job, j->job.rc);
	on_done(&j->job);
}

static struct ct_limits_ask ask_for(const struct ct_record *r, const char *service)
{
	struct ct_config *config = r->app->config;
	const struct ct_service_config *of =
		config != NULL ? ct_config_service(config, ct_str(service)) : NULL;

	return (struct ct_limits_ask){
		.service = service,
		.rate = of != NULL ? &of->rate : NULL,
		.user = r->entry.user_id,
		.user_rate = config != NULL ? ct_config_user_rate(config, r->entry.user_id) : NULL,
		.most_ms = r->most_wait_ms,
	};
}

void ct_record_gate(struct ct_record *r, const char *service, ct_gate_fn *fn, void *user)
{
	static const struct ct_err fine;
	struct ct_limits_ask ask = ask_for(r, service);
	struct ct_record_job *j = NULL;

	if (r->app->store != NULL || r->app->writer != NULL)
		j = make(r, CT_RECORD_GATE);
	if (j == NULL) {
		struct ct_gate gate = gate_alone(r, &ask, &fine);
		fn(user, &gate);
		return;
	}
	j->ask = ask;
	j->on_gate = fn;
	j->user = user;
	r->handed = r->count;
	submit(j);
}

int ct_record_begin(struct ct_record *r, struct ct_err *err)
{
	if (r->app->writer != NULL)
		return CT_OK;
	struct ct_record_job *j = make(r, CT_RECORD_FLUSH);
	if (j == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	int rc = run(j);
	*err = j->job.err;
	ct_record_settle(&j->job, rc);
	r->refused = rc != CT_OK && rc != CT_EBUSY;
	r->begun = rc == CT_OK;
	free(j);
	return rc;
}

void ct_record_warm(struct ct_app *app, bool turn)
{
	struct ct_store *store = app->writer == NULL ? app->store : NULL;

	if (store == NULL)
		return;
	ct_circuit_warm(store);
	ct_journal_warm(store);
	ct_metrics_warm(store);
	if (turn)
		ct_conversation_warm(store);
}

bool ct_record_may_keep(const struct ct_record *r)
{
	if (r->app->store == NULL && r->app->writer == NULL)
		return r->app->store_err.code == CT_EBUSY;
	return r->begun || !r->refused;
}

bool ct_record_has_room(struct ct_record *r)
{
	size_t room = r->room > 0 ? 2 * r->room : 4;

	if (r->count < r->room)
		return true;
	if (r->count >= CT_ATTEMPTS_MAX)
		return false;
	/* the old one stays as it is: a job may be reading it */
	struct ct_record_attempt *wide = ct_arena_alloc(r->arena, room * sizeof(*wide));
	if (wide == NULL)
		return false;
	if (r->count > 0)
		memcpy(wide, r->list, r->count * sizeof(*wide));
	r->list = wide;
	r->room = room;
	return true;
}

struct ct_record_attempt *ct_record_add(struct ct_record *r, bool skipped)
{
	if (!ct_record_has_room(r))
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
	struct ct_record_job *j;

	if ((r->app->store == NULL && r->app->writer == NULL) || r->handed == r->count)
		return;
	j = make(r, CT_RECORD_FLUSH);
	if (j == NULL)
		return; /* the next one writes it, too */
	r->handed = r->count;
	submit(j);
}

void ct_record_tell(struct ct_record *r)
{
	const struct ct_record_attempt *a = &r->list[r->count - 1];
	struct ct_store *store = r->app->store;
	struct ct_record_job *j;

	if (store == NULL && r->app->writer == NULL)
		return;
	j = make(r, CT_RECORD_TELL);
	if (j == NULL)
		return;
	j->count = r->count - 1; /* it is not filled in yet */
	j->told = a->told;
	j->number = a->number;
	if (r->app->writer != NULL) {
		submit(j);
		return;
	}
	int64_t left_ms = ct_store_set_wait(store, 0); /* an answer is coming */
	submit(j);
	ct_store_set_wait(store, left_ms);
}

void ct_record_end(struct ct_record *r, const struct ct_journal_outcome *outcome,
		   ct_recorded_fn *fn, void *user)
{
	struct ct_record_job *j = r->last;

	r->last = NULL;
	j->list = r->list;
	j->count = r->count;
	j->outcome = *outcome;
	j->on_recorded = fn;
	j->user = user;
	submit(j);
}

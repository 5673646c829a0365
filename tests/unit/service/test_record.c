#include <signal.h>
#include <sys/wait.h>

#include "scratch.h"
#include "service/record.h"
#include "store/shared.h"

TestSuite(record, .init = scratch_make, .fini = scratch_end);

enum { THRESHOLD = 3, COOLDOWN_MS = 3600 * 1000 };

static struct ct_app *open_app(bool store)
{
	struct ct_app *app = NULL;
	struct ct_app_options options = { .db_path = scratch_path("db") };

	cr_assert_eq(ct_app_create(&options, &app, NULL), CT_OK);
	if (store)
		cr_assert_eq(ct_app_open_store(app, CT_STORE_WRITE, NULL), CT_OK);
	return app;
}

static struct ct_record *begin(struct ct_app *app, const char *id)
{
	struct ct_record *r = calloc(1, sizeof(*r));

	struct ct_arena *arena = calloc(1, sizeof(*arena));

	cr_assert(r != NULL && arena != NULL);
	r->app = app;
	r->arena = arena;
	r->policy = (struct ct_breaker_policy){ THRESHOLD, COOLDOWN_MS };
	r->entry = (struct ct_journal_entry){
		.id = ct_str(id),
		.request_id = ct_str(id),
		.provider = ct_str("claude"),
		.model = ct_str("m"),
		.process = app->process,
		.created_ms = ct_time_now().wall_ms,
		.deadline_ms = ct_time_now().wall_ms + 60000,
	};
	cr_assert_eq(ct_record_prepare(r, NULL), CT_OK);
	return r;
}

static void end(struct ct_record *r)
{
	ct_record_fini(r);
	ct_arena_fini(r->arena);
	free(r->arena);
	free(r);
}

static void keep_gate(void *user, const struct ct_gate *gate)
{
	*(struct ct_gate *)user = *gate;
}

static struct ct_gate ask(struct ct_record *r, const char *service)
{
	struct ct_gate gate = { 0 };

	ct_record_gate(r, service, keep_gate, &gate);
	return gate;
}

static void set_flag(void *user)
{
	*(bool *)user = true;
}

static void attempt(struct ct_record *r, int code, int64_t retry_after_ms)
{
	struct ct_record_attempt *a = ct_record_add(r, false);

	a->service = "claude";
	a->attempt.provider = ct_str("claude");
	a->attempt.model = ct_str("m");
	a->attempt.code = code;
	a->attempt.error = ct_str(code == CT_OK ? "" : "it failed");
	a->retry_after_ms = retry_after_ms;
	ct_record_flush(r);
}

static struct ct_circuit circuit(struct ct_app *app)
{
	struct ct_circuit c;

	cr_assert_eq(ct_circuit_load(app->store, "claude", &c, NULL), CT_OK);
	return c;
}

Test(record, tells_other_requests_of_an_outage_at_once)
{
	struct ct_app *app = open_app(true);
	struct ct_record *one = begin(app, "a"), *two = begin(app, "b");

	cr_assert(ask(one, "claude").pass);
	for (int i = 0; i < THRESHOLD; i++)
		attempt(one, CT_EUPSTREAM, 0);
	struct ct_gate gate = ask(two, "claude");
	cr_assert_not(gate.pass);
	cr_assert_gt(gate.retry_in_ms, 0);
	cr_assert_str_eq(gate.circuit.last_error, "it failed");
	cr_assert(ask(two, "gemini").pass);
	end(one);
	end(two);
	ct_app_destroy(app);
}

Test(record, keeps_no_words_of_a_provider_where_content_is_not_to_be_kept)
{
	struct ct_app *app = open_app(true);
	struct ct_record *r = begin(app, "a");

	r->no_content = true;
	attempt(r, CT_EUPSTREAM, 0);
	cr_assert_str_eq(circuit(app).last_error, "provider_error");
	end(r);
	ct_app_destroy(app);
}

Test(record, counts_no_failure_that_is_not_the_providers)
{
	struct ct_app *app = open_app(true);
	struct ct_record *r = begin(app, "a");

	attempt(r, CT_EAUTH, 0);
	attempt(r, CT_ELOCAL, 0);
	attempt(r, CT_EINVALID, 0);
	attempt(r, CT_ERATE, 5000);
	cr_assert_eq(circuit(app).failures, 0);
	struct ct_gate gate = ask(r, "claude");
	cr_assert(gate.rest_ms > 0 && gate.rest_ms <= 5000, "but its wait is kept for all");
	end(r);
	ct_app_destroy(app);
}

Test(record, of_a_test_counts_successes_only)
{
	struct ct_app *app = open_app(true);
	struct ct_record *r = begin(app, "a");

	for (int i = 0; i < THRESHOLD; i++)
		attempt(r, CT_EUPSTREAM, 0);
	r->past_circuit = true;
	cr_assert(ask(r, "claude").pass, "past the circuit");
	attempt(r, CT_EUPSTREAM, 0);
	cr_assert_eq(circuit(app).failures, THRESHOLD);
	attempt(r, CT_OK, 0);
	cr_assert_eq(circuit(app).state, CT_CIRCUIT_CLOSED);
	end(r);
	ct_app_destroy(app);
}

static int count_rows(void *user, const struct ct_log_row *row, int64_t rowid)
{
	(void)rowid;
	cr_assert(ct_str_is(row->state, "completed"));
	++*(int *)user;
	return CT_OK;
}

Test(record, goes_on_without_a_store_and_writes_what_it_could_not_at_the_end)
{
	struct ct_app *app = open_app(false);
	struct ct_record *r = begin(app, "a");
	struct ct_journal_outcome outcome = { .completed = true,
					      .provider = ct_str("claude"),
					      .model = ct_str("m") };
	struct ct_log_filter filter = { 0 };
	bool recorded = false;
	int rows = 0;

	app->store_err.code = CT_EBUSY; /* it was locked when it was opened */
	cr_assert(ask(r, "claude").pass);
	attempt(r, CT_OK, 0);
	ct_record_end(r, &outcome, set_flag, &recorded);
	cr_assert(recorded);
	cr_assert_not_null(app->store);
	cr_assert_eq(ct_journal_list(app->store, &filter, count_rows, &rows, NULL), CT_OK);
	cr_assert_eq(rows, 1);
	end(r);
	ct_app_destroy(app);
}

Test(record, gives_a_store_that_is_held_no_more_time_because_a_limit_was_told)
{
	struct ct_app *app = open_app(true);
	struct ct_store *holder = NULL;
	struct ct_record *r = begin(app, "a");

	cr_assert_eq(ct_store_open(scratch_path("db"), CT_STORE_WRITE, 0, &holder, NULL), CT_OK);
	cr_assert_eq(ct_store_begin(holder, NULL), CT_OK);
	ct_store_set_wait(app->store, 0);
	cr_assert(ask(r, "claude").pass);
	cr_assert_not_null(ct_record_add(r, false));
	ct_record_tell(r);
	cr_assert_eq(ct_store_set_wait(app->store, 0), 0);
	ct_store_close(holder);
	end(r);
	ct_app_destroy(app);
}

Test(record, counts_the_loss_of_a_shared_connection_once)
{
	struct ct_app *app = open_app(true);
	struct ct_record *r[4];

	for (int i = 0; i < 4; i++) {
		r[i] = begin(app, (const char *[]){ "a", "b", "c", "d" }[i]);
		struct ct_record_attempt *a = ct_record_add(r[i], false);
		a->service = "claude";
		a->attempt.provider = a->attempt.model = ct_str("claude");
		a->attempt.code = CT_ECUT;
		a->shared_connection = i < 3 ? 4711 : 4712;
		ct_record_flush(r[i]);
	}
	cr_assert_eq(circuit(app).failures, 2);
	for (int i = 0; i < 4; i++)
		end(r[i]);
	ct_app_destroy(app);
}

Test(record, lets_only_the_call_that_probes_end_the_probe)
{
	struct ct_app *app = open_app(true);
	struct ct_record *one = begin(app, "a"), *two = begin(app, "b");
	struct ct_circuit open = { .state = CT_CIRCUIT_OPEN, .failures = 3, .cooldown_ms = 1 };

	open.opened_at = open.last_failure = ct_time_add(ct_time_now(), -1000);
	open.retry_at = ct_time_add(ct_time_now(), -500);
	cr_assert_eq(ct_circuit_save(app->store, "claude", &open, NULL), CT_OK);
	cr_assert(ask(one, "claude").probe);
	cr_assert_not(ask(two, "claude").pass);
	attempt(two, CT_EAUTH, 0);
	cr_assert_eq(circuit(app).state, CT_CIRCUIT_HALF_OPEN, "another call of the process");
	attempt(one, CT_EAUTH, 0);
	cr_assert_eq(circuit(app).state, CT_CIRCUIT_OPEN);
	cr_assert(ask(two, "claude").probe, "the next may try at once");
	end(one);
	end(two);
	ct_app_destroy(app);
}

Test(record, lets_one_process_probe_and_another_when_that_one_died)
{
	struct ct_app *app = open_app(true);
	struct ct_record *r = begin(app, "a");
	struct ct_circuit open = { .state = CT_CIRCUIT_OPEN, .failures = 3, .cooldown_ms = 1 };
	int status;

	open.opened_at = open.last_failure = ct_time_add(ct_time_now(), -1000);
	open.retry_at = ct_time_add(ct_time_now(), -500);
	cr_assert_eq(ct_circuit_save(app->store, "claude", &open, NULL), CT_OK);
	ct_store_close(app->store); /* a connection does not outlive a fork */
	app->store = NULL;
	int ready[2], go[2];
	cr_assert(pipe(ready) == 0 && pipe(go) == 0);
	pid_t child = fork();
	if (child == 0) {
		struct ct_app *own = open_app(true);
		struct ct_record *probe = begin(own, "b");
		char pass = ask(probe, "claude").probe ? 'y' : 'n';
		(void)!write(ready[1], &pass, 1);
		(void)!read(go[0], &pass, 1);
		_exit(0);
	}
	char pass = 0;
	cr_assert_eq(read(ready[0], &pass, 1), 1);
	cr_assert_eq(pass, 'y');
	cr_assert_eq(ct_app_open_store(app, CT_STORE_WRITE, NULL), CT_OK);
	r->entry.process = app->process;
	cr_assert_not(ask(r, "claude").pass, "its probe is under way");
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	cr_assert(ask(r, "claude").probe, "it died");
	end(r);
	ct_app_destroy(app);
}

static void stop_loop(void *user)
{
	ct_loop_stop(user);
}

struct answer {
	struct ct_loop *loop;
	struct ct_gate gate;
	int gates, ends, code; /* gate.err's */
};

static void on_gate(void *user, const struct ct_gate *gate)
{
	struct answer *a = user;

	a->gate = *gate;
	a->code = gate->err->code;
	a->gates++;
	ct_loop_stop(a->loop);
}

static void on_recorded(void *user)
{
	struct answer *a = user;

	a->ends++;
	ct_loop_stop(a->loop);
}

static struct ct_app *open_writer(void)
{
	struct ct_app *app = open_app(false);

	cr_assert_eq(ct_app_open_writer(app, NULL), CT_OK);
	return app;
}

Test(record, is_written_by_a_thread_where_there_is_one_and_answers_from_the_loop)
{
	struct ct_app *app = open_writer();
	struct answer a = { .loop = app->loop };
	struct ct_record *r = begin(app, "a");
	struct ct_journal_outcome outcome = { .completed = true,
					      .provider = ct_str("claude"),
					      .model = ct_str("m") };
	struct ct_log_filter filter = { 0 };
	int rows = 0;

	ct_record_gate(r, "claude", on_gate, &a);
	cr_assert_eq(a.gates, 0, "never before it returns");
	while (a.gates == 0)
		ct_loop_run(app->loop);
	cr_assert(a.gate.pass);
	attempt(r, CT_OK, 0);
	ct_record_end(r, &outcome, on_recorded, &a);
	while (a.ends == 0)
		ct_loop_run(app->loop);
	cr_assert_eq(ct_app_open_store(app, CT_STORE_READ, NULL), CT_OK);
	cr_assert_eq(ct_journal_list(app->store, &filter, count_rows, &rows, NULL), CT_OK);
	cr_assert_eq(rows, 1);
	end(r);
	ct_app_destroy(app);
}

Test(record, keeps_the_loop_running_while_another_process_holds_the_store)
{
	struct ct_app *app = open_writer(), *other = open_app(true);
	struct answer a = { .loop = app->loop };
	struct ct_record *r = begin(app, "a");
	struct ct_timer *tick = ct_timer_create(app->loop, stop_loop, app->loop);
	int turns = 0;

	cr_assert_eq(ct_store_begin(other->store, NULL), CT_OK);
	ct_record_gate(r, "claude", on_gate, &a);
	while (a.gates == 0) {
		ct_timer_start(tick, 10);
		ct_loop_run(app->loop);
		turns++;
	}
	cr_assert(a.gate.pass && a.code == CT_EBUSY, "passed over after two seconds");
	cr_assert_gt(turns, 1);
	ct_store_rollback(other->store);
	ct_timer_destroy(tick);
	end(r);
	ct_app_destroy(app);
	ct_app_destroy(other);
}

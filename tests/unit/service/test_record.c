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

	cr_assert_not_null(r);
	r->app = app;
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
	return r;
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

	cr_assert(ct_record_gate(one, "claude").pass);
	for (int i = 0; i < THRESHOLD; i++)
		attempt(one, CT_EUPSTREAM, 0);
	struct ct_gate gate = ct_record_gate(two, "claude");
	cr_assert_not(gate.pass);
	cr_assert_gt(gate.retry_in_ms, 0);
	cr_assert_str_eq(gate.circuit.last_error, "it failed");
	cr_assert(ct_record_gate(two, "gemini").pass);
	free(one);
	free(two);
	ct_app_destroy(app);
}

Test(record, keeps_no_words_of_a_provider_where_content_is_not_to_be_kept)
{
	struct ct_app *app = open_app(true);
	struct ct_record *r = begin(app, "a");

	r->no_content = true;
	attempt(r, CT_EUPSTREAM, 0);
	cr_assert_str_eq(circuit(app).last_error, "provider_error");
	free(r);
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
	struct ct_gate gate = ct_record_gate(r, "claude");
	cr_assert(gate.rest_ms > 0 && gate.rest_ms <= 5000, "but its wait is kept for all");
	free(r);
	ct_app_destroy(app);
}

Test(record, of_a_test_counts_successes_only)
{
	struct ct_app *app = open_app(true);
	struct ct_record *r = begin(app, "a");

	for (int i = 0; i < THRESHOLD; i++)
		attempt(r, CT_EUPSTREAM, 0);
	r->past_circuit = true;
	cr_assert(ct_record_gate(r, "claude").pass, "past the circuit");
	attempt(r, CT_EUPSTREAM, 0);
	cr_assert_eq(circuit(app).failures, THRESHOLD);
	attempt(r, CT_OK, 0);
	cr_assert_eq(circuit(app).state, CT_CIRCUIT_CLOSED);
	free(r);
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
	int rows = 0;

	app->store_err.code = CT_EBUSY; /* it was locked when it was opened */
	cr_assert(ct_record_gate(r, "claude").pass);
	attempt(r, CT_OK, 0);
	ct_record_end(r, &outcome);
	cr_assert_not_null(app->store);
	cr_assert_eq(ct_journal_list(app->store, &filter, count_rows, &rows, NULL), CT_OK);
	cr_assert_eq(rows, 1);
	free(r);
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
		char pass = ct_record_gate(probe, "claude").probe ? 'y' : 'n';
		(void)!write(ready[1], &pass, 1);
		(void)!read(go[0], &pass, 1);
		_exit(0);
	}
	char pass = 0;
	cr_assert_eq(read(ready[0], &pass, 1), 1);
	cr_assert_eq(pass, 'y');
	cr_assert_eq(ct_app_open_store(app, CT_STORE_WRITE, NULL), CT_OK);
	r->entry.process = app->process;
	cr_assert_not(ct_record_gate(r, "claude").pass, "its probe is under way");
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	cr_assert(ct_record_gate(r, "claude").probe, "it died");
	free(r);
	ct_app_destroy(app);
}

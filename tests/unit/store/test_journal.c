#include <signal.h>

#include "base/buf.h"
#include "base/defs.h"
#include "temp_store.h"

TestSuite(journal, .init = make_temp, .fini = remove_temp);

static const int64_t now = 1800000000000;

static struct ct_journal_entry entry_of(const char *id)
{
	return (struct ct_journal_entry){
		.id = ct_str(id),
		.request_id = ct_str(id),
		.provider = ct_str("claude"),
		.model = ct_str("sonnet"),
		.request_data = ct_str("{\"q\":1}"),
		.process = ct_process_self(),
		.created_ms = now,
		.deadline_ms = now + 600000,
	};
}

static const struct ct_journal_outcome done = {
	.completed = true,
	.provider = CT_STR("gemini"),
	.model = CT_STR("flash"),
	.response_data = CT_STR("{\"a\":1}"),
	.attempts = CT_STR("[1]"),
	.duration_ms = 812,
	.ended_ms = 1800000000900,
};

/* The columns of a row, told as one line. */
struct told {
	char text[512];
};

static struct ct_str or_null(struct ct_str s)
{
	return s.ptr != NULL ? s : ct_str("null");
}

static int tell(void *user, const struct ct_log_row *row, struct ct_str attempts)
{
	struct told *told = user;

	snprintf(told->text, sizeof(told->text),
		 "%.*s %.*s %.*s %.*s/%.*s %.*s %.*s %.*s %lld %lld %lld %.*s",
		 CT_STR_ARG(row->request_id), CT_STR_ARG(or_null(row->conversation_id)),
		 CT_STR_ARG(or_null(row->user_id)), CT_STR_ARG(row->provider),
		 CT_STR_ARG(row->model), CT_STR_ARG(row->state),
		 CT_STR_ARG(or_null(row->request_data)),
		 CT_STR_ARG(or_null(row->response_data)), (long long)row->duration_ms,
		 (long long)row->created_ms, (long long)row->updated_ms,
		 CT_STR_ARG(or_null(attempts)));
	return CT_OK;
}

static struct told show(struct ct_store *store, const char *id)
{
	struct told told = { "" };
	struct ct_err err = { 0 };

	cr_assert_eq(ct_journal_show(store, ct_str(id), tell, &told, &err), CT_OK, "%s",
		     err.msg);
	return told;
}

#define PENDING \
	"r1 null null claude/sonnet pending {\"q\":1} null -1 1800000000000 " \
	"1800000000000 null"
#define DONE \
	"r1 null null gemini/flash completed {\"q\":1} {\"a\":1} 812 1800000000000 " \
	"1800000000900 [1]"

Test(journal, has_a_request_as_pending_and_then_with_its_outcome)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = entry_of("r1");

	cr_assert_eq(ct_journal_begin(store, &entry, NULL), CT_OK);
	cr_assert_str_eq(show(store, "r1").text, PENDING);
	cr_assert_eq(ct_journal_end(store, &entry, &done, NULL), CT_OK);
	cr_assert_str_eq(show(store, "r1").text, DONE);
	ct_store_close(store);
}

Test(journal, inserts_what_could_not_be_inserted_before)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = entry_of("r1");

	cr_assert_eq(ct_journal_end(store, &entry, &done, NULL), CT_OK);
	cr_assert_str_eq(show(store, "r1").text, DONE);
	ct_store_close(store);
}

Test(journal, keeps_the_first_outcome)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = entry_of("r1");
	struct ct_journal_outcome other = { .error_data = ct_str("{}"),
					    .ended_ms = now + 5 };

	cr_assert_eq(ct_journal_end(store, &entry, &done, NULL), CT_OK);
	cr_assert_eq(ct_journal_end(store, &entry, &other, NULL), CT_OK);
	cr_assert_str_eq(show(store, "r1").text, DONE);
	ct_store_close(store);
}

Test(journal, names_the_first_candidate_where_the_outcome_names_none)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = entry_of("r1");
	struct ct_journal_outcome failed = { .ended_ms = now + 5, .duration_ms = 5 };

	entry.request_data = (struct ct_str){ NULL, 0 };
	entry.conversation_id = ct_str("c");
	entry.user_id = ct_str("u");
	cr_assert_eq(ct_journal_end(store, &entry, &failed, NULL), CT_OK);
	cr_assert_str_eq(show(store, "r1").text,
			 "r1 c u claude/sonnet failed null null 5 "
			 "1800000000000 1800000000005 null");
	ct_store_close(store);
}

Test(journal, refuses_the_same_request_twice)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = entry_of("r1");
	struct ct_err err = { 0 };

	cr_assert_eq(ct_journal_begin(store, &entry, NULL), CT_OK);
	cr_assert_eq(ct_journal_begin(store, &entry, &err), CT_ESTORE);
	cr_assert_str_eq(show(store, "r1").text, PENDING);
	ct_store_close(store);
}

Test(journal, keeps_digests_of_bodies_over_1_mib)
{
	static const char expected[] =
		"{\"sha256\":"
		"\"4a3f0c0c213adea174f9a3d4c13177315b588bdb2e9c1012d3d0bf0453ca0f6a\","
		"\"bytes\":1048577}";
	static char body[(1 << 20) + 1];
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = entry_of("r1");
	struct ct_journal_outcome outcome = done;

	memset(body, 'a', sizeof(body));
	entry.request_data = (struct ct_str){ body, sizeof(body) - 1 };
	outcome.response_data = (struct ct_str){ body, sizeof(body) };
	cr_assert_eq(ct_journal_end(store, &entry, &outcome, NULL), CT_OK);
	cr_assert_eq(ask(store, "SELECT length(request_data) FROM provider_logs"),
		     1 << 20);
	char sql[256];
	snprintf(sql, sizeof(sql), "SELECT response_data='%s' FROM provider_logs",
		 expected);
	cr_assert_eq(ask(store, sql), 1);
	ct_store_close(store);
}

static struct ct_process in_a_child(pid_t pid)
{
	struct ct_process process = ct_process_self();

	process.pid = pid;
	process.started =
		1; /* long before the child, so that its pid has been another's */
	return process;
}

Test(journal, reaps_what_died_and_only_that)
{
	struct ct_process self = ct_process_self();
	struct ct_process other_ns = self, other_boot = self, nobody = self;
	const struct {
		const char *id;
		struct ct_process process;
		int64_t deadline;
		const char *state;
	} cases[] = {
		{ "ours", self, now + 1, "pending" },
		{ "ours, at its deadline", self, now, "pending" },
		{ "ours, overdue", self, now - 1, "failed" },
		{ "ours, without deadline", self, 0, "pending" },
		{ "its pid was given to another", in_a_child(getppid()), now + 1,
		  "failed" },
		{ "another pid namespace",
		  (other_ns.pid_ns++, other_ns.started++, other_ns), now + 1, "pending" },
		{ "another boot", (other_boot.boot ^= 1, other_boot), now + 1, "failed" },
		{ "no such process", (nobody.pid = 1 << 30, nobody), now + 1, "failed" },
		{ "unknown", { 0 }, now + 1, "pending" },
	};
	struct ct_store *store = open_store(CT_STORE_WRITE);
	char sql[300];

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_journal_entry entry = entry_of(cases[i].id);
		entry.process = cases[i].process;
		entry.deadline_ms = cases[i].deadline;
		cr_assert_eq(ct_journal_begin(store, &entry, NULL), CT_OK);
	}
	cr_assert_eq(ct_journal_reap(store, &self, now, NULL), CT_OK);
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		snprintf(sql, sizeof(sql),
			 "SELECT state='%s' FROM provider_logs WHERE id='%s'",
			 cases[i].state, cases[i].id);
		cr_assert_eq(ask(store, sql), 1, "%s", cases[i].id);
	}
	cr_assert_eq(
		ask(store,
		    "SELECT count(*) FROM provider_logs WHERE state='failed' AND "
		    "error_data->>'code'='interrupted' AND updated_at=1800000000000"),
		4);
	ct_store_close(store);
}

Test(journal, reaps_more_than_one_batch)
{
	struct ct_process self = ct_process_self();
	struct ct_store *store = open_store(CT_STORE_WRITE);
	char id[16];

	cr_assert_eq(ct_store_begin(store, NULL), CT_OK);
	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "%d", i);
		struct ct_journal_entry entry = entry_of(id);
		entry.deadline_ms = now + i % 2 * 10 - 5;
		cr_assert_eq(ct_journal_begin(store, &entry, NULL), CT_OK);
	}
	cr_assert_eq(ct_store_commit(store, NULL), CT_OK);
	cr_assert_eq(ct_journal_reap(store, &self, now, NULL), CT_OK);
	cr_assert_eq(
		ask(store, "SELECT count(*) FROM provider_logs WHERE state='pending'"),
		150);
	ct_store_close(store);
}

Test(journal, does_not_write_when_there_is_nothing_to_reap)
{
	struct ct_process self = ct_process_self();
	struct ct_store *store = open_store(CT_STORE_WRITE),
			*holder = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = entry_of("r1");

	cr_assert_eq(ct_journal_begin(store, &entry, NULL), CT_OK);
	cr_assert_eq(ct_store_begin(holder, NULL), CT_OK);
	ct_store_set_wait(store, 0);
	cr_assert_eq(ct_journal_reap(store, &self, now, NULL), CT_OK);
	ct_store_close(holder);
	ct_store_close(store);
}

Test(journal, takes_the_outcome_of_a_row_wrongly_reaped)
{
	struct ct_process self = ct_process_self();
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = entry_of("r1");
	struct ct_journal_outcome other = { .ended_ms = now + 5 };

	entry.deadline_ms = now - 1;
	cr_assert_eq(ct_journal_begin(store, &entry, NULL), CT_OK);
	cr_assert_eq(ct_journal_reap(store, &self, now, NULL), CT_OK);
	cr_assert_eq(ask(store, "SELECT state='failed' FROM provider_logs"), 1);
	cr_assert_eq(ct_journal_end(store, &entry, &done, NULL), CT_OK);
	cr_assert_str_eq(show(store, "r1").text, DONE);
	cr_assert_eq(ask(store, "SELECT error_data IS NULL FROM provider_logs"), 1);
	cr_assert_eq(ct_journal_end(store, &entry, &other, NULL), CT_OK);
	cr_assert_str_eq(show(store, "r1").text, DONE);
	ct_store_close(store);
}

Test(journal, knows_a_request_whose_process_was_killed_as_interrupted)
{
	int ready[2];
	char byte;

	cr_assert_eq(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		struct ct_store *store = NULL;
		struct ct_journal_entry entry = entry_of("r1");
		if (ct_store_open(temp_path, CT_STORE_WRITE, 60000, &store, NULL) !=
			    CT_OK ||
		    ct_journal_begin(store, &entry, NULL) != CT_OK)
			_exit(1);
		if (write(ready[1], "x", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ready[1]);
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	struct ct_process self = ct_process_self();
	struct ct_store *store = open_store(CT_STORE_WRITE);
	cr_assert_eq(ct_journal_reap(store, &self, now, NULL), CT_OK);
	cr_assert_eq(ask(store, "SELECT state='pending' FROM provider_logs"), 1);
	kill(child, SIGKILL);
	cr_assert_eq(exit_of(child), -1);
	cr_assert_eq(ct_journal_reap(store, &self, now, NULL), CT_OK);
	cr_assert_eq(ask(store, "SELECT state='failed' FROM provider_logs"), 1);
	close(ready[0]);
	ct_store_close(store);
}

Test(journal, and_what_goes_with_it_needs_no_statement_more_when_warm)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = entry_of("warm");
	struct ct_attempt attempt = { .provider = ct_str("gemini"), .model = ct_str("flash"),
				      .started_wall_ms = now };
	struct ct_circuit circuit;
	struct ct_err err = { 0 };

	ct_circuit_warm(store);
	ct_journal_warm(store);
	ct_metrics_warm(store);
	ct_metrics_warm(store); /* again is nothing */
	int count = store->statement_count;
	cr_assert_eq(ct_journal_begin(store, &entry, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_circuit_load(store, "gemini", &circuit, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_metrics_add(store, &attempt, ct_str("warm"), 1, ct_str(NULL), &err), CT_OK,
		     "%s", err.msg);
	cr_assert_eq(ct_journal_end(store, &entry, &done, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(store->statement_count, count);
	cr_assert_eq(ask(store, "SELECT state='completed' FROM provider_logs"), 1);
	ct_store_close(store);
}

#include <signal.h>

#include "temp_store.h"

TestSuite(concurrency, .init = make_temp, .fini = remove_temp);

enum { PROCESSES = 20, REQUESTS = 20 };

/* As a command does it: begin, then the outcome with its attempt in one transaction. */
static int record(struct ct_store *store, const char *id, struct ct_err *err)
{
	struct ct_journal_entry entry = {
		.id = ct_str(id),
		.request_id = ct_str(id),
		.provider = ct_str("claude"),
		.model = ct_str("sonnet"),
		.process = ct_process_self(),
		.created_ms = 1800000000000,
	};
	struct ct_journal_outcome outcome = { .completed = true };
	struct ct_attempt attempt = {
		.provider = entry.provider,
		.model = entry.model,
		.started_wall_ms = entry.created_ms,
		.duration_ms = 50,
		.usage = { .known = true, .input = 1 },
	};
	struct ct_circuit circuit;

	int rc = ct_store_begin(store, err);
	if (rc == CT_OK)
		rc = ct_journal_begin(store, &entry, err);
	if (rc == CT_OK)
		rc = ct_circuit_load(store, "claude", &circuit, err);
	circuit.failures++; /* read and written in one transaction: none may be lost */
	if (rc == CT_OK)
		rc = ct_circuit_save(store, "claude", &circuit, err);
	if (rc == CT_OK)
		rc = ct_store_commit(store, err);
	if (rc == CT_OK)
		rc = ct_store_begin(store, err);
	if (rc == CT_OK)
		rc = ct_journal_end(store, &entry, &outcome, err);
	if (rc == CT_OK)
		rc = ct_metrics_add(store, &attempt, entry.request_id, 1, entry.user_id,
				    err);
	return rc == CT_OK ? ct_store_commit(store, err) : rc;
}

/* Opens for each request anew, as separate commands would. */
static int run_requests(int number)
{
	struct ct_err err = { 0 };
	char id[32];

	for (int i = 0; i < REQUESTS; i++) {
		struct ct_store *store = NULL;
		snprintf(id, sizeof(id), "%d-%d", number, i);
		int rc = ct_store_open(temp_path, CT_STORE_WRITE, 90000, &store, &err);
		if (rc == CT_OK)
			rc = record(store, id, &err);
		ct_store_close(store);
		if (rc != CT_OK) {
			fprintf(stderr, "%s: %d %s\n", id, rc, err.msg);
			return 1;
		}
	}
	return 0;
}

Test(concurrency, many_processes_lose_nothing_on_a_store_that_does_not_exist_yet)
{
	pid_t children[PROCESSES];
	int gate[2];
	char byte;

	cr_assert_eq(pipe(gate), 0);
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			close(gate[1]);
			_exit(read(gate[0], &byte, 1) == 0 ? run_requests(i) : 2);
		}
	}
	close(gate[1]); /* all at once */
	close(gate[0]);
	for (int i = 0; i < PROCESSES; i++)
		cr_assert_eq(exit_of(children[i]), 0, "process %d", i);

	struct ct_store *store = open_store(CT_STORE_READ);
	const int64_t all = PROCESSES * REQUESTS;
	cr_assert_eq(
		ask(store, "SELECT count(*) FROM provider_logs WHERE state='completed'"),
		all);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_metrics"), all);
	cr_assert_eq(ask(store, "SELECT min(requests) FROM provider_rollups"), all);
	cr_assert_eq(ask(store, "SELECT max(input_tokens) FROM provider_rollups"), all);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_rollups"), 2);
	cr_assert_eq(ask(store, "SELECT failures FROM provider_circuits"), all);
	ct_store_close(store);
}

/* Writers that are killed at any point: the store opens and rows and sums agree. */
Test(concurrency, a_killed_writer_leaves_a_store_that_is_whole)
{
	enum { ROUNDS = 15 };
	struct ct_process self = ct_process_self();
	int gate[2];
	char byte;

	for (int i = 0; i < ROUNDS; i++) {
		cr_assert_eq(pipe(gate), 0);
		pid_t child = fork();
		if (child == 0) {
			for (int n = 0;; n++)
				if (run_requests(i * 1000 + n) != 0 ||
				    write(gate[1], "x", 1) != 1)
					_exit(1);
		}
		close(gate[1]);
		if (i % 3 == 0)
			cr_assert_eq(read(gate[0], &byte, 1),
				     1); /* the others: wherever it is */
		kill(child, SIGKILL);
		cr_assert_eq(exit_of(child), -1);
		close(gate[0]);

		struct ct_store *store = open_store(CT_STORE_WRITE);
		cr_assert_eq(ct_journal_reap(store, &self, 1800000000000, NULL), CT_OK);
		cr_assert_eq(
			ask(store,
			    "SELECT count(*) FROM provider_logs WHERE state='pending'"),
			0);
		cr_assert_eq(ask(store,
				 "SELECT (SELECT count(*) FROM provider_metrics)=(SELECT "
				 "count(*) FROM provider_logs WHERE state='completed')"),
			     1);
		cr_assert_eq(ask(store,
				 "SELECT count(*) FROM provider_rollups WHERE requests<>("
				 "SELECT count(*) FROM provider_metrics)"),
			     0);
		cr_assert_eq(
			ask(store,
			    "SELECT integrity_check='ok' FROM pragma_integrity_check"),
			1);
		ct_store_close(store);
	}
}

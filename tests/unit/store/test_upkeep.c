#include "store/upkeep.h"
#include "base/buf.h"
#include "base/defs.h"
#include "temp_store.h"

TestSuite(upkeep, .init = make_temp, .fini = remove_temp);

static const int64_t began = 1800057600000;

/* A finished request with a body of that size, and its attempt. */
static void add(struct ct_store *store, int number, size_t body)
{
	char id[32], *text = malloc(body + 3);
	struct ct_err err = { 0 };

	snprintf(id, sizeof(id), "request-%06d", number);
	memset(text, 'x', body + 2);
	text[0] = text[body + 1] = '"';
	struct ct_journal_entry entry = {
		.id = ct_str(id), .request_id = ct_str(id), .provider = ct_str("claude"),
		.model = ct_str("m"), .request_data = { text, body + 2 },
		.created_ms = began + number * 1000, .deadline_ms = began * 2,
	};
	struct ct_journal_outcome outcome = {
		.completed = true, .provider = ct_str("claude"), .model = ct_str("m"),
		.ended_ms = began + number * 1000,
	};
	struct ct_attempt attempt = { .provider = ct_str("claude"), .model = ct_str("m"),
				      .started_wall_ms = entry.created_ms,
				      .cost_usd_nanos = -1, .first_token_ms = -1 };
	cr_assert_eq(ct_journal_begin(store, &entry, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_journal_end(store, &entry, &outcome, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_metrics_add(store, &attempt, ct_str(id), 1, ct_str(NULL), &err), CT_OK,
		     "%s", err.msg);
	free(text);
}

static void count_problem(void *user, struct ct_str problem)
{
	(void)problem;
	++*(int *)user;
}

static int problems(struct ct_store *store)
{
	int count = 0;

	cr_assert_eq(ct_store_check(store, count_problem, &count, NULL), CT_OK);
	return count;
}

Test(upkeep, says_what_is_in_the_store)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_store_facts facts;

	add(store, 1, 10);
	add(store, 2, 10);
	cr_assert_eq(ct_store_facts(store, &facts, NULL), CT_OK);
	cr_assert_eq(facts.requests, 2);
	cr_assert_eq(facts.attempts, 2);
	cr_assert_eq(facts.oldest_ms, began + 1000);
	cr_assert_eq(facts.newest_ms, began + 2000);
	cr_assert_gt(facts.used_bytes, 0);
	ct_store_close(store);
}

Test(upkeep, finds_statistics_that_do_not_agree_with_the_rows)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);

	add(store, 1, 10);
	cr_assert_eq(problems(store), 0);
	ct_db_exec(store, "UPDATE provider_rollups SET requests=7", NULL);
	cr_assert_eq(problems(store), 1);
	ct_db_exec(store, "DELETE FROM provider_rollups", NULL);
	cr_assert_eq(problems(store), 1);
	ct_store_close(store);
}

static void join_problem(void *user, struct ct_str problem)
{
	struct ct_buf *all = user;

	ct_buf_add(all, problem);
	ct_buf_puts(all, "\n");
}

/* Messages that nobody has a checksum for, of conversation c. */
static void add_messages(struct ct_store *store, int count)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
		 "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM i WHERE n<%d) "
		 "INSERT INTO messages(id,conversation_id,role,content,created_at,checksum) "
		 "SELECT 'm' || n,'c','user','hi',1,'' FROM i", count);
	cr_assert_eq(ct_db_exec(store, sql, NULL), CT_OK);
}

Test(upkeep, names_the_messages_whose_checksums_are_wrong)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf all = CT_BUF_INIT(4096);
	struct ct_store *store = open_store(CT_STORE_WRITE);

	add_messages(store, 2);
	cr_assert_eq(ct_store_check(store, join_problem, &all, NULL), CT_OK);
	cr_assert_str_eq(all.ptr,
			 "message m1 of conversation c is damaged: its checksum is wrong\n"
			 "message m2 of conversation c is damaged: its checksum is wrong\n");
	ct_store_close(store);
}

Test(upkeep, names_a_hundred_damaged_messages_and_counts_the_rest)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf all = CT_BUF_INIT(1 << 20);
	struct ct_store *store = open_store(CT_STORE_WRITE);

	add_messages(store, 130);
	cr_assert_eq(ct_store_check(store, join_problem, &all, NULL), CT_OK);
	cr_assert_not_null(strstr(all.ptr, "message m100 of"));
	cr_assert_null(strstr(all.ptr, "message m101 of"));
	cr_assert_not_null(strstr(all.ptr, "\n30 more messages are damaged\n"));
	ct_store_close(store);
}

/* As an older version made it, opened to be read. */
Test(upkeep, checks_no_message_of_a_store_without_what_checksums_cover)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);

	add_messages(store, 1);
	cr_assert_eq(ct_db_exec(store, "DROP TRIGGER message_parts_deleted;DROP TABLE message_parts", NULL), CT_OK);
	cr_assert_eq(problems(store), 0);
	ct_store_close(store);
}

Test(upkeep, copies_a_store_that_is_in_use)
{
	struct ct_store *store = open_store(CT_STORE_WRITE), *copy = NULL;
	char path[400];

	for (int i = 0; i < 200; i++)
		add(store, i, 2000);
	snprintf(path, sizeof(path), "%s/copy.db", temp_dir);
	cr_assert_eq(ct_store_backup(store, path, NULL), CT_OK);
	add(store, 1000, 10);
	cr_assert_eq(ct_store_open(path, CT_STORE_READ, 1000, &copy, NULL), CT_OK);
	cr_assert_eq(ask(copy, "SELECT count(*) FROM provider_logs"), 200);
	cr_assert_eq(problems(copy), 0);
	ct_store_close(copy);
	snprintf(path, sizeof(path), "%s/none/copy.db", temp_dir);
	cr_assert_eq(ct_store_backup(store, path, NULL), CT_ESTORE);
	ct_store_close(store);
}

Test(upkeep, deletes_what_is_old_and_keeps_the_statistics)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	int64_t deleted = 0;

	for (int i = 0; i < 2500; i++)
		add(store, i, 0);
	int64_t sums = ask(store, "SELECT sum(requests) FROM provider_rollups");
	cr_assert_eq(ct_store_prune(store, began + 2400 * 1000, &deleted, NULL), CT_OK);
	cr_assert_eq(deleted, 2400);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_logs"), 100);
	cr_assert_eq(ask(store, "SELECT sum(requests) FROM provider_rollups"), sums);
	cr_assert_eq(problems(store), 0);
	ct_store_close(store);
}

Test(upkeep, drops_the_oldest_bodies_a_few_at_a_time_until_there_is_room)
{
	static const char with_body[] =
		"SELECT count(*) FROM provider_logs WHERE request_data IS NOT NULL";
	struct ct_store *store = open_store(CT_STORE_WRITE);

	for (int i = 0; i < 100; i++)
		add(store, i, 20000);
	cr_assert_eq(ct_store_trim(store, 100 << 20, NULL), CT_OK);
	cr_assert_eq(ask(store, with_body), 100, "there is room");
	cr_assert_eq(ct_store_trim(store, 3 << 19, NULL), CT_OK);
	cr_assert_eq(ask(store, with_body), 68, "bounded writes");
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_logs WHERE request_data IS NULL "
				"AND rowid<=32"),
		     32, "the oldest");
	for (int i = 0; i < 10; i++)
		cr_assert_eq(ct_store_trim(store, 3 << 19, NULL), CT_OK);
	int64_t left = ask(store, with_body);
	cr_assert(left > 30 && left < 60, "%lld are left: no more went than had to",
		  (long long)left);
	cr_assert_eq(ct_store_trim(store, 0, NULL), CT_OK, "no ceiling");
	cr_assert_eq(ask(store, with_body), left);
	ct_store_close(store);
}

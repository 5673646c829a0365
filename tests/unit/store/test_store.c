#include <errno.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/defs.h"
#include "temp_store.h"

TestSuite(store, .init = make_temp, .fini = remove_temp);

/* What opening answers, the store closed again. */
static int try_open(enum ct_store_mode mode, int64_t wait_ms, struct ct_err *err)
{
	struct ct_store *store = NULL;
	int rc = ct_store_open(temp_path, mode, wait_ms, &store, err);

	cr_assert_eq(rc == CT_OK, store != NULL);
	ct_store_close(store);
	return rc;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0, "%s", path);
	return st.st_mode & 0777;
}

static int yields;

/* In place of libc's. */
int sched_yield(void)
{
	yields++;
	return 0;
}

Test(store, gives_way_to_others_within_a_statement_where_that_is_asked_for)
{
	static const char long_one[] = "CREATE TABLE numbers AS WITH RECURSIVE n(x) AS "
				       "(SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x<300000) "
				       "SELECT sum(x) AS total FROM n";
	struct ct_store *store = open_store(CT_STORE_WRITE);
	int64_t total = 0;

	cr_assert_eq(ct_db_exec(store, long_one, NULL), CT_OK);
	cr_expect_eq(yields, 0);
	ct_store_give_way(store);
	cr_assert_eq(ct_db_exec(store, "DROP TABLE numbers", NULL), CT_OK);
	cr_assert_eq(ct_db_exec(store, long_one, NULL), CT_OK);
	cr_expect_gt(yields, 1);
	cr_assert_eq(ct_db_pragma(store, "SELECT total FROM numbers", &total, NULL), CT_OK);
	cr_expect_eq(total, 300000LL * 300001 / 2);
	ct_store_close(store);
}

Test(store, is_made_with_its_folders_for_the_owner_alone)
{
	char deep[310], name[330];

	umask(0);
	snprintf(deep, sizeof(deep), "%s/a/b", temp_dir);
	snprintf(temp_path, sizeof(temp_path), "%.290s/s.db", deep);
	struct ct_store *store = open_store(CT_STORE_WRITE);
	cr_assert_eq(mode_of(deep), 0700);
	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", temp_path,
			 (const char *[]){ "", "-wal", "-shm" }[i]);
		if (i == 0 || access(name, F_OK) == 0) /* no log where TMPDIR is remote */
			cr_assert_eq(mode_of(name), 0600, "%s", name);
	}
	ct_store_close(store);
}

Test(store, has_the_public_columns_in_their_order)
{
	static const char logs[] =
		"id,request_id,conversation_id,user_id,provider,model,state,"
		"request_data,response_data,error_data,duration,created_at,"
		"updated_at";
	static const char metrics[] =
		"id,provider,model,input_tokens,output_tokens,total_tokens,"
		"duration,success,created_at";
	struct ct_store *store = open_store(CT_STORE_WRITE);
	char sql[512];

	for (int i = 0; i < 2; i++) {
		snprintf(sql, sizeof(sql),
			 "SELECT instr(group_concat(name),'%s')=1 FROM "
			 "pragma_table_info('%s')",
			 i == 0 ? logs : metrics,
			 i == 0 ? "provider_logs" : "provider_metrics");
		cr_assert_eq(ask(store, sql), 1, "%s", sql);
	}
	ct_store_close(store);
}

Test(store, opens_names_that_mean_something_else_to_sqlite)
{
	static const char *const names[] = { ":memory:", "file:x?mode=memory",
					     "a?b#c%20d" };

	cr_assert_eq(chdir(temp_dir), 0);
	for (size_t i = 0; i < CT_COUNT(names); i++) {
		snprintf(temp_path, sizeof(temp_path), "%s", names[i]);
		ct_store_close(open_store(CT_STORE_WRITE));
		cr_assert_eq(access(names[i], F_OK), 0, "%s", names[i]);
		ct_store_close(open_store(CT_STORE_READ));
	}
}

Test(store, that_is_missing_is_not_made_by_a_reader)
{
	struct ct_err err = { 0 };

	cr_assert_eq(try_open(CT_STORE_READ, 0, &err), CT_ESTORE);
	cr_assert_neq(err.hint[0], '\0');
	cr_assert_not_null(strstr(err.msg, temp_path), "%s", err.msg);
	cr_assert_eq(access(temp_path, F_OK), -1);
}

Test(store, says_what_is_wrong_with_a_file_it_cannot_use)
{
	static const struct {
		const char *name, *text, *expected;
		enum ct_store_mode mode;
	} cases[] = {
		{ "text, written", "This is a letter to my aunt, not a database.\n",
		  "not an SQLite database", CT_STORE_WRITE },
		{ "text, read", "This is a letter to my aunt, not a database.\n",
		  "not an SQLite database", CT_STORE_READ },
		{ "empty, read", "", "it is empty", CT_STORE_READ },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		write_text(cases[i].text, strlen(cases[i].text));
		cr_assert_eq(try_open(cases[i].mode, 0, &err), CT_ESTORE, "%s",
			     cases[i].name);
		cr_assert_not_null(strstr(err.msg, cases[i].expected), "%s: %s",
				   cases[i].name, err.msg);
		cr_assert_not_null(strstr(err.msg, temp_path), "%s: %s", cases[i].name,
				   err.msg);
		cr_assert_eq(file_size(""), (off_t)strlen(cases[i].text), "%s",
			     cases[i].name);
	}
}

Test(store, refuses_what_is_no_regular_file_without_waiting_for_it)
{
	struct ct_err err = { 0 };

	cr_assert_eq(mkfifo(temp_path, 0600), 0);
	cr_assert_eq(try_open(CT_STORE_WRITE, 0, &err), CT_ESTORE);
	unlink(temp_path);
	cr_assert_eq(mkdir(temp_path, 0700), 0);
	cr_assert_eq(try_open(CT_STORE_WRITE, 0, &err), CT_ESTORE);
	cr_assert_not_null(strstr(err.msg, strerror(EISDIR)), "%s", err.msg);
	snprintf(temp_path + strlen(temp_path), 8, "/x/y");
	rmdir(temp_path);
	snprintf(temp_path, sizeof(temp_path), "/proc/self/status/s.db");
	cr_assert_eq(try_open(CT_STORE_WRITE, 0, &err), CT_ESTORE);
}

Test(store, fills_an_empty_file)
{
	write_text("", 0);
	struct ct_store *store = open_store(CT_STORE_WRITE);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_logs"), 0);
	ct_store_close(store);
}

Test(store, leaves_another_programs_database_alone)
{
	sqlite3 *db;
	struct ct_err err = { 0 };

	for (int version = 0; version < 10; version += 9) {
		char sql[128];
		unlink(temp_path);
		cr_assert_eq(sqlite3_open(temp_path, &db), SQLITE_OK);
		snprintf(sql, sizeof(sql), "CREATE TABLE mine(x);PRAGMA user_version=%d",
			 version);
		cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		cr_assert_eq(try_open(CT_STORE_WRITE, 0, &err), CT_ESTORE, "version %d",
			     version);
		cr_assert_not_null(strstr(err.msg, "another program"), "%s", err.msg);
	}
}

Test(store, of_a_newer_version_is_read_but_not_written)
{
	struct ct_err err = { 0 };
	struct ct_store *store = open_store(CT_STORE_WRITE);

	run(store, "PRAGMA user_version=999");
	ct_store_close(store);
	cr_assert_eq(try_open(CT_STORE_WRITE, 0, &err), CT_ESTORE);
	cr_assert_not_null(strstr(err.msg, "newer"), "%s", err.msg);
	cr_assert_eq(try_open(CT_STORE_READ, 0, &err), CT_OK, "%s", err.msg);
}

static void add_circuits(struct ct_store *store, int count)
{
	struct ct_circuit circuit = { .failures = 1 };
	char name[32];

	memset(circuit.last_error, 'x', 200);
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		cr_assert_eq(ct_circuit_save(store, name, &circuit, NULL), CT_OK);
	}
}

Test(store, that_was_truncated_is_reported_as_damaged)
{
	struct ct_err err = { 0 };
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_circuit circuit;

	add_circuits(store, 200);
	run(store, "PRAGMA wal_checkpoint(TRUNCATE)");
	ct_store_close(store);
	cr_assert_eq(truncate(temp_path, 8192), 0);
	int rc = ct_store_open(temp_path, CT_STORE_READ, 0, &store, &err);
	if (rc == CT_OK)
		rc = ct_circuit_load(store, "p1", &circuit, &err);
	cr_assert_eq(rc, CT_ESTORE);
	cr_assert_not_null(strstr(err.msg, "damaged"), "%s", err.msg);
	cr_assert_neq(err.hint[0], '\0');
	ct_store_close(store);
}

Test(store, that_is_full_says_so_and_goes_on_when_there_is_room)
{
	struct ct_err err = { 0 };
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = { .id = ct_str("a"), .request_id = ct_str("b") };
	static char body[500000];

	memset(body, ' ', sizeof(body));
	entry.request_data = (struct ct_str){ body, sizeof(body) };
	run(store, "PRAGMA max_page_count=40");
	cr_assert_eq(ct_journal_begin(store, &entry, &err), CT_ESTORE);
	cr_assert_not_null(strstr(err.msg, "no space"), "%s", err.msg);
	run(store, "PRAGMA max_page_count=100000");
	cr_assert_eq(ct_journal_begin(store, &entry, &err), CT_OK, "%s", err.msg);
	ct_store_close(store);
}

Test(store, refuses_the_rest_of_a_transaction_that_failed_half_way)
{
	struct ct_err err = { 0 };
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = { .id = ct_str("a"), .request_id = ct_str("b") };
	struct ct_circuit circuit = { .failures = 3 };

	cr_assert_eq(ct_store_begin(store, &err), CT_OK);
	run(store, "ROLLBACK"); /* as SQLite does by itself when a disk is full */
	cr_assert_eq(ct_journal_begin(store, &entry, &err), CT_ESTORE);
	cr_assert_eq(ct_circuit_save(store, "claude", &circuit, &err), CT_ESTORE);
	cr_assert_eq(ct_store_commit(store, &err), CT_ESTORE);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_logs"), 0);
	cr_assert_eq(ct_journal_begin(store, &entry, &err), CT_OK, "%s", err.msg);
	ct_store_close(store);
}

/* In a child, since the limit cannot be raised again. */
Test(store, survives_a_disk_that_takes_no_more)
{
	struct ct_err err = { 0 };

	ct_store_close(open_store(CT_STORE_WRITE));
	pid_t child = fork();
	if (child == 0) {
		rlim_t most = (rlim_t)file_size("-wal") + 65536;
		struct rlimit limit = { most, most };
		struct ct_store *store;
		struct ct_circuit circuit = { .failures = 1 };
		int rc = CT_OK;
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		rc = ct_store_open(temp_path, CT_STORE_WRITE, 0, &store, &err);
		for (int i = 0; i < 100 && rc == CT_OK; i++)
			rc = ct_circuit_save(store, "claude", &circuit, &err);
		ct_store_close(store);
		_exit(rc == CT_ESTORE && strstr(err.msg, temp_path) != NULL ? 0 : 1);
	}
	cr_assert_eq(exit_of(child), 0);
	struct ct_store *store = open_store(CT_STORE_WRITE);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_circuits"), 1);
	ct_store_close(store);
}

Test(store, held_by_another_for_longer_than_the_wait_is_busy)
{
	struct ct_err err = { 0 };
	struct ct_store *holder = open_store(CT_STORE_WRITE),
			*store = open_store(CT_STORE_WRITE);

	cr_assert_eq(ct_store_begin(holder, &err), CT_OK);
	ct_store_set_wait(store, 150);
	int64_t began = ct_clock_us();
	cr_assert_eq(ct_store_begin(store, &err), CT_EBUSY);
	cr_assert_geq(ct_clock_us() - began, 140000);
	cr_assert_not_null(strstr(err.msg, temp_path), "%s", err.msg);

	cr_assert_leq(store->wait_left_us, 0, "the wait is spent until it is set again");
	cr_assert_eq(ct_store_begin(store, &err), CT_EBUSY);
	ct_store_rollback(holder);
	cr_assert_eq(ct_store_begin(store, &err), CT_OK, "%s", err.msg);
	ct_store_close(store);
	ct_store_close(holder);
}

Test(store, that_another_holds_opens_all_the_same)
{
	struct ct_err err = { 0 };
	struct ct_store *holder = open_store(CT_STORE_WRITE);

	cr_assert_eq(ct_store_begin(holder, &err), CT_OK);
	cr_assert_eq(try_open(CT_STORE_WRITE, 0, &err), CT_OK, "%s", err.msg);
	cr_assert_eq(try_open(CT_STORE_READ, 0, &err), CT_OK, "%s", err.msg);
	ct_store_close(holder);
}

Test(store, shows_a_transaction_whole_or_not_at_all)
{
	struct ct_err err = { 0 };
	struct ct_store *store = open_store(CT_STORE_WRITE),
			*other = open_store(CT_STORE_READ);

	cr_assert_eq(ct_store_begin(store, &err), CT_OK);
	add_circuits(store, 2);
	cr_assert_eq(ask(other, "SELECT count(*) FROM provider_circuits"), 0);
	cr_assert_eq(ct_store_commit(store, &err), CT_OK);
	cr_assert_eq(ask(other, "SELECT count(*) FROM provider_circuits"), 2);
	cr_assert_eq(ct_store_begin(store, &err), CT_OK);
	add_circuits(store, 9);
	ct_store_rollback(store);
	cr_assert_eq(ask(other, "SELECT count(*) FROM provider_circuits"), 2);
	ct_store_close(other);
	ct_store_close(store);
}

Test(store, opened_for_reading_is_not_written)
{
	struct ct_err err = { 0 };
	struct ct_circuit circuit = { .failures = 1 };

	ct_store_close(open_store(CT_STORE_WRITE));
	off_t size = file_size(""), log = file_size("-wal");
	struct ct_store *store = open_store(CT_STORE_READ);
	cr_assert_eq(ct_circuit_save(store, "claude", &circuit, &err), CT_ESTORE);
	cr_assert_not_null(strstr(err.msg, "only be read"), "%s", err.msg);
	ct_store_close(store);
	cr_assert_eq(file_size(""), size);
	cr_assert_eq(file_size("-wal"), log);
}

/* Root may write anywhere, so a child that is nobody looks. 0: as expected. */
static int look_as_nobody(void)
{
	struct ct_err err = { 0 };
	struct ct_store *store;
	struct ct_circuit circuit;

	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 1;
	if (ct_store_open(temp_path, CT_STORE_WRITE, 0, &store, &err) != CT_ESTORE)
		return 2;
	if (strstr(err.msg, strerror(EACCES)) == NULL)
		return 3;
	if (ct_store_open(temp_path, CT_STORE_READ, 0, &store, &err) != CT_OK)
		return 4;
	int rc = ct_circuit_load(store, "p1", &circuit, &err);
	ct_store_close(store);
	return rc == CT_OK && circuit.failures == 1 ? 0 : 5;
}

Test(store, in_a_folder_that_cannot_be_written_is_read)
{
	for (int keep_log = 0; keep_log < 2; keep_log++) {
		struct ct_store *store = open_store(CT_STORE_WRITE);
		char name[320];
		add_circuits(store, 2);
		if (!keep_log)
			run(store, "PRAGMA wal_checkpoint(TRUNCATE)");
		ct_store_close(store);
		chmod(temp_path, 0444);
		for (int i = 0; i < 2; i++) {
			snprintf(name, sizeof(name), "%s%s", temp_path,
				 i == 0 ? "-wal" : "-shm");
			cr_assert((keep_log ? chmod(name, 0444) : unlink(name)) == 0 ||
				  errno == ENOENT);
		}
		chmod(temp_dir, 0555);
		pid_t child = fork();
		if (child == 0)
			_exit(look_as_nobody());
		int code = exit_of(child);
		cr_assert_eq(code, 0, "log kept: %d: %d", keep_log, code);
		chmod(temp_dir, 0700);
		chmod(temp_path, 0600);
	}
}

Test(store, log_stays_small_when_one_process_follows_the_other)
{
	static char body[400000];
	char id[32];
	struct ct_err err = { 0 };

	memset(body, 'x', sizeof(body));
	for (int i = 0; i < 40; i++) {
		struct ct_store *store = open_store(CT_STORE_WRITE);
		snprintf(id, sizeof(id), "%d", i);
		struct ct_journal_entry entry = { .id = ct_str(id),
						  .request_id = ct_str(id),
						  .request_data = { body,
								    sizeof(body) } };
		cr_assert_eq(ct_journal_begin(store, &entry, &err), CT_OK, "%s", err.msg);
		ct_store_close(store);
		cr_assert_leq(file_size("-wal"), 2 << 20, "after %d: %lld", i,
			      (long long)file_size("-wal"));
	}
}

/* Of a process that ends without taking its memory down. */
Test(store, that_is_left_keeps_all_and_its_log_small)
{
	static char body[400000];
	char id[32];
	struct ct_err err = { 0 };
	int status;

	memset(body, 'x', sizeof(body));
	for (int i = 0; i < 12; i++) {
		pid_t child = fork();
		if (child == 0) {
			struct ct_store *store = open_store(CT_STORE_WRITE);
			snprintf(id, sizeof(id), "%d", i);
			struct ct_journal_entry entry = { .id = ct_str(id),
							  .request_id = ct_str(id),
							  .request_data = { body, sizeof(body) } };
			int rc = ct_journal_begin(store, &entry, &err);
			if (rc == CT_OK)
				rc = ct_store_begin(store, &err); /* never committed */
			ct_store_leave(store);
			_exit(rc == CT_OK ? 0 : 1);
		}
		cr_assert_eq(waitpid(child, &status, 0), child);
		cr_assert_eq(status, 0);
		cr_assert_leq(file_size("-wal"), 2 << 20, "after %d", i);
	}
	struct ct_store *store = open_store(CT_STORE_READ);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_logs"), 12);
	ct_store_close(store);
	ct_store_leave(NULL);
}

Test(store, takes_network_file_systems_for_what_they_are)
{
	cr_assert(ct_db_is_remote(NFS_SUPER_MAGIC));
	cr_assert(ct_db_is_remote(0xFF534D42)); /* CIFS */
	cr_assert(ct_db_is_remote(0xFE534D42)); /* SMB2 */
	cr_assert(ct_db_is_remote(V9FS_MAGIC));
	cr_assert(ct_db_is_remote(FUSE_SUPER_MAGIC));
	cr_assert_not(ct_db_is_remote(EXT4_SUPER_MAGIC));
	cr_assert_not(ct_db_is_remote(TMPFS_MAGIC));
}

Test(store, keeps_the_path_out_of_the_way_of_absurd_names)
{
	struct ct_store *store;
	struct ct_err err = { 0 };
	char *name = malloc(10000);

	memset(name, 'n', 9999);
	name[9999] = '\0';
	cr_assert_eq(ct_store_open(name, CT_STORE_WRITE, 0, &store, &err), CT_ESTORE);
	cr_assert_eq(ct_store_open("", CT_STORE_WRITE, 0, &store, &err), CT_ESTORE);
	free(name);
}

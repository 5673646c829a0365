#include "store/conversation.h"
#include "store/journal.h"
#include "temp_store.h"

TestSuite(migrate, .init = make_temp, .fini = remove_temp);

extern const char ct_sql_0001_first[];

/* A store as the first version left it, with a request in it. */
static void make_first_version(void)
{
	sqlite3 *db;

	cr_assert_eq(sqlite3_open(temp_path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, ct_sql_0001_first, NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db,
				  "PRAGMA application_id=0x63617274;PRAGMA user_version=1;"
				  "PRAGMA journal_mode=WAL;"
				  "INSERT INTO provider_logs(id,request_id,provider,model,state,"
				  "created_at,updated_at) VALUES('a','the-request-of-old','p','m','completed',1,1)",
				  NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static int count_row(void *user, const struct ct_conversation_row *row)
{
	(void)row;
	++*(int *)user;
	return CT_OK;
}

static int count_hit(void *user, const struct ct_conversation_hit *hit)
{
	(void)hit;
	++*(int *)user;
	return CT_OK;
}

Test(migrate, an_older_store_that_is_only_read_has_no_conversations)
{
	const char *const words[] = { "x" };
	struct ct_conversation_search search = { .words = words, .word_count = 1 };
	struct ct_conversation_filter filter = { .limit = 0 };
	struct ct_str nobody = { NULL, 0 };
	char id[CT_UUID_SIZE];
	int count = 0;

	make_first_version();
	struct ct_store *store = open_store(CT_STORE_READ);
	cr_assert_eq(ct_conversation_list(store, &filter, count_row, &count, NULL), CT_OK);
	cr_assert_eq(ct_conversation_search(store, &search, count_hit, &count, NULL), CT_OK);
	cr_assert_eq(count, 0);
	cr_assert_eq(ct_conversation_find(store, ct_str("last"), nobody, id, NULL), CT_EINVALID);
	cr_assert_eq(ct_conversation_find(store, ct_str("a"), nobody, id, NULL), CT_EINVALID);
	ct_store_close(store);
}

static int take_id(void *user, const struct ct_log_row *row, struct ct_str attempts)
{
	(void)attempts;
	snprintf(user, CT_UUID_SIZE, "%.*s", CT_STR_ARG(row->request_id));
	return CT_OK;
}

Test(migrate, endings_find_what_an_older_store_held)
{
	char id[CT_UUID_SIZE] = "";

	make_first_version();
	ct_store_close(open_store(CT_STORE_WRITE));
	struct ct_store *store = open_store(CT_STORE_READ);
	cr_assert_eq(ct_journal_show(store, ct_str("request-of-old"), take_id, id, NULL), CT_OK);
	cr_assert_str_eq(id, "the-request-of-old");
	cr_assert_eq(ct_journal_show(store, ct_str("old"), take_id, id, NULL), CT_OK);
	cr_assert_eq(ask(store, "SELECT count(*) FROM pragma_table_xinfo('provider_logs') "
				"WHERE name LIKE '%tail'"), 0);
	ct_store_close(store);
}

static int write_one(int number)
{
	struct ct_store *store = NULL;
	char sql[160];

	snprintf(sql, sizeof(sql),
		 "INSERT INTO conversations(id,title,created_at,updated_at) VALUES('c%d','',1,1)",
		 number);
	int rc = ct_store_open(temp_path, CT_STORE_WRITE, 90000, &store, NULL);
	if (rc == CT_OK)
		rc = ct_db_exec(store, sql, NULL);
	ct_store_close(store);
	return rc == CT_OK ? 0 : 1;
}

Test(migrate, a_hundred_processes_bring_an_older_store_up_to_date_together)
{
	enum { PROCESSES = 100 };
	pid_t children[PROCESSES];
	int gate[2];
	char byte;

	make_first_version();
	cr_assert_eq(pipe(gate), 0);
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			close(gate[1]);
			_exit(read(gate[0], &byte, 1) == 0 ? write_one(i) : 2);
		}
	}
	close(gate[1]); /* all at once */
	close(gate[0]);
	for (int i = 0; i < PROCESSES; i++)
		cr_assert_eq(exit_of(children[i]), 0, "process %d", i);
	struct ct_store *store = open_store(CT_STORE_READ);
	cr_assert_eq(ask(store, "SELECT count(*) FROM conversations"), PROCESSES);
	cr_assert_eq(ask(store, "SELECT count(*) FROM provider_logs"), 1, "nothing is lost");
	ct_store_close(store);
}

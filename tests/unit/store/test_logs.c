#include "base/defs.h"
#include "temp_store.h"

static struct ct_store *store;

/* row: id, provider, user, conversation, failed. The nth was created at n. */
static const struct {
	const char *id, *provider, *user, *conversation;
	bool failed;
} rows[] = {
	{ "1", "claude", "ann", "c1", false }, { "2", "gemini", NULL, "c1", true },
	{ "3", "claude", "bob", "c2", true },  { "4", "openai", "ann", NULL, false },
	{ "5", "gemini", "ann", "c1", false }, { "6", "claude", "ann", NULL, true },
};

static void add(const char *id, const char *request_id, int64_t created_ms)
{
	struct ct_journal_entry entry = { .id = ct_str(id),
					  .request_id = ct_str(request_id),
					  .created_ms = created_ms };

	cr_assert_eq(ct_journal_begin(store, &entry, NULL), CT_OK);
}

static void init(void)
{
	make_temp();
	store = open_store(CT_STORE_WRITE);
	for (size_t i = 0; i < CT_COUNT(rows); i++) {
		struct ct_journal_entry entry = {
			.id = ct_str(rows[i].id),
			.request_id = ct_str(rows[i].id),
			.user_id = ct_str(rows[i].user),
			.provider = ct_str(rows[i].provider),
			.created_ms = (int64_t)i + 1,
			.conversation_id = ct_str(rows[i].conversation),
		};
		struct ct_journal_outcome outcome = { .completed = !rows[i].failed };
		cr_assert_eq(ct_journal_end(store, &entry, &outcome, NULL), CT_OK);
	}
}

static void fini(void)
{
	ct_store_close(store);
	remove_temp();
}

TestSuite(logs, .init = init, .fini = fini);

struct seen {
	char ids[128];
	int reply;
};

static int record(void *user, const struct ct_log_row *row, int64_t rowid)
{
	struct seen *seen = user;
	size_t used = strlen(seen->ids);

	cr_assert_gt(rowid, 0);
	snprintf(seen->ids + used, sizeof(seen->ids) - used, "%.*s", CT_STR_ARG(row->id));
	return seen->reply;
}

#define S(text) CT_STR(text)

Test(logs, are_listed_newest_first_as_far_as_they_fit)
{
	static const struct {
		struct ct_log_filter filter;
		const char *expected;
	} cases[] = {
		{ { 0 }, "654321" },
		{ { .limit = 2 }, "65" },
		{ { .limit = 100 }, "654321" },
		{ { .failed = true }, "632" },
		{ { .provider = S("claude") }, "631" },
		{ { .provider = S("claude"), .limit = 1 }, "6" },
		{ { .provider = S("claude"), .failed = true }, "63" },
		{ { .provider = S("nobody") }, "" },
		{ { .provider = S("") }, "" },
		{ { .user_id = S("ann") }, "6541" },
		{ { .user_id = S("ann"), .failed = true }, "6" },
		{ { .user_id = S("ann"), .provider = S("gemini") }, "5" },
		{ { .conversation_id = S("c1") }, "521" },
		{ { .conversation_id = S("c1"), .user_id = S("ann") }, "51" },
		{ { .conversation_id = S("c1"), .provider = S("gemini"), .failed = true },
		  "2" },
		{ { .since_ms = 4 }, "654" },
		{ { .since_ms = 4, .provider = S("claude") }, "6" },
		{ { .since_ms = 3, .failed = true }, "63" },
		{ { .since_ms = 100 }, "" },
		{ { .after_rowid = 4 }, "56" },
		{ { .after_rowid = 1, .limit = 2 }, "23" },
		{ { .after_rowid = 1, .provider = S("gemini") }, "25" },
		{ { .after_rowid = 1, .failed = true, .user_id = S("bob") }, "3" },
		{ { .provider = S("' OR 1=1 --") }, "" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct seen seen = { "", CT_OK };
		struct ct_err err = { 0 };
		int rc = ct_journal_list(store, &cases[i].filter, record, &seen, &err);
		cr_assert_eq(rc, CT_OK, "case %zu: %s", i, err.msg);
		cr_assert_str_eq(seen.ids, cases[i].expected, "case %zu: %s", i,
				 seen.ids);
	}
}

Test(logs, end_with_the_callbacks_code)
{
	struct ct_log_filter all = { 0 };
	struct seen seen = { "", CT_ECANCELLED };

	cr_assert_eq(ct_journal_list(store, &all, record, &seen, NULL), CT_ECANCELLED);
	cr_assert_str_eq(seen.ids, "6");
}

Test(logs, that_began_at_one_time_are_listed_last_written_first)
{
	struct ct_log_filter two = { .limit = 2 };
	struct seen seen = { "", CT_OK };

	add("x", "x", 50);
	add("y", "y", 50);
	cr_assert_eq(ct_journal_list(store, &two, record, &seen, NULL), CT_OK);
	cr_assert_str_eq(seen.ids, "yx");
}

static int keep_id(void *user, const struct ct_log_row *row, struct ct_str attempts)
{
	(void)attempts;
	snprintf(user, 64, "%.*s", CT_STR_ARG(row->id));
	return CT_OK;
}

Test(logs, show_a_request_by_the_unique_ending_of_either_id)
{
	static const struct {
		const char *id, *expected; /* NULL: none or several */
	} cases[] = {
		{ "last", "0190b5a4-1111-7abc-8def-00000000abcd" },
		{ "0190b5a4-1111-7abc-8def-00000000abcd",
		  "0190b5a4-1111-7abc-8def-00000000abcd" },
		{ "0190b5a4-2222-7abc-8def-00000000abce",
		  "0190b5a4-1111-7abc-8def-00000000abcd" },
		{ "abcd", "0190b5a4-1111-7abc-8def-00000000abcd" },
		{ "abce", "0190b5a4-1111-7abc-8def-00000000abcd" },
		{ "0000abcd", "0190b5a4-1111-7abc-8def-00000000abcd" },
		{ "def-00000000abcd", "0190b5a4-1111-7abc-8def-00000000abcd" },
		{ "f00-00000000abcd", NULL }, /* its last eight fit, the rest does not */
		{ "777", "0190b5a4-3333-7abc-8def-111111111777" },
		{ "1777", NULL }, /* of two */
		{ "5555-7abc-8def-111111111777", "0190b5a4-5555-7abc-8def-111111111777" },
		{ "2", "2" }, /* a whole id, though another ends so */
		{ "99-2", "9999-2" },
		{ "", NULL },
		{ "zzzz", NULL },
		{ "%", NULL },
		{ "0", NULL },
		{ "\xC3\xBC", NULL },
		{ "0190b5a4", NULL }, /* a beginning */
	};

	add("9999-2", "9999-2", 6);
	add("0190b5a4-3333-7abc-8def-111111111777",
	    "0190b5a4-4444-7abc-8def-111111112222", 7);
	add("0190b5a4-1111-7abc-8def-00000000abcd",
	    "0190b5a4-2222-7abc-8def-00000000abce", 90);
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		char id[64] = "";
		struct ct_err err = { 0 };
		if (strcmp(cases[i].id, "1777") == 0)
			add("0190b5a4-5555-7abc-8def-111111111777", "k", 8);
		int rc = ct_journal_show(store, ct_str(cases[i].id), keep_id, id, &err);
		cr_assert_eq(rc, cases[i].expected != NULL ? CT_OK : CT_EINVALID,
			     "'%s': %d %s", cases[i].id, rc, err.msg);
		if (cases[i].expected != NULL)
			cr_assert_str_eq(id, cases[i].expected, "'%s': %s", cases[i].id,
					 id);
	}
}

Test(logs, show_no_last_request_of_an_empty_store)
{
	char id[64];

	run(store, "DELETE FROM provider_logs");
	cr_assert_eq(ct_journal_show(store, ct_str("last"), keep_id, id, NULL),
		     CT_EINVALID);
}

Test(logs, find_endings_through_indices)
{
	sqlite3_stmt *stmt;
	char plan[1024] = "";

	sqlite3_prepare_v2(store->db,
			   "EXPLAIN QUERY PLAN SELECT rowid FROM provider_logs WHERE "
			   "substr(request_id,-8)=substr(?1,-8)",
			   -1, &stmt, NULL);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		strncat(plan, (const char *)sqlite3_column_text(stmt, 3), 500);
	sqlite3_finalize(stmt);
	cr_assert_not_null(strstr(plan, "INDEX logs_ending"), "%s", plan);
}

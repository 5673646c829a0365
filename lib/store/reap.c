#include "base/defs.h"
#include "store/db.h"
#include "store/journal.h"

enum { BATCH = 128 };

struct found {
	int count;
	struct {
		int64_t rowid;
		bool overdue; /* else its process is gone */
	} rows[BATCH];
};

static struct ct_process process_of(sqlite3_stmt *row)
{
	return (struct ct_process){
		.pid = sqlite3_column_int64(row, 2),
		.started = sqlite3_column_int64(row, 3),
		.pid_ns = sqlite3_column_int64(row, 4),
		.boot = sqlite3_column_int64(row, 5),
	};
}

static bool is_same(const struct ct_process *a, const struct ct_process *b)
{
	return a->pid == b->pid && a->started == b->started && a->pid_ns == b->pid_ns &&
	       a->boot == b->boot;
}

/* Asking about a process costs a file of /proc, and one process may have a thousand rows. */
struct judge {
	const struct ct_process *self;
	int64_t now_ms;
	struct ct_process last; /* judged */
	bool last_is_dead;
};

static bool is_gone(struct judge *judge, sqlite3_stmt *row)
{
	struct ct_process process = process_of(row);

	if (is_same(&process, judge->self))
		return false;
	if (!is_same(&process, &judge->last)) {
		judge->last = process;
		judge->last_is_dead = ct_process_is_dead(&process, judge->self);
	}
	return judge->last_is_dead;
}

static void judge_row(struct judge *judge, sqlite3_stmt *row, struct found *found)
{
	int64_t deadline = sqlite3_column_int64(row, 1);
	bool overdue = deadline > 0 && deadline < judge->now_ms;

	if (!overdue && !is_gone(judge, row))
		return;
	found->rows[found->count].rowid = sqlite3_column_int64(row, 0);
	found->rows[found->count].overdue = overdue;
	found->count++;
}

static int find(struct ct_store *store, struct judge *judge, struct found *found,
		struct ct_err *err)
{
	static const char sql[] =
		"SELECT rowid,deadline,pid,started,pid_ns,boot FROM "
		"provider_logs INDEXED BY logs_pending WHERE state='pending'";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err), code = SQLITE_DONE;

	found->count = 0;
	if (rc != CT_OK)
		return rc;
	while (found->count < BATCH && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		judge_row(judge, stmt, found);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

/* Between our look and now it may have got its outcome after all: hence the state. */
static int mark(struct ct_store *store, const struct found *found, int64_t now_ms,
		struct ct_err *err)
{
	static const char sql[] = "UPDATE provider_logs SET "
				  "state='failed',reaped=1,updated_at=?1,error_data=?2 "
				  "WHERE rowid=?3 AND state='pending'";
	static const char gone[] = "{\"code\":\"interrupted\",\"message\":\"the process "
				   "that made the request "
				   "ended before its outcome was recorded\"}";
	static const char overdue[] = "{\"code\":\"interrupted\",\"message\":\"the "
				      "request's time was over before "
				      "its outcome was recorded\"}";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	for (int i = 0; i < found->count && rc == CT_OK; i++) {
		sqlite3_bind_int64(stmt, 1, now_ms);
		ct_db_bind(stmt, 2, ct_str(found->rows[i].overdue ? overdue : gone));
		sqlite3_bind_int64(stmt, 3, found->rows[i].rowid);
		rc = ct_db_run(store, stmt, err);
	}
	return rc;
}

int ct_journal_reap(struct ct_store *store, const struct ct_process *self, int64_t now_ms,
		    struct ct_err *err)
{
	struct judge judge = { .self = self, .now_ms = now_ms };
	struct found found;
	bool own;
	int rc;

	do {
		rc = find(store, &judge, &found, err);
		if (rc != CT_OK || found.count == 0)
			return rc;
		rc = ct_db_enter(store, &own, err);
		if (rc != CT_OK)
			return rc;
		rc = ct_db_leave(store, own, mark(store, &found, now_ms, err), err);
	} while (rc == CT_OK && found.count == BATCH);
	return rc;
}

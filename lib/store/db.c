#include "store/db.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/uuid.h"

static const char *explain(sqlite3 *db, int code)
{
	int cause = sqlite3_system_errno(db);

	switch (code & 0xFF) {
	case SQLITE_NOTADB:
		return "it is not an SQLite database";
	case SQLITE_CORRUPT:
		return "it is damaged";
	case SQLITE_FULL:
		return "no space is left";
	case SQLITE_READONLY:
		return "it can only be read";
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return cause != 0 ? strerror(cause) : sqlite3_errstr(code);
	default:
		return sqlite3_errmsg(db);
	}
}

static void advise(int code, struct ct_err *err)
{
	switch (code & 0xFF) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		ct_hint(err, "move the file away to begin a new one, or name another "
			     "with --db");
		break;
	case SQLITE_FULL:
		ct_hint(err, "make room on its disk, or name another place with --db");
		break;
	default:
		break;
	}
}

int ct_db_fail(struct ct_store *store, const char *doing, struct ct_err *err)
{
	int code = sqlite3_extended_errcode(store->db);

	switch (code & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL: /* lost the race for the log's index too often */
		return ct_fail(err, CT_EBUSY,
			       "cannot %s the store %s: another process has locked it",
			       doing, store->path);
	default:
		ct_fail(err, CT_ESTORE, "cannot %s the store %s: %s", doing, store->path,
			explain(store->db, code));
		advise(code, err);
		return CT_ESTORE;
	}
}

/*
 * Between 0.1 ms and 10 ms, doubled with each look and spread evenly, so that a hundred
 * processes do not come back together. SQLite's own handler sleeps up to 100 ms.
 */
bool ct_db_wait(struct ct_store *store, int n)
{
	uint32_t random;
	int64_t most = n < 7 ? 100LL << n : 10000;

	if (store->wait_left_us <= 0)
		return false;
	if (most > store->wait_left_us)
		most = store->wait_left_us;
	ct_random(&random, sizeof(random));

	int64_t began = ct_clock_us(), sleep_us = 1 + random % most;
	struct timespec ts = { 0, sleep_us * 1000 };
	nanosleep(&ts, NULL);
	store->wait_left_us -= ct_clock_us() - began;
	return true;
}

int ct_db_statement(struct ct_store *store, const char *sql, sqlite3_stmt **out,
		    struct ct_err *err)
{
	struct ct_statement *s = store->statements;

	for (int i = 0; i < store->statement_count; i++, s++) {
		if (s->sql == sql) {
			*out = s->stmt;
			sqlite3_clear_bindings(s->stmt);
			return CT_OK;
		}
	}
	assert(store->statement_count < CT_DB_STATEMENTS);
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt,
			       NULL) != SQLITE_OK)
		return ct_db_fail(store, "use", err);
	s->sql = sql;
	store->statement_count++;
	*out = s->stmt;
	return CT_OK;
}

/* Nobody waits for this, so it waits for nobody. */
void ct_db_warm(struct ct_store *store, const char *const *sql)
{
	int64_t wait_left_us = store->wait_left_us;
	sqlite3_stmt *stmt;

	store->wait_left_us = 0;
	while (*sql != NULL && ct_db_statement(store, *sql, &stmt, NULL) == CT_OK)
		sql++;
	store->wait_left_us = wait_left_us;
}

int ct_db_run(struct ct_store *store, sqlite3_stmt *stmt, struct ct_err *err)
{
	int code = sqlite3_step(stmt);
	int rc = code == SQLITE_DONE ? CT_OK : ct_db_fail(store, "write", err);

	sqlite3_reset(stmt);
	return rc;
}

int ct_db_exec(struct ct_store *store, const char *sql, struct ct_err *err)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return CT_OK;
	return ct_db_fail(store, "write", err);
}

int ct_db_pragma(struct ct_store *store, const char *sql, int64_t *out,
		 struct ct_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = CT_OK;

	if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		rc = ct_db_fail(store, "read", err);
	else
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return rc;
}

void ct_db_bind(sqlite3_stmt *stmt, int at, struct ct_str value)
{
	sqlite3_bind_text64(stmt, at, value.ptr, value.len, SQLITE_STATIC, SQLITE_UTF8);
}

void ct_db_bind_text(sqlite3_stmt *stmt, int at, struct ct_str value)
{
	ct_db_bind(stmt, at, value.ptr != NULL ? value : ct_str(""));
}

struct ct_str ct_db_str(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	/* bytes after text: the other order could convert in between */
	return (struct ct_str){ text, text != NULL
					      ? (size_t)sqlite3_column_bytes(stmt, column)
					      : 0 };
}

int ct_db_enter(struct ct_store *store, bool *own, struct ct_err *err)
{
	*own = !store->begun;
	if (*own)
		return ct_store_begin(store, err);
	/* SQLite itself rolls back when the disk is full or broken */
	if (sqlite3_get_autocommit(store->db))
		return ct_fail(
			err, CT_ESTORE,
			"cannot write the store %s: its transaction has failed before",
			store->path);
	return CT_OK;
}

int ct_db_leave(struct ct_store *store, bool own, int rc, struct ct_err *err)
{
	if (own && rc == CT_OK)
		return ct_store_commit(store, err);
	if (own)
		ct_store_rollback(store);
	return rc;
}

int ct_db_change(struct ct_store *store, const char *sql, struct ct_str value,
		 struct ct_err *err)
{
	sqlite3_stmt *stmt;
	bool own;

	int rc = ct_db_enter(store, &own, err);
	if (rc != CT_OK)
		return rc;
	rc = ct_db_statement(store, sql, &stmt, err);
	if (rc == CT_OK) {
		ct_db_bind(stmt, 1, value);
		rc = ct_db_run(store, stmt, err);
	}
	return ct_db_leave(store, own, rc, err);
}

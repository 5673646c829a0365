/*
 * Inside the store: the connection, its statements and how SQLite's failures become ours.
 * Nobody outside lib/store and its tests includes this.
 *
 * Statements are prepared when first used and kept until close. Every function that
 * runs one resets it before it returns: a statement left open would hold a lock.
 */
#ifndef CT_STORE_DB_H
#define CT_STORE_DB_H

#include <sqlite3.h>

#include "store/store.h"

enum { CT_DB_STATEMENTS = 64 };

struct ct_store {
	sqlite3 *db;
	char *path; /* as a message shows it and SQLite takes it: absolute or begins with ./ */
	enum ct_store_mode mode;
	int64_t wait_left_us; /* of the wait that was set */
	int64_t gave_way_us; /* when its thread offered the core to others last */
	bool begun; /* between ct_store_begin() and its commit or rollback */
	int wal_pages; /* in the log after our last commit */
	int statement_count;
	struct ct_statement {
		const char *sql; /* a literal: compared by address */
		sqlite3_stmt *stmt;
	} statements[CT_DB_STATEMENTS];
};

/* What the last call on store->db answered, as CT_EBUSY or CT_ESTORE. doing: "read", "write". */
int ct_db_fail(struct ct_store *store, const char *doing, struct ct_err *err);

/* Sleep once before the nth look at a lock (from 0); false when no wait is left. */
bool ct_db_wait(struct ct_store *store, int n);

/* The statement of a literal, without bindings, borrowed until close. */
int ct_db_statement(struct ct_store *store, const char *sql, sqlite3_stmt **out,
		    struct ct_err *err);

/* Prepare them, NULL after the last, for who will want them soon. What fails will say so then. */
void ct_db_warm(struct ct_store *store, const char *const *sql);

/* Step a statement that answers no rows, and reset it. */
int ct_db_run(struct ct_store *store, sqlite3_stmt *stmt, struct ct_err *err);

/* Run SQL without parameters or rows. */
int ct_db_exec(struct ct_store *store, const char *sql, struct ct_err *err);

/* {NULL, 0} is bound as NULL; or, by the second, as ''. Views until the statement is reset. */
void ct_db_bind(sqlite3_stmt *stmt, int at, struct ct_str value);
void ct_db_bind_text(sqlite3_stmt *stmt, int at, struct ct_str value);

/* {NULL, 0} for NULL; a view until the next step or reset. */
struct ct_str ct_db_str(sqlite3_stmt *stmt, int column);

/*
 * Around what must be seen at once: joins the caller's transaction where there is one, else
 * makes one. *own goes back to leave, which ends what enter began: commits when rc is CT_OK,
 * else rolls back, and answers rc or the failure to commit.
 */
int ct_db_enter(struct ct_store *store, bool *own, struct ct_err *err);
int ct_db_leave(struct ct_store *store, bool own, int rc, struct ct_err *err);
/* One statement around which both stand; value is its ?1. */
int ct_db_change(struct ct_store *store, const char *sql, struct ct_str value,
		 struct ct_err *err);

/* Journal mode, and the schema brought up to date (migrate.c). */
int ct_db_migrate(struct ct_store *store, struct ct_err *err);

/* PRAGMA user_version or application_id as it stands. */
int ct_db_pragma(struct ct_store *store, const char *sql, int64_t *out,
		 struct ct_err *err);

/* Is a file system of that statfs type shared over a network, or cannot be known not to be? */
bool ct_db_is_remote(int64_t fs_type);

#endif

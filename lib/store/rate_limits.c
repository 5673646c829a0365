#include "store/rate_limits.h"

#include "store/db.h"

#define COLUMNS \
	"at_wall,at_boot_ms,at_boot,ahead_us,interval_us,serial,told_wall,told_boot_ms," \
	"told_boot,lasts_ms,bound,teller"

/* Another tool may have written anything: nothing of it is negative, or near an overflow. */
static int64_t number_at(sqlite3_stmt *stmt, int column)
{
	int64_t value = sqlite3_column_int64(stmt, column);

	if (value < 0)
		return 0;
	return value < INT64_MAX / 4 ? value : INT64_MAX / 4;
}

static struct ct_time time_at(sqlite3_stmt *stmt, int column)
{
	return (struct ct_time){
		.wall_ms = number_at(stmt, column),
		.boot_ms = number_at(stmt, column + 1),
		.boot = sqlite3_column_int64(stmt, column + 2),
	};
}

static void read_limit(sqlite3_stmt *stmt, struct ct_limit *out)
{
	*out = (struct ct_limit){
		.at = time_at(stmt, 0),
		.ahead_us = number_at(stmt, 3),
		.interval_us = number_at(stmt, 4),
		.serial = number_at(stmt, 5),
		.told = time_at(stmt, 6),
		.lasts_ms = number_at(stmt, 9),
		.bound = number_at(stmt, 10),
		.teller = number_at(stmt, 11),
	};
}

/* A store that is only read may be older than this table. */
static int is_known(struct ct_store *store, bool *known, struct ct_err *err)
{
	int64_t tables = 1;
	int rc = CT_OK;

	if (store->mode == CT_STORE_READ)
		rc = ct_db_pragma(store,
				  "SELECT count(*) FROM sqlite_schema WHERE name='rate_limits'",
				  &tables, err);
	*known = rc == CT_OK && tables > 0;
	return rc;
}

int ct_limit_load(struct ct_store *store, struct ct_str key, struct ct_limit *out,
		  struct ct_err *err)
{
	static const char sql[] = "SELECT " COLUMNS " FROM rate_limits WHERE key=?1";
	sqlite3_stmt *stmt;
	bool known;
	int rc = is_known(store, &known, err);

	*out = (struct ct_limit){ 0 };
	if (!known)
		return rc;
	rc = ct_db_statement(store, sql, &stmt, err);
	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 1, key);
	int code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		read_limit(stmt, out);
	else if (code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

static void bind_time(sqlite3_stmt *stmt, int at, struct ct_time time)
{
	sqlite3_bind_int64(stmt, at, time.wall_ms);
	sqlite3_bind_int64(stmt, at + 1, time.boot_ms);
	sqlite3_bind_int64(stmt, at + 2, time.boot);
}

/* When no slot is held, and what was said is over. */
static int64_t idle_at(const struct ct_limit *limit)
{
	int64_t used = limit->at.wall_ms + limit->ahead_us / 1000;
	int64_t told = limit->told.wall_ms + limit->lasts_ms;

	return used > told ? used : told;
}

static int write_limit(struct ct_store *store, struct ct_str key, const struct ct_limit *limit,
		       struct ct_err *err)
{
	static const char sql[] =
		"REPLACE INTO rate_limits(key," COLUMNS ",idle_at)VALUES(?1,?2,?3,?4,?5,?6,"
		"?7,?8,?9,?10,?11,?12,?13,?14)";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 1, key);
	bind_time(stmt, 2, limit->at);
	sqlite3_bind_int64(stmt, 5, limit->ahead_us);
	sqlite3_bind_int64(stmt, 6, limit->interval_us);
	sqlite3_bind_int64(stmt, 7, limit->serial);
	bind_time(stmt, 8, limit->told);
	sqlite3_bind_int64(stmt, 11, limit->lasts_ms);
	sqlite3_bind_int64(stmt, 12, limit->bound);
	sqlite3_bind_int64(stmt, 13, limit->teller);
	sqlite3_bind_int64(stmt, 14, idle_at(limit));
	return ct_db_run(store, stmt, err);
}

/* Users come and go: of those whom nobody has seen for a day, two go for each that comes. */
static int forget_idle(struct ct_store *store, int64_t now_ms, struct ct_err *err)
{
	static const char sql[] =
		"DELETE FROM rate_limits WHERE key IN(SELECT key FROM rate_limits "
		"WHERE idle_at<?1-86400000 ORDER BY idle_at LIMIT 2)";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, now_ms);
	return ct_db_run(store, stmt, err);
}

int ct_limit_save(struct ct_store *store, struct ct_str key, const struct ct_limit *limit,
		  struct ct_err *err)
{
	bool own;
	int rc = ct_db_enter(store, &own, err);

	if (rc != CT_OK)
		return rc;
	if (limit->serial == 1)
		rc = forget_idle(store, limit->at.wall_ms, err);
	if (rc == CT_OK)
		rc = write_limit(store, key, limit, err);
	return ct_db_leave(store, own, rc, err);
}

int ct_limits_forget_told(struct ct_store *store, const char *provider, struct ct_err *err)
{
	static const char sql[] = "UPDATE rate_limits SET lasts_ms=0 "
				  "WHERE ?1 IS NULL OR key='provider:'||?1";

	return ct_db_change(store, sql, ct_str(provider), err);
}

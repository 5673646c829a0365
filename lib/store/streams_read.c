/* What is kept of sessions, for those who look at them. */
#include "store/db.h"
#include "store/streams.h"

#define COLUMNS \
	"id,session_id,request_id,user_id,provider,model,metadata,content,state,error_code," \
	"torn,pid,started,pid_ns,boot,tokens,deadline,created_at,ended_at,first_event"

static struct ct_kept_session session_of(sqlite3_stmt *row)
{
	return (struct ct_kept_session){
		.id = sqlite3_column_int64(row, 0),
		.session_id = ct_db_str(row, 1),
		.request_id = ct_db_str(row, 2),
		.user_id = ct_db_str(row, 3),
		.provider = ct_db_str(row, 4),
		.model = ct_db_str(row, 5),
		.metadata = ct_db_str(row, 6),
		.content = sqlite3_column_int64(row, 7) != 0,
		.state = ct_db_str(row, 8),
		.error_code = ct_db_str(row, 9),
		.torn = sqlite3_column_int64(row, 10) != 0,
		.process = { sqlite3_column_int64(row, 11), sqlite3_column_int64(row, 12),
			     sqlite3_column_int64(row, 13), sqlite3_column_int64(row, 14) },
		.tokens = sqlite3_column_int64(row, 15),
		.deadline_ms = sqlite3_column_int64(row, 16),
		.created_ms = sqlite3_column_int64(row, 17),
		.ended_ms = sqlite3_column_int64(row, 18),
		.first_event = sqlite3_column_int64(row, 19),
	};
}

/* A store that is only read may be older than this. */
static bool has_sessions(struct ct_store *store)
{
	int64_t count = 0;

	return ct_db_pragma(store,
			    "SELECT count(*) FROM sqlite_schema WHERE name='stream_events'",
			    &count, NULL) == CT_OK &&
	       count > 0;
}

struct look {
	ct_kept_session_fn *fn;
	void *user;
	int count; /* of the rows */
};

/* Each row of a query, until fn has enough. */
static int each(struct ct_store *store, sqlite3_stmt *stmt, struct look *look,
		struct ct_err *err)
{
	int code = SQLITE_DONE, rc = CT_OK;

	while (rc == CT_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct ct_kept_session session = session_of(stmt);
		look->count++;
		rc = look->fn(look->user, &session);
	}
	if (rc == CT_OK && code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

int ct_streams_running(struct ct_store *store, ct_kept_session_fn *fn, void *user,
		       struct ct_err *err)
{
	static const char sql[] = "SELECT " COLUMNS " FROM stream_sessions INDEXED BY"
				  " stream_sessions_running WHERE state='running'"
				  " ORDER BY id DESC";
	struct look look = { fn, user, 0 };
	sqlite3_stmt *stmt;

	if (!has_sessions(store))
		return CT_OK;
	int rc = ct_db_statement(store, sql, &stmt, err);
	return rc == CT_OK ? each(store, stmt, &look, err) : rc;
}

int ct_streams_find(struct ct_store *store, struct ct_str session_id, ct_kept_session_fn *fn,
		    void *user, struct ct_err *err)
{
	static const char sql[] = "SELECT " COLUMNS " FROM stream_sessions WHERE session_id=?1"
				  " ORDER BY id DESC LIMIT 1";
	struct look look = { fn, user, 0 };
	sqlite3_stmt *stmt;
	int rc = CT_OK;

	if (has_sessions(store)) {
		rc = ct_db_statement(store, sql, &stmt, err);
		if (rc != CT_OK)
			return rc;
		ct_db_bind(stmt, 1, session_id);
		rc = each(store, stmt, &look, err);
	}
	if (rc == CT_OK && look.count == 0)
		return ct_fail(err, CT_EINVALID, "there is no session '%.100s' in the store",
			       session_id.ptr);
	return rc;
}

int ct_streams_get(struct ct_store *store, int64_t id, ct_kept_session_fn *fn, void *user,
		   struct ct_err *err)
{
	static const char sql[] = "SELECT " COLUMNS " FROM stream_sessions WHERE id=?1";
	struct look look = { fn, user, 0 };
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, id);
	rc = each(store, stmt, &look, err);
	if (rc == CT_OK && look.count == 0)
		return ct_fail(err, CT_EINVALID, "the session is no longer in the store");
	return rc;
}

int ct_streams_is_completed(struct ct_store *store, struct ct_str session_id, bool *completed,
			    struct ct_err *err)
{
	static const char sql[] = "SELECT 1 FROM stream_sessions WHERE session_id=?1 AND"
				  " state='completed' LIMIT 1";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	*completed = false;
	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 1, session_id);
	int code = sqlite3_step(stmt);
	*completed = code == SQLITE_ROW;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

int ct_streams_read(struct ct_store *store, int64_t id, int64_t after, ct_kept_events_fn *fn,
		    void *user, struct ct_err *err)
{
	static const char sql[] = "SELECT n,events FROM stream_events WHERE n>?2 AND session=?1"
				  " ORDER BY n";
	sqlite3_stmt *stmt;
	int code = SQLITE_DONE, rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_int64(stmt, 2, after);
	while (rc == CT_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = fn(user, sqlite3_column_int64(stmt, 0), ct_db_str(stmt, 1));
	if (rc == CT_OK && code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

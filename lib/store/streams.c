#include "store/streams.h"

#include "store/db.h"

enum { SWEEP_ROWS = 400, REAP_ROWS = 128 };

int ct_streams_begin(struct ct_store *store, const struct ct_kept_session *s, int64_t *id,
		     struct ct_err *err)
{
	static const char sql[] =
		"INSERT INTO stream_sessions(session_id,request_id,user_id,provider,model,metadata,"
		"content,state,pid,started,pid_ns,boot,deadline,created_at,first_event)"
		" VALUES(?1,?2,?3,?4,?5,?6,?7,'running',?8,?9,?10,?11,?12,?13,"
		"ifnull((SELECT max(n) FROM stream_events),0))";
	const struct ct_str texts[] = { s->session_id, s->request_id, s->user_id,
					s->provider,   s->model,      s->metadata };
	const int64_t numbers[] = { s->content,	     s->process.pid,  s->process.started,
				    s->process.pid_ns, s->process.boot, s->deadline_ms,
				    s->created_ms };
	sqlite3_stmt *stmt;
	int at = 1, rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	for (size_t i = 0; i < CT_COUNT(texts); i++)
		ct_db_bind(stmt, at++, texts[i]);
	for (size_t i = 0; i < CT_COUNT(numbers); i++)
		sqlite3_bind_int64(stmt, at++, numbers[i]);
	rc = ct_db_run(store, stmt, err);
	*id = sqlite3_last_insert_rowid(store->db);
	return rc;
}

int ct_streams_start(struct ct_store *store, int64_t id, const struct ct_kept_session *s,
		     struct ct_err *err)
{
	static const char sql[] =
		"UPDATE stream_sessions SET request_id=?2,provider=?3,model=?4 WHERE id=?1";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, id);
	ct_db_bind(stmt, 2, s->request_id);
	ct_db_bind(stmt, 3, s->provider);
	ct_db_bind(stmt, 4, s->model);
	return ct_db_run(store, stmt, err);
}

int ct_streams_append(struct ct_store *store, int64_t id, struct ct_str events,
		      struct ct_err *err)
{
	static const char sql[] = "INSERT INTO stream_events(session,events) VALUES(?1,?2)";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, id);
	ct_db_bind(stmt, 2, events);
	return ct_db_run(store, stmt, err);
}

int ct_streams_end(struct ct_store *store, int64_t id, const struct ct_session_end *end,
		   struct ct_err *err)
{
	/* one that was wrongly taken for interrupted has its outcome after all */
	static const char sql[] =
		"UPDATE stream_sessions SET state=?2,error_code=?3,torn=?4,tokens=?5,ended_at=?6,"
		"stop=0,last_event=ifnull((SELECT max(n) FROM stream_events),0) WHERE id=?1";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, id);
	ct_db_bind(stmt, 2, ct_str(end->completed ? "completed" : "failed"));
	ct_db_bind(stmt, 3, ct_str(end->error_code));
	sqlite3_bind_int64(stmt, 4, end->torn);
	sqlite3_bind_int64(stmt, 5, end->tokens);
	sqlite3_bind_int64(stmt, 6, end->ended_ms);
	return ct_db_run(store, stmt, err);
}

struct dead {
	const struct ct_process *self;
	int64_t now_ms;
	struct ct_process last; /* judged */
	bool last_is_dead;
	int64_t ids[REAP_ROWS];
	size_t count;
};

static bool is_same(const struct ct_process *a, const struct ct_process *b)
{
	return a->pid == b->pid && a->started == b->started && a->pid_ns == b->pid_ns &&
	       a->boot == b->boot;
}

/* One process may have thousands of sessions; asking about it costs a file of /proc. */
static int judge(void *user, const struct ct_kept_session *s)
{
	struct dead *d = user;

	if (!is_same(&s->process, &d->last)) {
		d->last = s->process;
		d->last_is_dead = ct_process_is_dead(&s->process, d->self);
	}
	if ((d->last_is_dead || s->deadline_ms < d->now_ms) && d->count < REAP_ROWS)
		d->ids[d->count++] = s->id;
	return CT_OK;
}

static int reap_some(struct ct_store *store, struct dead *dead, struct ct_err *err)
{
	bool own;
	int rc = ct_db_enter(store, &own, err);
	struct ct_session_end end = { .error_code = "interrupted", .ended_ms = dead->now_ms };

	if (rc != CT_OK)
		return rc;
	for (size_t i = 0; i < dead->count && rc == CT_OK; i++)
		rc = ct_streams_end(store, dead->ids[i], &end, err);
	return ct_db_leave(store, own, rc, err);
}

int ct_streams_reap(struct ct_store *store, const struct ct_process *self, int64_t now_ms,
		    struct ct_err *err)
{
	struct dead dead = { .self = self, .now_ms = now_ms };
	int rc;

	do {
		dead.count = 0;
		rc = ct_streams_running(store, judge, &dead, err);
		if (rc == CT_OK && dead.count > 0)
			rc = reap_some(store, &dead, err);
	} while (rc == CT_OK && dead.count == REAP_ROWS);
	return rc;
}

/* Where the rows that are looked at now end; 0: there are none. */
static int sweep_to(struct ct_store *store, int64_t from, int64_t *to, struct ct_err *err)
{
	/* the newest row stays: its number must not be given out again */
	static const char sql[] =
		"SELECT ifnull(max(n),0) FROM (SELECT n FROM stream_events WHERE n>?1 AND"
		" n<(SELECT max(n) FROM stream_events) ORDER BY n LIMIT ?2)";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, SWEEP_ROWS);
	int code = sqlite3_step(stmt);
	*to = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

int ct_streams_sweep(struct ct_store *store, int64_t before_ms, int64_t *cursor, bool *more,
		     struct ct_err *err)
{
	static const char sql[] =
		"DELETE FROM stream_events WHERE n>?1 AND n<=?2 AND NOT EXISTS (SELECT 1 FROM"
		" stream_sessions AS s WHERE s.id=session AND (s.ended_at IS NULL OR"
		" s.ended_at>=?3))";
	sqlite3_stmt *stmt;
	int64_t to;
	int rc = sweep_to(store, *cursor, &to, err);

	*more = false;
	if (rc != CT_OK || to == 0)
		return rc;
	rc = ct_db_statement(store, sql, &stmt, err);
	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, *cursor);
	sqlite3_bind_int64(stmt, 2, to);
	sqlite3_bind_int64(stmt, 3, before_ms);
	rc = ct_db_run(store, stmt, err);
	/* in order of time: where nothing was old, nothing after it is */
	*more = rc == CT_OK && sqlite3_changes(store->db) > 0;
	*cursor = to;
	return rc;
}

int ct_streams_prune(struct ct_store *store, int64_t before_ms, struct ct_err *err)
{
	static const char sql[] = "DELETE FROM stream_sessions WHERE ended_at<?1";
	int64_t cursor = 0;
	bool more = true;
	sqlite3_stmt *stmt;
	int rc = CT_OK;

	while (rc == CT_OK && more)
		rc = ct_streams_sweep(store, before_ms, &cursor, &more, err);
	if (rc == CT_OK)
		rc = ct_db_statement(store, sql, &stmt, err);
	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, before_ms);
	return ct_db_run(store, stmt, err);
}

int ct_streams_stop(struct ct_store *store, struct ct_str session_id, int64_t *count,
		    struct ct_err *err)
{
	static const char sql[] = "UPDATE stream_sessions SET stop=1 WHERE session_id=?1 AND"
				  " state='running'";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	*count = 0;
	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 1, session_id);
	rc = ct_db_run(store, stmt, err);
	if (rc == CT_OK)
		*count = sqlite3_changes(store->db);
	return rc;
}

int ct_streams_stopped(struct ct_store *store, const struct ct_process *p, int64_t *ids,
		       size_t room, size_t *count, struct ct_err *err)
{
	static const char sql[] =
		"SELECT id FROM stream_sessions INDEXED BY stream_sessions_stopped WHERE stop=1 AND"
		" state='running' AND pid=?1 AND started=?2 AND pid_ns=?3 AND boot=?4 LIMIT ?5";
	sqlite3_stmt *stmt;
	int code, rc = ct_db_statement(store, sql, &stmt, err);

	*count = 0;
	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, p->pid);
	sqlite3_bind_int64(stmt, 2, p->started);
	sqlite3_bind_int64(stmt, 3, p->pid_ns);
	sqlite3_bind_int64(stmt, 4, p->boot);
	sqlite3_bind_int64(stmt, 5, (int64_t)room);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW && *count < room)
		ids[(*count)++] = sqlite3_column_int64(stmt, 0);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

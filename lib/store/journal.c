#include "store/journal.h"

#include <stdio.h>

#include "codec/sha256.h"
#include "store/db.h"

enum { BODY_MOST = 1 << 20, DIGEST_SIZE = 128 };

/* The body as it is kept: itself, or its digest in text[DIGEST_SIZE]. */
static struct ct_str shorten(struct ct_str body, char *text)
{
	char hex[CT_SHA256_HEX_SIZE];

	if (body.len <= BODY_MOST)
		return body;
	snprintf(text, DIGEST_SIZE, "{\"sha256\":\"%s\",\"bytes\":%zu}",
		 ct_sha256_hex(hex, body), body.len);
	return ct_str(text);
}

/* Parameters 1 to 11 of both statements below. request: as it is kept. */
static void bind_entry(sqlite3_stmt *stmt, const struct ct_journal_entry *entry,
		       struct ct_str request)
{
	ct_db_bind(stmt, 1, entry->id);
	ct_db_bind(stmt, 2, entry->request_id);
	ct_db_bind(stmt, 3, entry->conversation_id);
	ct_db_bind(stmt, 4, entry->user_id);
	ct_db_bind(stmt, 5, request);
	sqlite3_bind_int64(stmt, 6, entry->created_ms);
	sqlite3_bind_int64(stmt, 7, entry->process.pid);
	sqlite3_bind_int64(stmt, 8, entry->process.started);
	sqlite3_bind_int64(stmt, 9, entry->process.pid_ns);
	sqlite3_bind_int64(stmt, 10, entry->process.boot);
	sqlite3_bind_int64(stmt, 11, entry->deadline_ms);
}

#define ENTRY_COLUMNS \
	"INSERT INTO provider_logs(id,request_id,conversation_id,user_id,request_data," \
	"created_at,pid,started,pid_ns,boot,deadline,provider,model,state,updated_at"

static const char begin_sql[] = ENTRY_COLUMNS
	")VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,'pending',?6)";

int ct_journal_begin(struct ct_store *store, const struct ct_journal_entry *entry,
		     struct ct_err *err)
{
	char digest[DIGEST_SIZE];
	struct ct_str request = shorten(entry->request_data, digest);
	sqlite3_stmt *stmt;
	bool own;

	int rc = ct_db_enter(store, &own, err);
	if (rc != CT_OK)
		return rc;
	rc = ct_db_statement(store, begin_sql, &stmt, err);
	if (rc == CT_OK) {
		bind_entry(stmt, entry, request);
		ct_db_bind_text(stmt, 12, entry->provider);
		ct_db_bind_text(stmt, 13, entry->model);
		rc = ct_db_run(store, stmt, err);
	}
	return ct_db_leave(store, own, rc, err);
}

struct bodies {
	char request_digest[DIGEST_SIZE], response_digest[DIGEST_SIZE];
	char error_digest[DIGEST_SIZE], attempts_digest[DIGEST_SIZE];
	struct ct_str request, response, error, attempts;
};

static void shorten_all(struct bodies *bodies, const struct ct_journal_entry *entry,
			const struct ct_journal_outcome *outcome)
{
	bodies->request = shorten(entry->request_data, bodies->request_digest);
	bodies->response = shorten(outcome->response_data, bodies->response_digest);
	bodies->error = shorten(outcome->error_data, bodies->error_digest);
	bodies->attempts = shorten(outcome->attempts, bodies->attempts_digest);
}

static struct ct_str either(struct ct_str first, struct ct_str second)
{
	return first.ptr != NULL ? first : second;
}

/* Parameters 12 to 19 of the statements below. */
static void bind_outcome(sqlite3_stmt *stmt, const struct ct_journal_entry *entry,
			 const struct ct_journal_outcome *outcome,
			 const struct bodies *bodies)
{
	ct_db_bind_text(stmt, 12, either(outcome->provider, entry->provider));
	ct_db_bind_text(stmt, 13, either(outcome->model, entry->model));
	ct_db_bind(stmt, 14, ct_str(outcome->completed ? "completed" : "failed"));
	sqlite3_bind_int64(stmt, 15, outcome->ended_ms);
	ct_db_bind(stmt, 16, bodies->response);
	ct_db_bind(stmt, 17, bodies->error);
	ct_db_bind(stmt, 18, bodies->attempts);
	sqlite3_bind_int64(stmt, 19, outcome->duration_ms);
}

#define OPEN_ROW "state='pending' OR reaped"

static const char end_sql[] =
	"UPDATE provider_logs SET provider=?12,model=?13,state=?14,updated_at=?15,"
	"response_data=?16,error_data=?17,attempts=?18,duration=?19,reaped=0 "
	"WHERE request_id=?2 AND(" OPEN_ROW ")";

/* The row that ct_journal_begin() made. *done: it was there. */
static int end_begun(struct ct_store *store, const struct ct_journal_entry *entry,
		     const struct ct_journal_outcome *outcome,
		     const struct bodies *bodies, bool *done, struct ct_err *err)
{
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, end_sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 2, entry->request_id);
	bind_outcome(stmt, entry, outcome, bodies);
	rc = ct_db_run(store, stmt, err);
	*done = rc == CT_OK && sqlite3_changes(store->db) > 0;
	return rc;
}

static int end_unbegun(struct ct_store *store, const struct ct_journal_entry *entry,
		       const struct ct_journal_outcome *outcome,
		       const struct bodies *bodies, struct ct_err *err)
{
	static const char sql[] = ENTRY_COLUMNS
		",response_data,error_data,attempts,duration)VALUES(?1,?2,?3,?4,?5,?6,?7,"
		"?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)"
		"ON CONFLICT(request_id)DO NOTHING"; /* it has an outcome */
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	bind_entry(stmt, entry, bodies->request);
	bind_outcome(stmt, entry, outcome, bodies);
	return ct_db_run(store, stmt, err);
}

int ct_journal_end(struct ct_store *store, const struct ct_journal_entry *entry,
		   const struct ct_journal_outcome *outcome, struct ct_err *err)
{
	struct bodies bodies;
	bool own, done = false;

	int rc = ct_db_enter(store, &own, err);
	if (rc != CT_OK)
		return rc;
	shorten_all(&bodies, entry, outcome);
	/* nearly always: and to prepare it costs a third of what the other does */
	rc = end_begun(store, entry, outcome, &bodies, &done, err);
	if (rc == CT_OK && !done)
		rc = end_unbegun(store, entry, outcome, &bodies, err);
	return ct_db_leave(store, own, rc, err);
}

void ct_journal_warm(struct ct_store *store)
{
	ct_db_warm(store, (const char *const[]){ begin_sql, end_sql, NULL });
}

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

int ct_journal_begin(struct ct_store *store, const struct ct_journal_entry *entry,
		     struct ct_err *err)
{
	static const char sql[] = ENTRY_COLUMNS
		")VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,'pending',?6)";
	char digest[DIGEST_SIZE];
	struct ct_str request = shorten(entry->request_data, digest);
	sqlite3_stmt *stmt;
	bool own;

	int rc = ct_db_enter(store, &own, err);
	if (rc != CT_OK)
		return rc;
	rc = ct_db_statement(store, sql, &stmt, err);
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

static void bind_outcome(sqlite3_stmt *stmt, const struct ct_journal_entry *entry,
			 const struct ct_journal_outcome *outcome,
			 const struct bodies *bodies)
{
	bind_entry(stmt, entry, bodies->request);
	ct_db_bind_text(stmt, 12, either(outcome->provider, entry->provider));
	ct_db_bind_text(stmt, 13, either(outcome->model, entry->model));
	ct_db_bind(stmt, 14, ct_str(outcome->completed ? "completed" : "failed"));
	sqlite3_bind_int64(stmt, 15, outcome->ended_ms);
	ct_db_bind(stmt, 16, bodies->response);
	ct_db_bind(stmt, 17, bodies->error);
	ct_db_bind(stmt, 18, bodies->attempts);
	sqlite3_bind_int64(stmt, 19, outcome->duration_ms);
}

int ct_journal_end(struct ct_store *store, const struct ct_journal_entry *entry,
		   const struct ct_journal_outcome *outcome, struct ct_err *err)
{
	static const char sql[] = ENTRY_COLUMNS
		",response_data,error_data,attempts,duration)VALUES(?1,?2,?3,?4,?5,?6,?7,"
		"?8,?9,"
		"?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)ON CONFLICT(request_id)DO "
		"UPDATE SET "
		"provider=excluded.provider,model=excluded.model,state=excluded.state,"
		"response_data=excluded.response_data,error_data=excluded.error_data,"
		"attempts=excluded.attempts,duration=excluded.duration,"
		"updated_at=excluded.updated_at,reaped=0 WHERE state='pending' OR reaped";
	struct bodies bodies;
	sqlite3_stmt *stmt;
	bool own;

	int rc = ct_db_enter(store, &own, err);
	if (rc != CT_OK)
		return rc;
	rc = ct_db_statement(store, sql, &stmt, err);
	if (rc == CT_OK) {
		shorten_all(&bodies, entry, outcome);
		bind_outcome(stmt, entry, outcome, &bodies);
		rc = ct_db_run(store, stmt, err);
	}
	return ct_db_leave(store, own, rc, err);
}

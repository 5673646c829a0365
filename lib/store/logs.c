#include "base/buf.h"
#include "base/defs.h"
#include "store/db.h"
#include "store/journal.h"

#define ROW_COLUMNS \
	"SELECT " \
	"id,request_id,conversation_id,user_id,provider,model,state,request_data," \
	"response_data,error_data,duration,created_at,updated_at,rowid,attempts " \
	"FROM provider_logs "


static struct ct_log_row row_of(sqlite3_stmt *stmt)
{
	return (struct ct_log_row){
		.id = ct_db_str(stmt, 0),
		.request_id = ct_db_str(stmt, 1),
		.conversation_id = ct_db_str(stmt, 2),
		.user_id = ct_db_str(stmt, 3),
		.provider = ct_db_str(stmt, 4),
		.model = ct_db_str(stmt, 5),
		.state = ct_db_str(stmt, 6),
		.request_data = ct_db_str(stmt, 7),
		.response_data = ct_db_str(stmt, 8),
		.error_data = ct_db_str(stmt, 9),
		.duration_ms = sqlite3_column_type(stmt, 10) == SQLITE_NULL
				       ? -1
				       : sqlite3_column_int64(stmt, 10),
		.created_ms = sqlite3_column_int64(stmt, 11),
		.updated_ms = sqlite3_column_int64(stmt, 12),
	};
}

/* The narrowest first; without statistics SQLite could not know. */
static const char *choose_index(const struct ct_log_filter *filter)
{
	if (filter->after_rowid > 0)
		return "NOT INDEXED";
	if (filter->conversation_id.ptr != NULL)
		return "INDEXED BY logs_conversation";
	if (filter->provider.ptr != NULL && filter->failed)
		return "INDEXED BY logs_provider_failed";
	if (filter->failed)
		return "INDEXED BY logs_failed";
	if (filter->user_id.ptr != NULL)
		return "INDEXED BY logs_user";
	return filter->provider.ptr != NULL ? "INDEXED BY logs_provider"
					    : "INDEXED BY logs_created";
}

static void write_query(const struct ct_log_filter *filter, struct ct_buf *sql)
{
	ct_buf_printf(sql, ROW_COLUMNS "%s WHERE 1", choose_index(filter));
	if (filter->provider.ptr != NULL)
		ct_buf_puts(sql, " AND provider=?1");
	if (filter->conversation_id.ptr != NULL)
		ct_buf_puts(sql, " AND conversation_id=?2");
	if (filter->user_id.ptr != NULL)
		ct_buf_puts(sql, " AND user_id=?3");
	if (filter->failed)
		ct_buf_puts(sql, " AND state='failed'");
	if (filter->since_ms > 0)
		ct_buf_puts(sql, " AND created_at>=?4");
	ct_buf_puts(sql, filter->after_rowid > 0
				 ? " AND rowid>?5 ORDER BY rowid"
				 : " ORDER BY created_at DESC,rowid DESC");
	ct_buf_puts(sql, " LIMIT ?6");
}

static void bind_filter(sqlite3_stmt *stmt, const struct ct_log_filter *filter)
{
	ct_db_bind(stmt, 1, filter->provider);
	ct_db_bind(stmt, 2, filter->conversation_id);
	ct_db_bind(stmt, 3, filter->user_id);
	sqlite3_bind_int64(stmt, 4, filter->since_ms);
	sqlite3_bind_int64(stmt, 5, filter->after_rowid);
	sqlite3_bind_int64(stmt, 6, filter->limit > 0 ? filter->limit : -1);
}

int ct_journal_list(struct ct_store *store, const struct ct_log_filter *filter,
		    ct_log_row_fn *fn, void *user, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf sql = CT_BUF_INIT(2048);
	sqlite3_stmt *stmt = NULL;
	int rc = CT_OK, code = SQLITE_DONE;

	write_query(filter, &sql);
	if (ct_buf_check(&sql, "query", NULL) != CT_OK)
		return ct_fail(err, CT_ESTORE, "out of memory");
	if (sqlite3_prepare_v2(store->db, sql.ptr, (int)sql.len, &stmt, NULL) !=
	    SQLITE_OK)
		return ct_db_fail(store, "read", err);
	bind_filter(stmt, filter);
	while (rc == CT_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct ct_log_row row = row_of(stmt);
		rc = fn(user, &row, sqlite3_column_int64(stmt, 13));
	}
	if (rc == CT_OK && code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_finalize(stmt);
	return rc;
}

static int show_row(struct ct_store *store, sqlite3_stmt *stmt, ct_log_show_fn *fn,
		    void *user, struct ct_err *err)
{
	int code = sqlite3_step(stmt), rc;

	if (code == SQLITE_ROW) {
		struct ct_log_row row = row_of(stmt);
		rc = fn(user, &row, ct_db_str(stmt, 14));
	} else if (code == SQLITE_DONE) {
		rc = ct_fail(err, CT_EINVALID, "there is no such request");
	} else {
		rc = ct_db_fail(store, "read", err);
	}
	sqlite3_reset(stmt);
	return rc;
}

static int show_last(struct ct_store *store, ct_log_show_fn *fn, void *user,
		     struct ct_err *err)
{
	static const char sql[] =
		ROW_COLUMNS "ORDER BY created_at DESC,rowid DESC LIMIT 1";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	return rc == CT_OK ? show_row(store, stmt, fn, user, err) : rc;
}

/* stmt answers at most two row ids: *rowid and how many there are. */
static int count_two(struct ct_store *store, sqlite3_stmt *stmt, int64_t *rowid,
		     struct ct_err *err)
{
	int count = 0, code;

	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		*rowid = sqlite3_column_int64(stmt, 0);
		count++;
	}
	if (code != SQLITE_DONE)
		count = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return count;
}

static int find_whole(struct ct_store *store, struct ct_str id, int64_t *rowid,
		      struct ct_err *err)
{
	static const char sql[] = "SELECT rowid FROM provider_logs WHERE request_id=?1 "
				  "UNION SELECT rowid FROM provider_logs WHERE id=?1";
	sqlite3_stmt *stmt;
	int rc = ct_db_statement(store, sql, &stmt, err);

	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 1, id);
	return count_two(store, stmt, rowid, err);
}

/* The index has the last eight characters; an id is ASCII, so bytes are characters. */
static int find_ending(struct ct_store *store, struct ct_str id, int64_t *rowid,
		       struct ct_err *err)
{
	static const char by_index[] = "SELECT rowid FROM provider_logs WHERE "
				       "substr(request_id,-8)=substr(?1,-8) AND "
				       "substr(request_id,-?2)=?1 LIMIT 2";
	static const char by_reading[] =
		"SELECT rowid FROM provider_logs WHERE substr(request_id,-?2)=?1 LIMIT 2";
	static const char other_id[] =
		"SELECT rowid FROM provider_logs WHERE substr(id,-?2)=?1 LIMIT 2";
	const char *const sql[] = { id.len < 8 ? by_reading : by_index, other_id };
	int count = 0;

	for (size_t i = 0; i < CT_COUNT(sql) && count == 0; i++) {
		sqlite3_stmt *stmt;
		int rc = ct_db_statement(store, sql[i], &stmt, err);
		if (rc != CT_OK)
			return rc;
		ct_db_bind(stmt, 1, id);
		sqlite3_bind_int64(stmt, 2, (int64_t)id.len);
		count = count_two(store, stmt, rowid, err);
	}
	return count;
}

static bool is_ascii(struct ct_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] - 0x20u >= 0x5F)
			return false;
	return s.len > 0;
}

static int find_row(struct ct_store *store, struct ct_str id, int64_t *rowid,
		    struct ct_err *err)
{
	int count = find_whole(store, id, rowid, err);

	if (count == 0 && is_ascii(id))
		count = find_ending(store, id, rowid, err);
	if (count == 0)
		return ct_fail(err, CT_EINVALID, "no request ends in '%.*s'",
			       CT_STR_ARG(id));
	if (count > 1) {
		ct_fail(err, CT_EINVALID, "more than one request ends in '%.*s'",
			CT_STR_ARG(id));
		ct_hint(err, "give more of its id");
		return CT_EINVALID;
	}
	return count == 1 ? CT_OK : count;
}

int ct_journal_show(struct ct_store *store, struct ct_str id, ct_log_show_fn *fn,
		    void *user, struct ct_err *err)
{
	static const char sql[] = ROW_COLUMNS "WHERE rowid=?1";
	int64_t rowid = 0;
	sqlite3_stmt *stmt;

	if (ct_str_is(id, "last"))
		return show_last(store, fn, user, err);
	int rc = find_row(store, id, &rowid, err);
	if (rc == CT_OK)
		rc = ct_db_statement(store, sql, &stmt, err);
	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, rowid);
	return show_row(store, stmt, fn, user, err);
}

/* Rows of conversations: listing them, and finding one by what people write. */
#include "store/conversation_rows.h"

#include <stdio.h>

#define ROW_COLUMNS \
	"SELECT " \
	"id,user_id,title,system,asked_provider,asked_model,provider,model,head_id," \
	"forked_from,messages,created_at,updated_at FROM conversations "

int ct_conversation_known(struct ct_store *store, bool *known, struct ct_err *err)
{
	int64_t tables = 1;
	int rc = CT_OK;

	if (store->mode == CT_STORE_READ) /* for writing it has been brought up to date */
		rc = ct_db_pragma(
			store,
			"SELECT count(*) FROM sqlite_schema WHERE name='conversations'",
			&tables, err);
	*known = tables > 0;
	return rc;
}

int ct_conversation_statement(struct ct_store *store, const char *sql, struct ct_str id,
			      sqlite3_stmt **out, struct ct_err *err)
{
	int rc = ct_db_statement(store, sql, out, err);

	if (rc == CT_OK)
		ct_db_bind(*out, 1, id);
	return rc;
}

int ct_conversation_one_id(struct ct_store *store, sqlite3_stmt *stmt,
			   char out[CT_UUID_SIZE], struct ct_err *err)
{
	int code = sqlite3_step(stmt), rc = 0;

	out[0] = '\0';
	if (code == SQLITE_ROW) {
		struct ct_str id = ct_db_str(stmt, 0);
		snprintf(out, CT_UUID_SIZE, "%.*s", CT_STR_ARG(id));
		rc = id.ptr != NULL;
	} else if (code != SQLITE_DONE) {
		rc = ct_db_fail(store, "read", err);
	}
	sqlite3_reset(stmt);
	return rc;
}

static struct ct_conversation_row row_of(sqlite3_stmt *stmt)
{
	return (struct ct_conversation_row){
		.id = ct_db_str(stmt, 0),
		.user_id = ct_db_str(stmt, 1),
		.title = ct_db_str(stmt, 2),
		.system = ct_db_str(stmt, 3),
		.asked_provider = ct_db_str(stmt, 4),
		.asked_model = ct_db_str(stmt, 5),
		.provider = ct_db_str(stmt, 6),
		.model = ct_db_str(stmt, 7),
		.head_id = ct_db_str(stmt, 8),
		.forked_from = ct_db_str(stmt, 9),
		.messages = sqlite3_column_int64(stmt, 10),
		.created_ms = sqlite3_column_int64(stmt, 11),
		.updated_ms = sqlite3_column_int64(stmt, 12),
	};
}

static int each_row(struct ct_store *store, sqlite3_stmt *stmt,
		    ct_conversation_row_fn *fn, void *user, struct ct_err *err)
{
	int rc = CT_OK, code = SQLITE_DONE;

	while (rc == CT_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct ct_conversation_row row = row_of(stmt);
		rc = fn(user, &row);
	}
	if (rc == CT_OK && code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

int ct_conversation_list(struct ct_store *store,
			 const struct ct_conversation_filter *filter,
			 ct_conversation_row_fn *fn, void *user, struct ct_err *err)
{
	static const char all[] = ROW_COLUMNS "ORDER BY updated_at DESC,n DESC LIMIT ?2";
	static const char one[] = ROW_COLUMNS
		"WHERE user_id IS ?1 ORDER BY updated_at DESC,n DESC LIMIT ?2";
	sqlite3_stmt *stmt;
	bool known;

	int rc = ct_conversation_known(store, &known, err);
	if (rc != CT_OK || !known)
		return rc;
	rc = ct_conversation_statement(store, filter->by_user ? one : all,
				       filter->user_id, &stmt, err);
	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 2, filter->limit > 0 ? filter->limit : -1);
	return each_row(store, stmt, fn, user, err);
}

struct once {
	ct_conversation_row_fn *fn;
	void *user;
	bool found;
};

static int on_once(void *user, const struct ct_conversation_row *row)
{
	struct once *once = user;

	once->found = true;
	return once->fn(once->user, row);
}

int ct_conversation_get(struct ct_store *store, struct ct_str id,
			ct_conversation_row_fn *fn, void *user, struct ct_err *err)
{
	static const char sql[] = ROW_COLUMNS "WHERE id=?1";
	struct once once = { fn, user, false };
	sqlite3_stmt *stmt;

	int rc = ct_conversation_statement(store, sql, id, &stmt, err);
	if (rc == CT_OK)
		rc = each_row(store, stmt, on_once, &once, err);
	if (rc == CT_OK && !once.found)
		rc = ct_fail(err, CT_EINVALID, "the conversation %.*s is gone",
			     CT_STR_ARG(id));
	return rc;
}

static int find_last(struct ct_store *store, struct ct_str user_id,
		     char out[CT_UUID_SIZE], struct ct_err *err)
{
	static const char sql[] = "SELECT id FROM conversations WHERE user_id IS ?1 "
				  "ORDER BY updated_at DESC,n DESC LIMIT 1";
	sqlite3_stmt *stmt;
	int rc = ct_conversation_statement(store, sql, user_id, &stmt, err);

	if (rc == CT_OK)
		rc = ct_conversation_one_id(store, stmt, out, err);
	if (rc != 0)
		return rc < 0 ? rc : CT_OK;
	if (user_id.ptr != NULL)
		ct_fail(err, CT_EINVALID, "there is no conversation of user %.*s yet",
			CT_STR_ARG(user_id));
	else
		ct_fail(err, CT_EINVALID, "there is no conversation yet");
	ct_hint(err, "every chat begins one: cartrita chat hello");
	return CT_EINVALID;
}

static bool is_ascii(struct ct_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] - 0x20u >= 0x5F)
			return false;
	return s.len > 0;
}

/* How many end in id, up to two; out is the first of them. */
static int find_ending(struct ct_store *store, struct ct_str id, char out[CT_UUID_SIZE],
		       struct ct_err *err)
{
	static const char sql[] =
		"SELECT min(id),count(*) FROM conversations WHERE substr(id,-?2)=?1";
	sqlite3_stmt *stmt;
	int count = 0;
	int rc = ct_conversation_statement(store, sql, id, &stmt, err);

	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 2, (int64_t)id.len);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		count = sqlite3_column_int(stmt, 1);
		snprintf(out, CT_UUID_SIZE, "%.*s", CT_STR_ARG(ct_db_str(stmt, 0)));
	} else {
		count = ct_db_fail(store, "read", err);
	}
	sqlite3_reset(stmt);
	return count;
}

static int find_any(struct ct_store *store, struct ct_str id, char out[CT_UUID_SIZE],
		    struct ct_err *err)
{
	static const char sql[] = "SELECT id FROM conversations WHERE id=?1";
	sqlite3_stmt *stmt;
	int rc = ct_conversation_statement(store, sql, id, &stmt, err);

	if (rc == CT_OK)
		rc = ct_conversation_one_id(store, stmt, out, err);
	return rc == 0 && is_ascii(id) ? find_ending(store, id, out, err) : rc;
}

static int fail_unknown(struct ct_str id, int count, struct ct_err *err)
{
	if (count > 1) {
		ct_fail(err, CT_EINVALID, "more than one conversation ends in '%.*s'",
			CT_STR_ARG(id));
		ct_hint(err, "give more of its id");
	} else {
		ct_fail(err, CT_EINVALID, "no conversation ends in '%.*s'",
			CT_STR_ARG(id));
		ct_hint(err, "see `cartrita conversation list`");
	}
	return CT_EINVALID;
}

int ct_conversation_find(struct ct_store *store, struct ct_str id, struct ct_str user_id,
			 char out[CT_UUID_SIZE], struct ct_err *err)
{
	bool known, last = ct_str_is(id, "last");
	int rc = ct_conversation_known(store, &known, err);

	if (rc != CT_OK)
		return rc;
	if (known && last)
		return find_last(store, user_id, out, err);
	rc = known ? find_any(store, id, out, err) : 0;
	if (rc < 0 || rc == 1)
		return rc < 0 ? rc : CT_OK;
	if (last) {
		ct_fail(err, CT_EINVALID, "there is no conversation yet");
		ct_hint(err, "every chat begins one: cartrita chat hello");
		return CT_EINVALID;
	}
	return fail_unknown(id, rc, err);
}

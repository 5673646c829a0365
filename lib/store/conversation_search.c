/*
 * Search by words. Newest first, which FTS5 answers from the end of its index: how well
 * a message fits could only be known by looking at all that match.
 */
#include "base/buf.h"
#include "base/defs.h"
#include "store/conversation_rows.h"

enum { QUERY_BYTES = 64 << 10 };

/*
 * FTS5's own syntax is not offered: each word is a string, so that no query is an error.
 */
static bool add_word(struct ct_buf *query, struct ct_str word)
{
	bool prefix = word.len > 1 && word.ptr[word.len - 1] == '*';
	size_t len = word.len - prefix;

	word = ct_str_trim((struct ct_str){ word.ptr, len });
	if (word.len == 0)
		return false;
	ct_buf_puts(query, query->len > 0 ? " AND \"" : "\"");
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] == '"')
			ct_buf_puts(query, "\"");
		ct_buf_append(query, word.ptr + i, 1);
	}
	ct_buf_puts(query, prefix ? "\"*" : "\"");
	return true;
}

static int write_query(const struct ct_conversation_search *search, struct ct_buf *query,
		       struct ct_err *err)
{
	bool any = false;

	for (size_t i = 0; i < search->word_count; i++)
		any = add_word(query, ct_str(search->words[i])) || any;
	if (!any)
		return ct_fail(err, CT_EUSAGE, "search for what? Give a word");
	if (ct_buf_check(query, "the query", NULL) != CT_OK)
		return ct_fail(err, CT_EUSAGE, "the query is too long");
	return CT_OK;
}

static int each_hit(struct ct_store *store, sqlite3_stmt *stmt,
		    ct_conversation_hit_fn *fn, void *user, struct ct_err *err)
{
	int rc = CT_OK, code = SQLITE_DONE;

	while (rc == CT_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct ct_conversation_hit hit = {
			.conversation_id = ct_db_str(stmt, 0),
			.title = ct_db_str(stmt, 1),
			.message_id = ct_db_str(stmt, 2),
			.role = ct_str_is(ct_db_str(stmt, 3), "user") ? CT_ROLE_USER
								      : CT_ROLE_ASSISTANT,
			.created_ms = sqlite3_column_int64(stmt, 4),
			.snippet = ct_db_str(stmt, 5),
		};
		rc = fn(user, &hit);
	}
	if (rc == CT_OK && code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

int ct_conversation_search(struct ct_store *store,
			   const struct ct_conversation_search *search,
			   ct_conversation_hit_fn *fn, void *user, struct ct_err *err)
{
	static const char sql[] =
		"SELECT c.id,c.title,m.id,m.role,m.created_at,"
		"snippet(messages_text,0,char(2),char(3),'…',16) "
		"FROM messages_text t CROSS JOIN messages m ON m.n=t.rowid "
		"CROSS JOIN conversations c ON c.id=m.conversation_id "
		"WHERE messages_text MATCH ?1 AND (?3=0 OR c.user_id IS ?4) "
		"ORDER BY t.rowid DESC LIMIT ?2";
	CT_CLEANUP(ct_buf_fini) struct ct_buf query = CT_BUF_INIT(QUERY_BYTES);
	sqlite3_stmt *stmt;
	bool known;

	int rc = write_query(search, &query, err);
	if (rc == CT_OK)
		rc = ct_conversation_known(store, &known, err);
	if (rc != CT_OK || !known)
		return rc;
	rc = ct_conversation_statement(store, sql, ct_buf_str(&query), &stmt, err);
	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 2, search->limit > 0 ? search->limit : -1);
	sqlite3_bind_int(stmt, 3, search->by_user);
	ct_db_bind(stmt, 4, search->user_id);
	return each_hit(store, stmt, fn, user, err);
}

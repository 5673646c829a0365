/* Deleting a conversation. What others share of it is theirs from then on. */
#include "base/defs.h"
#include "store/conversation_rows.h"

/*
 * Messages of ?1 that lead to another conversation's head or message, each with one of
 * those conversations. UNION ends even where the tree was tampered with.
 */
#define SHARED \
	"WITH RECURSIVE shared(id,owner) AS (" \
	"SELECT m.id,c.id FROM messages m JOIN conversations c ON c.head_id=m.id " \
	"WHERE m.conversation_id=?1 AND c.id<>?1 UNION " \
	"SELECT m.id,other.conversation_id FROM messages m JOIN messages other " \
	"ON other.parent_id=m.id WHERE m.conversation_id=?1 AND " \
	"other.conversation_id<>?1 UNION " \
	"SELECT up.id,shared.owner FROM shared JOIN messages m ON m.id=shared.id " \
	"JOIN messages up ON up.id=m.parent_id WHERE up.conversation_id=?1)"

static int run(struct ct_store *store, const char *sql, struct ct_str id,
	       struct ct_err *err)
{
	sqlite3_stmt *stmt;
	int rc = ct_conversation_statement(store, sql, id, &stmt, err);

	return rc == CT_OK ? ct_db_run(store, stmt, err) : rc;
}

int ct_conversation_delete(struct ct_store *store, struct ct_str id, struct ct_err *err)
{
	/* In this order: owners first, then what has none. */
	static const char *const steps[] = {
		SHARED "UPDATE messages SET conversation_id=s.owner FROM "
		       "(SELECT id,min(owner) AS owner FROM shared GROUP BY id) s "
		       "WHERE messages.id=s.id",
		"DELETE FROM messages WHERE conversation_id=?1",
		"UPDATE conversations SET forked_from=NULL WHERE forked_from=?1",
		"UPDATE provider_logs SET request_data=NULL,response_data=NULL,"
		"error_data=CASE WHEN json_valid(error_data) "
		"THEN json_remove(error_data,'$.message') END WHERE conversation_id=?1",
		"DELETE FROM conversations WHERE id=?1",
	};
	bool own;
	int rc = ct_db_enter(store, &own, err);

	for (size_t i = 0; rc == CT_OK && i < CT_COUNT(steps); i++)
		rc = run(store, steps[i], id, err);
	if (rc == CT_OK && sqlite3_changes(store->db) == 0)
		rc = ct_fail(err, CT_EINVALID, "the conversation was deleted meanwhile");
	return ct_db_leave(store, own, rc, err);
}

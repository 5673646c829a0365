/* What changes conversations: a turn, a moved head, a fork. */
#include "store/conversation_rows.h"

#include <stdio.h>

static const char head_sql[] =
	"SELECT coalesce(head_id,'') FROM conversations WHERE id=?1";

/*
 * The head of a conversation: 1 and head ("" for none), 0 where there is no such
 * conversation.
 */
static int head_of(struct ct_store *store, struct ct_str id, char head[CT_UUID_SIZE],
		   struct ct_err *err)
{
	sqlite3_stmt *stmt;
	int rc = ct_conversation_statement(store, head_sql, id, &stmt, err);

	return rc == CT_OK ? ct_conversation_one_id(store, stmt, head, err) : rc;
}

static int fail_gone(struct ct_err *err)
{
	return ct_fail(err, CT_EINVALID, "the conversation was deleted meanwhile");
}

static const char parent_sql[] = "SELECT id FROM messages WHERE id=?1";

static int check_parent(struct ct_store *store, struct ct_str parent, struct ct_err *err)
{
	char found[CT_UUID_SIZE];
	sqlite3_stmt *stmt;

	if (parent.ptr == NULL)
		return CT_OK;
	int rc = ct_conversation_statement(store, parent_sql, parent, &stmt, err);
	if (rc == CT_OK)
		rc = ct_conversation_one_id(store, stmt, found, err);
	return rc == 0 ? fail_gone(err) : rc < 0 ? rc : CT_OK;
}

static const char begin_sql[] =
	"INSERT INTO conversations(id,user_id,title,created_at,updated_at)"
	"VALUES(?1,?2,?3,?4,?4)";

static int insert_conversation(struct ct_store *store, const struct ct_turn *turn,
			       struct ct_err *err)
{
	sqlite3_stmt *stmt;
	int rc = ct_conversation_statement(store, begin_sql, turn->conversation_id, &stmt, err);

	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 2, turn->user_id);
	ct_db_bind_text(stmt, 3, turn->title);
	sqlite3_bind_int64(stmt, 4, turn->messages[0].created_ms);
	return ct_db_run(store, stmt, err);
}

static const char message_sql[] =
	"INSERT INTO "
	"messages(conversation_id,id,parent_id,role,content,provider,model,"
	"request_id,created_at,checksum)VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)";

static int insert_message(struct ct_store *store, struct ct_str conversation_id,
			  const struct ct_kept_message *m, struct ct_err *err)
{
	char checksum[CT_SHA256_HEX_SIZE];
	sqlite3_stmt *stmt;

	int rc = ct_message_checksum(m, checksum, err);
	if (rc == CT_OK)
		rc = ct_conversation_statement(store, message_sql, conversation_id, &stmt, err);
	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 2, m->id);
	ct_db_bind(stmt, 3, m->parent_id);
	ct_db_bind(stmt, 4, ct_str(ct_role_name(m->role)));
	ct_db_bind_text(stmt, 5, m->text);
	ct_db_bind(stmt, 6, m->provider);
	ct_db_bind(stmt, 7, m->model);
	ct_db_bind(stmt, 8, m->request_id);
	sqlite3_bind_int64(stmt, 9, m->created_ms);
	ct_db_bind(stmt, 10, ct_str(checksum));
	rc = ct_db_run(store, stmt, err);
	return rc == CT_OK ? ct_message_parts_add(store, m, err) : rc;
}

static const char go_on_sql[] =
	"UPDATE conversations SET "
	"head_id=?2,system=?3,asked_provider=?4,asked_model=?5,"
	"provider=?6,model=?7,messages=messages+?8,updated_at=max(updated_at,?9) "
	"WHERE id=?1";

static int go_on(struct ct_store *store, const struct ct_turn *turn, struct ct_err *err)
{
	const struct ct_kept_message *last = &turn->messages[turn->count - 1];
	sqlite3_stmt *stmt;

	int rc = ct_conversation_statement(store, go_on_sql, turn->conversation_id, &stmt, err);
	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 2, last->id);
	ct_db_bind(stmt, 3, turn->system);
	ct_db_bind(stmt, 4, turn->asked_provider);
	ct_db_bind(stmt, 5, turn->asked_model);
	ct_db_bind(stmt, 6, last->provider);
	ct_db_bind(stmt, 7, last->model);
	sqlite3_bind_int64(stmt, 8, (int64_t)turn->count);
	sqlite3_bind_int64(stmt, 9, last->created_ms);
	return ct_db_run(store, stmt, err);
}

/* May the turn be added? What it follows must be there. */
static int prepare(struct ct_store *store, struct ct_turn *turn, struct ct_err *err)
{
	char head[CT_UUID_SIZE];
	int rc = head_of(store, turn->conversation_id, head, err);

	turn->branched = rc == 1 && !ct_str_is(turn->head_id, head);
	if (rc == 0 && !turn->begins)
		return fail_gone(err);
	if (rc < 0)
		return rc;
	bool fresh = rc == 0;
	rc = check_parent(store, turn->messages[0].parent_id, err);
	return rc == CT_OK && fresh ? insert_conversation(store, turn, err) : rc;
}

int ct_conversation_append(struct ct_store *store, struct ct_turn *turn,
			   struct ct_err *err)
{
	bool own;
	int rc = ct_db_enter(store, &own, err);

	if (rc != CT_OK)
		return rc;
	rc = prepare(store, turn, err);
	for (size_t i = 0; rc == CT_OK && i < turn->count; i++)
		rc = insert_message(store, turn->conversation_id, &turn->messages[i],
				    err);
	if (rc == CT_OK)
		rc = go_on(store, turn, err);
	return ct_db_leave(store, own, rc, err);
}

void ct_conversation_warm(struct ct_store *store)
{
	ct_db_warm(store, (const char *const[]){ head_sql, parent_sql, begin_sql, message_sql,
						 go_on_sql, NULL });
}

static int set_head(struct ct_store *store, struct ct_str id, struct ct_str head,
		    struct ct_err *err)
{
	static const char sql[] = "UPDATE conversations SET head_id=?2 WHERE id=?1";
	sqlite3_stmt *stmt;
	int rc = ct_conversation_statement(store, sql, id, &stmt, err);

	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 2, head);
	return ct_db_run(store, stmt, err);
}

int ct_conversation_move(struct ct_store *store, struct ct_str id, struct ct_str head,
			 struct ct_str seen, bool *was_there, struct ct_err *err)
{
	char now[CT_UUID_SIZE];
	bool own;
	int rc = ct_db_enter(store, &own, err);

	if (rc != CT_OK)
		return rc;
	rc = head_of(store, id, now, err);
	*was_there = rc == 1 && ct_str_is(seen, now);
	rc = rc == 0 ? fail_gone(err) : rc < 0 ? rc : check_parent(store, head, err);
	if (rc == CT_OK)
		rc = set_head(store, id, head, err);
	return ct_db_leave(store, own, rc, err);
}

int ct_conversation_fork(struct ct_store *store, struct ct_str id, struct ct_str head,
			 struct ct_str new_id, int64_t now_ms, struct ct_err *err)
{
	static const char sql[] =
		"INSERT INTO "
		"conversations(id,user_id,title,system,asked_provider,asked_model,"
		"provider,model,head_id,forked_from,created_at,updated_at,messages)"
		"SELECT "
		"?2,user_id,title,system,asked_provider,asked_model,provider,model,"
		"?3,id,?4,?4,(WITH RECURSIVE up(id) AS (SELECT ?3 UNION SELECT "
		"m.parent_id "
		"FROM up JOIN messages m ON m.id=up.id) SELECT count(id) FROM up) "
		"FROM conversations WHERE id=?1";
	sqlite3_stmt *stmt;
	bool own;

	int rc = ct_db_enter(store, &own, err);
	if (rc != CT_OK)
		return rc;
	rc = check_parent(store, head, err);
	if (rc == CT_OK)
		rc = ct_conversation_statement(store, sql, id, &stmt, err);
	if (rc == CT_OK) {
		ct_db_bind(stmt, 2, new_id);
		ct_db_bind(stmt, 3, head);
		sqlite3_bind_int64(stmt, 4, now_ms);
		rc = ct_db_run(store, stmt, err);
	}
	if (rc == CT_OK && sqlite3_changes(store->db) == 0)
		rc = fail_gone(err);
	return ct_db_leave(store, own, rc, err);
}

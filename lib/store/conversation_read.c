/* Messages as they are read: one by one, each checked against its checksum. */
#include "base/buf.h"
#include "base/defs.h"
#include "store/conversation_rows.h"

#include <stdio.h>

#define MESSAGE_COLUMNS \
	"SELECT " \
	"id,parent_id,role,content,provider,model,request_id,created_at,checksum,n," \
	"conversation_id " \
	"FROM messages "

const char *ct_role_name(enum ct_role role)
{
	return role == CT_ROLE_USER ? "user" : "assistant";
}

static void add_field(struct ct_buf *out, struct ct_str field)
{
	if (field.ptr == NULL) {
		ct_buf_puts(out, "-,");
		return;
	}
	ct_buf_printf(out, "%zu:", field.len);
	ct_buf_add(out, field);
	ct_buf_puts(out, ",");
}

static void add_part(struct ct_buf *out, const struct ct_part *part)
{
	char hex[CT_SHA256_HEX_SIZE];

	add_field(out, ct_str(ct_medium_name(part->medium)));
	add_field(out, part->mime.ptr != NULL ? part->mime : ct_str(""));
	add_field(out, part->name.ptr != NULL ? part->name : ct_str(""));
	add_field(out, ct_str(ct_sha256_hex(hex, part->bytes)));
}

int ct_message_checksum(const struct ct_kept_message *m, char out[CT_SHA256_HEX_SIZE],
			struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf text = CT_BUF_INIT(CT_MESSAGE_BYTES + (1 << 20));
	char created[24];

	snprintf(created, sizeof(created), "%lld", (long long)m->created_ms);
	add_field(&text, m->id);
	add_field(&text, m->parent_id);
	add_field(&text, ct_str(ct_role_name(m->role)));
	add_field(&text, m->text.ptr != NULL ? m->text : ct_str(""));
	add_field(&text, m->provider);
	add_field(&text, m->model);
	add_field(&text, ct_str(created));
	for (size_t i = 0; i < m->part_count; i++)
		add_part(&text, &m->parts[i]);
	ct_sha256_hex(out, ct_buf_str(&text));
	return ct_buf_check(&text, "a message", err);
}

/* A role that is neither of ours was written by others: not intact. */
static bool is_intact(const struct ct_kept_message *m, sqlite3_stmt *stmt)
{
	char checksum[CT_SHA256_HEX_SIZE];

	return ct_str_is(ct_db_str(stmt, 2), ct_role_name(m->role)) &&
	       ct_message_checksum(m, checksum, NULL) == CT_OK &&
	       ct_str_is(ct_db_str(stmt, 8), checksum);
}

/* Hand a row to fn. Only a user's message has parts. */
static int tell(struct ct_store *store, sqlite3_stmt *stmt, ct_kept_message_fn *fn,
		void *user, struct ct_err *err)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_kept_message m = {
		.id = ct_db_str(stmt, 0),
		.parent_id = ct_db_str(stmt, 1),
		.role = ct_str_is(ct_db_str(stmt, 2), "user") ? CT_ROLE_USER
							      : CT_ROLE_ASSISTANT,
		.text = ct_db_str(stmt, 3),
		.provider = ct_db_str(stmt, 4),
		.model = ct_db_str(stmt, 5),
		.request_id = ct_db_str(stmt, 6),
		.created_ms = sqlite3_column_int64(stmt, 7),
	};

	int rc = m.role == CT_ROLE_USER ? ct_message_parts_read(store, &arena, &m, err)
					: CT_OK;
	if (rc != CT_OK)
		return rc;
	m.intact = is_intact(&m, stmt);
	return fn(user, &m);
}

/*
 * A parent was there before what follows it, so its n is smaller: a tree that was
 * tampered with cannot lead in a circle.
 */
int ct_conversation_walk(struct ct_store *store, struct ct_str id, ct_kept_message_fn *fn,
			 void *user, struct ct_err *err)
{
	static const char sql[] = MESSAGE_COLUMNS "WHERE id=?1 AND n<?2";
	char next[CT_UUID_SIZE];
	int64_t below = INT64_MAX;
	sqlite3_stmt *stmt;
	int rc = CT_OK, code = SQLITE_ROW;

	snprintf(next, sizeof(next), "%.*s", CT_STR_ARG(id));
	while (rc == CT_OK && code == SQLITE_ROW && next[0] != '\0') {
		rc = ct_conversation_statement(store, sql, ct_str(next), &stmt, err);
		if (rc != CT_OK)
			return rc;
		sqlite3_bind_int64(stmt, 2, below);
		code = sqlite3_step(stmt);
		if (code == SQLITE_ROW) {
			below = sqlite3_column_int64(stmt, 9);
			rc = tell(store, stmt, fn, user, err);
			snprintf(next, sizeof(next), "%.*s",
				 CT_STR_ARG(ct_db_str(stmt, 1)));
		} else if (code != SQLITE_DONE) {
			rc = ct_db_fail(store, "read", err);
		}
		sqlite3_reset(stmt);
	}
	return rc;
}

int ct_conversation_messages(struct ct_store *store, struct ct_str id,
			     ct_kept_message_fn *fn, void *user, struct ct_err *err)
{
	static const char sql[] = MESSAGE_COLUMNS "WHERE conversation_id=?1 ORDER BY n";
	sqlite3_stmt *stmt;
	int code = SQLITE_DONE;
	int rc = ct_conversation_statement(store, sql, id, &stmt, err);

	if (rc != CT_OK)
		return rc;
	while (rc == CT_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = tell(store, stmt, fn, user, err);
	if (rc == CT_OK && code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	return rc;
}

struct damage {
	ct_damaged_message_fn *fn;
	void *user;
	sqlite3_stmt *stmt; /* at the message's row */
};

static int tell_damaged(void *user, const struct ct_kept_message *m)
{
	const struct damage *damage = user;

	return m->intact ? CT_OK
			 : damage->fn(damage->user, ct_db_str(damage->stmt, 10), m->id);
}

int ct_conversation_damaged(struct ct_store *store, ct_damaged_message_fn *fn, void *user,
			    struct ct_err *err)
{
	static const char sql[] = MESSAGE_COLUMNS "ORDER BY n";
	struct damage damage = { fn, user, NULL };
	int64_t tables = 0;
	int code = SQLITE_DONE;
	/* the last table that checksums cover */
	int rc = ct_db_pragma(store,
			      "SELECT count(*) FROM sqlite_schema WHERE name='message_parts'",
			      &tables, err);

	if (rc == CT_OK && tables == 0)
		return CT_OK;
	if (rc == CT_OK)
		rc = ct_db_statement(store, sql, &damage.stmt, err);
	if (rc != CT_OK)
		return rc;
	while (rc == CT_OK && (code = sqlite3_step(damage.stmt)) == SQLITE_ROW)
		rc = tell(store, damage.stmt, tell_damaged, &damage, err);
	if (rc == CT_OK && code != SQLITE_DONE)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(damage.stmt);
	return rc;
}

/*
 * All that belongs to a conversation: its own messages, and what its head shares. UNION,
 * not UNION ALL: it ends even where the tree was tampered with.
 */
int ct_conversation_find_message(struct ct_store *store, struct ct_str id,
				 struct ct_str message, char out[CT_UUID_SIZE],
				 struct ct_err *err)
{
	static const char sql[] =
		"WITH RECURSIVE up(id) AS (SELECT head_id FROM conversations WHERE id=?1 "
		"UNION "
		"SELECT m.parent_id FROM up JOIN messages m ON m.id=up.id), all_of(id) "
		"AS ("
		"SELECT id FROM up WHERE id IS NOT NULL UNION "
		"SELECT id FROM messages WHERE conversation_id=?1) "
		"SELECT min(id),count(*),max(id=?2) FROM all_of WHERE substr(id,-?3)=?2";
	sqlite3_stmt *stmt;
	int count = 0;
	int rc = ct_conversation_statement(store, sql, id, &stmt, err);

	if (rc != CT_OK)
		return rc;
	ct_db_bind(stmt, 2, message);
	sqlite3_bind_int64(stmt, 3, (int64_t)message.len);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		count = message.len > 0 ? sqlite3_column_int(stmt, 1) : 0;
		snprintf(out, CT_UUID_SIZE, "%.*s", CT_STR_ARG(ct_db_str(stmt, 0)));
	} else {
		rc = ct_db_fail(store, "read", err);
	}
	sqlite3_reset(stmt);
	if (rc != CT_OK || count == 1)
		return rc;
	ct_fail(err, CT_EINVALID, "%s message of the conversation ends in '%.*s'",
		count > 1 ? "more than one" : "no", CT_STR_ARG(message));
	ct_hint(err, "see `cartrita conversation show --all`");
	return CT_EINVALID;
}

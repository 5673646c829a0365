/* What goes with a message beside its text. */
#include "base/buf.h"
#include "base/defs.h"
#include "store/conversation_rows.h"

enum { PARTS_MAX = 1024 };

static const char *const media[] = {
	[CT_MEDIUM_IMAGE] = "image",
	[CT_MEDIUM_PDF] = "pdf",
	[CT_MEDIUM_AUDIO] = "audio",
};

const char *ct_medium_name(enum ct_medium medium)
{
	return media[medium];
}

int ct_message_parts_add(struct ct_store *store, const struct ct_kept_message *m,
			 struct ct_err *err)
{
	static const char sql[] =
		"INSERT INTO message_parts(message_id,position,medium,mime,name,"
		"bytes)VALUES(?1,?2,?3,?4,?5,?6)";
	sqlite3_stmt *stmt;
	int rc = CT_OK;

	for (size_t i = 0; rc == CT_OK && i < m->part_count; i++) {
		const struct ct_part *part = &m->parts[i];
		rc = ct_conversation_statement(store, sql, m->id, &stmt, err);
		if (rc != CT_OK)
			break;
		sqlite3_bind_int64(stmt, 2, (int64_t)i);
		ct_db_bind(stmt, 3, ct_str(media[part->medium]));
		ct_db_bind_text(stmt, 4, part->mime);
		ct_db_bind_text(stmt, 5, part->name);
		sqlite3_bind_blob64(stmt, 6,
				    part->bytes.ptr != NULL ? part->bytes.ptr : "",
				    part->bytes.len, SQLITE_STATIC);
		rc = ct_db_run(store, stmt, err);
	}
	return rc;
}

static bool read_medium(struct ct_str name, enum ct_medium *out)
{
	for (size_t i = 0; i < CT_COUNT(media); i++) {
		if (ct_str_is(name, media[i])) {
			*out = (enum ct_medium)i;
			return true;
		}
	}
	return false;
}

/* One that others wrote and we do not know is left out: the checksum will tell. */
static bool read_part(struct ct_arena *arena, sqlite3_stmt *stmt, struct ct_part *out)
{
	const void *bytes = sqlite3_column_blob(stmt, 3);
	struct ct_str blob = { bytes, (size_t)sqlite3_column_bytes(stmt, 3) };

	if (!read_medium(ct_db_str(stmt, 0), &out->medium))
		return false;
	out->mime = ct_arena_dup(arena, ct_db_str(stmt, 1));
	out->name = ct_arena_dup(arena, ct_db_str(stmt, 2));
	out->bytes = ct_arena_dup(arena, blob);
	return out->mime.ptr != NULL && out->name.ptr != NULL && out->bytes.ptr != NULL;
}

int ct_message_parts_read(struct ct_store *store, struct ct_arena *arena,
			  struct ct_kept_message *m, struct ct_err *err)
{
	static const char sql[] = "SELECT medium,mime,name,bytes FROM message_parts "
				  "WHERE message_id=?1 ORDER BY position LIMIT ?2";
	struct ct_part *parts = NULL;
	sqlite3_stmt *stmt;
	size_t count = 0, cap = 0;
	int code;

	int rc = ct_conversation_statement(store, sql, m->id, &stmt, err);
	if (rc != CT_OK)
		return rc;
	sqlite3_bind_int64(stmt, 2, PARTS_MAX);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (count == cap) {
			struct ct_part *more =
				ct_arena_alloc(arena, (2 * cap + 4) * sizeof(*more));
			if (more == NULL)
				break;
			if (count > 0)
				memcpy(more, parts, count * sizeof(*more));
			parts = more;
			cap = 2 * cap + 4;
		}
		count += read_part(arena, stmt, &parts[count]);
	}
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		rc = ct_db_fail(store, "read", err);
	sqlite3_reset(stmt);
	m->parts = parts;
	m->part_count = count;
	return code == SQLITE_ROW
		       ? ct_fail(err, CT_ENOMEM, "no memory for a conversation")
		       : rc;
}

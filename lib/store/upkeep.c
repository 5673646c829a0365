#include "store/upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/defs.h"
#include "store/conversation.h"
#include "store/db.h"
#include "store/streams.h"

enum { PRUNE_ROWS = 1000, COPY_PAGES = 256 };

static int64_t file_bytes(const char *path, const char *suffix)
{
	char name[PATH_MAX];
	struct stat st;

	if (snprintf(name, sizeof(name), "%s%s", path, suffix) >= (int)sizeof(name))
		return 0;
	return stat(name, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* One number; -1 where the query cannot be asked of this schema. */
static int64_t number(struct ct_store *store, const char *sql)
{
	int64_t value = -1;

	return ct_db_pragma(store, sql, &value, NULL) == CT_OK ? value : -1;
}

static int64_t used_bytes(struct ct_store *store)
{
	return (number(store, "PRAGMA page_count") - number(store, "PRAGMA freelist_count")) *
	       number(store, "PRAGMA page_size");
}

int ct_store_facts(struct ct_store *store, struct ct_store_facts *out, struct ct_err *err)
{
	*out = (struct ct_store_facts){
		.path = ct_str(store->path),
		.schema = number(store, "PRAGMA user_version"),
		.file_bytes = file_bytes(store->path, ""),
		.log_bytes = file_bytes(store->path, "-wal"),
		.used_bytes = used_bytes(store),
		.attempts = number(store, "SELECT count(*) FROM provider_metrics"),
		.conversations = number(store, "SELECT count(*) FROM conversations"),
		.messages = number(store, "SELECT count(*) FROM messages"),
		.oldest_ms = number(store, "SELECT ifnull(min(created_at),0) FROM provider_logs"),
		.newest_ms = number(store, "SELECT ifnull(max(created_at),0) FROM provider_logs"),
	};
	int64_t gone = number(store, "SELECT ifnull(max(value),0) FROM store_marks"
				     " WHERE name='bodies_gone_to'");
	if (gone > 0)
		out->bodies_dropped = number(store, "SELECT count(*) FROM provider_logs WHERE"
						    " rowid<=(SELECT value FROM store_marks"
						    " WHERE name='bodies_gone_to')");
	return ct_db_pragma(store, "SELECT count(*) FROM provider_logs", &out->requests, err);
}

/* Rows of one text column, each a problem; "ok" is none. */
static int list_problems(struct ct_store *store, const char *sql, ct_store_problem_fn *fn,
			 void *user, struct ct_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(stmt);
		struct ct_str text = code == SQLITE_ROW ? ct_db_str(stmt, 0) :
							  (struct ct_str){ NULL, 0 };
		if (text.len > 0 && !ct_str_is(text, "ok"))
			fn(user, text);
	}
	int rc = code == SQLITE_DONE ? CT_OK : ct_db_fail(store, "read", err);
	sqlite3_finalize(stmt);
	return rc;
}

static const char sums_sql[] =
	"SELECT 'statistics of ' || date(day/1000,'unixepoch') || ' count ' || ifnull(kept,0) ||"
	" ' attempts, there are ' || rows FROM"
	" (SELECT created_at-created_at%86400000 AS day, count(*) AS rows"
	" FROM provider_metrics GROUP BY 1) LEFT JOIN"
	" (SELECT start, sum(requests) AS kept FROM provider_rollups WHERE span=86400000"
	" GROUP BY 1) ON start=day WHERE kept IS NOT rows LIMIT 100";

enum { DAMAGED_MOST = 100 }; /* that are named, as of any kind of problem */

struct damaged {
	ct_store_problem_fn *fn;
	void *user;
	int64_t count;
};

static int on_damaged(void *user, struct ct_str conversation_id, struct ct_str message_id)
{
	struct damaged *d = user;
	char text[256];

	if (++d->count > DAMAGED_MOST)
		return CT_OK;
	snprintf(text, sizeof(text),
		 "message %.*s of conversation %.*s is damaged: its checksum is wrong",
		 CT_STR_ARG(message_id), CT_STR_ARG(conversation_id));
	d->fn(d->user, ct_str(text));
	return CT_OK;
}

static int check_messages(struct ct_store *store, ct_store_problem_fn *fn, void *user,
			  struct ct_err *err)
{
	struct damaged d = { fn, user, 0 };
	char text[64];
	int rc = ct_conversation_damaged(store, on_damaged, &d, err);

	if (d.count > DAMAGED_MOST) {
		snprintf(text, sizeof(text), "%lld more messages are damaged",
			 (long long)d.count - DAMAGED_MOST);
		fn(user, ct_str(text));
	}
	return rc;
}

int ct_store_check(struct ct_store *store, ct_store_problem_fn *fn, void *user,
		   struct ct_err *err)
{
	int rc = list_problems(store, "PRAGMA integrity_check(100)", fn, user, err);

	if (rc == CT_OK)
		rc = list_problems(store, sums_sql, fn, user, err);
	return rc == CT_OK ? check_messages(store, fn, user, err) : rc;
}

static int copy(struct ct_store *store, const char *path, struct ct_err *err)
{
	sqlite3 *to = NULL;
	int code = sqlite3_open(path, &to);
	sqlite3_backup *backup =
		code == SQLITE_OK ? sqlite3_backup_init(to, "main", store->db, "main") : NULL;

	for (int n = 0; backup != NULL; n++) {
		code = sqlite3_backup_step(backup, COPY_PAGES);
		bool busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
		if (code != SQLITE_OK && !(busy && ct_db_wait(store, n)))
			break;
	}
	if (backup != NULL && sqlite3_backup_finish(backup) != SQLITE_OK && code == SQLITE_DONE)
		code = SQLITE_IOERR;
	bool done = code == SQLITE_DONE;
	if (!done)
		ct_fail(err, CT_ESTORE, "cannot copy the store %s to %s: %s", store->path, path,
			to != NULL ? sqlite3_errmsg(to) : "no memory");
	sqlite3_close(to);
	return done ? CT_OK : CT_ESTORE;
}

int ct_store_backup(struct ct_store *store, const char *path, struct ct_err *err)
{
	char temp[PATH_MAX];

	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >= (int)sizeof(temp))
		return ct_fail(err, CT_ESTORE, "cannot write %s: name too long", path);
	int fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return ct_fail(err, CT_ESTORE, "cannot write %s: %s", path, strerror(errno));
	int rc = copy(store, temp, err);
	if (rc == CT_OK && (fsync(fd) != 0 || rename(temp, path) != 0))
		rc = ct_fail(err, CT_ESTORE, "cannot write %s: %s", path, strerror(errno));
	close(fd);
	if (rc != CT_OK)
		unlink(temp);
	return rc;
}

static int prune_some(struct ct_store *store, int64_t before_ms, int64_t *deleted,
		      struct ct_err *err)
{
	sqlite3_stmt *stmt;
	int rc = ct_store_begin(store, err);

	if (rc != CT_OK)
		return rc;
	rc = ct_db_statement(store,
			     "DELETE FROM provider_logs WHERE rowid IN (SELECT rowid FROM"
			     " provider_logs WHERE created_at<?1 AND state<>'pending' LIMIT ?2)",
			     &stmt, err);
	if (rc == CT_OK) {
		sqlite3_bind_int64(stmt, 1, before_ms);
		sqlite3_bind_int64(stmt, 2, PRUNE_ROWS);
		rc = ct_db_run(store, stmt, err);
	}
	*deleted = rc == CT_OK ? sqlite3_changes(store->db) : 0;
	return ct_db_leave(store, true, rc, err);
}

int ct_store_prune(struct ct_store *store, int64_t before_ms, int64_t *deleted,
		   struct ct_err *err)
{
	int64_t some = PRUNE_ROWS;
	int rc = CT_OK;

	*deleted = 0;
	while (rc == CT_OK && some == PRUNE_ROWS) {
		rc = prune_some(store, before_ms, &some, err);
		*deleted += some;
	}
	/*
	 * Row numbers may be given out again: what was dropped is looked at anew. A store that
	 * others read just now keeps its size until the next time.
	 */
	if (rc == CT_OK && *deleted > 0)
		rc = ct_db_exec(store, "DELETE FROM store_marks", err);
	if (rc == CT_OK)
		rc = ct_streams_prune(store, before_ms, err);
	if (rc == CT_OK && *deleted > 0)
		sqlite3_exec(store->db, "VACUUM;PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
	return rc;
}

static int drop_bodies(struct ct_store *store, struct ct_err *err)
{
	static const char *const steps[] = {
		"INSERT OR IGNORE INTO store_marks VALUES('bodies_gone_to',0)",
		/* those under way keep theirs: their end writes them anyway */
		"UPDATE provider_logs SET request_data=NULL,response_data=NULL WHERE rowid>"
		"(SELECT value FROM store_marks WHERE name='bodies_gone_to') AND rowid IN"
		" (SELECT rowid FROM provider_logs WHERE rowid>(SELECT value FROM store_marks"
		" WHERE name='bodies_gone_to') ORDER BY rowid LIMIT 32) AND state<>'pending'",
		"UPDATE store_marks SET value=ifnull((SELECT max(rowid) FROM (SELECT rowid FROM"
		" provider_logs WHERE rowid>value ORDER BY rowid LIMIT 32)),value)"
		" WHERE name='bodies_gone_to'",
	};
	int rc = CT_OK;

	for (size_t i = 0; rc == CT_OK && i < CT_COUNT(steps); i++) {
		sqlite3_stmt *stmt;
		rc = ct_db_statement(store, steps[i], &stmt, err);
		if (rc == CT_OK)
			rc = ct_db_run(store, stmt, err);
	}
	return rc;
}

int ct_store_trim(struct ct_store *store, int64_t max_bytes, struct ct_err *err)
{
	int64_t begin = 0;
	bool dropped = false;

	if (max_bytes <= 0 || used_bytes(store) <= max_bytes)
		return CT_OK;
	/* events of sessions that are over are the least to be missed */
	int rc = ct_streams_sweep(store, INT64_MAX, &begin, &dropped, err);
	return rc != CT_OK || dropped ? rc : drop_bodies(store, err);
}

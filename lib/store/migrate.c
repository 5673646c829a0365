#include <linux/magic.h>
#include <stdio.h>
#include <sys/vfs.h>

#include "base/defs.h"
#include "store/db.h"

extern const char ct_sql_0001_first[], ct_sql_0002_conversations[], ct_sql_0003_maintenance[],
	ct_sql_0004_message_parts[], ct_sql_0005_rate_limits[], ct_sql_0006_streams[],
	ct_sql_0007_speech[], ct_sql_0008_endings[];

/* share/sql in order: the nth brings the schema to version n. Never edit one that was released. */
static const char *const steps[] = {
	ct_sql_0001_first,
	ct_sql_0002_conversations,
	ct_sql_0003_maintenance,
	ct_sql_0004_message_parts,
	ct_sql_0005_rate_limits,
	ct_sql_0006_streams,
	ct_sql_0007_speech,
	ct_sql_0008_endings,
};

enum {
	LATEST = CT_COUNT(steps),
	APPLICATION_ID = 0x63617274, /* "cart": whose file it is, as file(1) sees it */
};

bool ct_db_is_remote(int64_t fs_type)
{
	switch (fs_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case V9FS_MAGIC:
	case FUSE_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}

/*
 * WAL needs memory shared by all who open the file, which a network does not give. The
 * change of mode may answer SQLITE_BUSY without asking the busy handler (two that
 * start at once would wait for each other), so the wait is here.
 */
static int set_journal_mode(struct ct_store *store, struct ct_err *err)
{
	struct statfs fs;
	bool remote = statfs(store->path, &fs) == 0 && ct_db_is_remote(fs.f_type);
	const char *sql =
		remote ? "PRAGMA journal_mode=TRUNCATE" : "PRAGMA journal_mode=WAL";

	for (int n = 0;; n++) {
		int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
		if (code == SQLITE_OK)
			return CT_OK;
		if ((code & 0xFF) != SQLITE_BUSY || !ct_db_wait(store, n))
			return ct_db_fail(store, "open", err);
	}
}

/* version and application id when they are not what we would write. */
static int judge_other(struct ct_store *store, int64_t version, struct ct_err *err)
{
	int64_t application = 0, tables = 0;
	int rc = ct_db_pragma(store, "PRAGMA application_id", &application, err);

	if (rc == CT_OK && version == 0)
		rc = ct_db_pragma(store, "SELECT count(*) FROM sqlite_schema", &tables,
				  err);
	if (rc != CT_OK)
		return rc;
	if (version == 0 ? tables > 0 : application != APPLICATION_ID) {
		ct_fail(err, CT_ESTORE,
			"cannot use the store %s: it is another program's database",
			store->path);
		ct_hint(err, "name another file with --db");
		return CT_ESTORE;
	}
	return CT_OK;
}

static int refuse_newer(struct ct_store *store, int64_t version, struct ct_err *err)
{
	ct_fail(err, CT_ESTORE,
		"cannot write the store %s: a newer cartrita made it (schema %lld, known "
		"here: "
		"%d)",
		store->path, (long long)version, (int)LATEST);
	ct_hint(err, "update cartrita, or name another file with --db");
	return CT_ESTORE;
}

static int apply(struct ct_store *store, int64_t from, struct ct_err *err)
{
	char sql[64];
	int rc = CT_OK;

	for (int64_t i = from; i < LATEST && rc == CT_OK; i++)
		rc = ct_db_exec(store, steps[i], err);
	snprintf(sql, sizeof(sql), "PRAGMA application_id=%d;PRAGMA user_version=%d",
		 (int)APPLICATION_ID, (int)LATEST);
	return rc == CT_OK ? ct_db_exec(store, sql, err) : rc;
}

/* Of many that start at once the first migrates; the others look again and find it done. */
static int upgrade(struct ct_store *store, struct ct_err *err)
{
	int64_t version = 0;
	int rc = ct_store_begin(store, err);

	if (rc != CT_OK)
		return rc;
	rc = ct_db_pragma(store, "PRAGMA user_version", &version, err);
	if (rc == CT_OK && version < LATEST)
		rc = judge_other(store, version, err);
	if (rc == CT_OK && version < LATEST)
		rc = apply(store, version, err);
	return ct_db_leave(store, true, rc, err);
}

/*
 * In one snapshot: between two looks another process may have made the schema. *version is
 * what it is now.
 */
static int judge_at_once(struct ct_store *store, int64_t *version, struct ct_err *err)
{
	int rc = ct_db_exec(store, "BEGIN", err);

	if (rc != CT_OK)
		return rc;
	rc = ct_db_pragma(store, "PRAGMA user_version", version, err);
	if (rc == CT_OK && *version != LATEST)
		rc = judge_other(store, *version, err);
	sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
	return rc;
}

static int fail_empty(struct ct_store *store, struct ct_err *err)
{
	ct_fail(err, CT_ESTORE, "cannot read the store %s: it is empty", store->path);
	ct_hint(err, "the first request writes it: cartrita chat hello");
	return CT_ESTORE;
}

static int prepare_writing(struct ct_store *store, int64_t version, struct ct_err *err)
{
	int rc = version > LATEST ? refuse_newer(store, version, err)
				  : set_journal_mode(store, err);

	if (rc == CT_OK && version < LATEST)
		rc = upgrade(store, err);
	/* WAL with NORMAL loses nothing to a crash of ours, the last commits to a power cut */
	return rc == CT_OK ? ct_db_exec(store, "PRAGMA synchronous=NORMAL", err) : rc;
}

int ct_db_migrate(struct ct_store *store, struct ct_err *err)
{
	int64_t version = 0;
	int rc = ct_db_pragma(store, "PRAGMA user_version", &version, err);

	if (rc == CT_OK && version != LATEST)
		rc = judge_at_once(store, &version, err);
	if (rc != CT_OK)
		return rc;
	if (store->mode == CT_STORE_WRITE)
		return prepare_writing(store, version, err);
	/* a newer one is tried: columns are only ever added */
	return version == 0 ? fail_empty(store, err) : CT_OK;
}

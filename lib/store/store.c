#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "store/db.h"

enum {
	GIVE_WAY_STEPS = 500, /* of SQLite's machine: some 30 µs */
	GIVE_WAY_US = 300,
	PATH_MOST = 4096,
	CHECKPOINT_BYTES =
		1 << 20, /* after an answer: reading 1 MiB of log takes 0.4 ms */
	CHECKPOINT_LATEST_BYTES = 64
				  << 20, /* at a commit of a process that does not end */
};

static int count_log(void *user, sqlite3 *db, const char *name, int pages)
{
	struct ct_store *store = user;

	(void)db, (void)name;
	store->wal_pages = pages;
	return SQLITE_OK;
}

static int on_busy(void *user, int n)
{
	return ct_db_wait(user, n);
}

static int fail_errno(const struct ct_store *store, int cause, struct ct_err *err)
{
	return ct_fail(err, CT_ESTORE, "cannot open the store %s: %s", store->path,
		       strerror(cause));
}

/*
 * Made here and not by SQLite, which would let others read it; -wal and -shm take its
 * mode. Only a file that is not there is opened: closing one would drop the
 * locks that this process holds on it through SQLite.
 */
static int make_file(struct ct_store *store, struct ct_err *err)
{
	struct ct_err cause = { 0 };

	if (ct_file_make_parent(store->path, &cause) != CT_OK)
		return ct_fail(err, CT_ESTORE, "cannot open the store %s: %s",
			       store->path, cause.msg);
	int fd = open(store->path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST)
		return fail_errno(store, errno, err);
	if (fd >= 0)
		close(fd);
	return CT_OK;
}

static int check_file(struct ct_store *store, struct ct_err *err)
{
	struct stat st;

	if (stat(store->path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return fail_errno(store, EISDIR, err);
		if (!S_ISREG(st.st_mode))
			return ct_fail(err, CT_ESTORE,
				       "cannot open the store %s: not a regular file",
				       store->path);
		return CT_OK;
	}
	if (errno != ENOENT)
		return fail_errno(store, errno, err);
	if (store->mode == CT_STORE_WRITE)
		return make_file(store, err);
	fail_errno(store, ENOENT, err);
	ct_hint(err, "the first request makes it: cartrita chat hello");
	return CT_ESTORE;
}

/* One thread at a time uses a store: SQLite's own locks would only cost. */
static int open_db(struct ct_store *store, const char *name, int flags,
		   struct ct_err *err)
{
	if (sqlite3_open_v2(name, &store->db,
			    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
			    NULL) != SQLITE_OK)
		return store->db != NULL ? ct_db_fail(store, "open", err)
					 : ct_fail(err, CT_ESTORE, "out of memory");
	sqlite3_busy_handler(store->db, on_busy, store);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_wal_hook(store->db, count_log, store); /* in place of autocheckpoint */
	return CT_OK;
}

static int open_write(struct ct_store *store, struct ct_err *err)
{
	int rc = open_db(store, store->path, SQLITE_OPEN_READWRITE, err);

	/* SQLite quietly opens what may not be written for reading */
	if (rc == CT_OK && sqlite3_db_readonly(store->db, "main") == 1)
		return fail_errno(store, access(store->path, W_OK) != 0 ? errno : EACCES,
				  err);
	return rc == CT_OK ? ct_db_migrate(store, err) : rc;
}

static void add_escaped(struct ct_buf *uri, const char *path)
{
	for (; *path != '\0'; path++) {
		if (strchr("?#%", *path) != NULL)
			ct_buf_printf(uri, "%%%02X", (unsigned char)*path);
		else
			ct_buf_append(uri, path, 1);
	}
}

/* A log we cannot read stays unread: better an older state than none, but say so. */
static void warn_of_log(const struct ct_store *store)
{
	char log[PATH_MOST + 8];
	struct stat st;

	snprintf(log, sizeof(log), "%s-wal", store->path);
	if (stat(log, &st) == 0 && st.st_size > 0)
		ct_log(CT_LOG_WARN,
		       "the store %s is read without its newest entries: "
		       "its folder cannot be written",
		       store->path);
}

static int open_immutable(struct ct_store *store, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf uri = CT_BUF_INIT(3 * PATH_MOST + 64);

	ct_buf_puts(&uri, "file:");
	add_escaped(&uri, store->path);
	ct_buf_puts(&uri, "?immutable=1");
	if (ct_buf_check(&uri, "the store's name", NULL) != CT_OK)
		return ct_fail(err, CT_ESTORE, "out of memory");
	int rc = open_db(store, uri.ptr, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
	if (rc == CT_OK)
		rc = ct_db_migrate(store, err);
	if (rc == CT_OK)
		warn_of_log(store);
	return rc;
}

/*
 * Where -wal and -shm can neither be used nor made. Not with a rollback journal left by a
 * crash: what it would undo may be half written.
 */
static bool needs_immutable(struct ct_store *store)
{
	int code = sqlite3_extended_errcode(store->db);

	return (code & 0xFF) == SQLITE_CANTOPEN ||
	       ((code & 0xFF) == SQLITE_READONLY && code != SQLITE_READONLY_ROLLBACK);
}

/* In WAL mode even a reader makes -shm; where it cannot, the file is taken as it lies. */
static int open_read(struct ct_store *store, struct ct_err *err)
{
	int rc = open_db(store, store->path, SQLITE_OPEN_READONLY, err);

	if (rc == CT_OK)
		rc = ct_db_migrate(store, err);
	if (rc != CT_ESTORE || !needs_immutable(store))
		return rc;
	sqlite3_close(store->db);
	store->db = NULL;
	return open_immutable(store, err);
}

/* A name like ":memory:" or "file:x" means something else to SQLite: "./" makes it a file's. */
static struct ct_store *create(const char *path, enum ct_store_mode mode)
{
	struct ct_store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->mode = mode;
	if (asprintf(&store->path, "%s%s", *path == '/' ? "" : "./", path) < 0) {
		free(store);
		return NULL;
	}
	return store;
}

void ct_store_setup(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int ct_store_open(const char *path, enum ct_store_mode mode, int64_t wait_ms,
		  struct ct_store **out, struct ct_err *err)
{
	*out = NULL;
	if (*path == '\0' || strlen(path) >= PATH_MOST)
		return ct_fail(err, CT_ESTORE, "cannot open the store: its name is %s",
			       *path == '\0' ? "empty" : "too long");
	struct ct_store *store = create(path, mode);
	if (store == NULL)
		return ct_fail(err, CT_ESTORE, "out of memory");

	ct_store_set_wait(store, wait_ms);
	int rc = check_file(store, err);
	if (rc == CT_OK)
		rc = mode == CT_STORE_WRITE ? open_write(store, err)
					    : open_read(store, err);
	if (rc != CT_OK) {
		ct_store_close(store);
		return rc;
	}
	*out = store;
	return CT_OK;
}

/*
 * Best effort, without waiting: what cannot be done now is done after the next answer. The
 * passive part lets others go on. Then the log is emptied: whoever opens a store first
 * reads the whole log, and does not know what of it had been copied before, so that a
 * log that is copied but not emptied would grow and slow every start.
 */
static void checkpoint(struct ct_store *store)
{
	int pages = 0, copied = 0;

	ct_store_set_wait(store, 0);
	if (sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages,
				      &copied) == SQLITE_OK &&
	    pages == copied)
		sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
					  NULL, NULL);
	store->wal_pages = 0;
}

static bool log_is_over(struct ct_store *store, int64_t bytes)
{
	int64_t page = 0;

	return store->wal_pages > bytes / 65536 && store->mode == CT_STORE_WRITE &&
	       ct_db_pragma(store, "PRAGMA page_size", &page, NULL) == CT_OK &&
	       store->wal_pages * page > bytes;
}

void ct_store_close(struct ct_store *store)
{
	if (store == NULL)
		return;
	if (store->begun)
		ct_store_rollback(store);
	for (int i = 0; i < store->statement_count; i++)
		sqlite3_finalize(store->statements[i].stmt);
	if (log_is_over(store, CHECKPOINT_BYTES))
		checkpoint(store);
	sqlite3_close(store->db);
	free(store->path);
	free(store);
}

/* Locks go with the process; a copy of the log is all that would be missing. */
void ct_store_leave(struct ct_store *store)
{
	if (store == NULL)
		return;
	if (store->begun)
		ct_store_rollback(store);
	if (log_is_over(store, CHECKPOINT_BYTES))
		checkpoint(store);
}

int64_t ct_store_set_wait(struct ct_store *store, int64_t wait_ms)
{
	const int64_t most = 24LL * 3600 * 1000;
	int64_t left_us = store->wait_left_us;

	store->wait_left_us = (wait_ms < 0 ? 0 : wait_ms < most ? wait_ms : most) * 1000;
	return left_us < 0 ? 0 : left_us / 1000;
}

static int give_way(void *user)
{
	struct ct_store *store = user;

	if (ct_clock_us() - store->gave_way_us >= GIVE_WAY_US) {
		sched_yield();
		store->gave_way_us = ct_clock_us();
	}
	return 0;
}

void ct_store_give_way(struct ct_store *store)
{
	sqlite3_progress_handler(store->db, GIVE_WAY_STEPS, give_way, store);
}

int64_t ct_store_version(struct ct_store *store)
{
	int64_t version = -1;

	return ct_db_pragma(store, "PRAGMA data_version", &version, NULL) == CT_OK ? version : -1;
}

int ct_store_begin(struct ct_store *store, struct ct_err *err)
{
	assert(!store->begun);
	int rc = ct_db_exec(store, "BEGIN IMMEDIATE", err);
	store->begun = rc == CT_OK;
	return rc;
}

int ct_store_commit(struct ct_store *store, struct ct_err *err)
{
	assert(store->begun);
	if (sqlite3_get_autocommit(store->db)) {
		store->begun = false;
		return ct_fail(
			err, CT_ESTORE,
			"cannot write the store %s: its transaction has failed before",
			store->path);
	}
	int rc = ct_db_exec(store, "COMMIT", err);
	if (rc != CT_OK) {
		ct_store_rollback(store);
		return rc;
	}
	store->begun = false;
	if (log_is_over(store, CHECKPOINT_LATEST_BYTES)) {
		int64_t wait_left_us = store->wait_left_us;
		checkpoint(store);
		store->wait_left_us = wait_left_us;
	}
	return CT_OK;
}

void ct_store_rollback(struct ct_store *store)
{
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	store->begun = false;
}

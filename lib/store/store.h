/*
 * The local SQLite file that all processes share: opening, migrating, transactions.
 * journal.h, metrics.h and shared.h are what is in it.
 *
 * Every function that touches the file answers CT_OK, CT_EBUSY (another process holds it for
 * longer than we may wait) or CT_ESTORE (missing, full, read-only, damaged; the message
 * says which). Neither is ever fatal to an answer.
 * Schema: share/sql/NNNN-name.sql, applied in order, the number kept in user_version.
 */
#ifndef CT_STORE_STORE_H
#define CT_STORE_STORE_H

#include "base/err.h"
#include "base/str.h"

struct ct_store;

enum ct_store_mode {
	CT_STORE_READ, /* never written: mode=ro, then immutable=1 where the folder cannot be written */
	CT_STORE_WRITE, /* made when missing (folder 0700, file 0600), migrated when older */
};

/*
 * Once, before any other thread and any store: SQLite shall not count the bytes that it allocates,
 * which takes it a lock each time. Without it all works the same.
 */
void ct_store_setup(void);

/*
 * Open path. wait_ms bounds every later wait for a lock, too, until it is set again. CT_ESTORE also
 * for a file that a newer version has written (READ: only if its schema cannot be read).
 * READ of a file that does not exist: CT_ESTORE, with err->hint set.
 */
int ct_store_open(const char *path, enum ct_store_mode mode, int64_t wait_ms,
		  struct ct_store **out, struct ct_err *err);

/*
 * For after the answer: a log over 1 MiB is copied to the file and emptied here, without
 * waiting for anyone. NULL is fine.
 */
void ct_store_close(struct ct_store *store);

/*
 * The same of what others notice, in a process that ends at once: its memory is not taken down.
 * Nothing may touch the store after it. NULL is fine.
 */
void ct_store_leave(struct ct_store *store);

/* Another number after each commit of another process; -1 where it cannot be read. */
int64_t ct_store_version(struct ct_store *store);

/*
 * From now on wait for a lock for that long at most, in all until it is set again. Answers what was
 * left of the wait before, in ms, which may be given back.
 */
int64_t ct_store_set_wait(struct ct_store *store, int64_t wait_ms);

/*
 * For a thread whose work can wait a little: from now on it offers its core to others (sched_yield(2))
 * after each 300 µs within statements. Not while the file is migrated, or its log copied.
 */
void ct_store_give_way(struct ct_store *store);

/* BEGIN IMMEDIATE. What follows is seen by others all at once, at commit, or not at all. */
int ct_store_begin(struct ct_store *store, struct ct_err *err);
/* A failed commit has been rolled back. */
int ct_store_commit(struct ct_store *store, struct ct_err *err);
void ct_store_rollback(struct ct_store *store);

#endif

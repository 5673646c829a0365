/*
 * The store looks after itself: how large it is, whether it is sound, a copy of it, and less of it.
 */
#ifndef CT_STORE_UPKEEP_H
#define CT_STORE_UPKEEP_H

#include "store/store.h"

struct ct_store_facts {
	struct ct_str path; /* until close */
	int64_t schema; /* version */
	int64_t file_bytes, log_bytes; /* on disk: the file, and its write-ahead log */
	int64_t used_bytes; /* of the file: what is not free for reuse */
	int64_t requests, attempts; /* rows */
	int64_t conversations, messages; /* rows; -1 where the schema has none */
	int64_t oldest_ms, newest_ms; /* of requests, Unix ms; 0: none */
	int64_t bodies_dropped; /* requests whose text went because of the ceiling */
};

int ct_store_facts(struct ct_store *store, struct ct_store_facts *out, struct ct_err *err);

/*
 * Look at every page, at whether the sums that statistics are made of agree with the rows, and at the
 * checksums of messages.
 * fn for each problem in words; CT_OK when the look was complete, whatever it found.
 */
typedef void ct_store_problem_fn(void *user, struct ct_str problem);
int ct_store_check(struct ct_store *store, ct_store_problem_fn *fn, void *user,
		   struct ct_err *err);

/*
 * A copy of the store as it is at one moment, while others go on writing, at path (mode 0600),
 * renamed into place when whole. CT_ESTORE also where path cannot be written.
 */
int ct_store_backup(struct ct_store *store, const char *path, struct ct_err *err);

/*
 * Delete requests that ended before before_ms, a thousand at a time, so that others can
 * write in between; metrics and conversations stay. What they took is given back to the
 * file system where nobody else holds the store open in the middle of a read.
 */
int ct_store_prune(struct ct_store *store, int64_t before_ms, int64_t *deleted,
		   struct ct_err *err);

/*
 * Within the caller's transaction: where more than max_bytes of the file are used, drop some events of
 * sessions that have ended, or, where there are none, the bodies (not the rows) of the oldest
 * requests that still have them, 32 at most.
 */
int ct_store_trim(struct ct_store *store, int64_t max_bytes, struct ct_err *err);

#endif

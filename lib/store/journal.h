/*
 * provider_logs: each request, `pending` before its first byte leaves, then
 * `completed` or `failed`, once. Bodies over 1 MiB are kept as their SHA-256 and length:
 * {"sha256":"…","bytes":N}.
 */
#ifndef CT_STORE_JOURNAL_H
#define CT_STORE_JOURNAL_H

#include "base/process.h"
#include "model/record.h"
#include "store/store.h"

/* The beginning of a request. */
struct ct_journal_entry {
	struct ct_str id, request_id; /* UUIDv7 each */
	struct ct_str conversation_id, user_id; /* {NULL, 0}: null */
	struct ct_str provider, model; /* of the first candidate */
	struct ct_str request_data; /* JSON; {NULL, 0}: content is not to be kept */
	struct ct_process process; /* who runs it */
	int64_t created_ms; /* Unix ms */
	int64_t deadline_ms; /* Unix ms: after it the row is dead whoever lives */
};

/* The end of a request. */
struct ct_journal_outcome {
	bool completed; /* else failed */
	struct ct_str provider, model; /* of the candidate asked last */
	struct ct_str response_data; /* JSON; {NULL, 0}: null */
	struct ct_str error_data; /* JSON; {NULL, 0}: null */
	struct ct_str attempts; /* JSON array with the reason for each decision; {NULL, 0}: null */
	int64_t duration_ms;
	int64_t ended_ms; /* Unix ms */
};

/* Insert the pending row. */
int ct_journal_begin(struct ct_store *store, const struct ct_journal_entry *entry,
		     struct ct_err *err);

/*
 * Set its outcome; inserts the row as well where ct_journal_begin() could not. A row that
 * already has an outcome keeps it, but for one that was wrongly taken for interrupted.
 */
int ct_journal_end(struct ct_store *store, const struct ct_journal_entry *entry,
		   const struct ct_journal_outcome *outcome, struct ct_err *err);

/* Make the next request of this process faster to keep, where there is time to. */
void ct_journal_warm(struct ct_store *store);

/*
 * Rows whose process died, or whose deadline has passed, become failed: error_data
 * {"code":"interrupted","message":…}. Costs one indexed look when there are none.
 */
int ct_journal_reap(struct ct_store *store, const struct ct_process *self, int64_t now_ms,
		    struct ct_err *err);

/* fn for each row that fits; anything but CT_OK from it ends the listing with that code. */
typedef int ct_log_row_fn(void *user, const struct ct_log_row *row, int64_t rowid);
int ct_journal_list(struct ct_store *store, const struct ct_log_filter *filter,
		    ct_log_row_fn *fn, void *user, struct ct_err *err);

/* Everything of one request. attempts is its JSON; {NULL, 0} while pending. */
typedef int ct_log_show_fn(void *user, const struct ct_log_row *row, struct ct_str attempts);
/*
 * id: a request_id or row id, or the unique end of one, or "last". CT_EINVALID where none or several fit.
 */
int ct_journal_show(struct ct_store *store, struct ct_str id, ct_log_show_fn *fn, void *user,
		    struct ct_err *err);

#endif

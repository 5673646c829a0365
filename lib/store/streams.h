/*
 * Sessions of `cartrita stream` and the events they have shown, so that another process can
 * replay and follow them, also after theirs was killed. An event is kept as a line of JSON without
 * what is the same in all of its session (session_id, metadata); a row holds many.
 */
#ifndef CT_STORE_STREAMS_H
#define CT_STORE_STREAMS_H

#include "base/process.h"
#include "store/store.h"

/* {NULL, 0}: none. */
struct ct_kept_session {
	int64_t id; /* of its row */
	struct ct_str session_id, request_id, user_id, provider, model;
	struct ct_str metadata; /* JSON */
	bool content; /* its events are kept */
	struct ct_str state; /* running, completed, failed */
	struct ct_str error_code; /* "interrupted": its process is gone */
	bool torn; /* some of its events could not be kept */
	struct ct_process process;
	int64_t tokens; /* once it has ended */
	int64_t deadline_ms, created_ms, ended_ms; /* Unix ms */
	int64_t first_event; /* its rows come after that one */
};

/* How one ended. */
struct ct_session_end {
	bool completed, torn;
	const char *error_code; /* NULL: none */
	int64_t tokens, ended_ms;
};

/* Within the caller's transaction. id and first_event are not looked at; *id is the new row's. */
int ct_streams_begin(struct ct_store *store, const struct ct_kept_session *session,
		     int64_t *id, struct ct_err *err);
/* One that began before it was known: its request_id, provider and model. */
int ct_streams_start(struct ct_store *store, int64_t id, const struct ct_kept_session *session,
		     struct ct_err *err);
int ct_streams_append(struct ct_store *store, int64_t id, struct ct_str events,
		      struct ct_err *err);
int ct_streams_end(struct ct_store *store, int64_t id, const struct ct_session_end *end,
		   struct ct_err *err);

/* Those that run, but whose process is gone or time over, become failed: interrupted. */
int ct_streams_reap(struct ct_store *store, const struct ct_process *self, int64_t now_ms,
		    struct ct_err *err);

/*
 * Delete events of sessions that ended before before_ms: of the oldest few hundred rows
 * after *cursor, which moves on. *more: there are others to look at.
 */
int ct_streams_sweep(struct ct_store *store, int64_t before_ms, int64_t *cursor, bool *more,
		     struct ct_err *err);

/* Delete sessions that ended before before_ms, with their events; in the caller's transaction or not. */
int ct_streams_prune(struct ct_store *store, int64_t before_ms, struct ct_err *err);

/* Ask the sessions of that name that run to stop. *count: how many. */
int ct_streams_stop(struct ct_store *store, struct ct_str session_id, int64_t *count,
		    struct ct_err *err);
/* The ids of process's sessions that were asked to, at most room of them. */
int ct_streams_stopped(struct ct_store *store, const struct ct_process *process, int64_t *ids,
		       size_t room, size_t *count, struct ct_err *err);

/* Has one of that name ever completed? */
int ct_streams_is_completed(struct ct_store *store, struct ct_str session_id, bool *completed,
			    struct ct_err *err);

typedef int ct_kept_session_fn(void *user, const struct ct_kept_session *session);
/* Those whose state is running, the newest first. A store without any has none. */
int ct_streams_running(struct ct_store *store, ct_kept_session_fn *fn, void *user,
		       struct ct_err *err);
/* The newest of that name. CT_EINVALID: there is none. */
int ct_streams_find(struct ct_store *store, struct ct_str session_id, ct_kept_session_fn *fn,
		    void *user, struct ct_err *err);
/* The one of that row; CT_EINVALID: it is gone. */
int ct_streams_get(struct ct_store *store, int64_t id, ct_kept_session_fn *fn, void *user,
		   struct ct_err *err);

typedef int ct_kept_events_fn(void *user, int64_t n, struct ct_str events);
/* Its rows after that one, in order. Anything but CT_OK from fn ends it with that. */
int ct_streams_read(struct ct_store *store, int64_t id, int64_t after, ct_kept_events_fn *fn,
		    void *user, struct ct_err *err);

#endif

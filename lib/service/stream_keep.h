/*
 * What a stream keeps of its sessions in the store, so that others can attach to them: gathered, and
 * written by the app's writer once each flush interval, or earlier where they are many, in one
 * job. A store that is only slow is waited for; while it takes nothing, so much is held and no more.
 *
 * With each look it also learns which sessions somebody wants stopped, and sweeps what is old.
 */
#ifndef CT_SERVICE_STREAM_KEEP_H
#define CT_SERVICE_STREAM_KEEP_H

#include "service/app.h"
#include "store/streams.h"

struct ct_keeper;
struct ct_keep; /* one session's */

/* Somebody asked for that session (given to ct_keep_begin()) to stop. */
typedef void ct_keeper_stop_fn(void *session);
/* How many lines of the stream's output are written by now. */
typedef int64_t ct_keeper_written_fn(void *user);
/* All that was to be written is, or cannot be; see ct_keeper_finish(). */
typedef void ct_keeper_done_fn(void *user);

/*
 * Events come faster than the store takes them: make no more until told that it caught up, or that
 * it fails, which nobody waits for. true comes from within ct_keep_add(), false from the loop.
 */
typedef void ct_keeper_behind_fn(void *user, bool behind);

struct ct_keeper_options {
	struct ct_app *app; /* with a writer */
	int64_t flush_ms;
	bool no_content;
	ct_keeper_stop_fn *on_stop;
	ct_keeper_behind_fn *on_behind;
	ct_keeper_written_fn *written;
	ct_keeper_done_fn *on_done;
	void *user; /* of the last three */
};

/* CT_ENOMEM. */
int ct_keeper_create(const struct ct_keeper_options *options, struct ct_keeper **out,
		     struct ct_err *err);
/* Once it is finished, or before any session was begun. NULL is fine. */
void ct_keeper_destroy(struct ct_keeper *keeper);

/* A session begins: what it is called is copied. NULL without memory: then it is not kept. */
struct ct_keep *ct_keep_begin(struct ct_keeper *keeper,
			      const struct ct_kept_session *session, void *user);
/* Who is asked, which may take a while to be known; once. NULL is fine, also below. */
void ct_keep_start(struct ct_keep *keep, struct ct_str request_id, struct ct_str provider,
		   struct ct_str model);
/* An event, as ct_stream_write() has it. */
void ct_keep_add(struct ct_keep *keep, struct ct_str event);
/*
 * The session is over; keep is not to be used any more. code: CT_OK: completed, which it is for the
 * store once so many lines are written: who runs a killed batch again has not got the others.
 */
void ct_keep_end(struct ct_keep *keep, int code, int64_t tokens, int64_t lines);

/*
 * Write what is left; those whose end is not written by now have not completed. on_done is called
 * then, from the loop. Once.
 */
void ct_keeper_finish(struct ct_keeper *keeper);

#endif

/*
 * What the files of a stream share: stream.c (the whole), stream_input.c (request lines),
 * stream_ask.c (what one asks), stream_session.c and stream_queue.c (one session: what its call tells, what its reader is
 * shown), stream_output.c (events on their way out), stream_measure.c (the sums). Nobody
 * else's.
 */
#ifndef CT_SERVICE_STREAM_IMPL_H
#define CT_SERVICE_STREAM_IMPL_H

#include <sys/queue.h>

#include "net/inlet.h"
#include "net/outlet.h"
#include "service/interrupt.h"
#include "service/stream.h"
#include "service/stream_event.h"
#include "service/stream_keep.h"
#include "service/stream_pace.h"
#include "service/stream_request.h"
#include "service/tick.h"
#include "store/histogram.h"

enum {
	CT_STREAM_BUCKETS = 4096,
	CT_STREAM_UNSENT_BYTES = 8 << 20, /* counts as a full buffer, too */
	CT_STREAM_TURN_BYTES = 1 << 20, /* in one turn: before it ends nobody looks at the reader */
	CT_STREAM_QUEUE_BYTES = 64 << 10, /* of what a session's pace holds back; then it is paused */
	CT_STREAM_TEXT_BYTES = 512 << 20,
	CT_STREAM_BODY_BYTES = 256 << 20, /* of one event */
};

struct ct_session {
	/* What each event touches comes first, on few lines of the cache. */
	struct ct_stream *stream;
	struct ct_keep *keep; /* what others may see of it; NULL: nothing */
	struct ct_str id_json, metadata; /* JSON texts, without keys: of each event */
	int64_t position; /* of the next token */
	int64_t sent; /* tokens shown */
	int64_t last_us, last_token_us;
	bool full, paused; /* its queue is; its call is */
	bool over, leaving; /* its last event is shown; it is freed soon */
	int code; /* of its error event, which is counted; CT_OK: none yet */
	size_t queue_at;
	struct ct_pace pace;
	struct ct_buf queue; /* events that wait for their pace: struct header, body */

	int64_t began_us;
	int64_t answer_from; /* the position of the answer's first token */
	struct ct_timer *timer; /* pace, heartbeat, and time-out of what is held back */

	LIST_ENTRY(ct_session) entry, same; /* of all; in its bucket */
	struct ct_arena arena;
	struct ct_stream_request asked;
	struct ct_str id;
	int64_t line;

	struct ct_request request;
	struct ct_candidates candidates;
	struct ct_conversation *conversation; /* to be settled; NULL: none */
	bool own_conversation; /* made for this session */
	struct ct_call *call; /* NULL: over, or never begun */
	bool recording; /* a call is over and not recorded yet: what it points to must live */

	/* As its call tells. */
	bool started;
	struct ct_str request_id; /* {NULL, 0}: not started */
	struct ct_str provider; /* asked last */
	const char *fallback; /* why another is asked next; NULL: none is */
};

LIST_HEAD(ct_sessions, ct_session);

struct ct_stream {
	struct ct_app *app;
	const struct ct_stream_options *options;
	ct_stream_watch_fn *watch;
	void *user;
	struct ct_stream_result result;
	struct ct_sessions sessions, buckets[CT_STREAM_BUCKETS];

	/* Input. */
	struct ct_inlet *inlet;
	struct ct_buf in;
	size_t in_at, in_seen; /* taken; looked at in vain for a line's end, from there */
	int64_t line;
	bool in_long; /* in a line that is too long */
	bool in_wanted, in_ended, pumping, pump_again;

	/* Output. */
	struct ct_outlet *outlet;
	struct ct_buf out, scratch; /* of this turn; one event */
	struct ct_buf spare; /* memory for the next event's body */
	int64_t shown; /* lines, all in all */
	bool turn_ends; /* is called soon */
	bool slow; /* in this turn its reader did not take all at once */
	bool stuffed; /* too much is unsent or unkept: providers are not read from */
	bool behind; /* the store is */
	char time[CT_ISO_SIZE];
	int64_t time_ms;

	struct ct_interrupt *interrupt;
	struct ct_tick *tick;
	struct ct_keeper *keeper;
	bool kept; /* all of them, or what could be */
	struct ct_timer *grace; /* how long a reader that stands still is waited for after a cancel */
	int64_t graced_lines; /* as it had written when that was looked at last */
	bool graced; /* it is over */
	bool cancelled; /* no more sessions */
	bool opened, finishing, finished;
	int64_t began_us;
	struct ct_histogram first_token, inter_token; /* in ms; in µs */
};

/* stream.c: this is what happened to a session or a line; maybe all is over now. */
void ct_stream_failed(struct ct_stream *stream, const struct ct_err *err);
void ct_stream_cancel(struct ct_stream *stream);
void ct_stream_check_end(struct ct_stream *stream);
struct ct_sessions *ct_stream_bucket(struct ct_stream *stream, struct ct_str id);

/* stream_input.c: begin sessions as long as there is room and there are lines. */
int ct_stream_open_input(struct ct_stream *stream, struct ct_err *err);
void ct_stream_pump(struct ct_stream *stream);
/* Is there a line that was not taken, or may one come? */
bool ct_stream_has_input(const struct ct_stream *stream);

/* stream_ask.c: its request, whom to ask (in choice) and the conversation. What ct_conversation_resume() says. */
int ct_session_ask(struct ct_session *session, struct ct_choice *choice, struct ct_err *err);

/*
 * stream_session.c. One from a request line, without its end, or (line {NULL, 0}) from the options'
 * base. What is wrong with it becomes its error event.
 */
void ct_session_begin(struct ct_stream *stream, struct ct_str line, int64_t number);
/* The error event of a line that is no session, with what of it could be read: JSON, or {NULL, 0}. */
void ct_session_refuse(struct ct_stream *stream, struct ct_str id_json, struct ct_str metadata,
		       int64_t number, const struct ct_err *err);
void ct_session_cancel(struct ct_session *session);
/* Its last event is that error, which is about provider. */
void ct_session_fail(struct ct_session *session, const struct ct_err *err,
		     struct ct_str provider);
/* Its last event is shown: it goes as soon as its call is recorded, by its timer. */
void ct_session_end(struct ct_session *session, bool completed);
void ct_session_leave(struct ct_session *session);
/* It may be read from its provider, or not. */
void ct_session_set_pause(struct ct_session *session);

/*
 * stream_queue.c: an event of a session, in its turn: it is shown now, or once its pace allows.
 */
void ct_session_emit(struct ct_session *session, enum ct_stream_type type, struct ct_str body);
int ct_session_open_queue(struct ct_session *session, struct ct_err *err);
/* The reader of all reads again. */
void ct_session_wake(struct ct_session *session);
/* What is held back will not be shown. */
void ct_session_drop_queue(struct ct_session *session);

/* stream_output.c: an event goes out, now. */
int ct_stream_open_output(struct ct_stream *stream, struct ct_err *err);
void ct_stream_show_event(struct ct_stream *stream, struct ct_session *session,
			  enum ct_stream_type type, struct ct_str body);
/* The same for what belongs to no session that runs; {NULL, 0} is null. */
void ct_stream_show_other(struct ct_stream *stream, struct ct_str id_json,
			  struct ct_str metadata, enum ct_stream_type type, struct ct_str body);
/* Lines shown so far; more than will ever be written when output has failed. */
int64_t ct_stream_shown(const struct ct_stream *stream);
/* Those that are written; user is the stream. */
int64_t ct_stream_written(void *user);
/* The store's keeper has more than enough; user is the stream. */
void ct_stream_set_behind(void *user, bool behind);
/* All that can be said is said: call ct_stream_check_end() when it is written. */
bool ct_stream_is_written(struct ct_stream *stream);

/* stream_measure.c */
void ct_stream_note_token(struct ct_session *session, int64_t now_us);
void ct_stream_show_metrics(struct ct_stream *stream);

#endif

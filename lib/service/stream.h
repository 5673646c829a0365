/*
 * `cartrita stream`: many questions at once on the app's loop, each a session of events; all
 * events are NDJSON on one descriptor. What they are is the contract's section 4.
 *
 * Bounded whatever comes: at most max_concurrent sessions exist, the rest waits unread; once
 * buffer_events are unsent because their reader is slow, providers are not read from.
 */
#ifndef CT_SERVICE_STREAM_H
#define CT_SERVICE_STREAM_H

#include "service/conversation.h"

enum { CT_STREAM_CONCURRENT_MAX = 5000 };

struct ct_stream_options {
	struct ct_call_options call; /* show is not looked at */
	const struct ct_request *base; /* sampling, system, … where a request line says nothing */
	struct ct_choice choice; /* likewise */
	int64_t max_concurrent, buffer_events, max_tokens_per_second; /* the last: 0 none */
	int64_t flush_ms, heartbeat_ms;
	bool metrics; /* a last event sums up */
	bool skip_completed; /* not those whose session_id is complete in the store */
	int input; /* a descriptor of request lines; -1: none, but base's messages, once */
	int output; /* a descriptor for events */
	struct ct_conversation *conversation; /* that base's messages go on with; NULL: none */
};

struct ct_stream_counts {
	int64_t running, completed, failed, skipped; /* sessions; failed: also lines that were none */
	int64_t tokens;
};

struct ct_stream_result {
	struct ct_stream_counts counts;
	struct ct_err first; /* of the session that failed first; code CT_OK: none did */
	int signal; /* that ended it; 0: none */
	bool closed; /* output's reader has gone: the sessions were cancelled */
	int output_error; /* an errno: output failed otherwise, likewise */
	int input_error; /* an errno: input ended like that */
};

/* Called about ten times a second. NULL: of no interest. */
typedef void ct_stream_watch_fn(void *user, const struct ct_stream_counts *counts);

/*
 * Run them all, until input has ended and each session has. SIGINT and the like cancel those that
 * run. CT_OK when it ran, whatever came of the sessions: out says it; CT_ENOMEM, CT_EIO.
 */
int ct_stream_run(struct ct_app *app, const struct ct_stream_options *options,
		  ct_stream_watch_fn *watch, void *user, struct ct_stream_result *out,
		  struct ct_err *err);

#endif

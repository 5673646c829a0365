/*
 * Listening live: sound goes to a provider as it comes, what it says comes back as it is heard.
 *
 * A connection that breaks is made again, with growing waits; the sound that no final result has
 * covered yet is sent again, and no word of a final result comes twice. Each connection is an
 * attempt in the journal. Runs on the app's loop; exactly one on_done, and nothing after it.
 */
#ifndef CT_SERVICE_LISTEN_H
#define CT_SERVICE_LISTEN_H

#include "service/call.h"
#include "service/source.h"

struct ct_listen_options {
	struct ct_source_spec source;
	bool interim; /* results that may still change, too */
	bool realtime; /* a file as fast as it is spoken; else as fast as it is taken */
	struct ct_call_options call; /* retries, waits, log; timeout_ms is for the whole of it, 0: none */
};

/* Something was heard. Valid during the callback. */
struct ct_listen_event {
	struct ct_str text; /* UTF-8, not empty but where utterance_ends */
	bool is_final; /* else the next one takes its place */
	bool utterance_ends; /* somebody has finished speaking */
	int64_t start_ms, duration_ms; /* in the source */
	double confidence; /* negative: not said */
	int channel; /* from 0 */
};

struct ct_listen_result {
	int code; /* CT_OK: all of it was heard */
	struct ct_err err;
	struct ct_str request_id, provider_request_id, provider, model;
	struct ct_str text; /* all final results */
	int64_t audio_ms, duration_ms;
	int64_t cost_usd_nanos; /* -1 unknown */
	const struct ct_record_attempt *attempts;
	size_t attempt_count;
};

struct ct_listen_handler {
	void (*on_heard)(void *user, const struct ct_listen_event *event);
	/* A connection stands, and is being listened to. */
	void (*on_open)(void *user, struct ct_str provider, struct ct_str model);
	/* It broke; the log is about to say so, and what is done about it. */
	void (*on_break)(void *user);
	void (*on_done)(void *user, const struct ct_listen_result *result);
};

struct ct_listen;

/* Those of candidates that can listen live. CT_EUSAGE: one was named that cannot. */
int ct_listen_choose(struct ct_app *app, struct ct_candidates *candidates, struct ct_err *err);

/*
 * Begin. What is given must live until on_done; request's speech and options are asked for, and its
 * format is set from the source. CT_EINVALID, CT_ENOKEY, CT_EUSAGE, CT_EIO: nothing was journaled.
 */
int ct_listen_start(struct ct_app *app, struct ct_request *request, struct ct_speech *speech,
		    const struct ct_candidates *candidates,
		    const struct ct_listen_options *options,
		    const struct ct_listen_handler *handler, void *user,
		    struct ct_listen **out, struct ct_err *err);

/* No more sound: what was said is waited for, for a few seconds; then on_done with CT_ECANCELLED. */
void ct_listen_cancel(struct ct_listen *listen);

/* Run the loop until it is over and recorded. listen is gone afterwards. */
void ct_listen_wait(struct ct_listen *listen);

#endif

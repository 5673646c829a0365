/*
 * A call: one question through the whole pipeline, until there is a whole answer or nobody left
 * to ask. Candidates in order, circuit, attempt, classification, retry, fallback, repair of
 * cut streams, journal: the rules are the contract's section 9, the story stands in call.c.
 *
 * Runs on the app's loop. Exactly one on_done, and nothing after it.
 */
#ifndef CT_SERVICE_CALL_H
#define CT_SERVICE_CALL_H

#include "model/turn.h"
#include "service/answer.h"
#include "service/candidates.h"
#include "service/record.h"

/* What the reader sees before the end decides what a broken stream means. */
enum ct_show {
	CT_SHOW_WHOLE, /* nothing: the answer is shown when it is whole */
	CT_SHOW_LIVE, /* each piece, on a terminal: can be told that the answer begins anew */
	CT_SHOW_PIPE, /* each piece, into a pipe: what is written stays written */
};

struct ct_call_options {
	enum ct_show show;
	bool on_cut_fail; /* a cut after shown content is the end */
	int64_t timeout_ms; /* for everything, waits included */
	int64_t first_ms, idle_ms; /* 0: for streams by the model (30 s, or 120 s where it reasons) */
	int64_t retries, max_wait_ms;
	bool no_log; /* metrics, not content */
	bool past_circuit; /* a test: see record.h */
	struct ct_str user_id, conversation_id; /* {NULL, 0}: none */
	struct ct_turn *turn; /* kept with the outcome of an answer; NULL: nothing is */
};

/* From the configuration, for commands to change. */
struct ct_call_options ct_call_defaults(const struct ct_config *config);

enum ct_call_event_type {
	CT_CALL_START, /* a provider is being asked: provider, model */
	CT_CALL_TEXT, /* a piece of the answer (not with CT_SHOW_WHOLE) */
	CT_CALL_REASONING, /* a piece of the model's reasoning (likewise) */
	CT_CALL_RETRY, /* the same provider again, after wait_ms: reason */
	CT_CALL_FALLBACK, /* another than before, START follows: provider, reason */
	CT_CALL_SENT, /* of a recording: sent of `of` bytes are on their way */
	CT_CALL_AUDIO, /* a piece of sound, always as it comes; after RECOVERED it begins anew */
	CT_CALL_RECOVERED, /* before the first piece after a cut: restart says how */
};

struct ct_call_event {
	enum ct_call_event_type type;
	struct ct_str text;
	struct ct_str provider, model; /* not with TEXT, REASONING */
	const char *reason;
	int64_t wait_ms;
	int64_t sent, of; /* SENT */
	struct ct_str audio; /* AUDIO */
	bool restart; /* the answer begins anew; else it goes on where it stopped */
};

/* Everything about how it ended; valid during on_done. */
struct ct_call_result {
	int code; /* CT_OK: a whole answer */
	struct ct_err err;
	struct ct_str request_id, conversation_id, provider_request_id;
	struct ct_str provider, model; /* asked last */
	const struct ct_answer *answer; /* as far as it came */
	const struct ct_found *sources; /* of a question with the web's help (service/web); else NULL */
	size_t source_count;
	struct ct_str turn; /* of an answer with tool calls: see ct_decoder_turn() */
	struct ct_usage usage;
	int64_t cost_usd_nanos; /* of all attempts; -1 unknown */
	int64_t duration_ms, first_token_ms; /* first_token_ms -1: none */
	bool recovered; /* a cut after content was repaired */
	struct ct_warnings warnings;
	const struct ct_record_attempt *attempts; /* with the candidates that were skipped */
	size_t attempt_count;
};

struct ct_call_handler {
	void (*on_event)(void *user, const struct ct_call_event *event);
	void (*on_done)(void *user, const struct ct_call_result *result);
	/* After it, and last: the outcome is written, or cannot be. NULL: of no interest. */
	void (*on_recorded)(void *user);
};

struct ct_call;

/*
 * Begin. request's strings, candidates and what options points to must live until on_recorded (with
 * ct_call_wait() until that returns); the model in request is set for each candidate. CT_EINVALID for a request that fails validation, CT_ENOKEY
 * when a named provider has no key or none is left: then nothing was journaled and nothing is called.
 */
int ct_call_start(struct ct_app *app, const struct ct_request *request,
		  const struct ct_candidates *candidates, const struct ct_call_options *options,
		  const struct ct_call_handler *handler, void *user, struct ct_call **out,
		  struct ct_err *err);

/* Its id in the journal. Borrowed until on_done has returned. */
struct ct_str ct_call_request_id(const struct ct_call *call);

/* Stop it: on_done comes with CT_ECANCELLED, from the loop. Allowed anywhere, any number of times. */
void ct_call_cancel(struct ct_call *call);

/*
 * Stop reading from the provider, and go on: for a reader who is slower. What has come already is
 * still brought. The clocks for silence stand still meanwhile, the whole call's does not. Allowed
 * anywhere.
 */
void ct_call_pause(struct ct_call *call, bool pause);

/* Run the loop until the call is over and recorded. call is gone afterwards. */
void ct_call_wait(struct ct_call *call);

#endif

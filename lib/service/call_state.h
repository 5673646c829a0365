/*
 * What the files of a call share: call.c (the story), call_choose.c (whom it asks),
 * call_attempt.c (one attempt), call_end.c (the outcome). Nobody else's.
 */
#ifndef CT_SERVICE_CALL_STATE_H
#define CT_SERVICE_CALL_STATE_H

#include "service/call.h"
#include "service/try.h"

enum { CT_PAUSES_MAX = 16 };

struct ct_call {
	/* What each piece of an answer touches comes first, on few lines of the cache. */
	struct ct_app *app;
	struct ct_call_handler handler;
	void *user;
	const struct ct_candidates *candidates;
	size_t current; /* index into candidates */
	size_t first; /* the first candidate that could be asked */
	int64_t first_token_ms;
	bool shown; /* pieces of the present text were handed to the reader */
	bool started; /* the present attempt goes on with a started answer */
	bool cut; /* content came and broke off, in this or an earlier attempt */
	bool recovering, restart; /* tell the reader before the next piece */
	bool prefill_refused; /* by the present candidate */
	bool mend; /* a reader has seen part of an answer that broke off */
	bool cancelled, over, paused;
	bool no_room; /* a model's context was too small: that of at most context tokens */
	bool waited_for, recorded; /* by ct_call_wait(); all is done */
	struct ct_call_options options;
	struct ct_answer answer;

	struct ct_arena arena;
	const struct ct_request *asked; /* the caller's */
	struct ct_request request; /* of the present attempt */
	struct ct_message *messages; /* asked->messages and what was added */
	size_t left_out; /* of messages, the oldest: the present candidate has no room for them */
	size_t pauses; /* turns sent back because the provider paused */

	struct ct_record record;
	struct ct_warnings warnings;
	struct ct_try *attempt; /* under way; NULL: waiting, or over */
	struct ct_record_attempt *entry; /* of the present attempt */
	struct ct_timer *deadline, *wait;
	size_t asked_last; /* the candidate; SIZE_MAX: none was asked yet */
	const char *left_for; /* why another is asked next; NULL: no reason was met yet */
	int tries, bad_responses; /* of the present candidate */
	int64_t waited_ms; /* before the present attempt */
	int64_t slot; /* of a rate limit, that it leaves with; 0: none */
	int64_t began_us;

	int64_t context; /* see no_room */
	struct ct_str broken; /* what was shown of an answer that began anew */
	struct ct_err tried; /* of the last attempt; code 0: none was made */
	struct ct_err cut_err; /* of the cut that is being repaired */
	struct ct_err skipped; /* of the most telling skipped candidate */
	struct ct_str first_error; /* why the first candidate did not answer */
	size_t notified; /* the candidate whose answering instead was said; 0: none */
	struct ct_str provider_request_id;
	struct ct_str turn; /* where tools were offered, and called */
};

void ct_call_say(struct ct_call *call, const struct ct_call_event *event);

/* Ask the present candidate, or the next that can be asked; end when nobody is left. */
void ct_call_go_on(struct ct_call *call);
/* From now on the candidate after the present one. */
void ct_call_next(struct ct_call *call);
/* Go on in that time. */
void ct_call_wait_ms(struct ct_call *call, int64_t ms);
/* Can it be sent what is attached? CT_EINVALID and the like. */
int ct_call_check_media(const struct ct_call *call, const struct ct_candidate *candidate,
			struct ct_err *err);

/* The present attempt failed like that; content: something of an answer had come. */
void ct_call_failed(struct ct_call *call, const struct ct_err *err, bool content);

/* How can the present candidate mend an answer that broke off? CT_ECUT: not at all. */
int ct_call_plan_repair(struct ct_call *call, struct ct_err *err);

/* Send the present candidate its request. */
int ct_call_begin(struct ct_call *call, struct ct_err *err);

/* Say, once, when another provider than the first one answers, and why. */
void ct_call_say_fallback(struct ct_call *call);

/* Of a recording that goes up, or sound that comes: hand it on. Others are passed over. */
void ct_call_show_speech(struct ct_call *call, const struct ct_event *event);
/* What the provider did not count of speech, as far as it is known here. */
void ct_call_count_speech(struct ct_call *call, int code);

/* Complete the present attempt's record; err->code CT_OK: it answered. */
void ct_call_note_attempt(struct ct_call *call, const struct ct_err *err, int64_t duration_ms);

void ct_call_free(struct ct_call *call);

/* The call is over with that code: tell the reader, journal, free. Once. */
void ct_call_end(struct ct_call *call, int code, const struct ct_err *err);

static inline const struct ct_candidate *ct_call_candidate(const struct ct_call *call)
{
	return &call->candidates->list[call->current];
}

/* Milliseconds of the whole budget that are left. */
int64_t ct_call_left_ms(const struct ct_call *call);

#endif

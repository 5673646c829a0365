/*
 * One attempt: one HTTP exchange with one provider, under three clocks (first sign of work, idle,
 * and the caller's own). Bytes go down through provider/, events come up.
 */
#ifndef CT_SERVICE_TRY_H
#define CT_SERVICE_TRY_H

#include "model/limit.h"
#include "provider/decoder.h"
#include "service/app.h"

struct ct_try;

/* Borrowed until the attempt is done. */
struct ct_try_spec {
	const struct ct_endpoint *endpoint;
	const struct ct_model *model; /* NULL: not in the catalogue */
	const struct ct_request *request;
	int64_t first_ms, idle_ms; /* the two clocks; 0: none */
};

/* How it ended. Strings are valid during on_done only. */
struct ct_try_result {
	int code; /* CT_OK: the answer is whole */
	struct ct_err err;
	struct ct_str provider_request_id;
	int64_t duration_ms;
	int64_t first_token_ms; /* -1: no content came */
	struct ct_str turn; /* after a pause: see ct_decoder_turn() */
	int shared_connection; /* see net/http.h */
	int status; /* HTTP; 0 where none came */
	bool content; /* text, reasoning or a tool call came before the end */
};

struct ct_try_handler {
	ct_event_fn *on_event;
	void (*on_done)(void *user, const struct ct_try_result *result); /* once, last */
	/* The answer's head says what room its provider's limit leaves. NULL: of no interest. */
	void (*on_room)(void *user, const struct ct_room *room);
};

/*
 * Begin. Nothing is called back before this returns; on_done not at all when it fails (CT_EINVALID
 * for what this provider cannot be asked). warnings gets what was not sent, in strings of arena.
 */
int ct_try_start(struct ct_app *app, const struct ct_try_spec *spec,
		 const struct ct_try_handler *handler, void *user, struct ct_arena *arena,
		 struct ct_warnings *warnings, struct ct_try **out, struct ct_err *err);

/*
 * Time is up. When all that the answer holds has come, and only its end was waited for, it is done
 * now: on_done is called, t is gone, true. Else nothing happens. Not from within a callback of its own.
 */
bool ct_try_settle(struct ct_try *t);

/* Stop reading and go on; the clock that runs stands still meanwhile, and then begins anew. */
void ct_try_pause(struct ct_try *t, bool pause);

/*
 * Break it off: nothing is called back any more. Not from within on_event: answer with a code
 * there. NULL is fine.
 */
void ct_try_cancel(struct ct_try *t);

#endif

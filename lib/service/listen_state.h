/* What the files of listening share: listen.c (the story), listen_talk.c (one connection), listen_record.c. */
#ifndef CT_SERVICE_LISTEN_STATE_H
#define CT_SERVICE_LISTEN_STATE_H

#include "provider/hearing.h"
#include "service/listen.h"

enum { CT_LISTEN_TEXT_BYTES = 64 << 20 };

struct ct_listen {
	struct ct_app *app;
	struct ct_arena arena;
	struct ct_request *request;
	struct ct_speech *speech;
	const struct ct_candidates *candidates;
	size_t current;
	struct ct_listen_options options;
	struct ct_listen_handler handler;
	void *user;
	struct ct_source *source;

	struct ct_record record;
	struct ct_record_attempt *entry; /* of the present connection */
	struct ct_buf text; /* all final results, redacted */
	struct ct_err tried; /* how the last connection ended */
	struct ct_str provider_request_id;
	int64_t began_us, audio_ms; /* audio_ms: of all connections */
	int tries, bad_responses; /* since something was heard last */
	int64_t waited_ms;
	struct ct_timer *wait; /* before the next connection; then for the end after a cancel */
	struct ct_timer *deadline;

	/* the present connection; ws NULL: there is none */
	struct ct_ws *ws;
	struct ct_arena link;
	struct ct_buf line; /* scratch */
	struct ct_timer *tick;
	int64_t opened_us, spoke_us, heard_us; /* by the clock; heard: the last message */
	int64_t from; /* the offset in the source where it begins */
	int64_t sent_to; /* the offset of what is sent next */
	int64_t first_heard_us; /* 0: nothing yet */
	struct ct_err in_band; /* it said so itself; code CT_OK: it did not */
	bool open, stood, finalized, closing, complete, progress;

	int channels; /* as many as results have told of; 0: there was none */
	/* in the source, in µs; by channel */
	int64_t final_us[CT_HEARING_CHANNELS_MAX]; /* final results reach so far */
	int64_t word_us[CT_HEARING_CHANNELS_MAX]; /* and their last word */
	/* what earlier connections have heard: their words, and all */
	int64_t skip_us[CT_HEARING_CHANNELS_MAX], covered_us[CT_HEARING_CHANNELS_MAX];
	int64_t paced_us; /* when the first byte was due, by the clock */

	bool was_open; /* some connection stood */
	bool cancelled, over, waited_for, recorded;
};

static inline const struct ct_candidate *ct_listen_candidate(const struct ct_listen *l)
{
	return &l->candidates->list[l->current];
}

/* listen_talk.c: connect to the present candidate. CT_EINVALID, CT_ENOMEM, CT_EIO. */
int ct_listen_connect(struct ct_listen *listen, struct ct_err *err);
/* Send what there is to send. */
void ct_listen_pump(struct ct_listen *listen);
/* The sound is over: say so, and wait for the rest of the words. */
void ct_listen_finish(struct ct_listen *listen);
/* The offset from which on sound is sent again: what no final result covers, and a word cut by its end. */
int64_t ct_listen_again_from(const struct ct_listen *listen);

/* listen.c: the present connection has ended like that. */
void ct_listen_closed(struct ct_listen *listen, const struct ct_err *err);

/* listen_record.c */
void ct_listen_write_entry(struct ct_listen *listen);
void ct_listen_note_attempt(struct ct_listen *listen, const struct ct_err *err);
/* It is over: tell, journal, free. Once. */
void ct_listen_end(struct ct_listen *listen, int code, const struct ct_err *err);
void ct_listen_free(struct ct_listen *listen);

#endif

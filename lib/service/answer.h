/*
 * An answer as it grows: what has been said, by which attempts, and what of it a reader
 * has seen. All text in it is redacted: a key that a provider echoes goes no further.
 */
#ifndef CT_SERVICE_ANSWER_H
#define CT_SERVICE_ANSWER_H

#include "base/arena.h"
#include "base/secret.h"
#include "codec/sha256.h"
#include "service/transcript.h"

enum {
	CT_TOOL_CALLS_MAX = 256,
	CT_FOUND_MAX = CT_SEARCH_LIMIT_MAX, /* results of one answer: those after it are left out */
};

struct ct_answer {
	const struct ct_redactor *redactor;
	struct ct_arena *arena; /* for calls and names */
	bool spoke; /* the present attempt has brought content */
	size_t overlap; /* blanks at the end of text that a continuation may say again */
	struct ct_buf text; /* visible; redacted */
	struct ct_buf held, held_reasoning; /* may be the beginning of a secret: not certain yet */
	struct ct_buf reasoning; /* redacted */
	struct ct_tool_call *calls; /* in the arena */
	size_t call_count, call_room;
	struct ct_transcript transcript;
	struct ct_sha256 audio; /* of the sound that came; it is not kept */
	struct ct_found *found; /* of a search; redacted; in the arena */
	size_t found_count, found_cap;
	int64_t total; /* of results, as the provider reports it; -1: it does not */
	struct ct_str next; /* where its next page is; empty: this is the last */
	bool incomplete; /* the provider has not looked everywhere */
	struct ct_usage kept; /* of earlier attempts whose text is in the answer */
	struct ct_usage usage; /* of the present one, as last reported */
	enum ct_finish finish;
	struct ct_str finish_raw;
	struct ct_str model; /* as the provider names it */
	struct ct_str id; /* the provider's id of the answer */
	int64_t bad_chunks;
};

void ct_answer_init(struct ct_answer *answer, const struct ct_redactor *redactor,
		    struct ct_arena *arena);
void ct_answer_fini(struct ct_answer *answer);

/* A new attempt begins: from nothing, or (keep) going on where the text stands. */
void ct_answer_begin(struct ct_answer *answer, bool keep);

/*
 * Take an event. fresh is what becomes certain of its text, valid until the next one: what a
 * reader may be shown now. CT_ETOOBIG past 64 MiB, CT_ENOMEM.
 */
int ct_answer_take(struct ct_answer *answer, const struct ct_event *event,
		   struct ct_str *fresh, struct ct_err *err);

/* No more comes from this attempt: what was held is certain now (of the text it is returned). */
struct ct_str ct_answer_settle(struct ct_answer *answer);
/*
 * Likewise, but it broke off: what was held is forgotten. With what a next attempt goes on with it
 * might become a secret that nobody sees in one piece.
 */
void ct_answer_break_off(struct ct_answer *answer);

/* The text without the blanks at its end, which are counted as overlap: what is sent as a
 * started answer. Borrowed until the text grows. */
struct ct_str ct_answer_started(struct ct_answer *answer);

/* Usage of all attempts whose text is in the answer. */
struct ct_usage ct_answer_usage(const struct ct_answer *answer);

#endif

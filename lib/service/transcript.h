/*
 * What was heard, as it is collected from one answer: words and passages with their times. The
 * text itself is the answer's. All of it is redacted.
 */
#ifndef CT_SERVICE_TRANSCRIPT_H
#define CT_SERVICE_TRANSCRIPT_H

#include "base/arena.h"
#include "base/secret.h"
#include "model/event.h"

enum { CT_HEARD_MAX = 4 << 20 }; /* words of one transcript, and passages */

struct ct_heard_list {
	struct ct_heard *list;
	size_t count, room;
};

/* Set to zeros: empty. Strings are in the arena that they were taken with. */
struct ct_transcript {
	struct ct_heard_list words, passages;
	bool known; /* of the sound itself something was said: */
	struct ct_str language; /* empty: not said */
	int64_t duration_ms; /* -1: not said */
	double confidence; /* negative: not said */
	struct ct_str analysis; /* a JSON object; {NULL, 0}: none */
};

void ct_transcript_fini(struct ct_transcript *transcript);
/* Forget what an attempt that is begun anew has said. */
void ct_transcript_clear(struct ct_transcript *transcript);

/* Take an event of those that make transcripts; others are passed over. CT_ENOMEM, CT_ETOOBIG. */
int ct_transcript_take(struct ct_transcript *transcript, const struct ct_event *event,
		       const struct ct_redactor *redactor, struct ct_arena *arena,
		       struct ct_err *err);

#endif

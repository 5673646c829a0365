/*
 * Deepgram's live transcription (/v1/listen over WebSocket) from the server's side: audio and
 * commands in, messages out. No I/O, no clock: its time is that of the audio.
 *
 * There is no model: each half second of sound is one word, "sandbox" and its loudest sample in
 * percent of the scale ("sandbox37"), and silence is none. So what was heard can be told from what was
 * sent, wherever a connection broke. Samples are looked at in linear16, raw or in a WAV; of any
 * other encoding the bytes are, 4,000 of them a second.
 */
#ifndef CT_INGRESS_DEEPGRAM_LIVE_H
#define CT_INGRESS_DEEPGRAM_LIVE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* What the query asks for. Strings in the arena. */
struct ct_live_options {
	struct ct_str model, encoding;
	int64_t sample_rate, channels;
	bool interim, vad_events;
	int64_t utterance_end_ms; /* 0: not asked for */
};

/* CT_EINVALID for what the real one answers with 400. */
int ct_live_read(struct ct_str query, struct ct_arena *arena, struct ct_live_options *out,
		 struct ct_err *err);

struct ct_live;

/* One message to the client: JSON. */
typedef void ct_live_fn(void *user, struct ct_str json);

/* options' strings and id are borrowed until destroy. NULL: out of memory. */
struct ct_live *ct_live_create(const struct ct_live_options *options, struct ct_str id,
			       ct_live_fn *fn, void *user);
void ct_live_destroy(struct ct_live *live); /* NULL is fine */

/* Audio of any length. */
void ct_live_audio(struct ct_live *live, struct ct_str bytes);

/* A command. CT_EINVALID for what is none; *closes: all has been said, close now. */
int ct_live_command(struct ct_live *live, struct ct_str json, bool *closes, struct ct_err *err);

/* Words of final results so far. */
int64_t ct_live_words(const struct ct_live *live);

#endif

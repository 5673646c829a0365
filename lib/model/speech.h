/*
 * Speech to text and text to speech, in nobody's dialect: for CT_TASK_TRANSCRIBE and
 * CT_TASK_SPEAK of struct ct_request. Strings are borrowed as those of a request are.
 */
#ifndef CT_MODEL_SPEECH_H
#define CT_MODEL_SPEECH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct ct_request;

enum {
	CT_SPEECH_RATE_MAX = 768000, /* samples a second */
	CT_SPEECH_CHANNELS_MAX = 64,
	CT_SPEECH_TEXT_BYTES = 1 << 20, /* of one text to speak, in however many requests */
};

/*
 * Recorded sound: a part of a file that stays open and unchanged until the call is over, or an
 * address that the provider fetches it from.
 */
struct ct_recording {
	struct ct_str url; /* {NULL, 0}: it is the file */
	int fd; /* seekable; read by offset, its position is not used */
	int64_t offset, bytes;
	struct ct_str mime; /* "audio/wav" */
	struct ct_str name; /* UTF-8, with the suffix of its format: some tell the format from it */
	struct ct_str sha256; /* for the journal; {NULL, 0}: not known */
};

/* {NULL, 0}, 0 and false: the provider's own. */
struct ct_speech {
	const struct ct_recording *recording; /* TRANSCRIBE */
	struct ct_str language; /* TRANSCRIBE: BCP 47 */
	bool detect_language;
	bool diarize; /* who speaks */
	bool words; /* when each word is said */
	struct ct_str text; /* SPEAK: UTF-8, not blank */
	struct ct_str voice; /* SPEAK: where the model has several */
	/* TRANSCRIBE: of samples without a header. SPEAK: what is wanted. */
	struct ct_str encoding; /* "linear16", "mp3", …: Deepgram's names */
	int64_t sample_rate; /* Hz */
	int64_t channels;
	bool bare; /* SPEAK: samples without a header */
};

/* Something that was heard: a word, or a passage of them. */
struct ct_heard {
	struct ct_str text; /* as it is written, with its punctuation */
	int64_t start_ms, end_ms;
	double confidence; /* 0 to 1; negative: not said */
	int speaker; /* -1: not said */
	int channel; /* from 0 */
};

/* Is the speech of a request one that can be asked for? CT_EINVALID and why not. */
int ct_speech_check(const struct ct_request *request, struct ct_err *err);

/* Of UTF-8 text: what providers count and charge. */
size_t ct_speech_characters(struct ct_str text);

#endif

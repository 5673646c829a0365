/*
 * What a provider's answer is made of, as it arrives. Events come up through a
 * callback; what they point to is valid only during it.
 */
#ifndef CT_MODEL_EVENT_H
#define CT_MODEL_EVENT_H

#include "base/err.h"
#include "base/str.h"
#include "model/search.h"
#include "model/tool.h"
#include "model/speech.h"
#include "model/usage.h"

enum ct_finish {
	CT_FINISH_NONE, /* not said (yet) */
	CT_FINISH_STOP,
	CT_FINISH_LENGTH, /* the limit on tokens was reached */
	CT_FINISH_TOOL_CALLS,
	CT_FINISH_FILTER, /* a refusal or a content filter */
	CT_FINISH_PAUSE, /* the provider's tool loop paused: send the turn back to go on */
	CT_FINISH_OTHER, /* no counterpart: ct_event.raw says what */
};

/* "stop", "length", "tool_calls", "content_filter", "pause", "other"; "" for none. Static. */
const char *ct_finish_name(enum ct_finish finish);

enum ct_event_type {
	CT_EVENT_START, /* the provider began an answer: id, model where it says them */
	CT_EVENT_WORK, /* a sign of work without content: an item began, a ping inside reasoning */
	CT_EVENT_TEXT, /* visible text: whole UTF-8 characters, clean */
	CT_EVENT_REASONING, /* text of the model's reasoning, likewise */
	CT_EVENT_TOOL_CALL, /* one whole call */
	CT_EVENT_USAGE, /* counts so far: each replaces the one before */
	CT_EVENT_BAD_CHUNK, /* a chunk that was not JSON was skipped */
	CT_EVENT_FINISH, /* why it ended; at most one, nothing but USAGE after it */
	CT_EVENT_FOUND, /* one result of a search */
	CT_EVENT_PAGE, /* of a search: how many results there are in all, where the next ones are */
	CT_EVENT_SENT, /* of a large body: that much is on its way */
	CT_EVENT_WORD, /* one word of a transcript, with its times; the text comes as TEXT */
	CT_EVENT_PASSAGE, /* a sentence, a paragraph or what one speaker said, likewise */
	CT_EVENT_RECORDING, /* what the sound is: language, length, confidence */
	CT_EVENT_ANALYSIS, /* what else was found in it, as a JSON object in the provider's own shape */
	CT_EVENT_AUDIO, /* a piece of sound, cut anywhere */
};

struct ct_event {
	enum ct_event_type type;
	struct ct_str text; /* TEXT, REASONING, ANALYSIS */
	struct ct_str id, model; /* START; empty where not said */
	struct ct_tool_call call; /* TOOL_CALL */
	struct ct_found found; /* FOUND */
	int64_t total; /* PAGE; -1: not said */
	struct ct_str next; /* PAGE: URL of the next page; empty: this was the last */
	bool incomplete; /* PAGE: the provider gave up before it had looked everywhere */
	int64_t sent, of; /* SENT: bytes */
	struct ct_heard heard; /* WORD, PASSAGE */
	struct ct_str language; /* RECORDING; empty: not said */
	int64_t duration_ms; /* RECORDING; -1: not said */
	double confidence; /* RECORDING; negative: not said */
	struct ct_str audio; /* AUDIO */
	struct ct_usage usage; /* USAGE */
	enum ct_finish finish; /* FINISH */
	struct ct_str raw; /* FINISH: the provider's own word, and its explanation of a refusal */
};

/* CT_OK to go on; anything else stops whoever calls with that code. */
typedef int ct_event_fn(void *user, const struct ct_event *event, struct ct_err *err);

#endif

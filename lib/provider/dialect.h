/*
 * What the readers of the protocols share: the state of one answer being decoded, and
 * what a reader may do with it. decoder.c cuts the bytes into JSON values and
 * recognises errors; a dialect turns each value into events through these.
 */
#ifndef CT_PROVIDER_DIALECT_H
#define CT_PROVIDER_DIALECT_H

#include "codec/sse.h"
#include "codec/utf8.h"
#include "provider/decoder.h"

/* How one protocol is read. All are stateless: the state is in the decoder. */
struct ct_dialect {
	const char *name;
	/* One event of a stream, or the whole document: told apart by its members. event: its SSE name. */
	int (*chunk)(struct ct_decoder *d, const struct ct_json *json,
		     struct ct_str event, struct ct_err *err);
	/* The answer has ended well: bring what is still held. NULL: nothing is. */
	int (*end)(struct ct_decoder *d, struct ct_err *err);
	bool done_marker; /* "data: [DONE]" is an end marker */
	bool whole; /* the body is one document, which may be an array: chunk() gets all of it */
	bool sound; /* the body is sound: no chunks, and it ends where HTTP says */
};

extern const struct ct_dialect ct_dialect_claude;
extern const struct ct_dialect ct_dialect_gemini;
extern const struct ct_dialect ct_dialect_chat;
extern const struct ct_dialect ct_dialect_responses;
extern const struct ct_dialect ct_dialect_deepgram; /* transcripts */
extern const struct ct_dialect ct_dialect_transcript; /* OpenAI's and Hugging Face's */
extern const struct ct_dialect ct_dialect_audio;
extern const struct ct_dialect ct_dialect_tavily_search;
extern const struct ct_dialect ct_dialect_tavily_extract;

enum {
	CT_CALLS_MAX = 1024, /* tool calls, or content blocks, of one answer */
	CT_FOUND_URL_MAX = 8 << 10, /* an address longer than that is none */
	CT_RAW_MAX_BYTES = 4096, /* the provider's word on why it ended */
};

/* A tool call (or a content block) that is still being written. */
struct ct_slot {
	int64_t key; /* where the protocol says it belongs: an index */
	struct ct_buf id, name, args; /* args: arguments, or a block's text */
	struct ct_buf extra; /* claude: signature, or citations without their brackets */
	struct ct_buf start; /* claude: the block as it began */
	bool open, emitted;
};

enum ct_body_form { CT_FORM_UNKNOWN, CT_FORM_EVENTS, CT_FORM_JSON, CT_FORM_SOUND, CT_FORM_OTHER };

struct ct_decoder {
	/* What each chunk touches comes first: of a thousand streams none is in the cache. */
	const struct ct_endpoint *endpoint;
	const struct ct_dialect *dialect;
	ct_event_fn *on_event;
	void *user;
	struct ct_sse *sse;
	size_t total_bytes;
	enum ct_body_form form;
	int failed;
	bool valid; /* something of this protocol came */
	bool content; /* text, reasoning or a call was brought */
	bool started, refused;
	bool marked; /* the end marker has come */
	bool done; /* nothing more will */
	bool finished; /* CT_EVENT_FINISH was emitted */
	bool ending; /* the body is over: what is left may be cut */
	struct ct_utf8_joiner text_held, reasoning_held;
	struct ct_arena chunk; /* the tree of the chunk at hand */
	size_t slot_count;
	struct ct_usage usage;
	struct ct_usage sent; /* as of the last CT_EVENT_USAGE */

	const struct ct_headers *headers; /* of the answer; NULL: not told */
	struct ct_buf value; /* a JSON value that has not ended yet */
	int depth; /* of brackets in it */
	bool in_string, escaped;

	struct ct_buf piece; /* text on its way out */
	struct ct_slot *slots;
	size_t slot_cap;
	size_t calls; /* tool calls brought so far */

	enum ct_finish finish;
	struct ct_buf raw;
	struct ct_buf turn; /* a JSON array: claude's blocks, gemini's parts, responses' items so far */
	size_t turn_calls; /* tool calls in it, where ct_turn_add() made it */

	bool says_sound, says_text; /* by the Content-Type */
	bool pieces; /* of a transcript: its text came in pieces */
};

/* Bring a part of the answer. Empty pieces bring nothing. */
int ct_bring_start(struct ct_decoder *d, struct ct_str id, struct ct_str model,
		   struct ct_err *err);
int ct_bring_work(struct ct_decoder *d, struct ct_err *err);
int ct_bring_text(struct ct_decoder *d, struct ct_str piece, struct ct_err *err);
int ct_bring_reasoning(struct ct_decoder *d, struct ct_str piece, struct ct_err *err);
/* A string of the provider has ended: half a character in it stays half. */
int ct_bring_held(struct ct_decoder *d, struct ct_err *err);
/* id and name are strings of the provider; arguments: empty for none. */
int ct_bring_call(struct ct_decoder *d, const struct ct_tool_call *call,
		  struct ct_err *err);
/* Arguments that came as a value, on one line; valid as long as the chunk. */
struct ct_str ct_one_line(struct ct_decoder *d, const struct ct_json *value);
/* A word or passage of a transcript; text is a string of the provider. */
int ct_bring_heard(struct ct_decoder *d, enum ct_event_type type,
		   const struct ct_heard *heard, struct ct_err *err);
/* What is known of the sound itself; see struct ct_event. */
int ct_bring_recording(struct ct_decoder *d, struct ct_str language, int64_t duration_ms,
		       double confidence, struct ct_err *err);
/* Milliseconds of a number of seconds; -1 for what is none, or absurd. */
int64_t ct_ms_at(const struct ct_json *object, const char *path);

/* What the text of a result becomes: a line without HTML, a line of code, all of a page. */
enum ct_found_form { CT_FOUND_SNIPPET, CT_FOUND_CODE, CT_FOUND_PAGE };

/* One result of a search, its strings as the provider wrote them (UTF-8 or not): see codec/plain. */
int ct_bring_found(struct ct_decoder *d, const struct ct_found *found,
		   enum ct_found_form form, struct ct_err *err);
/* One that cannot be used, since it does not say where it is: it is counted. */
int ct_bring_bad(struct ct_decoder *d, struct ct_err *err);
/* total: -1 not said; next: where the next page is, empty: this was the last. */
int ct_bring_page(struct ct_decoder *d, int64_t total, struct ct_str next,
		  struct ct_err *err);
/* d->usage, where it says something new. */
int ct_bring_usage(struct ct_decoder *d, struct ct_err *err);

/* The end marker has come, with the provider's own word for why; the first why counts. */
void ct_mark_end(struct ct_decoder *d, enum ct_finish finish, struct ct_str raw);
/* A why of two words: "refusal: it was asked for a poem". */
void ct_mark_end_because(struct ct_decoder *d, enum ct_finish finish, struct ct_str raw,
			 struct ct_str explanation);

/* Another element of the turn, as clean JSON; its bracket is closed by ct_turn_end(). */
void ct_turn_add(struct ct_decoder *d, const struct ct_json *element);
void ct_turn_end(struct ct_decoder *d);

/* The slot of that key, or a new one; NULL: err says why there is none. */
struct ct_slot *ct_slot(struct ct_decoder *d, int64_t key, struct ct_err *err);
/* The same, but NULL where there is none yet. */
struct ct_slot *ct_slot_find(struct ct_decoder *d, int64_t key);
/* Bring the call that a slot holds, once. */
int ct_bring_slot(struct ct_decoder *d, struct ct_slot *slot, struct ct_err *err);
/* All that were not brought yet, in the order they came in. */
int ct_bring_slots(struct ct_decoder *d, struct ct_err *err);
void ct_slots_clear(struct ct_decoder *d);

/* A count of tokens: what is no number, or negative, is fallback. */
int64_t ct_count(const struct ct_json *object, const char *path, int64_t fallback);

/* The words of different hosts for why an answer ended; NONE for "", "null" and what is no string. */
enum ct_finish ct_finish_of(struct ct_str word);

/* A body that is sound (sound.c): its head, a piece of it; its end, where the exchange has ended well. */
void ct_sound_head(struct ct_decoder *d);
int ct_sound_feed(struct ct_decoder *d, struct ct_str bytes, struct ct_err *err);
int ct_sound_end(struct ct_decoder *d, struct ct_err *err);

/* The error that a JSON value of a 200 answer stands for, NULL where it is none. */
const struct ct_json *ct_error_in(const struct ct_json *json, struct ct_str event);

#endif

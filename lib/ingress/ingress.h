/*
 * A vendor's protocol from the server's side: request bytes become the model's
 * request, an answer becomes the vendor's bytes. The sandbox speaks through this, a gateway will.
 * No I/O, no clock: numbers and ids come in.
 */
#ifndef CT_INGRESS_INGRESS_H
#define CT_INGRESS_INGRESS_H

#include "base/arena.h"
#include "base/buf.h"
#include "codec/headers.h"
#include "codec/json.h"
#include "model/event.h"
#include "model/request.h"

enum { CT_INGRESS_TOOLS_MAX = 128, CT_INGRESS_MESSAGES_MAX = 100000 };

struct ct_ingress_tool {
	struct ct_str name;
	struct ct_str schema; /* of its arguments (JSON); {NULL, 0}: none */
};

/* A request as read. Strings in the arena or in the body: both must live as long. */
struct ct_ingress_request {
	struct ct_request
		request; /* text of all messages; parts of other kinds are counted below */
	size_t media_parts; /* images, documents, audio */
	size_t tool_count; /* tools offered to the model */
	struct ct_str tool_name; /* of the first of them */
	const struct ct_ingress_tool *tools; /* the first CT_INGRESS_TOOLS_MAX of them */
	size_t tools_kept;
	bool tool_result; /* the last message brings what a tool answered */
	struct ct_str
		json_schema; /* answer is to fit this schema (JSON); {NULL, 0}: none */
	bool include_usage; /* Chat Completions: stream_options.include_usage */
	struct ct_str recording; /* TRANSCRIBE: the bytes of request.speech's */
};

/* What every piece of one answer carries. */
struct ct_ingress_answer {
	struct ct_str id; /* without the vendor's prefix */
	struct ct_str model;
	int64_t created_s; /* Unix time */
	bool stream;
	bool include_usage;
	int64_t sequence; /* numbers events where the vendor does; starts at 0 */
	bool array; /* Gemini without alt=sse: a stream is one JSON array, not events */
	bool text_open, reasoning_open; /* a block of that kind has been begun */
	int64_t blocks; /* blocks or items closed so far: the index of the next */
	int64_t calls; /* tool calls among them */
	struct ct_usage usage; /* input known from the start */
	struct ct_buf
		text; /* of the open block; for the vendors that repeat it at its end */
	struct ct_buf
		items; /* closed ones as JSON, for the vendors that repeat them at the end */
};

/* max bounds what an answer keeps of itself. id and model are borrowed until fini. */
void ct_ingress_answer_init(struct ct_ingress_answer *answer, struct ct_str id,
			    struct ct_str model, size_t max);
void ct_ingress_answer_fini(struct ct_ingress_answer *answer);

/* What a search found, to be written. */
struct ct_ingress_found {
	const struct ct_search *search; /* as it was asked for */
	const struct ct_found *list;
	size_t count;
	struct ct_str answer; /* in words; {NULL, 0}: none */
};

/* What was heard, to be written. */
struct ct_ingress_heard {
	const struct ct_speech *speech; /* as it was asked for */
	struct ct_str text;
	const struct ct_heard *words;
	size_t count;
	int64_t duration_ms; /* of the recording */
	struct ct_str sha256; /* likewise */
};

struct ct_ingress {
	const char *name; /* messages, chat, responses, gemini, tavily, github */
	const char *provider; /* whose protocol: claude, openai, gemini, tavily, github */

	bool wants_query; /* read() gets the path with its query */

	/* Is this request its own (method, path without any prefix)? */
	bool (*match)(struct ct_str method, struct ct_str path);

	/* Read a request. CT_EINVALID with what a client would want to know. */
	int (*read)(struct ct_str path, const struct ct_headers *headers,
		    struct ct_str body, struct ct_arena *arena,
		    struct ct_ingress_request *out, struct ct_err *err);

	/*
	 * Append the bytes for one event of a stream. START comes first, FINISH last (after USAGE).
	 * Types the vendor has no word for append nothing.
	 */
	void (*event)(struct ct_ingress_answer *answer, const struct ct_event *event,
		      struct ct_buf *out);

	/* Append the whole answer, not streamed: text, calls, counts, reason. */
	void (*whole)(const struct ct_ingress_answer *answer, struct ct_str text,
		      const struct ct_tool_call *calls, size_t call_count,
		      enum ct_finish finish, struct ct_buf *out);

	/* Append what a search found, the whole answer; NULL: the protocol is no search's. */
	void (*found)(const struct ct_ingress_answer *answer,
		      const struct ct_ingress_found *found, struct ct_buf *out);

	/* Append what was heard, the whole answer; NULL: the protocol does not hear. */
	void (*heard)(const struct ct_ingress_answer *answer,
		      const struct ct_ingress_heard *heard, struct ct_buf *out);

	/*
	 * Append an error in the vendor's shape. type_code: the vendor's own word for it is picked
	 * from status and code (enum ct_code). in_stream: as an event of a stream, framed.
	 */
	void (*error)(int status, int code, struct ct_str message, int64_t retry_after_ms,
		      bool in_stream, struct ct_buf *out);

	/* Append the bytes that end a stream after FINISH ("data: [DONE]"); NULL: none. */
	void (*end)(struct ct_ingress_answer *answer, struct ct_buf *out);
};

/* All of them, NULL at the end. */
extern const struct ct_ingress *const ct_ingresses[];

/*
 * The provider that a prefix such as "/openai" or "/huggingface" of *path names, which is then
 * taken off it; {NULL, 0} where there is none. Aliases are understood; the answer is static.
 */
struct ct_str ct_ingress_prefix(struct ct_str *path);

/*
 * The protocol of a request, and its path without such a prefix: the provider it names
 * goes to *provider (else the protocol's own). NULL: nobody's.
 */
const struct ct_ingress *ct_ingress_find(struct ct_str method, struct ct_str *path,
					 struct ct_str *provider);

#endif

/*
 * Live transcription over a WebSocket, as Deepgram speaks it (/v1/listen): what is asked for, and
 * what the messages of either side mean. wire/deepgram.
 */
#ifndef CT_PROVIDER_HEARING_H
#define CT_PROVIDER_HEARING_H

#include "net/ws.h"
#include "provider/provider.h"

/* Can it be listened to live? */
bool ct_hearing_can(const struct ct_vendor *vendor);

/*
 * The handshake for request (its speech says what of, its options go into the query), into out;
 * interim: results that may still change are wanted, too. Strings in the arena. CT_EINVALID, CT_ENOMEM.
 */
int ct_hearing_ask(const struct ct_endpoint *endpoint, const struct ct_request *request,
		   bool interim, struct ct_arena *arena, struct ct_ws_request *out,
		   struct ct_err *err);

/* What a client says; audio goes as binary messages, never an empty one. */
#define CT_HEARING_KEEP_ALIVE "{\"type\":\"KeepAlive\"}"
#define CT_HEARING_FINALIZE "{\"type\":\"Finalize\"}"
#define CT_HEARING_CLOSE "{\"type\":\"CloseStream\"}"

enum ct_hearing_type {
	CT_HEARING_RESULT,
	CT_HEARING_UTTERANCE_END,
	CT_HEARING_METADATA, /* nothing more will come */
	CT_HEARING_ERROR, /* text: in the provider's words */
	CT_HEARING_OTHER,
};

/* Times are of the audio of this connection, in microseconds. Strings as long as the arena. */
struct ct_hearing {
	enum ct_hearing_type type;
	struct ct_str text; /* what was heard; UTF-8, clean */
	bool is_final; /* it does not change any more */
	bool utterance_ends;
	int64_t start_us, end_us;
	double confidence; /* negative: not said */
	int channel, channels;
	struct ct_str request_id; /* empty: not said */
	const struct ct_json *words; /* NULL: none */
};

enum { CT_HEARING_CHANNELS_MAX = 64 };

/* Read one. CT_EPROTO for what is no message of it. */
int ct_hearing_read(struct ct_str json, struct ct_arena *arena, struct ct_hearing *out,
		    struct ct_err *err);

/*
 * Of the words that were heard, those from that time on, into out: most of each lies behind from_us,
 * and its end behind covered_us.
 */
void ct_hearing_text_from(const struct ct_hearing *hearing, int64_t from_us, int64_t covered_us,
			  struct ct_buf *out);

/* Where its last word ends; its own end where there are words without times; -1: there is none. */
int64_t ct_hearing_last_word_us(const struct ct_hearing *hearing);

/* What a close frame means: CT_OK, or err filled with why and what kind it is. */
int ct_hearing_closed(const struct ct_endpoint *endpoint, const struct ct_ws_end *end,
		      struct ct_err *err);

#endif

/*
 * One line of `cartrita stream`'s input: a request as JSON. Members and their types are strict; what
 * is wrong is said of each line by itself.
 */
#ifndef CT_SERVICE_STREAM_REQUEST_H
#define CT_SERVICE_STREAM_REQUEST_H

#include "base/arena.h"
#include "model/request.h"

enum {
	CT_STREAM_LINE_BYTES = 16 << 20,
	CT_STREAM_ID_BYTES = 256,
	CT_STREAM_NAME_BYTES = 1024, /* of providers, models, users … */
	CT_STREAM_METADATA_BYTES = 64 << 10, /* it comes back in each event */
	CT_STREAM_MESSAGES_MAX = 10000,
};

/* {NULL, 0}: not said. Strings are in the arena, each with a NUL after it. */
struct ct_stream_request {
	struct ct_str session_id, conversation_id;
	struct ct_str provider, model, user, agent;
	struct ct_str system;
	struct ct_str metadata; /* JSON text of an object */
	struct ct_message *messages; /* `message` is one of the user's */
	size_t message_count;
	bool single; /* it was `message` */
	bool has_stream, stream, has_temperature;
	double temperature;
	int64_t max_tokens; /* 0: not said */
	struct ct_str stops[CT_STOPS_MAX];
	size_t stop_count;
};

/*
 * Read a line (without its end; it need not outlive the call). CT_EINVALID, with
 * out->session_id and ->metadata where that much could be read; CT_ENOMEM.
 */
int ct_stream_request_read(struct ct_arena *arena, struct ct_str line,
			   struct ct_stream_request *out, struct ct_err *err);

#endif

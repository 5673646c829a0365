/*
 * The events of `cartrita stream` as text. A body is what an event says beside the members that
 * all of them have: a JSON object. Pure.
 */
#ifndef CT_SERVICE_STREAM_EVENT_H
#define CT_SERVICE_STREAM_EVENT_H

#include "codec/json.h"
#include "service/call.h"

enum ct_stream_type {
	CT_STREAM_START,
	CT_STREAM_TOKEN,
	CT_STREAM_REASONING,
	CT_STREAM_TOOL_CALL,
	CT_STREAM_RETRY,
	CT_STREAM_FALLBACK,
	CT_STREAM_RECOVERED,
	CT_STREAM_HEARTBEAT,
	CT_STREAM_COMPLETION,
	CT_STREAM_ERROR,
	CT_STREAM_METRICS,
};

/* "token". Static. */
const char *ct_stream_type_name(enum ct_stream_type type);

/*
 * Append {"type":…,"timestamp":…, what body holds}: an event as it is kept. time: ISO 8601; body:
 * an object.
 */
void ct_stream_write(struct ct_buf *out, enum ct_stream_type type, const char *time,
		     struct ct_str body);

/* Append an event as it is shown, with its line end: session and metadata (JSON texts) put in. */
void ct_stream_show(struct ct_buf *out, struct ct_str event, struct ct_str session,
		    struct ct_str metadata);

/* Bodies, appended to out. */
void ct_stream_start_body(struct ct_buf *out, struct ct_str request_id,
			  const struct ct_call_event *event);
void ct_stream_token_body(struct ct_buf *out, struct ct_str token, int64_t position);
void ct_stream_reasoning_body(struct ct_buf *out, struct ct_str text);
void ct_stream_retry_body(struct ct_buf *out, const struct ct_call_event *event);
/* from: who was asked before. */
void ct_stream_fallback_body(struct ct_buf *out, struct ct_str from, const char *reason,
			     struct ct_str to);
void ct_stream_recovered_body(struct ct_buf *out, bool restart, int64_t position);
void ct_stream_tool_call_body(struct ct_buf *out, const struct ct_tool_call *call);

/* The answer is the tokens from that position on; count: the positions so far. */
void ct_stream_completion_body(struct ct_buf *out, const struct ct_call_result *result,
			       int64_t from, int64_t count);
/* Add to a body that stands at the end of out how long its session took: known when it is shown. */
void ct_stream_add_duration(struct ct_buf *out, int64_t duration_ms);
/* line: of the input; 0: not said. provider, request_id: {NULL, 0} is null. */
struct ct_stream_failure {
	const struct ct_err *err;
	const char *code; /* where err's own does not tell it; NULL: it does */
	struct ct_str provider, request_id;
	int64_t delivered, line;
};
void ct_stream_error_body(struct ct_buf *out, const struct ct_redactor *redactor,
			  const struct ct_stream_failure *failure);

#endif

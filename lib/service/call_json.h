/* A call in JSON: for the journal, and the parts that documents on stdout share with it. */
#ifndef CT_SERVICE_CALL_JSON_H
#define CT_SERVICE_CALL_JSON_H

#include "codec/json.h"
#include "service/call.h"

enum ct_attempts_form {
	CT_ATTEMPTS_SHORT, /* for the answer's document */
	CT_ATTEMPTS_FULL, /* with waits and the reason for each decision */
	CT_ATTEMPTS_NO_TEXT, /* that, without errors in a provider's words: it may quote the question */
};

/* The array `attempts`. */
void ct_attempts_json(struct ct_jw *jw, const struct ct_record_attempt *list, size_t count,
		      enum ct_attempts_form form);

/* The object `usage`. */
void ct_usage_json(struct ct_jw *jw, const struct ct_usage *usage);

/* One tool call: id, name, arguments, which stay a string where they are not valid JSON. */
void ct_tool_call_json(struct ct_jw *jw, const struct ct_tool_call *call);

/* The array `tool_calls`; arguments that are not valid JSON stay a string. */
void ct_tool_calls_json(struct ct_jw *jw, const struct ct_tool_call *calls, size_t count);

/* Members for the journal: what speech was asked for, and what of it came. Sound by its digest. */
void ct_speech_json(struct ct_jw *jw, const struct ct_request *request);
void ct_heard_json(struct ct_jw *jw, const struct ct_call_result *result);

/* The array `results`; `score` is null where there is none. */
void ct_found_json(struct ct_jw *jw, const struct ct_found *found, size_t count);

/* For the journal, redacted, in the call's arena; {NULL, 0} when out of memory. */
struct ct_str ct_call_request_json(struct ct_call *call);
struct ct_str ct_call_response_json(struct ct_call *call, const struct ct_call_result *result);
struct ct_str ct_call_error_json(struct ct_call *call, const struct ct_call_result *result);
struct ct_str ct_call_attempts_json(struct ct_call *call);

#endif

#include "service/stream_event.h"

#include "service/call_json.h"

const char *ct_stream_type_name(enum ct_stream_type type)
{
	static const char *const names[] = {
		[CT_STREAM_START] = "start",
		[CT_STREAM_TOKEN] = "token",
		[CT_STREAM_REASONING] = "reasoning",
		[CT_STREAM_TOOL_CALL] = "tool_call",
		[CT_STREAM_RETRY] = "retry",
		[CT_STREAM_FALLBACK] = "fallback",
		[CT_STREAM_RECOVERED] = "recovered",
		[CT_STREAM_HEARTBEAT] = "heartbeat",
		[CT_STREAM_COMPLETION] = "completion",
		[CT_STREAM_ERROR] = "error",
		[CT_STREAM_METRICS] = "metrics",
	};

	return names[type];
}

void ct_stream_write(struct ct_buf *out, enum ct_stream_type type, const char *time,
		     struct ct_str body)
{
	ct_buf_puts(out, "{\"type\":\"");
	ct_buf_puts(out, ct_stream_type_name(type));
	ct_buf_puts(out, "\",\"timestamp\":\"");
	ct_buf_puts(out, time);
	ct_buf_puts(out, body.len > 2 ? "\"," : "\"");
	ct_buf_add(out, ct_str_from(body, 1));
}

void ct_stream_show(struct ct_buf *out, struct ct_str event, struct ct_str session,
		    struct ct_str metadata)
{
	const char *comma = memchr(event.ptr, ',', event.len);
	size_t head = comma != NULL ? (size_t)(comma - event.ptr) : event.len - 1;

	ct_buf_append(out, event.ptr, head);
	ct_buf_puts(out, ",\"session_id\":");
	ct_buf_add(out, session);
	ct_buf_append(out, event.ptr + head, event.len - 1 - head);
	ct_buf_puts(out, ",\"metadata\":");
	ct_buf_add(out, metadata);
	ct_buf_puts(out, "}\n");
}

void ct_stream_start_body(struct ct_buf *out, struct ct_str request_id,
			  const struct ct_call_event *event)
{
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "request_id", request_id);
	ct_jw_member(&jw, "provider", event->provider);
	ct_jw_member(&jw, "model", event->model);
	ct_jw_end_object(&jw);
}

void ct_stream_token_body(struct ct_buf *out, struct ct_str token, int64_t position)
{
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "token", token);
	ct_jw_member_int(&jw, "position", position);
	ct_jw_end_object(&jw);
}

void ct_stream_reasoning_body(struct ct_buf *out, struct ct_str text)
{
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "text", text);
	ct_jw_end_object(&jw);
}

void ct_stream_retry_body(struct ct_buf *out, const struct ct_call_event *event)
{
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "provider", event->provider);
	ct_jw_member(&jw, "reason", ct_str(event->reason));
	ct_jw_member_int(&jw, "wait_ms", event->wait_ms);
	ct_jw_end_object(&jw);
}

void ct_stream_fallback_body(struct ct_buf *out, struct ct_str from, const char *reason,
			     struct ct_str to)
{
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	ct_jw_member_or_null(&jw, "provider", from);
	ct_jw_member(&jw, "reason", ct_str(reason));
	ct_jw_member(&jw, "to", to);
	ct_jw_end_object(&jw);
}

void ct_stream_recovered_body(struct ct_buf *out, bool restart, int64_t position)
{
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "mode", ct_str(restart ? "restart" : "continue"));
	ct_jw_member_int(&jw, "from_position", position);
	ct_jw_end_object(&jw);
}

void ct_stream_tool_call_body(struct ct_buf *out, const struct ct_tool_call *call)
{
	struct ct_jw jw = ct_jw(out);

	ct_tool_call_json(&jw, call);
}

static void write_cost(struct ct_jw *jw, int64_t nanos)
{
	ct_jw_key(jw, "cost_usd");
	if (nanos >= 0)
		ct_jw_num(jw, (double)nanos / 1e9);
	else
		ct_jw_null(jw);
}

void ct_stream_completion_body(struct ct_buf *out, const struct ct_call_result *r,
			       int64_t from, int64_t count)
{
	struct ct_jw jw = ct_jw(out);

	ct_jw_object(&jw);
	ct_jw_member_int(&jw, "total_tokens", count - from);
	ct_jw_member_int(&jw, "response_from", from);
	ct_jw_member(&jw, "finish_reason", ct_str(ct_finish_name(r->answer->finish)));
	ct_jw_member(&jw, "provider", r->provider);
	ct_jw_member(&jw, "model", r->model);
	ct_jw_key(&jw, "usage");
	ct_usage_json(&jw, &r->usage);
	write_cost(&jw, r->cost_usd_nanos);
	ct_jw_member(&jw, "request_id", r->request_id);
	ct_jw_member_or_null(&jw, "conversation_id", r->conversation_id);
	ct_jw_member_bool(&jw, "recovered", r->recovered);
	ct_jw_key(&jw, "warnings");
	ct_jw_array(&jw);
	for (size_t i = 0; i < r->warnings.count; i++)
		ct_jw_str(&jw, r->warnings.text[i]);
	ct_jw_end_array(&jw);
	ct_jw_end_object(&jw);
}

void ct_stream_add_duration(struct ct_buf *out, int64_t duration_ms)
{
	struct ct_jw jw = ct_jw(out);

	if (out->failed || out->len == 0)
		return;
	out->ptr[--out->len] = '\0';
	ct_buf_puts(out, ",\"duration\":");
	ct_jw_num(&jw, (double)duration_ms / 1000);
	ct_buf_printf(out, ",\"duration_ms\":%lld}", (long long)duration_ms);
}

static void or_null(struct ct_jw *jw, const char *key, int64_t value)
{
	ct_jw_key(jw, key);
	if (value > 0)
		ct_jw_int(jw, value);
	else
		ct_jw_null(jw);
}

void ct_stream_error_body(struct ct_buf *out, const struct ct_redactor *redactor,
			  const struct ct_stream_failure *failure)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(64 << 10);
	const struct ct_err *err = failure->err;
	struct ct_jw jw = ct_jw(out);

	ct_redact(redactor, ct_str(err->msg), &text);
	ct_jw_object(&jw);
	ct_jw_member(&jw, "error", ct_buf_str(&text));
	ct_jw_member(&jw, "code",
		     ct_str(failure->code ? failure->code : ct_code_name(err->code)));
	ct_jw_member_or_null(&jw, "provider", failure->provider);
	or_null(&jw, "status", err->status);
	ct_jw_member_int(&jw, "tokens_delivered", failure->delivered);
	or_null(&jw, "retry_after_ms", err->retry_after_ms);
	ct_jw_member_or_null(&jw, "request_id", failure->request_id);
	if (failure->line > 0)
		ct_jw_member_int(&jw, "line", failure->line);
	ct_jw_end_object(&jw);
}

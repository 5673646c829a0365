#include "service/sandbox_call.h"

#include <math.h>

#include "base/clock.h"
#include "service/sandbox_search.h"
#include "service/sandbox_voice.h"

enum {
	UNSENT_BYTES =
		256 << 10, /* more is not made while the reader has so much to take */
	WAIT_MS = 2, /* ... but looked at again after this */
	PING_MS = 200,
	ERROR_AFTER = 3, /* tokens, where error-in-stream does not say */
};

static const char filler[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static bool fails(const struct ct_sandbox_call *call, enum ct_fault_kind kind)
{
	return call->fault != NULL && call->fault->kind == kind;
}

/* Nothing more is sent: the exchange stays until its client goes. */
static void rest_silent(struct ct_sandbox_call *call)
{
	ct_timer_stop(call->timer);
}

static void break_off(struct ct_sandbox_call *call, bool reset, const char *outcome)
{
	struct ct_exchange *exchange = call->exchange;

	ct_timer_stop(call->timer);
	call->exchange = NULL;
	call->outcome = outcome;
	ct_exchange_abort(exchange, reset);
}

static void end(struct ct_sandbox_call *call)
{
	struct ct_exchange *exchange = call->exchange;

	ct_timer_stop(call->timer);
	call->exchange = NULL;
	ct_exchange_end(exchange);
}

/* Send what is in scratch, up to where the plan cuts. False: that was all. */
static bool flush(struct ct_sandbox_call *call)
{
	struct ct_str bytes = ct_buf_str(&call->scratch);
	bool cut = fails(call, CT_FAULT_CUT_AT) &&
		   call->bytes_sent + (int64_t)bytes.len > call->fault->argument;

	if (cut)
		bytes.len = (size_t)(call->fault->argument - call->bytes_sent);
	call->bytes_sent += (int64_t)bytes.len;
	if (call->scratch.failed ||
	    ct_exchange_send(call->exchange, bytes, NULL) != CT_OK) {
		break_off(call, true, "no memory");
		return false;
	}
	ct_buf_clear(&call->scratch);
	if (cut)
		break_off(call, false, "cut");
	return !cut;
}

static void emit(struct ct_sandbox_call *call, const struct ct_event *event)
{
	call->ingress->event(&call->writer, event, &call->scratch);
}

/* How many tokens may have been sent by now. */
static int64_t due(const struct ct_sandbox_call *call)
{
	int64_t us = ct_clock_us() - call->begun_us;

	if (fails(call, CT_FAULT_SLOW) && call->fault->argument > 0)
		return us / (call->fault->argument * 1000);
	if (call->sandbox->options.rate > 0)
		return (int64_t)((double)us / 1e6 * call->sandbox->options.rate) + 1;
	return INT64_MAX;
}

/* Until the next token is due, from the beginning on: late once is not late for ever. */
static void wait_for_next(struct ct_sandbox_call *call)
{
	double rate = call->sandbox->options.rate, at_ms = 0;
	int64_t ms = WAIT_MS, spent_us = ct_clock_us() - call->begun_us;

	if (fails(call, CT_FAULT_SLOW))
		at_ms = (double)(call->tokens_sent + 1) * (double)call->fault->argument;
	else if (rate > 0)
		at_ms = (double)call->tokens_sent * 1000 / rate;
	if (at_ms > 0)
		ms = (int64_t)ceil(at_ms - (double)spent_us / 1000);
	ct_timer_start(call->timer, ms < 1 ? 1 : ms);
}

/* What the plan does at this token. True: the stream is over, or the plan's from here on. */
static bool goes_wrong(struct ct_sandbox_call *call)
{
	const struct ct_fault *fault = call->fault;
	int64_t after;

	if (fault == NULL)
		return false;
	after = fault->argument >= 0 ? fault->argument : ERROR_AFTER;
	if (fault->kind == CT_FAULT_BAD_CHUNK && call->tokens_sent >= call->tokens / 2 &&
	    !call->bad_sent) {
		call->bad_sent = true;
		ct_buf_puts(&call->scratch, "data: {\"sandbox\": this is not JSON\n\n");
		return false;
	}
	if (call->tokens_sent < after)
		return false;
	if (fault->kind == CT_FAULT_CUT_AFTER) {
		if (flush(call))
			break_off(call, false, "cut");
		return true;
	}
	if (fault->kind == CT_FAULT_STALL_AFTER) {
		if (flush(call))
			rest_silent(call);
		return true;
	}
	if (fault->kind != CT_FAULT_ERROR_IN_STREAM)
		return false;
	call->ingress->error(call->provider == CT_SANDBOX_CLAUDE ? 529 : 503,
			     CT_EUPSTREAM, ct_str("[sandbox] overloaded, as planned"), 0,
			     true, &call->scratch);
	if (flush(call))
		end(call);
	return true;
}

static void finish(struct ct_sandbox_call *call)
{
	struct ct_event usage = { .type = CT_EVENT_USAGE, .usage = call->answer.usage };
	struct ct_event event = { .type = CT_EVENT_FINISH,
				  .finish = call->answer.finish };

	if (!fails(call, CT_FAULT_NO_END)) {
		emit(call, &usage);
		emit(call, &event);
		/* an array of events must close all the same */
		bool marked = call->writer.array || !fails(call, CT_FAULT_NO_DONE);
		if (call->ingress->end != NULL && marked)
			call->ingress->end(&call->writer, &call->scratch);
	}
	if (flush(call))
		end(call);
}

static void send_call(struct ct_sandbox_call *call)
{
	struct ct_event event = { .type = CT_EVENT_TOOL_CALL, .call = call->answer.call };

	emit(call, &event);
	call->call_sent = true;
	call->tokens_sent = call->tokens;
}

/* The next token; with when it is sent behind it where that is asked for. */
static struct ct_str next_token(struct ct_sandbox_call *call)
{
	struct ct_str token = ct_sandbox_token(&call->rest);

	if (!call->sandbox->options.stamps)
		return token;
	ct_buf_clear(&call->stamped);
	ct_buf_add(&call->stamped, token);
	ct_buf_printf(&call->stamped, "@%lld", (long long)ct_clock_us());
	return ct_buf_str(&call->stamped);
}

static void stream_on(void *user)
{
	struct ct_sandbox_call *call = user;
	int64_t until = due(call);

	for (;;) {
		struct ct_event event = { .type = CT_EVENT_TEXT };

		if (goes_wrong(call))
			return;
		if (call->answer.call.name.len > 0 && !call->call_sent) {
			send_call(call);
			continue;
		}
		if (call->rest.len == 0) {
			finish(call);
			return;
		}
		if (call->tokens_sent >= until ||
		    ct_exchange_unsent(call->exchange) + call->scratch.len > UNSENT_BYTES)
			break;
		event.text = next_token(call);
		emit(call, &event);
		if (fails(call, CT_FAULT_CUT_AT) && !flush(call))
			return;
		call->tokens_sent++;
	}
	if (flush(call))
		wait_for_next(call);
}

static void ping(void *user)
{
	struct ct_sandbox_call *call = user;

	if (!call->request.request.stream || call->writer.array)
		ct_buf_puts(&call->scratch, "\n");
	else if (call->provider == CT_SANDBOX_CLAUDE)
		emit(call, &(struct ct_event){ .type = CT_EVENT_WORK });
	else
		ct_buf_puts(&call->scratch, ": ping\n\n");
	if (flush(call))
		ct_timer_start(call->timer, PING_MS);
}

static void line_without_end(void *user)
{
	struct ct_sandbox_call *call = user;

	if (call->bytes_sent == 0)
		ct_buf_puts(&call->scratch,
			    call->request.request.stream && !call->writer.array
				    ? "data: {\"endless\":\""
				    : "{\"endless\":\"");
	while (ct_exchange_unsent(call->exchange) + call->scratch.len < UNSENT_BYTES)
		ct_buf_puts(&call->scratch, filler);
	if (flush(call))
		ct_timer_start(call->timer, WAIT_MS);
}

/* From now on this is what the timer does, beginning at once. */
static void go_on_with(struct ct_sandbox_call *call, ct_loop_fn *fn)
{
	struct ct_timer *timer = ct_timer_create(call->sandbox->loop, fn, call);

	if (timer == NULL) {
		break_off(call, true, "no memory");
		return;
	}
	ct_timer_destroy(call->timer);
	call->timer = timer;
	call->begun_us = ct_clock_us();
	fn(call);
}

/* Send the head of an answer of that length, -1: not known. */
static bool send_head(struct ct_sandbox_call *call, const char *type, int64_t length)
{
	ct_sandbox_headers(call, type, &call->headers);
	call->status = 200;
	if (ct_exchange_head(call->exchange, 200, &call->headers, length, NULL) == CT_OK)
		return true;
	break_off(call, true, "no memory");
	return false;
}

static void stream(struct ct_sandbox_call *call)
{
	struct ct_event start = { .type = CT_EVENT_START };

	if (!send_head(call,
		       call->writer.array ? "application/json" : "text/event-stream", -1))
		return;
	call->rest = call->answer.text;
	emit(call, &start);
	go_on_with(call, stream_on);
}

/* How much of a whole answer is sent before the plan breaks it off: in proportion to its tokens. */
static size_t part_of(const struct ct_sandbox_call *call, size_t len)
{
	int64_t after = call->fault->argument,
		tokens = call->tokens > 0 ? call->tokens : 1;

	return after >= tokens ? len
			       : (size_t)((double)len * (double)after / (double)tokens);
}

static void send_whole(void *user)
{
	struct ct_sandbox_call *call = user;
	size_t len;

	enum ct_task task = call->request.request.task;
	struct ct_err err = { 0 };

	if (task == CT_TASK_SPEAK &&
	    ct_sandbox_hum(&call->request, &call->scratch, &call->type, &err) != CT_OK) {
		ct_sandbox_error(call, 400, err.code, ct_str(err.msg), -1);
		return;
	}
	if (task == CT_TASK_TRANSCRIBE)
		call->ingress->heard(&call->writer, &call->heard, &call->scratch);
	else if (call->request.request.search != NULL)
		call->ingress->found(&call->writer, &call->found, &call->scratch);
	else if (task != CT_TASK_SPEAK)
		call->ingress->whole(&call->writer, call->answer.text, &call->answer.call,
				     call->answer.call.name.len > 0, call->answer.finish,
				     &call->scratch);
	len = call->scratch.len;
	if (!send_head(call, call->type != NULL ? call->type : "application/json",
		       fails(call, CT_FAULT_NO_END) ? -1 : (int64_t)len))
		return;
	call->tokens_sent = call->tokens;
	if (fails(call, CT_FAULT_NO_END))
		call->scratch.len = len / 2;
	else if (fails(call, CT_FAULT_CUT_AFTER) || fails(call, CT_FAULT_STALL_AFTER))
		call->scratch.len = part_of(call, len);
	bool part = call->scratch.len < len;
	if (!flush(call))
		return;
	if (part && fails(call, CT_FAULT_CUT_AFTER))
		break_off(call, false, "cut");
	else if (part && fails(call, CT_FAULT_STALL_AFTER))
		rest_silent(call);
	else
		end(call);
}

static void delay_whole(struct ct_sandbox_call *call)
{
	struct ct_timer *timer = ct_timer_create(call->sandbox->loop, send_whole, call);
	double rate = call->sandbox->options.rate;
	int64_t ms = 0;

	if (timer == NULL) {
		break_off(call, true, "no memory");
		return;
	}
	ct_timer_destroy(call->timer);
	call->timer = timer;
	if (fails(call, CT_FAULT_SLOW))
		ms = call->tokens * call->fault->argument;
	else if (rate > 0)
		ms = (int64_t)((double)call->tokens * 1000 / rate);
	ct_timer_start(timer, ms);
}

/* Of sound a character is a token: that is what it is paid by. */
static int make_speech(struct ct_sandbox_call *call, const char *provider, struct ct_err *err)
{
	struct ct_sandbox_answer *answer = &call->answer;
	const struct ct_speech *s = call->request.request.speech;

	*answer = (struct ct_sandbox_answer){ .finish = CT_FINISH_STOP };
	if (call->request.request.task == CT_TASK_SPEAK) {
		answer->usage.output = (int64_t)ct_speech_characters(s->text);
		return CT_OK;
	}
	int rc = ct_sandbox_hear(provider, &call->request, &call->arena, &call->heard, err);
	answer->usage.output = (int64_t)call->heard.count;
	return rc;
}

/* A word that was found is a token too: cuts and speeds are by them. */
static int make_answer(struct ct_sandbox_call *call, const char *provider, struct ct_err *err)
{
	struct ct_sandbox_answer *answer = &call->answer;

	if (call->request.request.speech != NULL)
		return make_speech(call, provider, err);
	if (call->document.ptr != NULL) {
		*answer = (struct ct_sandbox_answer){ .text = call->document,
						      .finish = CT_FINISH_STOP };
		answer->usage.output = ct_sandbox_tokens(call->document);
		return CT_OK;
	}
	if (call->request.request.search == NULL)
		return ct_sandbox_answer(provider, &call->request, &call->arena, answer, err);
	*answer = (struct ct_sandbox_answer){ .finish = CT_FINISH_STOP };
	int rc = ct_sandbox_find(provider, &call->request, &call->arena, &call->found, err);
	for (size_t i = 0; rc == CT_OK && i < call->found.count; i++)
		answer->usage.output += ct_sandbox_tokens(call->found.list[i].text);
	return rc;
}

static void answer(struct ct_sandbox_call *call)
{
	const char *provider = ct_sandbox_provider_name(call->provider);
	struct ct_request *request = &call->request.request;
	struct ct_err err = { 0 };

	if (request->prefill && !ct_sandbox_takes_prefill(provider, request->model)) {
		static const struct ct_fault refused = {
			.kind = CT_FAULT_PREFILL_REFUSED
		};
		call->fault = &refused;
		ct_sandbox_reply_fault(call);
		return;
	}
	if (make_answer(call, provider, &err) != CT_OK) {
		ct_sandbox_error(call, 500, err.code, ct_str(err.msg), -1);
		return;
	}
	call->tokens = call->answer.usage.output;
	call->writer.usage = call->answer.usage;
	if (request->stream) {
		call->writer.usage.output = 0;
		stream(call);
	} else if (fails(call, CT_FAULT_ERROR_IN_STREAM)) {
		ct_sandbox_error(call, call->provider == CT_SANDBOX_CLAUDE ? 529 : 503,
				 CT_EUPSTREAM, ct_str("[sandbox] overloaded, as planned"),
				 -1);
	} else {
		delay_whole(call);
	}
}

static const char *content_type(const struct ct_sandbox_call *call)
{
	return call->request.request.stream && !call->writer.array ? "text/event-stream"
								   : "application/json";
}

/* What begins when the latency is over. */
static void begin(void *user)
{
	struct ct_sandbox_call *call = user;

	if (call->fault != NULL && ct_sandbox_reply_fault(call))
		return;
	switch (call->fault != NULL ? call->fault->kind : CT_FAULT_NONE) {
	case CT_FAULT_REFUSED:
	case CT_FAULT_RESET:
		break_off(call, true, "reset");
		break;
	case CT_FAULT_SILENT:
		rest_silent(call);
		break;
	case CT_FAULT_SILENT_AFTER_HEADERS:
		if (send_head(call, content_type(call), -1))
			rest_silent(call);
		break;
	case CT_FAULT_PINGS:
		if (send_head(call, content_type(call), -1))
			go_on_with(call, ping);
		break;
	case CT_FAULT_ENDLESS:
		if (send_head(call, content_type(call), -1))
			go_on_with(call, line_without_end);
		break;
	default:
		answer(call);
	}
}

void ct_sandbox_chat(struct ct_sandbox_call *call)
{
	call->timer = ct_timer_create(call->sandbox->loop, begin, call);
	if (call->timer == NULL) {
		break_off(call, true, "no memory");
		return;
	}
	if (call->sandbox->options.latency_ms > 0)
		ct_timer_start(call->timer, call->sandbox->options.latency_ms);
	else
		begin(call);
}

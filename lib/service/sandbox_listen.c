/* Deepgram's live transcription, as the sandbox plays it: ingress/deepgram_live on a WebSocket. */
#include <stdlib.h>

#include "base/clock.h"
#include "ingress/deepgram_live.h"
#include "net/ws.h"
#include "service/sandbox_call.h"

enum {
	QUIET_MS = 10000, /* without audio or KeepAlive, as the real one */
	ERROR_AFTER = 3, /* words, where error-in-stream does not say */
	UNSENT_MAX = 64 << 20,
	ENDLESS_BYTES = 16 << 20, /* more than a client holds */
};

struct ct_sandbox_listen {
	struct ct_sandbox_call *call;
	struct ct_server_request request;
	struct ct_live_options options;
	struct ct_live *live;
	struct ct_ws *ws; /* NULL: over, or broken off */
	struct ct_str id;
	bool mute; /* nothing is said any more */
};

static const struct ct_fault *fault_of(const struct ct_sandbox_listen *l)
{
	static const struct ct_fault none = { .kind = CT_FAULT_NONE };

	return l->call->fault != NULL ? l->call->fault : &none;
}

/* In Deepgram's shape. */
static void refuse(struct ct_sandbox_listen *l, int status, const char *code, struct ct_str message)
{
	struct ct_sandbox_call *call = l->call;
	struct ct_headers *headers = ct_arena_alloc(&call->arena, sizeof(*headers));
	struct ct_jw jw;

	if (headers != NULL) {
		headers->arena = &call->arena;
		ct_headers_add(headers, ct_str("dg-request-id"), l->id);
		ct_headers_add(headers, ct_str("dg-error"), message);
		if (fault_of(l)->kind == CT_FAULT_STATUS && fault_of(l)->argument > 0)
			ct_headers_add(headers, ct_str("retry-after"),
				       ct_arena_printf(&call->arena, "%lld",
						       (long long)fault_of(l)->argument));
	}
	ct_buf_clear(&call->scratch);
	jw = ct_jw(&call->scratch);
	ct_jw_object(&jw);
	ct_jw_member(&jw, "err_code", ct_str(code));
	ct_jw_member(&jw, "err_msg", message);
	ct_jw_member(&jw, "request_id", l->id);
	ct_jw_end_object(&jw);
	ct_sandbox_reply(call, status, "application/json", ct_buf_str(&call->scratch), headers);
}

static const char *code_of(int status)
{
	switch (status) {
	case 401:
		return "INVALID_AUTH";
	case 402:
		return "ASR_PAYMENT_REQUIRED";
	case 403:
		return "INSUFFICIENT_PERMISSIONS";
	case 429:
		return "TOO_MANY_REQUESTS";
	default:
		return status >= 500 ? "INTERNAL_SERVER_ERROR" : "Bad Request";
	}
}

/* Without a close frame. */
static void break_off(struct ct_sandbox_listen *l, const char *outcome)
{
	struct ct_ws *ws = l->ws;

	l->ws = NULL;
	l->call->outcome = outcome;
	ct_timer_stop(l->call->timer);
	ct_ws_cut(ws);
}

static void close_with(struct ct_sandbox_listen *l, int code, const char *reason)
{
	l->mute = true;
	ct_timer_stop(l->call->timer);
	ct_ws_close(l->ws, code, reason);
}

static void send_endless(struct ct_sandbox_listen *l)
{
	char *bytes = malloc(ENDLESS_BYTES);

	if (bytes != NULL) {
		memset(bytes, 'a', ENDLESS_BYTES);
		ct_ws_send_text(l->ws, (struct ct_str){ bytes, ENDLESS_BYTES }, NULL);
	}
	free(bytes);
	l->mute = true;
}

/* What the plan does once so many words were sent. */
static void go_wrong(struct ct_sandbox_listen *l)
{
	const struct ct_fault *fault = fault_of(l);
	int64_t after = fault->argument >= 0 ? fault->argument : ERROR_AFTER;
	bool due = l->call->tokens_sent >= after;

	if (l->ws == NULL)
		return;
	if (fault->kind == CT_FAULT_CUT_AFTER && due) {
		break_off(l, "cut");
	} else if (fault->kind == CT_FAULT_STALL_AFTER && due) {
		l->mute = true;
	} else if (fault->kind == CT_FAULT_ERROR_IN_STREAM && due) {
		close_with(l, CT_WS_SERVER_ERROR, "NET-0000 [sandbox] as planned");
	} else if (fault->kind == CT_FAULT_BAD_CHUNK && !l->call->bad_sent) {
		l->call->bad_sent = true;
		ct_ws_send_text(l->ws, ct_str("{\"sandbox\": this is not JSON"), NULL);
	} else if (fault->kind == CT_FAULT_ENDLESS) {
		send_endless(l);
	}
}

static void on_message(void *user, struct ct_str json)
{
	struct ct_sandbox_listen *l = user;
	const struct ct_fault *fault = fault_of(l);

	if (l->ws == NULL || l->mute)
		return;
	if (fault->kind == CT_FAULT_CUT_AT &&
	    l->call->bytes_sent + (int64_t)json.len > fault->argument) {
		break_off(l, "cut");
		return;
	}
	if (ct_ws_send_text(l->ws, json, NULL) != CT_OK) {
		break_off(l, "client reads nothing");
		return;
	}
	l->call->bytes_sent += (int64_t)json.len;
	l->call->tokens_sent = ct_live_words(l->live);
	go_wrong(l);
}

static void on_quiet(void *user)
{
	struct ct_sandbox_listen *l = user;

	if (l->ws != NULL)
		close_with(l, CT_WS_SERVER_ERROR, "NET-0001");
}

static void heard(struct ct_sandbox_listen *l)
{
	if (l->ws != NULL)
		ct_timer_start(l->call->timer, QUIET_MS);
}

static void on_text(void *user, struct ct_str text)
{
	struct ct_sandbox_listen *l = user;
	bool closes = false;

	if (ct_live_command(l->live, text, &closes, NULL) != CT_OK) {
		close_with(l, CT_WS_POLICY, "DATA-0000");
		return;
	}
	heard(l);
	if (!closes || l->ws == NULL || (l->mute && fault_of(l)->kind != CT_FAULT_NONE))
		return;
	if (fault_of(l)->kind == CT_FAULT_NO_END)
		break_off(l, "cut");
	else
		close_with(l, CT_WS_NORMAL, NULL);
}

/* An empty frame closes the stream, as there. */
static void on_binary(void *user, struct ct_str bytes)
{
	struct ct_sandbox_listen *l = user;

	if (bytes.len == 0) {
		on_text(user, ct_str("{\"type\":\"CloseStream\"}"));
		return;
	}
	ct_live_audio(l->live, bytes);
	heard(l);
}

static void on_open(void *user, const struct ct_headers *headers)
{
	struct ct_sandbox_listen *l = user;
	enum ct_fault_kind kind = fault_of(l)->kind;

	(void)headers;
	l->mute = kind == CT_FAULT_SILENT_AFTER_HEADERS || kind == CT_FAULT_PINGS;
	heard(l);
}

static void on_end(void *user, const struct ct_ws_end *end)
{
	struct ct_sandbox_listen *l = user;

	l->ws = NULL;
	ct_timer_stop(l->call->timer);
	if (end->code != CT_OK)
		l->call->outcome = "client gone";
}

static bool refuse_by_plan(struct ct_sandbox_listen *l)
{
	const struct ct_fault *fault = fault_of(l);

	switch (fault->kind) {
	case CT_FAULT_STATUS:
		refuse(l, fault->status, code_of(fault->status),
		       ct_str("[sandbox] as planned"));
		return true;
	case CT_FAULT_DOWN:
		refuse(l, 503, code_of(503), ct_str("[sandbox] down, as planned"));
		return true;
	case CT_FAULT_REFUSED:
	case CT_FAULT_RESET:
		l->call->outcome = "reset";
		ct_exchange_abort(l->call->exchange, true);
		return true;
	case CT_FAULT_SILENT:
		return true;
	default:
		return fault->kind != CT_FAULT_NONE && ct_sandbox_reply_fault(l->call);
	}
}

static void begin(void *user)
{
	static const struct ct_ws_handler handler = { on_open, on_text, on_binary, NULL, on_end };
	struct ct_sandbox_listen *l = user;
	struct ct_ws_options options = { .max_unsent_bytes = UNSENT_MAX };
	struct ct_err err = { 0 };
	struct ct_timer *timer;

	if (refuse_by_plan(l))
		return;
	timer = ct_timer_create(l->call->sandbox->loop, on_quiet, l);
	if (timer == NULL) {
		ct_exchange_abort(l->call->exchange, true);
		return;
	}
	ct_timer_destroy(l->call->timer);
	l->call->timer = timer;
	if (ct_ws_accept(l->call->exchange, &l->request, &options, &handler, l, &l->ws, &err) !=
	    CT_OK) {
		refuse(l, err.status > 0 ? err.status : 500, "Bad Request", ct_str(err.msg));
		return;
	}
	l->call->status = 101;
}

void ct_sandbox_listen(struct ct_sandbox_call *call, const struct ct_server_request *request)
{
	struct ct_sandbox_listen *l = ct_arena_alloc(&call->arena, sizeof(*l));
	struct ct_err err = { 0 };

	if (l == NULL) {
		ct_exchange_abort(call->exchange, true);
		return;
	}
	call->listen = l;
	*l = (struct ct_sandbox_listen){ .call = call, .request = *request };
	l->id = ct_arena_printf(&call->arena, "sandbox_%lld", (long long)call->sandbox->serial);
	if (!call->has_key) {
		refuse(l, 401, "INVALID_AUTH", ct_str("Invalid credentials."));
		return;
	}
	if (ct_live_read(request->query, &call->arena, &l->options, &err) != CT_OK) {
		refuse(l, 400, "Bad Request", ct_str(err.msg));
		return;
	}
	call->request.request.model = l->options.model;
	call->request.request.stream = true;
	call->fault = ct_plan_next(&call->sandbox->plan, call->provider, false,
				   ct_clock_us() / 1000);
	l->live = ct_live_create(&l->options, l->id, on_message, l);
	call->timer = ct_timer_create(call->sandbox->loop, begin, l);
	if (l->live == NULL || call->timer == NULL)
		ct_exchange_abort(call->exchange, true);
	else
		ct_timer_start(call->timer, call->sandbox->options.latency_ms);
}

void ct_sandbox_listen_fini(struct ct_sandbox_call *call)
{
	if (call->listen != NULL)
		ct_live_destroy(call->listen->live);
}

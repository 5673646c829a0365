#include "service/try.h"

#include <stdlib.h>

#include "base/clock.h"
#include "codec/rate_headers.h"

enum {
	ERROR_BODY_BYTES = 256 << 10, /* of an error's body, more is not looked at */
	ERROR_BODY_MS = 5000, /* an error's body may take no longer than this after its head */
	USAGE_MS = 2000, /* after the end marker, usage and the stream's end may still come */
	END_MS = 250, /* after the very last event, the connection's end */
	LATE_US = 1000 * 1000, /* a clock that strikes so late: this process stood still */
};

struct ct_try {
	struct ct_try_result result;
	/* What each piece touches: it begins with the last members of result. */
	struct ct_decoder *decoder;
	struct ct_try_handler handler;
	void *user;
	struct ct_timer *timer;
	int timer_code; /* what it means when the timer fires */
	bool paused;
	bool stream; /* as spec's request asks */
	enum ct_decoder_state wound; /* the state whose clock was set */
	int64_t timer_ms; /* 0: it does not run */
	int64_t due_us;
	struct ct_try_spec spec;

	struct ct_app *app;
	struct ct_arena arena;
	struct ct_http_transfer *transfer;
	const struct ct_headers *headers; /* valid from on_head to on_done */
	struct ct_buf error_body;
	int64_t began_us;
};

static int64_t since_start_ms(const struct ct_try *t)
{
	return (ct_clock_us() - t->began_us + 500) / 1000;
}

static void destroy(struct ct_try *t)
{
	ct_timer_destroy(t->timer);
	ct_decoder_destroy(t->decoder);
	ct_buf_fini(&t->error_body);
	ct_arena_fini(&t->arena);
	free(t);
}

/* code: CT_ECUT, CT_EFIRST, CT_EIDLE; 0: the clock stops. */
static void set_clock(struct ct_try *t, int code, int64_t ms)
{
	t->timer_code = code;
	t->timer_ms = ms;
	t->due_us = ct_clock_us() + ms * 1000;
	if (ms > 0 && !t->paused)
		ct_timer_start(t->timer, ms);
	else
		ct_timer_stop(t->timer);
}

static bool is_success(const struct ct_try *t)
{
	return t->result.status >= 200 && t->result.status < 300;
}

static bool is_content(const struct ct_event *event)
{
	switch (event->type) {
	case CT_EVENT_TEXT:
	case CT_EVENT_REASONING:
		return event->text.len > 0;
	case CT_EVENT_TOOL_CALL:
	case CT_EVENT_AUDIO:
		return true;
	default:
		return false;
	}
}

static int on_event(void *user, const struct ct_event *event, struct ct_err *err)
{
	struct ct_try *t = user;
	bool content = is_content(event);

	if (content && !t->result.content) {
		t->result.content = true;
		t->result.first_token_ms = since_start_ms(t);
	}
	if (t->wound != CT_DECODER_OPEN && content)
		t->wound = CT_DECODER_OPEN; /* not the end after all: its clock begins anew */
	int rc = t->handler.on_event(t->user, event, err);
	/* only now: while a reader keeps us waiting, the provider is not silent */
	if ((content || event->type == CT_EVENT_WORK) && t->stream &&
	    t->wound == CT_DECODER_OPEN && ct_decoder_state(t->decoder) == CT_DECODER_OPEN)
		set_clock(t, CT_EIDLE, t->spec.idle_ms);
	return rc;
}

/* The clocks for what is left once the end marker has come. Pings after it do not wind them up. */
static void wind_down(struct ct_try *t)
{
	enum ct_decoder_state state = ct_decoder_state(t->decoder);

	if (state == t->wound)
		return;
	t->wound = state;
	switch (state) {
	case CT_DECODER_OPEN:
		break;
	case CT_DECODER_FINISHED:
		set_clock(t, CT_ECUT, USAGE_MS);
		break;
	case CT_DECODER_DONE:
		set_clock(t, CT_ECUT, END_MS);
		break;
	}
}

static void on_head(void *user, int status, const struct ct_headers *headers)
{
	struct ct_try *t = user;
	struct ct_rate_headers rate;

	t->result.status = status;
	t->headers = headers;
	t->result.provider_request_id = ct_provider_request_id(headers);
	if (t->handler.on_room != NULL && ct_rate_headers(headers, ct_time_now().wall_ms, &rate))
		t->handler.on_room(t->user, &(struct ct_room){ rate.remaining, rate.reset_ms });
	if (is_success(t))
		ct_decoder_head(t->decoder, headers);
	else
		set_clock(t, CT_ECUT, ERROR_BODY_MS);
}

/* While the request is still going out nobody can be expected to answer. */
static void on_sent(void *user, int64_t sent, int64_t of)
{
	struct ct_try *t = user;
	struct ct_event event = { .type = CT_EVENT_SENT, .sent = sent, .of = of };

	if (t->timer_code == CT_EFIRST && t->result.status == 0)
		set_clock(t, CT_EFIRST, t->spec.first_ms);
	t->handler.on_event(t->user, &event, NULL);
}

static int on_body(void *user, struct ct_str bytes, struct ct_err *err)
{
	struct ct_try *t = user;

	if (!is_success(t)) {
		size_t room = ERROR_BODY_BYTES - t->error_body.len;
		ct_buf_append(&t->error_body, bytes.ptr, bytes.len < room ? bytes.len : room);
		return CT_OK;
	}
	/* a whole answer shows no other sign of work than its bytes */
	if (!t->stream && t->wound == CT_DECODER_OPEN)
		set_clock(t, CT_EIDLE, t->spec.idle_ms);
	int rc = ct_decoder_feed(t->decoder, bytes, err);
	if (rc == CT_OK)
		wind_down(t);
	return rc;
}

/* What the exchange amounts to, once no more bytes will come. */
static int conclude(struct ct_try *t, int code, const struct ct_err *cause)
{
	struct ct_err *err = &t->result.err;

	if (t->result.status == 0) {
		*err = *cause;
		return code;
	}
	if (!is_success(t))
		return ct_provider_error(t->spec.endpoint, t->result.status, t->headers,
					 ct_buf_str(&t->error_body), ct_time_now().wall_ms, err);
	if (code == CT_OK || ct_decoder_state(t->decoder) != CT_DECODER_OPEN)
		return ct_decoder_finish(t->decoder, err);
	*err = *cause;
	return code;
}

static void end(struct ct_try *t, int code, const struct ct_err *cause)
{
	struct ct_try_result *result = &t->result;

	ct_timer_stop(t->timer);
	result->code = conclude(t, code, cause);
	if (result->status != 0 && !is_success(t) && result->provider_request_id.len == 0)
		result->provider_request_id =
			ct_error_request_id(&t->arena, ct_buf_str(&t->error_body));
	if (result->code != CT_OK) {
		result->err.code = result->code;
		result->err.status = result->status;
	}
	result->duration_ms = since_start_ms(t);
	result->turn = ct_decoder_turn(t->decoder);
	t->handler.on_done(t->user, result);
	destroy(t);
}

static void on_done(void *user, int code, const struct ct_err *err)
{
	struct ct_try *t = user;

	t->result.shared_connection = ct_http_shared_connection(t->transfer);
	t->transfer = NULL;
	end(t, code, err);
}

/* The clock's time is up. Headers die with the transfer, and it needs its request: it goes last. */
static void time_out(struct ct_try *t)
{
	struct ct_err err;
	struct ct_http_transfer *transfer = t->transfer;
	struct ct_arena arena = t->arena;
	struct ct_str name = t->spec.endpoint->name;

	t->arena = (struct ct_arena){ 0 };

	if (t->timer_code == CT_EFIRST)
		ct_fail(&err, CT_EFIRST, "%.*s said nothing for %.3g s", CT_STR_ARG(name),
			(double)t->spec.first_ms / 1000);
	else if (t->timer_code == CT_EIDLE)
		ct_fail(&err, CT_EIDLE, "%.*s fell silent for %.3g s in the middle of its answer",
			CT_STR_ARG(name), (double)t->spec.idle_ms / 1000);
	else
		ct_fail(&err, CT_ECUT, "the answer did not end");
	end(t, t->timer_code, &err);
	ct_http_cancel(transfer);
	ct_arena_fini(&arena);
}

/*
 * Who was stopped (Ctrl-Z), or asleep, has not heard what came meanwhile: timers are looked at before
 * sockets. That silence was not the provider's.
 */
static void on_timer(void *user)
{
	struct ct_try *t = user;

	if (ct_clock_us() - t->due_us > LATE_US)
		set_clock(t, t->timer_code, t->timer_ms);
	else
		time_out(t);
}

/* Warnings outlive the attempt; its request, which may be of many megabytes, does not. */
static int keep_warnings(struct ct_warnings *warnings, struct ct_arena *arena,
			 struct ct_err *err)
{
	for (size_t i = 0; warnings != NULL && i < warnings->count; i++) {
		warnings->text[i] = ct_arena_dup(arena, warnings->text[i]);
		if (warnings->text[i].ptr == NULL)
			return ct_fail(err, CT_ENOMEM, "no memory for a request");
	}
	return CT_OK;
}

bool ct_try_settle(struct ct_try *t)
{
	if (t->wound == CT_DECODER_OPEN)
		return false;
	t->timer_code = CT_ECUT;
	time_out(t);
	return true;
}

static int prepare(struct ct_try *t, struct ct_http_request *request, struct ct_arena *arena,
		   struct ct_warnings *warnings, struct ct_err *err)
{
	const struct ct_endpoint *endpoint = t->spec.endpoint;

	t->timer = ct_timer_create(t->app->loop, on_timer, t);
	t->decoder = ct_decoder_create(endpoint, t->spec.request->task, on_event, t);
	if (t->timer == NULL || t->decoder == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	int rc = endpoint->vendor->request(endpoint, t->spec.request, t->spec.model, &t->arena,
					   request, warnings, err);
	if (rc != CT_OK && warnings != NULL)
		warnings->count = 0; /* they go with the attempt that is none */
	return rc == CT_OK ? keep_warnings(warnings, arena, err) : rc;
}

int ct_try_start(struct ct_app *app, const struct ct_try_spec *spec,
		 const struct ct_try_handler *handler, void *user, struct ct_arena *arena,
		 struct ct_warnings *warnings, struct ct_try **out, struct ct_err *err)
{
	static const struct ct_http_handler http = { on_head, on_body, on_done, on_sent };
	struct ct_http_request request = { 0 }; /* what it points to is in the try's arena */
	struct ct_try *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a request");
	t->app = app;
	t->spec = *spec;
	t->stream = spec->request->stream;
	t->handler = *handler;
	t->user = user;
	t->error_body = (struct ct_buf)CT_BUF_INIT(ERROR_BODY_BYTES);
	t->began_us = ct_clock_us();
	t->result.first_token_ms = -1;

	int rc = prepare(t, &request, arena, warnings, err);
	if (rc == CT_OK)
		rc = ct_http_start(app->http, &request, &http, t, &t->transfer, err);
	if (rc != CT_OK) {
		destroy(t);
		return rc;
	}
	set_clock(t, CT_EFIRST, spec->first_ms);
	*out = t;
	return CT_OK;
}

void ct_try_pause(struct ct_try *t, bool pause)
{
	if (t->paused == pause)
		return;
	t->paused = pause;
	ct_http_pause(t->transfer, pause);
	set_clock(t, t->timer_code, t->timer_ms);
}

void ct_try_cancel(struct ct_try *t)
{
	if (t == NULL)
		return;
	ct_http_cancel(t->transfer);
	destroy(t);
}

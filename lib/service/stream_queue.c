/*
 * The events of a session on their way to its reader: one after the other, tokens at their pace.
 * While tokens wait, whatever comes after them waits, too. Its timer is also the one that
 * notices silence.
 */
#include "base/clock.h"
#include "net/loop.h"
#include "service/stream_impl.h"

/* Before each body in the queue. */
struct header {
	enum ct_stream_type type;
	size_t len;
};

static bool is_last(enum ct_stream_type type)
{
	return type == CT_STREAM_COMPLETION || type == CT_STREAM_ERROR;
}

static size_t held(const struct ct_session *session)
{
	return session->queue.len - session->queue_at;
}

static void show(struct ct_session *session, enum ct_stream_type type, struct ct_str body,
		 int64_t now_us)
{
	session->last_us = now_us;
	if (type == CT_STREAM_TOKEN) {
		ct_stream_note_token(session, now_us);
		session->sent++;
	}
	if (type != CT_STREAM_COMPLETION) {
		ct_stream_show_event(session->stream, session, type, body);
	} else {
		CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_STREAM_TEXT_BYTES);
		ct_buf_add(&text, body);
		ct_stream_add_duration(&text, (now_us - session->began_us) / 1000);
		ct_stream_show_event(session->stream, session, type, ct_buf_str(&text));
	}
	if (is_last(type))
		ct_session_end(session, type == CT_STREAM_COMPLETION);
}

/* Providers are read from as long as little is held back. */
static void set_full(struct ct_session *session)
{
	bool full = session->full;

	if (held(session) > CT_STREAM_QUEUE_BYTES)
		full = true;
	else if (held(session) <= CT_STREAM_QUEUE_BYTES / 2)
		full = false;
	if (full == session->full)
		return;
	session->full = full;
	ct_session_set_pause(session);
}

/* When the next thing is due. */
static void set_timer(struct ct_session *session, int64_t now_us)
{
	const struct ct_stream_options *options = session->stream->options;
	int64_t quiet_ms = (now_us - session->last_us) / 1000;
	int64_t wait_ms = options->heartbeat_ms - quiet_ms;

	if (session->over)
		return;
	if (held(session) > 0 && !session->stream->stuffed) {
		int64_t pace_ms = ct_pace_wait_ms(&session->pace, now_us);
		wait_ms = pace_ms < wait_ms ? pace_ms : wait_ms;
	}
	ct_timer_start(session->timer, wait_ms > 0 ? wait_ms : 0);
}

/* What a pace holds back is held back as well while the reader of all stands still. */
static bool may_show(struct ct_session *session, enum ct_stream_type type, int64_t now_us)
{
	if (session->pace.per_second == 0 || type != CT_STREAM_TOKEN)
		return true;
	return !session->stream->stuffed && ct_pace_take(&session->pace, now_us);
}

/* Let out what is due. */
static void drain(struct ct_session *session, int64_t now_us)
{
	while (held(session) > 0 && !session->over) {
		struct header header;
		const char *at = session->queue.ptr + session->queue_at;
		memcpy(&header, at, sizeof(header));
		if (!may_show(session, header.type, now_us))
			break;
		session->queue_at += sizeof(header) + header.len;
		show(session, header.type, (struct ct_str){ at + sizeof(header), header.len },
		     now_us);
	}
	if (held(session) == 0 || session->queue_at > session->queue.len / 2) {
		ct_buf_drop(&session->queue, session->queue_at);
		session->queue_at = 0;
	}
}

/* A session whose call is over may still hold tokens back: its time is bounded all the same. */
static bool is_late(const struct ct_session *session, int64_t now_us)
{
	return session->call == NULL && held(session) > 0 &&
	       now_us - session->began_us > session->stream->options->call.timeout_ms * 1000;
}

static void on_timer(void *user)
{
	struct ct_session *session = user;
	const struct ct_stream_options *options = session->stream->options;
	int64_t now_us = ct_clock_us();

	if (session->over) {
		if (session->leaving)
			ct_session_leave(session);
		return;
	}
	drain(session, now_us);
	if (is_late(session, now_us)) {
		struct ct_err err;
		ct_fail(&err, CT_ETIMEOUT, "the session took longer than %.3g s at its pace",
			(double)options->call.timeout_ms / 1000);
		ct_session_drop_queue(session);
		ct_session_fail(session, &err, session->provider);
	}
	/* a reader that stands still would find nothing but heartbeats */
	if (!session->over && !session->stream->stuffed &&
	    now_us - session->last_us >= options->heartbeat_ms * 1000)
		show(session, CT_STREAM_HEARTBEAT, ct_str("{}"), now_us);
	else if (session->stream->stuffed)
		session->last_us = now_us;
	set_full(session);
	set_timer(session, now_us);
}

static void hold(struct ct_session *session, enum ct_stream_type type, struct ct_str body)
{
	struct header header = { type, body.len };

	ct_buf_append(&session->queue, (const char *)&header, sizeof(header));
	ct_buf_add(&session->queue, body);
}

void ct_session_emit(struct ct_session *session, enum ct_stream_type type, struct ct_str body)
{
	int64_t now_us = ct_clock_us();

	if (session->over)
		return;
	if (held(session) == 0 && may_show(session, type, now_us)) {
		show(session, type, body, now_us);
		return;
	}
	hold(session, type, body);
	set_full(session);
	set_timer(session, now_us);
}

void ct_session_wake(struct ct_session *session)
{
	set_timer(session, ct_clock_us());
}

int ct_session_open_queue(struct ct_session *session, struct ct_err *err)
{
	session->queue = (struct ct_buf)CT_BUF_INIT(CT_STREAM_TEXT_BYTES);
	session->pace.per_second = session->stream->options->max_tokens_per_second;
	session->timer = ct_timer_create(session->stream->app->loop, on_timer, session);
	if (session->timer == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a session");
	set_timer(session, session->began_us);
	return CT_OK;
}

void ct_session_drop_queue(struct ct_session *session)
{
	ct_buf_clear(&session->queue);
	session->queue_at = 0;
	set_full(session);
}

/* Events on their way out: gathered within a turn of the loop, written by a thread. */
#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "service/stream_impl.h"

enum { EARLY_BYTES = 16 << 10 }; /* some writes of a pipe: about 1 ms of tokens */

static const char *now_text(struct ct_stream *s)
{
	int64_t now = ct_time_now().wall_ms;

	if (now != s->time_ms)
		ct_time_iso(s->time, now);
	s->time_ms = now;
	return s->time;
}

static void set_stuffed(struct ct_stream *s, bool stuffed)
{
	struct ct_session *session;

	if (s->stuffed == stuffed)
		return;
	s->stuffed = stuffed;
	LIST_FOREACH(session, &s->sessions, entry) {
		ct_session_set_pause(session);
		ct_session_wake(session);
	}
	if (!stuffed)
		ct_stream_pump(s);
}

/* More than may wait for a slow reader? Then until half of it is written. */
static void look_at_reader(struct ct_stream *s)
{
	size_t most = (size_t)s->options->buffer_events, unsent = ct_outlet_unsent(s->outlet);
	size_t bytes = ct_outlet_unsent_bytes(s->outlet);

	if (!s->stuffed && (s->behind || unsent > most || bytes > CT_STREAM_UNSENT_BYTES))
		set_stuffed(s, true);
	else if (s->stuffed && !s->behind && unsent <= most / 2 &&
		 bytes <= CT_STREAM_UNSENT_BYTES / 2)
		set_stuffed(s, false);
	/* few but long ones: look again after each */
	if (s->stuffed && unsent > 0)
		ct_outlet_tell(s->outlet, unsent <= most / 2 && unsent > 0 ? unsent - 1 : most / 2);
}

void ct_stream_set_behind(void *user, bool behind)
{
	struct ct_stream *s = user;

	s->behind = behind;
	if (behind) /* at once: what comes within a turn may be more than can be held */
		set_stuffed(s, true);
	else if (!s->finished)
		look_at_reader(s);
}

static void fail(struct ct_stream *s, int error)
{
	if (s->result.closed || s->result.output_error != 0)
		return;
	s->result.closed = error == EPIPE;
	s->result.output_error = error == EPIPE ? 0 : error;
	ct_stream_cancel(s);
}

static void on_written(void *user)
{
	struct ct_stream *s = user;
	int error = ct_outlet_error(s->outlet);

	if (error != 0)
		fail(s, error);
	look_at_reader(s);
	ct_stream_check_end(s);
}

static void end_turn(void *user)
{
	struct ct_stream *s = user;

	s->turn_ends = s->slow = false;
	if (s->finished)
		return;
	if (s->out.failed || (s->out.len > 0 && ct_outlet_put(s->outlet, &s->out, NULL) != CT_OK))
		fail(s, ENOMEM);
	look_at_reader(s);
	ct_stream_check_end(s);
}

/* A turn that has much to catch up with lasts: its first events need not wait for its end. */
static void put_early(struct ct_stream *s)
{
	if (s->out.len < EARLY_BYTES || s->out.failed || s->slow)
		return;
	ct_outlet_put_now(s->outlet, &s->out);
	s->slow = s->out.len > 0;
}

static void show(struct ct_stream *s, struct ct_str id_json, struct ct_str metadata)
{
	if (s->result.closed || s->result.output_error != 0)
		return;
	if (s->scratch.failed)
		s->out.failed = s->scratch.failed;
	ct_stream_show(&s->out, ct_buf_str(&s->scratch), id_json, metadata);
	s->shown++;
	put_early(s);
	if (s->out.len > CT_STREAM_TURN_BYTES)
		set_stuffed(s, true);
	if (!s->turn_ends)
		s->turn_ends = ct_loop_defer(s->app->loop, end_turn, s) == CT_OK;
}

int64_t ct_stream_shown(const struct ct_stream *s)
{
	return s->result.closed || s->result.output_error != 0 ? INT64_MAX : s->shown;
}

int64_t ct_stream_written(void *user)
{
	struct ct_stream *s = user;

	return ct_outlet_written(s->outlet);
}

void ct_stream_show_event(struct ct_stream *s, struct ct_session *session,
			  enum ct_stream_type type, struct ct_str body)
{
	ct_buf_clear(&s->scratch);
	ct_stream_write(&s->scratch, type, now_text(s), body);
	if (!s->scratch.failed)
		ct_keep_add(session->keep, ct_buf_str(&s->scratch));
	show(s, session->id_json, session->metadata);
}

void ct_stream_show_other(struct ct_stream *s, struct ct_str id_json, struct ct_str metadata,
			  enum ct_stream_type type, struct ct_str body)
{
	ct_buf_clear(&s->scratch);
	ct_stream_write(&s->scratch, type, now_text(s), body);
	show(s, id_json.ptr != NULL ? id_json : ct_str("null"),
	     metadata.ptr != NULL ? metadata : ct_str("null"));
}

bool ct_stream_is_written(struct ct_stream *s)
{
	if (s->out.len > 0)
		return false;
	if (ct_outlet_error(s->outlet) != 0 || ct_outlet_unsent(s->outlet) == 0)
		return true;
	ct_outlet_tell(s->outlet, 0);
	return false;
}

int ct_stream_open_output(struct ct_stream *s, struct ct_err *err)
{
	return ct_outlet_create(s->app->loop, s->options->output, on_written, s, &s->outlet,
				err);
}

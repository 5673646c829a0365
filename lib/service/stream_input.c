/* Request lines: read only while there is room for another session. */
#include "base/clock.h"
#include "net/loop.h"
#include <errno.h>

#include "service/stream_impl.h"

enum {
	STARTS_US = 50, /* of a turn, for new sessions: each takes more in the turns to come */
	READ_AHEAD = CT_INLET_BYTES,
};

static void want(struct ct_stream *s)
{
	if (s->in_wanted || s->in_ended || s->cancelled)
		return;
	s->in_wanted = true;
	ct_inlet_want(s->inlet);
}

/* A byte order mark before the first line is not part of it. */
static struct ct_str trim(struct ct_str line, int64_t number)
{
	if (number == 1 && ct_str_starts(line, "\xEF\xBB\xBF"))
		line = ct_str_from(line, 3);
	return line;
}

static void refuse_long(struct ct_stream *s)
{
	struct ct_err err;

	ct_fail(&err, CT_EINVALID, "the line is over %d MiB", CT_STREAM_LINE_BYTES >> 20);
	ct_session_refuse(s, (struct ct_str){ NULL, 0 }, (struct ct_str){ NULL, 0 }, s->line,
			  &err);
}

static void take_line(struct ct_stream *s, struct ct_str line)
{
	line = trim(line, ++s->line);
	if (line.len > CT_STREAM_LINE_BYTES)
		refuse_long(s);
	else if (ct_str_trim(line).len > 0)
		ct_session_begin(s, line, s->line);
}

/* What is left of a line that is too long is passed over as it comes. */
static void skip_long(struct ct_stream *s)
{
	struct ct_str rest = ct_str_from(ct_buf_str(&s->in), s->in_at);
	const char *end = rest.len > 0 ? memchr(rest.ptr, '\n', rest.len) : NULL;

	s->in_at = end != NULL ? (size_t)(end + 1 - s->in.ptr) : s->in.len;
	s->in_long = end == NULL;
}

/* False: there is no whole line. */
static bool next_line(struct ct_stream *s)
{
	if (s->in_long)
		skip_long(s);
	struct ct_str rest = ct_str_from(ct_buf_str(&s->in), s->in_at);
	const char *end = rest.len > s->in_seen ?
				  memchr(rest.ptr + s->in_seen, '\n', rest.len - s->in_seen) :
				  NULL;
	if (end == NULL && rest.len > CT_STREAM_LINE_BYTES) {
		s->line++;
		refuse_long(s);
		s->in_long = true;
		s->in_at = s->in.len;
		s->in_seen = 0;
		return true;
	}
	s->in_seen = rest.len;
	if (end == NULL && (!s->in_ended || rest.len == 0))
		return false;
	size_t len = end != NULL ? (size_t)(end - rest.ptr) : rest.len;
	s->in_at += len + (end != NULL);
	s->in_seen = 0;
	take_line(s, (struct ct_str){ rest.ptr, len });
	return true;
}

static void forget_taken(struct ct_stream *s)
{
	ct_buf_drop(&s->in, s->in_at);
	s->in_at = 0;
	if (s->in.len == 0 && s->in.cap > 4 * READ_AHEAD)
		ct_buf_fini(&s->in);
}

static void pump_on(void *user)
{
	struct ct_stream *s = user;

	s->pump_again = false;
	ct_stream_pump(s);
	ct_stream_check_end(s);
}

static bool has_room(const struct ct_stream *s)
{
	return s->result.counts.running < s->options->max_concurrent && !s->stuffed &&
	       !s->cancelled;
}

void ct_stream_pump(struct ct_stream *s)
{
	int64_t began_us = ct_clock_us();
	bool turn_over = false;

	if (s->pumping || s->finished || s->inlet == NULL)
		return;
	s->pumping = true;
	while (!turn_over && has_room(s) && next_line(s))
		turn_over = ct_clock_us() - began_us >= STARTS_US;
	forget_taken(s);
	s->pumping = false;
	if (turn_over && !s->pump_again)
		s->pump_again = ct_loop_defer(s->app->loop, pump_on, s) == CT_OK;
	else if (!turn_over && has_room(s))
		want(s);
}

static void on_bytes(void *user, struct ct_str bytes)
{
	struct ct_stream *s = user;

	s->in_wanted = false;
	ct_buf_add(&s->in, bytes);
	if (s->in.failed) {
		ct_buf_fini(&s->in);
		s->in_at = 0;
		s->in_ended = true;
		s->result.input_error = ENOMEM;
	}
	ct_stream_pump(s);
	ct_stream_check_end(s);
}

static void on_end(void *user, int error)
{
	struct ct_stream *s = user;

	s->in_wanted = false;
	s->in_ended = true;
	s->result.input_error = error;
	ct_stream_pump(s);
	ct_stream_check_end(s);
}

bool ct_stream_has_input(const struct ct_stream *s)
{
	return !s->in_ended || s->in_at < s->in.len;
}

int ct_stream_open_input(struct ct_stream *s, struct ct_err *err)
{
	static const struct ct_inlet_handler handler = { on_bytes, on_end };

	s->in = (struct ct_buf)CT_BUF_INIT(CT_STREAM_LINE_BYTES + 2 * READ_AHEAD);
	if (s->options->input < 0) {
		s->in_ended = true;
		return CT_OK;
	}
	return ct_inlet_create(s->app->loop, s->options->input, &handler, s, &s->inlet, err);
}

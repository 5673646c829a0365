/* The whole of a stream: it begins, and it ends when input has, and each session, and output. */
#include "service/stream.h"

#include <stdlib.h>

#include "base/clock.h"
#include "net/loop.h"
#include "service/stream_impl.h"

enum {
	TICK_MS = 100,
	GRACE_MS = 2000, /* for a reader that stands still after all is cancelled */
};

struct ct_sessions *ct_stream_bucket(struct ct_stream *s, struct ct_str id)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < id.len; i++)
		hash = (hash ^ (unsigned char)id.ptr[i]) * 16777619u;
	return &s->buckets[(hash ^ hash >> 16) % CT_STREAM_BUCKETS];
}

void ct_stream_failed(struct ct_stream *s, const struct ct_err *err)
{
	s->result.counts.failed++;
	if (s->result.first.code == CT_OK)
		s->result.first = *err;
}

void ct_stream_cancel(struct ct_stream *s)
{
	struct ct_session *session;

	if (s->cancelled)
		return;
	s->cancelled = true;
	LIST_FOREACH(session, &s->sessions, entry)
		ct_session_cancel(session);
	s->graced_lines = ct_stream_written(s);
	ct_timer_start(s->grace, GRACE_MS);
	ct_stream_check_end(s);
}

static void stop(struct ct_stream *s)
{
	s->finished = true;
	ct_loop_stop(s->app->loop);
}

/* Is there something that still looks at s? */
static bool is_busy(const struct ct_stream *s)
{
	return !LIST_EMPTY(&s->sessions) || s->turn_ends || s->pump_again;
}

void ct_stream_check_end(struct ct_stream *s)
{
	bool more = !s->cancelled && ct_stream_has_input(s);

	if (s->finished || !s->opened || more || is_busy(s))
		return;
	if (!s->finishing) {
		s->finishing = true;
		if (s->options->metrics)
			ct_stream_show_metrics(s);
	}
	if (s->turn_ends || (!s->graced && !ct_stream_is_written(s)))
		return;
	if (!s->kept)
		ct_keeper_finish(s->keeper);
	else
		stop(s);
}

/* Whoever stopped it may stop its reader, too: then nothing more can be said. Who only is slow is waited for. */
static void on_grace(void *user)
{
	struct ct_stream *s = user;
	int64_t lines = ct_stream_written(s);

	s->graced = s->graced || lines == s->graced_lines;
	s->graced_lines = lines;
	ct_stream_check_end(s);
	if (!s->finished)
		ct_timer_start(s->grace, GRACE_MS);
}

static void on_interrupt(void *user, enum ct_interrupt_cause cause)
{
	struct ct_stream *s = user;

	if (cause == CT_INTERRUPT_READER)
		s->result.closed = true;
	ct_stream_cancel(s);
}

static void on_tick(void *user)
{
	struct ct_stream *s = user;

	if (s->watch != NULL)
		s->watch(s->user, &s->result.counts);
}

static void on_stop(void *session)
{
	ct_session_cancel(session);
}

static void on_kept(void *user)
{
	struct ct_stream *s = user;

	s->kept = true;
	ct_stream_check_end(s);
}

static int open_keeper(struct ct_stream *s, struct ct_err *err)
{
	struct ct_keeper_options options = {
		.app = s->app,
		.flush_ms = s->options->flush_ms,
		.no_content = s->options->call.no_log,
		.on_stop = on_stop,
		.on_behind = ct_stream_set_behind,
		.written = ct_stream_written,
		.on_done = on_kept,
		.user = s,
	};

	return ct_keeper_create(&options, &s->keeper, err);
}

static int open(struct ct_stream *s, struct ct_err *err)
{
	int rc = ct_app_open_writer(s->app, err);

	/* without the store nobody knows what is completed */
	if (rc == CT_OK && s->options->skip_completed)
		rc = ct_app_open_store(s->app, CT_STORE_WRITE, err);
	if (rc == CT_OK)
		rc = open_keeper(s, err);
	if (rc == CT_OK)
		rc = ct_stream_open_output(s, err);
	if (rc == CT_OK)
		rc = ct_stream_open_input(s, err);
	if (rc == CT_OK)
		rc = ct_tick_start(s->app, TICK_MS, on_tick, s, &s->tick, err);
	if (rc == CT_OK)
		rc = ct_interrupt_watch(s->app->loop, on_interrupt, s, &s->interrupt, err);
	s->grace = rc == CT_OK ? ct_timer_create(s->app->loop, on_grace, s) : NULL;
	if (rc == CT_OK && s->grace == NULL)
		rc = ct_fail(err, CT_ENOMEM, "no memory for a stream");
	return rc;
}

static void close_all(struct ct_stream *s)
{
	s->result.signal = ct_interrupt_signal(s->interrupt);
	ct_interrupt_end(s->interrupt);
	ct_tick_stop(s->tick);
	ct_timer_destroy(s->grace);
	ct_inlet_destroy(s->inlet);
	ct_outlet_destroy(s->outlet);
	ct_keeper_destroy(s->keeper);
	ct_buf_fini(&s->in);
	ct_buf_fini(&s->out);
	ct_buf_fini(&s->scratch);
	ct_buf_fini(&s->spare);
}

static void run(struct ct_stream *s)
{
	s->opened = true;
	if (s->options->input < 0)
		ct_session_begin(s, (struct ct_str){ NULL, 0 }, 0);
	ct_stream_pump(s);
	ct_stream_check_end(s);
	while (!s->finished)
		ct_loop_run(s->app->loop);
}

int ct_stream_run(struct ct_app *app, const struct ct_stream_options *options,
		  ct_stream_watch_fn *watch, void *user, struct ct_stream_result *out,
		  struct ct_err *err)
{
	struct ct_stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a stream");
	s->app = app;
	s->options = options;
	s->watch = watch;
	s->user = user;
	s->out = s->scratch = (struct ct_buf)CT_BUF_INIT(CT_STREAM_TEXT_BYTES);
	s->spare = (struct ct_buf)CT_BUF_INIT(CT_STREAM_BODY_BYTES);
	s->began_us = ct_clock_us();
	int rc = open(s, err);
	if (rc == CT_OK)
		run(s);
	close_all(s);
	*out = s->result;
	free(s);
	return rc;
}

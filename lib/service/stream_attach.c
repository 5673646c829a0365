#include "service/stream_attach.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/outlet.h"
#include "service/interrupt.h"
#include "service/stream_event.h"

enum {
	LOOK_MS = 40, /* new events are to be shown within 200 ms, of which the flush takes 100 */
	SLOW_LOOK_MS = 500, /* whether the session's process is still there */
	UNSENT_LINES = 2000, /* then its reader is waited for */
	BATCH_BYTES = 1 << 20,
	OUT_BYTES = 1 << 30,
};

struct attach {
	struct ct_app *app;
	const struct ct_attach_options *options;
	struct ct_attach_result *result;
	struct ct_arena arena;
	struct ct_str id_json, metadata, provider, request_id; /* in arena */
	int64_t id, first_event, deadline_ms;
	struct ct_process process; /* whose it is */
	struct ct_process self;
	struct ct_outlet *outlet;
	struct ct_interrupt *interrupt;
	struct ct_timer *timer;
	struct ct_buf out;
	int64_t after; /* the last row that was shown */
	int64_t next; /* the position of the next token */
	int64_t version; /* of the store, when it was looked at */
	int64_t judged_us; /* when its process was looked for */
	bool running, interrupted, content; /* says its row */
	bool waiting, ended, over;
	int rc;
	struct ct_err *err;
};

static int name_session(struct attach *a, const struct ct_kept_session *s)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf json = CT_BUF_INIT(1 << 20);
	struct ct_jw jw = ct_jw(&json);

	ct_jw_str(&jw, s->session_id);
	a->id_json = ct_arena_dup(&a->arena, ct_buf_str(&json));
	a->metadata = ct_arena_dup(&a->arena, s->metadata.ptr ? s->metadata : ct_str("null"));
	return a->id_json.ptr != NULL && a->metadata.ptr != NULL ? CT_OK : CT_ENOMEM;
}

static int note_session(void *user, const struct ct_kept_session *s)
{
	struct attach *a = user;

	a->id = s->id;
	a->content = s->content;
	a->first_event = s->first_event;
	a->process = s->process;
	a->deadline_ms = s->deadline_ms;
	a->running = ct_str_is(s->state, "running");
	a->interrupted = ct_str_is(s->error_code, "interrupted");
	if (a->provider.ptr == NULL && s->provider.ptr != NULL)
		a->provider = ct_arena_dup(&a->arena, s->provider);
	if (a->request_id.ptr == NULL && s->request_id.ptr != NULL)
		a->request_id = ct_arena_dup(&a->arena, s->request_id);
	return a->id_json.ptr == NULL ? name_session(a, s) : CT_OK;
}

/* Of an error event: what the exit status will say. */
static void note_error(struct attach *a, const struct ct_json *event)
{
	struct ct_str name = ct_json_str_at(event, "code");
	int code = CT_EIO;

	for (int c = CT_EPARSE; c < CT_OK; c++)
		if (ct_str_is(name, ct_code_name(c)))
			code = c;
	ct_fail(&a->result->err, code, "%.*s", CT_STR_ARG(ct_json_str_at(event, "error")));
}

/* Is it to be shown? What was shown before is told by the positions of tokens. */
static bool is_wanted(struct attach *a, struct ct_str line)
{
	struct ct_arena tree = { 0 };
	const struct ct_json *event;
	bool wanted = a->next >= a->options->from;

	if (ct_json_parse(&tree, line, CT_JSON_LENIENT, &event, NULL) == CT_OK) {
		struct ct_str type = ct_json_str_at(event, "type");
		if (ct_str_is(type, "token")) {
			a->next = ct_json_int_at(event, "position", a->next) + 1;
			wanted = a->next > a->options->from;
		}
		bool failed = ct_str_is(type, "error");
		if (failed)
			note_error(a, event);
		a->ended = failed || ct_str_is(type, "completion");
		wanted = wanted || a->ended;
	} else
		wanted = false; /* the row was damaged */
	ct_arena_fini(&tree);
	return wanted;
}

/* Rows until there is enough for now: the rest when it is written. */
static int show_row(void *user, int64_t n, struct ct_str events)
{
	struct attach *a = user;

	while (events.len > 0 && !a->ended) {
		const char *end = memchr(events.ptr, '\n', events.len);
		size_t len = end != NULL ? (size_t)(end - events.ptr) : events.len;
		struct ct_str line = { events.ptr, len };
		if (len > 2 && is_wanted(a, line))
			ct_stream_show(&a->out, line, a->id_json, a->metadata);
		events = ct_str_from(events, len + 1);
	}
	a->after = n;
	a->waiting = a->out.len > BATCH_BYTES;
	return a->waiting || a->ended ? CT_ECANCELLED : CT_OK;
}

/* Its last event is missing: it was never shown, or not kept. */
static void show_loss(struct attach *a)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(1 << 20);
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(1 << 20);
	bool interrupted = a->running || a->interrupted;
	struct ct_stream_failure failure = {
		.err = &a->result->err,
		.code = interrupted ? "interrupted" : NULL,
		.provider = a->provider,
		.request_id = a->request_id,
		.delivered = a->next,
	};
	char time[CT_ISO_SIZE];

	if (interrupted)
		ct_fail(&a->result->err, CT_EIO,
			"interrupted: the process that ran this session is gone");
	else
		ct_fail(&a->result->err, CT_ESTORE, "not all events of this session were kept");
	ct_stream_error_body(&body, a->app->redactor, &failure);
	ct_stream_write(&line, CT_STREAM_ERROR,
			ct_time_iso(time, ct_time_now().wall_ms), ct_buf_str(&body));
	ct_stream_show(&a->out, ct_buf_str(&line), a->id_json, a->metadata);
	a->ended = true;
}

static bool process_is_gone(struct attach *a)
{
	int64_t now_us = ct_clock_us();

	if (now_us - a->judged_us < SLOW_LOOK_MS * 1000)
		return false;
	a->judged_us = now_us;
	return ct_process_is_dead(&a->process, &a->self) ||
	       a->deadline_ms < ct_time_now().wall_ms;
}

/* First how it stands, then its rows: whoever has ended has written them all. */
static int look(struct attach *a)
{
	struct ct_store *store = a->app->store;
	int64_t version = ct_store_version(store);
	bool gone = a->running && process_is_gone(a), news = version != a->version || gone;

	if (!news && !a->waiting)
		return CT_OK;
	a->waiting = false;
	a->version = version;
	int rc = ct_streams_get(store, a->id, note_session, a, a->err);
	if (rc == CT_OK)
		rc = ct_streams_read(store, a->id, a->after, show_row, a, a->err);
	if (rc == CT_ECANCELLED || rc == CT_EBUSY) /* enough for now; a busy one is asked again */
		return CT_OK;
	if (rc == CT_OK && (!a->running || gone))
		show_loss(a);
	return rc;
}

static void stop(struct attach *a)
{
	a->over = true;
	ct_loop_stop(a->app->loop);
}

static void go_on(void *user)
{
	struct attach *a = user;
	int error = ct_outlet_error(a->outlet);

	if (a->over)
		return;
	if (error != 0) {
		a->result->closed = error == EPIPE;
		a->result->output_error = error == EPIPE ? 0 : error;
		stop(a);
		return;
	}
	if (ct_outlet_unsent(a->outlet) > (a->ended ? 0 : UNSENT_LINES)) {
		ct_outlet_tell(a->outlet, 0);
		return;
	}
	if (a->ended) {
		stop(a);
		return;
	}
	a->rc = look(a);
	if (a->rc == CT_OK && a->out.failed)
		a->rc = ct_buf_check(&a->out, "an event", a->err);
	if (a->rc == CT_OK && a->out.len > 0)
		a->rc = ct_outlet_put(a->outlet, &a->out, a->err);
	if (a->rc != CT_OK)
		stop(a);
	else
		ct_timer_start(a->timer, a->waiting || a->ended ? 0 : LOOK_MS);
}

static void on_interrupt(void *user, enum ct_interrupt_cause cause)
{
	struct attach *a = user;

	a->result->closed = cause == CT_INTERRUPT_READER;
	stop(a);
}

static int open(struct attach *a, struct ct_err *err)
{
	struct ct_app *app = a->app;
	int rc = app->loop == NULL ? ct_loop_create(&app->loop, err) : CT_OK;

	if (rc == CT_OK)
		rc = ct_outlet_create(app->loop, a->options->output, go_on, a, &a->outlet, err);
	if (rc == CT_OK)
		rc = ct_interrupt_watch(app->loop, on_interrupt, a, &a->interrupt, err);
	a->timer = rc == CT_OK ? ct_timer_create(app->loop, go_on, a) : NULL;
	if (rc == CT_OK && a->timer == NULL)
		rc = ct_fail(err, CT_ENOMEM, "no memory to follow a session");
	return rc;
}

static void follow(struct attach *a)
{
	ct_timer_start(a->timer, 0);
	while (!a->over)
		ct_loop_run(a->app->loop);
	a->result->signal = ct_interrupt_signal(a->interrupt);
}

static int find(struct attach *a, struct ct_err *err)
{
	int rc = ct_app_open_store(a->app, CT_STORE_READ, err);

	if (rc == CT_OK)
		rc = ct_streams_find(a->app->store, a->options->session_id, note_session, a, err);
	if (rc == CT_OK && !a->content)
		rc = ct_fail(err, CT_EINVALID, "the events of this session were not kept (--no-log)");
	a->after = a->first_event;
	a->version = -2; /* not looked at yet */
	return rc;
}

int ct_stream_attach(struct ct_app *app, const struct ct_attach_options *options,
		     struct ct_attach_result *out, struct ct_err *err)
{
	struct attach a = { .app = app, .options = options, .result = out, .err = err };

	*out = (struct ct_attach_result){ 0 };
	a.out = (struct ct_buf)CT_BUF_INIT(OUT_BYTES);
	a.self = ct_process_self();
	int rc = find(&a, err);
	if (rc == CT_OK)
		rc = open(&a, err);
	if (rc == CT_OK)
		follow(&a);
	ct_interrupt_end(a.interrupt);
	ct_timer_destroy(a.timer);
	ct_outlet_destroy(a.outlet);
	ct_buf_fini(&a.out);
	ct_arena_fini(&a.arena);
	return rc == CT_OK ? a.rc : rc;
}

struct listing {
	struct ct_process self;
	int64_t now_ms;
	ct_kept_session_fn *fn;
	void *user;
};

static int list_one(void *user, const struct ct_kept_session *s)
{
	struct listing *l = user;

	if (ct_process_is_dead(&s->process, &l->self) || s->deadline_ms < l->now_ms)
		return CT_OK;
	return l->fn(l->user, s);
}

/* A store that is not there is no failure: nothing was ever run. */
static int open_to_look(struct ct_app *app, bool *there, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(4096);

	ct_app_db_path(app, &path);
	*there = access(path.ptr, F_OK) == 0;
	return *there ? ct_app_open_store(app, CT_STORE_READ, err) : CT_OK;
}

int ct_stream_list(struct ct_app *app, ct_kept_session_fn *fn, void *user, struct ct_err *err)
{
	struct listing listing = { ct_process_self(), ct_time_now().wall_ms, fn, user };
	bool there;
	int rc = open_to_look(app, &there, err);

	if (rc != CT_OK || !there)
		return rc;
	return ct_streams_running(app->store, list_one, &listing, err);
}

int ct_stream_stop(struct ct_app *app, struct ct_str session_id, struct ct_err *err)
{
	int64_t count = 0;
	int rc = ct_app_open_store(app, CT_STORE_WRITE, err);

	/* one whose process is gone cannot be stopped any more */
	if (rc == CT_OK)
		rc = ct_streams_reap(app->store, &app->process, ct_time_now().wall_ms, err);
	if (rc == CT_OK)
		rc = ct_streams_stop(app->store, session_id, &count, err);
	if (rc == CT_OK && count == 0) {
		ct_fail(err, CT_EINVALID, "no session '%.*s' is running", CT_STR_ARG(session_id));
		ct_hint(err, "`cartrita stream --list` shows those that are");
		rc = CT_EINVALID;
	}
	return rc;
}

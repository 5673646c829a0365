#include "service/stream_keep.h"

#include <stdlib.h>

#include "base/log.h"
#include "net/loop.h"

enum {
	LOOK_MS = 500, /* for sessions to be stopped, at the latest */
	PATIENCE_MS = 2000, /* for a locked store; then the job is tried again */
	LAST_PATIENCE_MS = 10000,
	AGAIN_MS = 1000, /* after a failure */
	SWEEP_MS = 60 * 1000,
	KEEP_MS = 24 * 3600 * 1000, /* events of sessions that ended earlier go */
	HELD_BYTES = 16 << 20,
	BEHIND_BYTES = 8 << 20,
	EARLY_BYTES = 2 << 20, /* are not held for the whole interval */
	STOPS = 64, /* at once */
};

struct ct_keep {
	/* What each event touches comes first, on few lines of the cache. */
	struct ct_keeper *keeper;
	STAILQ_ENTRY(ct_keep) dirty_entry;
	bool started, named, dirty, ended, torn; /* named: the store knows that it started */
	struct ct_buf text;

	TAILQ_ENTRY(ct_keep) entry; /* of all */
	void *user; /* NULL: the session is over */
	struct ct_arena arena;
	struct ct_kept_session session; /* id 0: not in the store yet */
	struct ct_session_end end;
	int64_t lines; /* of output, with which its end is written */
};

/* One keep's part of a job. What keep points to stays as it is meanwhile. */
struct item {
	struct ct_keep *keep;
	struct ct_kept_session session;
	struct ct_buf text;
	struct ct_session_end end;
	int64_t id; /* given by the transaction */
	bool starts, ends;
};

struct flush {
	struct ct_writer_job job;
	struct ct_keeper *keeper;
	struct item *items;
	size_t count;
	int64_t now_ms, swept; /* the sweep's place after it */
	bool reap, sweep, more; /* what else is to be done; what is left to sweep */
	int64_t stops[STOPS];
	size_t stop_count;
};

struct ct_keeper {
	struct ct_keeper_options options;
	struct ct_timer *timer;
	TAILQ_HEAD(, ct_keep) keeps;
	STAILQ_HEAD(, ct_keep) dirty;
	size_t held; /* bytes of text, in keeps and in the job */
	struct flush *flush; /* under way, or to be tried again; NULL: none */
	bool submitted; /* it is under way */
	bool reaped, warned, finishing, over;
	bool behind; /* as was told */
	bool failing; /* the last job did */
	bool last; /* the job waits for as long as there is any sense in it */
	int64_t flushed_us, swept_us, swept;
};

static int write_item(struct ct_store *store, struct item *item, struct ct_err *err)
{
	int rc = CT_OK;

	item->id = item->session.id;
	if (item->id == 0)
		rc = ct_streams_begin(store, &item->session, &item->id, err);
	else if (item->starts)
		rc = ct_streams_start(store, item->id, &item->session, err);
	if (rc == CT_OK && item->text.len > 0)
		rc = ct_streams_append(store, item->id, ct_buf_str(&item->text), err);
	if (rc == CT_OK && item->ends)
		rc = ct_streams_end(store, item->id, &item->end, err);
	return rc;
}

/* On the writer's thread; maybe more than once. */
static int work(struct ct_writer_job *job, struct ct_store *store, struct ct_err *err)
{
	struct flush *f = (struct flush *)job;
	const struct ct_process *self = &f->keeper->options.app->process;
	int rc = f->reap ? ct_streams_reap(store, self, f->now_ms, err) : CT_OK;

	for (size_t i = 0; rc == CT_OK && i < f->count; i++)
		rc = write_item(store, &f->items[i], err);
	f->swept = f->keeper->swept;
	f->more = false;
	if (rc == CT_OK && f->sweep)
		rc = ct_streams_sweep(store, f->now_ms - KEEP_MS, &f->swept, &f->more, err);
	if (rc == CT_OK)
		rc = ct_streams_stopped(store, self, f->stops, STOPS, &f->stop_count, err);
	return rc;
}

static void free_keep(struct ct_keep *keep)
{
	TAILQ_REMOVE(&keep->keeper->keeps, keep, entry);
	ct_buf_fini(&keep->text);
	ct_arena_fini(&keep->arena);
	free(keep);
}

static void free_flush(struct flush *f)
{
	for (size_t i = 0; i < f->count; i++)
		ct_buf_fini(&f->items[i].text);
	free(f->items);
	free(f);
}

static void settle_items(struct ct_keeper *k, struct flush *f)
{
	for (size_t i = 0; i < f->count; i++) {
		struct item *item = &f->items[i];
		k->held -= item->text.len;
		item->keep->session.id = item->id;
		if (item->ends)
			free_keep(item->keep);
	}
}

static void tell_stops(struct ct_keeper *k, const struct flush *f)
{
	struct ct_keep *keep;

	for (size_t i = 0; i < f->stop_count; i++)
		TAILQ_FOREACH(keep, &k->keeps, entry)
			if (keep->session.id == f->stops[i] && keep->user != NULL)
				k->options.on_stop(keep->user);
}

static void end(struct ct_keeper *k)
{
	if (k->over)
		return;
	k->over = true;
	ct_timer_stop(k->timer);
	k->options.on_done(k->options.user);
}

static void set_timer(struct ct_keeper *k)
{
	int64_t every = k->options.flush_ms < LOOK_MS ? k->options.flush_ms : LOOK_MS;

	ct_timer_start(k->timer, k->held > EARLY_BYTES ? 0 : every);
}

static void look_behind(struct ct_keeper *k)
{
	size_t most = k->behind ? BEHIND_BYTES / 2 : BEHIND_BYTES;
	bool behind = !k->failing && k->held > most;

	if (behind == k->behind)
		return;
	k->behind = behind;
	k->options.on_behind(k->options.user, behind);
}

static void tick(void *user);
static void on_done(struct ct_writer_job *job);

static void submit(struct ct_keeper *k)
{
	struct flush *f = k->flush;

	f->job = (struct ct_writer_job){
		.work = work,
		.done = on_done,
		.patience_ms = k->finishing ? LAST_PATIENCE_MS : PATIENCE_MS,
	};
	k->submitted = true;
	k->last = k->finishing;
	ct_writer_submit(k->options.app->writer, &f->job);
}

static void on_done(struct ct_writer_job *job)
{
	struct flush *f = (struct flush *)job;
	struct ct_keeper *k = f->keeper;

	k->submitted = false;
	k->failing = job->rc != CT_OK;
	if (job->rc != CT_OK && !k->warned && job->rc != CT_EBUSY) {
		k->warned = true;
		ct_log(CT_LOG_WARN, "sessions are not kept for others to attach to: %s", job->err.msg);
	}
	if (job->rc != CT_OK && !k->finishing) {
		ct_timer_start(k->timer, AGAIN_MS);
		look_behind(k);
		return;
	}
	if (job->rc == CT_EBUSY && !k->last) {
		submit(k);
		return;
	}
	k->flush = NULL;
	if (job->rc == CT_OK) {
		k->reaped = true;
		k->warned = false;
		k->swept = f->more ? f->swept : 0;
		if (f->sweep && !f->more)
			k->swept_us = ct_clock_us();
		settle_items(k, f);
		tell_stops(k, f);
	}
	free_flush(f);
	look_behind(k);
	if (k->failing)
		end(k);
	else if (k->finishing)
		tick(k);
	else
		set_timer(k);
}

/* Its end is not written yet, so it has not come. */
static bool waits(const struct ct_keep *keep, int64_t written)
{
	return keep->ended && keep->end.completed && keep->lines > written &&
	       !keep->keeper->finishing;
}

static bool has_news(const struct ct_keep *keep, int64_t written)
{
	return keep->text.len > 0 || keep->session.id == 0 || keep->started != keep->named ||
	       !waits(keep, written);
}

static void fill_item(struct item *item, struct ct_keep *keep, int64_t written)
{
	*item = (struct item){
		.keep = keep,
		.session = keep->session,
		.text = keep->text,
		.end = keep->end,
		.starts = keep->started && !keep->named,
		.ends = keep->ended && !waits(keep, written),
	};
	if (item->ends && item->end.completed && keep->lines > written) {
		item->end.completed = false;
		item->end.error_code = ct_code_name(CT_ECANCELLED);
	}
	keep->named = keep->started;
	item->end.torn = keep->torn;
	keep->text = (struct ct_buf)CT_BUF_INIT(keep->text.max);
	if (!keep->ended) /* as much again comes until the next job */
		ct_buf_reserve(&keep->text, item->text.len);
}

/* A job: of all that is new, or (!events) only of a look. Without memory it is the next one's. */
static void gather(struct ct_keeper *k, bool events)
{
	STAILQ_HEAD(, ct_keep) later = STAILQ_HEAD_INITIALIZER(later);
	struct flush *f = calloc(1, sizeof(*f));
	int64_t written = k->options.written(k->options.user);
	struct ct_keep *keep;
	size_t count = 0;

	if (events)
		STAILQ_FOREACH(keep, &k->dirty, dirty_entry)
			count += has_news(keep, written);
	if (f != NULL && count > 0)
		f->items = calloc(count, sizeof(*f->items));
	if (f == NULL || (count > 0 && f->items == NULL)) {
		free(f);
		return;
	}
	while (events && !STAILQ_EMPTY(&k->dirty)) {
		keep = STAILQ_FIRST(&k->dirty);
		STAILQ_REMOVE_HEAD(&k->dirty, dirty_entry);
		if (has_news(keep, written))
			fill_item(&f->items[f->count++], keep, written);
		keep->dirty = waits(keep, written);
		if (keep->dirty)
			STAILQ_INSERT_TAIL(&later, keep, dirty_entry);
	}
	STAILQ_CONCAT(&k->dirty, &later);
	f->keeper = k;
	f->now_ms = ct_time_now().wall_ms;
	f->reap = !k->reaped;
	f->sweep = k->swept != 0 || k->swept_us == 0 ||
		   ct_clock_us() - k->swept_us > SWEEP_MS * 1000LL;
	k->flush = f;
	if (events)
		k->flushed_us = ct_clock_us();
}

/* Events are written each flush interval; whether somebody is to stop is looked for between. */
static void tick(void *user)
{
	struct ct_keeper *k = user;
	int64_t since_us = ct_clock_us() - k->flushed_us;

	if (k->over || k->submitted)
		return;
	if (k->finishing && k->flush == NULL && STAILQ_EMPTY(&k->dirty)) {
		end(k);
		return;
	}
	if (k->flush == NULL && !TAILQ_EMPTY(&k->keeps))
		gather(k, k->finishing || k->held > EARLY_BYTES ||
				  since_us >= (k->options.flush_ms - 1) * 1000);
	if (k->flush != NULL)
		submit(k);
	else
		set_timer(k);
}

int ct_keeper_create(const struct ct_keeper_options *options, struct ct_keeper **out,
		     struct ct_err *err)
{
	struct ct_keeper *k = calloc(1, sizeof(*k));

	if (k != NULL)
		k->timer = ct_timer_create(options->app->loop, tick, k);
	if (k == NULL || k->timer == NULL) {
		free(k);
		return ct_fail(err, CT_ENOMEM, "no memory to keep sessions");
	}
	k->options = *options;
	TAILQ_INIT(&k->keeps);
	STAILQ_INIT(&k->dirty);
	set_timer(k);
	*out = k;
	return CT_OK;
}

void ct_keeper_destroy(struct ct_keeper *k)
{
	if (k == NULL)
		return;
	ct_timer_destroy(k->timer);
	while (!TAILQ_EMPTY(&k->keeps))
		free_keep(TAILQ_FIRST(&k->keeps));
	if (k->flush != NULL)
		free_flush(k->flush);
	free(k);
}

static void mark(struct ct_keep *keep)
{
	if (keep->dirty)
		return;
	keep->dirty = true;
	STAILQ_INSERT_TAIL(&keep->keeper->dirty, keep, dirty_entry);
}

static struct ct_str copy(struct ct_keep *keep, struct ct_str text)
{
	return text.ptr != NULL ? ct_arena_dup(&keep->arena, text) : text;
}

struct ct_keep *ct_keep_begin(struct ct_keeper *k, const struct ct_kept_session *session,
			      void *user)
{
	struct ct_keep *keep = calloc(1, sizeof(*keep));

	if (keep == NULL)
		return NULL;
	keep->keeper = k;
	keep->user = user;
	keep->text = (struct ct_buf)CT_BUF_INIT(2 * (size_t)HELD_BYTES);
	keep->session = (struct ct_kept_session){
		.session_id = copy(keep, session->session_id),
		.user_id = copy(keep, session->user_id),
		.content = !k->options.no_content,
		.process = k->options.app->process,
		.deadline_ms = session->deadline_ms,
		.created_ms = session->created_ms,
	};
	if (!k->options.no_content)
		keep->session.metadata = copy(keep, session->metadata);
	TAILQ_INSERT_TAIL(&k->keeps, keep, entry);
	mark(keep); /* who only waits so far can be found and stopped, too */
	return keep;
}

void ct_keep_start(struct ct_keep *keep, struct ct_str request_id, struct ct_str provider,
		   struct ct_str model)
{
	if (keep == NULL || keep->started)
		return;
	keep->started = true;
	keep->session.request_id = copy(keep, request_id);
	keep->session.provider = copy(keep, provider);
	keep->session.model = copy(keep, model);
	mark(keep);
}

void ct_keep_add(struct ct_keep *keep, struct ct_str event)
{
	struct ct_keeper *k;

	if (keep == NULL || keep->torn || keep->keeper->options.no_content)
		return;
	k = keep->keeper;
	keep->torn = k->held + event.len + 1 > HELD_BYTES;
	if (keep->torn && !k->warned) {
		k->warned = true;
		ct_log(CT_LOG_WARN, "the store takes no events: not all of them are kept");
	}
	if (keep->torn)
		return;
	size_t before = keep->text.len;
	ct_buf_add(&keep->text, event);
	ct_buf_puts(&keep->text, "\n");
	k->held += keep->text.len - before;
	mark(keep);
	if (k->held > EARLY_BYTES && !k->submitted && !k->failing)
		ct_timer_start(k->timer, 0);
	look_behind(k);
}

void ct_keep_end(struct ct_keep *keep, int code, int64_t tokens, int64_t lines)
{
	if (keep == NULL)
		return;
	keep->user = NULL;
	keep->ended = true;
	keep->lines = lines;
	keep->end = (struct ct_session_end){
		.completed = code == CT_OK,
		.error_code = code == CT_OK ? NULL : ct_code_name(code),
		.tokens = tokens,
		.ended_ms = ct_time_now().wall_ms,
	};
	mark(keep);
}

void ct_keeper_finish(struct ct_keeper *k)
{
	if (k->finishing)
		return;
	k->finishing = true;
	tick(k);
}

#include "service/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/thread.h"
#include "store/journal.h"

enum {
	GROUP_MAX = 256, /* jobs of one transaction: about 30 ms of work */
	OPEN_WAIT_MS = 2000,
	OPEN_AGAIN_MS = 5000, /* after a failure to open it */
	DONE_US = 50, /* of the loop's turn, for what follows on jobs that are done */
	NICENESS = 15,
	/*
	 * The loop's are shorter: it takes the core from the thread when it wakes. A thread that yields
	 * gives up one slice, which NICENESS makes 28 times as long; while others use the core up
	 * that is how long it does nothing (slices of 3 ms: 200 sessions take ten times as long as without
	 * yielding; of 250 µs: a quarter longer).
	 */
	LOOP_SLICE_US = 150,
	WRITER_SLICE_US = 250,
};

STAILQ_HEAD(jobs, ct_writer_job);

struct ct_writer {
	struct ct_loop *loop;
	struct ct_async *async;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	struct jobs waiting, finished; /* under the lock, as is what follows */
	bool stopping;
	size_t open; /* the loop's: submitted, and not yet done */
	struct jobs ready; /* the loop's: finished, done not yet called */

	/* The thread's own. */
	char *path;
	struct ct_store *store;
	bool gives_way; /* its slices are as short as was asked for */
	struct ct_err open_err;
	int64_t open_again_us;
};

/* Jobs the store did not take yet stay at the head of the queue. */
static void put_back(struct ct_writer *w, struct jobs *group)
{
	pthread_mutex_lock(&w->lock);
	STAILQ_CONCAT(group, &w->waiting);
	STAILQ_CONCAT(&w->waiting, group);
	pthread_mutex_unlock(&w->lock);
}

static void finish(struct ct_writer *w, struct jobs *group)
{
	if (STAILQ_EMPTY(group))
		return;
	pthread_mutex_lock(&w->lock);
	STAILQ_CONCAT(&w->finished, group);
	pthread_mutex_unlock(&w->lock);
	ct_async_send(w->async);
}

static void settle(struct ct_writer_job *job, int rc)
{
	job->rc = rc;
	if (job->settle != NULL)
		job->settle(job, rc);
}

static bool open_store(struct ct_writer *w)
{
	int64_t now = ct_clock_us();

	if (w->store != NULL)
		return true;
	if (now < w->open_again_us)
		return false;
	if (ct_store_open(w->path, CT_STORE_WRITE, OPEN_WAIT_MS, &w->store, &w->open_err) ==
	    CT_OK) {
		if (w->gives_way)
			ct_store_give_way(w->store);
		struct ct_process self = ct_process_self();
		ct_journal_reap(w->store, &self, ct_time_now().wall_ms, NULL);
		return true;
	}
	w->open_again_us = w->open_err.code == CT_EBUSY ? 0 : now + OPEN_AGAIN_MS * 1000LL;
	return false;
}

/* How long all of them may still wait for the store, in ms. */
static int64_t patience(const struct jobs *group)
{
	int64_t now = ct_clock_us(), least = INT64_MAX;
	struct ct_writer_job *job;

	STAILQ_FOREACH(job, group, entry)
		if (job->until_us < least)
			least = job->until_us;
	return least > now ? (least - now) / 1000 : 0;
}

/* The store is locked: those that cannot wait any longer go without it. */
static void give_up(struct ct_writer *w, struct jobs *group, const struct ct_err *err)
{
	struct jobs over = STAILQ_HEAD_INITIALIZER(over), rest = STAILQ_HEAD_INITIALIZER(rest);
	int64_t now = ct_clock_us();

	while (!STAILQ_EMPTY(group)) {
		struct ct_writer_job *job = STAILQ_FIRST(group);
		STAILQ_REMOVE_HEAD(group, entry);
		if (err->code == CT_EBUSY && now < job->until_us) {
			STAILQ_INSERT_TAIL(&rest, job, entry);
			continue;
		}
		job->err = *err;
		settle(job, err->code);
		STAILQ_INSERT_TAIL(&over, job, entry);
	}
	put_back(w, &rest);
	finish(w, &over);
}

/* All of the group, or none. */
static int write_group(struct ct_writer *w, struct jobs *group, struct ct_err *err)
{
	struct ct_writer_job *job;
	int rc = ct_store_begin(w->store, err);

	if (rc != CT_OK)
		return rc;
	STAILQ_FOREACH(job, group, entry) {
		rc = job->work(job, w->store, err);
		if (rc != CT_OK)
			break;
	}
	if (rc == CT_OK)
		return ct_store_commit(w->store, err);
	ct_store_rollback(w->store);
	return rc;
}

static void settle_all(struct jobs *group, int rc)
{
	struct ct_writer_job *job;

	STAILQ_FOREACH(job, group, entry)
		settle(job, rc);
}

/* One of them cannot be written: each for itself. */
static void write_singly(struct ct_writer *w, struct jobs *group)
{
	while (!STAILQ_EMPTY(group)) {
		struct jobs one = STAILQ_HEAD_INITIALIZER(one);
		struct ct_writer_job *job = STAILQ_FIRST(group);
		STAILQ_REMOVE_HEAD(group, entry);
		STAILQ_INSERT_TAIL(&one, job, entry);
		ct_store_set_wait(w->store, patience(&one));
		settle(job, write_group(w, &one, &job->err));
		finish(w, &one);
	}
}

static void write_all(struct ct_writer *w, struct jobs *group)
{
	struct ct_err err = { 0 };

	if (!open_store(w)) {
		give_up(w, group, &w->open_err);
		return;
	}
	ct_store_set_wait(w->store, patience(group));
	int rc = write_group(w, group, &err);
	if (rc == CT_OK) {
		settle_all(group, CT_OK);
		finish(w, group);
	} else if (rc == CT_EBUSY) {
		settle_all(group, rc);
		give_up(w, group, &err);
	} else {
		settle_all(group, rc);
		write_singly(w, group);
	}
}

/* The next jobs; none when it is time to end. */
static void take(struct ct_writer *w, struct jobs *group)
{
	pthread_mutex_lock(&w->lock);
	while (STAILQ_EMPTY(&w->waiting) && !w->stopping)
		pthread_cond_wait(&w->woken, &w->lock);
	for (int n = 0; n < GROUP_MAX && !STAILQ_EMPTY(&w->waiting); n++) {
		struct ct_writer_job *job = STAILQ_FIRST(&w->waiting);
		STAILQ_REMOVE_HEAD(&w->waiting, entry);
		STAILQ_INSERT_TAIL(group, job, entry);
	}
	pthread_mutex_unlock(&w->lock);
}

static void *run(void *user)
{
	struct ct_writer *w = user;

	/*
	 * Where they share a core, each piece waits for the loop, and none for this. That does not help the
	 * loop when it has just run for long: then the thread has its turn, which ends with a tick of
	 * the clock (4 ms) unless it gives way.
	 */
	setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
	w->gives_way = ct_thread_slice(WRITER_SLICE_US);
	for (;;) {
		struct jobs group = STAILQ_HEAD_INITIALIZER(group);
		take(w, &group);
		if (STAILQ_EMPTY(&group))
			break;
		write_all(w, &group);
	}
	ct_store_close(w->store);
	return NULL;
}

/*
 * A transaction ends for hundreds of jobs at once, and each may begin an exchange now, which costs
 * ten times as much in the turns to come: with all of them at once, other streams waited 60 ms.
 */
static void call_done(struct ct_writer *w, int64_t until_us)
{
	pthread_mutex_lock(&w->lock);
	STAILQ_CONCAT(&w->ready, &w->finished);
	pthread_mutex_unlock(&w->lock);
	while (!STAILQ_EMPTY(&w->ready) && ct_clock_us() < until_us) {
		struct ct_writer_job *job = STAILQ_FIRST(&w->ready);
		STAILQ_REMOVE_HEAD(&w->ready, entry);
		w->open--;
		job->done(job);
	}
	ct_async_hold(w->async, w->open > 0);
	if (!STAILQ_EMPTY(&w->ready))
		ct_async_send(w->async);
}

static void on_async(void *user)
{
	call_done(user, ct_clock_us() + DONE_US);
}

int ct_writer_create(struct ct_loop *loop, const char *path, struct ct_writer **out,
		     struct ct_err *err)
{
	struct ct_writer *w = calloc(1, sizeof(*w));

	if (w != NULL)
		w->path = strdup(path);
	if (w == NULL || w->path == NULL) {
		free(w);
		return ct_fail(err, CT_ENOMEM, "no memory to write the store");
	}
	w->loop = loop;
	STAILQ_INIT(&w->waiting);
	STAILQ_INIT(&w->finished);
	STAILQ_INIT(&w->ready);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->woken, NULL);
	int rc = ct_async_create(loop, on_async, w, &w->async, err);
	if (rc == CT_OK)
		rc = ct_thread_start(&w->thread, run, w, err);
	if (rc == CT_OK) {
		ct_thread_slice(LOOP_SLICE_US);
		*out = w;
		return CT_OK;
	}
	ct_async_destroy(w->async);
	free(w->path);
	free(w);
	return rc;
}

void ct_writer_submit(struct ct_writer *w, struct ct_writer_job *job)
{
	job->until_us = ct_clock_us() + job->patience_ms * 1000;
	w->open++;
	ct_async_hold(w->async, true);
	pthread_mutex_lock(&w->lock);
	STAILQ_INSERT_TAIL(&w->waiting, job, entry);
	pthread_cond_signal(&w->woken);
	pthread_mutex_unlock(&w->lock);
}

static void stop(struct ct_writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->woken);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
}

void ct_writer_destroy(struct ct_writer *w)
{
	if (w == NULL)
		return;
	stop(w);
	call_done(w, INT64_MAX);
	ct_async_destroy(w->async);
	pthread_cond_destroy(&w->woken);
	pthread_mutex_destroy(&w->lock);
	free(w->path);
	free(w);
}

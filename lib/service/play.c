#include "service/play.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/new_file.h"
#include "sound/sound.h"

enum { PIECE_BYTES = 16 << 10 };

struct ct_play {
	struct ct_app *app;
	struct ct_playback *playback;
	struct ct_async *async;
	int spool;
	int64_t written, played; /* bytes of the spool */
	bool ended, told, stopped, over;
	struct ct_err err; /* of the device; code CT_OK: none */
};

/* On the device's thread. */
static void wake(void *user)
{
	ct_async_send(((struct ct_play *)user)->async);
}

/* As much as it takes; whole samples only. */
static void feed(struct ct_play *p)
{
	char piece[PIECE_BYTES];

	while (p->played + 1 < p->written) {
		int64_t left = (p->written - p->played) & ~(int64_t)1;
		size_t room = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
		ssize_t n = pread(p->spool, piece, room, p->played);
		if (n < 2) {
			ct_fail(&p->err, CT_EIO, "cannot read the sound again: %s",
				n < 0 ? strerror(errno) : "it is gone");
			return;
		}
		size_t taken = ct_playback_write(p->playback,
						 (struct ct_str){ piece, (size_t)n & ~(size_t)1 });
		p->played += (int64_t)taken;
		if (taken < ((size_t)n & ~(size_t)1))
			return;
	}
	if (p->ended && !p->told) {
		p->told = true;
		ct_playback_end(p->playback);
	}
}

static void on_wake(void *user)
{
	struct ct_play *p = user;
	struct ct_err err = { 0 };

	if (p->over)
		return;
	feed(p);
	if (ct_playback_is_done(p->playback, &err)) {
		p->over = true;
		if (err.code != CT_OK)
			p->err = err;
	}
	p->over = p->over || p->err.code != CT_OK;
	if (p->over && p->ended)
		ct_loop_stop(p->app->loop);
}

int ct_play_open(struct ct_app *app, const char *device, unsigned rate, struct ct_play **out,
		 struct ct_err *err)
{
	struct ct_sound sound = { device, rate, 1 };
	struct ct_play *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	p->app = app;
	p->spool = -1;
	int rc = ct_app_open_net(app, err);
	if (rc == CT_OK)
		rc = ct_async_create(app->loop, on_wake, p, &p->async, err);
	if (rc == CT_OK)
		rc = ct_file_unnamed(&p->spool, err);
	if (rc == CT_OK)
		rc = ct_playback_open(&sound, wake, p, &p->playback, err);
	if (rc != CT_OK) {
		ct_play_close(p);
		return rc;
	}
	*out = p;
	return CT_OK;
}

int ct_play_add(struct ct_play *p, struct ct_str samples, struct ct_err *err)
{
	int cause = ct_fd_write(p->spool, samples);

	if (cause != 0)
		return ct_fail(err, CT_EIO, "cannot keep the sound: %s", strerror(cause));
	p->written += (int64_t)samples.len;
	on_wake(p);
	if (p->err.code == CT_OK)
		return CT_OK;
	*err = p->err;
	return p->err.code;
}

int ct_play_end(struct ct_play *p, struct ct_err *err)
{
	p->ended = true;
	ct_async_hold(p->async, true);
	ct_async_send(p->async);
	while (!p->over && !p->stopped)
		ct_loop_run(p->app->loop);
	ct_async_hold(p->async, false);
	if (p->stopped)
		return ct_fail(err, CT_ECANCELLED, "cancelled");
	if (p->err.code != CT_OK)
		*err = p->err;
	return p->err.code;
}

void ct_play_stop(struct ct_play *p)
{
	p->stopped = true;
	ct_loop_stop(p->app->loop);
}

void ct_play_close(struct ct_play *p)
{
	if (p == NULL)
		return;
	ct_playback_close(p->playback);
	ct_async_destroy(p->async);
	if (p->spool >= 0)
		close(p->spool);
	free(p);
}

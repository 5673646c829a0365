#include <stdlib.h>
#include <string.h>

#include "sound/alsa.h"
#include "sound/queue.h"

enum {
	QUEUE_BYTES = 1 << 20,
	PIECE_FRAMES = 1024,
	CHANNELS_MAX = 8,
	PIECE_BYTES = PIECE_FRAMES * 2 * CHANNELS_MAX,
	WAIT_MS = 100,
};

struct ct_playback {
	struct ct_alsa alsa;
	snd_pcm_t *pcm;
	struct ct_queue queue;
	pthread_t thread;
	size_t frame_bytes;
	ct_sound_wake_fn *wake;
	void *user;
	/* under the queue's lock */
	struct ct_err err;
	bool done;
	char piece[PIECE_BYTES]; /* the thread's own */
};

static void finish(struct ct_playback *p, long number)
{
	struct ct_err err = { 0 };

	if (number < 0)
		ct_fail(&err, CT_EIO, "the loudspeaker failed: %s",
			p->alsa.strerror((int)number));
	pthread_mutex_lock(&p->queue.lock);
	p->err = err;
	p->done = true;
	pthread_mutex_unlock(&p->queue.lock);
	p->wake(p->user);
}

/* So many frames of the piece. */
static long play_piece(struct ct_playback *p, size_t frames)
{
	const char *at = p->piece;

	while (frames > 0 && !ct_queue_is_closed(&p->queue)) {
		long n = p->alsa.pcm_writei(p->pcm, at, frames);

		if (n == -EAGAIN || n == 0) {
			p->alsa.pcm_wait(p->pcm, WAIT_MS);
			continue;
		}
		if (n < 0) {
			n = p->alsa.pcm_recover(p->pcm, (int)n, 1);
			if (n < 0)
				return n;
			continue;
		}
		at += (size_t)n * p->frame_bytes;
		frames -= (size_t)n;
	}
	return 0;
}

static void *play(void *cls)
{
	struct ct_playback *p = cls;
	long rc = 0;

	while (rc >= 0 && ct_queue_wait_bytes(&p->queue, p->frame_bytes)) {
		size_t n = ct_queue_get(&p->queue, p->piece, PIECE_FRAMES * p->frame_bytes);

		if (n < p->frame_bytes)
			break; /* the end, in the middle of a frame */
		p->wake(p->user);
		rc = play_piece(p, n / p->frame_bytes);
	}
	if (rc >= 0 && !ct_queue_is_closed(&p->queue)) {
		p->alsa.pcm_nonblock(p->pcm, 0);
		p->alsa.pcm_drain(p->pcm);
	}
	finish(p, rc);
	return NULL;
}

int ct_playback_open(const struct ct_sound *sound, ct_sound_wake_fn *wake, void *user,
		     struct ct_playback **out, struct ct_err *err)
{
	struct ct_playback *p;
	int rc;

	if (sound->channels < 1 || sound->channels > CHANNELS_MAX)
		return ct_fail(err, CT_EINVALID, "%u channels are not 1 to %d", sound->channels,
			       CHANNELS_MAX);
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	p->frame_bytes = 2 * sound->channels;
	p->wake = wake;
	p->user = user;
	rc = ct_alsa_load(&p->alsa, err);
	if (rc == CT_OK)
		rc = ct_alsa_open(&p->alsa, sound, false, &p->pcm, err);
	if (rc != CT_OK) {
		free(p);
		return rc;
	}
	rc = ct_queue_init(&p->queue, QUEUE_BYTES - QUEUE_BYTES % p->frame_bytes);
	if (rc == CT_OK && pthread_create(&p->thread, NULL, play, p) != 0)
		rc = CT_ENOMEM;
	if (rc != CT_OK) {
		p->alsa.pcm_close(p->pcm);
		ct_queue_fini(&p->queue);
		free(p);
		return ct_fail(err, rc, "no memory for a loudspeaker");
	}
	*out = p;
	return CT_OK;
}

void ct_playback_close(struct ct_playback *p)
{
	if (p == NULL)
		return;
	ct_queue_close(&p->queue);
	pthread_join(p->thread, NULL);
	p->alsa.pcm_drop(p->pcm);
	p->alsa.pcm_close(p->pcm);
	ct_queue_fini(&p->queue);
	free(p);
}

size_t ct_playback_write(struct ct_playback *p, struct ct_str samples)
{
	return ct_queue_put(&p->queue, samples.ptr, samples.len);
}

void ct_playback_end(struct ct_playback *p)
{
	ct_queue_end(&p->queue);
}

bool ct_playback_is_done(struct ct_playback *p, struct ct_err *err)
{
	bool done;

	pthread_mutex_lock(&p->queue.lock);
	done = p->done;
	if (err != NULL && done)
		*err = p->err;
	pthread_mutex_unlock(&p->queue.lock);
	return done;
}

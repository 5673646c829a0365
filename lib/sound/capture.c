#include <stdlib.h>
#include <string.h>

#include "sound/alsa.h"
#include "sound/queue.h"

enum {
	QUEUE_MS = 2000, /* held for who is to take it */
	PIECE_FRAMES = 320,
	PIECE_BYTES = PIECE_FRAMES * 2 * 64,
	CHANNELS_MAX = 64,
	WAIT_MS = 100, /* for the device, until it is looked whether anybody still listens */
};

struct ct_capture {
	struct ct_alsa alsa;
	snd_pcm_t *pcm;
	struct ct_queue queue;
	pthread_t thread;
	size_t frame_bytes;
	ct_sound_wake_fn *wake;
	void *user;
	/* under the queue's lock */
	struct ct_err err;
	unsigned overruns;
	char piece[PIECE_BYTES]; /* the thread's own */
};

static void fail(struct ct_capture *c, long number)
{
	struct ct_err err = { 0 };

	ct_fail(&err, CT_EIO, "the microphone failed: %s", c->alsa.strerror((int)number));
	pthread_mutex_lock(&c->queue.lock);
	c->err = err;
	pthread_mutex_unlock(&c->queue.lock);
	c->wake(c->user);
}

/* Nobody took samples in time, or the machine slept. */
static long recover(struct ct_capture *c, long number)
{
	pthread_mutex_lock(&c->queue.lock);
	c->overruns++;
	pthread_mutex_unlock(&c->queue.lock);
	number = c->alsa.pcm_recover(c->pcm, (int)number, 1);
	return number < 0 ? number : c->alsa.pcm_start(c->pcm);
}

static void *record(void *cls)
{
	struct ct_capture *c = cls;

	while (ct_queue_wait_room(&c->queue, PIECE_FRAMES * c->frame_bytes)) {
		long n = c->alsa.pcm_readi(c->pcm, c->piece, PIECE_FRAMES);

		if (n == -EAGAIN || n == 0) {
			c->alsa.pcm_wait(c->pcm, WAIT_MS);
			continue;
		}
		if (n < 0)
			n = recover(c, n);
		if (n < 0) {
			fail(c, n);
			return NULL;
		}
		if (n > 0)
			ct_queue_put(&c->queue, c->piece, (size_t)n * c->frame_bytes);
		c->wake(c->user);
	}
	return NULL;
}

static int begin(struct ct_capture *c, const struct ct_sound *sound, struct ct_err *err)
{
	size_t room = (size_t)sound->rate * c->frame_bytes / 1000 * QUEUE_MS;
	int rc;

	if (room < 4 * PIECE_FRAMES * c->frame_bytes)
		room = 4 * PIECE_FRAMES * c->frame_bytes;
	rc = ct_queue_init(&c->queue, room);
	if (rc == CT_OK && pthread_create(&c->thread, NULL, record, c) != 0)
		rc = CT_ENOMEM;
	if (rc == CT_OK)
		return CT_OK;
	ct_queue_fini(&c->queue);
	return ct_fail(err, rc, "no memory for a microphone");
}

int ct_capture_open(const struct ct_sound *sound, ct_sound_wake_fn *wake, void *user,
		    struct ct_capture **out, struct ct_err *err)
{
	struct ct_capture *c;
	int rc;

	if (sound->channels < 1 || sound->channels > CHANNELS_MAX)
		return ct_fail(err, CT_EINVALID, "%u channels are not 1 to %d", sound->channels,
			       CHANNELS_MAX);
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	c->frame_bytes = 2 * sound->channels;
	c->wake = wake;
	c->user = user;
	rc = ct_alsa_load(&c->alsa, err);
	if (rc == CT_OK)
		rc = ct_alsa_open(&c->alsa, sound, true, &c->pcm, err);
	if (rc == CT_OK) {
		c->alsa.pcm_start(c->pcm);
		rc = begin(c, sound, err);
		if (rc != CT_OK)
			c->alsa.pcm_close(c->pcm);
	}
	if (rc != CT_OK) {
		free(c);
		return rc;
	}
	*out = c;
	return CT_OK;
}

void ct_capture_close(struct ct_capture *c)
{
	if (c == NULL)
		return;
	ct_queue_close(&c->queue);
	pthread_join(c->thread, NULL);
	c->alsa.pcm_drop(c->pcm);
	c->alsa.pcm_close(c->pcm);
	ct_queue_fini(&c->queue);
	free(c);
}

size_t ct_capture_read(struct ct_capture *c, void *out, size_t room)
{
	return ct_queue_get(&c->queue, out, room - room % c->frame_bytes);
}

bool ct_capture_has_failed(struct ct_capture *c, struct ct_err *err)
{
	bool failed;

	pthread_mutex_lock(&c->queue.lock);
	failed = c->err.code != CT_OK && c->queue.len == 0;
	if (failed && err != NULL)
		*err = c->err;
	pthread_mutex_unlock(&c->queue.lock);
	return failed;
}

unsigned ct_capture_overruns(struct ct_capture *c)
{
	unsigned overruns;

	pthread_mutex_lock(&c->queue.lock);
	overruns = c->overruns;
	pthread_mutex_unlock(&c->queue.lock);
	return overruns;
}

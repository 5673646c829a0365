/* A microphone as a source: its thread fills a queue, the loop takes from it. */
#include "base/clock.h"
#include "service/source_impl.h"
#include "sound/sound.h"

enum {
	RATE = 16000, /* what speech is recognised best at, and no more than it takes */
	RATE_MAX = 192000,
	CHANNELS_MAX = 64,
	AHEAD_MS = 500, /* a device is not ahead of the clock; one that is none (null) would be */
	AGAIN_MS = 50,
};

static void wake(void *user)
{
	ct_async_send(user);
}

/* How much more a device can have heard by now. */
static int64_t due(const struct ct_source *s)
{
	int64_t ms = (ct_clock_us() - s->begun_us) / 1000 + AHEAD_MS;
	int64_t rate = s->format.bytes_per_second;

	return ms / 1000 * rate + ms % 1000 * rate / 1000 - ct_source_total(s);
}

void ct_source_take_device(struct ct_source *s)
{
	char piece[4096];
	int64_t left = due(s);
	size_t n = 1;

	if (s->ended)
		return;
	while (left > 0 && n > 0) {
		n = ct_capture_read(s->device, piece,
				    left < (int64_t)sizeof(piece) ? (size_t)left : sizeof(piece));
		ct_source_keep(s, (struct ct_str){ piece, n });
		left -= (int64_t)n;
	}
	if (ct_capture_has_failed(s->device, &s->err))
		s->ended = true;
	else if (left <= (int64_t)s->format.frame_bytes)
		ct_timer_start(s->turn, AGAIN_MS);
	s->on_more(s->user);
}

static void on_wake(void *user)
{
	ct_source_take_device(user);
}

static int set_format(struct ct_source *s, const struct ct_source_spec *spec, struct ct_err *err)
{
	struct ct_source_format *f = &s->format;

	if (spec->encoding.len > 0 && !ct_str_is(spec->encoding, "linear16"))
		return ct_fail(err, CT_EUSAGE, "a microphone is listened to in linear16");
	f->encoding = (struct ct_str)CT_STR("linear16");
	f->sample_rate = spec->sample_rate > 0 ? spec->sample_rate : RATE;
	f->channels = spec->channels > 0 ? spec->channels : 1;
	if (f->sample_rate > RATE_MAX || f->channels > CHANNELS_MAX)
		return ct_fail(err, CT_EUSAGE, "a microphone has at most %d Hz and %d channels",
			       RATE_MAX, CHANNELS_MAX);
	f->frame_bytes = 2 * (int)f->channels;
	f->bytes_per_second = f->sample_rate * f->frame_bytes;
	return CT_OK;
}

int ct_source_open_device(struct ct_source *s, const struct ct_source_spec *spec,
			  struct ct_err *err)
{
	struct ct_sound sound = { .device = spec->what };
	int rc = set_format(s, spec, err);

	s->is_device = true;
	s->name = spec->what != NULL ? spec->what : "the microphone";
	if (rc == CT_OK)
		rc = ct_async_create(s->loop, on_wake, s, &s->wake, err);
	if (rc != CT_OK)
		return rc;
	ct_async_hold(s->wake, true);
	s->begun_us = ct_clock_us();
	sound.rate = (unsigned)s->format.sample_rate;
	sound.channels = (unsigned)s->format.channels;
	rc = ct_capture_open(&sound, wake, s->wake, &s->device, err);
	if (rc == CT_EINVALID && spec->what != NULL)
		ct_hint(err, "there is no file of that name either; `arecord -L` lists devices");
	return rc;
}

void ct_source_close_device(struct ct_source *s)
{
	ct_capture_close(s->device);
	s->device = NULL;
	ct_async_destroy(s->wake);
	s->wake = NULL;
}

/* Sound for a build that does not know ALSA's headers: there is none, and it says so. */
#include "sound/sound.h"

static int none(struct ct_err *err)
{
	ct_fail(err, CT_EIO, "this build has no sound devices");
	ct_hint(err, "build it where libasound2-dev is installed, or name a file");
	return CT_EIO;
}

int ct_capture_open(const struct ct_sound *sound, ct_sound_wake_fn *wake, void *user,
		    struct ct_capture **out, struct ct_err *err)
{
	(void)sound, (void)wake, (void)user, (void)out;
	return none(err);
}

void ct_capture_close(struct ct_capture *capture)
{
	(void)capture;
}

size_t ct_capture_read(struct ct_capture *capture, void *out, size_t room)
{
	(void)capture, (void)out, (void)room;
	return 0;
}

bool ct_capture_has_failed(struct ct_capture *capture, struct ct_err *err)
{
	(void)capture;
	return none(err) != CT_OK;
}

unsigned ct_capture_overruns(struct ct_capture *capture)
{
	(void)capture;
	return 0;
}

int ct_playback_open(const struct ct_sound *sound, ct_sound_wake_fn *wake, void *user,
		     struct ct_playback **out, struct ct_err *err)
{
	(void)sound, (void)wake, (void)user, (void)out;
	return none(err);
}

void ct_playback_close(struct ct_playback *playback)
{
	(void)playback;
}

size_t ct_playback_write(struct ct_playback *playback, struct ct_str samples)
{
	(void)playback;
	return samples.len;
}

void ct_playback_end(struct ct_playback *playback)
{
	(void)playback;
}

bool ct_playback_is_done(struct ct_playback *playback, struct ct_err *err)
{
	(void)playback;
	return none(err) != CT_OK;
}

/*
 * What comes from a microphone, and goes to a loudspeaker: samples of 16 bits, little endian,
 * through a device of ALSA's, by its name ("default", "plughw:1"). Each stream has a thread of
 * its own and a bounded queue, so that neither side waits for the other.
 */
#ifndef CT_SOUND_SOUND_H
#define CT_SOUND_SOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct ct_sound {
	const char *device; /* NULL: "default" */
	unsigned rate, channels;
};

/* Called from the stream's thread: look again. It must not block, nor close the stream. */
typedef void ct_sound_wake_fn(void *user);

struct ct_capture;

/* Begins to record. CT_EINVALID: no such device, or not in that format; CT_EIO; CT_ENOMEM. */
int ct_capture_open(const struct ct_sound *sound, ct_sound_wake_fn *wake, void *user,
		    struct ct_capture **out, struct ct_err *err);
/* Waits for the thread, a fraction of a second. NULL is fine. */
void ct_capture_close(struct ct_capture *capture);
/* What has come, at most room bytes, whole samples of all channels; 0: nothing now. */
size_t ct_capture_read(struct ct_capture *capture, void *out, size_t room);
/* Nothing more will come: the device failed. */
bool ct_capture_has_failed(struct ct_capture *capture, struct ct_err *err);
/* How often the device had to throw samples away because nobody took them. */
unsigned ct_capture_overruns(struct ct_capture *capture);

struct ct_playback;

int ct_playback_open(const struct ct_sound *sound, ct_sound_wake_fn *wake, void *user,
		     struct ct_playback **out, struct ct_err *err);
/* Stops at once. NULL is fine. */
void ct_playback_close(struct ct_playback *playback);
/* Takes as much as there is room for, and says how much; wake is called when there is more. */
size_t ct_playback_write(struct ct_playback *playback, struct ct_str samples);
/* No more comes: wake is called when all was heard. */
void ct_playback_end(struct ct_playback *playback);
/* All was heard after the end; or the device failed, then err says why. */
bool ct_playback_is_done(struct ct_playback *playback, struct ct_err *err);

#endif

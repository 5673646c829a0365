/*
 * ALSA, opened when sound is wanted: a machine without it runs all that needs none. Only its
 * headers are known at build time, and a build without those has no sound.
 */
#ifndef CT_SOUND_ALSA_H
#define CT_SOUND_ALSA_H

#include <alsa/asoundlib.h>

#include "base/err.h"
#include "sound/sound.h"

/* Named as there, without their prefix. */
struct ct_alsa {
	__typeof__(snd_pcm_open) *pcm_open;
	__typeof__(snd_pcm_close) *pcm_close;
	__typeof__(snd_pcm_set_params) *pcm_set_params;
	__typeof__(snd_pcm_readi) *pcm_readi;
	__typeof__(snd_pcm_writei) *pcm_writei;
	__typeof__(snd_pcm_recover) *pcm_recover;
	__typeof__(snd_pcm_wait) *pcm_wait;
	__typeof__(snd_pcm_start) *pcm_start;
	__typeof__(snd_pcm_nonblock) *pcm_nonblock;
	__typeof__(snd_pcm_drain) *pcm_drain;
	__typeof__(snd_pcm_drop) *pcm_drop;
	__typeof__(snd_strerror) *strerror;
	__typeof__(snd_lib_error_set_handler) *lib_error_set_handler;
};

/* Load the library, which stays loaded. CT_EIO. */
int ct_alsa_load(struct ct_alsa *alsa, struct ct_err *err);

/*
 * Open a device for 16-bit samples in that format, resampled where it has another rate; it does not
 * block. CT_EINVALID for a device that is not there, or cannot do it; CT_EIO for one that is in use.
 */
int ct_alsa_open(struct ct_alsa *alsa, const struct ct_sound *sound, bool capture,
		 snd_pcm_t **out, struct ct_err *err);

#endif

#include "sound/alsa.h"

#include <dlfcn.h>
#include <string.h>

enum { LATENCY_US = 200000 };

static const char library[] = "libasound.so.2";

/* It would write to stderr what we say in our own words. */
static void keep_quiet(const char *file, int line, const char *function, int number,
		       const char *fmt, ...)
{
	(void)file, (void)line, (void)function, (void)number, (void)fmt;
}

int ct_alsa_load(struct ct_alsa *alsa, struct ct_err *err)
{
	const struct {
		const char *name;
		void *place;
	} functions[] = {
		{ "snd_pcm_open", &alsa->pcm_open },
		{ "snd_pcm_close", &alsa->pcm_close },
		{ "snd_pcm_set_params", &alsa->pcm_set_params },
		{ "snd_pcm_readi", &alsa->pcm_readi },
		{ "snd_pcm_writei", &alsa->pcm_writei },
		{ "snd_pcm_recover", &alsa->pcm_recover },
		{ "snd_pcm_wait", &alsa->pcm_wait },
		{ "snd_pcm_start", &alsa->pcm_start },
		{ "snd_pcm_nonblock", &alsa->pcm_nonblock },
		{ "snd_pcm_drain", &alsa->pcm_drain },
		{ "snd_pcm_drop", &alsa->pcm_drop },
		{ "snd_strerror", &alsa->strerror },
		{ "snd_lib_error_set_handler", &alsa->lib_error_set_handler },
	};
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL) {
		int code = ct_fail(err, CT_EIO, "no sound on this machine: %s", dlerror());
		ct_hint(err, "install libasound2, or name a file");
		return code;
	}
	for (size_t i = 0; i < CT_COUNT(functions); i++) {
		void *symbol = dlsym(handle, functions[i].name);

		if (symbol == NULL)
			return ct_fail(err, CT_EIO, "%s has no %s", library, functions[i].name);
		memcpy(functions[i].place, &symbol, sizeof(symbol));
	}
	alsa->lib_error_set_handler(keep_quiet);
	return CT_OK;
}

static int cannot_open(const struct ct_alsa *alsa, const char *device, int number,
		       struct ct_err *err)
{
	bool busy = number == -EBUSY || number == -EAGAIN;

	ct_fail(err, busy ? CT_EIO : CT_EINVALID, "no sound device '%s': %s", device,
		alsa->strerror(number));
	ct_hint(err, busy ? "another program uses it" : "`arecord -L` and `aplay -L` list them");
	return err != NULL ? err->code : CT_EINVALID;
}

int ct_alsa_open(struct ct_alsa *alsa, const struct ct_sound *sound, bool capture,
		 snd_pcm_t **out, struct ct_err *err)
{
	const char *device = sound->device != NULL ? sound->device : "default";
	int number = alsa->pcm_open(out, device,
				    capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK,
				    SND_PCM_NONBLOCK);

	if (number < 0)
		return cannot_open(alsa, device, number, err);
	number = alsa->pcm_set_params(*out, SND_PCM_FORMAT_S16_LE, SND_PCM_ACCESS_RW_INTERLEAVED,
				      sound->channels, sound->rate, 1, LATENCY_US);
	if (number >= 0)
		return CT_OK;
	alsa->pcm_close(*out);
	return ct_fail(err, CT_EINVALID, "the sound device '%s' has no %u channels of 16 bits at "
					 "%u Hz: %s", device, sound->channels, sound->rate,
		       alsa->strerror(number));
}

/*
 * The head of a WAV file (RIFF/WAVE, Microsoft's "Multiple Channel Audio Data and WAVE Files"):
 * read while the file arrives, and written.
 */
#ifndef CT_CODEC_WAV_H
#define CT_CODEC_WAV_H

#include "base/str.h"

enum {
	CT_WAV_HEADER_BYTES = 44,
	CT_WAV_HEAD_MAX_BYTES = 64 << 10, /* of what stands before the samples */
	CT_WAV_PCM = 1,
	CT_WAV_FLOAT = 3,
	CT_WAV_ALAW = 6,
	CT_WAV_MULAW = 7,
};

struct ct_wav {
	unsigned format; /* CT_WAV_PCM, … */
	unsigned channels, bits; /* of a sample */
	uint32_t rate;
};

enum ct_wav_state { CT_WAV_MORE, CT_WAV_READY, CT_WAV_BAD };

/*
 * Read the beginning of a file. MORE: it does not reach to the samples yet. READY: they begin at
 * *samples and go on for *bytes; UINT64_MAX where that is not said or was not known when it was
 * written (0, or about as much as the field holds: a stream's). BAD: it is no such file.
 */
enum ct_wav_state ct_wav_read(struct ct_str head, struct ct_wav *out, size_t *samples,
			      uint64_t *bytes);

/* A header for so many bytes of samples. */
void ct_wav_write(const struct ct_wav *wav, uint32_t bytes, char out[CT_WAV_HEADER_BYTES]);

/* What linear16, mulaw and alaw are in a WAV file (0 channels: 1); false for another, or without a rate. */
bool ct_wav_of(struct ct_str encoding, int64_t rate, int64_t channels, struct ct_wav *out);

#endif

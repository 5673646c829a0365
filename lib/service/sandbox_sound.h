/* Sound of the sandbox in formats with frames of their own: see sandbox_voice.h. */
#ifndef CT_SERVICE_SANDBOX_SOUND_H
#define CT_SERVICE_SANDBOX_SOUND_H

#include "base/buf.h"

/* A sample of 16 bits of the tone, by its number. */
typedef int ct_tone_fn(size_t index, unsigned rate);

/* MPEG-2 Layer III (ISO/IEC 13818-3), 24 kHz, one channel. */
void ct_sandbox_mp3(int64_t ms, struct ct_buf *out);

/* FLAC (RFC 9639), one channel, nothing compressed. */
void ct_sandbox_flac(unsigned rate, int64_t ms, ct_tone_fn *tone, struct ct_buf *out);

/* Opus in Ogg (RFC 7845), 48 kHz, one channel: silence. */
void ct_sandbox_opus(int64_t ms, struct ct_buf *out);

#endif

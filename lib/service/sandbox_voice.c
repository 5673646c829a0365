#include "service/sandbox_voice.h"

#include <math.h>

#include "codec/sha256.h"
#include "codec/wav.h"
#include "service/sandbox_answer.h"
#include "service/sandbox_sound.h"

enum {
	WORDS_MAX = 64,
	USUAL_RATE = 24000,
	TONE_HZ = 440,
	LOUDNESS = 8000, /* of 32767 */
	COMPRESSED_BYTES_A_SECOND = 6000, /* what is taken for the rate of what is not WAV */
};

/* How long is what was sent? Told of WAV and of bare samples; of the rest a guess by its size. */
static int64_t duration_of(const struct ct_ingress_request *request)
{
	const struct ct_speech *s = request->request.speech;
	struct ct_str bytes = request->recording;
	uint64_t samples;
	struct ct_wav wav;
	size_t at;

	if (ct_wav_read(bytes, &wav, &at, &samples) == CT_WAV_READY && wav.bits >= 8) {
		uint64_t there = bytes.len - at;
		uint64_t a_second = (uint64_t)wav.rate * wav.channels * (wav.bits / 8);
		return (int64_t)((samples < there ? samples : there) * 1000 / a_second);
	}
	if (ct_wav_of(s->encoding, s->sample_rate, s->channels, &wav))
		return (int64_t)(bytes.len * 1000 /
				 ((uint64_t)wav.rate * wav.channels * (wav.bits / 8)));
	return (int64_t)(bytes.len * 1000 / COMPRESSED_BYTES_A_SECOND);
}

/* The words stand one after the other, all as long. */
static int spread(struct ct_ingress_heard *heard, struct ct_arena *arena)
{
	struct ct_heard *words = ct_arena_alloc(arena, WORDS_MAX * sizeof(*words));
	struct ct_str rest = heard->text;
	int64_t count = ct_sandbox_tokens(rest);

	if (words == NULL)
		return CT_ENOMEM;
	for (size_t i = 0; i < WORDS_MAX && rest.len > 0; i++) {
		words[i] = (struct ct_heard){
			.text = ct_str_trim(ct_sandbox_token(&rest)),
			.start_ms = heard->duration_ms * (int64_t)i / count,
			.end_ms = heard->duration_ms * ((int64_t)i + 1) / count,
			.confidence = 0.5,
			.speaker = heard->speech->diarize ? 0 : -1,
		};
		heard->count = i + 1;
	}
	heard->words = words;
	return CT_OK;
}

int ct_sandbox_hear(const char *provider, const struct ct_ingress_request *request,
		    struct ct_arena *arena, struct ct_ingress_heard *out, struct ct_err *err)
{
	const struct ct_speech *s = request->request.speech;
	const struct ct_recording *r = s->recording;
	char digest[CT_SHA256_HEX_SIZE];

	*out = (struct ct_ingress_heard){ .speech = s };
	out->sha256 = ct_arena_dup(arena, ct_str(ct_sha256_hex(digest, request->recording)));
	if (r->url.len > 0) {
		out->duration_ms = 1000;
		out->text = ct_arena_printf(arena,
					    "[sandbox] %s here, no real ear. You sent the address %.*s.",
					    provider, CT_STR_ARG(r->url));
	} else {
		out->duration_ms = duration_of(request);
		out->text = ct_arena_printf(arena,
					    "[sandbox] %s here, no real ear. You sent %zu bytes of "
					    "%.*s, %lld ms.", provider, request->recording.len,
					    CT_STR_ARG(r->mime), (long long)out->duration_ms);
	}
	if (out->text.ptr == NULL || out->sha256.ptr == NULL || spread(out, arena) != CT_OK)
		return ct_fail(err, CT_ENOMEM, "no memory for an answer");
	return CT_OK;
}

/* ITU-T G.711: the sample as µ-law has it. */
static unsigned char to_mulaw(int sample)
{
	int sign = sample < 0 ? 0x80 : 0, exponent = 7;

	sample = (sign ? -sample : sample) + 132;
	for (int mask = 0x4000; (sample & mask) == 0 && exponent > 0; mask >>= 1)
		exponent--;
	return (unsigned char)~(sign | exponent << 4 | (sample >> (exponent + 3) & 15));
}

static unsigned char to_alaw(int sample)
{
	int sign = sample >= 0 ? 0x80 : 0, exponent = 7;

	sample = sign ? sample : -sample - 1;
	for (int mask = 0x4000; (sample & mask) == 0 && exponent > 0; mask >>= 1)
		exponent--;
	int low = exponent > 0 ? sample >> (exponent + 3) & 15 : sample >> 4 & 15;
	return (unsigned char)((sign | exponent << 4 | low) ^ 0x55);
}

static int tone(size_t index, unsigned rate)
{
	return (int)(LOUDNESS * sin(2 * M_PI * TONE_HZ * (double)index / rate));
}

static void put_sample(const struct ct_wav *wav, size_t index, struct ct_buf *out)
{
	int sample = tone(index, wav->rate);
	char bytes[2] = { (char)(sample & 0xFF), (char)(sample >> 8 & 0xFF) };

	if (wav->format == CT_WAV_PCM)
		ct_buf_append(out, bytes, 2);
	else if (wav->format == CT_WAV_MULAW)
		ct_buf_append(out, (char[]){ (char)to_mulaw(sample) }, 1);
	else
		ct_buf_append(out, (char[]){ (char)to_alaw(sample) }, 1);
}

static void hum_samples(const struct ct_wav *wav, int64_t ms, bool bare, struct ct_buf *out)
{
	char header[CT_WAV_HEADER_BYTES];
	size_t count = (size_t)(wav->rate * ms / 1000);

	if (!bare) {
		ct_wav_write(wav, (uint32_t)(count * (wav->bits / 8)), header);
		ct_buf_append(out, header, sizeof(header));
	}
	for (size_t i = 0; i < count; i++)
		put_sample(wav, i, out);
}

static bool hum_frames(const struct ct_speech *s, int64_t ms, struct ct_buf *out,
		       const char **type)
{
	if (s->encoding.len == 0 || ct_str_is(s->encoding, "mp3")) {
		*type = "audio/mpeg";
		ct_sandbox_mp3(ms, out);
	} else if (ct_str_is(s->encoding, "flac")) {
		*type = "audio/flac";
		ct_sandbox_flac(s->sample_rate > 0 ? (unsigned)s->sample_rate : USUAL_RATE, ms,
				tone, out);
	} else if (ct_str_is(s->encoding, "opus")) {
		*type = "audio/ogg";
		ct_sandbox_opus(ms, out);
	} else {
		return false;
	}
	return true;
}

int ct_sandbox_hum(const struct ct_ingress_request *request, struct ct_buf *out,
		   const char **type, struct ct_err *err)
{
	const struct ct_speech *s = request->request.speech;
	int64_t ms = (int64_t)ct_speech_characters(s->text) * CT_SANDBOX_HUM_MS;
	struct ct_str encoding = s->encoding;
	struct ct_wav wav;

	if (hum_frames(s, ms, out, type))
		return ct_buf_check(out, "the sound", err);
	if (ct_str_is(encoding, "wav"))
		encoding = ct_str("linear16");
	if (!ct_wav_of(encoding, s->sample_rate > 0 ? s->sample_rate : USUAL_RATE, 1, &wav))
		return ct_fail(err, CT_EINVALID,
			       "[sandbox] it hums in mp3, flac, opus, wav, linear16, mulaw and "
			       "alaw only");
	*type = s->bare ? "audio/l16" : "audio/wav";
	hum_samples(&wav, ms, s->bare, out);
	return ct_buf_check(out, "the sound", err);
}

#include "service/sandbox_voice.h"

#include <math.h>

#include "codec/sha256.h"
#include "codec/wav.h"
#include "service/sandbox_answer.h"

enum {
	WORDS_MAX = 64,
	USUAL_RATE = 24000,
	TONE_HZ = 440,
	LOUDNESS = 8000, /* of 32767 */
	MP3_RATE = 24000,
	MP3_FRAME_SAMPLES = 576,
	MP3_FRAME_BYTES = 144, /* 48 kbit/s at 24 kHz */
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

static void put_sample(const struct ct_wav *wav, size_t index, struct ct_buf *out)
{
	double phase = 2 * M_PI * TONE_HZ * (double)index / wav->rate;
	int sample = (int)(LOUDNESS * sin(phase));
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

static void put_bits(unsigned char *frame, size_t *at, unsigned value, unsigned bits)
{
	while (bits-- > 0) {
		if (value >> bits & 1)
			frame[*at / 8] |= (unsigned char)(0x80 >> *at % 8);
		(*at)++;
	}
}

/*
 * One frame of MPEG-2 Layer III (ISO/IEC 13818-3), mono: of its 576 lines only the 22nd, at about
 * 450 Hz, is not zero. Each frame stands for itself, so they can be counted.
 */
static void make_frame(unsigned char frame[MP3_FRAME_BYTES])
{
	size_t at = 0;

	memset(frame, 0, MP3_FRAME_BYTES);
	put_bits(frame, &at, 0xFFF364C4, 32); /* Layer III, 48 kbit/s, 24 kHz, one channel */
	put_bits(frame, &at, 0, 9); /* main data begins here; private */
	put_bits(frame, &at, 14, 12); /* bits of what follows the side information */
	put_bits(frame, &at, 11, 9); /* pairs of lines that are coded */
	put_bits(frame, &at, 195, 8); /* gain */
	put_bits(frame, &at, 0, 10); /* no scale factors, one long window */
	for (int region = 0; region < 3; region++)
		put_bits(frame, &at, 1, 5); /* Huffman table 1 */
	put_bits(frame, &at, 15, 4);
	put_bits(frame, &at, 7, 3);
	put_bits(frame, &at, 0, 2);
	put_bits(frame, &at, 0x3FF, 10); /* ten pairs of zeros */
	put_bits(frame, &at, 1, 3); /* zero and one */
	put_bits(frame, &at, 0, 1); /* its sign */
}

static void hum_mp3(int64_t ms, struct ct_buf *out)
{
	unsigned char frame[MP3_FRAME_BYTES];
	int64_t count = ms * MP3_RATE / 1000 / MP3_FRAME_SAMPLES;

	make_frame(frame);
	for (int64_t i = 0; i <= count; i++)
		ct_buf_append(out, (const char *)frame, sizeof(frame));
}

int ct_sandbox_hum(const struct ct_ingress_request *request, struct ct_buf *out,
		   const char **type, struct ct_err *err)
{
	const struct ct_speech *s = request->request.speech;
	int64_t ms = (int64_t)ct_speech_characters(s->text) * CT_SANDBOX_HUM_MS;
	struct ct_str encoding = s->encoding;
	struct ct_wav wav;

	if (encoding.len == 0 || ct_str_is(encoding, "mp3")) {
		*type = "audio/mpeg";
		hum_mp3(ms, out);
		return ct_buf_check(out, "the sound", err);
	}
	if (ct_str_is(encoding, "wav"))
		encoding = ct_str("linear16");
	if (!ct_wav_of(encoding, s->sample_rate > 0 ? s->sample_rate : USUAL_RATE, 1, &wav))
		return ct_fail(err, CT_EINVALID,
			       "[sandbox] it hums in mp3, wav, linear16, mulaw and alaw only");
	*type = s->bare ? "audio/l16" : "audio/wav";
	hum_samples(&wav, ms, s->bare, out);
	return ct_buf_check(out, "the sound", err);
}

#include "codec/wav.h"

#include "base/defs.h"

enum {
	EXTENSIBLE = 0xFFFE, /* the format proper stands in its first two bytes of a GUID */
	FMT_MIN_BYTES = 16,
	EXTENSIBLE_BYTES = 40,
	GUID_AT = 24,
};

/* From here on a size is a stream's: nobody had counted yet (0xFFFFFFFF, 0x7FFFFFFF and less). */
static const uint32_t unknown_from = 0x7FFF0000;

static uint32_t get(struct ct_str s, size_t at, unsigned bytes)
{
	uint32_t n = 0;

	for (unsigned i = bytes; i-- > 0;)
		n = n << 8 | (unsigned char)s.ptr[at + i];
	return n;
}

static bool is_tag(struct ct_str s, size_t at, const char *tag)
{
	return s.len >= at + 4 && memcmp(s.ptr + at, tag, 4) == 0;
}

static bool read_format(struct ct_str fmt, struct ct_wav *out)
{
	if (fmt.len < FMT_MIN_BYTES)
		return false;
	*out = (struct ct_wav){ .format = get(fmt, 0, 2),
				.channels = get(fmt, 2, 2),
				.rate = get(fmt, 4, 4),
				.bits = get(fmt, 14, 2) };
	if (out->format == EXTENSIBLE && fmt.len >= EXTENSIBLE_BYTES)
		out->format = get(fmt, GUID_AT, 2);
	return out->channels > 0 && out->rate > 0;
}

static enum ct_wav_state not_yet(struct ct_str head)
{
	return head.len < CT_WAV_HEAD_MAX_BYTES ? CT_WAV_MORE : CT_WAV_BAD;
}

enum ct_wav_state ct_wav_read(struct ct_str head, struct ct_wav *out, size_t *samples,
			      uint64_t *bytes)
{
	static const char riff[] = "RIFF";
	bool known = false;
	size_t at = 12;

	if (head.len < at)
		return memcmp(head.ptr, riff, head.len < 4 ? head.len : 4) == 0 ? CT_WAV_MORE :
										   CT_WAV_BAD;
	if (!is_tag(head, 0, riff) || !is_tag(head, 8, "WAVE"))
		return CT_WAV_BAD;
	while (head.len >= at + 8) {
		uint64_t size = get(head, at + 4, 4);
		if (is_tag(head, at, "data")) {
			*samples = at + 8;
			*bytes = size == 0 || size >= unknown_from ? UINT64_MAX : size;
			return known ? CT_WAV_READY : CT_WAV_BAD;
		}
		if (size > CT_WAV_HEAD_MAX_BYTES)
			return CT_WAV_BAD;
		size_t next = at + 8 + (size_t)size + (size & 1);
		if (head.len < next)
			return not_yet(head);
		if (is_tag(head, at, "fmt ")) {
			struct ct_str fmt = { head.ptr + at + 8, (size_t)size };
			if (!read_format(fmt, out))
				return CT_WAV_BAD;
			known = true;
		}
		at = next;
	}
	return not_yet(head);
}

static void put(char *out, size_t at, uint32_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		out[at + i] = (char)(unsigned char)(n >> 8 * i);
}

void ct_wav_write(const struct ct_wav *wav, uint32_t bytes, char out[CT_WAV_HEADER_BYTES])
{
	uint32_t frame = wav->channels * (wav->bits / 8);

	memcpy(out, "RIFF\0\0\0\0WAVEfmt ", 16);
	/* samples of an odd length are followed by a byte that the file's own length counts */
	put(out, 4, bytes + (bytes & 1) + CT_WAV_HEADER_BYTES - 8, 4);
	put(out, 16, FMT_MIN_BYTES, 4);
	put(out, 20, wav->format, 2);
	put(out, 22, wav->channels, 2);
	put(out, 24, wav->rate, 4);
	put(out, 28, wav->rate * frame, 4);
	put(out, 32, frame, 2);
	put(out, 34, wav->bits, 2);
	memcpy(out + 36, "data", 4);
	put(out, 40, bytes, 4);
}

bool ct_wav_of(struct ct_str encoding, int64_t rate, int64_t channels, struct ct_wav *out)
{
	static const struct {
		const char *name;
		unsigned format, bits;
	} known[] = {
		{ "linear16", CT_WAV_PCM, 16 },
		{ "mulaw", CT_WAV_MULAW, 8 },
		{ "alaw", CT_WAV_ALAW, 8 },
	};

	for (size_t i = 0; i < CT_COUNT(known) && rate > 0; i++) {
		if (!ct_str_is(encoding, known[i].name))
			continue;
		*out = (struct ct_wav){ known[i].format,
					channels > 0 ? (unsigned)channels : 1, known[i].bits,
					(uint32_t)rate };
		return true;
	}
	return false;
}

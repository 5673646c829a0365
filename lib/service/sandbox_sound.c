#include "service/sandbox_sound.h"

#include "codec/ogg.h"

enum {
	MP3_RATE = 24000,
	MP3_FRAME_SAMPLES = 576,
	MP3_FRAME_BYTES = 144, /* 48 kbit/s at 24 kHz */
	FLAC_BLOCK = 4096, /* samples */
	OPUS_RATE = 48000,
	OPUS_PACKET_MS = 20,
	OPUS_PRE_SKIP = 312, /* samples */
	OGG_SERIAL = 0x7365,
	OGG_PACKETS = 50, /* of one page: a second */
	OGG_BEGINS = 2,
	OGG_ENDS = 4,
};

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

void ct_sandbox_mp3(int64_t ms, struct ct_buf *out)
{
	unsigned char frame[MP3_FRAME_BYTES];
	int64_t count = ms * MP3_RATE / 1000 / MP3_FRAME_SAMPLES;

	make_frame(frame);
	for (int64_t i = 0; i <= count; i++)
		ct_buf_append(out, (const char *)frame, sizeof(frame));
}

/* FLAC's checksums. */
static uint32_t crc(struct ct_str bytes, uint32_t polynomial, unsigned bits)
{
	uint32_t sum = 0, top = 1u << (bits - 1);

	for (size_t i = 0; i < bytes.len; i++) {
		sum ^= (uint32_t)(unsigned char)bytes.ptr[i] << (bits - 8);
		for (int bit = 0; bit < 8; bit++)
			sum = sum & top ? sum << 1 ^ polynomial : sum << 1;
	}
	return sum & ((1u << bits) - 1);
}

static void put_be(struct ct_buf *out, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0)
		ct_buf_append(out, (char[]){ (char)(value >> 8 * bytes & 0xFF) }, 1);
}

static void put_le(struct ct_buf *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		ct_buf_append(out, (char[]){ (char)(value >> 8 * i & 0xFF) }, 1);
}

/* The number of a frame as FLAC writes it: like a character of UTF-8. */
static void put_number(struct ct_buf *out, uint32_t n)
{
	if (n < 0x80) {
		put_be(out, n, 1);
	} else if (n < 0x800) {
		put_be(out, 0xC0 | n >> 6, 1);
		put_be(out, 0x80 | (n & 63), 1);
	} else {
		put_be(out, 0xE0 | n >> 12, 1);
		put_be(out, 0x80 | (n >> 6 & 63), 1);
		put_be(out, 0x80 | (n & 63), 1);
	}
}

static void put_flac_frame(struct ct_buf *out, uint32_t number, size_t first, size_t count,
			   unsigned rate, ct_tone_fn *tone)
{
	size_t from = out->len;

	put_be(out, 0xFFF87008, 4); /* blocks of one size, given below; one channel of 16 bits */
	put_number(out, number);
	put_be(out, count - 1, 2);
	put_be(out, crc(ct_str_from(ct_buf_str(out), from), 0x07, 8), 1);
	put_be(out, 0x02, 1); /* samples as they are */
	for (size_t i = 0; i < count; i++)
		put_be(out, (uint64_t)tone(first + i, rate) & 0xFFFF, 2);
	put_be(out, crc(ct_str_from(ct_buf_str(out), from), 0x8005, 16), 2);
}

void ct_sandbox_flac(unsigned rate, int64_t ms, ct_tone_fn *tone, struct ct_buf *out)
{
	size_t total = (size_t)(rate * ms / 1000), at = 0;

	ct_buf_puts(out, "fLaC");
	put_be(out, 0x80000022, 4); /* the one block of metadata: STREAMINFO */
	put_be(out, FLAC_BLOCK, 2);
	put_be(out, FLAC_BLOCK, 2);
	put_be(out, 0, 6);
	put_be(out, (uint64_t)rate << 44 | 15ULL << 36 | total, 8);
	put_be(out, 0, 8); /* no digest */
	put_be(out, 0, 8);
	for (uint32_t number = 0; at < total; number++) {
		size_t count = total - at < FLAC_BLOCK ? total - at : FLAC_BLOCK;
		put_flac_frame(out, number, at, count, rate, tone);
		at += count;
	}
}

/* A page of packets that are all as long (RFC 3533 §6). */
static void put_page(struct ct_buf *out, unsigned flags, uint64_t granule, uint32_t number,
		     struct ct_str packet, unsigned count)
{
	size_t from = out->len;

	ct_buf_append(out, "OggS\0", 5);
	put_le(out, flags, 1);
	put_le(out, granule, 8);
	put_le(out, OGG_SERIAL, 4);
	put_le(out, number, 4);
	put_le(out, 0, 4);
	put_le(out, count, 1);
	for (unsigned i = 0; i < count; i++)
		put_le(out, packet.len, 1);
	for (unsigned i = 0; i < count; i++)
		ct_buf_add(out, packet);
	if (!out->failed)
		ct_ogg_set_serial(out->ptr + from, out->len - from, OGG_SERIAL);
}

void ct_sandbox_opus(int64_t ms, struct ct_buf *out)
{
	static const struct ct_str tags = CT_STR("OpusTags\x07\0\0\0sandbox\0\0\0\0");
	static const struct ct_str silence = CT_STR("\xF8\xFF\xFE");
	CT_CLEANUP(ct_buf_fini) struct ct_buf head = CT_BUF_INIT(64);
	uint64_t end = (uint64_t)ms * OPUS_RATE / 1000 + OPUS_PRE_SKIP, granule = 0;
	uint32_t number = 0;

	ct_buf_puts(&head, "OpusHead\1\1");
	put_le(&head, OPUS_PRE_SKIP, 2);
	put_le(&head, OPUS_RATE, 4);
	put_le(&head, 0, 3);
	put_page(out, OGG_BEGINS, 0, number++, ct_buf_str(&head), 1);
	put_page(out, 0, 0, number++, tags, 1);
	while (granule < end) {
		const uint64_t packet = OPUS_RATE * OPUS_PACKET_MS / 1000;
		uint64_t left = (end - granule + packet - 1) / packet;
		unsigned count = left < OGG_PACKETS ? (unsigned)left : OGG_PACKETS;
		granule += count * packet;
		bool last = granule >= end;
		put_page(out, last ? OGG_ENDS : 0, last ? end : granule, number++, silence, count);
	}
}

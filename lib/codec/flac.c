#include "codec/flac.h"

enum {
	BLOCK_HEAD_BYTES = 4,
	INFO_BYTES = 34,
	INFO_AT = 8, /* of STREAMINFO's content; RFC 9639 section 8.2 */
	FRAME_HEAD_MAX = 16, /* section 9.1 */
	LEAST_BLOCK = 16, /* samples */
};

/* The head of a frame. */
struct frame_head {
	size_t bytes, number_at, number_bytes;
	uint32_t samples;
};

static unsigned byte_at(struct ct_str s, size_t i)
{
	return (unsigned char)s.ptr[i];
}

static uint32_t big_endian(struct ct_str s, size_t at, size_t bytes)
{
	uint32_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | byte_at(s, at + i);
	return n;
}

static uint8_t sum8(struct ct_str bytes)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		sum ^= (uint8_t)bytes.ptr[i];
		for (int bit = 0; bit < 8; bit++)
			sum = (uint8_t)(sum & 0x80 ? sum << 1 ^ 0x07 : sum << 1);
	}
	return sum;
}

static uint16_t sum16_on(uint16_t sum, unsigned byte)
{
	sum = (uint16_t)(sum ^ byte << 8);
	for (int bit = 0; bit < 8; bit++)
		sum = (uint16_t)(sum & 0x8000 ? sum << 1 ^ 0x8005 : sum << 1);
	return sum;
}

static uint16_t sum16(struct ct_str bytes)
{
	uint16_t sum = 0;

	for (size_t i = 0; i < bytes.len; i++)
		sum = sum16_on(sum, byte_at(bytes, i));
	return sum;
}

size_t ct_flac_head_bytes(struct ct_str at)
{
	size_t len = 4;

	if (!ct_str_starts(at, "fLaC"))
		return SIZE_MAX;
	for (bool last = false; !last;) {
		if (at.len < len + BLOCK_HEAD_BYTES)
			return 0;
		size_t bytes = big_endian(at, len + 1, 3);
		/* STREAMINFO is the first block, and always as long */
		if (len == 4 && ((byte_at(at, len) & 0x7F) != 0 || bytes != INFO_BYTES))
			return SIZE_MAX;
		last = byte_at(at, len) & 0x80;
		len += BLOCK_HEAD_BYTES + bytes;
	}
	return len <= at.len ? len : 0;
}

void ct_flac_write_head(struct ct_str head, uint64_t samples,
			char out[CT_FLAC_HEAD_BYTES])
{
	char *info = out + INFO_AT;

	memcpy(out, head.ptr, CT_FLAC_HEAD_BYTES);
	out[4] = (char)0x80; /* no other block follows */
	info[0] = 0;
	info[1] = LEAST_BLOCK;
	memset(info + 4, 0, 6); /* sizes of frames: not known */
	info[13] = (char)((unsigned char)info[13] & 0xF0);
	if (samples >> 36 == 0)
		info[13] = (char)((unsigned char)info[13] | samples >> 32);
	else
		samples = 0;
	for (int i = 0; i < 4; i++)
		info[14 + i] = (char)(samples >> (24 - 8 * i));
	memset(info + 18, 0, 16); /* the digest: not known */
}

bool ct_flac_goes_on(const char head[CT_FLAC_HEAD_BYTES], struct ct_str next)
{
	struct ct_str before = { head, CT_FLAC_HEAD_BYTES };

	/* rate, channels and bits; and blocks no longer than was said */
	return memcmp(head + INFO_AT + 10, next.ptr + INFO_AT + 10, 3) == 0 &&
	       (byte_at(before, INFO_AT + 13) & 0xF0) ==
		       (byte_at(next, INFO_AT + 13) & 0xF0) &&
	       big_endian(next, INFO_AT + 2, 2) <= big_endian(before, INFO_AT + 2, 2);
}

/* Bytes of a number that begins so, as in UTF-8 but up to seven; 0: none does. */
static size_t number_bytes(unsigned first)
{
	size_t ones = 0;

	while (ones < 8 && first & 0x80 >> ones)
		ones++;
	return ones == 0 ? 1 : ones == 1 || ones == 8 ? 0 : ones;
}

static uint32_t samples_of(struct ct_str at, size_t behind)
{
	unsigned code = byte_at(at, 2) >> 4;

	if (code == 1)
		return 192;
	if (code <= 5)
		return 576U << (code - 2);
	if (code <= 7)
		return big_endian(at, behind, code - 5) + 1;
	return 256U << (code - 8);
}

/* False: no frame begins here, or its head is not all there. */
static bool read_frame_head(struct ct_str at, struct frame_head *out)
{
	if (at.len < 6 || byte_at(at, 0) != 0xFF || (byte_at(at, 1) & 0xFE) != 0xF8)
		return false;
	unsigned size = byte_at(at, 2) >> 4, rate = byte_at(at, 2) & 15;
	unsigned channels = byte_at(at, 3) >> 4, bits = byte_at(at, 3) >> 1 & 7;
	if (size == 0 || rate == 15 || channels > 10 || bits == 3 || byte_at(at, 3) & 1)
		return false;
	out->number_at = 4;
	out->number_bytes = number_bytes(byte_at(at, 4));
	size_t behind = out->number_at + out->number_bytes;
	size_t len = behind + (size == 6 || size == 7 ? size - 5 : 0) +
		     (rate == 12  ? 1
		      : rate > 12 ? 2
				  : 0);
	if (out->number_bytes == 0 || at.len <= len ||
	    sum8((struct ct_str){ at.ptr, len }) != byte_at(at, len))
		return false;
	out->samples = samples_of(at, behind);
	out->bytes = len + 1;
	return true;
}

size_t ct_flac_frame_bytes(struct ct_str at, struct ct_flac_scan *scan, bool last)
{
	struct frame_head head;

	if (at.len == 0 || (!last && at.len < FRAME_HEAD_MAX))
		return 0;
	if (scan->at == 0 && !read_frame_head(at, &head))
		return SIZE_MAX;
	while (last ? scan->at < at.len : scan->at + FRAME_HEAD_MAX <= at.len) {
		/* the sum over a frame and its own sum is 0 */
		if (scan->at > 0 && scan->sum == 0 &&
		    read_frame_head(ct_str_from(at, scan->at), &head))
			return scan->at;
		scan->sum = sum16_on(scan->sum, byte_at(at, scan->at++));
	}
	return last && scan->sum == 0 ? at.len : 0;
}

/* Six bits a byte, as UTF-8 has them; seven bytes hold 36 bits. */
static size_t put_number(uint64_t n, char out[7])
{
	size_t bytes = 2;

	if (n < 0x80) {
		out[0] = (char)n;
		return 1;
	}
	while (bytes < 7 && n >> (5 * bytes + 1) != 0)
		bytes++;
	for (size_t i = bytes - 1; i > 0; i--, n >>= 6)
		out[i] = (char)(0x80 | (n & 0x3F));
	out[0] = (char)(0xFFu << (8 - bytes) | n);
	return bytes;
}

uint32_t ct_flac_add_frame(struct ct_str frame, uint64_t first, struct ct_buf *out)
{
	struct frame_head head;
	char bytes[FRAME_HEAD_MAX + 1];
	size_t len = 4, start = out->len;

	if (!read_frame_head(frame, &head) || frame.len < head.bytes + 2)
		return 0;
	memcpy(bytes, frame.ptr, len);
	bytes[1] = (char)0xF9; /* it is numbered by samples */
	len += put_number(first, bytes + len);
	size_t behind = head.number_at + head.number_bytes;
	size_t rest = head.bytes - 1 - behind;
	memcpy(bytes + len, frame.ptr + behind, rest);
	len += rest;
	bytes[len] = (char)sum8((struct ct_str){ bytes, len });
	ct_buf_append(out, bytes, len + 1);
	ct_buf_append(out, frame.ptr + head.bytes, frame.len - head.bytes - 2);
	if (out->failed)
		return 0;
	uint16_t sum = sum16(ct_str_from(ct_buf_str(out), start));
	bytes[0] = (char)(sum >> 8), bytes[1] = (char)sum;
	ct_buf_append(out, bytes, 2);
	return head.samples;
}

#include "codec/sha1.h"

static uint32_t rotate(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static uint32_t load(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
	       at[3];
}

/* Section 4.1.1 and 4.2.1: the function and the constant of a round. */
static uint32_t mix(int t, const uint32_t v[5])
{
	uint32_t b = v[1], c = v[2], d = v[3];

	if (t < 20)
		return ((b & c) | (~b & d)) + 0x5a827999;
	if (t < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (t < 60)
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

/* Section 6.1.2; v is a to e. */
static void add_block(uint32_t hash[5], const unsigned char block[64])
{
	uint32_t w[80], v[5];

	for (int t = 0; t < 16; t++)
		w[t] = load(block + 4 * t);
	for (int t = 16; t < 80; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	memcpy(v, hash, sizeof(v));
	for (int t = 0; t < 80; t++) {
		uint32_t next = rotate(v[0], 5) + mix(t, v) + v[4] + w[t];
		memmove(v + 1, v, 4 * sizeof(v[0]));
		v[0] = next;
		v[2] = rotate(v[2], 30);
	}
	for (int i = 0; i < 5; i++)
		hash[i] += v[i];
}

/* Section 5.1.1: a one bit, zeros, the length in bits. */
static void add_last(uint32_t hash[5], struct ct_str rest, uint64_t bits)
{
	unsigned char last[128] = { 0 };
	size_t len = rest.len < 56 ? 64 : 128;

	if (rest.len > 0)
		memcpy(last, rest.ptr, rest.len);
	last[rest.len] = 0x80;
	for (int i = 0; i < 8; i++)
		last[len - 1 - (size_t)i] = (unsigned char)(bits >> 8 * i);
	for (size_t at = 0; at < len; at += 64)
		add_block(hash, last + at);
}

void ct_sha1(unsigned char out[CT_SHA1_SIZE], struct ct_str bytes)
{
	uint32_t hash[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	size_t at = 0;

	for (; bytes.len - at >= 64; at += 64)
		add_block(hash, (const unsigned char *)bytes.ptr + at);
	add_last(hash, ct_str_from(bytes, at), (uint64_t)bytes.len * 8);
	for (int i = 0; i < CT_SHA1_SIZE; i++)
		out[i] = (unsigned char)(hash[i / 4] >> (24 - 8 * (i % 4)));
}

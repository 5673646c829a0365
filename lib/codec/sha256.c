#include "codec/sha256.h"

#include <stdio.h>

/* Section 4.2.2. */
static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t load(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
	       at[3];
}

static void schedule(uint32_t w[64], const unsigned char block[64])
{
	for (int t = 0; t < 16; t++)
		w[t] = load(block + 4 * t);
	for (int t = 16; t < 64; t++) {
		uint32_t a = w[t - 15], b = w[t - 2];
		w[t] = w[t - 16] + w[t - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

/* Section 6.2.2; v is a to h. */
static void add_block(uint32_t hash[8], const unsigned char block[64])
{
	uint32_t w[64], v[8];

	schedule(w, block);
	memcpy(v, hash, sizeof(v));
	for (int t = 0; t < 64; t++) {
		uint32_t e = v[4], a = v[0];
		uint32_t t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
			      ((e & v[5]) ^ (~e & v[6])) + constants[t] + w[t];
		uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
			      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		hash[i] += v[i];
}

void ct_sha256_begin(struct ct_sha256 *sha)
{
	*sha = (struct ct_sha256){ .hash = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
					     0xa54ff53a, 0x510e527f, 0x9b05688c,
					     0x1f83d9ab, 0x5be0cd19 } };
}

void ct_sha256_add(struct ct_sha256 *sha, struct ct_str bytes)
{
	size_t held = sha->bytes % CT_SHA256_BLOCK, at = 0;

	sha->bytes += bytes.len;
	if (held > 0) {
		at = CT_SHA256_BLOCK - held < bytes.len ? CT_SHA256_BLOCK - held
							: bytes.len;
		if (at > 0)
			memcpy(sha->block + held, bytes.ptr, at);
		if (held + at < CT_SHA256_BLOCK)
			return;
		add_block(sha->hash, sha->block);
	}
	for (; bytes.len - at >= CT_SHA256_BLOCK; at += CT_SHA256_BLOCK)
		add_block(sha->hash, (const unsigned char *)bytes.ptr + at);
	if (bytes.len > at)
		memcpy(sha->block, bytes.ptr + at, bytes.len - at);
}

/* Section 5.1.1: a one bit, zeros, the length in bits. */
void ct_sha256_end(struct ct_sha256 *sha, unsigned char out[CT_SHA256_BYTES])
{
	unsigned char last[2 * CT_SHA256_BLOCK] = { 0x80 };
	size_t held = sha->bytes % CT_SHA256_BLOCK;
	size_t len = (held < 56 ? CT_SHA256_BLOCK : 2 * CT_SHA256_BLOCK) - held;
	uint64_t bits = sha->bytes * 8;

	for (int i = 0; i < 8; i++)
		last[len - 1 - (size_t)i] = (unsigned char)(bits >> 8 * i);
	ct_sha256_add(sha, (struct ct_str){ (const char *)last, len });
	for (int i = 0; i < CT_SHA256_BYTES; i++)
		out[i] = (unsigned char)(sha->hash[i / 4] >> (24 - 8 * (i % 4)));
}

char *ct_sha256_end_hex(struct ct_sha256 *sha, char out[CT_SHA256_HEX_SIZE])
{
	unsigned char digest[CT_SHA256_BYTES];

	ct_sha256_end(sha, digest);
	for (int i = 0; i < CT_SHA256_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return out;
}

char *ct_sha256_hex(char out[CT_SHA256_HEX_SIZE], struct ct_str bytes)
{
	struct ct_sha256 sha;

	ct_sha256_begin(&sha);
	ct_sha256_add(&sha, bytes);
	return ct_sha256_end_hex(&sha, out);
}

/* One of the two passes of RFC 2104: the key's block xor pad, then what is digested. */
static void hmac_pass(const unsigned char key[CT_SHA256_BLOCK], unsigned char pad,
		      struct ct_str bytes, unsigned char out[CT_SHA256_BYTES])
{
	unsigned char block[CT_SHA256_BLOCK];
	struct ct_sha256 sha;

	for (size_t i = 0; i < CT_SHA256_BLOCK; i++)
		block[i] = key[i] ^ pad;
	ct_sha256_begin(&sha);
	ct_sha256_add(&sha, (struct ct_str){ (const char *)block, CT_SHA256_BLOCK });
	ct_sha256_add(&sha, bytes);
	ct_sha256_end(&sha, out);
	explicit_bzero(block, sizeof(block));
	explicit_bzero(&sha, sizeof(sha));
}

void ct_hmac_sha256(struct ct_str key, struct ct_str message,
		    unsigned char out[CT_SHA256_BYTES])
{
	unsigned char block[CT_SHA256_BLOCK] = { 0 }, inner[CT_SHA256_BYTES];
	struct ct_sha256 sha;

	if (key.len > CT_SHA256_BLOCK) {
		ct_sha256_begin(&sha);
		ct_sha256_add(&sha, key);
		ct_sha256_end(&sha, block);
		explicit_bzero(&sha, sizeof(sha));
	} else if (key.len > 0) {
		memcpy(block, key.ptr, key.len);
	}
	hmac_pass(block, 0x36, message, inner);
	hmac_pass(block, 0x5c, (struct ct_str){ (const char *)inner, sizeof(inner) },
		  out);
	explicit_bzero(block, sizeof(block));
}

bool ct_bytes_equal(const unsigned char *a, const unsigned char *b, size_t len)
{
	volatile unsigned char different = 0;

	for (size_t i = 0; i < len; i++)
		different |= a[i] ^ b[i];
	return different == 0;
}

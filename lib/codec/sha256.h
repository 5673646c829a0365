/*
 * SHA-256 (FIPS 180-4), for naming large bodies by their content, and HMAC with it (RFC 2104),
 * for telling whether whoever sent a message knows a secret.
 */
#ifndef CT_CODEC_SHA256_H
#define CT_CODEC_SHA256_H

#include "base/str.h"

#define CT_SHA256_HEX_SIZE 65
enum { CT_SHA256_BYTES = 32, CT_SHA256_BLOCK = 64 };

/* A digest while its bytes arrive. */
struct ct_sha256 {
	uint32_t hash[8];
	uint64_t bytes; /* so far */
	unsigned char block[CT_SHA256_BLOCK]; /* the last bytes % 64 of them */
};

void ct_sha256_begin(struct ct_sha256 *sha);
void ct_sha256_add(struct ct_sha256 *sha, struct ct_str bytes);
/* sha is spent then. */
void ct_sha256_end(struct ct_sha256 *sha, unsigned char out[CT_SHA256_BYTES]);
/* Likewise, in lowercase hexadecimal, NUL-terminated; returns out. */
char *ct_sha256_end_hex(struct ct_sha256 *sha, char out[CT_SHA256_HEX_SIZE]);

/* The digest in lowercase hexadecimal, NUL-terminated; returns out. */
char *ct_sha256_hex(char out[CT_SHA256_HEX_SIZE], struct ct_str bytes);

/* HMAC-SHA-256 of a whole message; a key of any length. What it knew of the key is wiped. */
void ct_hmac_sha256(struct ct_str key, struct ct_str message,
		    unsigned char out[CT_SHA256_BYTES]);

/* Are they the same bytes? In a time that tells nothing of where they differ. */
bool ct_bytes_equal(const unsigned char *a, const unsigned char *b, size_t len);

#endif

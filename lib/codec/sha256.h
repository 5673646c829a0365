/* SHA-256 (FIPS 180-4), for naming large bodies by their content; not for secrets. */
#ifndef CT_CODEC_SHA256_H
#define CT_CODEC_SHA256_H

#include "base/str.h"

#define CT_SHA256_HEX_SIZE 65

/* What comes in pieces: init, add any number of times, then the digest, once. */
struct ct_sha256 {
	uint32_t hash[8];
	unsigned char rest[64]; /* of a block that is not whole yet */
	uint64_t bytes;
};

void ct_sha256_init(struct ct_sha256 *sha);
void ct_sha256_add(struct ct_sha256 *sha, struct ct_str bytes);
char *ct_sha256_end(struct ct_sha256 *sha, char out[CT_SHA256_HEX_SIZE]);

/* The digest in lowercase hexadecimal, NUL-terminated; returns out. */
char *ct_sha256_hex(char out[CT_SHA256_HEX_SIZE], struct ct_str bytes);

#endif

/* SHA-256 (FIPS 180-4), for naming large bodies by their content; not for secrets. */
#ifndef CT_CODEC_SHA256_H
#define CT_CODEC_SHA256_H

#include "base/str.h"

#define CT_SHA256_HEX_SIZE 65

/* The digest in lowercase hexadecimal, NUL-terminated; returns out. */
char *ct_sha256_hex(char out[CT_SHA256_HEX_SIZE], struct ct_str bytes);

#endif

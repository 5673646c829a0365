/* SHA-1 (FIPS 180-4), because the WebSocket handshake is made of it; for nothing else. */
#ifndef CT_CODEC_SHA1_H
#define CT_CODEC_SHA1_H

#include "base/str.h"

enum { CT_SHA1_SIZE = 20 };

/* The digest's bytes into out. */
void ct_sha1(unsigned char out[CT_SHA1_SIZE], struct ct_str bytes);

#endif

/* Base64 (RFC 4648 section 4), with padding. */
#ifndef CT_CODEC_BASE64_H
#define CT_CODEC_BASE64_H

#include "base/buf.h"
#include "base/err.h"

void ct_base64_encode(struct ct_str bytes, struct ct_buf *out);

/* Strict: CT_EPARSE for any other character, missing or wrong padding, stray bits. */
int ct_base64_decode(struct ct_str text, struct ct_buf *out, struct ct_err *err);

#endif

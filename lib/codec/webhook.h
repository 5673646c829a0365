/*
 * Signatures of webhooks, as GitHub writes them: "sha256=" and an HMAC-SHA-256 of the whole body in
 * hexadecimal (X-Hub-Signature-256).
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
#ifndef CT_CODEC_WEBHOOK_H
#define CT_CODEC_WEBHOOK_H

#include "base/err.h"
#include "base/str.h"

enum { CT_WEBHOOK_BODY_BYTES = 25 << 20 }; /* GitHub sends no more */

/*
 * Is that the signature of the body with that secret? Bytes as they came: a body that was parsed and
 * written again has another one. CT_EAUTH with why not; the time it takes tells nothing of
 * where a signature differs. The message repeats nothing of secret or signature.
 */
int ct_webhook_verify(struct ct_str secret, struct ct_str signature, struct ct_str body,
		      struct ct_err *err);

#endif

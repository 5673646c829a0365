#include "codec/webhook.h"

#include "codec/sha256.h"

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_hex(struct ct_str hex, unsigned char out[CT_SHA256_BYTES])
{
	if (hex.len != 2 * CT_SHA256_BYTES)
		return false;
	for (size_t i = 0; i < CT_SHA256_BYTES; i++) {
		int high = digit_of(hex.ptr[2 * i]), low = digit_of(hex.ptr[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static int read_signature(struct ct_str text, unsigned char out[CT_SHA256_BYTES],
			  struct ct_err *err)
{
	static const char prefix[] = "sha256=", old[] = "sha1=";

	if (text.len == 0)
		return ct_fail(err, CT_EAUTH, "there is no signature");
	if (ct_str_starts(text, old)) {
		ct_fail(err, CT_EAUTH,
			"the signature is of the old form (SHA-1), which proves too "
			"little");
		ct_hint(err, "Take the one in X-Hub-Signature-256: GitHub sends both");
		return CT_EAUTH;
	}
	if (ct_str_starts(text, prefix) &&
	    read_hex(ct_str_from(text, sizeof(prefix) - 1), out))
		return CT_OK;
	return ct_fail(
		err, CT_EAUTH,
		"the signature is not sha256= with 64 hexadecimal digits after it");
}

int ct_webhook_verify(struct ct_str secret, struct ct_str signature, struct ct_str body,
		      struct ct_err *err)
{
	unsigned char said[CT_SHA256_BYTES], right[CT_SHA256_BYTES];
	int rc = read_signature(ct_str_trim(signature), said, err);

	if (rc != CT_OK)
		return rc;
	ct_hmac_sha256(secret, body, right);
	if (ct_bytes_equal(said, right, sizeof(right)))
		return CT_OK;
	ct_fail(err, CT_EAUTH, "the signature is not that of this body with this secret");
	ct_hint(err,
		"It is of the very bytes that came: nothing may be parsed, decoded or "
		"added to them before");
	return CT_EAUTH;
}

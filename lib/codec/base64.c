#include "codec/base64.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t group_of(struct ct_str bytes)
{
	uint32_t group = 0;

	for (size_t i = 0; i < 3; i++)
		group = group << 8 | (i < bytes.len ? (unsigned char)bytes.ptr[i] : 0u);
	return group;
}

void ct_base64_encode(struct ct_str bytes, struct ct_buf *out)
{
	while (bytes.len > 0) {
		char text[256]; /* many groups for each append */
		size_t len = 0;

		while (bytes.len > 0 && len < sizeof(text)) {
			uint32_t group = group_of(bytes);
			text[len++] = alphabet[group >> 18];
			text[len++] = alphabet[group >> 12 & 63];
			text[len++] = bytes.len > 1 ? alphabet[group >> 6 & 63] : '=';
			text[len++] = bytes.len > 2 ? alphabet[group & 63] : '=';
			bytes = ct_str_from(bytes, 3);
		}
		ct_buf_append(out, text, len);
	}
}

/* Six bits; -1 for what is none of the 64 characters. */
static int32_t value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters, of which the last `padding` are '='. False when they are no group. */
static bool decode_group(const char *text, size_t padding, char bytes[3])
{
	int32_t group = 0;

	for (size_t i = 0; i < 4; i++) {
		int32_t six = i < 4 - padding ? value_of(text[i]) : 0;
		if (six < 0)
			return false;
		group = group << 6 | six;
	}
	/* bits that stand for no byte must be zero, or two texts would mean the same */
	if (padding > 0 && (group & ((1 << 8 * padding) - 1)) != 0)
		return false;
	for (int i = 0; i < 3; i++)
		bytes[i] = (char)(group >> (16 - 8 * i) & 0xFF);
	return true;
}

int ct_base64_decode(struct ct_str text, struct ct_buf *out, struct ct_err *err)
{
	char bytes[3];

	if (text.len % 4 != 0)
		return ct_fail(err, CT_EPARSE,
			       "not base64: %zu characters are not a multiple of four",
			       text.len);
	for (size_t at = 0; at < text.len; at += 4) {
		size_t padding = 0;

		if (at + 4 == text.len && text.ptr[at + 3] == '=')
			padding = text.ptr[at + 2] == '=' ? 2 : 1;
		if (!decode_group(text.ptr + at, padding, bytes))
			return ct_fail(
				err, CT_EPARSE,
				"not base64: characters %zu to %zu are no group of it",
				at + 1, at + 4);
		ct_buf_append(out, bytes, 3 - padding);
	}
	return ct_buf_check(out, "decoded base64", err);
}

/* The one hot loop of reading and of writing JSON: bytes of a string that stand for themselves. */
#ifndef CT_CODEC_JSON_PLAIN_H
#define CT_CODEC_JSON_PLAIN_H

#include <stdint.h>
#include <string.h>

/* The high bit of each byte of x that is zero; a byte above a zero one may show too. */
static inline uint64_t ct_json_zero_bytes(uint64_t x)
{
	return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

/*
 * The first byte from at on that is a quote, a backslash or below 0x20; end if none.
 * Bit 7 of *seen is set when one before it is not ASCII (and perhaps when not: look then).
 */
static inline const char *ct_json_plain(const char *at, const char *end,
					unsigned char *seen)
{
	uint64_t eight, high = 0;

	for (; end - at >= 8; at += 8) {
		memcpy(&eight, at, 8);
		/* below 0x20 is what has none of its three highest bits */
		uint64_t small =
			(eight - 0x2020202020202020u) & ~eight & 0x8080808080808080u;
		if (small | ct_json_zero_bytes(eight ^ 0x2222222222222222u) |
		    ct_json_zero_bytes(eight ^ 0x5C5C5C5C5C5C5C5Cu))
			break;
		high |= eight;
	}
	*seen |= (high & 0x8080808080808080u) != 0 ? 0x80 : 0;
	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;
		if (c == '"' || c == '\\' || c < 0x20)
			break;
		*seen |= c;
	}
	return at;
}

#endif

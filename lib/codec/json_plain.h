/* The one hot loop of reading and of writing JSON: bytes of a string that stand for themselves. */
#ifndef CT_CODEC_JSON_PLAIN_H
#define CT_CODEC_JSON_PLAIN_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* The high bit of each byte of x that is zero; only the lowest is certain. */
static inline uint64_t ct_json_zero_bytes(uint64_t x)
{
	return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

/*
 * The first byte from at on that is a quote, a backslash or below 0x20; end if none.
 * Bit 7 of *seen is set when one before it is not ASCII.
 */
static inline const char *ct_json_plain(const char *at, const char *end, unsigned char *seen)
{
	const uint64_t tops = 0x8080808080808080u;
	uint64_t eight, hits, high = 0;

	for (; end - at >= 8; at += 8) {
		memcpy(&eight, at, 8);
		eight = le64toh(eight);
		/* below 0x20 is what has none of its three highest bits */
		hits = ((eight - 0x2020202020202020u) & ~eight & tops) |
		       ct_json_zero_bytes(eight ^ 0x2222222222222222u) |
		       ct_json_zero_bytes(eight ^ 0x5C5C5C5C5C5C5C5Cu);
		if (hits != 0) {
			/* the lowest hit is exact: borrows only go up */
			high |= eight & ((hits & -hits) - 1);
			*seen |= (high & tops) != 0 ? 0x80 : 0;
			return at + __builtin_ctzll(hits) / 8;
		}
		high |= eight;
	}
	*seen |= (high & tops) != 0 ? 0x80 : 0;
	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;
		if (c == '"' || c == '\\' || c < 0x20)
			break;
		*seen |= c;
	}
	return at;
}

#endif

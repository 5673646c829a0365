#include "codec/ogg.h"

enum { HEAD_BYTES = 27, SERIAL_AT = 14, SUM_AT = 22, SEGMENTS_AT = 26 };

static const uint32_t polynomial = 0x04C11DB7;

size_t ct_ogg_page_bytes(struct ct_str at)
{
	size_t bytes = HEAD_BYTES;

	if (at.len < HEAD_BYTES)
		return memcmp(at.ptr, "OggS", at.len < 4 ? at.len : 4) == 0 ? 0 : SIZE_MAX;
	if (!ct_str_starts(at, "OggS"))
		return SIZE_MAX;
	size_t segments = (unsigned char)at.ptr[SEGMENTS_AT];
	if (at.len < HEAD_BYTES + segments)
		return 0;
	for (size_t i = 0; i < segments; i++)
		bytes += (unsigned char)at.ptr[HEAD_BYTES + i];
	return bytes + segments;
}

uint32_t ct_ogg_serial(struct ct_str page)
{
	uint32_t serial = 0;

	for (size_t i = 4; i-- > 0;)
		serial = serial << 8 | (unsigned char)page.ptr[SERIAL_AT + i];
	return serial;
}

uint32_t ct_ogg_checksum(struct ct_str page)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < page.len; i++) {
		sum ^= (uint32_t)(unsigned char)page.ptr[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			sum = sum & 0x80000000 ? sum << 1 ^ polynomial : sum << 1;
	}
	return sum;
}

static void put(char *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (char)(unsigned char)(value >> 8 * i);
}

void ct_ogg_set_serial(char *page, size_t len, uint32_t serial)
{
	put(page + SERIAL_AT, serial);
	put(page + SUM_AT, 0);
	put(page + SUM_AT, ct_ogg_checksum((struct ct_str){ page, len }));
}

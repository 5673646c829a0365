#include "base/uuid.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void ct_random(void *out, unsigned size)
{
	unsigned char *at = out;

	while (size > 0) {
		ssize_t n = getrandom(at, size, 0);
		if (n < 0)
			continue; /* EINTR: the only failure for valid arguments */
		at += n;
		size -= (unsigned)n;
	}
}

char *ct_uuid(char out[CT_UUID_SIZE], int64_t wall_ms)
{
	unsigned char b[16];
	uint64_t ms = (uint64_t)wall_ms;

	ct_random(b + 6, 10);
	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)(ms >> (40 - 8 * i));
	b[6] = (unsigned char)(0x70 | (b[6] & 0x0F));
	b[8] = (unsigned char)(0x80 | (b[8] & 0x3F));
	snprintf(out, CT_UUID_SIZE,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
		 b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
		 b[13], b[14], b[15]);
	return out;
}

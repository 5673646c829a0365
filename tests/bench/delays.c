#include "delays.h"

#include <stdio.h>
#include <stdlib.h>

void delays_add(struct delays *delays, int64_t us)
{
	if (delays->count == delays->room) {
		delays->room = delays->room ? delays->room * 2 : 1 << 16;
		delays->us = realloc(delays->us, delays->room * sizeof(*delays->us));
		if (delays->us == NULL) {
			fputs("out of memory\n", stderr);
			exit(2);
		}
	}
	delays->us[delays->count++] = us > INT32_MAX ? INT32_MAX : (int32_t)us;
}

static int compare(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* The part'th thousandth of them, in ms. */
static double at(const struct delays *delays, size_t part)
{
	size_t index = delays->count * part / 1000;

	return (double)delays->us[index < delays->count ? index : delays->count - 1] / 1000;
}

void delays_print(struct delays *delays, const char *what)
{
	if (delays->count == 0)
		return;
	qsort(delays->us, delays->count, sizeof(*delays->us), compare);
	printf("  %-40s p50 %.2f  p95 %.2f  p99 %.2f  most %.2f ms\n", what, at(delays, 500),
	       at(delays, 950), at(delays, 990), at(delays, 1000));
}

void delays_free(struct delays *delays)
{
	free(delays->us);
	*delays = (struct delays){ 0 };
}

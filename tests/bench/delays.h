/* Many short times, and how they are spread. What does not fit any more ends the program. */
#ifndef CT_BENCH_DELAYS_H
#define CT_BENCH_DELAYS_H

#include <stddef.h>
#include <stdint.h>

struct delays {
	int32_t *us;
	size_t count, room;
};

void delays_add(struct delays *delays, int64_t us);
/* "p50 0.12  p95 0.50  p99 0.90  most 1.20 ms", with what the times are before it. */
void delays_print(struct delays *delays, const char *what);
void delays_free(struct delays *delays);

#endif

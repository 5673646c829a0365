/*
 * How often each duration occurred, from 1 ms to 24 h (what lies beyond counts at the end):
 * up to 40 ms in buckets of one ms, since a middle rounded to whole ms would be 5 % off
 * there, then in buckets whose bounds grow by 5 %. A percentile is the geometric middle
 * of its bucket: exact up to 40 ms, within 3 % above.
 *
 * Kept as bytes: for each bucket that is not empty its distance from the one before and its
 * count, as varints (seven bits a byte, the low ones first, the high bit: more follow).
 */
#ifndef CT_STORE_HISTOGRAM_H
#define CT_STORE_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CT_HISTOGRAM_EXACT = 40, /* buckets of 1 ms to 40 ms */
	CT_HISTOGRAM_BUCKETS =
		CT_HISTOGRAM_EXACT + 299, /* 41 ms * 1.05^299 is just over 24 h */
	CT_HISTOGRAM_BYTES =
		CT_HISTOGRAM_BUCKETS * (1 + 5) + 2, /* the most that it is kept in */
};

/* All zeros is empty. Counts stop at their maximum. */
struct ct_histogram {
	uint32_t counts[CT_HISTOGRAM_BUCKETS];
};

void ct_histogram_add(struct ct_histogram *histogram, int64_t ms);

/* The value that the share (0 to 1) of all do not exceed; -1 where there are none. */
int64_t ct_histogram_percentile(const struct ct_histogram *histogram, double share);

/* Returns the number of bytes written. */
size_t ct_histogram_encode(const struct ct_histogram *histogram,
			   unsigned char out[CT_HISTOGRAM_BYTES]);

/* Adds what bytes hold to histogram; false, and anything in it, when they are none of ours. */
bool ct_histogram_merge(struct ct_histogram *histogram, const unsigned char *bytes,
			size_t len);

#endif

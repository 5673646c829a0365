#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "leaks.h"
#include "store/histogram.h"

TestSuite(histogram, .fini = check_leaks);

Test(histogram, has_no_percentile_when_empty)
{
	struct ct_histogram h = { 0 };

	cr_assert_eq(ct_histogram_percentile(&h, 0.5), -1);
}

Test(histogram, tells_any_one_value_within_3_percent)
{
	for (int64_t ms = 1; ms < 86400000; ms += 1 + ms / 997) {
		struct ct_histogram h = { 0 };
		ct_histogram_add(&h, ms);
		int64_t told = ct_histogram_percentile(&h, 0.5);
		cr_assert_leq(fabs((double)(told - ms)), 0.03 * (double)ms,
			      "%lld for %lld", (long long)told, (long long)ms);
	}
}

Test(histogram, counts_what_lies_beyond_its_ends_there)
{
	static const struct {
		int64_t ms, least, most;
	} cases[] = {
		{ INT64_MIN, 1, 1 },
		{ -5, 1, 1 },
		{ 0, 1, 1 },
		{ 86400000, 84000000, 90000000 },
		{ 900000000, 84000000, 93000000 },
		{ INT64_MAX, 84000000, 93000000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ct_histogram h = { 0 };
		ct_histogram_add(&h, cases[i].ms);
		int64_t told = ct_histogram_percentile(&h, 1);
		cr_assert(told >= cases[i].least && told <= cases[i].most,
			  "case %zu: %lld", i, (long long)told);
	}
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

Test(histogram, tells_percentiles_of_many_within_3_percent)
{
	enum { N = 5000 };
	static const double shares[] = { 0.01, 0.5, 0.95, 0.99, 1 };
	static int64_t values[N];
	struct ct_histogram h = { 0 };
	unsigned random = 12345;

	for (int i = 0; i < N; i++) {
		random = random * 1103515245 + 12345;
		values[i] = (int64_t)exp((double)(random >> 8) / (1 << 24) * 14) + 3;
		ct_histogram_add(&h, values[i]);
	}
	qsort(values, N, sizeof(values[0]), compare);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		double exact = (double)values[(int)ceil(shares[i] * N) - 1];
		double told = (double)ct_histogram_percentile(&h, shares[i]);
		cr_assert_leq(fabs(told - exact), 0.03 * exact, "p%g: %g for %g",
			      100 * shares[i], told, exact);
	}
}

Test(histogram, is_the_same_after_being_kept)
{
	struct ct_histogram h = { 0 }, again = { 0 };
	unsigned char bytes[CT_HISTOGRAM_BYTES];

	h.counts[0] = 1;
	h.counts[127] = 127;
	h.counts[128] = 128;
	h.counts[300] = 70000;
	h.counts[CT_HISTOGRAM_BUCKETS - 1] = UINT32_MAX;
	size_t len = ct_histogram_encode(&h, bytes);
	cr_assert(ct_histogram_merge(&again, bytes, len));
	cr_assert_eq(memcmp(&h, &again, sizeof(h)), 0);
}

Test(histogram, fits_its_bytes_when_full)
{
	struct ct_histogram h, again = { 0 };
	unsigned char *bytes = malloc(CT_HISTOGRAM_BYTES); /* ASan watches its end */

	memset(&h, 0xFF, sizeof(h));
	size_t len = ct_histogram_encode(&h, bytes);
	cr_assert_leq(len, CT_HISTOGRAM_BYTES);
	cr_assert(ct_histogram_merge(&again, bytes, len));
	cr_assert_eq(memcmp(&h, &again, sizeof(h)), 0);
	free(bytes);
}

Test(histogram, adds_what_it_merges_and_stops_at_the_greatest_count)
{
	struct ct_histogram h = { .counts = { [5] = 2, [6] = UINT32_MAX - 1 } }, sum = h;
	unsigned char bytes[CT_HISTOGRAM_BYTES];
	size_t len = ct_histogram_encode(&h, bytes);

	cr_assert(ct_histogram_merge(&sum, bytes, len));
	cr_assert_eq(sum.counts[5], 4);
	cr_assert_eq(sum.counts[6], UINT32_MAX);
}

Test(histogram, refuses_bytes_that_are_none_of_ours)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
	} cases[] = {
		{ "a bucket without a count", "\x05", 1 },
		{ "a varint that does not end", "\x05\x80", 2 },
		{ "a varint of too many bytes", "\x05\x80\x80\x80\x80\x80\x01", 7 },
		{ "a count over 32 bits", "\x05\xFF\xFF\xFF\xFF\x7F", 6 },
		{ "a bucket past the last", "\xD3\x02\x01", 3 },
		{ "buckets that add up past the last", "\xD2\x02\x01\x00\x01", 5 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ct_histogram h = { 0 };
		cr_assert_not(ct_histogram_merge(&h,
						 (const unsigned char *)cases[i].bytes,
						 cases[i].len),
			      "%s", cases[i].name);
	}
}

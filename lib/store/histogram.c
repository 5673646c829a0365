#include "store/histogram.h"

#include <math.h>

static const double growth = 1.05, first_bound = CT_HISTOGRAM_EXACT + 1;

static void count(struct ct_histogram *histogram, size_t bucket, uint32_t n)
{
	uint32_t *at = &histogram->counts[bucket];

	*at = *at > UINT32_MAX - n ? UINT32_MAX : *at + n;
}

static size_t bucket_of(int64_t ms)
{
	if (ms <= CT_HISTOGRAM_EXACT)
		return ms > 1 ? (size_t)ms - 1 : 0;

	double bucket = CT_HISTOGRAM_EXACT + log((double)ms / first_bound) / log(growth);
	return bucket < CT_HISTOGRAM_BUCKETS ? (size_t)bucket : CT_HISTOGRAM_BUCKETS - 1;
}

void ct_histogram_add(struct ct_histogram *histogram, int64_t ms)
{
	count(histogram, bucket_of(ms), 1);
}

static int64_t middle_of(size_t bucket)
{
	if (bucket < CT_HISTOGRAM_EXACT)
		return (int64_t)bucket + 1;
	return llround(first_bound *
		       pow(growth, (double)(bucket - CT_HISTOGRAM_EXACT) + 0.5));
}

int64_t ct_histogram_percentile(const struct ct_histogram *histogram, double share)
{
	uint64_t total = 0, seen = 0;

	for (size_t i = 0; i < CT_HISTOGRAM_BUCKETS; i++)
		total += histogram->counts[i];
	if (total == 0)
		return -1;

	double rank = ceil(share * (double)total);
	for (size_t i = 0; i < CT_HISTOGRAM_BUCKETS; i++) {
		seen += histogram->counts[i];
		if (seen > 0 && (double)seen >= rank)
			return middle_of(i);
	}
	return -1;
}

static size_t put(unsigned char *out, uint64_t value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		out[n++] = (unsigned char)(value | 0x80);
	out[n++] = (unsigned char)value;
	return n;
}

size_t ct_histogram_encode(const struct ct_histogram *histogram,
			   unsigned char out[CT_HISTOGRAM_BYTES])
{
	size_t n = 0, next = 0;

	for (size_t i = 0; i < CT_HISTOGRAM_BUCKETS; i++) {
		if (histogram->counts[i] == 0)
			continue;
		n += put(out + n, i - next);
		n += put(out + n, histogram->counts[i]);
		next = i + 1;
	}
	return n;
}

/* Takes a varint off *at; false when it does not end or has more than 32 bits. */
static bool take(const unsigned char **at, const unsigned char *end, uint32_t *value)
{
	uint64_t sum = 0;

	for (int shift = 0; *at < end && shift < 35; shift += 7) {
		unsigned char byte = *(*at)++;
		sum |= (uint64_t)(byte & 0x7F) << shift;
		*value = (uint32_t)sum;
		if (byte < 0x80)
			return sum <= UINT32_MAX;
	}
	return false;
}

bool ct_histogram_merge(struct ct_histogram *histogram, const unsigned char *bytes,
			size_t len)
{
	const unsigned char *end = len > 0 ? bytes + len : bytes; /* an empty blob is NULL */
	uint64_t bucket = 0;
	uint32_t skip, n;

	while (bytes < end) {
		if (!take(&bytes, end, &skip) || !take(&bytes, end, &n))
			return false;
		bucket += skip;
		if (bucket >= CT_HISTOGRAM_BUCKETS)
			return false;
		count(histogram, bucket++, n);
	}
	return true;
}

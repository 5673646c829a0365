/* Any bytes for a histogram: refused, or the same after being kept again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/histogram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_histogram first = { 0 }, second = { 0 };
	unsigned char bytes[CT_HISTOGRAM_BYTES];

	if (!ct_histogram_merge(&first, data, size))
		return 0;
	size_t len = ct_histogram_encode(&first, bytes);
	if (len > sizeof(bytes) || !ct_histogram_merge(&second, bytes, len) ||
	    memcmp(&first, &second, sizeof(first)) != 0)
		abort();
	ct_histogram_percentile(&first, 0.99);
	return 0;
}

/* Any bytes: what is decoded is encoded as it was, and the other way round. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_buf there = CT_BUF_INIT(8 << 20), back = CT_BUF_INIT(8 << 20);
	struct ct_str text = { (const char *)data, size };

	if (ct_base64_decode(text, &there, NULL) == CT_OK) {
		ct_base64_encode(ct_buf_str(&there), &back);
		if (!ct_str_eq(ct_buf_str(&back), text))
			abort();
	}
	ct_buf_clear(&there);
	ct_buf_clear(&back);
	ct_base64_encode(text, &there);
	if (ct_base64_decode(ct_buf_str(&there), &back, NULL) != CT_OK ||
	    !ct_str_eq(ct_buf_str(&back), text))
		abort();
	ct_buf_fini(&there);
	ct_buf_fini(&back);
	return 0;
}

/* Any bytes, cut anywhere: clean text is valid, and the same however it came. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void join(struct ct_str text, size_t step, struct ct_buf *out)
{
	struct ct_utf8_joiner joiner = { 0 };

	for (size_t at = 0; at < text.len; at += step)
		ct_utf8_join(&joiner,
			     (struct ct_str){ text.ptr + at, at + step < text.len
								     ? step
								     : text.len - at },
			     out);
	ct_utf8_flush(&joiner, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_buf whole = CT_BUF_INIT(8 << 20), pieces = CT_BUF_INIT(8 << 20);
	struct ct_str text = { (const char *)data, size };

	if (size == 0)
		return 0;
	ct_utf8_clean(text, &whole);
	join(text, data[0] % 9 + 1u, &pieces);
	if (ct_utf8_valid(ct_buf_str(&whole)) != whole.len ||
	    !ct_str_eq(ct_buf_str(&whole), ct_buf_str(&pieces)) ||
	    (ct_utf8_valid(text) == size && !ct_str_eq(text, ct_buf_str(&whole))))
		abort();
	ct_buf_clear(&pieces);
	ct_utf8_printable(ct_buf_str(&whole), &pieces);
	if (ct_utf8_valid(ct_buf_str(&pieces)) != pieces.len ||
	    memchr(pieces.ptr, 0x1B, pieces.len) != NULL)
		abort();
	ct_buf_fini(&whole);
	ct_buf_fini(&pieces);
	return 0;
}

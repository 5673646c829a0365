/* Lines of headers: what remains and until when are never negative nor beyond their ceilings. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/rate_headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ct_str take_line(struct ct_str *text)
{
	const char *end = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;
	size_t len = end != NULL ? (size_t)(end - text->ptr) : text->len;
	struct ct_str line = { text->ptr, len };

	*text = ct_str_from(*text, len + 1);
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_str text = { (const char *)data, size }, line;
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };
	struct ct_rate_headers room = { -1, -1 };

	while ((line = take_line(&text)).len > 0) {
		const char *colon = memchr(line.ptr, ':', line.len);
		size_t name = colon != NULL ? (size_t)(colon - line.ptr) : line.len;
		ct_headers_add(&headers, (struct ct_str){ line.ptr, name },
			       ct_str_from(line, name + 1));
	}
	if (ct_rate_headers(&headers, INT64_C(1795171800000), &room) &&
	    (room.remaining < 0 || room.remaining > INT64_C(1000000000000) ||
	     room.reset_ms < 1 || room.reset_ms > INT64_C(7) * 24 * 3600 * 1000))
		abort();
	ct_arena_fini(&arena);
	return 0;
}

/* Lines of headers, an empty line, a body: the wait is never negative nor over a week. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/retry_after.h"

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
	const struct ct_json *body = NULL;

	while ((line = take_line(&text)).len > 0) {
		const char *colon = memchr(line.ptr, ':', line.len);
		size_t name = colon != NULL ? (size_t)(colon - line.ptr) : line.len;
		ct_headers_add(&headers, (struct ct_str){ line.ptr, name },
			       ct_str_from(line, name + 1));
	}
	ct_json_parse(&arena, text, CT_JSON_LENIENT, &body, NULL);
	int64_t ms = ct_retry_after_ms(&headers, body, INT64_C(1795171800000));
	if (ms < 0 || ms > INT64_C(7) * 24 * 3600 * 1000)
		abort();
	for (size_t i = 0; i < headers.count; i++)
		if (ct_duration_ms(headers.values[i]) < -1 ||
		    ct_rfc3339_ms(headers.values[i]) < -1)
			abort();
	ct_arena_fini(&arena);
	return 0;
}

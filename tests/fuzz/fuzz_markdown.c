/* Any text, cut anywhere, in any width: no crash, and nothing but our own escape sequences out. */
#include <stdint.h>
#include <stdlib.h>

#include "markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct ct_buf *out, bool color)
{
	for (size_t i = 0; i < out->len; i++) {
		unsigned char c = (unsigned char)out->ptr[i];
		bool escape = c == 033 && color && i + 1 < out->len &&
			      (out->ptr[i + 1] == '[' || out->ptr[i + 1] == ']' ||
			       out->ptr[i + 1] == '\\');
		if (!escape && c != '\n' && c != '\t' && (c < ' ' || c == 0x7F))
			abort();
	}
}

static void render(const struct ct_markdown_style *style, struct ct_str text, size_t step,
		   struct ct_buf *out)
{
	struct ct_markdown *md = ct_markdown_create(style);

	for (size_t at = 0; at < text.len; at += step)
		ct_markdown_feed(md,
				 (struct ct_str){ text.ptr + at,
						  at + step < text.len ? step : text.len - at },
				 out);
	ct_markdown_finish(md, out);
	ct_markdown_destroy(md);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;

	struct ct_markdown_style style = { data[0] % 100, data[1] & 1, data[1] & 2 };
	struct ct_str text = { (const char *)data + 2, size - 2 };
	struct ct_buf out = CT_BUF_INIT(256 << 20), again = CT_BUF_INIT(256 << 20);

	style.links = style.links && style.color;
	render(&style, text, size, &out);
	check(&out, style.color);
	render(&style, text, (data[1] >> 2) % 16 + 1u, &again);
	if (!ct_str_eq(ct_buf_str(&out), ct_buf_str(&again)))
		abort();
	ct_buf_fini(&out);
	ct_buf_fini(&again);
	return 0;
}

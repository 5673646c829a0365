#include <utf8proc.h>

#include "out.h"

/* One character's columns; *used: its bytes, at least 1. Controls and bad bytes take none. */
static int next_width(struct ct_str text, size_t *used)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text.ptr,
					      (utf8proc_ssize_t)text.len, &c);

	*used = n > 0 ? (size_t)n : 1;
	return n > 0 ? utf8proc_charwidth(c) : 0;
}

int ct_text_width(struct ct_str text)
{
	int width = 0;

	while (text.len > 0) {
		size_t used = 1;
		if ((unsigned char)text.ptr[0] < 0x80)
			width += text.ptr[0] >= ' ' && text.ptr[0] != 0x7F;
		else
			width += next_width(text, &used);
		text = ct_str_from(text, used);
	}
	return width;
}

size_t ct_text_fit(struct ct_str text, int columns)
{
	size_t at = 0;

	while (at < text.len) {
		size_t used;
		columns -= next_width(ct_str_from(text, at), &used);
		if (columns < 0)
			break;
		at += used;
	}
	return at;
}

size_t ct_text_lines(struct ct_str text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	return lines;
}

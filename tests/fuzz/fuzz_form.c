/*
 * Any bytes as a form and its Content-Type (up to the first line end), and as a text to speak: views
 * stay inside, parts go forward, sentences lose nothing but blanks.
 */
#include <stdint.h>
#include <stdlib.h>

#include "codec/form.h"
#include "codec/sentences.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
	if (!holds)
		abort();
}

static bool is_within(struct ct_str part, struct ct_str whole)
{
	return part.ptr == NULL ||
	       (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void read_form(struct ct_str type, struct ct_str body)
{
	struct ct_str boundary = ct_form_boundary(type);
	struct ct_form_part part;
	size_t at = 0, before = 0;

	insist(is_within(boundary, type));
	while (boundary.ptr != NULL && ct_form_next(body, boundary, &at, &part) == 1) {
		insist(at > before && at <= body.len);
		insist(is_within(part.name, body) && is_within(part.filename, body) &&
		       is_within(part.type, body) && is_within(part.value, body));
		before = at;
	}
}

static void split(struct ct_str text, size_t limit)
{
	while (text.len > 0) {
		struct ct_str rest, piece = ct_sentences_next(text, limit, &rest);
		insist(is_within(piece, text) && is_within(rest, text));
		insist(rest.len < text.len);
		text = rest;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_str all = { (const char *)data, size };
	const char *end = size > 0 ? memchr(data, '\n', size) : NULL;

	if (size == 0)
		return 0;
	split(all, data[0] % 16 + 1u);
	if (end == NULL)
		return 0;
	struct ct_str type = { all.ptr, (size_t)(end - all.ptr) };
	read_form(type, ct_str_from(all, type.len + 1));
	return 0;
}

#include "codec/plain.h"

#include "codec/plain_html.h"
#include "codec/utf8.h"

enum { TEXT_BYTES = 64 << 20 };

/* A line while it is written. */
struct line {
	struct ct_buf *out;
	bool blank; /* one is due before the next character */
	bool begun;
};

static bool is_blank(uint32_t c)
{
	return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
	       c == 0x205F || c == 0x3000;
}

/* Control characters, and what turns the direction of all that follows or cannot be seen. */
static bool is_unfit(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C ||
	       c == 0x200B || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F) ||
	       (c >= 0xFFF9 && c <= 0xFFFB);
}

static void encode(uint32_t c, struct ct_buf *out)
{
	char bytes[4];
	size_t len = 1;

	if (c < 0x80) {
		bytes[0] = (char)c;
	} else if (c < 0x800) {
		len = 2;
		bytes[0] = (char)(0xC0 | c >> 6);
	} else if (c < 0x10000) {
		len = 3;
		bytes[0] = (char)(0xE0 | c >> 12);
	} else {
		len = 4;
		bytes[0] = (char)(0xF0 | c >> 18);
	}
	for (size_t i = 1; i < len; i++)
		bytes[i] = (char)(0x80 | (c >> (6 * (len - 1 - i)) & 0x3F));
	ct_buf_append(out, bytes, len);
}

/* One character of valid text; *used: its bytes. */
static uint32_t decode(struct ct_str text, size_t *used)
{
	const unsigned char *b = (const unsigned char *)text.ptr;
	size_t len = b[0] < 0x80 ? 1 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
	uint32_t c = len == 1 ? b[0] : b[0] & (0x7Fu >> len);

	for (size_t i = 1; i < len; i++)
		c = c << 6 | (b[i] & 0x3F);
	*used = len;
	return c;
}

static void put(struct line *line, uint32_t c)
{
	if (is_blank(c)) {
		line->blank = line->begun;
		return;
	}
	if (is_unfit(c))
		return;
	if (line->blank)
		ct_buf_append(line->out, " ", 1);
	line->blank = false;
	line->begun = true;
	encode(c, line->out);
}

/* Valid as it is, or made so in clean. */
static struct ct_str valid(struct ct_str text, struct ct_buf *clean)
{
	if (ct_utf8_valid(text) == text.len)
		return text;
	ct_utf8_clean(text, clean);
	return ct_buf_str(clean);
}

/* One character, tag or reference of HTML; its bytes. *c: what it means, 0: nothing. */
static size_t take_html(struct ct_str text, uint32_t *c, bool *apart)
{
	size_t used = 0;

	if (text.ptr[0] == '<')
		used = ct_html_tag(text, apart);
	else if (text.ptr[0] == '&')
		used = ct_html_reference(text, c);
	if (used == 0) /* neither a tag nor a reference after all */
		*c = decode(text, &used);
	return used;
}

static void add_line(struct ct_str text, bool html, struct ct_buf *out)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(TEXT_BYTES);
	struct line line = { .out = out };

	text = valid(text, &clean);
	while (text.len > 0) {
		size_t used = 0;
		uint32_t c = 0;
		bool apart = false;

		if (html)
			used = take_html(text, &c, &apart);
		else
			c = decode(text, &used);
		if (apart)
			put(&line, ' ');
		if (c != 0)
			put(&line, c);
		text = ct_str_from(text, used);
	}
	if (clean.failed != CT_OK && out->failed == CT_OK)
		out->failed = clean.failed;
}

void ct_plain_line(struct ct_str text, struct ct_buf *out)
{
	add_line(text, true, out);
}

void ct_plain_literal(struct ct_str text, struct ct_buf *out)
{
	add_line(text, false, out);
}

void ct_plain_url(struct ct_str url, struct ct_buf *out)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(TEXT_BYTES);

	url = valid(url, &clean);
	for (size_t used; url.len > 0; url = ct_str_from(url, used)) {
		uint32_t c = decode(url, &used);
		if (!is_blank(c) && !is_unfit(c)) {
			ct_buf_append(out, url.ptr, used);
			continue;
		}
		for (size_t i = 0; i < used; i++)
			ct_buf_printf(out, "%%%02X", (unsigned char)url.ptr[i]);
	}
	if (clean.failed != CT_OK && out->failed == CT_OK)
		out->failed = clean.failed;
}

void ct_plain_lines(struct ct_str text, struct ct_buf *out)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(TEXT_BYTES);

	text = valid(text, &clean);
	for (size_t used; text.len > 0; text = ct_str_from(text, used)) {
		uint32_t c = decode(text, &used);
		if (c == '\n' || c == '\t' || !is_unfit(c))
			ct_buf_append(out, text.ptr, used);
	}
	if (clean.failed != CT_OK && out->failed == CT_OK)
		out->failed = clean.failed;
}

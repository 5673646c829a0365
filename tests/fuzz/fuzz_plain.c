/* Any bytes as what a page has: the line is valid, without controls and folded; so are the lines. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/plain.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
	if (!holds)
		abort();
}

static bool has_controls(const struct ct_buf *text, bool lines)
{
	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->ptr[i];
		if ((c < 0x20 && !(lines && (c == '\n' || c == '\t'))) || c == 0x7F)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_buf line = CT_BUF_INIT(8 << 20), lines = CT_BUF_INIT(8 << 20);
	struct ct_buf code = CT_BUF_INIT(8 << 20), url = CT_BUF_INIT(8 << 20);
	struct ct_str text = { (const char *)data, size };

	ct_plain_line(text, &line);
	insist(ct_utf8_valid(ct_buf_str(&line)) == line.len);
	insist(!has_controls(&line, false));
	insist(line.len == 0 || (line.ptr[0] != ' ' && line.ptr[line.len - 1] != ' '));
	insist(!ct_str_has(ct_buf_str(&line), "  "));
	ct_plain_lines(text, &lines);
	insist(ct_utf8_valid(ct_buf_str(&lines)) == lines.len);
	insist(!has_controls(&lines, true));
	ct_plain_literal(text, &code);
	insist(ct_utf8_valid(ct_buf_str(&code)) == code.len);
	insist(!has_controls(&code, false) && !ct_str_has(ct_buf_str(&code), "  "));
	ct_plain_url(text, &url);
	insist(ct_utf8_valid(ct_buf_str(&url)) == url.len);
	insist(!has_controls(&url, false) && !ct_str_has(ct_buf_str(&url), " "));
	ct_buf_fini(&code);
	ct_buf_fini(&url);
	ct_buf_fini(&line);
	ct_buf_fini(&lines);
	return 0;
}

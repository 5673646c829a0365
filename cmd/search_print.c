/* What was found, for people: fitted to the terminal, whole elsewhere. */
#include <stdio.h>

#include "codec/plain.h"
#include "markdown.h"
#include "search.h"
#include "setup.h"

enum { TEXT_BYTES = 256 << 20, LINE_BYTES = 256 << 10, SNIPPET_LINES = 3, LEAST_WIDTH = 20 };

/* https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda: bytes 32 to 126 only */
static void add_target(struct ct_buf *line, struct ct_str url)
{
	ct_buf_puts(line, "\033]8;;");
	for (size_t i = 0; i < url.len; i++) {
		unsigned char c = (unsigned char)url.ptr[i];
		if (c > ' ' && c < 0x7F)
			ct_buf_append(line, url.ptr + i, 1);
		else
			ct_buf_printf(line, "%%%02X", c);
	}
	ct_buf_puts(line, "\033\\");
}

/* As much of it as fits, with "…" where it does not all. */
static void add_fitted(struct ct_buf *line, struct ct_str text, int columns)
{
	if (columns <= 0 || ct_text_width(text) <= columns) {
		ct_buf_add(line, text);
		return;
	}
	text.len = ct_text_fit(text, columns - 1);
	ct_buf_add(line, text);
	ct_buf_puts(line, "…");
}

void ct_search_print_link(struct ct_out *out, const char *sgr, struct ct_str text,
			  struct ct_str url, int indent)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(LINE_BYTES);
	bool link = ct_setup_links(out) && (ct_str_starts(url, "http://") ||
					    ct_str_starts(url, "https://"));

	if (out->color)
		ct_buf_printf(&line, "\033[%sm", sgr);
	if (link)
		add_target(&line, url);
	add_fitted(&line, text, out->width > 0 ? out->width - indent : 0);
	if (link)
		ct_buf_puts(&line, "\033]8;;\033\\");
	if (out->color)
		ct_buf_puts(&line, "\033[0m");
	ct_buf_puts(&line, "\n");
	ct_out_write(out, ct_buf_str(&line));
}

/* Bytes of text for one line, broken at a blank where there is one. */
static size_t line_length(struct ct_str text, int columns)
{
	size_t fits = ct_text_fit(text, columns);

	if (fits >= text.len)
		return text.len;
	for (size_t at = fits; at > 0; at--)
		if (text.ptr[at] == ' ')
			return at;
	return fits > 0 ? fits : text.len;
}

static void print_snippet(struct ct_out *out, struct ct_str text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(LINE_BYTES);
	int columns = out->width - 4;

	if (text.len == 0)
		return;
	for (int i = 0; columns >= LEAST_WIDTH && i < SNIPPET_LINES && text.len > 0; i++) {
		size_t len = line_length(text, columns);
		ct_buf_puts(&line, "    ");
		if (i + 1 < SNIPPET_LINES)
			ct_buf_append(&line, text.ptr, len);
		else
			add_fitted(&line, text, columns);
		ct_buf_puts(&line, "\n");
		text = ct_str_trim(ct_str_from(text, len));
	}
	if (columns < LEAST_WIDTH)
		ct_buf_printf(&line, "    %.*s\n", CT_STR_ARG(text));
	ct_out_write(out, ct_buf_str(&line));
}

void ct_search_print(struct ct_out *out, const struct ct_found *found, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct ct_found *f = &found[i];
		char number[32];
		int indent = snprintf(number, sizeof(number), "%2zu. ", i + 1);

		ct_out_printf(out, "%s%s", i > 0 ? "\n" : "", number);
		ct_search_print_link(out, "1", f->title.len > 0 ? f->title : f->url, f->url,
				     indent);
		ct_out_write(out, ct_str("    "));
		ct_search_print_link(out, "36", f->url, f->url, 4);
		print_snippet(out, f->text);
	}
}

void ct_search_print_prose(struct ct_out *out, struct ct_str prose)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf plain = CT_BUF_INIT(TEXT_BYTES);
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_markdown_style style = { out->width, out->color, ct_setup_links(out) };
	struct ct_markdown *md = NULL;

	ct_plain_lines(ct_str_trim(prose), &plain);
	if (plain.len == 0)
		return;
	if (out->is_tty && out->width > 0)
		md = ct_markdown_create(&style);
	if (md != NULL) {
		ct_markdown_feed(md, ct_buf_str(&plain), &text);
		ct_markdown_finish(md, &text);
		ct_markdown_destroy(md);
	} else {
		ct_buf_add(&text, ct_buf_str(&plain));
		ct_buf_puts(&text, "\n");
	}
	ct_out_write(out, ct_buf_str(&text));
}

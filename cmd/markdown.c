/* Blocks: what a line belongs to, and what is written when a block begins, grows and ends. */
#include "markdown.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "markdown_impl.h"
#include "out.h"

enum { PIECE_BYTES = 64 << 10, TAB = 4, CODE_MARGIN = 2 };

static void write_code_line(struct ct_markdown *md, struct ct_str code)
{
	ct_md_write_margin(md, md->out);
	if (code.len > 0) {
		ct_buf_printf(md->out, "%*s", CODE_MARGIN, "");
		ct_fill_style(md->out, md->style.color, CT_CODE, code);
	}
	ct_buf_puts(md->out, "\n");
}

static void end_leaf(struct ct_markdown *md)
{
	if (md->leaf == CT_MD_PARAGRAPH)
		ct_md_text_end(md);
	else if (md->leaf == CT_MD_TABLE)
		ct_md_table_write(md);
	md->leaf = CT_MD_NO_LEAF;
	md->code_blanks = 0;
	ct_buf_clear(&md->table);
	md->table_lines = 0;
}

/* A block begins with that line: end the one before, and go where the line stands. */
static void begin_block(struct ct_markdown *md, const struct ct_md_line *line, bool apart)
{
	end_leaf(md);
	ct_md_close_to(md, line->matched);
	bool inside = false;
	for (size_t i = 0; i < md->depth; i++)
		inside = inside || md->marker_due[i];
	if (md->begun && !inside && (md->blank_due || apart))
		ct_md_write_blank(md);
	for (size_t i = 0; i < line->fresh_count; i++)
		ct_md_open_container(md, &line->fresh[i]);
	if (line->fresh_count == 0)
		md->last_number[md->depth] = -1;
	md->begun = true;
	md->blank_due = false;
	md->fill.left = ct_md_margin(md);
}

static struct ct_str without_hashes(struct ct_str text)
{
	size_t n = text.len;

	while (n > 0 && text.ptr[n - 1] == '#')
		n--;
	if (n == 0 || text.ptr[n - 1] == ' ')
		text.len = n;
	return ct_str_trim(text);
}

static void write_heading(struct ct_markdown *md, struct ct_str text)
{
	size_t level = 0;

	while (level < text.len && text.ptr[level] == '#')
		level++;
	struct ct_str title = without_hashes(ct_str_trim(ct_str_from(text, level)));
	if (title.len == 0)
		return;
	if (!md->style.color) {
		ct_fill_text(&md->fill, (struct ct_str){ "######", level }, 0);
		ct_fill_blank(&md->fill);
	}
	ct_md_text_whole(md, title, CT_HEADING | (level == 1 ? CT_TITLE : 0u));
}

static void write_rule(struct ct_markdown *md, char c)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf rule = CT_BUF_INIT(PIECE_BYTES);
	int left = ct_md_write_margin(md, md->out);

	do
		ct_buf_puts(&rule, c == '=' ? "═" : "─");
	while (++left < md->style.width);
	ct_fill_style(md->out, md->style.color, CT_FAINT, ct_buf_str(&rule));
	ct_buf_puts(md->out, "\n");
}

static void begin_code(struct ct_markdown *md, struct ct_str text, size_t indent)
{
	size_t n = 0;

	while (n < text.len && text.ptr[n] == text.ptr[0])
		n++;
	md->leaf = CT_MD_CODE;
	md->fence_char = text.ptr[0];
	md->fence_len = n;
	md->fence_indent = indent;
	struct ct_str info = ct_str_trim(ct_str_from(text, n));
	const char *end = info.len > 0 ? memchr(info.ptr, ' ', info.len) : NULL;
	if (end != NULL)
		info.len = (size_t)(end - info.ptr);
	if (info.len == 0)
		return;
	int left = ct_md_write_margin(md, md->out);
	info.len = ct_text_fit(info, md->style.width > left ? md->style.width - left : 1);
	ct_fill_style(md->out, md->style.color, CT_FAINT, info);
	ct_buf_puts(md->out, "\n");
}

/* The row under a table's head: md4c wants three dashes where one is allowed. */
static void add_delimiters(struct ct_markdown *md, struct ct_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		bool first = text.ptr[i] == '-' && (i == 0 || text.ptr[i - 1] != '-');
		ct_buf_append(&md->table, first ? "---" : text.ptr + i, first ? 3 : 1);
	}
}

static void add_row(struct ct_markdown *md, struct ct_str text)
{
	if (md->table_lines == 1)
		add_delimiters(md, text);
	else
		ct_buf_add(&md->table, text);
	ct_buf_puts(&md->table, "\n");
	md->table_lines++;
}

static bool goes_on(const struct ct_markdown *md, const struct ct_md_line *line)
{
	return line->matched == md->depth && line->fresh_count == 0;
}

static void take_row(struct ct_markdown *md, const struct ct_md_line *line, struct ct_str text)
{
	bool fits = md->table_lines != 1 || ct_md_is_delimiter_row(text);

	if (md->leaf != CT_MD_TABLE || !goes_on(md, line) || !fits ||
	    md->table_lines == CT_MD_TABLE_LINES ||
	    md->table.len + text.len + 1 > CT_MD_TABLE_BYTES) {
		begin_block(md, line, false);
		md->leaf = CT_MD_TABLE;
	}
	add_row(md, text);
}

static void take_indented(struct ct_markdown *md, const struct ct_md_line *line,
			  struct ct_str text)
{
	if (md->leaf == CT_MD_INDENTED_CODE && goes_on(md, line)) {
		for (; md->code_blanks > 0; md->code_blanks--)
			write_code_line(md, (struct ct_str){ "", 0 });
	} else {
		begin_block(md, line, false);
		md->leaf = CT_MD_INDENTED_CODE;
	}
	md->blank_due = false;
	write_code_line(md, text);
}

static void take_blank(struct ct_markdown *md, const struct ct_md_line *line)
{
	if (line->fresh_count > 0) {
		begin_block(md, line, false);
		return;
	}
	if (md->leaf == CT_MD_INDENTED_CODE)
		md->code_blanks++;
	else
		end_leaf(md);
	for (size_t i = line->matched; i < md->depth; i++)
		if (md->containers[i].kind == CT_MD_QUOTE) {
			end_leaf(md);
			ct_md_close_to(md, i);
		}
	md->blank_due = md->begun;
}

/* A line's text is known to belong to a paragraph; the rest of it comes character by character. */
static void take_text(struct ct_markdown *md, const struct ct_md_line *line, struct ct_str text)
{
	bool lazy = md->leaf == CT_MD_PARAGRAPH && line->fresh_count == 0;

	if (!lazy) {
		begin_block(md, line, false);
		md->leaf = CT_MD_PARAGRAPH;
		md->text.blanks = 1; /* those before the text do not count */
	}
	md->in_text = true;
	while (text.len > 0) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text.ptr,
						      (utf8proc_ssize_t)text.len, &c);
		size_t used = n > 0 ? (size_t)n : 1;
		ct_md_text_char(md, (struct ct_str){ text.ptr, used });
		text = ct_str_from(text, used);
	}
}

static void take_block(struct ct_markdown *md, const struct ct_md_line *line, struct ct_str text)
{
	switch (line->what) {
	case CT_MD_HEAD:
		begin_block(md, line, true);
		write_heading(md, text);
		break;
	case CT_MD_RULE:
		begin_block(md, line, false);
		write_rule(md, text.ptr[0]);
		break;
	case CT_MD_FENCE:
		begin_block(md, line, false);
		begin_code(md, text, line->indent);
		break;
	case CT_MD_ROW:
		take_row(md, line, text);
		break;
	case CT_MD_INDENTED:
		take_indented(md, line, text);
		break;
	case CT_MD_BLANK:
		take_blank(md, line);
		break;
	default:
		take_text(md, line, text);
		break;
	}
}

static struct ct_md_open open_of(const struct ct_markdown *md)
{
	return (struct ct_md_open){ md->containers, md->depth, md->leaf == CT_MD_PARAGRAPH };
}

/* Does the line end the code block? */
static bool is_fence_end(const struct ct_markdown *md, struct ct_str text)
{
	size_t n = 0;

	text = ct_str_trim(text);
	while (n < text.len && text.ptr[n] == md->fence_char)
		n++;
	return n >= md->fence_len && n == text.len;
}

/* A whole line of a code block; false: it stands outside, and is looked at again. */
static bool take_code_line(struct ct_markdown *md)
{
	struct ct_md_open open = open_of(md);
	struct ct_str line = ct_buf_str(&md->line);
	size_t at = 0, most = 0;

	if (!ct_md_line_inside(&open, line, &at)) {
		md->leaf = CT_MD_NO_LEAF;
		return false;
	}
	line = ct_str_from(line, at);
	if (is_fence_end(md, line)) {
		md->leaf = CT_MD_NO_LEAF;
		return true;
	}
	while (most < md->fence_indent && most < line.len && line.ptr[most] == ' ')
		most++;
	write_code_line(md, ct_str_from(line, most));
	return true;
}

/* The line is whole (or the text has ended in it). */
static void end_line(struct ct_markdown *md)
{
	struct ct_md_open open;
	struct ct_md_line line;

	if (md->in_text) {
		ct_md_text_line_end(md);
	} else if (md->leaf != CT_MD_CODE || !take_code_line(md)) {
		open = open_of(md);
		ct_md_line_read(&open, ct_buf_str(&md->line), true, &line);
		take_block(md, &line, ct_str_from(ct_buf_str(&md->line), line.at));
		if (md->in_text)
			ct_md_text_line_end(md);
	}
	md->in_text = md->wait_line = false;
	ct_buf_clear(&md->line);
}

/* The line so far: is it a paragraph's already? */
static void look(struct ct_markdown *md)
{
	struct ct_md_open open = open_of(md);
	struct ct_md_line line;

	ct_md_line_read(&open, ct_buf_str(&md->line), false, &line);
	md->wait_line = line.what != CT_MD_MORE && line.what != CT_MD_TEXT;
	if (line.what == CT_MD_TEXT)
		take_text(md, &line, ct_str_from(ct_buf_str(&md->line), line.at));
}

/* Tabs before the text are blanks up to the next of every fourth column. */
static void add_to_line(struct ct_markdown *md, struct ct_str bytes)
{
	if (bytes.ptr[0] != '\t' || md->leaf == CT_MD_CODE || md->wait_line) {
		ct_buf_add(&md->line, bytes);
		return;
	}
	do
		ct_buf_puts(&md->line, " ");
	while (md->line.len % TAB != 0);
}

static void take_char(struct ct_markdown *md, struct ct_str bytes)
{
	if (bytes.ptr[0] == '\n') {
		end_line(md);
		return;
	}
	if (md->in_text) {
		ct_md_text_char(md, bytes);
		return;
	}
	add_to_line(md, bytes);
	if (md->line.len > CT_MD_LINE_BYTES - TAB)
		end_line(md);
	else if (!md->wait_line && md->leaf != CT_MD_CODE)
		look(md);
}

static void take_text_bytes(struct ct_markdown *md, struct ct_str text)
{
	while (text.len > 0) {
		unsigned char first = (unsigned char)text.ptr[0];
		size_t n = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

		n = n < text.len ? n : text.len;
		take_char(md, (struct ct_str){ text.ptr, n });
		text = ct_str_from(text, n);
	}
}

static void take_clean(struct ct_markdown *md, const struct ct_buf *text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf safe = CT_BUF_INIT(2 * PIECE_BYTES);

	ct_utf8_printable(ct_buf_str(text), &safe);
	take_text_bytes(md, ct_buf_str(&safe));
}

void ct_markdown_feed(struct ct_markdown *md, struct ct_str text, struct ct_buf *out)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(4 * PIECE_BYTES);

	md->out = md->fill.out = out;
	while (text.len > 0) {
		size_t n = text.len < PIECE_BYTES / 8 ? text.len : PIECE_BYTES / 8;
		ct_buf_clear(&clean);
		ct_utf8_join(&md->joiner, (struct ct_str){ text.ptr, n }, &clean);
		take_clean(md, &clean);
		text = ct_str_from(text, n);
	}
}

static void reset(struct ct_markdown *md)
{
	md->leaf = CT_MD_NO_LEAF;
	md->depth = 0;
	md->begun = md->blank_due = md->in_text = md->wait_line = false;
	for (size_t i = 0; i <= CT_MD_DEPTH; i++)
		md->last_number[i] = -1;
	md->reader.link = 0;
}

void ct_markdown_finish(struct ct_markdown *md, struct ct_buf *out)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(PIECE_BYTES);

	md->out = md->fill.out = out;
	ct_utf8_flush(&md->joiner, &clean);
	take_clean(md, &clean);
	if (md->in_text || md->line.len > 0)
		end_line(md);
	end_leaf(md);
	ct_md_close_to(md, 0);
	reset(md);
}

void ct_markdown_resize(struct ct_markdown *md, int width)
{
	md->style.width = width > CT_MD_WIDTH_LEAST ? width : CT_MD_WIDTH_LEAST;
	md->fill.width = md->style.width;
}

struct ct_markdown *ct_markdown_create(const struct ct_markdown_style *style)
{
	struct ct_markdown *md = calloc(1, sizeof(*md));

	if (md == NULL)
		return NULL;
	md->style = *style;
	md->line = (struct ct_buf)CT_BUF_INIT(CT_MD_LINE_BYTES);
	md->table = (struct ct_buf)CT_BUF_INIT(CT_MD_TABLE_BYTES + CT_MD_LINE_BYTES);
	md->text.segment = (struct ct_buf)CT_BUF_INIT(CT_MD_LINE_BYTES);
	ct_fill_init(&md->fill, NULL, style->width);
	ct_md_reader_init(&md->reader, style->color, style->links);
	md->fill.color = style->color;
	md->fill.links = style->links;
	md->fill.margin = ct_md_write_margin;
	md->fill.user = md;
	ct_markdown_resize(md, style->width);
	reset(md);
	return md;
}

void ct_markdown_destroy(struct ct_markdown *md)
{
	if (md == NULL)
		return;
	ct_buf_fini(&md->line);
	ct_buf_fini(&md->table);
	ct_buf_fini(&md->text.segment);
	ct_fill_fini(&md->fill);
	ct_md_reader_fini(&md->reader);
	free(md);
}

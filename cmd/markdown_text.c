/*
 * A paragraph as it grows: given to the filler in segments that end where nothing is open, so that
 * each can be read by itself and none is read twice.
 */
#include <utf8proc.h>

#include "markdown_impl.h"

enum { SEGMENT_BYTES = 16 << 10 }; /* a word is no longer */

static bool is_blank(char c)
{
	return c == ' ' || c == '\0';
}

static bool is_punct(char c)
{
	return c > ' ' && c < 0x7F && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
	       !(c >= 'A' && c <= 'Z');
}

/* https://spec.commonmark.org/0.31.2/#delimiter-run, with all that is not ASCII as letters */
static void end_run(struct ct_md_scan *s, char next)
{
	static const char chars[] = "*_~";
	size_t run = s->run, *open;

	s->run = 0;
	if (run == 0)
		return;
	if (s->run_char == '`') {
		if (s->ticks == 0)
			s->ticks = run;
		else if (s->ticks == run)
			s->ticks = 0;
		return;
	}
	open = &s->open[strchr(chars, s->run_char) - chars];
	char before = s->before_run;
	bool left = !is_blank(next) && (!is_punct(next) || is_blank(before) || is_punct(before));
	bool right = !is_blank(before) && (!is_punct(before) || is_blank(next) || is_punct(next));
	bool word = s->run_char == '_' && left && right;
	if (right && *open > 0 && !(word && !is_punct(next)))
		*open -= run < *open ? run : *open;
	else if (left && !(word && !is_punct(before)))
		*open += run;
}

static bool is_held(const struct ct_md_scan *s)
{
	return s->ticks > 0 || s->open[0] + s->open[1] + s->open[2] > 0 || s->brackets > 0 ||
	       s->parens > 0 || s->escaped;
}

static void scan_link(struct ct_md_scan *s, char c)
{
	bool closed = s->closed;

	s->closed = c == ']' && s->brackets > 0;
	if (c == '[')
		s->brackets++;
	else if (s->closed)
		s->brackets--;
	else if (c == '(' && (closed || s->parens > 0))
		s->parens++;
	else if (c == ')' && s->parens > 0)
		s->parens--;
}

static void scan(struct ct_md_scan *s, char c)
{
	bool run = c == '`' || c == '*' || c == '_' || c == '~';

	s->special = s->special || run || strchr("[]<>&\\:@", c) != NULL;
	if (s->run > 0 && c != s->run_char)
		end_run(s, c);
	if (s->escaped) {
		s->escaped = false;
	} else if (s->ticks > 0 && c != '`') {
		/* code: nothing else counts */
	} else if (c == '\\') {
		s->escaped = true;
	} else if (run) {
		if (s->run == 0)
			s->before_run = s->last;
		s->run_char = c;
		s->run++;
	} else {
		scan_link(s, c);
	}
	s->last = c;
}

static void give(void *user, const struct ct_md_reader *reader, struct ct_str text)
{
	struct ct_markdown *md = user;

	md->fill.url = reader->url;
	md->fill.link = reader->link;
	ct_fill_text(&md->fill, text, reader->style);
}

static void give_segment(struct ct_markdown *md, unsigned style)
{
	struct ct_str text = ct_buf_str(&md->text.segment);

	md->reader.text = give;
	md->reader.block = NULL;
	md->reader.user = md;
	if (md->text.scan.special || ct_str_has(text, "www."))
		ct_md_read_inline(&md->reader, text, style);
	else
		ct_fill_text(&md->fill, text, style);
	ct_buf_clear(&md->text.segment);
	md->text.scan = (struct ct_md_scan){ 0 };
}

/* What stands between two words: give what is certain, or keep it for the segment. */
static void between(struct ct_markdown *md, char mark)
{
	struct ct_md_text *t = &md->text;

	if (t->scan.run > 0)
		end_run(&t->scan, ' ');
	if (is_held(&t->scan) && t->segment.len < CT_MD_HELD_BYTES) {
		ct_buf_append(&t->segment, &mark, 1);
		t->scan.last = ' ';
		return;
	}
	give_segment(md, 0);
	if (mark == CT_MARK_BREAK)
		ct_fill_break(&md->fill);
	else
		ct_fill_blank(&md->fill);
}

/* The line before has ended and the paragraph goes on: a hard break, or a blank. */
static void go_on(struct ct_markdown *md)
{
	struct ct_md_text *t = &md->text;
	bool hard = t->blanks >= 2 || t->scan.escaped;

	t->line_ended = false;
	if (t->scan.escaped && t->segment.len > 0)
		t->segment.ptr[--t->segment.len] = '\0';
	t->scan.escaped = false;
	if (hard || t->blanks == 0)
		between(md, hard ? CT_MARK_BREAK : ' ');
	t->blanks = 1;
}

void ct_md_text_char(struct ct_markdown *md, struct ct_str bytes)
{
	struct ct_md_text *t = &md->text;
	utf8proc_int32_t c = 0;

	if (t->line_ended)
		go_on(md);
	if (bytes.ptr[0] == ' ' || bytes.ptr[0] == '\t') {
		t->scan.escaped = false;
		if (t->blanks++ == 0)
			between(md, ' ');
		return;
	}
	t->blanks = 0;
	ct_buf_add(&t->segment, bytes);
	scan(&t->scan, (unsigned char)bytes.ptr[0] < 0x80 ? bytes.ptr[0] : 'a');
	if (t->segment.len > SEGMENT_BYTES)
		give_segment(md, 0);
	if (bytes.len < 3)
		return;
	utf8proc_iterate((const utf8proc_uint8_t *)bytes.ptr, (utf8proc_ssize_t)bytes.len, &c);
	if (ct_is_ideograph((uint32_t)c) && t->scan.run == 0 && !is_held(&t->scan))
		give_segment(md, 0);
}

void ct_md_text_line_end(struct ct_markdown *md)
{
	md->text.line_ended = true;
}

void ct_md_text_end(struct ct_markdown *md)
{
	if (md->text.scan.run > 0)
		end_run(&md->text.scan, ' ');
	give_segment(md, 0);
	ct_fill_end(&md->fill);
	md->text.blanks = 0;
	md->text.line_ended = false;
}

void ct_md_text_whole(struct ct_markdown *md, struct ct_str text, unsigned style)
{
	ct_buf_add(&md->text.segment, text);
	md->text.scan.special = true;
	give_segment(md, style);
	ct_fill_end(&md->fill);
}

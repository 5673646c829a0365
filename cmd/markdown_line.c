/* The rules are https://spec.commonmark.org/0.31.2/, sections 4 and 5, where markdown.h says no other. */
#include "markdown_line.h"

enum {
	CERTAIN_BYTES = 512, /* a line's beginning that is still nothing is text */
	CODE_INDENT = 4,
	LENIENT_INDENT = 2, /* what models indent, whatever the marker's width */
	DIGITS_MAX = 9,
};

struct reader {
	const struct ct_md_open *open;
	struct ct_str text;
	bool whole;
	size_t at;
	struct ct_md_line *line;
};

static char peek(const struct reader *r, size_t ahead)
{
	return r->at + ahead < r->text.len ? r->text.ptr[r->at + ahead] : '\0';
}

static bool at_end(const struct reader *r, size_t ahead)
{
	return r->at + ahead >= r->text.len;
}

static size_t blanks(const struct reader *r, size_t from)
{
	size_t n = from;

	while (peek(r, n) == ' ')
		n++;
	return n - from;
}

/* Past ">" and the blank after it; false: there is none, or (*more) it is not certain. */
static bool skip_quote(struct reader *r, bool *more)
{
	size_t n = blanks(r, 0);

	if (n >= CODE_INDENT || peek(r, n) != '>')
		return false;
	if (at_end(r, n + 1) && !r->whole) {
		*more = true;
		return false;
	}
	r->at += n + 1 + (peek(r, n + 1) == ' ');
	return true;
}

static bool skip_indent(struct reader *r, size_t indent)
{
	size_t n = blanks(r, 0), least = indent < LENIENT_INDENT ? indent : LENIENT_INDENT;

	if (at_end(r, n))
		return true; /* an empty line ends no item */
	if (n < least)
		return false;
	r->at += n < indent ? n : indent;
	return true;
}

/* The containers that the line stands in; false: not certain yet. */
static bool match(struct reader *r)
{
	bool more = false, inside = true;

	for (size_t i = 0; inside && i < r->open->count; i++) {
		const struct ct_md_container *c = &r->open->containers[i];
		if (at_end(r, blanks(r, 0)) && !r->whole)
			return false;
		inside = c->kind == CT_MD_QUOTE ? skip_quote(r, &more) :
						  skip_indent(r, c->indent);
		if (more)
			return false;
		r->line->matched += inside;
	}
	return true;
}

static enum ct_md_what head(const struct reader *r)
{
	size_t n = 0;

	while (peek(r, n) == '#')
		n++;
	if (at_end(r, n))
		return !r->whole ? CT_MD_MORE : n <= 6 ? CT_MD_HEAD : CT_MD_TEXT;
	return n <= 6 && peek(r, n) == ' ' ? CT_MD_HEAD : CT_MD_TEXT;
}

static enum ct_md_what fence(const struct reader *r)
{
	char c = peek(r, 0);
	size_t n = 0;

	while (peek(r, n) == c)
		n++;
	if (n < 3)
		return at_end(r, n) && !r->whole ? CT_MD_MORE : CT_MD_TEXT;
	if (c == '`' && memchr(r->text.ptr + r->at + n, '`', r->text.len - r->at - n) != NULL)
		return CT_MD_TEXT;
	return r->whole ? CT_MD_FENCE : CT_MD_MORE;
}

/* "---", "* * *", under a paragraph also "===": RULE; MORE: it may become one. */
static enum ct_md_what rule(const struct reader *r)
{
	char c = peek(r, 0);
	size_t count = 0;

	for (size_t i = 0; !at_end(r, i); i++) {
		count += peek(r, i) == c;
		if (peek(r, i) != c && peek(r, i) != ' ')
			return CT_MD_TEXT;
	}
	if (c == '+' || (c == '=' && !r->open->paragraph))
		return CT_MD_TEXT;
	if (!r->whole)
		return CT_MD_MORE;
	return count >= 3 ? CT_MD_RULE : CT_MD_TEXT;
}

/* "[ ] " or "[x] " after a marker: MORE, or TEXT with the task in *item. */
static enum ct_md_what task(struct reader *r, struct ct_md_container *item)
{
	char c = peek(r, 1);

	if (peek(r, 0) != '[')
		return CT_MD_TEXT;
	if (at_end(r, 3) && !r->whole)
		return CT_MD_MORE;
	if (strchr(" xX", c) == NULL || c == '\0' || peek(r, 2) != ']' || peek(r, 3) != ' ')
		return CT_MD_TEXT;
	item->task = c == ' ' ? CT_MD_TASK_OPEN : CT_MD_TASK_DONE;
	r->at += 4;
	return CT_MD_TEXT;
}

/* The marker's bytes at `from`, with its kind in *item; 0: none; *more: not certain. */
static size_t marker(const struct reader *r, size_t from, struct ct_md_container *item, bool *more)
{
	size_t n = from;
	char c = peek(r, n);

	*item = (struct ct_md_container){ .kind = CT_MD_ITEM, .number = -1, .mark = c };
	if (c == '-' || c == '*' || c == '+') {
		n++;
	} else {
		for (item->number = 0; peek(r, n) >= '0' && peek(r, n) <= '9'; n++)
			if (n - from < DIGITS_MAX)
				item->number = item->number * 10 + (peek(r, n) - '0');
		if (n == from || n - from > DIGITS_MAX)
			return 0;
		item->mark = peek(r, n);
		if (item->mark != '.' && item->mark != ')') {
			*more = at_end(r, n) && !r->whole;
			return 0;
		}
		n++;
	}
	*more = at_end(r, n) && !r->whole;
	return peek(r, n) == ' ' || at_end(r, n) ? n - from : 0;
}

/* May this marker end the open paragraph? Only one that can hardly be meant as text. */
static bool may_interrupt(const struct reader *r, const struct ct_md_container *item, bool empty)
{
	const struct ct_md_line *line = r->line;
	bool inside = r->open->paragraph && line->matched == r->open->count &&
		      line->fresh_count == 0;

	return !inside || (!empty && (item->number == -1 || item->number == 1));
}

/* An item that begins here: MORE, TEXT (there is none), or BLANK: opened, go on after it. */
static enum ct_md_what item(struct reader *r, size_t indent)
{
	struct ct_md_container fresh;
	bool more = false;
	size_t len = marker(r, indent, &fresh, &more);

	if (more)
		return CT_MD_MORE;
	if (len == 0)
		return CT_MD_TEXT;
	size_t after = blanks(r, indent + len);
	bool ends = at_end(r, indent + len + after);
	if (ends && !r->whole)
		return CT_MD_MORE;
	if (!may_interrupt(r, &fresh, ends))
		return CT_MD_TEXT;
	if (ends || after > CODE_INDENT)
		after = 1;
	size_t before = r->at;
	fresh.indent = indent + len + after;
	r->at += ends ? indent + len + blanks(r, indent + len) : fresh.indent;
	if (task(r, &fresh) == CT_MD_MORE) {
		r->at = before;
		return CT_MD_MORE;
	}
	r->line->fresh[r->line->fresh_count++] = fresh;
	return CT_MD_BLANK;
}

/* What stands here, quotes and items apart. */
static enum ct_md_what leaf(const struct reader *r)
{
	enum ct_md_what what;

	switch (peek(r, 0)) {
	case '#':
		what = head(r);
		return what == CT_MD_HEAD && !r->whole ? CT_MD_WHOLE : what;
	case '`':
	case '~':
		return fence(r);
	case '|':
		return r->whole ? CT_MD_ROW : CT_MD_WHOLE;
	case '-':
	case '*':
	case '+':
	case '_':
	case '=':
		return rule(r);
	default:
		return CT_MD_TEXT;
	}
}

/* One step: MORE, BLANK for "a container was opened, go on", or what the line is. */
static enum ct_md_what step(struct reader *r)
{
	size_t n = blanks(r, 0);
	bool more = false, room = r->open->count + r->line->fresh_count < CT_MD_DEPTH;
	bool lazy = r->open->paragraph && r->line->fresh_count == 0;

	if (n >= CODE_INDENT)
		return lazy ? CT_MD_TEXT : CT_MD_INDENTED;
	if (room && skip_quote(r, &more)) {
		r->line->fresh[r->line->fresh_count++] =
			(struct ct_md_container){ .kind = CT_MD_QUOTE, .number = -1 };
		return CT_MD_BLANK;
	}
	if (more)
		return CT_MD_MORE;
	r->at += n;
	enum ct_md_what what = leaf(r);
	r->at -= n;
	if (what != CT_MD_TEXT || !room)
		return what;
	return item(r, n);
}

void ct_md_line_read(const struct ct_md_open *open, struct ct_str text, bool whole,
		     struct ct_md_line *out)
{
	struct reader r = { open, text, whole, 0, out };
	enum ct_md_what what = CT_MD_BLANK;

	*out = (struct ct_md_line){ .what = CT_MD_MORE };
	if (!match(&r))
		what = CT_MD_MORE;
	while (what == CT_MD_BLANK) {
		if (at_end(&r, blanks(&r, 0))) {
			what = whole ? CT_MD_BLANK : CT_MD_MORE;
			break;
		}
		what = step(&r);
	}
	out->what = what;
	if (what == CT_MD_MORE && text.len > CERTAIN_BYTES)
		out->what = CT_MD_TEXT;
	out->indent = what == CT_MD_INDENTED ? CODE_INDENT : blanks(&r, 0);
	out->at = r.at + out->indent;
}

bool ct_md_line_inside(const struct ct_md_open *open, struct ct_str text, size_t *at)
{
	struct ct_md_line line = { 0 };
	struct reader r = { open, text, true, 0, &line };

	for (size_t i = 0; i < open->count; i++) {
		const struct ct_md_container *c = &open->containers[i];
		size_t n = blanks(&r, 0);
		bool more;
		if (c->kind == CT_MD_QUOTE && !skip_quote(&r, &more))
			return false;
		if (c->kind == CT_MD_ITEM)
			r.at += n < c->indent ? n : c->indent;
	}
	*at = r.at;
	return true;
}

bool ct_md_is_delimiter_row(struct ct_str text)
{
	bool dash = false;

	for (size_t i = 0; i < text.len; i++) {
		if (memchr("|-: ", text.ptr[i], 4) == NULL)
			return false;
		dash = dash || text.ptr[i] == '-';
	}
	return dash;
}

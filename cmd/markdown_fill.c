#include "markdown_fill.h"

#include <utf8proc.h>

#include "out.h"

void ct_fill_init(struct ct_fill *fill, struct ct_buf *out, int width)
{
	*fill = (struct ct_fill){ .out = out,
				  .width = width,
				  .word = CT_BUF_INIT(CT_WORD_BYTES) };
}

void ct_fill_fini(struct ct_fill *fill)
{
	ct_buf_fini(&fill->word);
}

bool ct_is_ideograph(uint32_t c)
{
	return (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xF900 && c <= 0xFAFF) ||
	       (c >= 0xFF01 && c <= 0xFF60) || (c >= 0x20000 && c <= 0x3FFFD);
}

/* Ideographic punctuation that does not begin a line, or does not end one. */
static bool is_closing(uint32_t c)
{
	static const uint32_t closing[] = { 0x3001, 0x3002, 0x3009, 0x300B, 0x300D, 0x300F,
					    0x3011, 0x3015, 0x30FC, 0xFF01, 0xFF09, 0xFF0C,
					    0xFF0E, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF3D, 0xFF5D };

	for (size_t i = 0; i < CT_COUNT(closing); i++)
		if (c == closing[i])
			return true;
	return c < 0x80 && c != 0 && strchr(".,;:!?)]}%\"'", (int)c) != NULL;
}

static bool is_opening(uint32_t c)
{
	static const uint32_t opening[] = { 0x3008, 0x300A, 0x300C, 0x300E, 0x3010,
					    0x3014, 0xFF08, 0xFF3B, 0xFF5B };

	for (size_t i = 0; i < CT_COUNT(opening); i++)
		if (c == opening[i])
			return true;
	return c == '(' || c == '[' || c == '{';
}

/* Select Graphic Rendition, ECMA-48 8.3.117 */
static void set_style(struct ct_buf *out, unsigned style)
{
	static const struct {
		unsigned style;
		const char *sgr;
	} codes[] = { { CT_STRONG, "1;" },   { CT_EM, "3;" },	   { CT_STRIKE, "9;" },
		      { CT_CODE, "36;" },    { CT_LINK, "4;34;" }, { CT_HEADING, "1;" },
		      { CT_TITLE, "4;" },    { CT_FAINT, "2;" } };
	char sgr[64] = "";

	for (size_t i = 0; i < CT_COUNT(codes); i++)
		if (style & codes[i].style)
			strcat(sgr, codes[i].sgr);
	if (*sgr != '\0')
		ct_buf_printf(out, "\033[%.*sm", (int)strlen(sgr) - 1, sgr);
}

void ct_fill_style(struct ct_buf *out, bool color, unsigned style, struct ct_str text)
{
	if (color)
		set_style(out, style);
	ct_buf_add(out, text);
	if (color && style)
		ct_buf_puts(out, "\033[0m");
}

static void close_style(struct ct_fill *fill)
{
	if (fill->word_style == 0)
		return;
	if (fill->word_link != 0)
		ct_buf_puts(&fill->word, "\033]8;;\033\\");
	if (fill->color)
		ct_buf_puts(&fill->word, "\033[0m");
	fill->word_style = fill->word_link = 0;
}

/* The hyperlink's number makes one of the parts that lines break it into. */
static void open_style(struct ct_fill *fill, unsigned style)
{
	unsigned link = fill->links && style & CT_LINK && fill->url.len > 0 ? fill->link : 0;

	if (fill->word_style == style && fill->word_link == link)
		return;
	close_style(fill);
	fill->word_style = style;
	fill->word_link = link;
	if (fill->color)
		set_style(&fill->word, style);
	if (link != 0) {
		ct_buf_printf(&fill->word, "\033]8;id=%u;", link);
		ct_buf_add(&fill->word, fill->url);
		ct_buf_puts(&fill->word, "\033\\");
	}
}

void ct_fill_open(struct ct_fill *fill)
{
	if (fill->open)
		return;
	fill->left = fill->margin ? fill->margin(fill->user, fill->out) : 0;
	fill->col = fill->left;
	fill->open = true;
}

static void end_line(struct ct_fill *fill)
{
	if (fill->open)
		ct_buf_puts(fill->out, "\n");
	fill->open = false;
}

static void put_word(struct ct_fill *fill)
{
	if (fill->word.len == 0)
		return;
	close_style(fill);
	int gap = fill->blank && fill->col > fill->left;
	bool full = fill->col > fill->left && fill->col + gap + fill->word_width > fill->width;
	if (full || fill->broken)
		end_line(fill);
	if (!fill->open) {
		ct_fill_open(fill);
		gap = 0;
	}
	if (gap)
		ct_buf_puts(fill->out, " ");
	fill->col += gap + fill->word_width;
	ct_buf_add(fill->out, ct_buf_str(&fill->word));
	ct_buf_clear(&fill->word);
	fill->word_width = 0;
	fill->last = 0;
	fill->blank = fill->broken = false;
}

/* May a line break between these two, though there is no blank? */
static bool may_break(uint32_t before, uint32_t after)
{
	bool wide = ct_is_ideograph(before) || ct_is_ideograph(after);

	return before != 0 && wide && !is_closing(after) && !is_opening(before);
}

static void add_char(struct ct_fill *fill, struct ct_str bytes, uint32_t c, unsigned style)
{
	int width = c < 0x80 ? 1 : ct_text_width(bytes);
	int room = fill->width - fill->left;

	if (may_break(fill->last, c) || fill->word_width + width > (room > 1 ? room : 2) ||
	    fill->word.len > CT_WORD_BYTES / 2)
		put_word(fill);
	open_style(fill, style);
	ct_buf_add(&fill->word, bytes);
	fill->word_width += width;
	fill->last = c;
}

void ct_fill_blank(struct ct_fill *fill)
{
	put_word(fill);
	fill->blank = true;
}

void ct_fill_break(struct ct_fill *fill)
{
	put_word(fill);
	fill->broken = true;
}

static void take_ascii(struct ct_fill *fill, const char *c, unsigned style)
{
	bool skip = fill->skip_blank;

	fill->skip_blank = *c == CT_MARK_START;
	if (*c == ' ' || *c == '\t' || *c == '\n') {
		if (!skip)
			ct_fill_blank(fill);
	} else if (*c == CT_MARK_BREAK) {
		ct_fill_break(fill);
	} else if (*c > ' ' && *c != 0x7F) {
		add_char(fill, (struct ct_str){ c, 1 }, (uint32_t)*c, style);
	}
}

void ct_fill_text(struct ct_fill *fill, struct ct_str text, unsigned style)
{
	while (text.len > 0) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = 1;

		if ((unsigned char)text.ptr[0] < 0x80) {
			take_ascii(fill, text.ptr, style);
		} else {
			n = utf8proc_iterate((const utf8proc_uint8_t *)text.ptr,
					     (utf8proc_ssize_t)text.len, &c);
			if (n > 0)
				add_char(fill, (struct ct_str){ text.ptr, (size_t)n },
					 (uint32_t)c, style);
		}
		text = ct_str_from(text, n > 0 ? (size_t)n : 1);
	}
}

void ct_fill_end(struct ct_fill *fill)
{
	put_word(fill);
	end_line(fill);
	fill->blank = fill->broken = fill->skip_blank = false;
}

/* The length of the escape sequence at the beginning of bytes: CSI … letter, OSC … ESC \. */
static size_t escape_len(struct ct_str bytes)
{
	size_t at = 2;

	if (bytes.len < 2)
		return bytes.len;
	if (bytes.ptr[1] == ']')
		while (at + 1 < bytes.len && (bytes.ptr[at] != '\033' || bytes.ptr[at + 1] != '\\'))
			at++;
	else
		while (at < bytes.len && (bytes.ptr[at] < '@' || bytes.ptr[at] > '~'))
			at++;
	at += bytes.ptr[1] == ']' ? 2 : 1;
	return at < bytes.len ? at : bytes.len;
}

int ct_fill_columns(struct ct_str bytes)
{
	int columns = 0;

	while (bytes.len > 0) {
		const char *esc = memchr(bytes.ptr, '\033', bytes.len);
		size_t plain = esc ? (size_t)(esc - bytes.ptr) : bytes.len;

		columns += ct_text_width((struct ct_str){ bytes.ptr, plain });
		bytes = ct_str_from(bytes, plain);
		if (bytes.len > 0)
			bytes = ct_str_from(bytes, escape_len(bytes));
	}
	return columns;
}

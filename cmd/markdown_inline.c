#include "markdown_inline.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/log.h"

enum { TEXT_BYTES = 1 << 20 };
enum {
	FLAGS = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEURLAUTOLINKS |
		MD_FLAG_PERMISSIVEWWWAUTOLINKS | MD_FLAG_NOHTMLBLOCKS |
		MD_FLAG_NOINDENTEDCODEBLOCKS,
};

static const unsigned styles[] = { CT_STRONG, CT_EM, CT_STRIKE, CT_CODE, CT_LINK };

static void load(struct ct_md_reader *r)
{
	static const char library[] = "libmd4c.so.0";
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	void *symbol = handle != NULL ? dlsym(handle, "md_parse") : NULL;

	if (symbol != NULL)
		memcpy(&r->parse, &symbol, sizeof(symbol));
	else
		ct_log(CT_LOG_INFO, "Markdown is shown plain, without %s (libmd4c0)", library);
}

void ct_md_reader_init(struct ct_md_reader *r, bool color, bool links)
{
	*r = (struct ct_md_reader){ .color = color,
				    .links = links,
				    .href = CT_BUF_INIT(CT_URL_BYTES),
				    .said = CT_BUF_INIT(CT_URL_BYTES) };
	load(r);
}

void ct_md_reader_fini(struct ct_md_reader *r)
{
	ct_buf_fini(&r->href);
	ct_buf_fini(&r->said);
}

static void say(struct ct_md_reader *r, struct ct_str text)
{
	r->style = r->base;
	for (size_t i = 0; i < CT_COUNT(styles); i++)
		if (r->depth[i] > 0)
			r->style |= styles[i];
	if (r->link_depth > 0)
		ct_buf_add(&r->said, text);
	r->text(r->user, r, text);
}

static uint32_t entity_char(struct ct_str name)
{
	static const struct {
		const char *name;
		uint32_t c;
	} known[] = { { "&amp;", '&' },	      { "&lt;", '<' },	      { "&gt;", '>' },
		      { "&quot;", '"' },      { "&apos;", '\'' },     { "&nbsp;", 0xA0 },
		      { "&copy;", 0xA9 },     { "&reg;", 0xAE },      { "&deg;", 0xB0 },
		      { "&ndash;", 0x2013 },  { "&mdash;", 0x2014 },  { "&hellip;", 0x2026 },
		      { "&lsquo;", 0x2018 },  { "&rsquo;", 0x2019 },  { "&ldquo;", 0x201C },
		      { "&rdquo;", 0x201D },  { "&bull;", 0x2022 },   { "&middot;", 0xB7 },
		      { "&times;", 0xD7 },    { "&euro;", 0x20AC },   { "&rarr;", 0x2192 },
		      { "&larr;", 0x2190 },   { "&le;", 0x2264 },     { "&ge;", 0x2265 },
		      { "&ne;", 0x2260 },     { "&plusmn;", 0xB1 } };
	char digits[16];

	for (size_t i = 0; i < CT_COUNT(known); i++)
		if (ct_str_is(name, known[i].name))
			return known[i].c;
	if (!ct_str_starts(name, "&#") || name.len < 4 || name.len > sizeof(digits))
		return 0;
	bool hex = name.ptr[2] == 'x' || name.ptr[2] == 'X';
	size_t from = hex ? 3 : 2, len = name.len - from - 1;
	memcpy(digits, name.ptr + from, len);
	digits[len] = '\0';
	return (uint32_t)strtoul(digits, NULL, hex ? 16 : 10);
}

/* An entity as its character; as it is written where it is unknown, or would be a control or turn the line. */
static struct ct_str entity(struct ct_str name, char out[4])
{
	uint32_t c = entity_char(name);
	bool control = c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
		       (c >= 0x2066 && c <= 0x2069);

	if (control || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return name;
	return (struct ct_str){ out, (size_t)utf8proc_encode_char((utf8proc_int32_t)c,
								  (utf8proc_uint8_t *)out) };
}

/* What a terminal may be given to open: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda */
static bool can_be_followed(struct ct_str url)
{
	static const char *const schemes[] = { "https://", "http://", "mailto:", "ftp://" };

	for (size_t i = 0; i < url.len; i++)
		if (url.ptr[i] <= ' ' || url.ptr[i] > '~')
			return false;
	for (size_t i = 0; i < CT_COUNT(schemes); i++)
		if (ct_str_starts(url, schemes[i]))
			return true;
	return false;
}

static void enter_link(struct ct_md_reader *r, const MD_ATTRIBUTE *href)
{
	if (r->link_depth++ > 0)
		return;
	ct_buf_clear(&r->href);
	ct_buf_clear(&r->said);
	for (size_t i = 0; href->text && href->substr_offsets[i] < href->size; i++) {
		MD_OFFSET from = href->substr_offsets[i], to = href->substr_offsets[i + 1];
		struct ct_str part = { href->text + from, to - from };
		char c[4];
		if (href->substr_types[i] == MD_TEXT_ENTITY)
			part = entity(part, c);
		ct_buf_add(&r->href, part);
	}
	r->link++;
	if (r->links && !r->href.failed && can_be_followed(ct_buf_str(&r->href)))
		r->url = ct_buf_str(&r->href);
}

/* The address of what cannot be followed by a click, unless it was said. */
static void leave_link(struct ct_md_reader *r)
{
	struct ct_str href = ct_buf_str(&r->href), said = ct_buf_str(&r->said);
	struct ct_str plain = ct_str_starts(href, "mailto:") ? ct_str_from(href, 7) : href;

	if (--r->link_depth > 0)
		return;
	bool shown = r->url.len > 0 || href.len == 0 || ct_str_eq(said, href) ||
		     ct_str_eq(said, plain) ||
		     (ct_str_starts(href, "http://") && ct_str_eq(said, ct_str_from(href, 7)));
	r->url = (struct ct_str){ NULL, 0 };
	if (shown)
		return;
	say(r, ct_str(" ("));
	say(r, href);
	say(r, ct_str(")"));
}

static int style_index(MD_SPANTYPE type)
{
	switch (type) {
	case MD_SPAN_STRONG:
		return 0;
	case MD_SPAN_EM:
		return 1;
	case MD_SPAN_DEL:
		return 2;
	case MD_SPAN_CODE:
		return 3;
	case MD_SPAN_A:
	case MD_SPAN_IMG:
		return 4;
	default:
		return -1;
	}
}

static int enter_span(MD_SPANTYPE type, void *detail, void *user)
{
	struct ct_md_reader *r = user;
	int index = style_index(type);

	if (index >= 0)
		r->depth[index]++;
	if (type == MD_SPAN_A)
		enter_link(r, &((MD_SPAN_A_DETAIL *)detail)->href);
	else if (type == MD_SPAN_IMG)
		enter_link(r, &((MD_SPAN_IMG_DETAIL *)detail)->src);
	else if (type == MD_SPAN_CODE && !r->color)
		say(r, ct_str("`"));
	return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *user)
{
	struct ct_md_reader *r = user;
	int index = style_index(type);

	(void)detail;
	if (type == MD_SPAN_CODE && !r->color)
		say(r, ct_str("`"));
	if (index >= 0)
		r->depth[index]--;
	if (type == MD_SPAN_A || type == MD_SPAN_IMG)
		leave_link(r);
	return 0;
}

static bool is_line_break(struct ct_str tag)
{
	return ct_str_is_nocase(tag, "<br>") || ct_str_is_nocase(tag, "<br/>") ||
	       ct_str_is_nocase(tag, "<br />");
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *user)
{
	static const char mark[] = { CT_MARK_BREAK, '\0' };
	struct ct_md_reader *r = user;
	struct ct_str piece = { text, size };
	char c[4];

	if (type == MD_TEXT_BR || (type == MD_TEXT_HTML && is_line_break(piece)))
		piece = ct_str(mark);
	else if (type == MD_TEXT_SOFTBR)
		piece = ct_str(" ");
	else if (type == MD_TEXT_NULLCHAR)
		piece = ct_str("\xEF\xBF\xBD");
	else if (type == MD_TEXT_ENTITY)
		piece = entity(piece, c);
	say(r, piece);
	return 0;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	struct ct_md_reader *r = user;

	if (r->block != NULL)
		r->block(r->user, type, detail, true);
	return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	struct ct_md_reader *r = user;

	if (r->block != NULL)
		r->block(r->user, type, detail, false);
	return 0;
}

static void parse(struct ct_md_reader *r, struct ct_str text)
{
	static const MD_PARSER parser = { 0,	       FLAGS,	    enter_block,
					  leave_block, enter_span,  leave_span,
					  on_text,     NULL,	    NULL };

	memset(r->depth, 0, sizeof(r->depth));
	r->link_depth = 0;
	r->url = (struct ct_str){ NULL, 0 };
	r->parse(text.ptr, (MD_SIZE)text.len, &parser, r);
}

void ct_md_read_inline(struct ct_md_reader *r, struct ct_str text, unsigned base)
{
	static const char start[] = { CT_MARK_START, ' ', '\0' };
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(TEXT_BYTES);

	ct_buf_puts(&line, start);
	ct_buf_add(&line, text);
	r->base = base;
	if (r->parse != NULL)
		parse(r, ct_buf_str(&line));
	else
		say(r, text);
}

void ct_md_read_table(struct ct_md_reader *r, struct ct_str text)
{
	r->base = 0;
	if (r->parse != NULL)
		parse(r, text);
}

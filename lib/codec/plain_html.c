#include "codec/plain_html.h"

#include <ctype.h>

#include "base/defs.h"

enum {
	TAG_MAX = 8 << 10, /* a tag longer than that is none */
	HIDDEN_MAX = 4 << 10, /* nor a comment, nor a script */
	NAME_MAX = 16,
};

/* Elements within a word or a sentence; all others stand apart from what is around them. */
static const char *const within[] = { "a",    "abbr",	"acronym", "b",	   "bdi",  "bdo",   "big",
				      "cite", "code",	"del",	   "dfn",  "em",   "font",  "i",
				      "ins",  "kbd",	"mark",	   "q",	   "s",	   "samp",  "small",
				      "span", "strike", "strong",  "sub",  "sup",  "tt",    "u",
				      "var",  "wbr" };

static const char *const apart_ones[] = {
	"address", "article",  "aside",	   "audio",    "base",	  "blockquote", "body",	    "br",
	"button",  "canvas",   "caption",  "center",   "col",	  "colgroup",	"dd",	    "details",
	"dialog",  "div",      "dl",	   "dt",       "embed",	  "fieldset",	"figcaption", "figure",
	"footer",  "form",     "frame",	   "frameset", "h1",	  "h2",		"h3",	    "h4",
	"h5",	   "h6",       "head",	   "header",   "hr",	  "html",	"iframe",   "img",
	"input",   "label",    "legend",   "li",       "link",	  "main",	"meta",	    "nav",
	"noscript", "object",  "ol",	   "optgroup", "option",  "p",		"param",    "picture",
	"pre",	   "progress", "script",   "section",  "select",  "source",	"style",    "summary",
	"svg",	   "table",    "tbody",	   "td",       "template", "textarea",	"tfoot",    "th",
	"thead",   "time",     "title",	   "tr",       "track",	  "ul",		"video",
};

static bool is_one_of(struct ct_str name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ct_str_is_nocase(name, list[i]))
			return true;
	return false;
}

static struct ct_str name_at(struct ct_str text, size_t at)
{
	size_t len = 0;

	while (at + len < text.len && len <= NAME_MAX &&
	       isalnum((unsigned char)text.ptr[at + len]))
		len++;
	return (struct ct_str){ text.ptr + at, len };
}

/* The byte behind the tag's '>', which may stand in a quoted attribute too; 0: it has none. */
static size_t tag_end(struct ct_str text, size_t at)
{
	char quote = 0;
	size_t most = text.len < TAG_MAX ? text.len : TAG_MAX; /* any number of '<' may come */
	size_t first = 0; /* '>' that may be within quotes */

	for (; at < most; at++) {
		char c = text.ptr[at];
		if (c == '>' && quote == 0)
			return at + 1;
		if (c == '>' && first == 0)
			first = at + 1;
		if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
	}
	return first; /* a quote that is never closed is none */
}

/* From at on behind that end, any case; 0: it is not there. */
static size_t behind(struct ct_str text, size_t at, const char *end)
{
	size_t len = strlen(end);

	size_t most = text.len - at < HIDDEN_MAX ? text.len : at + HIDDEN_MAX;

	for (; at + len <= most; at++)
		if (strncasecmp(text.ptr + at, end, len) == 0)
			return at + len;
	return 0;
}

/* What stands in these is not for reading: it goes with them, when they are closed. */
static size_t with_content(struct ct_str text, struct ct_str name, size_t end)
{
	size_t close = 0;

	if (ct_str_is_nocase(name, "script"))
		close = behind(text, end, "</script");
	else if (ct_str_is_nocase(name, "style"))
		close = behind(text, end, "</style");
	if (close == 0)
		return end;
	size_t after = tag_end(text, close);
	return after > 0 ? after : close;
}

size_t ct_html_tag(struct ct_str text, bool *apart)
{
	bool closing = text.len > 1 && text.ptr[1] == '/';
	struct ct_str name = name_at(text, 1 + closing);
	size_t next = 1u + closing + name.len, end;

	*apart = false;
	if (ct_str_starts(text, "<!--"))
		return behind(text, 4, "-->");
	if (text.len > 9 && strncasecmp(text.ptr, "<!doctype", 9) == 0)
		return tag_end(text, 9);
	bool inner = is_one_of(name, within, CT_COUNT(within));
	if (!inner && !is_one_of(name, apart_ones, CT_COUNT(apart_ones)))
		return 0;
	if (next >= text.len ||
	    (!isspace((unsigned char)text.ptr[next]) && text.ptr[next] != '>' &&
	     text.ptr[next] != '/'))
		return 0;
	end = tag_end(text, next);
	*apart = end > 0 && !inner;
	return end == 0 || closing ? end : with_content(text, name, end);
}

static const struct {
	const char *name;
	uint32_t c;
} references[] = {
	{ "amp", '&' },	       { "lt", '<' },	      { "gt", '>' },	     { "quot", '"' },
	{ "apos", '\'' },      { "nbsp", 0xA0 },      { "ensp", 0x2002 },    { "emsp", 0x2003 },
	{ "thinsp", 0x2009 },  { "shy", 0xAD },	      { "zwnj", 0x200C },    { "zwj", 0x200D },
	{ "ndash", 0x2013 },   { "mdash", 0x2014 },   { "horbar", 0x2015 },  { "lsquo", 0x2018 },
	{ "rsquo", 0x2019 },   { "sbquo", 0x201A },   { "ldquo", 0x201C },   { "rdquo", 0x201D },
	{ "bdquo", 0x201E },   { "lsaquo", 0x2039 },  { "rsaquo", 0x203A },  { "hellip", 0x2026 },
	{ "bull", 0x2022 },    { "dagger", 0x2020 },  { "Dagger", 0x2021 },  { "permil", 0x2030 },
	{ "prime", 0x2032 },   { "Prime", 0x2033 },   { "euro", 0x20AC },    { "trade", 0x2122 },
	{ "larr", 0x2190 },    { "uarr", 0x2191 },    { "rarr", 0x2192 },    { "darr", 0x2193 },
	{ "harr", 0x2194 },    { "minus", 0x2212 },   { "infin", 0x221E },   { "asymp", 0x2248 },
	{ "ne", 0x2260 },      { "le", 0x2264 },      { "ge", 0x2265 },	     { "check", 0x2713 },
	{ "star", 0x2606 },    { "starf", 0x2605 },   { "OElig", 0x152 },    { "oelig", 0x153 },
	{ "Scaron", 0x160 },   { "scaron", 0x161 },   { "Yuml", 0x178 },     { "fnof", 0x192 },
	{ "circ", 0x2C6 },     { "tilde", 0x2DC },    { "lbrack", '[' },     { "rbrack", ']' },
	{ "lbrace", '{' },     { "rbrace", '}' },     { "lpar", '(' },	     { "rpar", ')' },
	{ "num", '#' },	       { "dollar", '$' },     { "percnt", '%' },     { "ast", '*' },
	{ "plus", '+' },       { "comma", ',' },      { "period", '.' },     { "sol", '/' },
	{ "colon", ':' },      { "semi", ';' },	      { "equals", '=' },     { "quest", '?' },
	{ "commat", '@' },     { "bsol", '\\' },      { "lowbar", '_' },     { "grave", '`' },
	{ "vert", '|' },       { "excl", '!' },	      { "Tab", '\t' },	     { "NewLine", '\n' },
};

/* U+00A1 to U+00FF, in order. */
static const char *const latin[] = {
	"iexcl",  "cent",   "pound",  "curren", "yen",	  "brvbar", "sect",   "uml",	"copy",
	"ordf",	  "laquo",  "not",    "shy",	"reg",	  "macr",   "deg",    "plusmn", "sup2",
	"sup3",	  "acute",  "micro",  "para",	"middot", "cedil",  "sup1",   "ordm",	"raquo",
	"frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde", "Auml",
	"Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave", "Iacute",
	"Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
	"times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",	"szlig",
	"agrave", "aacute", "acirc",  "atilde", "auml",	  "aring",  "aelig",  "ccedil", "egrave",
	"eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",	"ntilde",
	"ograve", "oacute", "ocirc",  "otilde", "ouml",	  "divide", "oslash", "ugrave", "uacute",
	"ucirc",  "uuml",   "yacute", "thorn",	"yuml",
};

static uint32_t named(struct ct_str name)
{
	for (size_t i = 0; i < CT_COUNT(references); i++)
		if (ct_str_is(name, references[i].name))
			return references[i].c;
	for (size_t i = 0; i < CT_COUNT(latin); i++)
		if (ct_str_is(name, latin[i]))
			return 0xA1 + (uint32_t)i;
	return 0;
}

static int digit(char c, unsigned base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (base == 16 && isxdigit((unsigned char)c))
		return tolower((unsigned char)c) - 'a' + 10;
	return -1;
}

/* What 80 to 9F mean in pages that count as windows-1252 does: the standard wants it so. */
static uint32_t windows(uint32_t c)
{
	static const uint16_t meant[] = {
		0x20AC, 0x81,	0x201A, 0x192,	0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,	0x2030, 0x160,
		0x2039, 0x152,	0x8D,	0x17D,	0x8F,	0x90,	0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
		0x2013, 0x2014, 0x2DC,	0x2122, 0x161,	0x203A, 0x153,	0x9D,	0x17E,	0x178,
	};

	return c >= 0x80 && c <= 0x9F ? meant[c - 0x80] : c;
}

static size_t numbered(struct ct_str text, uint32_t *out)
{
	unsigned base = text.len > 2 && (text.ptr[2] == 'x' || text.ptr[2] == 'X') ? 16 : 10;
	size_t from = base == 16 ? 3 : 2, at = from;
	uint32_t c = 0;

	for (; at < text.len && digit(text.ptr[at], base) >= 0; at++)
		c = c > 0x10FFFF ? c : c * base + (uint32_t)digit(text.ptr[at], base);
	if (at == from)
		return 0;
	*out = c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0xFFFD : windows(c);
	return at + (at < text.len && text.ptr[at] == ';');
}

size_t ct_html_reference(struct ct_str text, uint32_t *out)
{
	*out = 0;
	if (text.len > 1 && text.ptr[1] == '#')
		return numbered(text, out);
	struct ct_str name = name_at(text, 1);
	size_t end = 1 + name.len;
	if (end >= text.len || text.ptr[end] != ';' || name.len == 0)
		return 0;
	*out = named(name);
	return *out != 0 ? end + 1 : 0;
}

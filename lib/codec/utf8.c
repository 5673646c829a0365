#include "codec/utf8.h"

#define REPLACEMENT "\xEF\xBF\xBD"

/* What stands at the beginning of a run of bytes. */
enum kind {
	WHOLE, /* a character */
	PAIR, /* two halves of one, three bytes each */
	BROKEN, /* nothing valid: the length is what one U+FFFD replaces */
	BEGUN, /* so far a beginning: the bytes that follow decide */
};

struct unit {
	enum kind kind;
	size_t len;
};

static bool is_tail(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/* A surrogate's three-byte form: only valid as a pair. bytes[0..1] are ED A0 to ED BF. */
static struct unit surrogate_at(const unsigned char *bytes, size_t len)
{
	if (len < 3)
		return (struct unit){ BEGUN, 2 };
	if (!is_tail(bytes[2]))
		return (struct unit){ BROKEN, 1 };
	if (bytes[1] >= 0xB0)
		return (struct unit){ BROKEN, 3 };
	/* a high half: is the low one behind it? */
	if (len == 3)
		return (struct unit){ BEGUN, 3 };
	if (bytes[3] != 0xED || (len > 4 && (bytes[4] & 0xF0) != 0xB0) ||
	    (len > 5 && !is_tail(bytes[5])))
		return (struct unit){ BROKEN, 3 };
	return len < 6 ? (struct unit){ BEGUN, len } : (struct unit){ PAIR, 6 };
}

/* The Unicode standard, table 3-7: which second bytes each first byte allows. */
static struct unit unit_at(const unsigned char *bytes, size_t len)
{
	unsigned char first = bytes[0], low = 0x80, high = 0xBF;
	size_t need = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

	if (first < 0x80)
		return (struct unit){ WHOLE, 1 };
	if (first < 0xC2 || first > 0xF4)
		return (struct unit){ BROKEN, 1 };
	if (first == 0xED && len > 1 && bytes[1] >= 0xA0 && bytes[1] <= 0xBF)
		return surrogate_at(bytes, len);
	if (first == 0xE0)
		low = 0xA0;
	else if (first == 0xF0)
		low = 0x90;
	else if (first == 0xF4)
		high = 0x8F;
	for (size_t i = 1; i < need; i++) {
		if (i == len)
			return (struct unit){ BEGUN, i };
		if (bytes[i] < low || bytes[i] > high)
			return (struct unit){ BROKEN, i };
		low = 0x80;
		high = 0xBF;
	}
	return (struct unit){ WHOLE, need };
}

/* The same where nothing follows: a beginning is broken. */
static struct unit last_unit_at(const unsigned char *bytes, size_t len)
{
	struct unit unit = unit_at(bytes, len);

	if (unit.kind != BEGUN)
		return unit;
	unit.kind = BROKEN;
	if (bytes[0] == 0xED && len > 1 && bytes[1] >= 0xA0)
		unit.len = len < 3 ? 1 : 3;
	return unit;
}

static size_t skip_ascii(struct ct_str text, size_t at)
{
	uint64_t eight;

	for (; at + sizeof(eight) <= text.len; at += sizeof(eight)) {
		memcpy(&eight, text.ptr + at, sizeof(eight));
		if (eight & 0x8080808080808080u)
			break;
	}
	while (at < text.len && (unsigned char)text.ptr[at] < 0x80)
		at++;
	return at;
}

size_t ct_utf8_valid(struct ct_str text)
{
	const unsigned char *bytes = (const unsigned char *)text.ptr;
	size_t at = skip_ascii(text, 0);

	while (at < text.len) {
		struct unit unit = unit_at(bytes + at, text.len - at);
		if (unit.kind != WHOLE)
			break;
		at = skip_ascii(text, at + unit.len);
	}
	return at;
}

/* Join the halves: 10 bits of each, above the first 0x10000. */
static void add_pair(const unsigned char *b, struct ct_buf *out)
{
	uint32_t high = (uint32_t)(b[1] & 0x0F) << 6 | (b[2] & 0x3F);
	uint32_t low = (uint32_t)(b[4] & 0x0F) << 6 | (b[5] & 0x3F);
	uint32_t c = 0x10000 + (high << 10 | low);
	char text[4] = { (char)(0xF0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3F)),
			 (char)(0x80 | (c >> 6 & 0x3F)), (char)(0x80 | (c & 0x3F)) };

	ct_buf_append(out, text, sizeof(text));
}

/* Append the clean form of text; returns where it stopped because more is needed. */
static size_t clean(struct ct_str text, bool ends, struct ct_buf *out)
{
	size_t at = 0;

	while (at < text.len) {
		struct ct_str rest = ct_str_from(text, at);
		size_t good = ct_utf8_valid(rest);
		const unsigned char *bytes = (const unsigned char *)rest.ptr + good;
		struct unit unit;

		ct_buf_append(out, rest.ptr, good);
		at += good;
		if (at == text.len)
			break;
		unit = ends ? last_unit_at(bytes, text.len - at)
			    : unit_at(bytes, text.len - at);
		if (unit.kind == BEGUN)
			break;
		if (unit.kind == PAIR)
			add_pair(bytes, out);
		else
			ct_buf_puts(out, REPLACEMENT);
		at += unit.len;
	}
	return at;
}

void ct_utf8_clean(struct ct_str text, struct ct_buf *out)
{
	clean(text, true, out);
}

struct ct_str ct_utf8_clean_dup(struct ct_arena *arena, struct ct_str text)
{
	/* the worst is a byte that becomes the three of U+FFFD */
	CT_CLEANUP(ct_buf_fini) struct ct_buf cleaned = CT_BUF_INIT(SIZE_MAX - 1);

	if (ct_utf8_valid(text) == text.len)
		return text;
	ct_utf8_clean(text, &cleaned);
	if (cleaned.failed)
		return (struct ct_str){ NULL, 0 };
	return ct_arena_dup(arena, ct_buf_str(&cleaned));
}

static void hold(struct ct_utf8_joiner *joiner, struct ct_str rest)
{
	if (rest.len > 0)
		memmove(joiner->held, rest.ptr, rest.len);
	joiner->held_len = (unsigned)rest.len;
}

static struct ct_str held(const struct ct_utf8_joiner *joiner)
{
	return (struct ct_str){ (const char *)joiner->held, joiner->held_len };
}

void ct_utf8_join(struct ct_utf8_joiner *joiner, struct ct_str piece, struct ct_buf *out)
{
	/* byte by byte, until what was held is decided */
	while (joiner->held_len > 0 && piece.len > 0) {
		joiner->held[joiner->held_len++] = (unsigned char)piece.ptr[0];
		piece = ct_str_from(piece, 1);
		hold(joiner, ct_str_from(held(joiner), clean(held(joiner), false, out)));
	}
	if (piece.len > 0)
		hold(joiner, ct_str_from(piece, clean(piece, false, out)));
}

void ct_utf8_flush(struct ct_utf8_joiner *joiner, struct ct_buf *out)
{
	clean(held(joiner), true, out);
	joiner->held_len = 0;
}

/* Bytes that text[at] and what follows take as one control character; 0 for any other. */
static size_t control_at(struct ct_str text, size_t at)
{
	unsigned char c = (unsigned char)text.ptr[at];

	if (c == '\n' || c == '\t')
		return 0;
	if (c < 0x20 || c == 0x7F)
		return 1;
	/* U+0080 to U+009F are C2 80 to C2 9F */
	if (c == 0xC2 && at + 1 < text.len && (unsigned char)text.ptr[at + 1] < 0xA0)
		return 2;
	return 0;
}

void ct_utf8_printable(struct ct_str text, struct ct_buf *out)
{
	size_t from = 0, at = 0;

	while (at < text.len) {
		size_t n = control_at(text, at);
		if (n == 0) {
			at++;
			continue;
		}
		ct_buf_append(out, text.ptr + from, at - from);
		at += n;
		from = at;
	}
	if (from < at)
		ct_buf_append(out, text.ptr + from, at - from);
}

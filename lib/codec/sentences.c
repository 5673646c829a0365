#include "codec/sentences.h"

#include <ctype.h>

#include "base/defs.h"

/* Where a piece may end, the best first. */
enum end { PARAGRAPH, SENTENCE, CLAUSE, WORD, ENDS };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Marks of scripts that put no blank behind them: 。！？ and, for clauses, ，、；： */
static enum end wide_mark(struct ct_str at)
{
	static const char *const sentences[] = { "\xE3\x80\x82", "\xEF\xBC\x81",
						 "\xEF\xBC\x9F", "\xE0\xA5\xA4" };
	static const char *const clauses[] = { "\xEF\xBC\x8C", "\xE3\x80\x81",
					       "\xEF\xBC\x9B", "\xEF\xBC\x9A" };

	for (size_t i = 0; i < 4; i++) {
		if (ct_str_starts(at, sentences[i]))
			return SENTENCE;
		if (ct_str_starts(at, clauses[i]))
			return CLAUSE;
	}
	return ENDS;
}

/* Quotes and brackets belong to the sentence that they close. */
static size_t past_closing(struct ct_str text, size_t at)
{
	while (at < text.len && strchr("\"')]}", text.ptr[at]) != NULL &&
	       text.ptr[at] != '\0')
		at++;
	while (text.len - at >= 3 && (memcmp(text.ptr + at, "\xE2\x80\x9D", 3) == 0 ||
				      memcmp(text.ptr + at, "\xE2\x80\x99", 3) == 0))
		at += 3;
	return at;
}

/* Is the full stop at `at` that of "Dr.", "J." or "e.g.", and likely not the sentence's? */
static bool is_abbreviation(struct ct_str text, size_t at)
{
	static const char *const known[] = {
		"Mr",  "Mrs", "Ms", "Dr",  "Prof", "St",  "Sr",	 "Jr",
		"Gen", "Hr",  "Fr", "No",  "Nr",   "vs",  "etc", "cf",
		"Mt",  "bzw", "ca", "Mme", "Sra",  "Sta", "Dra", "approx"
	};
	size_t from = at;

	while (from > 0 && !is_blank(text.ptr[from - 1]) &&
	       strchr("\"'([{", text.ptr[from - 1]) == NULL)
		from--;
	struct ct_str word = { text.ptr + from, at - from };
	if (word.len == 0 || !isalpha((unsigned char)word.ptr[0]))
		return false;
	if (word.len == 1 || memchr(word.ptr, '.', word.len) != NULL)
		return true;
	for (size_t i = 0; i < CT_COUNT(known); i++)
		if (ct_str_is(word, known[i]))
			return true;
	return false;
}

/* Does a piece end behind the character at `at`? *to: where. */
static enum end end_at(struct ct_str text, size_t at, size_t *to)
{
	char c = text.ptr[at];
	struct ct_str from = ct_str_from(text, at);

	*to = at + 1;
	if (c == '\n' && at + 1 < text.len &&
	    (text.ptr[at + 1] == '\n' || text.ptr[at + 1] == '\r'))
		return PARAGRAPH;
	if (is_blank(c))
		return WORD;
	if (wide_mark(from) != ENDS) {
		*to = at + 3;
		return wide_mark(from);
	}
	if (strchr(".!?;:,", c) == NULL || c == '\0')
		return ENDS;
	*to = past_closing(text, at + 1);
	if (*to < text.len && !is_blank(text.ptr[*to]))
		return ENDS;
	if (c == '.' && is_abbreviation(text, at))
		return ENDS;
	return strchr(".!?", c) != NULL ? SENTENCE : CLAUSE;
}

/* The byte where limit characters end; the text's length when it has no more. */
static size_t bytes_of(struct ct_str text, size_t limit)
{
	size_t at = 0, count = 0;

	for (; at < text.len; at++) {
		bool begins = ((unsigned char)text.ptr[at] & 0xC0) != 0x80;
		if (begins && count++ == limit)
			break;
	}
	return at;
}

struct ct_str ct_sentences_next(struct ct_str text, size_t limit, struct ct_str *rest)
{
	size_t last[ENDS] = { 0 }, most, cut;

	text = ct_str_trim(text);
	most = bytes_of(text, limit > 0 ? limit : 1);
	cut = most;
	if (most < text.len) {
		for (size_t at = 0; at < most; at++) {
			size_t to;
			enum end end = end_at(text, at, &to);
			if (end != ENDS && to <= most)
				last[end] = to;
		}
		/* an early paragraph is no reason for many small pieces, nor an early sentence */
		for (int end = ENDS - 1; end >= 0; end--)
			if (last[end] > most / 2 || (last[end] > 0 && cut == most))
				cut = last[end];
	}
	*rest = ct_str_trim(ct_str_from(text, cut));
	return ct_str_trim((struct ct_str){ text.ptr, cut });
}

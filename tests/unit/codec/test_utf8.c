#include <criterion/criterion.h>

#include "codec/utf8.h"
#include "leaks.h"

TestSuite(utf8, .fini = check_leaks);

#define R "\xEF\xBF\xBD"
#define HIGH "\xED\xA0\xBD"
#define LOW "\xED\xB8\x80"
#define SMILE "\xF0\x9F\x98\x80" /* what the two mean together */

/* The examples of maximal subparts are those of the Unicode standard, 3.9, tables 3-8 to 3-11. */
static const struct {
	struct ct_str text;
	size_t valid; /* bytes before the first that is not */
	const char *clean;
} cases[] = {
	{ CT_STR(""), 0, "" },
	{ CT_STR("plain ascii of more than eight bytes"), 36,
	  "plain ascii of more than eight bytes" },
	{ CT_STR("\xC3\xA9\xE2\x82\xAC" SMILE), 9, "\xC3\xA9\xE2\x82\xAC" SMILE },
	{ CT_STR("\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"), 16,
	  "\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF" },
	{ CT_STR("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"), 8,
	  "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF" },
	{ CT_STR("\xEF\xBB\xBFx"), 4, "\xEF\xBB\xBFx" },
	{ CT_STR("a\x80"), 1, "a" R },
	{ CT_STR("a\xFF"
		 "b\xFE"),
	  1, "a" R "b" R },
	{ CT_STR("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), 0, R R R R R R R R "A" },
	{ CT_STR("\xED\xA0\x41"), 0, R R "A" },
	{ CT_STR("\xED\xAF"), 0, R R },
	{ CT_STR("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), 0, R R R R R "A" R R "B" },
	{ CT_STR("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), 0, R R R R "A" },
	{ CT_STR("12345678\xE2\x82"), 8, "12345678" R },
	{ CT_STR("\xF0\x9F\x98"), 0, R },
	{ CT_STR(HIGH LOW), 0, SMILE },
	{ CT_STR("a" HIGH LOW "b"), 1, "a" SMILE "b" },
	{ CT_STR(HIGH), 0, R },
	{ CT_STR(LOW), 0, R },
	{ CT_STR(LOW HIGH), 0, R R },
	{ CT_STR(LOW LOW), 0, R R },
	{ CT_STR(HIGH HIGH LOW), 0, R SMILE },
	{ CT_STR(HIGH "x" LOW), 0, R "x" R },
	{ CT_STR(HIGH "\xED"), 0, R R },
	{ CT_STR(HIGH "\xED\xB8"), 0, R R R },
	{ CT_STR(HIGH "\xED\xB8x"), 0, R R R "x" },
	{ CT_STR(HIGH "\xED\x9F\xBF"), 0, R "\xED\x9F\xBF" },
	{ CT_STR("\xED\xAF\xBF\xED\xBF\xBF"), 0, "\xF4\x8F\xBF\xBF" },
	{ CT_STR("\xED\xA0\x80\xED\xB0\x80"), 0, "\xF0\x90\x80\x80" },
	{ CT_STR("a\0b\xFF"), 3, "a\0b" R },
};

static struct ct_str expected(size_t i)
{
	/* the case with a NUL is the last */
	return i + 1 < CT_COUNT(cases) ? ct_str(cases[i].clean)
				       : (struct ct_str){ cases[i].clean, 6 };
}

Test(utf8, knows_where_text_stops_being_valid)
{
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		size_t valid = ct_utf8_valid(cases[i].text);
		cr_assert_eq(valid, cases[i].valid, "case %zu: %zu", i, valid);
	}
}

Test(utf8, cleans_each_maximal_subpart_and_joins_halves)
{
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_buf out = CT_BUF_INIT(1000);
		struct ct_arena arena = { 0 };
		ct_utf8_clean(cases[i].text, &out);
		cr_assert(ct_str_eq(ct_buf_str(&out), expected(i)), "case %zu: %s", i,
			  out.ptr);
		cr_assert_eq(ct_utf8_valid(ct_buf_str(&out)), out.len, "case %zu", i);

		struct ct_str dup = ct_utf8_clean_dup(&arena, cases[i].text);
		cr_assert(ct_str_eq(dup, expected(i)), "case %zu", i);
		cr_assert_eq(dup.ptr == cases[i].text.ptr,
			     cases[i].valid == cases[i].text.len,
			     "case %zu: valid text is not copied", i);
		ct_arena_fini(&arena);
		ct_buf_fini(&out);
	}
}

Test(utf8, joins_alike_however_text_is_cut)
{
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_str text = cases[i].text;
		for (size_t step = 1; step <= text.len; step++) {
			struct ct_utf8_joiner joiner = { 0 };
			struct ct_buf out = CT_BUF_INIT(1000);
			for (size_t at = 0; at < text.len; at += step) {
				size_t n = at + step < text.len ? step : text.len - at;
				ct_utf8_join(&joiner, (struct ct_str){ text.ptr + at, n },
					     &out);
				cr_assert_eq(ct_utf8_valid(ct_buf_str(&out)), out.len,
					     "case %zu, step %zu: half a character", i,
					     step);
			}
			ct_utf8_flush(&joiner, &out);
			cr_assert(ct_str_eq(ct_buf_str(&out), expected(i)),
				  "case %zu, step %zu: %s", i, step, out.ptr);
			ct_buf_fini(&out);
		}
	}
}

Test(utf8, gives_out_at_once_what_is_certain)
{
	struct ct_utf8_joiner joiner = { 0 };
	struct ct_buf out = CT_BUF_INIT(100);

	ct_utf8_join(&joiner, ct_str("a\xE2\x82"), &out);
	cr_assert_str_eq(out.ptr, "a");
	ct_utf8_join(&joiner, ct_str(""), &out);
	cr_assert_str_eq(out.ptr, "a");
	ct_utf8_join(&joiner,
		     ct_str("\xAC"
			    "b" HIGH),
		     &out);
	cr_assert_str_eq(out.ptr, "a\xE2\x82\xAC"
				  "b");
	ct_utf8_join(&joiner, ct_str("c"), &out);
	cr_assert_str_eq(out.ptr, "a\xE2\x82\xAC"
				  "b" R "c");
	ct_utf8_flush(&joiner, &out);
	ct_utf8_flush(&joiner, &out);
	cr_assert_str_eq(out.ptr, "a\xE2\x82\xAC"
				  "b" R "c");
	ct_buf_fini(&out);
}

Test(utf8, lets_a_terminal_have_no_control_characters)
{
	static const struct {
		struct ct_str text;
		const char *printable;
	} texts[] = {
		{ CT_STR("a\n\tb"), "a\n\tb" },
		{ CT_STR("\x1B[31mred\x1B]0;title\x07"), "[31mred]0;title" },
		{ CT_STR("\r\b\0x\x7F"), "x" },
		{ CT_STR("\xC2\x9B"
			 "1m\xC2\x80\xC2\x9F\xC2\xA0"),
		  "1m\xC2\xA0" },
		{ CT_STR("\xC3\xA9\xE2\x82\xAC" SMILE), "\xC3\xA9\xE2\x82\xAC" SMILE },
		{ CT_STR(""), "" },
	};

	for (size_t i = 0; i < CT_COUNT(texts); i++) {
		struct ct_buf out = CT_BUF_INIT(100);
		ct_utf8_printable(texts[i].text, &out);
		cr_assert_str_eq(out.ptr, texts[i].printable, "case %zu: %s", i, out.ptr);
		ct_buf_fini(&out);
	}
}

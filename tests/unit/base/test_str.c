#include <criterion/criterion.h>

#include "base/defs.h"
#include "base/str.h"

Test(str, compares_whole_views)
{
	struct ct_str abc = { "abcdef", 3 }, none = { NULL, 0 };

	cr_assert(ct_str_is(abc, "abc"));
	cr_assert_not(ct_str_is(abc, "ab"));
	cr_assert_not(ct_str_is(abc, "abcd"));
	cr_assert(ct_str_is(none, ""));
	cr_assert(ct_str_is_nocase(abc, "aBC"));
	cr_assert_not(ct_str_is_nocase(abc, "aBCd"));
	cr_assert(ct_str_eq(none, ct_str("")));
	cr_assert(ct_str_eq(none, ct_str(NULL)));
	cr_assert(ct_str_starts(abc, "ab"));
	cr_assert_not(ct_str_starts(abc, "abcd"));
	cr_assert(ct_str_has(abc, "bc"));
	cr_assert_not(ct_str_has(abc, "cd"), "what is behind the view is not in it");
	cr_assert_not(ct_str_has(none, "a"));
}

Test(str, goes_no_further_than_its_end)
{
	struct ct_str abc = ct_str("abc");

	cr_assert(ct_str_is(ct_str_from(abc, 1), "bc"));
	cr_assert_eq(ct_str_from(abc, 3).len, 0);
	cr_assert_eq(ct_str_from(abc, 99).len, 0);
	cr_assert_eq(ct_str_from((struct ct_str){ NULL, 0 }, 1).len, 0);
}

Test(str, trims_blanks_and_line_ends)
{
	cr_assert(ct_str_is(ct_str_trim(ct_str(" \t\r\na b\n ")), "a b"));
	cr_assert_eq(ct_str_trim(ct_str(" \n ")).len, 0);
	cr_assert_eq(ct_str_trim((struct ct_str){ NULL, 0 }).len, 0);
}

Test(str, reads_whole_numbers_only)
{
	static const struct {
		struct ct_str text;
		bool ok;
		int64_t value;
	} cases[] = {
		{ CT_STR("0"), true, 0 },
		{ CT_STR("-12"), true, -12 },
		{ CT_STR("+12"), true, 12 },
		{ CT_STR("007"), true, 7 },
		{ CT_STR("9223372036854775807"), true, INT64_MAX },
		{ CT_STR("-9223372036854775808"), true, INT64_MIN },
		{ CT_STR("9223372036854775808"), false, 0 },
		{ CT_STR(""), false, 0 },
		{ CT_STR("-"), false, 0 },
		{ CT_STR("--1"), false, 0 },
		{ CT_STR("1-"), false, 0 },
		{ CT_STR(" 1"), false, 0 },
		{ CT_STR("1 "), false, 0 },
		{ CT_STR("1.0"), false, 0 },
		{ CT_STR("0x1"), false, 0 },
		{ CT_STR("1\0"), false, 0 },
		{ { "123", 2 }, true, 12 },
		{ CT_STR("000000000000000000000000000000000000000000000000000000000000000"
			 "01"),
		  false, 0 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		int64_t value = 0;
		cr_assert_eq(ct_str_int(cases[i].text, &value), cases[i].ok, "case %zu",
			     i);
		cr_assert_eq(value, cases[i].value, "case %zu", i);
	}
}

Test(str, reads_finite_decimals_only)
{
	static const struct {
		const char *text;
		bool ok;
		double value;
	} cases[] = {
		{ "0.7", true, 0.7 },  { "-1e3", true, -1000 }, { ".5", true, 0.5 },
		{ "5.", true, 5 },     { "1e999", false, 0 },	{ "nan", false, 0 },
		{ "inf", false, 0 },   { "0x10", false, 0 },	{ "1,5", false, 0 },
		{ "1.2.3", false, 0 }, { "e5", false, 0 },	{ "", false, 0 },
		{ " 1", false, 0 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		double value = 0;
		cr_assert_eq(ct_str_num(ct_str(cases[i].text), &value), cases[i].ok, "%s",
			     cases[i].text);
		cr_assert_eq(value, cases[i].value, "%s", cases[i].text);
	}
}

Test(str, counts_the_edits_between_words)
{
	static const struct {
		const char *a, *b;
		unsigned edits;
	} cases[] = {
		{ "", "", 0 },	       { "chat", "chat", 0 },
		{ "", "abc", 3 },      { "abc", "", 3 },
		{ "chat", "caht", 1 }, { "chat", "chta", 1 },
		{ "chat", "cht", 1 },  { "chat", "chhat", 1 },
		{ "chat", "chet", 1 }, { "claude", "gemini", 6 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		cr_assert_eq(ct_str_distance(ct_str(cases[i].a), ct_str(cases[i].b)),
			     cases[i].edits, "%s %s", cases[i].a, cases[i].b);
}

Test(str, only_the_first_63_bytes_count_as_distance)
{
	char a[200], b[200];

	memset(a, 'a', sizeof(a));
	memset(b, 'a', sizeof(b));
	memset(b + 63, 'b', sizeof(b) - 63);
	cr_assert_eq(
		ct_str_distance((struct ct_str){ a, 200 }, (struct ct_str){ b, 150 }), 0);
	b[62] = 'b';
	cr_assert_eq(
		ct_str_distance((struct ct_str){ a, 200 }, (struct ct_str){ b, 150 }), 1);
}

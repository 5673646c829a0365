#include <criterion/criterion.h>

#include "exit.h"
#include "leaks.h"
#include "out.h"

TestSuite(human, .fini = check_leaks);

Test(human, writes_durations)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = { { -1, "-" },	     { 0, "0 ms" },	       { 999, "999 ms" },
		      { 1000, "1.0 s" },     { 59900, "59.9 s" },      { 59960, "1 min 00 s" },
		      { 90000, "1 min 30 s" }, { 7500000, "2 h 05 min" } };

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		char text[CT_HUMAN_SIZE];
		cr_assert_str_eq(ct_human_ms(text, sizeof(text), cases[i].ms), cases[i].text);
	}
}

Test(human, writes_costs_with_the_digits_that_count)
{
	static const struct {
		int64_t nanos;
		const char *text;
	} cases[] = { { -1, "-" },
		      { 0, "$0" },
		      { 1234567890, "$1.23" },
		      { 2100000, "$0.0021" },
		      { 120, "$0.00000012" },
		      { 70000000, "$0.070" } };

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		char text[CT_HUMAN_SIZE];
		cr_assert_str_eq(ct_human_usd(text, sizeof(text), cases[i].nanos), cases[i].text);
	}
}

Test(human, writes_how_long_ago)
{
	static const struct {
		int64_t ago_ms;
		const char *text;
	} cases[] = { { 500, "now" },	      { 12000, "12 s ago" },	 { 200000, "3 min ago" },
		      { 7300000, "2 h ago" }, { 260000000, "3 days ago" }, { -50000, "in 50 s" } };

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		char text[CT_HUMAN_SIZE];
		int64_t now = 1795172400123;
		ct_human_ago(text, sizeof(text), now - cases[i].ago_ms, now);
		cr_assert_str_eq(text, cases[i].text);
	}
}

Test(human, counts_the_columns_of_wide_and_combining_characters)
{
	static const struct {
		const char *text;
		int width;
	} cases[] = { { "", 0 },	 { "abc", 3 },	     { "h\u00e9", 2 },
		      { "\u6f22\u5b57", 4 }, { "e\u0301", 1 },     { "\xff", 0 },
		      { "\U0001f600", 2 }, { "\u2026", 1 } };

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		cr_assert_eq(ct_text_width(ct_str(cases[i].text)), cases[i].width, "%s",
			     cases[i].text);
	cr_assert_eq(ct_text_fit(ct_str("\u6f22\u5b57"), 3), 3, "half a character does not fit");
}

Test(human, gives_each_code_its_exit_status)
{
	static const struct {
		int code, status;
	} cases[] = { { CT_OK, 0 },	   { CT_EUPSTREAM, 1 }, { CT_ECUT, 1 },	  { CT_EUSAGE, 2 },
		      { CT_EINVALID, 2 },  { CT_ENOKEY, 3 },	{ CT_ENOMODEL, 3 }, { CT_EAUTH, 4 },
		      { CT_ERATE, 5 },	   { CT_EBUDGET, 5 },	{ CT_EIDLE, 6 },    { CT_ECIRCUIT, 7 },
		      { CT_EBUSY, 8 },	   { CT_ECANCELLED, 130 }, { -99, 1 } };

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		cr_assert_eq(ct_exit_status(cases[i].code), cases[i].status, "%d", cases[i].code);
}

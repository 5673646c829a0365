#include <criterion/criterion.h>

#include "base/defs.h"
#include "codec/query.h"
#include "leaks.h"

TestSuite(query, .fini = check_leaks);

Test(query, finds_and_decodes_a_value)
{
	static const char *const cases[][3] = {
		{ "q=a", "q", "a" },
		{ "x=1&q=a+b%20c&q=d", "q", "a b c" },
		{ "q=repo%3Ao%2fn", "q", "repo:o/n" },
		{ "q=a=b", "q", "a=b" },
		{ "q", "q", "" },
		{ "q=&x=1", "q", "" },
		{ "%71=a", "q", "a" },
		{ "&&q=a&", "q", "a" },
		{ "q=%", "q", "%" },
		{ "q=%4", "q", "%4" },
		{ "q=%4g%41", "q", "%4gA" },
		{ "qq=1&q=2", "q", "2" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_str found =
			ct_query_get(ct_str(cases[i][0]), cases[i][1], &arena);
		cr_assert_not_null(found.ptr, "%s", cases[i][0]);
		cr_assert(ct_str_is(found, cases[i][2]), "%s: %.*s", cases[i][0],
			  CT_STR_ARG(found));
		ct_arena_fini(&arena);
	}
}

Test(query, has_nothing_where_there_is_nothing)
{
	static const char *const cases[] = { "", "x=q", "Q=1", "q%=1", "=q" };
	struct ct_arena arena = { 0 };

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		cr_assert_null(ct_query_get(ct_str(cases[i]), "q", &arena).ptr, "%s",
			       cases[i]);
	cr_assert_null(ct_query_get((struct ct_str){ NULL, 0 }, "q", &arena).ptr);
}

Test(query, decodes_a_zero_byte_as_one)
{
	struct ct_arena arena = { 0 };
	struct ct_str found = ct_query_get(ct_str("q=a%00b"), "q", &arena);

	cr_assert_eq(found.len, 3);
	cr_assert_eq(found.ptr[2], 'b');
	ct_arena_fini(&arena);
}

Test(query, reads_numbers_and_knows_what_is_none)
{
	cr_assert_eq(ct_query_int(ct_str("page=12"), "page", 1), 12);
	cr_assert_eq(ct_query_int(ct_str("page=-2"), "page", 1), -2);
	cr_assert_eq(ct_query_int(ct_str("page=2x"), "page", 1), 1);
	cr_assert_eq(ct_query_int(ct_str("page="), "page", 1), 1);
	cr_assert_eq(ct_query_int(ct_str("p=2"), "page", 1), 1);
	cr_assert_eq(ct_query_int(ct_str("page=99999999999999999999"), "page", 1), 1);
}

#include <criterion/criterion.h>
#include <stdio.h>

#include "codec/headers.h"
#include "leaks.h"

TestSuite(headers, .fini = check_leaks);

Test(headers, are_found_whatever_their_case)
{
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };

	ct_headers_add(&headers, ct_str("Content-Type"), ct_str(" text/html \r\n"));
	ct_headers_add(&headers, ct_str("X-Twice"), ct_str("first"));
	ct_headers_add(&headers, ct_str("x-twice"), ct_str("second"));
	ct_headers_add(&headers, ct_str("X-Empty"), ct_str(""));
	cr_assert(ct_str_is(ct_headers_get(&headers, "content-type"), "text/html"));
	cr_assert(ct_str_is(ct_headers_get(&headers, "x-TWICE"), "first"));
	cr_assert_eq(ct_headers_get(&headers, "x-empty").len, 0);
	cr_assert_not_null(ct_headers_get(&headers, "x-empty").ptr);
	cr_assert_null(ct_headers_get(&headers, "content").ptr);
	cr_assert_null(ct_headers_get(NULL, "content-type").ptr);
	ct_arena_fini(&arena);
}

Test(headers, are_copies)
{
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };
	char name[] = "a", value[] = "b";

	ct_headers_add(&headers, ct_str(name), ct_str(value));
	name[0] = value[0] = 'x';
	cr_assert(ct_str_is(ct_headers_get(&headers, "A"), "b"));
	ct_arena_fini(&arena);
}

Test(headers, past_the_limit_are_dropped)
{
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };
	char name[32];

	for (int i = 0; i < CT_HEADERS_MAX + 10; i++) {
		snprintf(name, sizeof(name), "h%d", i);
		ct_headers_add(&headers, ct_str(name), ct_str("v"));
	}
	cr_assert_eq(headers.count, CT_HEADERS_MAX);
	cr_assert_not_null(ct_headers_get(&headers, "h255").ptr);
	cr_assert_null(ct_headers_get(&headers, "h256").ptr);
	ct_arena_fini(&arena);
}

#include <criterion/criterion.h>

#include "base/defs.h"
#include "codec/link.h"
#include "leaks.h"

TestSuite(link, .fini = check_leaks);

static void expect_next(const char *value, const char *target)
{
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };

	ct_headers_add(&headers, ct_str("Content-Type"), ct_str("<x>; rel=next"));
	ct_headers_add(&headers, ct_str("lInk"), ct_str(value));
	struct ct_str found = ct_link_find(&headers, "next");
	if (target == NULL)
		cr_assert_null(found.ptr, "'%s': %.*s", value, CT_STR_ARG(found));
	else
		cr_assert(ct_str_is(found, target), "'%s': %.*s", value,
			  CT_STR_ARG(found));
	ct_arena_fini(&arena);
}

Test(link, finds_the_next_page_however_it_is_written)
{
	static const char *const cases[][2] = {
		{ "<https://h/a?page=2>; rel=\"next\", <https://h/a?page=9>; "
		  "rel=\"last\"",
		  "https://h/a?page=2" },
		{ "<https://h/1>; rel=\"prev\", <https://h/3>; rel=\"next\"",
		  "https://h/3" },
		{ "<https://h/a>;rel=next", "https://h/a" },
		{ " , ,<a>  ;  REL = NeXt ", "a" },
		{ "<a>; title=\"one, <b>; rel=next\"; rel=next", "a" },
		{ "<a>; title=\"a \\\" quote\"; rel=\"next\"", "a" },
		{ "<a>; rel=\"first next\"", "a" },
		{ "<a,b;c>; rel=next", "a,b;c" },
		{ "<a>; flag; rel=next", "a" },
		{ "nonsense, <a>; rel=next", "a" },
		{ "no \"<b>; rel=next,\" link, <a>; rel=next", "a" },
		{ "<a>; rel=prev; rel=next, <b>; rel=next", "b" },
		{ "<a>; rel=next; anchor=\"#x\", <b>; rel=next", "b" },
		{ "<>; rel=next, <b>; rel=next", "b" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		expect_next(cases[i][0], cases[i][1]);
}

Test(link, finds_nothing_where_there_is_nothing)
{
	static const char *const cases[] = {
		"",
		"<",
		"<a",
		"<a>",
		"<a>;",
		"<a>; rel",
		"<a>; rel=",
		"<a>; rel=\"",
		"<a>; rel=\"next\\",
		"<a>; rel=\"last\"",
		"<a>; rel=nextpage",
		"<a>; rev=next",
		"<a> rel=next",
		"https://h/a; rel=next",
		",,,",
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		expect_next(cases[i], NULL);
	cr_assert_null(ct_link_find(NULL, "next").ptr);
}

Test(link, looks_at_every_field_of_that_name)
{
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };

	ct_headers_add(&headers, ct_str("Link"), ct_str("<a>; rel=prev"));
	ct_headers_add(&headers, ct_str("Link"), ct_str("<b>; rel=next"));
	cr_assert(ct_str_is(ct_link_find(&headers, "next"), "b"));
	ct_arena_fini(&arena);
}

Test(link, has_a_ceiling_for_targets_and_for_links)
{
	static char text[CT_LINK_MAX_BYTES + 64];
	size_t n = 0;

	text[n++] = '<';
	memset(text + n, 'a', CT_LINK_MAX_BYTES + 1);
	strcpy(text + n + CT_LINK_MAX_BYTES + 1, ">; rel=next");
	expect_next(text, NULL);

	for (n = 0; n < 5 * CT_LINKS_MAX; n += 5)
		memcpy(text + n, "<a>, ", 5);
	strcpy(text + n, "<b>; rel=next");
	expect_next(text, NULL);
}

#include <criterion/criterion.h>

#include "codec/plain.h"
#include "leaks.h"

TestSuite(plain, .fini = check_leaks);

#define R "\xEF\xBF\xBD"

static void check_line(struct ct_str text, const char *expected)
{
	struct ct_buf out = CT_BUF_INIT(1 << 20);

	ct_plain_line(text, &out);
	cr_assert_str_eq(out.ptr, expected, "'%.*s' became '%s'", CT_STR_ARG(text), out.ptr);
	ct_buf_fini(&out);
}

Test(plain, has_no_tags_of_html)
{
	static const char *const cases[][2] = {
		{ "<b>Bold</b> and <EM class=\"x\">more</EM>", "Bold and more" },
		{ "a<wbr>b <span>c</span>d", "ab cd" },
		{ "one<br/>two<p>three</p><div>four</div>", "one two three four" },
		{ "<script>alert('x')</script>after", "after" },
		{ "before<SCRIPT src=x>y</SCRIPT >after", "before after" },
		{ "<style>b{color:red}</style>text", "text" },
		{ "x<!-- hidden <b> -->y", "xy" },
		{ "<!DOCTYPE html><title>T</title>", "T" },
		{ "<img src=x onerror=\"a>b\">shown", "shown" },
		{ "<a href='>'>link</a>", "link" },
		{ "<a href=\"never closed>link</a>", "link" },
		{ "<script>no end", "no end" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		check_line(ct_str(cases[i][0]), cases[i][1]);
}

Test(plain, keeps_what_only_looks_like_a_tag)
{
	static const char *const cases[] = {
		"a < b and b > c", "std::vector<int> v;", "#include <curl/curl.h>", "<3",
		"<",		   "x <b",		  "<!-- no end",	    "i<n",
		"List<String>",	   "<unknown-tag>",	  "</",
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		check_line(ct_str(cases[i]), cases[i]);
}

Test(plain, has_the_characters_that_references_mean)
{
	static const char *const cases[][2] = {
		{ "Tom &amp; Jerry", "Tom & Jerry" },
		{ "&lt;b&gt; stays", "<b> stays" },
		{ "&amp;lt; once", "&lt; once" },
		{ "it&#39;s &#x27;so&#X27; &apos;", "it's 'so' '" },
		{ "&quot;q&quot;&nbsp;&hellip;", "\"q\" \xE2\x80\xA6" },
		{ "&eacute;&yuml;&Agrave;&iexcl;", "\xC3\xA9\xC3\xBF\xC3\x80\xC2\xA1" },
		{ "&#8217;&#146;", "\xE2\x80\x99\xE2\x80\x99" },
		{ "&#0;&#xD800;&#x110000;&#99999999999;", R R R R },
		{ "&#27;[31m&#x9b;1m", "[31m\xE2\x80\xBA" "1m" },
		{ "AT&T & co &unknown; &; &# &#x;", "AT&T & co &unknown; &; &# &#x;" },
		{ "a=1&lt=2", "a=1&lt=2" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		check_line(ct_str(cases[i][0]), cases[i][1]);
}

Test(plain, is_one_line_that_a_terminal_only_shows)
{
	check_line(ct_str(" \t a\r\n\n b\xC2\xA0\xE2\x80\xA8 c \n"), "a b c");
	check_line(ct_str("\x1B[31mred\x1B[0m\x07"), "[31mred[0m");
	check_line(ct_str("c1\xC2\x9B" "31m"), "c131m");
	check_line(ct_str("\xE2\x80\xAE" "evil\xE2\x81\xA6\xEF\xBB\xBF"), "evil");
	check_line((struct ct_str)CT_STR("nul\0in"), "nulin");
	check_line(ct_str("bad \xFF\xE2\x82 end"), "bad " R R " end");
	check_line(ct_str("\xF0\x9F\x98\x80 \xE6\x97\xA5"), "\xF0\x9F\x98\x80 \xE6\x97\xA5");
	check_line(ct_str(""), "");
	check_line((struct ct_str){ NULL, 0 }, "");
}

Test(plain, leaves_code_as_it_is_on_one_line)
{
	struct ct_buf out = CT_BUF_INIT(1 << 20);

	ct_plain_literal((struct ct_str)CT_STR("<div class=\"a\">\n\t<b>x &amp; y</b>\x1b[31m\n</div> \xff"), &out);
	cr_assert_str_eq(out.ptr, "<div class=\"a\"> <b>x &amp; y</b>[31m </div> " R, "%s", out.ptr);
	ct_buf_fini(&out);
}

Test(plain, encodes_what_an_address_cannot_show)
{
	struct ct_buf out = CT_BUF_INIT(1 << 20);

	ct_plain_url((struct ct_str)CT_STR("https://e.example/a b\x1b]8;;\x7f\xe2\x80\xae\xe2\x80\xa8\xc3\xa9?q=%20&x=<b>"), &out);
	cr_assert_str_eq(out.ptr, "https://e.example/a%20b%1B]8;;%7F%E2%80%AE%E2%80%A8\xc3\xa9?q=%20&x=<b>",
			 "%s", out.ptr);
	ct_buf_fini(&out);
}

Test(plain, keeps_the_lines_of_a_page)
{
	struct ct_buf out = CT_BUF_INIT(1 << 20);

	ct_plain_lines(ct_str("# T\n\n\ta &amp; <b>b</b>\r\n\x1B[31m\xFF\n"), &out);
	cr_assert_str_eq(out.ptr, "# T\n\n\ta &amp; <b>b</b>\n[31m" R "\n");
	ct_buf_fini(&out);
}

Test(plain, does_not_take_forever_over_tags_that_never_end)
{
	static char text[32 << 10];
	struct ct_buf out = CT_BUF_INIT(1 << 20);

	for (size_t i = 0; i + 4 <= sizeof(text); i += 4)
		memcpy(text + i, i % 8 == 0 ? "<!--" : "<a \"", 4);
	ct_plain_line((struct ct_str){ text, sizeof(text) }, &out);
	cr_assert_gt(out.len, 0);
	ct_buf_fini(&out);
}

#include <criterion/criterion.h>

#include "capture.h"
#include "leaks.h"
#include "out.h"

TestSuite(out, .fini = check_leaks);

static const char key[] = "sk-0123456789abcdef";

static struct ct_redactor *redactor_of_key(void)
{
	struct ct_redactor *redactor = ct_redactor_create();

	ct_redactor_add(redactor, ct_str(key));
	return redactor;
}

Test(out, hides_a_key_cut_over_two_writes_at_every_place)
{
	for (size_t cut = 0; cut <= strlen(key); cut++) {
		struct ct_redactor *redactor = redactor_of_key();
		struct ct_out out;
		ct_out_init(&out);
		out.redactor = redactor;
		capture();
		ct_out_printf(&out, "a %.*s", (int)cut, key);
		ct_out_printf(&out, "%s b", key + cut);
		ct_out_fini(&out);
		cr_assert_str_eq(captured(), "a REDACTED b", "cut at %zu", cut);
		ct_redactor_destroy(redactor);
	}
}

Test(out, delivers_what_only_begins_like_a_key)
{
	struct ct_redactor *redactor = redactor_of_key();
	struct ct_out out;

	ct_out_init(&out);
	out.redactor = redactor;
	capture();
	ct_out_printf(&out, "ends in sk-0123");
	ct_out_fini(&out);
	cr_assert_str_eq(captured(), "ends in sk-0123");
	ct_redactor_destroy(redactor);
}

static const struct ct_column columns[] = {
	{ .title = "NAME", .shrink = true },
	{ .title = "N", .align = CT_RIGHT },
	{ .title = "MORE", .optional = 1 },
};

static const char *table(struct ct_out *out, int width, const char *name)
{
	struct ct_table *t = ct_table_create(columns, CT_COUNT(columns));

	out->width = width;
	ct_table_cell(t, "%s", name);
	ct_table_cell(t, "%d", 12345);
	ct_table_cell_color(t, "31", "more");
	capture();
	ct_table_print(t, out);
	return captured();
}

Test(out, fits_a_table_to_the_terminal)
{
	static const struct {
		int width;
		const char *name, *text;
	} cases[] = {
		{ 0, "a-name-of-some-length",
		  "NAME                       N  MORE\na-name-of-some-length  12345  more\n" },
		{ 33, "a-name-of-some-length",
		  "NAME                      N  MORE\na-name-of-some-leng\u2026  12345  more\n" },
		{ 32, "a-name-of-some-length",
		  "NAME                       N\na-name-of-some-length  12345\n" },
		{ 24, "a-name-of-some-length", "NAME                   N\na-name-of-some-l\u2026  12345\n" },
		{ 14, "a-name-of-some-length", "NAME         N\na-name\u2026  12345\n" },
		{ 12, "a-name-of-some-length",
		  "NAME  a-nam\u2026\nN     12345\nMORE  more\n" },
		{ 14, "\u6f22\u5b57\u6f22\u5b57", "NAME         N\n\u6f22\u5b57\u6f22\u2026  12345\n" },
		{ 0, "a\033[31m\nb", "NAME         N  MORE\na[31m b  12345  more\n" },
		{ 0, "\xff", "NAME      N  MORE\n\uFFFD     12345  more\n" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_out out;
		ct_out_init(&out);
		cr_assert_str_eq(table(&out, cases[i].width, cases[i].name), cases[i].text,
				 "case %zu", i);
		ct_out_fini(&out);
	}
}

Test(out, hides_a_key_before_a_cell_is_cut)
{
	struct ct_redactor *redactor = redactor_of_key();
	struct ct_out out;

	ct_out_init(&out);
	out.redactor = redactor;
	cr_assert_null(strstr(table(&out, 20, key), "sk-"));
	ct_out_fini(&out);
	ct_redactor_destroy(redactor);
}

#include <criterion/criterion.h>

#include "leaks.h"
#include "service/template.h"

TestSuite(template, .fini = check_leaks);

#define STR(text) (struct ct_str) CT_STR(text)

static void vars_of(struct ct_template_var *vars, const char *one, const char *two)
{
	cr_assert_eq(ct_template_var_read(one, &vars[0], NULL), CT_OK);
	cr_assert_eq(ct_template_var_read(two, &vars[1], NULL), CT_OK);
}

Test(template, fills_its_gaps)
{
	static const struct {
		const char *prompt, *input, *expected;
	} cases[] = {
		{ "Review {{lang}}.", "", "Review C." },
		{ "{{ lang }}{{lang}}", "", "CC" },
		{ "{{lang}}:\n{{input}}!", "x", "C:\nx!" },
		{ "{{input}} and {{ input }}", "x", "x and x" },
		{ "Review:", "x", "Review:\n\nx" },
		{ "", "x", "x" },
		/* a value is not looked into */
		{ "{{odd}}", "", "{{lang}}{{" },
		{ "{{input}}", "{{lang}}", "{{lang}}" },
		/* braces that hold no name */
		{ "{{}} {{ }} {{a b}} {{\"x\"}} {lang} {{lang", "",
		  "{{}} {{ }} {{a b}} {{\"x\"}} {lang} {{lang" },
		{ "{{{lang}}}", "", "{C}" },
		{ "{{#if}}", "", "{{#if}}" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_template t = { .name = STR("t"),
					 .prompt = ct_str(cases[i].prompt) };
		struct ct_buf out = CT_BUF_INIT(1000);
		struct ct_template_var vars[2];
		struct ct_err err = { 0 };

		vars_of(vars, "lang=C", "odd={{lang}}{{");
		cr_assert_eq(ct_template_prompt(&t, vars, 2, ct_str(cases[i].input), &out,
						&err),
			     CT_OK, "%s: %s", cases[i].prompt, err.msg);
		cr_expect_str_eq(out.ptr, cases[i].expected, "%s: %s", cases[i].prompt,
				 out.ptr);
		ct_buf_fini(&out);
	}
}

Test(template, names_the_variable_that_is_missing)
{
	struct ct_template t = { .name = STR("review"),
				 .prompt = STR("{{lang}} {{input}}"),
				 .system = STR("{{input}}") };
	struct ct_buf out = CT_BUF_INIT(1000);
	struct ct_template_var vars[2];
	struct ct_err err = { 0 };

	vars_of(vars, "lagn=C", "x=");
	cr_expect_eq(ct_template_prompt(&t, vars, 2, STR("x"), &out, &err), CT_EUSAGE);
	cr_expect_str_eq(err.msg, "template review wants a value for 'lang'");
	cr_expect_str_eq(err.hint, "You gave one for 'lagn'.");
	cr_expect_eq(ct_template_prompt(&t, NULL, 0, STR("x"), &out, &err), CT_EUSAGE);
	cr_expect_str_eq(err.hint, "Give it with --var lang=VALUE.");
	vars_of(vars, "lang=C", "x=");
	ct_buf_clear(&out);
	cr_expect_eq(ct_template_prompt(&t, vars, 2, STR(" \n"), &out, &err), CT_EUSAGE);
	cr_expect_str_eq(err.msg, "template review wants a prompt");
	cr_expect(vars[0].used && !vars[1].used);
	ct_buf_clear(&out);
	cr_expect_eq(ct_template_prompt(&t, vars, 2, (struct ct_str){ NULL, 0 }, &out,
					&err), CT_OK);
	cr_expect_eq(ct_template_system(&t, vars, 2, &out, &err), CT_EUSAGE);
	cr_expect_str_eq(err.msg, "template review wants a value for 'input'");
	ct_buf_fini(&out);
}

Test(template, takes_the_last_value_of_a_variable)
{
	struct ct_template t = { .name = STR("t"), .prompt = STR("{{a}}") };
	struct ct_buf out = CT_BUF_INIT(1000);
	struct ct_template_var vars[2];

	vars_of(vars, "a=1", "a=2=3");
	cr_assert_eq(ct_template_prompt(&t, vars, 2, STR(""), &out, NULL), CT_OK);
	cr_expect_str_eq(out.ptr, "2=3");
	cr_expect(vars[0].used && vars[1].used);
	ct_buf_fini(&out);
}

Test(template, has_a_ceiling)
{
	struct ct_template t = { .name = STR("t"), .prompt = STR("{{a}}{{a}}{{a}}") };
	struct ct_buf out = CT_BUF_INIT(8);
	struct ct_template_var vars[2];

	vars_of(vars, "a=1234", "b=");
	cr_assert_eq(ct_template_prompt(&t, vars, 2, STR(""), &out, NULL), CT_ETOOBIG);
	ct_buf_fini(&out);
}

Test(template, wants_names_and_values)
{
	static const char *const wrong[] = { "", "a", "=x", "a b=x", "-a=x", "input=x" };
	struct ct_template_var var;

	for (size_t i = 0; i < CT_COUNT(wrong); i++)
		cr_expect_eq(ct_template_var_read(wrong[i], &var, NULL), CT_EUSAGE, "%s",
			     wrong[i]);
	cr_assert_eq(ct_template_var_read("a=", &var, NULL), CT_OK);
	cr_expect_eq(var.value.len, 0);
}

Test(template, is_found_by_its_name_and_knows_the_nearest)
{
	struct ct_template list[] = { { .name = STR("review") },
				      { .name = STR("commit") } };
	struct ct_config config = { .templates = list, .template_count = 2 };
	const struct ct_template *found;
	struct ct_err err = { 0 };

	cr_expect_eq(ct_template_find(&config, STR("commit"), &found, &err), CT_OK);
	cr_expect_eq(found, &list[1]);
	cr_expect_eq(ct_template_find(&config, STR("reveiw"), &found, &err), CT_EUSAGE);
	cr_expect_str_eq(err.msg, "there is no template 'reveiw'");
	cr_expect_str_eq(err.hint, "Did you mean review?");
	cr_expect_eq(ct_template_find(&config, STR("x"), &found, &err), CT_EUSAGE);
}

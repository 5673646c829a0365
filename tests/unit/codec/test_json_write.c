#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "leaks.h"

TestSuite(json_write, .fini = check_leaks);

static void write_all_kinds(struct ct_jw *jw)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "s", ct_str("v"));
	ct_jw_member_int(jw, "i", INT64_MIN);
	ct_jw_member_bool(jw, "b", true);
	ct_jw_member_or_null(jw, "n", (struct ct_str){ NULL, 0 });
	ct_jw_member_or_null(jw, "e", ct_str(""));
	ct_jw_key(jw, "a");
	ct_jw_array(jw);
	ct_jw_array(jw);
	ct_jw_end_array(jw);
	ct_jw_object(jw);
	ct_jw_end_object(jw);
	ct_jw_num(jw, 0.5);
	ct_jw_raw(jw, ct_str("[1]"));
	ct_jw_null(jw);
	ct_jw_end_array(jw);
	ct_jw_key(jw, "o");
	ct_jw_object(jw);
	ct_jw_key_str(jw, (struct ct_str){ "k\n", 2 });
	ct_jw_str(jw, (struct ct_str){ NULL, 0 });
	ct_jw_end_object(jw);
	ct_jw_member_bool(jw, "z", false);
	ct_jw_end_object(jw);
}

Test(json_write, puts_commas_where_they_belong)
{
	struct ct_buf out = CT_BUF_INIT(1000);
	struct ct_jw jw = ct_jw(&out);

	write_all_kinds(&jw);
	cr_assert_str_eq(out.ptr,
			 "{\"s\":\"v\",\"i\":-9223372036854775808,\"b\":true,\"n\":null,"
			 "\"e\":\"\","
			 "\"a\":[[],{},0.5,[1],null],\"o\":{\"k\\n\":\"\"},\"z\":false}");
	ct_buf_fini(&out);
}

Test(json_write, indents_for_people)
{
	struct ct_buf out = CT_BUF_INIT(1000);
	struct ct_jw jw = ct_jw(&out);

	jw.indent = 2;
	write_all_kinds(&jw);
	cr_assert_str_eq(
		out.ptr,
		"{\n  \"s\": \"v\",\n  \"i\": -9223372036854775808,\n"
		"  \"b\": true,\n  \"n\": null,\n  \"e\": \"\",\n"
		"  \"a\": [\n    [],\n    {},\n    0.5,\n    [1],\n    null\n  ],\n"
		"  \"o\": {\n    \"k\\n\": \"\"\n  },\n  \"z\": false\n}");
	ct_buf_fini(&out);
}

Test(json_write, cleans_what_is_not_text)
{
	static const struct {
		struct ct_str in;
		const char *out;
	} cases[] = {
		{ CT_STR("a\xFF"
			 "b"),
		  "\"a\xEF\xBF\xBD"
		  "b\"" },
		{ CT_STR("\xED\xA0\xBD"), "\"\xEF\xBF\xBD\"" },
		{ CT_STR("\xED\xA0\xBD\xED\xB8\x80"), "\"\xF0\x9F\x98\x80\"" },
		{ CT_STR("\xFF\"\n"), "\"\xEF\xBF\xBD\\\"\\n\"" },
		{ CT_STR("\x01\x1F\x7F/\0"), "\"\\u0001\\u001f\x7F/\\u0000\"" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_buf out = CT_BUF_INIT(100);
		struct ct_jw jw = ct_jw(&out);
		ct_jw_str(&jw, cases[i].in);
		cr_assert_str_eq(out.ptr, cases[i].out, "case %zu: %s", i, out.ptr);
		ct_buf_fini(&out);
	}
}

Test(json_write, numbers_are_the_shortest_that_read_back)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ -0.0, "-0" },
		{ 0.1, "0.1" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 100, "100" },
		{ 2.5e10, "25000000000" },
		{ 1e22, "1e22" },
		{ 1e-7, "1e-7" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 5e-324, "5e-324" },
		{ 1.7976931348623157e308, "1.7976931348623157e308" },
		{ 9007199254740993.0, "9007199254740992" },
		{ INFINITY, "null" },
		{ NAN, "null" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_buf out = CT_BUF_INIT(100);
		struct ct_jw jw = ct_jw(&out);
		ct_jw_num(&jw, cases[i].value);
		cr_assert_str_eq(out.ptr, cases[i].text, "case %zu: %s", i, out.ptr);
		if (isfinite(cases[i].value))
			cr_assert_eq(strtod(out.ptr, NULL), cases[i].value, "case %zu",
				     i);
		ct_buf_fini(&out);
	}
}

Test(json_write, a_full_buffer_stays_failed)
{
	struct ct_buf out = CT_BUF_INIT(8);
	struct ct_jw jw = ct_jw(&out);

	write_all_kinds(&jw);
	cr_assert_eq(ct_buf_check(&out, "text", NULL), CT_ETOOBIG);
	ct_buf_clear(&out);
	jw = ct_jw(&out);
	ct_jw_str(&jw, ct_str("\xFF\xFF\xFF\xFF"));
	cr_assert_eq(ct_buf_check(&out, "text", NULL), CT_ETOOBIG, "while cleaning too");
	ct_buf_fini(&out);
}

static struct ct_buf scratch = CT_BUF_INIT(100);

Test(json_write, a_key_in_an_array_is_our_bug, .signal = SIGABRT)
{
	struct ct_jw jw = ct_jw(&scratch);

	ct_jw_object(&jw);
	ct_jw_key(&jw, "a");
	ct_jw_array(&jw);
	ct_jw_key(&jw, "b");
}

Test(json_write, a_value_without_a_key_is_our_bug, .signal = SIGABRT)
{
	struct ct_jw jw = ct_jw(&scratch);

	ct_jw_object(&jw);
	ct_jw_key(&jw, "a");
	ct_jw_array(&jw);
	ct_jw_end_array(&jw);
	ct_jw_null(&jw);
}

Test(json_write, the_wrong_bracket_is_our_bug, .signal = SIGABRT)
{
	struct ct_jw jw = ct_jw(&scratch);

	ct_jw_object(&jw);
	ct_jw_end_array(&jw);
}

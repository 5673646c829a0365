#include <criterion/criterion.h>
#include <stdio.h>

#include "codec/json.h"
#include "leaks.h"

TestSuite(json, .fini = check_leaks);

#define S(literal) \
	{ \
		literal, sizeof(literal) - 1 \
	}

/* The input ends where its memory does, so that reading on is seen. */
static int parse(struct ct_arena *arena, struct ct_str text, unsigned flags,
		 const struct ct_json **out, struct ct_err *err)
{
	char *copy = ct_arena_alloc(arena, text.len + 1);

	memcpy(copy, text.ptr, text.len);
	return ct_json_parse(arena, (struct ct_str){ copy, text.len }, flags, out, err);
}

Test(json, refuses_what_is_not_json_and_says_where)
{
	static const struct {
		struct ct_str text;
		const char *message;
	} cases[] = {
		{ S(""), "line 1, column 1: the text is empty" },
		{ S(" \n "), "line 2, column 2: the text ends too early" },
		{ S("[1,]"), "line 1, column 4: expected a value" },
		{ S("[1 2]"), "line 1, column 4: expected ',' or ']'" },
		{ S("[1"), "line 1, column 3: the text ends too early" },
		{ S("[1,"), "line 1, column 4: the text ends too early" },
		{ S("[1}"), "line 1, column 3: expected ',' or ']'" },
		{ S("{\"a\":1,}"), "line 1, column 8: expected a key in quotes" },
		{ S("{\"a\":1"), "line 1, column 7: the text ends too early" },
		{ S("{\"a\""), "line 1, column 5: the text ends too early" },
		{ S("{\"a\" 1}"), "line 1, column 6: expected ':'" },
		{ S("{\"a\":}"), "line 1, column 6: expected a value" },
		{ S("{a:1}"), "line 1, column 2: expected a key in quotes" },
		{ S("{"), "line 1, column 2: the text ends too early" },
		{ S("{\n \"a\": 1,\n \"a\": 2\n}"),
		  "line 3, column 3: the key \"a\" is there twice" },
		{ S("{\"a\":1,\"\\u0061\":2}"),
		  "line 1, column 18: the key \"a\" is there twice" },
		{ S("{\"\\n\":1,\"\\n\"\n:2\n}"),
		  "line 3, column 1: a key is there twice" },
		{ S("tru"), "line 1, column 1: expected a value" },
		{ S("True"), "line 1, column 1: expected a value" },
		{ S("nulll"), "line 1, column 5: something follows the value" },
		{ S("1 2"), "line 1, column 3: something follows the value" },
		{ S("[]]"), "line 1, column 3: something follows the value" },
		{ S("\xEF\xBB\xBF[]"), "line 1, column 1: expected a value" },
		{ S("[]\0"), "line 1, column 3: something follows the value" },
		{ S("[\0]"), "line 1, column 2: expected a value" },
		{ S("\f1"), "line 1, column 1: expected a value" },
		{ S("// no\n1"), "line 1, column 1: expected a value" },
		{ S("'a'"), "line 1, column 1: expected a value" },
		{ S("01"), "line 1, column 2: something follows the value" },
		{ S("-"), "line 1, column 2: the text ends too early" },
		{ S("-a"), "line 1, column 2: a number wants a digit here" },
		{ S("-01"), "line 1, column 3: something follows the value" },
		{ S("+1"), "line 1, column 1: expected a value" },
		{ S(".5"), "line 1, column 1: expected a value" },
		{ S("1."), "line 1, column 3: the text ends too early" },
		{ S("[1.]"), "line 1, column 4: a number wants a digit here" },
		{ S("1e"), "line 1, column 3: the text ends too early" },
		{ S("[1e+]"), "line 1, column 5: a number wants a digit here" },
		{ S("0x10"), "line 1, column 2: something follows the value" },
		{ S("NaN"), "line 1, column 1: expected a value" },
		{ S("Infinity"), "line 1, column 1: expected a value" },
		{ S("\"abc"), "line 1, column 5: the text ends too early" },
		{ S("\"abc\\"), "line 1, column 6: the text ends too early" },
		{ S("\"abc\\\""), "line 1, column 7: the text ends too early" },
		{ S("\"a\nb\""),
		  "line 1, column 3: a control character in a string wants an escape" },
		{ S("\"a\0b\""),
		  "line 1, column 3: a control character in a string wants an escape" },
		{ S("\"\xC3\xA9\\q\""), "line 1, column 3: no such escape" },
		{ S("\"\\u12\""), "line 1, column 2: \\u wants four hexadecimal digits" },
		{ S("\"\\u12g4\""),
		  "line 1, column 2: \\u wants four hexadecimal digits" },
		{ S("\"\\ud83d\""), "line 1, column 2: half of a surrogate pair" },
		{ S("\"\\ud83d\\u0041\""), "line 1, column 2: half of a surrogate pair" },
		{ S("\"\\ude00\\ud83d\""), "line 1, column 2: half of a surrogate pair" },
		{ S("\"a\xFF\""), "line 1, column 3: invalid UTF-8" },
		{ S("\"a\xC0\xAF\""), "line 1, column 3: invalid UTF-8" },
		{ S("\"0123456789\xED\xA0\x80 \\n\""),
		  "line 1, column 12: invalid UTF-8" },
		{ S("{\"\xC3\":1}"), "line 1, column 3: invalid UTF-8" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_err err = { 0 };
		const struct ct_json *out = NULL;
		int rc = parse(&arena, cases[i].text, CT_JSON_STRICT, &out, &err);
		cr_assert_eq(rc, CT_EPARSE, "case %zu: %.*s", i,
			     CT_STR_ARG(cases[i].text));
		cr_assert_null(out, "case %zu", i);
		cr_assert_str_eq(err.msg, cases[i].message, "case %zu: %s", i, err.msg);
		ct_arena_fini(&arena);
	}
}

/* Parsed and written again, on one line. */
Test(json, reads_what_is_json)
{
	static const struct {
		struct ct_str text;
		const char *again;
	} cases[] = {
		{ S(" [ ] "), "[]" },
		{ S("{}"), "{}" },
		{ S("\r\n\t null"), "null" },
		{ S("[true,false,null]"), "[true,false,null]" },
		{ S("0"), "0" },
		{ S("-0"), "-0" },
		{ S("-12.50E+03"), "-12.50E+03" },
		{ S("1e999"), "1e999" },
		{ S("\"\""), "\"\"" },
		{ S("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
		{ S("\"\\u0000\\u001F\\u007f\""), "\"\\u0000\\u001f\x7F\"" },
		{ S("\"\\u00e9\\u20AC\""), "\"\xC3\xA9\xE2\x82\xAC\"" },
		{ S("\"x\\ud83d\\uDE00y\""), "\"x\xF0\x9F\x98\x80y\"" },
		{ S("\"\\udbff\\udfff\""), "\"\xF4\x8F\xBF\xBF\"" },
		{ S("\"\xF0\x9F\x98\x80\""), "\"\xF0\x9F\x98\x80\"" },
		{ S("{\"a\":{\"b\":[1,{\"c\":\"d\"}]},\"\":0}"),
		  "{\"a\":{\"b\":[1,{\"c\":\"d\"}]},\"\":0}" },
		{ S("[[],[[]],{\"a\":{}}]"), "[[],[[]],{\"a\":{}}]" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_err err = { 0 };
		struct ct_buf text = CT_BUF_INIT(1000);
		struct ct_jw jw = ct_jw(&text);
		const struct ct_json *out;
		int rc = parse(&arena, cases[i].text, CT_JSON_STRICT, &out, &err);
		cr_assert_eq(rc, CT_OK, "case %zu: %s", i, err.msg);
		ct_jw_value(&jw, out);
		cr_assert_str_eq(text.ptr, cases[i].again, "case %zu: %s", i, text.ptr);
		ct_buf_fini(&text);
		ct_arena_fini(&arena);
	}
}

/* What the reader looks for eight bytes at a time must be found at each of the eight places. */
Test(json, finds_the_end_of_a_string_wherever_it_is)
{
	static const char *const ends[] = { "\"", "\\n\"", "\xC3\xA9\"", "\x1F",
					    "\x7F\"" };

	for (size_t len = 0; len < 40; len++) {
		for (size_t i = 0; i < CT_COUNT(ends); i++) {
			struct ct_arena arena = { 0 };
			const struct ct_json *out;
			char text[64];
			snprintf(text, sizeof(text), "\"%.*s%s", (int)len,
				 "~ !#$[]^_`abcdefghijklmnopqrstuvwxyz0123456789",
				 ends[i]);
			int rc = parse(&arena, ct_str(text), CT_JSON_STRICT, &out, NULL);
			cr_assert_eq(rc, i == 3 ? CT_EPARSE : CT_OK,
				     "length %zu, end %zu", len, i);
			if (rc == CT_OK)
				cr_assert_eq(out->text.len,
					     len + (i == 0   ? 0
						    : i == 2 ? 2
							     : 1),
					     "length %zu, end %zu", len, i);
			ct_arena_fini(&arena);
		}
	}
}

Test(json, strings_without_escapes_are_views_of_the_text)
{
	struct ct_arena arena = { 0 };
	struct ct_str text = ct_str("[\"plain\",\"esc\\n\"]");
	const struct ct_json *out;

	cr_assert_eq(ct_json_parse(&arena, text, CT_JSON_STRICT, &out, NULL), CT_OK);
	cr_assert_eq(out->first->text.ptr, text.ptr + 2);
	cr_assert(ct_str_is(out->first->next->text, "esc\n"));
	cr_assert(ct_str_is(out->text, text.ptr));
	ct_arena_fini(&arena);
}

Test(json, lenient_keeps_broken_strings_and_the_last_of_twins)
{
	struct ct_arena arena = { 0 };
	struct ct_str text =
		ct_str("{\"a\":\"\\ud83d\",\"b\":\"x\xFF\",\"a\":\"\\ude00 \\n\"}");
	const struct ct_json *out;

	cr_assert_eq(parse(&arena, text, CT_JSON_LENIENT, &out, NULL), CT_OK);
	cr_assert(ct_str_is(out->first->text, "\xED\xA0\xBD"));
	cr_assert(ct_str_is(ct_json_str_at(out, "a"), "\xED\xB8\x80 \n"));
	cr_assert(ct_str_is(ct_json_str_at(out, "b"), "x\xFF"));
	ct_arena_fini(&arena);
}

Test(json, lenient_is_as_strict_about_everything_else)
{
	static const char *const texts[] = { "[1,]",	"{\"a\"}", "01", "\"\n\"",
					     "\"\\x\"", "[",	   "" };

	for (size_t i = 0; i < CT_COUNT(texts); i++) {
		struct ct_arena arena = { 0 };
		const struct ct_json *out;
		cr_assert_eq(parse(&arena, ct_str(texts[i]), CT_JSON_LENIENT, &out, NULL),
			     CT_EPARSE, "%s", texts[i]);
		ct_arena_fini(&arena);
	}
}

static int parse_nested(int depth, const char *open, const char *close)
{
	struct ct_arena arena = { 0 };
	struct ct_buf text = CT_BUF_INIT(1 << 20);
	const struct ct_json *out;

	for (int i = 0; i < depth; i++)
		ct_buf_puts(&text, open);
	ct_buf_puts(&text, "1");
	for (int i = 0; i < depth; i++)
		ct_buf_puts(&text, close);
	int rc = ct_json_parse(&arena, ct_buf_str(&text), CT_JSON_STRICT, &out, NULL);
	ct_buf_fini(&text);
	ct_arena_fini(&arena);
	return rc;
}

Test(json, holds_the_depth_it_promises_and_no_more)
{
	cr_assert_eq(parse_nested(CT_JSON_DEPTH, "[", "]"), CT_OK);
	cr_assert_eq(parse_nested(CT_JSON_DEPTH + 1, "[", "]"), CT_EPARSE);
	cr_assert_eq(parse_nested(CT_JSON_DEPTH, "{\"k\":", "}"), CT_OK);
	cr_assert_eq(parse_nested(100000, "{\"k\":", "}"), CT_EPARSE);
}

Test(json, refuses_more_values_than_it_holds)
{
	struct ct_arena arena = { 0 };
	struct ct_buf text = CT_BUF_INIT(16 << 20);
	struct ct_err err = { 0 };
	const struct ct_json *out;

	ct_buf_puts(&text, "[0");
	for (int i = 0; i < CT_JSON_VALUES; i++)
		ct_buf_append(&text, ",0", 2);
	ct_buf_puts(&text, "]");
	cr_assert_eq(
		ct_json_parse(&arena, ct_buf_str(&text), CT_JSON_LENIENT, &out, &err),
		CT_EPARSE);
	cr_assert(ct_str_has(ct_str(err.msg), "more values"), "%s", err.msg);
	ct_buf_fini(&text);
	ct_arena_fini(&arena);
}

static int parse_keys(int count, int twin)
{
	struct ct_arena arena = { 0 };
	struct ct_buf text = CT_BUF_INIT(4 << 20);
	const struct ct_json *out;

	ct_buf_puts(&text, "{\"k0\":0");
	for (int i = 1; i < count; i++)
		ct_buf_printf(&text, ",\"k%d\":0",
			      i == count - 1 && twin >= 0 ? twin : i);
	ct_buf_puts(&text, "}");
	int rc = ct_json_parse(&arena, ct_buf_str(&text), CT_JSON_STRICT, &out, NULL);
	ct_buf_fini(&text);
	ct_arena_fini(&arena);
	return rc;
}

Test(json, finds_twins_among_few_and_among_many_keys)
{
	static const int counts[] = { 2, 16, 17, 18, 1000, 100000 };

	for (size_t i = 0; i < CT_COUNT(counts); i++) {
		cr_assert_eq(parse_keys(counts[i], -1), CT_OK, "%d keys", counts[i]);
		cr_assert_eq(parse_keys(counts[i], 0), CT_EPARSE, "%d keys", counts[i]);
		cr_assert_eq(parse_keys(counts[i], counts[i] / 2 - 1), CT_EPARSE,
			     "%d keys", counts[i]);
	}
}

Test(json, knows_the_line_of_each_value)
{
	struct ct_arena arena = { 0 };
	const struct ct_json *out;

	cr_assert_eq(parse(&arena, ct_str("\n{\"a\":\n[1,\r\n\n2]}"), CT_JSON_STRICT,
			   &out, NULL),
		     CT_OK);
	cr_assert_eq(out->line, 2);
	cr_assert_eq(ct_json_at(out, "a")->line, 3);
	cr_assert_eq(ct_json_at(out, "a.1")->line, 5);
	ct_arena_fini(&arena);
}

Test(json, finds_values_by_path)
{
	struct ct_arena arena = { 0 };
	const struct ct_json *out;
	struct ct_str text =
		ct_str("{\"error\":{\"details\":[{\"reason\":\"R\"},7],\"0\":true},"
		       "\"\":null}");

	cr_assert_eq(parse(&arena, text, CT_JSON_STRICT, &out, NULL), CT_OK);
	cr_assert(ct_str_is(ct_json_str_at(out, "error.details.0.reason"), "R"));
	cr_assert_eq(ct_json_int_at(out, "error.details.1", -1), 7);
	cr_assert(ct_json_true(ct_json_at(out, "error.0")));
	cr_assert(ct_json_is(ct_json_at(out, ""), CT_JSON_NULL));
	static const char *const absent[] = { "error.details.2",   "error.details.-1",
					      "error.details.x",   "error.details.",
					      "error.nope.0",	   "error.0.x",
					      "error.details.1.x", "x" };
	for (size_t i = 0; i < CT_COUNT(absent); i++)
		cr_assert_null(ct_json_at(out, absent[i]), "%s", absent[i]);
	ct_arena_fini(&arena);
}

Test(json, answers_with_nothing_where_there_is_nothing)
{
	struct ct_json number = { .type = CT_JSON_NUMBER, .text = CT_STR("1") };
	struct ct_json truth = { .type = CT_JSON_TRUE, .text = CT_STR("true") };

	cr_assert_null(ct_json_get(NULL, "a"));
	cr_assert_null(ct_json_get(&number, "a"));
	cr_assert_null(ct_json_at(NULL, "a.b"));
	cr_assert_null(ct_json_first(NULL));
	cr_assert_null(ct_json_first(&number));
	cr_assert_null(ct_json_str(&number).ptr);
	cr_assert_null(ct_json_str(NULL).ptr);
	cr_assert_not(ct_json_is(NULL, CT_JSON_NULL));
	cr_assert_not(ct_json_true(&number));
	cr_assert_not(ct_json_true(NULL));
	cr_assert_eq(ct_json_int(&truth, 5), 5);
	cr_assert_eq(ct_json_int(NULL, 5), 5);
	cr_assert_eq(ct_json_num(&truth, 5), 5);
}

Test(json, integers_are_those_that_fit_however_written)
{
	static const struct {
		const char *text;
		int64_t value; /* -99: none */
	} cases[] = {
		{ "0", 0 },
		{ "-0.0", 0 },
		{ "0e99999999999999999999", 0 },
		{ "42", 42 },
		{ "1.0", 1 },
		{ "1e3", 1000 },
		{ "1.5E+1", 15 },
		{ "1200e-2", 12 },
		{ "-1.20e1", -12 },
		{ "100", 100 },
		{ "10.0e0", 10 },
		{ "1.5", -99 },
		{ "1e-1", -99 },
		{ "12e-2", -99 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
		{ "9223372036854775808", -99 },
		{ "-9223372036854775809", -99 },
		{ "1e19", -99 },
		{ "1e999999999999999999999999", -99 },
		{ "1e-999999999999999999999999", -99 },
		{ "92233720368547758.07e2", INT64_MAX },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_json value = { .type = CT_JSON_NUMBER,
					 .text = ct_str(cases[i].text) };
		int64_t got = ct_json_int(&value, -99);
		cr_assert_eq(got, cases[i].value, "%s: %lld", cases[i].text,
			     (long long)got);
	}
}

Test(json, numbers_are_read_whatever_is_behind_them)
{
	struct ct_json value = { .type = CT_JSON_NUMBER, .text = { "1.25e1999", 6 } };

	cr_assert_eq(ct_json_num(&value, -1), 12.5);
	value.text = ct_str("1e999");
	cr_assert_eq(ct_json_num(&value, -1), -1, "more than a double holds");
	value.text = ct_str("1e-999");
	cr_assert_eq(ct_json_num(&value, -1), 0);
}

#include <criterion/criterion.h>

#include "base/arena.h"
#include "leaks.h"
#include "service/yaml_tree.h"

TestSuite(yaml_tree, .fini = check_leaks);

static struct ct_str repeat(struct ct_arena *arena, const char *text, size_t times,
			    const char *tail)
{
	size_t len = strlen(text);
	char *all = ct_arena_alloc(arena, len * times + strlen(tail) + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(all + i * len, text, len);
	memcpy(all + len * times, tail, strlen(tail) + 1);
	return ct_str(all);
}

Test(yaml_tree, types_plain_scalars_by_the_core_schema)
{
	static const struct {
		const char *text;
		enum ct_yaml_type type;
	} cases[] = {
		{ "~", CT_YAML_NULL },	    { "null", CT_YAML_NULL },  { "true", CT_YAML_BOOL },
		{ "False", CT_YAML_BOOL },  { "yes", CT_YAML_TEXT },   { "on", CT_YAML_TEXT },
		{ "12", CT_YAML_INT },	    { "-12", CT_YAML_INT },    { "+12", CT_YAML_INT },
		{ "0o17", CT_YAML_INT },    { "0x1F", CT_YAML_INT },   { "0x", CT_YAML_TEXT },
		{ "1_000", CT_YAML_TEXT },  { "1.5", CT_YAML_FLOAT },  { ".5", CT_YAML_FLOAT },
		{ "5.", CT_YAML_FLOAT },    { "1e3", CT_YAML_FLOAT },  { "1e", CT_YAML_TEXT },
		{ ".", CT_YAML_TEXT },	    { ".inf", CT_YAML_FLOAT }, { "-.INF", CT_YAML_FLOAT },
		{ ".nan", CT_YAML_FLOAT },  { "1.2.3", CT_YAML_TEXT }, { "\"12\"", CT_YAML_TEXT },
		{ "'true'", CT_YAML_TEXT }, { "12 a", CT_YAML_TEXT },  { "-", CT_YAML_LIST },
		{ "2026-10-21", CT_YAML_TEXT },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		const struct ct_yaml *root;
		int rc = ct_yaml_parse(&arena, "f", ct_str(cases[i].text), &root, NULL);
		cr_assert_eq(rc, CT_OK, "%s: %d", cases[i].text, rc);
		cr_assert_eq(root->type, cases[i].type, "%s is %s", cases[i].text,
			     ct_yaml_type_name(root->type));
		ct_arena_fini(&arena);
	}
}

Test(yaml_tree, says_file_and_line_of_what_is_wrong)
{
	static const struct {
		const char *text, *expected; /* beginning of the message */
	} cases[] = {
		{ "a: 1\nb: 2\na: 3\n", "f:3: 'a' is set twice, first in line 1" },
		{ "a:\n  b: 1\n  b: 2\n", "f:3: 'b' is set twice" },
		{ "a: 1\n\tb: 2\n", "f:2: " },
		{ "a: [1, 2\nb: 3\n", "f:2: " },
		{ "a: 1\nb: \xff\xfe\n", "f:2: " },
		{ "a: 1\n\nb: \x01\n", "f:3: " },
		{ "a: 1\n---\nb: 2\n", "f:2: a second document" },
		{ "a: !!str 5\n", "f:1: tags are not understood" },
		{ "a: 1\nb: *x\n", "f:2: no anchor 'x'" },
		{ "a: &x [*x]\n", "f:1: no anchor 'x'" },
		{ "? [1]\n: 2\n", "f:1: a key must be text" },
		{ "a: \"x\\0y\"\n", "f:1: a NUL byte" },
		{ "a: \"\n", "f:" },
		{ "%", "f:1: " },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_err err = { 0 };
		const struct ct_yaml *root;
		int rc = ct_yaml_parse(&arena, "f", ct_str(cases[i].text), &root, &err);
		cr_assert_eq(rc, CT_ECONFIG, "case %zu: %d", i, rc);
		cr_assert(ct_str_starts(ct_str(err.msg), cases[i].expected), "case %zu: %s", i,
			  err.msg);
		ct_arena_fini(&arena);
	}
}

Test(yaml_tree, takes_an_empty_document_for_nothing)
{
	static const char *const cases[] = { "", "\n", "# only this\n", "---\n", "--- \n...\n" };

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		const struct ct_yaml *root;
		cr_assert_eq(ct_yaml_parse(&arena, "f", ct_str(cases[i]), &root, NULL), CT_OK);
		cr_assert_eq(root->type, CT_YAML_NULL, "case %zu", i);
		ct_arena_fini(&arena);
	}
}

Test(yaml_tree, holds_its_ceilings)
{
	static const struct {
		const char *piece;
		size_t times;
		const char *tail, *expected;
	} cases[] = {
		{ "[", 33, "1", "f:1: nested deeper than 32" },
		{ "[", 100000, "", "f:1: nested deeper than 32" },
		{ "- 1\n", 1001, "", "f:1: more than 1000 entries" },
		{ "- [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, "
		  "21]\n",
		  1000, "", "f:910: more than 20000 values" },
		{ "# 456789\n", 200000, "", "f:1: longer than 1048576 bytes" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_err err = { 0 };
		const struct ct_yaml *root;
		struct ct_str text =
			repeat(&arena, cases[i].piece, cases[i].times, cases[i].tail);
		int rc = ct_yaml_parse(&arena, "f", text, &root, &err);
		cr_assert_eq(rc, CT_ECONFIG, "case %zu: %d", i, rc);
		cr_assert_str_eq(err.msg, cases[i].expected, "case %zu: %s", i, err.msg);
		ct_arena_fini(&arena);
	}
}

static int to_json(const char *yaml, size_t max, struct ct_buf *out, struct ct_err *err)
{
	struct ct_arena arena = { 0 };
	const struct ct_yaml *root;

	*out = (struct ct_buf)CT_BUF_INIT(max);
	cr_assert_eq(ct_yaml_parse(&arena, "f", ct_str(yaml), &root, err), CT_OK, "%s", yaml);
	int rc = ct_yaml_json(root, "f", out, err);
	ct_arena_fini(&arena);
	return rc;
}

Test(yaml_tree, becomes_json)
{
	static const struct {
		const char *yaml, *json;
	} cases[] = {
		{ "{a: 1, b: [x, 'y', true, ~], c: {d: 1.5}}",
		  "{\"a\":1,\"b\":[\"x\",\"y\",true,null],\"c\":{\"d\":1.5}}" },
		{ "+007", "7" },
		{ "-0", "-0" },
		{ "-012", "-12" },
		{ "0o17", "15" },
		{ "0x1F", "31" },
		{ "123456789012345678901234567890", "123456789012345678901234567890" },
		{ ".5", "0.5" },
		{ "'a\"b'", "\"a\\\"b\"" },
		{ "a: &x [1]\nb: *x", "{\"a\":[1],\"b\":[1]}" },
		{ "{}", "{}" },
		{ "[]", "[]" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		struct ct_buf out;
		int rc = to_json(cases[i].yaml, 4096, &out, &err);
		cr_assert_eq(rc, CT_OK, "%s: %s", cases[i].yaml, err.msg);
		cr_assert_str_eq(out.ptr, cases[i].json, "%s: %s", cases[i].yaml, out.ptr);
		ct_buf_fini(&out);
	}
}

Test(yaml_tree, refuses_what_json_cannot_say)
{
	static const struct {
		const char *yaml, *expected;
	} cases[] = {
		{ "- 1\n- .inf", "f:2: .inf cannot be said in JSON" },
		{ ".nan", "f:1: .nan cannot be said in JSON" },
		{ "1e999", "f:1: 1e999 cannot be said in JSON" },
		{ "0xFFFFFFFFFFFFFFFFFF", "f:1: 0xFFFFFFFFFFFFFFFFFF is too large" },
		/* each anchor doubles the one before: 2^20 values from 20 */
		{ "- &a [1,1]\n- &b [*a,*a]\n- &c [*b,*b]\n- &d [*c,*c]\n- &e [*d,*d]\n"
		  "- &f [*e,*e]\n- &g [*f,*f]\n- &h [*g,*g]\n- &i [*h,*h]\n- &j [*i,*i]\n"
		  "- &k [*j,*j]\n- &l [*k,*k]\n- &m [*l,*l]\n- &n [*m,*m]\n- &o [*n,*n]\n",
		  "longer than 4096 bytes as JSON" },
		/* each anchor goes deeper than the depth of any text */
		{ "- &a [[[[[[[[[[1]]]]]]]]]]\n- &b [[[[[[[[[[*a]]]]]]]]]]\n"
		  "- &c [[[[[[[[[[*b]]]]]]]]]]\n- &d [[[[[[[[[[*c]]]]]]]]]]\n",
		  "nested deeper than 32" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		struct ct_buf out;
		int rc = to_json(cases[i].yaml, 4096, &out, &err);
		cr_assert_eq(rc, CT_ECONFIG, "case %zu: %d", i, rc);
		cr_assert(strstr(err.msg, cases[i].expected) != NULL, "case %zu: %s", i, err.msg);
		ct_buf_fini(&out);
	}
}

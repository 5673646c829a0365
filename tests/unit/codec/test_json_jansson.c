/* The same texts to another reader of JSON, which has been asked by many for long. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>

#include "base/file.h"
#include "codec/json.h"
#include "leaks.h"

TestSuite(json_jansson, .fini = check_leaks);

/* -1: jansson refuses it for a limit of its own (numbers that overflow, NUL in a key). */
static int jansson_takes(struct ct_str text)
{
	json_error_t error;
	json_t *json = json_loadb(text.ptr, text.len,
				  JSON_DECODE_ANY | JSON_REJECT_DUPLICATES |
					  JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL,
				  &error);
	bool taken = json != NULL;

	json_decref(json);
	if (taken)
		return 1;
	switch (json_error_code(&error)) {
	case json_error_numeric_overflow:
	case json_error_null_byte_in_key:
	case json_error_stack_overflow:
		return -1;
	default:
		return 0;
	}
}

static void compare(struct ct_str text, const char *name)
{
	struct ct_arena arena = { 0 };
	struct ct_err err = { 0 };
	const struct ct_json *out;
	int theirs = jansson_takes(text);
	int ours = ct_json_parse(&arena, text, CT_JSON_STRICT, &out, &err) == CT_OK;

	if (theirs >= 0 && !ct_str_has(ct_str(err.msg), "nested too deep"))
		cr_assert_eq(ours, theirs, "%s: ours %d (%s), jansson %d: %.*s", name,
			     ours, err.msg, theirs, CT_STR_ARG(text));
	ct_arena_fini(&arena);
}

static const char *const texts[] = {
	"{\"choices\":[{\"content\":\" h\\u00e9 \\ud83d\\ude00\"}],\"end\":null}",
	"{\"usage\":{\"a\":1.5e-3,\"b\":-0,\"c\":[true,false]}}",
	"[[[[]]],{\"a\":{\"b\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}}, 10, 0.1, 1E5]",
	"{\"a\":1,\"b\":2,\"aa\":3,\"\":4,\"\\u0061b\":5,\"\\n\":6}",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uFFFF\\ud800\\udc00\"",
	" \t\r\n-12.5e+10 \n",
	"[1,,2]",
	"[\"\\ud800\"]",
	"[\"\xED\xA0\x80\"]",
	"[\"\xF4\x90\x80\x80\"]",
	"[\"\xE0\x80\x80\"]",
	"{\"a\":1,\"a\":1}",
	"[1]x",
	"{\"a\":[}",
	"nul",
};

Test(json_jansson, agree_on_the_table)
{
	for (size_t i = 0; i < CT_COUNT(texts); i++)
		compare(ct_str(texts[i]), "table");
}

Test(json_jansson, agree_on_every_beginning_of_a_text)
{
	for (size_t i = 0; i < CT_COUNT(texts); i++)
		for (size_t len = 0; len < strlen(texts[i]); len++)
			compare((struct ct_str){ texts[i], len }, "beginning");
}

/* Numerical Recipes' generator: the same mutants in every run. */
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

Test(json_jansson, agree_on_mutants)
{
	static const char alphabet[] =
		"\"\\{}[],:0123456789.eE+-untrfalsbd8DC \n\x01\x7F\x80\xBF\xC3"
		"\xE2\xED\xA0\xF0\xFF";
	uint32_t seed = 1;

	for (int round = 0; round < 20000; round++) {
		char text[512];
		const char *from = texts[next(&seed) % CT_COUNT(texts)];
		size_t len = strlen(from);
		memcpy(text, from, len);
		for (uint32_t n = next(&seed) % 3 + 1; n > 0; n--) {
			size_t at = next(&seed) % len;
			text[at] = alphabet[next(&seed) % (sizeof(alphabet) - 1)];
		}
		compare((struct ct_str){ text, len }, "mutant");
	}
}

Test(json_jansson, agree_on_the_corpus)
{
	DIR *dir = opendir(CT_JSON_CORPUS);
	int count = 0;

	cr_assert_not_null(dir, "%s", CT_JSON_CORPUS);
	for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		struct ct_buf text = CT_BUF_INIT(1 << 20);
		char path[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", CT_JSON_CORPUS, entry->d_name);
		cr_assert_eq(ct_file_read(path, &text, NULL), CT_OK, "%s", path);
		compare(ct_buf_str(&text), entry->d_name);
		ct_buf_fini(&text);
		count++;
	}
	closedir(dir);
	cr_assert_gt(count, 10);
}

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/defs.h"
#include "base/secret.h"
#include "leaks.h"

TestSuite(secret, .fini = check_leaks);

#define KEY "sk-Test_4/x+?>~~"

static struct ct_redactor *knowing(const char *const *keys)
{
	struct ct_redactor *r = ct_redactor_create();

	for (; *keys != NULL; keys++)
		cr_assert_eq(ct_redactor_add(r, ct_str(*keys)), CT_OK);
	return r;
}

Test(secret, reveals_a_copy)
{
	char value[] = "abc";
	struct ct_secret *secret = ct_secret_create(ct_str(value));

	value[0] = 'x';
	cr_assert(ct_str_is(ct_secret_reveal(secret), "abc"));
	ct_secret_destroy(secret);
	secret = ct_secret_create((struct ct_str){ NULL, 0 });
	cr_assert_eq(ct_secret_reveal(secret).len, 0);
	ct_secret_destroy(secret);
	ct_secret_destroy(NULL);
}

/*
 * The base64 are of "", "1" and "12", then the key, then "tail": what a Basic header would
 * hold. A character of which only some bits are the key's stays.
 */
static const struct {
	const char *text, *redacted;
} cases[] = {
	{ "", "" },
	{ "nothing to see", "nothing to see" },
	{ KEY, "REDACTED" },
	{ "a " KEY " b", "a REDACTED b" },
	{ KEY KEY, "REDACTEDREDACTED" },
	{ "sk-Test_4/x+?>~", "sk-Test_4/x+?>~" },
	{ "sk-sk-Test_4/x+?>~~", "sk-REDACTED" },
	{ "k=sk-Test_4%2Fx%2B%3F%3E~~&", "k=REDACTED&" },
	{ "k=sk-Test_4%2fx%2b%3f%3e%7E%7e&", "k=REDACTED&" },
	{ "%73k%2DTest_4/x%2B?%3E~~.", "REDACTED." },
	{ "sk-Test_4%2Gx+?>~~", "sk-Test_4%2Gx+?>~~" },
	{ "\"c2stVGVzdF80L3grPz5+fnRhaWw=\"", "\"REDACTEDnRhaWw=\"" },
	{ "\"MXNrLVRlc3RfNC94Kz8+fn50YWls\"", "\"MXREDACTED50YWls\"" },
	{ "\"MTJzay1UZXN0XzQveCs/Pn5+dGFpbA==\"", "\"MTJREDACTEDdGFpbA==\"" },
	{ "\"c2stVGVzdF80L3grPz5-fnRhaWw\"", "\"REDACTEDnRhaWw\"" },
	{ "\"MTJzay1UZXN0XzQveCs_Pn5-dGFpbA\"", "\"MTJREDACTEDdGFpbA\"" },
};

Test(secret, is_redacted_once_however_often_it_was_named)
{
	static const char *const keys[] = { KEY, "sk-Test_4/other", KEY, "sk-Test_4/other", NULL };
	struct ct_redactor *r = knowing(keys);
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1000);

	ct_redact(r, ct_str("a " KEY " b sk-Test_4/other c"), &out);
	cr_assert_str_eq(out.ptr, "a REDACTED b REDACTED c");
	ct_redactor_destroy(r);
}

Test(secret, is_redacted_however_it_is_written)
{
	struct ct_redactor *r = knowing((const char *const[]){ KEY, NULL });

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_buf out = CT_BUF_INIT(1000);
		ct_redact(r, ct_str(cases[i].text), &out);
		cr_assert_str_eq(out.ptr, cases[i].redacted, "case %zu: %s", i, out.ptr);
		ct_buf_fini(&out);
	}
	ct_redactor_destroy(r);
}

/* As a writer to a terminal does: hold what is pending, give out the rest. */
static void redact_pieces(const struct ct_redactor *r, struct ct_str text, size_t step,
			  struct ct_buf *out)
{
	struct ct_buf held = CT_BUF_INIT(1000);

	for (size_t at = 0; at < text.len; at += step) {
		size_t n = at + step < text.len ? step : text.len - at;
		ct_buf_append(&held, text.ptr + at, n);
		size_t sure = held.len - ct_redact_pending(r, ct_buf_str(&held));
		ct_redact(r, (struct ct_str){ held.ptr, sure }, out);
		ct_buf_drop(&held, sure);
	}
	ct_redact(r, ct_buf_str(&held), out);
	ct_buf_fini(&held);
}

Test(secret, is_redacted_alike_however_the_text_is_cut)
{
	struct ct_redactor *r = knowing((const char *const[]){ KEY, NULL });

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_str text = ct_str(cases[i].text);
		for (size_t step = 1; step <= text.len; step++) {
			struct ct_buf out = CT_BUF_INIT(1000);
			redact_pieces(r, text, step, &out);
			cr_assert_str_eq(out.ptr, cases[i].redacted,
					 "case %zu, step %zu: %s", i, step, out.ptr);
			ct_buf_fini(&out);
		}
	}
	ct_redactor_destroy(r);
}

Test(secret, the_longest_of_several_is_redacted_whole_in_pieces_too)
{
	struct ct_redactor *r = knowing(
		(const char *const[]){ "abcdefgh", "abcdefghijkl", "aaaaaaaa", NULL });
	static const char text[] =
		"x abcdefghijkl abcdefgh aaaaaaaaaaaaaaaaaaaa abcdefghij";

	for (size_t step = 1; step < sizeof(text); step++) {
		struct ct_buf out = CT_BUF_INIT(1000);
		redact_pieces(r, ct_str(text), step, &out);
		cr_assert_str_eq(out.ptr,
				 "x REDACTED REDACTED REDACTEDREDACTEDaaaa REDACTEDij",
				 "step %zu: %s", step, out.ptr);
		ct_buf_fini(&out);
	}
	ct_redactor_destroy(r);
}

Test(secret, with_a_percent_sign_is_found_raw_and_encoded)
{
	struct ct_redactor *r = knowing((const char *const[]){ "pass%25word", NULL });
	struct ct_buf out = CT_BUF_INIT(1000);

	ct_redact(r, ct_str("pass%25word pass%2525word pass%word"), &out);
	cr_assert_str_eq(out.ptr, "REDACTED REDACTED pass%word");
	ct_buf_fini(&out);
	ct_redactor_destroy(r);
}

Test(secret, of_under_eight_bytes_is_ordinary_text)
{
	struct ct_redactor *r = knowing((const char *const[]){ "", "abcdefg", NULL });
	struct ct_buf out = CT_BUF_INIT(1000);

	ct_redact(r, ct_str("abcdefg"), &out);
	cr_assert_str_eq(out.ptr, "abcdefg");
	cr_assert_eq(ct_redact_pending(r, ct_str("abcdefg")), 0);
	ct_buf_fini(&out);
	ct_redactor_destroy(r);
}

Test(secret, without_a_redactor_text_passes)
{
	struct ct_buf out = CT_BUF_INIT(1000);

	ct_redact(NULL, ct_str("abc"), &out);
	cr_assert_str_eq(out.ptr, "abc");
	cr_assert_eq(ct_redact_pending(NULL, ct_str("abc")), 0);
	ct_buf_fini(&out);
	ct_redactor_destroy(NULL);
}

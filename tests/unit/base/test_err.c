#include <criterion/criterion.h>
#include <limits.h>

#include "base/err.h"

Test(err, carries_code_and_words)
{
	struct ct_err err = { .status = 500, .retry_after_ms = 7, .hint = "old" };

	cr_assert_eq(ct_fail(&err, CT_EAUTH, "no %s", "key"), CT_EAUTH);
	cr_assert_eq(err.code, CT_EAUTH);
	cr_assert_str_eq(err.msg, "no key");
	cr_assert_eq(err.status, 0, "nothing of an earlier failure stays");
	cr_assert_eq(err.retry_after_ms, 0);
	cr_assert_str_eq(err.hint, "");
	ct_hint(&err, "set %s", "it");
	cr_assert_str_eq(err.hint, "set it");
	cr_assert_eq(err.code, CT_EAUTH);
}

Test(err, may_be_absent)
{
	cr_assert_eq(ct_fail(NULL, CT_EIO, "x"), CT_EIO);
	ct_hint(NULL, "x");
}

Test(err, may_quote_the_failure_it_replaces)
{
	struct ct_err err = { 0 };

	ct_fail(&err, CT_EIO, "inner");
	ct_fail(&err, CT_ESTORE, "outer: %s", err.msg);
	cr_assert_str_eq(err.msg, "outer: inner");
}

Test(err, a_long_message_ends_in_a_whole_character)
{
	struct ct_err err = { 0 };
	char text[700];

	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'a', sizeof(text));
		for (size_t i = 100 + shift; i + 3 < sizeof(text); i += 3)
			memcpy(text + i, "\xE2\x82\xAC", 3);
		text[sizeof(text) - 1] = '\0';
		ct_fail(&err, CT_EIO, "%s", text);
		size_t len = strlen(err.msg);
		cr_assert_geq(len, sizeof(err.msg) - 4);
		cr_assert((len - 100 - shift) % 3 == 0, "shift %zu, length %zu", shift,
			  len);
	}
}

Test(err, every_code_has_its_name)
{
	for (int code = CT_OK; code >= CT_EPARSE; code--)
		cr_assert_not_null(ct_code_name(code), "%d", code);
	cr_assert_str_eq(ct_code_name(CT_OK), "ok");
	cr_assert_str_eq(ct_code_name(CT_ERATE), "rate_limited");
	cr_assert_str_eq(ct_code_name(CT_EFIRST), "timeout");
	cr_assert_str_eq(ct_code_name(CT_EPARSE), "invalid_request");
	cr_assert_str_eq(ct_code_name(CT_EPARSE - 1), "provider_error");
	cr_assert_str_eq(ct_code_name(1), "provider_error");
	cr_assert_str_eq(ct_code_name(INT_MIN), "provider_error");
}

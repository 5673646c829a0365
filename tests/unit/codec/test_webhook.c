#include <criterion/criterion.h>

#include "base/defs.h"
#include "codec/webhook.h"
#include "leaks.h"

TestSuite(webhook, .fini = check_leaks);

/* The example of GitHub's documentation. */
#define SECRET "It's a Secret to Everybody"
#define DIGEST "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

static int verify(const char *secret, const char *signature, const char *body,
		  struct ct_err *err)
{
	*err = (struct ct_err){ 0 };
	return ct_webhook_verify(ct_str(secret), ct_str(signature), ct_str(body), err);
}

Test(webhook, takes_the_signature_of_the_documentation)
{
	struct ct_err err;

	cr_assert_eq(verify(SECRET, "sha256=" DIGEST, "Hello, World!", &err), CT_OK);
	cr_assert_eq(verify(SECRET, " sha256=" DIGEST "\r\n", "Hello, World!", &err),
		     CT_OK);
	cr_assert_eq(
		verify(SECRET,
		       "sha256="
		       "757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17",
		       "Hello, World!", &err),
		CT_OK);
}

Test(webhook, refuses_another_body_secret_or_signature)
{
	struct ct_err err;

	cr_assert_eq(verify(SECRET, "sha256=" DIGEST, "Hello, World!\n", &err), CT_EAUTH);
	cr_assert_eq(verify(SECRET, "sha256=" DIGEST, "", &err), CT_EAUTH);
	cr_assert_eq(verify("another", "sha256=" DIGEST, "Hello, World!", &err), CT_EAUTH);
	for (size_t i = 0; i < sizeof(DIGEST) - 1; i++) {
		char other[] = "sha256=" DIGEST;
		other[7 + i] = other[7 + i] == '0' ? '1' : '0';
		cr_assert_eq(verify(SECRET, other, "Hello, World!", &err), CT_EAUTH,
			     "digit %zu", i);
		cr_assert(strstr(err.msg, "not that of this body"), "%s", err.msg);
	}
}

Test(webhook, refuses_what_is_no_signature)
{
	static const char *const cases[] = {
		"",	"   ",	"sha256=",	  DIGEST,	     "sha256" DIGEST,
		"SHA256=" DIGEST, "sha256=" DIGEST "0", "sha512=" DIGEST, "sha256= " DIGEST,
		"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1",
		"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1g",
	};
	struct ct_err err;

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		cr_assert_eq(verify(SECRET, cases[i], "Hello, World!", &err), CT_EAUTH,
			     "'%s'", cases[i]);
		cr_assert_null(strstr(err.msg, "757107"), "%s", err.msg);
	}
}

Test(webhook, says_that_the_old_form_is_the_old_one)
{
	struct ct_err err;

	cr_assert_eq(verify(SECRET, "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59",
			    "Hello, World!", &err),
		     CT_EAUTH);
	cr_assert(strstr(err.msg, "SHA-1"), "%s", err.msg);
	cr_assert(strstr(err.hint, "X-Hub-Signature-256"), "%s", err.hint);
}

Test(webhook, takes_bodies_with_zeros_and_bytes_that_are_no_text)
{
	static const char body[] = "a\0b\xff\xfe";
	struct ct_str bytes = { body, sizeof(body) - 1 };
	struct ct_err err = { 0 };

	/* printf 'a\0b\377\376' | openssl dgst -sha256 -hmac key */
	cr_assert_eq(
		ct_webhook_verify(
			ct_str("key"),
			ct_str("sha256=2575a4b749bef96fe1cb0440ba5a0fec59600fce0b8ef914fbdac6d613172432"),
			bytes, &err),
		CT_OK);
}

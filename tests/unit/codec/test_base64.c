#include <criterion/criterion.h>

#include "codec/base64.h"
#include "leaks.h"

TestSuite(base64, .fini = check_leaks);

/* RFC 4648, section 10, and bytes that need all of the alphabet. */
static const struct {
	struct ct_str bytes;
	const char *text;
} pairs[] = {
	{ CT_STR(""), "" },
	{ CT_STR("f"), "Zg==" },
	{ CT_STR("fo"), "Zm8=" },
	{ CT_STR("foo"), "Zm9v" },
	{ CT_STR("foob"), "Zm9vYg==" },
	{ CT_STR("fooba"), "Zm9vYmE=" },
	{ CT_STR("foobar"), "Zm9vYmFy" },
	{ CT_STR("\xFB\xEF\xBE\xFF\xFF\xFF"), "++++////" },
	{ CT_STR("\0\0\0"), "AAAA" },
};

Test(base64, writes_and_reads_the_same)
{
	for (size_t i = 0; i < CT_COUNT(pairs); i++) {
		struct ct_buf text = CT_BUF_INIT(100), bytes = CT_BUF_INIT(100);
		ct_base64_encode(pairs[i].bytes, &text);
		cr_assert_str_eq(text.ptr, pairs[i].text, "case %zu", i);
		cr_assert_eq(ct_base64_decode(ct_str(pairs[i].text), &bytes, NULL), CT_OK,
			     "case %zu", i);
		cr_assert(ct_str_eq(ct_buf_str(&bytes), pairs[i].bytes), "case %zu", i);
		ct_buf_fini(&text);
		ct_buf_fini(&bytes);
	}
}

Test(base64, brings_back_every_byte_at_every_length)
{
	char all[300];

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)(i * 7);
	for (size_t len = 0; len <= sizeof(all); len++) {
		struct ct_buf text = CT_BUF_INIT(1000), bytes = CT_BUF_INIT(1000);
		ct_base64_encode((struct ct_str){ all, len }, &text);
		cr_assert_eq(text.len, (len + 2) / 3 * 4);
		cr_assert_eq(ct_base64_decode(ct_buf_str(&text), &bytes, NULL), CT_OK);
		cr_assert(ct_str_eq(ct_buf_str(&bytes), (struct ct_str){ all, len }),
			  "%zu", len);
		ct_buf_fini(&text);
		ct_buf_fini(&bytes);
	}
}

Test(base64, refuses_all_other_texts)
{
	static const struct ct_str texts[] = {
		CT_STR("Z"),	    CT_STR("Zg"),	  CT_STR("Zm8"),
		CT_STR("Zg="),	    CT_STR("===="),	  CT_STR("Z==="),
		CT_STR("Zg==Zg=="), CT_STR("Zg=A"),	  CT_STR("Zh=="),
		CT_STR("Zm9="),	    CT_STR("Zm9v\n"),	  CT_STR("Zm 9"),
		CT_STR("Zm9-"),	    CT_STR("Zm9_"),	  CT_STR("Zm\0v"),
		CT_STR("Zm9v===="), CT_STR("\xC3\xA9=="), CT_STR("Zm9vZg"),
		CT_STR("=m9v"),
	};

	for (size_t i = 0; i < CT_COUNT(texts); i++) {
		struct ct_buf out = CT_BUF_INIT(100);
		struct ct_err err = { 0 };
		cr_assert_eq(ct_base64_decode(texts[i], &out, &err), CT_EPARSE,
			     "case %zu", i);
		cr_assert(ct_str_has(ct_str(err.msg), "base64"), "case %zu", i);
		ct_buf_fini(&out);
	}
}

Test(base64, decodes_no_more_than_the_buffer_may_hold)
{
	struct ct_buf out = CT_BUF_INIT(5);

	cr_assert_eq(ct_base64_decode(ct_str("Zm9vYmFy"), &out, NULL), CT_ETOOBIG);
	ct_buf_fini(&out);
}

#include <criterion/criterion.h>
#include <stdio.h>

#include "codec/sha1.h"
#include "leaks.h"

TestSuite(sha1, .fini = check_leaks);

static void hex(char out[41], struct ct_str bytes)
{
	unsigned char digest[CT_SHA1_SIZE];

	ct_sha1(digest, bytes);
	for (int i = 0; i < CT_SHA1_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

Test(sha1, answers_the_examples_of_the_standard_and_every_length_around_a_block)
{
	static const struct {
		size_t len; /* of 'a' */
		const char *text, *digest;
	} cases[] = {
		{ 0, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ 0, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
		{ 0, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
		{ 55, NULL, "c1c8bbdc22796e28c0e15163d20899b65621d65a" },
		{ 56, NULL, "c2db330f6083854c99d4b5bfb6e8f29f201be699" },
		{ 63, NULL, "03f09f5b158a7a8cdad920bddc29b81c18a551f5" },
		{ 64, NULL, "0098ba824b5c16427bd7a1122a5a442a25ec644d" },
		{ 65, NULL, "11655326c708d70319be2610e8a57d9a5b959d3b" },
		{ 1000000, NULL, "34aa973cd4c4daa4f61eeb2bdbad27316534016f" },
	};
	static char text[1000000];

	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ct_str bytes = { text, cases[i].len };
		char out[41];

		hex(out, cases[i].text != NULL ? ct_str(cases[i].text) : bytes);
		cr_assert_str_eq(out, cases[i].digest, "case %zu: %s", i, out);
	}
}

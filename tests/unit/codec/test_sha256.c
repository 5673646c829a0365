#include <criterion/criterion.h>
#include <stdlib.h>

#include "codec/sha256.h"
#include "leaks.h"

TestSuite(sha256, .fini = check_leaks);

Test(sha256, answers_the_examples_of_the_standard)
{
	static const struct {
		const char *text, *digest;
	} cases[] = {
		{ "",
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[CT_SHA256_HEX_SIZE];
		cr_assert_str_eq(ct_sha256_hex(out, ct_str(cases[i].text)),
				 cases[i].digest, "case %zu: %s", i, out);
	}
}

Test(sha256, pads_every_length_around_a_block_rightly)
{
	static const struct {
		size_t len; /* of 'a' */
		const char *digest;
	} cases[] = {
		{ 1, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb" },
		{ 55,
		  "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
		{ 56,
		  "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
		{ 63,
		  "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34" },
		{ 64,
		  "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
		{ 65,
		  "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0" },
		{ 119,
		  "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb" },
		{ 120,
		  "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c" },
		{ 1000000,
		  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	};
	static char text[1000000];

	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[CT_SHA256_HEX_SIZE];
		ct_sha256_hex(out, (struct ct_str){ text, cases[i].len });
		cr_assert_str_eq(out, cases[i].digest, "%zu bytes: %s", cases[i].len,
				 out);
	}
}

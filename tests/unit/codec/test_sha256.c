#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/sha256.h"
#include "leaks.h"

TestSuite(sha256, .fini = check_leaks);
TestSuite(hmac_sha256, .fini = check_leaks);

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

Test(sha256, digests_pieces_as_it_does_the_whole)
{
	static char text[300];
	char whole[CT_SHA256_HEX_SIZE], byte[3];

	memset(text, 'x', sizeof(text));
	ct_sha256_hex(whole, (struct ct_str){ text, sizeof(text) });
	for (size_t step = 1; step < 140; step++) {
		unsigned char digest[CT_SHA256_BYTES];
		struct ct_sha256 sha;

		ct_sha256_begin(&sha);
		for (size_t at = 0; at < sizeof(text); at += step)
			ct_sha256_add(&sha, (struct ct_str){ text + at,
							     sizeof(text) - at < step
								     ? sizeof(text) - at
								     : step });
		ct_sha256_end(&sha, digest);
		for (int i = 0; i < CT_SHA256_BYTES; i++) {
			snprintf(byte, sizeof(byte), "%02x", digest[i]);
			cr_assert(memcmp(byte, whole + 2 * i, 2) == 0, "pieces of %zu",
				  step);
		}
	}
}

/* RFC 4231, test cases 1 to 4, 6 and 7; then GitHub's own example. */
Test(hmac_sha256, answers_the_examples_of_the_standard)
{
	static const struct {
		size_t repeat; /* the key is its first byte so many times; 0: as it is */
		const char *key;
		const char *message, *digest;
	} cases[] = {
		{ 20, "\x0b", "Hi There",
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ 0, "Jefe", "what do ya want for nothing?",
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ 131, "\xaa", "Test Using Larger Than Block-Size Key - Hash Key First",
		  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ 131, "\xaa",
		  "This is a test using a larger than block-size key and a larger than "
		  "block-size data. The key needs to be hashed before being used by the "
		  "HMAC "
		  "algorithm.",
		  "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
		{ 0, "It's a Secret to Everybody", "Hello, World!",
		  "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char key[200], byte[3];
		unsigned char digest[CT_SHA256_BYTES];
		struct ct_str name = ct_str(cases[i].key);

		if (cases[i].repeat > 0) {
			memset(key, cases[i].key[0], cases[i].repeat);
			name = (struct ct_str){ key, cases[i].repeat };
		}
		ct_hmac_sha256(name, ct_str(cases[i].message), digest);
		for (size_t b = 0; b < CT_SHA256_BYTES; b++) {
			snprintf(byte, sizeof(byte), "%02x", digest[b]);
			cr_assert(memcmp(byte, cases[i].digest + 2 * b, 2) == 0,
				  "case %zu", i);
		}
	}
}

Test(hmac_sha256, takes_binary_messages)
{
	char key[25], message[50], byte[3];
	unsigned char digest[CT_SHA256_BYTES];
	static const char *const digests[] = {
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
		"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
	};

	for (size_t i = 0; i < 2; i++) {
		size_t key_len = i == 0 ? 20 : 25;
		for (size_t k = 0; k < key_len; k++)
			key[k] = i == 0 ? (char)0xaa : (char)(k + 1);
		memset(message, i == 0 ? 0xdd : 0xcd, sizeof(message));
		ct_hmac_sha256((struct ct_str){ key, key_len },
			       (struct ct_str){ message, sizeof(message) }, digest);
		for (size_t b = 0; b < CT_SHA256_BYTES; b++) {
			snprintf(byte, sizeof(byte), "%02x", digest[b]);
			cr_assert(memcmp(byte, digests[i] + 2 * b, 2) == 0, "case %zu",
				  i);
		}
	}
}

Test(hmac_sha256, takes_an_empty_key_and_an_empty_message)
{
	unsigned char digest[CT_SHA256_BYTES];
	static const unsigned char begins[] = { 0xb6, 0x13, 0x67, 0x9a };

	ct_hmac_sha256((struct ct_str){ NULL, 0 }, (struct ct_str){ NULL, 0 }, digest);
	cr_assert(memcmp(digest, begins, sizeof(begins)) == 0);
}

Test(hmac_sha256, compares_every_byte)
{
	unsigned char a[CT_SHA256_BYTES] = { 0 }, b[CT_SHA256_BYTES] = { 0 };

	cr_assert(ct_bytes_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] = 0x80;
		cr_assert_not(ct_bytes_equal(a, b, sizeof(a)), "byte %zu", i);
		b[i] = 0;
	}
}

#include <criterion/criterion.h>

#include "base/defs.h"
#include "codec/wav.h"
#include "leaks.h"

TestSuite(wav, .fini = check_leaks);

#define S(text) CT_STR(text)
#define FMT "fmt \x10\0\0\0\1\0\1\0\xc0\x5d\0\0\x80\xbb\0\0\2\0\x10\0"

Test(wav, reads_what_it_writes)
{
	struct ct_wav wav = { CT_WAV_PCM, 2, 16, 44100 }, read;
	char header[CT_WAV_HEADER_BYTES];
	uint64_t bytes;
	size_t at;

	ct_wav_write(&wav, 1000, header);
	cr_assert_eq(ct_wav_read((struct ct_str){ header, sizeof(header) }, &read, &at, &bytes),
		     CT_WAV_READY);
	cr_assert_eq(at, CT_WAV_HEADER_BYTES);
	cr_assert_eq(bytes, 1000);
	cr_assert(read.format == 1 && read.channels == 2 && read.bits == 16 &&
		  read.rate == 44100);
}

Test(wav, waits_for_all_of_the_head_and_no_longer)
{
	static const struct ct_str whole = S("RIFF\0\0\0\0WAVE" FMT "LIST\4\0\0\0abcd"
					     "data\4\0\0\0wxyz");
	struct ct_wav wav;
	uint64_t bytes;
	size_t at;

	for (size_t len = 0; len < whole.len - 4; len++)
		cr_assert_eq(ct_wav_read((struct ct_str){ whole.ptr, len }, &wav, &at, &bytes),
			     CT_WAV_MORE, "after %zu bytes", len);
	cr_assert_eq(ct_wav_read((struct ct_str){ whole.ptr, whole.len - 4 }, &wav, &at, &bytes),
		     CT_WAV_READY);
	cr_assert_eq(at, whole.len - 4);
	cr_assert_eq(bytes, 4);
}

Test(wav, takes_a_streams_size_for_unknown)
{
	static const struct ct_str cases[] = {
		S("RIFF\xff\xff\xff\xffWAVE" FMT "data\xff\xff\xff\xff"),
		S("RIFF\x24\0\xff\x7fWAVE" FMT "data\0\0\xff\x7f"),
		S("RIFF\0\0\0\0WAVE" FMT "data\0\0\0\0"),
	};
	struct ct_wav wav;
	uint64_t bytes;
	size_t at;

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		cr_assert_eq(ct_wav_read(cases[i], &wav, &at, &bytes), CT_WAV_READY, "case %zu", i);
		cr_assert_eq(bytes, UINT64_MAX, "case %zu", i);
	}
}

Test(wav, refuses_what_is_none)
{
	static const struct ct_str cases[] = {
		S("RIFX"), S("not a wav at all"), S("RIFF\0\0\0\0AVI " FMT),
		S("RIFF\0\0\0\0WAVEdata\4\0\0\0abcd"), /* samples before their format */
		S("RIFF\0\0\0\0WAVEfmt \2\0\0\0ab"),
		S("RIFF\0\0\0\0WAVELIST\xff\xff\xff\x7f"),
	};
	struct ct_wav wav;
	uint64_t bytes;
	size_t at;

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		cr_assert_eq(ct_wav_read(cases[i], &wav, &at, &bytes), CT_WAV_BAD, "case %zu", i);
}

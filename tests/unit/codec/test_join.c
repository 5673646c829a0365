#include <criterion/criterion.h>

#include "base/defs.h"
#include "codec/join.h"
#include "codec/ogg.h"
#include "leaks.h"

TestSuite(join, .fini = check_leaks);

#define S(text) CT_STR(text)
#define WAV(size, samples) \
	"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\xc0\x5d\0\0\x80\xbb\0\0\2\0\x10\0data" size samples

/* Join parts, each in pieces of step bytes. */
static int join(struct ct_join *j, const struct ct_str *parts, size_t count, size_t step,
		struct ct_buf *out)
{
	int rc = CT_OK;

	for (size_t i = 0; i < count && rc == CT_OK; i++) {
		for (size_t at = 0; at < parts[i].len && rc == CT_OK; at += step) {
			struct ct_str rest = ct_str_from(parts[i], at);
			if (rest.len > step)
				rest.len = step;
			rc = ct_join_add(j, rest, out, NULL);
		}
		if (rc == CT_OK)
			rc = ct_join_end(j, out, NULL);
	}
	return rc;
}

static void expect(const struct ct_str *parts, size_t count, bool bare, struct ct_str whole)
{
	for (size_t step = 1; step < 300; step += step < 20 ? 1 : 97) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
		struct ct_join j;
		ct_join_init(&j, bare, count > 1);
		cr_assert_eq(join(&j, parts, count, step, &out), CT_OK, "step %zu", step);
		cr_assert(ct_str_eq(ct_buf_str(&out), whole), "step %zu: %zu bytes", step, out.len);
		ct_join_fini(&j);
	}
}

Test(join, puts_samples_together_behind_one_header)
{
	static const struct ct_str parts[] = {
		S(WAV("\4\0\0\0", "abcd") "LIST\4\0\0\0junk"),
		S(WAV("\0\0\xff\x7f", "efgh")), /* a stream's size: until its end */
	};
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
	char header[CT_WAV_HEADER_BYTES];
	struct ct_join j;

	expect(parts, 2, false, (struct ct_str)S("abcdefgh"));
	ct_join_init(&j, false, true);
	join(&j, parts, 2, 5, &out);
	ct_join_header(&j, header);
	cr_assert_eq(j.samples, 8);
	cr_assert_eq(header[40], 8);
	cr_assert_eq(header[4], 44);
	ct_join_fini(&j);
}

/* A frame of 144 bytes: its head, then text, then zeros. */
static void frame(char out[144], const char *text)
{
	memset(out, 0, 144);
	memcpy(out, "\xff\xf3\x64\xc4", 4);
	memcpy(out + 13, text, strlen(text));
}

Test(join, leaves_tags_and_summaries_of_mp3_out)
{
	char one[10 + 5 + 144 * 2], two[144 * 2 + 128], whole[144 * 2];

	memset(one, 'x', sizeof(one));
	memcpy(one, "ID3\4\0\0\0\0\0\5", 10);
	frame(one + 15, "Xing");
	frame(one + 15 + 144, "first");
	frame(two, "Info");
	frame(two + 144, "second");
	memset(two + 288, ' ', 128);
	memcpy(two + 288, "TAG", 3);
	frame(whole, "first");
	frame(whole + 144, "second");
	expect((struct ct_str[]){ { one, sizeof(one) }, { two, sizeof(two) } }, 2, false,
	       (struct ct_str){ whole, sizeof(whole) });
	/* alone it stays as it came */
	expect((struct ct_str[]){ { one, sizeof(one) } }, 1, false,
	       (struct ct_str){ one, sizeof(one) });
}

/* Blocks of 16 samples as the reference encoder writes them, with a comment before the first. */
#define FLAC(rate) \
	"fLaC\x00\x00\x00\x22\x00\x10\x00\x10\x00\x00\x0c\x00\x00\x16" rate \
	"\x00\xf0\x00\x00\x00\x28" \
	"a digest of 16 B" \
	"\x84\x00\x00\x08" \
	"8 bytes."
#define FLAC_ONE \
	"\xff\xf8\x64\x08\x00\x0f\xce\x00\x00\x07\x8e\x94\xff\xf8\x64\x08\x01\x0f\xdb" \
	"\x10\x00\xd2" \
	"\x53\x65\x6c\x53\x3b\x56\xc2\x79\x04\x80\x17\xf6\xff\xf8\x64\x08\x02\x07\xdc" \
	"\x00\x00\x05" \
	"\x15\x5e"
#define FLAC_TWO \
	"\xff\xf8\x64\x08\x00\x0f\xce\x00\xff\xfd\x0e\x87\xff\xf8\x64\x08\x01\x0f\xdb" \
	"\x15\x40\x00" \
	"\x00\x64\x00\xff\xfc\x6e\x21\xff\xf8\x64\x08\x02\x00\xc9\x03\x04\x19\x88\x47"

Test(join, numbers_the_frames_of_flac_as_those_of_one_stream)
{
	static const struct ct_str parts[] = { S(FLAC("\x01\xf4") FLAC_ONE),
					       S(FLAC("\x01\xf4") FLAC_TWO) };
	/* flac -t calls it sound, and it holds the 73 samples of both */
	static const struct ct_str whole =
		S("fLaC\x80\x00\x00\x22\x00\x10\x00\x10\x00\x00\x00\x00\x00\x00\x01\xf4"
		  "\x00\xf0"
		  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		  "\x00\x00\x00"
		  "\xff\xf9\x64\x08\x00\x0f\xac\x00\x00\x07\xa0\xe5\xff\xf9\x64\x08\x10"
		  "\x0f\xfb\x10\x00\xd2"
		  "\x53\x65\x6c\x53\x3b\x56\xc2\x79\x04\x80\x45\xc8\xff\xf9\x64\x08\x20"
		  "\x07\x3a\x00\x00\x05"
		  "\x9b\x31\xff\xf9\x64\x08\x28\x0f\xaa\x00\xff\xfd\x98\xde\xff\xf9\x64"
		  "\x08\x38\x0f\xfd\x15"
		  "\x40\x00\x00\x64\x00\xff\xfc\xf5\x2a\xff\xf9\x64\x08\x48\x00\x72\x03"
		  "\x04\x19\xe2\x5f");
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
	char head[CT_FLAC_HEAD_BYTES];
	struct ct_join j;

	expect(parts, 2, false, whole);
	expect(parts, 1, false, parts[0]);
	ct_join_init(&j, false, true);
	join(&j, parts, 2, 5, &out);
	ct_join_flac_head(&j, head);
	cr_assert_arr_eq(head, whole.ptr, 25);
	cr_assert_eq(head[25], 73);
	ct_join_fini(&j);
}

Test(join, refuses_flac_that_is_not_all_or_another)
{
	static const struct ct_str good = S(FLAC("\x01\xf4") FLAC_ONE);
	struct {
		struct ct_str second;
		int code;
	} cases[] = {
		{ { good.ptr, good.len - 1 }, CT_ECUT },
		{ { good.ptr, good.len - 20 }, CT_ECUT },
		{ { good.ptr, 54 }, CT_EPROTO }, /* metadata alone */
		{ { good.ptr, 50 }, CT_EPROTO },
		{ S(FLAC("\x02\xf4") FLAC_ONE), CT_EPROTO }, /* another rate */
		{ S(FLAC("\x01\xf4") "no frame, but text that goes on"), CT_EPROTO },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
		struct ct_join j;
		ct_join_init(&j, false, true);
		cr_expect_eq(
			join(&j, (struct ct_str[]){ good, cases[i].second }, 2, 11, &out),
			cases[i].code, "case %zu", i);
		ct_join_fini(&j);
	}
}

Test(join, lets_what_it_does_not_know_through_alone)
{
	expect((struct ct_str[]){ S("fLaC and what follows") }, 1, false,
	       (struct ct_str)S("fLaC and what follows"));
	expect((struct ct_str[]){ S("ab") }, 1, false, (struct ct_str)S("ab"));
	expect((struct ct_str[]){ S("RIFF but no such file") }, 1, false,
	       (struct ct_str)S("RIFF but no such file"));
	expect((struct ct_str[]){ S("RIFFab"), S("cd") }, 2, true, (struct ct_str)S("RIFFabcd"));
}

Test(join, refuses_parts_that_do_not_go_together)
{
	static const struct ct_str wav = S(WAV("\4\0\0\0", "abcd"));
	static const struct ct_str cases[][2] = {
		{ S("fLaC and what follows"), S("fLaC and more") },
		{ S(WAV("\4\0\0\0", "abcd")), S("OggS and what follows") },
		{ S("OggS and what follows"), S("fLaC and what follows") },
		{ S("ab"), S("cd") },
	};
	char slower[CT_WAV_HEADER_BYTES + 4];

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
		struct ct_join j;
		ct_join_init(&j, false, true);
		cr_assert_eq(join(&j, cases[i], 2, 7, &out), CT_EPROTO, "case %zu", i);
		ct_join_fini(&j);
	}
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
	struct ct_join j;
	memcpy(slower, wav.ptr, sizeof(slower));
	slower[25] = 0x1f;
	ct_join_init(&j, false, true);
	cr_assert_eq(join(&j, (struct ct_str[]){ wav, { slower, sizeof(slower) } }, 2, 50, &out),
		     CT_EPROTO);
	ct_join_fini(&j);
}

Test(join, refuses_what_is_not_all_or_not_what_was_asked_for)
{
	char frames[2 * 144];
	struct {
		struct ct_str parts[2];
		size_t count;
		enum ct_join_form wanted;
		int code;
	} cases[] = {
		{ { S(WAV("\6\0\0\0", "abcd")) }, 1, CT_JOIN_UNKNOWN, CT_ECUT },
		{ { S(WAV("\4\0\0\0", "abcd")), S(WAV("\6\0\0\0", "abcd")) }, 2, CT_JOIN_WAV, CT_ECUT },
		{ { S(WAV("\0\0\0\0", "")) }, 1, CT_JOIN_UNKNOWN, CT_EPROTO },
		{ { S(WAV("\4\0\0\0", "abcd")), S(WAV("\0\0\0\0", "")) }, 2, CT_JOIN_WAV, CT_EPROTO },
		{ { S(WAV("\4\0\0\0", "abcd")) }, 1, CT_JOIN_MP3, CT_EPROTO },
		{ { S("RIFF\0\0\0\0WAVEfmt ") }, 1, CT_JOIN_WAV, CT_EPROTO },
		{ { S("not known at all") }, 1, CT_JOIN_WAV, CT_EPROTO },
		{ { S("not known at all") }, 1, CT_JOIN_MP3, CT_OK },
		{ { { frames, sizeof(frames) } }, 1, CT_JOIN_MP3, CT_OK },
		{ { { frames, sizeof(frames) } }, 1, CT_JOIN_WHOLE, CT_EPROTO },
		{ { { frames, sizeof(frames) }, S("abc") }, 2, CT_JOIN_MP3, CT_EPROTO },
		{ { { frames, sizeof(frames) }, { frames, 100 } }, 2, CT_JOIN_MP3, CT_OK },
	};

	frame(frames, "first");
	frame(frames + 144, "second");
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
		struct ct_join j;
		ct_join_init(&j, false, cases[i].count > 1);
		j.wanted = cases[i].wanted;
		cr_expect_eq(join(&j, cases[i].parts, cases[i].count, 7, &out), cases[i].code,
			     "case %zu", i);
		ct_join_fini(&j);
	}
}

/* A page with two packets of 3 and 4 bytes. */
static void page(char out[36], uint32_t serial)
{
	memset(out, 0, 36);
	memcpy(out, "OggS", 4);
	out[26] = 2;
	out[27] = 3;
	out[28] = 4;
	memcpy(out + 29, "abcdefg", 7);
	ct_ogg_set_serial(out, 36, serial);
}

Test(join, chains_streams_of_ogg_that_bore_the_same_number)
{
	char parts[2][72], whole[144];

	for (int i = 0; i < 4; i++) {
		page(parts[i / 2] + i % 2 * 36, 7);
		page(whole + i * 36, 7 + (uint32_t)i / 2);
	}
	expect((struct ct_str[]){ { parts[0], 72 }, { parts[1], 72 } }, 2, false,
	       (struct ct_str){ whole, 144 });
	cr_assert_eq(ct_ogg_serial((struct ct_str){ whole + 108, 36 }), 8);
}

Test(join, begins_a_part_anew)
{
	static const struct ct_str wav = S(WAV("\4\0\0\0", "abcd"));
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
	struct ct_join j, before;

	ct_join_init(&j, false, true);
	before = j;
	cr_assert_eq(ct_join_add(&j, (struct ct_str){ wav.ptr, wav.len - 2 }, &out, NULL), CT_OK);
	ct_join_again(&j, &before);
	ct_buf_clear(&out);
	cr_assert_eq(join(&j, &wav, 1, 3, &out), CT_OK);
	cr_assert(ct_str_is(ct_buf_str(&out), "abcd"));
	cr_assert_eq(j.samples, 4);
	ct_join_fini(&j);
}

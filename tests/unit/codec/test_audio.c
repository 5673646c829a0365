#include <criterion/criterion.h>

#include "base/defs.h"
#include "codec/audio.h"
#include "leaks.h"

TestSuite(audio, .fini = check_leaks);

#define S(text) CT_STR(text)

Test(audio, tells_a_format_by_its_first_bytes)
{
	static const struct {
		struct ct_str head;
		const char *mime;
	} cases[] = {
		{ S("RIFF\x24\0\0\0WAVEfmt "), "audio/wav" },
		{ S("RF64\xff\xff\xff\xffWAVEds64"), "audio/wav" },
		{ S("RIFF\x24\0\0\0AVI LIST"), "video/x-msvideo" },
		{ S("fLaC\0\0\0\x22"), "audio/flac" },
		{ S("OggS\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x13OpusHead"), "audio/ogg" },
		{ S("OggS\0\2"), "audio/ogg" },
		{ S("#!AMR\n\x3c"), "audio/amr" },
		{ S("#!AMR-WB\n\x3c"), "audio/amr-wb" },
		{ S("FORM\0\0\0\0AIFFCOMM"), "audio/aiff" },
		{ S("caff\0\1\0\0"), "audio/x-caf" },
		{ S(".snd\0\0\0\x18"), "audio/basic" },
		{ S("\0\0\0\x20" "ftypM4A \0\0\0\0"), "audio/mp4" },
		{ S("\0\0\0\x20" "ftypisom\0\0\0\0"), "video/mp4" },
		{ S("\0\0\0\x20" "ftypqt  \0\0\0\0"), "video/quicktime" },
		{ S("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm"), "audio/webm" },
		{ S("\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska"), "video/x-matroska" },
		{ S("ID3\4\0\0\0\0\0\0\xff\xf3\x64\xc4\0\0\0\0"), "audio/mpeg" },
		{ S("ID3\4\0\0\0\0\0\0" "fLaC"), "audio/flac" },
		{ S("\xff\xf3\x64\xc4\0\0\0\0"), "audio/mpeg" },
		{ S("\xff\xf1\x50\x80\2\x1f\xfc\0\0"), "audio/aac" },
		{ S(""), NULL },
		{ S("RIFF"), NULL },
		{ S("hello, this is text"), NULL },
		{ S("\xff\xfeh\0e\0l\0l\0o\0"), NULL }, /* UTF-16 begins like a frame */
		{ S("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), NULL },
		{ S("\0\0\0\x20" "ftypheic"), NULL },
		{ S("%PDF-1.7"), NULL },
		{ S("MThd\0\0\0\6"), NULL },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		const struct ct_audio *found = ct_audio_sniff(cases[i].head);
		if (cases[i].mime == NULL)
			cr_assert_null(found, "case %zu is %s", i, found ? found->mime : "");
		else
			cr_assert(found != NULL && strcmp(found->mime, cases[i].mime) == 0,
				  "case %zu (%s) is %s", i, cases[i].mime,
				  found ? found->mime : "nothing");
	}
}

Test(audio, needs_a_second_frame_where_one_is_in_sight)
{
	char bytes[400] = { 0 };

	memcpy(bytes, "\xff\xf3\x64\xc4", 4);
	cr_assert_null(ct_audio_sniff((struct ct_str){ bytes, sizeof(bytes) }));
	memcpy(bytes + 144, "\xff\xf3\x64\xc4", 4);
	cr_assert_not_null(ct_audio_sniff((struct ct_str){ bytes, sizeof(bytes) }));
}

Test(audio, knows_how_long_a_frame_is)
{
	static const struct {
		struct ct_str head;
		size_t bytes;
	} cases[] = {
		{ S("\xff\xfb\x90\x00\0\0\0"), 417 }, /* 128 kbit/s, 44.1 kHz */
		{ S("\xff\xfb\x92\x00\0\0\0"), 418 }, /* with padding */
		{ S("\xff\xf3\x64\xc4\0\0\0"), 144 }, /* MPEG-2, 48 kbit/s, 24 kHz */
		{ S("\xff\xe3\x18\xc4\0\0\0"), 72 }, /* MPEG-2.5, 8 kbit/s, 8 kHz */
		{ S("\xff\xfb\xf0\x00\0\0\0"), 0 }, /* no such rate */
		{ S("\xff\xfb\x9c\x00\0\0\0"), 0 },
		{ S("\xff\xeb\x90\x00\0\0\0"), 0 }, /* no such version */
		{ S("\xff\xf9\x90\x00\0\0\0"), 0 }, /* no such layer */
		{ S("\xff\xfb\x90"), 0 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		cr_assert_eq(ct_mpeg_frame_bytes(cases[i].head, false), cases[i].bytes,
			     "case %zu: %zu", i, ct_mpeg_frame_bytes(cases[i].head, false));
}

Test(audio, believes_a_suffix_in_any_case)
{
	static const char *const none[] = { "", "talk", "talk.txt", ".", "wav", "talk.wav/x" };

	cr_assert_str_eq(ct_audio_of_name(ct_str("a/Talk.WAV"))->mime, "audio/wav");
	cr_assert_str_eq(ct_audio_of_name(ct_str("x.tar.mp3"))->mime, "audio/mpeg");
	cr_assert_str_eq(ct_audio_of_name(ct_str("x.m4a"))->mime, "audio/mp4");
	for (size_t i = 0; i < CT_COUNT(none); i++)
		cr_assert_null(ct_audio_of_name(ct_str(none[i])), "%s", none[i]);
}

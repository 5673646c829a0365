#include <criterion/criterion.h>

#include "base/defs.h"
#include "codec/media.h"
#include "leaks.h"

TestSuite(media, .fini = check_leaks);

#define PNG "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1"

static const struct {
	struct ct_str bytes;
	enum ct_media_kind kind;
	const char *mime;
} cases[] = {
	{ CT_STR("hello"), CT_MEDIA_TEXT, "text/plain" },
	{ CT_STR(""), CT_MEDIA_TEXT, "text/plain" },
	{ CT_STR("\xc3\xa4\xe2\x82\xac \x1b[1m"), CT_MEDIA_TEXT, "text/plain" },
	{ CT_STR("GIF is a format"), CT_MEDIA_TEXT, "text/plain" },
	{ CT_STR("see %PDF-1.4"), CT_MEDIA_TEXT, "text/plain" },
	{ CT_STR("IDEAS"), CT_MEDIA_TEXT, "text/plain" },
	{ CT_STR(PNG), CT_MEDIA_IMAGE, "image/png" },
	{ CT_STR("\xff\xd8\xff\xe0\0\x10JFIF"), CT_MEDIA_IMAGE, "image/jpeg" },
	{ CT_STR("GIF89a\1\0\1\0"), CT_MEDIA_IMAGE, "image/gif" },
	{ CT_STR("GIF87a\1\0\1\0"), CT_MEDIA_IMAGE, "image/gif" },
	{ CT_STR("RIFF\x10\0\0\0WEBPVP8 "), CT_MEDIA_IMAGE, "image/webp" },
	{ CT_STR("%PDF-1.7\n%\xe2\xe3\xcf\xd3"), CT_MEDIA_PDF, "application/pdf" },
	{ CT_STR("RIFF\x10\0\0\0WAVEfmt "), CT_MEDIA_AUDIO, "audio/wav" },
	{ CT_STR("ID3\4\0\0\0\0\0\0"), CT_MEDIA_AUDIO, "audio/mpeg" },
	{ CT_STR("\xff\xfb\x90\x64\0\0"), CT_MEDIA_AUDIO, "audio/mpeg" },
	{ CT_STR("\xff\xf1\x50\x80\0\0"), CT_MEDIA_AUDIO, "audio/aac" },
	{ CT_STR("fLaC\0\0\0\x22"), CT_MEDIA_AUDIO, "audio/flac" },
	{ CT_STR("OggS\0\2"), CT_MEDIA_AUDIO, "audio/ogg" },
	{ CT_STR("\0\0\0\x20"
		 "ftypM4A \0\0"),
	  CT_MEDIA_AUDIO, "audio/mp4" },
	{ CT_STR("FORM\0\0\0\1AIFFCOMM"), CT_MEDIA_AUDIO, "audio/aiff" },
	/* what looks like one of them and is none */
	{ CT_STR("\x89PNG\r\n\x1a\n"), CT_MEDIA_OTHER, NULL },
	{ CT_STR("\x89PNG\r\n\x1a\n\0\0\0\rJUNK"), CT_MEDIA_OTHER, NULL },
	{ CT_STR("RIFF\x10\0\0\0AVI LIST"), CT_MEDIA_OTHER, NULL },
	{ CT_STR("\0\0\0\x20"
		 "ftypisom\0\0"),
	  CT_MEDIA_OTHER, NULL },
	{ CT_STR("\xff\xff\xff\xff"), CT_MEDIA_OTHER, NULL },
	{ CT_STR("\xff\xfb\xf0\x00"), CT_MEDIA_OTHER, NULL },
	{ CT_STR("PK\3\4\x14"), CT_MEDIA_OTHER, NULL },
	{ CT_STR("\x7f"
		 "ELF\2\1"),
	  CT_MEDIA_OTHER, NULL },
	{ CT_STR("a\0b"), CT_MEDIA_OTHER, NULL },
	{ CT_STR("caf\xe9"), CT_MEDIA_OTHER, NULL },
	{ CT_STR("\xff\xfeh\0i\0"), CT_MEDIA_OTHER, NULL },
};

Test(media, is_told_from_the_bytes)
{
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_media media = ct_media_sniff(cases[i].bytes);
		cr_expect_eq(media.kind, cases[i].kind, "case %zu: %s", i, media.what);
		if (cases[i].mime == NULL)
			cr_expect_null(media.mime, "case %zu", i);
		else
			cr_expect_str_eq(media.mime, cases[i].mime, "case %zu", i);
		cr_expect_not_null(media.what);
	}
}

/* A beginning says nothing for certain about text, and is never more certain than the whole. */
Test(media, a_beginning_is_hopeless_only_where_the_whole_is)
{
	for (size_t i = 0; i < CT_COUNT(cases); i++)
		for (size_t n = 0; n <= cases[i].bytes.len; n++) {
			struct ct_str head = { cases[i].bytes.ptr, n };
			bool other = cases[i].kind == CT_MEDIA_OTHER;
			/* a format's own bytes may hold a NUL before they are all there */
			if (n >= 16 || n == cases[i].bytes.len)
				cr_expect(other || !ct_media_is_hopeless(head),
					  "case %zu", i);
		}
}

Test(media, says_what_is_refused)
{
	cr_assert_str_eq(ct_media_sniff((struct ct_str)CT_STR("caf\xe9")).what,
			 "text that is not UTF-8");
	cr_assert_str_eq(ct_media_sniff((struct ct_str)CT_STR("\1\2\xe9")).what,
			 "binary data");
	cr_assert_str_eq(ct_media_sniff((struct ct_str)CT_STR("\0\0\0\x20"
							      "ftypheic"))
				 .what,
			 "a HEIC image");
}

Test(media, a_name_promises_by_its_suffix)
{
	cr_assert_eq(ct_media_of_name(ct_str("a/B.JPG")), CT_MEDIA_IMAGE);
	cr_assert_eq(ct_media_of_name(ct_str("a.pdf")), CT_MEDIA_PDF);
	cr_assert_eq(ct_media_of_name(ct_str("a.m4a")), CT_MEDIA_AUDIO);
	cr_assert_eq(ct_media_of_name(ct_str("notes.md")), CT_MEDIA_TEXT);
	cr_assert_eq(ct_media_of_name(ct_str(".png")), CT_MEDIA_OTHER);
	cr_assert_eq(ct_media_of_name(ct_str("png")), CT_MEDIA_OTHER);
	cr_assert_eq(ct_media_of_name(ct_str("")), CT_MEDIA_OTHER);
}

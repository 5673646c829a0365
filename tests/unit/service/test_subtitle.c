#include <criterion/criterion.h>

#include "base/defs.h"
#include "leaks.h"
#include "service/subtitle.h"

TestSuite(subtitle, .fini = check_leaks);

#define WORD(text, from, to)                                                          \
	{                                                                             \
		CT_STR(text), from, to, 0.9, -1, 0                                    \
	}
#define SAID(text, from, to, who)                                                     \
	{                                                                             \
		CT_STR(text), from, to, 0.9, who, 0                                   \
	}

static void expect(struct ct_heard *words, size_t count, enum ct_subtitle_form form,
		   const char *want)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
	struct ct_transcript t = { .words = { words, count, count } };

	cr_assert_eq(ct_subtitle_write(&t, form, ct_str("text"), &out, NULL), CT_OK);
	cr_assert_str_eq(out.ptr, want);
}

Test(subtitle, writes_times_as_each_form_has_them)
{
	struct ct_heard words[] = { WORD("Hello", 3723004, 3723900), WORD("world.", 3723900, 3724500) };

	expect(words, 2, CT_SUBTITLE_SRT, "1\n01:02:03,004 --> 01:02:04,500\nHello world.\n\n");
	expect(words, 2, CT_SUBTITLE_VTT,
	       "WEBVTT\n\n01:02:03.004 --> 01:02:04.500\nHello world.\n\n");
}

Test(subtitle, begins_a_caption_after_a_pause_and_with_another_speaker)
{
	struct ct_heard words[] = { SAID("One", 0, 400, 0), SAID("two", 400, 800, 0),
				    SAID("three", 2000, 2400, 0), SAID("four", 2400, 2800, 1) };

	expect(words, 4, CT_SUBTITLE_SRT,
	       "1\n00:00:00,000 --> 00:00:00,800\nSpeaker 0: One two\n\n"
	       "2\n00:00:02,000 --> 00:00:02,400\nSpeaker 0: three\n\n"
	       "3\n00:00:02,400 --> 00:00:02,800\nSpeaker 1: four\n\n");
}

Test(subtitle, fills_two_lines_of_42_and_no_more)
{
	struct ct_heard words[40];
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
	struct ct_transcript t = { .words = { words, 40, 40 } };
	size_t column = 0, lines = 0;

	for (int i = 0; i < 40; i++)
		words[i] = (struct ct_heard)SAID("sevenly", i * 100, i * 100 + 100, -1);
	cr_assert_eq(ct_subtitle_write(&t, CT_SUBTITLE_SRT, ct_str("x"), &out, NULL), CT_OK);
	for (size_t i = 0; i < out.len; i++) {
		column = out.ptr[i] == '\n' ? 0 : column + 1;
		lines = out.ptr[i] == '\n' && i > 0 && out.ptr[i - 1] == '\n' ? 0 :
			out.ptr[i] == '\n'				     ? lines + 1 :
									       lines;
		cr_assert(column <= CT_CAPTION_LINE, "%s", out.ptr);
		cr_assert(lines <= 2 + CT_CAPTION_LINES, "%s", out.ptr);
	}
}

Test(subtitle, never_overlaps_nor_runs_backwards)
{
	struct ct_heard words[] = { WORD("a.", 1000, 3000), WORD("b", 900, 1200),
				    WORD("c", 9000, 9000) };

	expect(words, 3, CT_SUBTITLE_VTT,
	       "WEBVTT\n\n00:00:01.000 --> 00:00:01.200\na. b\n\n"
	       "00:00:09.000 --> 00:00:09.200\nc\n\n");
}

Test(subtitle, escapes_what_webvtt_would_take_for_its_own)
{
	struct ct_heard words[] = { WORD("<b>", 0, 500), WORD("R&D\n\n-->", 500, 900) };

	expect(words, 2, CT_SUBTITLE_VTT,
	       "WEBVTT\n\n00:00:00.000 --> 00:00:00.900\n&lt;b&gt; R&amp;D  --&gt;\n\n");
	expect(words, 2, CT_SUBTITLE_SRT,
	       "1\n00:00:00,000 --> 00:00:00,900\n<b> R&D  -->\n\n");
}

Test(subtitle, needs_times_where_there_is_text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
	struct ct_transcript none = { .known = false };

	cr_assert_eq(ct_subtitle_write(&none, CT_SUBTITLE_SRT, ct_str("said"), &out, NULL),
		     CT_EPROTO);
	cr_assert_eq(ct_subtitle_write(&none, CT_SUBTITLE_VTT, ct_str(" "), &out, NULL), CT_OK);
	cr_assert_str_eq(out.ptr, "WEBVTT\n\n");
}

Test(subtitle, takes_passages_where_no_words_are_known)
{
	struct ct_heard passages[] = { WORD("All of it.", 0, 2000), WORD("And more.", 2000, 3000) };
	struct ct_transcript t = { .passages = { passages, 2, 2 } };
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);

	cr_assert_eq(ct_subtitle_write(&t, CT_SUBTITLE_SRT, ct_str("x"), &out, NULL), CT_OK);
	cr_assert_str_eq(out.ptr, "1\n00:00:00,000 --> 00:00:02,000\nAll of it.\n\n"
				  "2\n00:00:02,000 --> 00:00:03,000\nAnd more.\n\n");
}

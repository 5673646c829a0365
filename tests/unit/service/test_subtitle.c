#include <criterion/criterion.h>
#include <stdio.h>

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

/* No line over 42 columns, no more than two of them in a caption, none that stands longer than 7 s. */
static void expect_limits(const char *text)
{
	for (const char *at = strstr(text, " --> "); at != NULL;
	     at = strstr(at + 1, " --> ")) {
		const char *line = strchr(at, '\n') + 1;
		int from[4], to[4], lines = 0;

		cr_assert_eq(sscanf(at - 12, "%d:%d:%d,%d --> %d:%d:%d,%d", &from[0],
				    &from[1], &from[2], &from[3], &to[0], &to[1], &to[2],
				    &to[3]),
			     8);
		cr_expect_leq(((to[0] - from[0]) * 3600 + (to[1] - from[1]) * 60 + to[2] -
			       from[2]) * 1000 +
				      to[3] - from[3],
			      CT_CAPTION_MS, "%s", text);
		for (; *line != '\n'; lines++) {
			struct ct_str s = { line, strcspn(line, "\n") };
			cr_expect_leq(ct_speech_characters(s), CT_CAPTION_LINE, "%s",
				      text);
			line += s.len + 1;
		}
		cr_expect_leq(lines, CT_CAPTION_LINES, "%s", text);
	}
}

/* How often text comes in it. */
static int count_of(const char *all, const char *text)
{
	int count = 0;

	for (const char *at = strstr(all, text); at != NULL; at = strstr(at + 1, text))
		count++;
	return count;
}

Test(subtitle, fills_two_lines_of_42_and_no_more)
{
	static const char *const texts[] = { "sevenly", "tranquility,", "in",
					     "domesticated-provider" };
	struct ct_heard words[40];

	for (size_t mix = 1; mix <= CT_COUNT(texts); mix++) {
		for (int speaker = -1; speaker < 11; speaker += 11) {
			CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);
			struct ct_transcript t = { .words = { words, 40, 40 } };

			for (int i = 0; i < 40; i++) {
				words[i] = (struct ct_heard)SAID("", i * 300,
								 i * 300 + 300, speaker);
				words[i].text = ct_str(texts[(size_t)i % mix]);
			}
			cr_assert_eq(ct_subtitle_write(&t, CT_SUBTITLE_SRT, ct_str("x"),
						       &out, NULL),
				     CT_OK);
			expect_limits(out.ptr);
			cr_expect_eq(count_of(out.ptr, "sevenly"),
				     40 / (int)mix + (40 % mix != 0));
		}
	}
}

Test(subtitle, shares_out_passages_that_are_too_long_for_one)
{
	struct ct_heard passages[] = {
		SAID("A passage of twenty seconds is what some services give, with no "
		     "times of its "
		     "words, and it is as long as a person can speak without taking a "
		     "breath.",
		     1000, 21000, 3),
		SAID("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8"
		     "\xaa\x9e"
		     "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8"
		     "\xaa\x9e"
		     "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8"
		     "\xaa\x9e"
		     "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8"
		     "\xaa\x9e"
		     "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8"
		     "\xaa\x9e"
		     "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8"
		     "\xaa\x9e"
		     "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8"
		     "\xaa\x9e"
		     "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8"
		     "\xaa\x9e",
		     21000, 27000, 4),
	};
	struct ct_transcript t = { .passages = { passages, 2, 2 } };
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);

	cr_assert_eq(ct_subtitle_write(&t, CT_SUBTITLE_SRT, ct_str("x"), &out, NULL), CT_OK);
	expect_limits(out.ptr);
	cr_expect(count_of(out.ptr, "Speaker 3:") > 2, "%s", out.ptr);
	cr_expect(strstr(out.ptr, "1\n00:00:01,000 --> ") == out.ptr, "%s", out.ptr);
	cr_expect(strstr(out.ptr, " --> 00:00:21,000\n") != NULL, "%s", out.ptr);
	cr_expect_eq(count_of(out.ptr, "\xe8\xaa\x9e"), 16);
}

Test(subtitle, puts_what_channels_say_in_the_order_of_its_time)
{
	struct ct_heard words[] = { WORD("Hello.", 100, 1000), WORD("How?", 3000, 3600),
				    WORD("Hi.", 1200, 1500), WORD("Fine.", 4000, 4400) };

	words[2].channel = words[3].channel = 1;
	expect(words, 4, CT_SUBTITLE_SRT,
	       "1\n00:00:00,100 --> 00:00:01,000\nHello.\n\n"
	       "2\n00:00:01,200 --> 00:00:01,500\nHi.\n\n"
	       "3\n00:00:03,000 --> 00:00:03,600\nHow?\n\n"
	       "4\n00:00:04,000 --> 00:00:04,400\nFine.\n\n");
}

Test(subtitle, takes_marks_from_the_text_where_words_have_none)
{
	struct ct_heard words[] = {
		WORD("Well", 0, 300),	     WORD("its", 300, 500),
		WORD("STS", 500, 700),	     WORD("34", 700, 900),
		WORD("\xC3\xA0", 900, 1000), WORD("it's", 1000, 1200),
		WORD("not", 1200, 1400),     WORD("here", 1400, 1600)
	};
	struct ct_transcript t = { .words = { words, 8, 8 } };
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(1 << 20);

	cr_assert_eq(ct_subtitle_write(&t, CT_SUBTITLE_SRT,
				       ct_str("\xC2\xBFWell, (its) STS-34 "
					      "\xE2\x80\x9C\xC3\xA0\xE2\x80\x9D "
					      "\xE2\x80\x93 it's here!"),
				       &out, NULL),
		     CT_OK);
	cr_assert_str_eq(
		out.ptr,
		"1\n00:00:00,000 --> 00:00:01,600\n"
		"\xC2\xBFWell, (its) STS 34 \xE2\x80\x9C\xC3\xA0\xE2\x80\x9D it's not "
		"here!\n\n");
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

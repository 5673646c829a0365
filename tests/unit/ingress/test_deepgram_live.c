#include <criterion/criterion.h>
#include <stdlib.h>

#include "codec/json.h"
#include "ingress/deepgram_live.h"
#include "leaks.h"

TestSuite(deepgram_live, .fini = check_leaks);

enum { RATE = 100, HALF = RATE / 2 };

/* Each message in words: "F[0+2]:text" for a final result, "i[...]" for another, or its type. */
static void note(void *user, struct ct_str json)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_buf *said = user;
	const struct ct_json *tree;

	cr_assert_eq(ct_json_parse(&arena, json, CT_JSON_STRICT, &tree, NULL), CT_OK);
	struct ct_str type = ct_json_str_at(tree, "type");
	if (!ct_str_is(type, "Results")) {
		ct_buf_printf(said, "%.*s;", CT_STR_ARG(type));
		return;
	}
	ct_buf_printf(said, "%s%s[%g+%g]:%.*s;",
		      ct_json_true(ct_json_get(tree, "is_final")) ? "F" : "i",
		      ct_json_true(ct_json_get(tree, "speech_final")) ? "!" : "",
		      ct_json_num(ct_json_get(tree, "start"), -1),
		      ct_json_num(ct_json_get(tree, "duration"), -1),
		      CT_STR_ARG(ct_json_str_at(tree, "channel.alternatives.0.transcript")));
}

/* Half seconds of these levels, in percent, -1 ending them; sent in pieces of that many bytes. */
static void play(struct ct_live *live, const int *levels, size_t piece)
{
	static char bytes[64 * HALF * 2];
	size_t len = 0;

	for (; *levels >= 0; levels++) {
		for (int i = 0; i < HALF; i++) {
			int sample = *levels * 32768 / 100;
			bytes[len++] = (char)sample;
			bytes[len++] = (char)(sample >> 8);
		}
	}
	for (size_t at = 0; at < len; at += piece)
		ct_live_audio(live, (struct ct_str){ bytes + at,
						     len - at < piece ? len - at : piece });
}

static struct ct_live *make(const char *query, struct ct_arena *arena, struct ct_buf *said)
{
	struct ct_live_options options;
	struct ct_err err = { 0 };

	cr_assert_eq(ct_live_read(ct_str(query), arena, &options, &err), CT_OK, "%s", err.msg);
	return ct_live_create(&options, ct_str("id"), note, said);
}

Test(deepgram_live, says_a_word_for_each_half_second_of_sound_and_none_for_silence)
{
	static const int levels[] = { 10, 20, 30, 40, 50, 0, 0, 60, -1 };
	static const size_t pieces[] = { 1, 3, HALF * 2, 10000 };

	for (size_t i = 0; i < CT_COUNT(pieces); i++) {
		struct ct_arena arena = { 0 };
		struct ct_buf said = CT_BUF_INIT(10000);
		struct ct_live *live = make("encoding=linear16&sample_rate=100&model=x", &arena, &said);
		bool closes = false;

		play(live, levels, pieces[i]);
		cr_assert_eq(ct_live_command(live, ct_str("{\"type\":\"CloseStream\"}"), &closes, NULL),
			     CT_OK);
		cr_expect(closes);
		cr_expect_str_eq(said.ptr,
				 "F[0+2]:sandbox10 sandbox20 sandbox30 sandbox40;"
				 "F![2+1]:sandbox50;F![3+1]:sandbox60;Metadata;",
				 "pieces of %zu: %s", pieces[i], said.ptr);
		cr_expect_eq(ct_live_words(live), 6);
		ct_live_destroy(live);
		ct_buf_fini(&said);
		ct_arena_fini(&arena);
	}
}

Test(deepgram_live, tells_what_it_was_asked_to_on_the_way)
{
	static const int levels[] = { 10, 0, 0, 0, -1 };
	struct ct_arena arena = { 0 };
	struct ct_buf said = CT_BUF_INIT(10000);
	struct ct_live *live = make("encoding=linear16&sample_rate=100&interim_results=true&"
				    "utterance_end_ms=1000&vad_events=true",
				    &arena, &said);

	play(live, levels, 10);
	cr_expect_str_eq(said.ptr,
			 "SpeechStarted;i[0+0.5]:sandbox10;F![0+1]:sandbox10;i[1+0.5]:;UtteranceEnd;"
			 "i[1+1]:;",
			 "%s", said.ptr);
	ct_live_destroy(live);
	ct_buf_fini(&said);
	ct_arena_fini(&arena);
}

Test(deepgram_live, refuses_what_the_real_one_refuses)
{
	static const char *const queries[] = {
		"encoding=linear16",
		"encoding=mp4&sample_rate=1",
		"sample_rate=0",
		"sample_rate=abc",
		"channels=1000",
		"utterance_end_ms=1000",
		"utterance_end_ms=500&interim_results=true",
	};
	struct ct_arena arena = { 0 };
	struct ct_live_options options;

	for (size_t i = 0; i < CT_COUNT(queries); i++)
		cr_expect_eq(ct_live_read(ct_str(queries[i]), &arena, &options, NULL), CT_EINVALID,
			     "%s", queries[i]);
	ct_arena_fini(&arena);
}

Test(deepgram_live, refuses_commands_that_are_none)
{
	static const char *const commands[] = { "", "{", "[]", "{}", "{\"type\":7}",
						"{\"type\":\"Speak\"}" };
	struct ct_arena arena = { 0 };
	struct ct_buf said = CT_BUF_INIT(10000);
	struct ct_live *live = make("encoding=opus", &arena, &said);
	bool closes;

	for (size_t i = 0; i < CT_COUNT(commands); i++)
		cr_expect_eq(ct_live_command(live, ct_str(commands[i]), &closes, NULL), CT_EINVALID,
			     "%s", commands[i]);
	cr_expect_eq(ct_live_command(live, ct_str("{\"type\":\"KeepAlive\"}"), &closes, NULL), CT_OK);
	cr_expect_eq(said.len, 0);
	ct_live_destroy(live);
	ct_buf_fini(&said);
	ct_arena_fini(&arena);
}

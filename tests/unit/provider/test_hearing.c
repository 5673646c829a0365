#include <criterion/criterion.h>
#include <stdlib.h>

#include "leaks.h"
#include "provider/hearing.h"
#include "provider/vendors.h"

TestSuite(hearing, .fini = check_leaks);

static void ask(const struct ct_endpoint *endpoint, const struct ct_speech *speech, bool interim,
		struct ct_arena *arena, struct ct_ws_request *out)
{
	struct ct_request request = { .task = CT_TASK_TRANSCRIBE,
				      .speech = speech,
				      .model = CT_STR("nova-3") };
	struct ct_err err = { 0 };

	cr_assert_eq(ct_hearing_ask(endpoint, &request, interim, arena, out, &err), CT_OK, "%s",
		     err.msg);
}

Test(hearing, asks_with_the_parameters_of_samples_in_the_query_and_the_key_in_a_header)
{
	struct ct_secret *key = ct_secret_create(ct_str("key-12345678"));
	struct ct_endpoint endpoint = { .name = CT_STR("deepgram"),
					.vendor = &ct_vendor_deepgram,
					.base_url = CT_STR("https://api.deepgram.com"),
					.key = key };
	struct ct_speech speech = { .encoding = CT_STR("linear16"),
				    .sample_rate = 16000,
				    .channels = 1,
				    .language = CT_STR("de") };
	struct ct_arena arena = { 0 };
	struct ct_ws_request out = { .header_count = 0 };

	ask(&endpoint, &speech, true, &arena, &out);
	cr_expect(ct_str_is(out.url, "https://api.deepgram.com/v1/listen?model=nova-3&"
				     "smart_format=true&language=de&interim_results=true&"
				     "encoding=linear16&sample_rate=16000&channels=1"),
		  "%.*s", CT_STR_ARG(out.url));
	cr_expect_eq(out.header_count, 1);
	cr_expect(ct_str_is(out.headers[0].name, "Authorization"));
	cr_expect(ct_str_is(out.headers[0].value, "Token "));
	cr_expect_eq(out.headers[0].secret, key);
	ct_arena_fini(&arena);
	ct_secret_destroy(key);
}

Test(hearing, says_nothing_of_the_encoding_of_a_container)
{
	struct ct_endpoint endpoint = { .name = CT_STR("deepgram"),
					.vendor = &ct_vendor_deepgram,
					.base_url = CT_STR("http://127.0.0.1:1/deepgram") };
	struct ct_speech speech = { .encoding = { NULL, 0 } };
	struct ct_arena arena = { 0 };
	struct ct_ws_request out = { .header_count = 0 };

	ask(&endpoint, &speech, false, &arena, &out);
	cr_expect(ct_str_is(out.url, "http://127.0.0.1:1/deepgram/v1/listen?model=nova-3&"
				     "smart_format=true"),
		  "%.*s", CT_STR_ARG(out.url));
	ct_arena_fini(&arena);
}

static const char result[] =
	"{\"type\":\"Results\",\"channel_index\":[0,1],\"duration\":2.0,\"start\":1.0,"
	"\"is_final\":true,\"speech_final\":true,\"channel\":{\"alternatives\":[{\"transcript\":"
	"\"Hello, dear world.\",\"confidence\":0.5,\"words\":["
	"{\"word\":\"hello\",\"start\":1.0,\"end\":1.5,\"punctuated_word\":\"Hello,\"},"
	"{\"word\":\"dear\",\"start\":1.5,\"end\":2.0},"
	"{\"word\":\"world\",\"start\":2.0,\"end\":3.0,\"punctuated_word\":\"world.\"}]}]},"
	"\"metadata\":{\"request_id\":\"abc\"}}";

Test(hearing, reads_a_result_and_what_of_it_is_new)
{
	static const struct {
		int64_t from_us, covered_us;
		const char *text;
	} cases[] = {
		{ 0, 0, "Hello, dear world." },
		{ 1000000, 0, "Hello, dear world." },
		{ 1300000, 0, "dear world." },
		{ 2000000, 0, "world." },
		{ 2900000, 0, "" },
		{ 0, 1000000, "Hello, dear world." },
		{ 0, 1499999, "Hello, dear world." }, /* it ends behind that */
		{ 0, 1500000, "dear world." },
		{ 2000000, 2900000, "world." },
		{ 0, 3000000, "" },
	};
	struct ct_arena arena = { 0 };
	struct ct_buf text = CT_BUF_INIT(1000);
	struct ct_hearing h;

	cr_assert_eq(ct_hearing_read(ct_str(result), &arena, &h, NULL), CT_OK);
	cr_expect_eq(h.type, CT_HEARING_RESULT);
	cr_expect(h.is_final && h.utterance_ends);
	cr_expect_eq(h.start_us, 1000000);
	cr_expect_eq(h.end_us, 3000000);
	cr_expect(ct_str_is(h.request_id, "abc"));
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		ct_buf_clear(&text);
		ct_hearing_text_from(&h, cases[i].from_us, cases[i].covered_us, &text);
		cr_expect_str_eq(text.ptr, cases[i].text, "case %zu: %s", i, text.ptr);
	}
	cr_expect_eq(ct_hearing_last_word_us(&h), 3000000);
	h.words = NULL;
	h.end_us = 3200000;
	cr_expect_eq(ct_hearing_last_word_us(&h), 3200000);
	h.text.len = 0;
	cr_expect_eq(ct_hearing_last_word_us(&h), -1);
	ct_buf_fini(&text);
	ct_arena_fini(&arena);
}

Test(hearing, shares_the_time_out_where_words_have_none)
{
	static const struct {
		int64_t from_us;
		const char *text;
	} cases[] = { { 0, "a b c d" }, { 1500000, "b c d" }, { 2000000, "c d" }, { 3000000, "" } };
	struct ct_hearing h = { .text = CT_STR("a b c d"), .start_us = 1000000, .end_us = 3000000 };
	struct ct_buf text = CT_BUF_INIT(1000);

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		ct_buf_clear(&text);
		ct_hearing_text_from(&h, cases[i].from_us, 0, &text);
		cr_expect(ct_str_is(ct_buf_str(&text), cases[i].text), "from %lld: %s",
			  (long long)cases[i].from_us, text.ptr);
	}
	ct_buf_fini(&text);
}

Test(hearing, tells_the_other_messages_apart)
{
	static const struct {
		const char *json;
		int code;
		enum ct_hearing_type type;
	} cases[] = {
		{ "{\"type\":\"Metadata\",\"request_id\":\"x\"}", CT_OK, CT_HEARING_METADATA },
		{ "{\"type\":\"UtteranceEnd\",\"last_word_end\":2}", CT_OK, CT_HEARING_UTTERANCE_END },
		{ "{\"type\":\"Error\",\"description\":\"no\"}", CT_OK, CT_HEARING_ERROR },
		{ "{\"type\":\"SpeechStarted\"}", CT_OK, CT_HEARING_OTHER },
		{ "{\"type\":\"Tomorrow\"}", CT_OK, CT_HEARING_OTHER },
		{ "{}", CT_OK, CT_HEARING_OTHER },
		{ "[]", CT_EPROTO, CT_HEARING_OTHER },
		{ "{\"type\":", CT_EPROTO, CT_HEARING_OTHER },
		{ "{\"type\":\"Results\"}", CT_EPROTO, CT_HEARING_OTHER },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_hearing h;

		cr_expect_eq(ct_hearing_read(ct_str(cases[i].json), &arena, &h, NULL), cases[i].code,
			     "%s", cases[i].json);
		if (cases[i].code == CT_OK)
			cr_expect_eq(h.type, cases[i].type, "%s", cases[i].json);
		ct_arena_fini(&arena);
	}
}

Test(hearing, knows_which_closes_another_try_can_mend)
{
	static const struct {
		int close_code;
		const char *reason;
		int code;
	} cases[] = {
		{ 1000, "", CT_OK },	      { 1005, "", CT_OK },
		{ 1008, "DATA-0000", CT_EINVALID }, { 1003, "", CT_EINVALID },
		{ 1009, "", CT_EINVALID },    { 1011, "NET-0001", CT_EUPSTREAM },
		{ 1013, "", CT_EUPSTREAM },
	};
	struct ct_endpoint endpoint = { .name = CT_STR("deepgram") };

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_ws_end end = { .close_code = cases[i].close_code,
					 .reason = ct_str(cases[i].reason) };
		struct ct_err err = { 0 };

		cr_expect_eq(ct_hearing_closed(&endpoint, &end, &err), cases[i].code, "%d",
			     cases[i].close_code);
		cr_expect_eq(cases[i].code == CT_OK || strstr(err.msg, cases[i].reason) != NULL, true);
	}
}

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "answer.h"
#include "leaks.h"
#include "provider/fields.h"

TestSuite(speech, .fini = check_leaks);

#define STR(text) (struct ct_str) CT_STR(text)

/* What a vendor made of a request. */
struct made {
	struct ct_arena arena;
	struct ct_http_request http;
	struct ct_warnings warnings;
	struct ct_err err;
	int code;
};

static const struct ct_recording file = { .fd = 7,
					  .offset = 3,
					  .bytes = 1000,
					  .mime = CT_STR("audio/wav"),
					  .name = CT_STR("a \"b\".wav"),
					  .sha256 = CT_STR("abc") };
static const struct ct_recording url = { .url = CT_STR("https://example.com/a?b"), .fd = -1 };

static struct ct_endpoint at(const struct ct_vendor *vendor, const char *base)
{
	return (struct ct_endpoint){ .name = ct_str(vendor->kind),
				     .vendor = vendor,
				     .base_url = ct_str(base != NULL ? base : vendor->base_url),
				     .own_address = base == NULL };
}

static void make(struct made *m, const struct ct_endpoint *endpoint, enum ct_task task,
		 const struct ct_speech *speech, const char *model)
{
	struct ct_request request = { .task = task, .speech = speech, .model = ct_str(model) };

	*m = (struct made){ .code = 0 };
	m->code = endpoint->vendor->request(endpoint, &request, NULL, &m->arena, &m->http,
					    &m->warnings, &m->err);
}

static struct ct_str header(const struct made *m, const char *name)
{
	for (size_t i = 0; i < m->http.header_count; i++)
		if (ct_str_is_nocase(m->http.headers[i].name, name))
			return m->http.headers[i].value;
	return (struct ct_str){ NULL, 0 };
}

Test(speech, deepgram_is_asked_by_the_query)
{
	static const struct {
		struct ct_speech speech;
		const char *query;
	} cases[] = {
		{ { .recording = &file }, "model=nova-3&smart_format=true" },
		{ { .recording = &file, .language = CT_STR("pt BR"), .diarize = true },
		  "model=nova-3&smart_format=true&language=pt%20BR&diarize=true" },
		{ { .recording = &file, .detect_language = true },
		  "model=nova-3&smart_format=true&detect_language=true" },
		{ { .recording = &file,
		    .encoding = CT_STR("linear16"),
		    .sample_rate = 8000,
		    .channels = 2 },
		  "model=nova-3&smart_format=true&encoding=linear16&sample_rate=8000&channels=2" },
	};
	struct ct_endpoint endpoint = at(&ct_vendor_deepgram, NULL);

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct made m;
		make(&m, &endpoint, CT_TASK_TRANSCRIBE, &cases[i].speech, "nova-3");
		cr_assert_eq(m.code, CT_OK, "%s", m.err.msg);
		cr_assert(ct_str_starts(m.http.url, "https://api.deepgram.com/v1/listen?"));
		cr_assert(ct_str_is(ct_str_from(m.http.url, 35), cases[i].query), "%.*s",
			  CT_STR_ARG(m.http.url));
		cr_assert(ct_str_is(header(&m, "content-type"), "audio/wav"));
		cr_assert_not_null(m.http.file);
		cr_assert(m.http.file->fd == 7 && m.http.file->offset == 3 &&
			  m.http.file->bytes == 1000 && m.http.body.len == 0);
		ct_arena_fini(&m.arena);
	}
}

Test(speech, a_key_goes_behind_the_word_that_its_vendor_wants)
{
	struct ct_secret *key = ct_secret_create(STR("key-0123456789"));
	struct ct_endpoint endpoint = at(&ct_vendor_deepgram, "http://h/deepgram");
	struct ct_speech speech = { .recording = &url };
	struct made m;

	endpoint.key = key;
	make(&m, &endpoint, CT_TASK_TRANSCRIBE, &speech, "nova-3");
	cr_assert(ct_str_is(header(&m, "authorization"), "Token "));
	cr_assert(ct_str_is(header(&m, "content-type"), "application/json"));
	cr_assert(ct_str_is(m.http.body, "{\"url\":\"https://example.com/a?b\"}"));
	cr_assert(ct_str_starts(m.http.url, "http://h/deepgram/v1/listen?"));
	cr_assert_null(m.http.file);
	ct_arena_fini(&m.arena);
	ct_secret_destroy(key);
}

Test(speech, options_are_fields_and_take_the_place_of_ours)
{
	static const struct ct_option options[] = {
		{ CT_STR("smart_format"), CT_STR("null") },
		{ CT_STR("keyterm"), CT_STR("[\"a b\",\"c\"]") },
		{ CT_STR("utt_split"), CT_STR("0.5") },
		{ CT_STR("summarize"), CT_STR("\"v2\"") },
		{ CT_STR("topics"), CT_STR("true") },
	};
	static const struct ct_option bad = { CT_STR("extra"), CT_STR("{\"a\":1}") };
	struct ct_endpoint endpoint = at(&ct_vendor_deepgram, "http://h");
	struct ct_speech speech = { .recording = &url };
	struct made m;

	endpoint.options = options;
	endpoint.option_count = CT_COUNT(options);
	make(&m, &endpoint, CT_TASK_TRANSCRIBE, &speech, "nova-3");
	cr_assert(ct_str_is(m.http.url, "http://h/v1/listen?model=nova-3&keyterm=a%20b&keyterm=c"
					"&utt_split=0.5&summarize=v2&topics=true"),
		  "%.*s", CT_STR_ARG(m.http.url));
	ct_arena_fini(&m.arena);
	endpoint.options = &bad;
	endpoint.option_count = 1;
	make(&m, &endpoint, CT_TASK_TRANSCRIBE, &speech, "nova-3");
	cr_assert_eq(m.code, CT_EINVALID);
	ct_arena_fini(&m.arena);
}

Test(speech, deepgram_speaks_in_the_encoding_that_is_wanted)
{
	static const struct {
		struct ct_speech speech;
		const char *query; /* NULL: refused */
	} cases[] = {
		{ { .text = CT_STR("Hi"), .encoding = CT_STR("mp3") }, "model=m&encoding=mp3" },
		{ { .text = CT_STR("Hi"), .encoding = CT_STR("wav"), .sample_rate = 24000 },
		  "model=m&encoding=linear16&container=wav&sample_rate=24000" },
		{ { .text = CT_STR("Hi"), .encoding = CT_STR("linear16"), .bare = true },
		  "model=m&encoding=linear16&container=none" },
		{ { .text = CT_STR("Hi"), .encoding = CT_STR("mp3"), .sample_rate = 8000 }, NULL },
		{ { .text = CT_STR("Hi"), .encoding = CT_STR("ape") }, NULL },
	};
	struct ct_endpoint endpoint = at(&ct_vendor_deepgram, "http://h");

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct made m;
		make(&m, &endpoint, CT_TASK_SPEAK, &cases[i].speech, "m");
		if (cases[i].query == NULL)
			cr_assert_eq(m.code, CT_EINVALID, "case %zu", i);
		else
			cr_assert(ct_str_is(ct_str_from(m.http.url, 18), cases[i].query), "%.*s",
				  CT_STR_ARG(m.http.url));
		if (cases[i].query != NULL)
			cr_assert(ct_str_is(m.http.body, "{\"text\":\"Hi\"}"));
		ct_arena_fini(&m.arena);
	}
}

Test(speech, openai_gets_a_form_around_the_file)
{
	struct ct_endpoint endpoint = at(&ct_vendor_openai, NULL);
	struct ct_speech speech = { .recording = &file, .words = true };
	CT_CLEANUP(ct_buf_fini) struct ct_buf want = CT_BUF_INIT(4096);
	struct made m;

	make(&m, &endpoint, CT_TASK_TRANSCRIBE, &speech, "whisper-1");
	cr_assert_eq(m.code, CT_OK, "%s", m.err.msg);
	struct ct_str type = header(&m, "content-type");
	cr_assert(ct_str_starts(type, "multipart/form-data; boundary=cartrita-"));
	struct ct_str b = ct_str_from(type, 30);
	static const char *const fields[][2] = {
		{ "model", "whisper-1" },
		{ "response_format", "verbose_json" },
		{ "timestamp_granularities[]", "word" },
		{ "timestamp_granularities[]", "segment" },
	};
	for (size_t i = 0; i < CT_COUNT(fields); i++)
		ct_buf_printf(&want,
			      "--%.*s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
			      CT_STR_ARG(b), fields[i][0], fields[i][1]);
	ct_buf_printf(&want,
		      "--%.*s\r\nContent-Disposition: form-data; name=\"file\"; "
		      "filename=\"a %%22b%%22.wav\"\r\nContent-Type: audio/wav\r\n\r\n",
		      CT_STR_ARG(b));
	cr_assert(ct_str_eq(m.http.body, ct_buf_str(&want)), "%.*s", CT_STR_ARG(m.http.body));
	ct_buf_clear(&want);
	ct_buf_printf(&want, "\r\n--%.*s--\r\n", CT_STR_ARG(b));
	cr_assert(ct_str_eq(m.http.file->after, ct_buf_str(&want)));
	cr_assert(ct_str_is(m.http.url, "https://api.openai.com/v1/audio/transcriptions"));
	ct_arena_fini(&m.arena);
}

Test(speech, bare_samples_get_a_header_in_the_form)
{
	struct ct_endpoint endpoint = at(&ct_vendor_openai, NULL);
	struct ct_speech speech = { .recording = &file,
				    .encoding = CT_STR("linear16"),
				    .sample_rate = 8000 };
	struct made m;

	make(&m, &endpoint, CT_TASK_TRANSCRIBE, &speech, "gpt-transcribe");
	cr_assert_eq(m.code, CT_OK, "%s", m.err.msg);
	struct ct_str header = ct_str_from(m.http.body, m.http.body.len - 44);
	cr_assert(ct_str_starts(header, "RIFF") && ct_str_has(header, "WAVEfmt "));
	ct_arena_fini(&m.arena);
}

Test(speech, what_a_service_cannot_is_refused_before_anything_goes_up)
{
	static const struct ct_recording large = { .fd = 7, .bytes = 26 << 20 };
	static const struct {
		const struct ct_vendor *vendor;
		enum ct_task task;
		struct ct_speech speech;
		const char *model;
	} cases[] = {
		{ &ct_vendor_openai, CT_TASK_TRANSCRIBE, { .recording = &url }, "whisper-1" },
		{ &ct_vendor_openai, CT_TASK_TRANSCRIBE, { .recording = &large }, "whisper-1" },
		{ &ct_vendor_openai, CT_TASK_TRANSCRIBE, { .recording = &file, .words = true },
		  "gpt-transcribe" },
		{ &ct_vendor_openai, CT_TASK_TRANSCRIBE, { .recording = &file, .diarize = true },
		  "whisper-1" },
		{ &ct_vendor_openai, CT_TASK_TRANSCRIBE,
		  { .recording = &file, .encoding = CT_STR("speex") }, "whisper-1" },
		{ &ct_vendor_openai, CT_TASK_SPEAK,
		  { .text = CT_STR("x"), .encoding = CT_STR("mulaw") }, "tts-1" },
		{ &ct_vendor_openai, CT_TASK_SPEAK,
		  { .text = CT_STR("x"), .encoding = CT_STR("wav"), .sample_rate = 8000 },
		  "tts-1" },
		{ &ct_vendor_huggingface, CT_TASK_TRANSCRIBE, { .recording = &url }, "m" },
		{ &ct_vendor_huggingface, CT_TASK_TRANSCRIBE, { .recording = &file, .words = true },
		  "m" },
		{ &ct_vendor_huggingface, CT_TASK_SPEAK, { .text = CT_STR("x") }, "m" },
		{ &ct_vendor_deepgram, CT_TASK_CHAT, { .text = CT_STR("x") }, "m" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_endpoint endpoint = at(cases[i].vendor, NULL);
		struct made m;
		make(&m, &endpoint, cases[i].task, &cases[i].speech, cases[i].model);
		cr_assert_eq(m.code, CT_EINVALID, "case %zu: %d", i, m.code);
		cr_assert(m.err.msg[0] != '\0');
		ct_arena_fini(&m.arena);
	}
}

Test(speech, hugging_face_has_an_address_for_each_model)
{
	struct ct_endpoint endpoint = at(&ct_vendor_huggingface, NULL);
	struct ct_speech speech = { .recording = &file };
	struct made m;

	make(&m, &endpoint, CT_TASK_TRANSCRIBE, &speech, "openai/whisper large");
	cr_assert(ct_str_is(m.http.url, "https://router.huggingface.co/hf-inference/models/openai/"
					"whisper%20large"),
		  "%.*s", CT_STR_ARG(m.http.url));
	cr_assert(ct_str_is(header(&m, "content-type"), "audio/wav"));
	ct_arena_fini(&m.arena);
}

/* What comes of an answer, in words: text, words, passages, what is known of the sound. */
struct heard {
	struct ct_buf text;
	struct ct_err err;
	struct ct_usage usage;
	int code;
};

static int hear(void *user, const struct ct_event *e, struct ct_err *err)
{
	struct heard *h = user;

	(void)err;
	if (e->type == CT_EVENT_TEXT)
		ct_buf_add(&h->text, e->text);
	else if (e->type == CT_EVENT_WORD || e->type == CT_EVENT_PASSAGE)
		ct_buf_printf(&h->text, "|%c%.*s %lld-%lld/%d/%d",
			      e->type == CT_EVENT_WORD ? 'w' : 'p', CT_STR_ARG(e->heard.text),
			      (long long)e->heard.start_ms, (long long)e->heard.end_ms,
			      e->heard.speaker, e->heard.channel);
	else if (e->type == CT_EVENT_RECORDING)
		ct_buf_printf(&h->text, "|%.*s %lld %.2f", CT_STR_ARG(e->language),
			      (long long)e->duration_ms, e->confidence);
	else if (e->type == CT_EVENT_ANALYSIS)
		ct_buf_printf(&h->text, "|%.*s", CT_STR_ARG(e->text));
	else if (e->type == CT_EVENT_AUDIO)
		ct_buf_add(&h->text, e->audio);
	else if (e->type == CT_EVENT_USAGE)
		h->usage = e->usage;
	else if (e->type == CT_EVENT_FINISH)
		ct_buf_puts(&h->text, "|end");
	return CT_OK;
}

static void decode(struct heard *h, const struct ct_vendor *vendor, enum ct_task task,
		   const char *type, struct ct_str body, size_t step)
{
	struct ct_endpoint endpoint = at(vendor, NULL);
	struct ct_headers headers = { 0 };
	struct ct_arena arena = { 0 };
	struct ct_decoder *d = ct_decoder_create(&endpoint, task, hear, h);

	*h = (struct heard){ .text = CT_BUF_INIT(1 << 20) };
	headers.arena = &arena;
	ct_headers_add(&headers, STR("Content-Type"), ct_str(type));
	ct_headers_add(&headers, STR("dg-char-count"), STR("12"));
	ct_decoder_head(d, &headers);
	for (size_t at = 0; at < body.len && h->code == CT_OK; at += step) {
		struct ct_str rest = ct_str_from(body, at);
		if (rest.len > step)
			rest.len = step;
		h->code = ct_decoder_feed(d, rest, &h->err);
	}
	if (h->code == CT_OK)
		h->code = ct_decoder_finish(d, &h->err);
	ct_decoder_destroy(d);
	ct_arena_fini(&arena);
}

Test(speech, transcripts_of_all_shapes_are_read)
{
	static const struct {
		const struct ct_vendor *vendor;
		const char *body, *heard;
	} cases[] = {
		{ &ct_vendor_deepgram,
		  "{\"metadata\":{\"request_id\":\"r\",\"duration\":1.5},\"results\":{\"channels\":[{"
		  "\"detected_language\":\"de\",\"alternatives\":[{\"transcript\":\"Hi.\",\"confidence\":"
		  "0.9,\"words\":[{\"word\":\"hi\",\"start\":0.1,\"end\":0.44,\"confidence\":0.9,"
		  "\"punctuated_word\":\"Hi.\",\"speaker\":1}],\"paragraphs\":{\"paragraphs\":[{\"speaker\":"
		  "1,\"sentences\":[{\"text\":\"Hi.\",\"start\":0.1,\"end\":0.44}]}]}}]}]}}",
		  "Hi.|wHi. 100-440/1/0|pHi. 100-440/1/0|de 1500 0.90|end" },
		{ &ct_vendor_deepgram, /* two channels, and what was asked for beside */
		  "{\"metadata\":{\"duration\":2},\"results\":{\"channels\":[{\"alternatives\":[{"
		  "\"transcript\":\"a\",\"confidence\":0.5}]},{\"alternatives\":[{\"transcript\":\"b\","
		  "\"confidence\":0.4}]}],\"summary\":{\"short\":\"s\"}}}",
		  "a\nb| 2000 0.40|{\"summary\":{\"short\":\"s\"}}|end" },
		{ &ct_vendor_deepgram, /* silence */
		  "{\"results\":{\"channels\":[{\"alternatives\":[{\"transcript\":\"\",\"confidence\":0,"
		  "\"words\":[]}]}]}}",
		  "| -1 0.00|end" },
		{ &ct_vendor_openai, "{\"text\":\" Hi. \"}", "Hi.|end" },
		{ &ct_vendor_openai,
		  "{\"task\":\"transcribe\",\"language\":\"english\",\"duration\":2.5,\"text\":\"Hi you\","
		  "\"words\":[{\"word\":\"Hi\",\"start\":0,\"end\":0.5}],\"segments\":[{\"id\":0,\"start\":0,"
		  "\"end\":1,\"text\":\" Hi you\",\"speaker\":\"B\"}]}",
		  "Hi you|wHi 0-500/-1/0|pHi you 0-1000/1/0|en 2500 -1.00|end" },
		{ &ct_vendor_openai,
		  "data: {\"type\":\"transcript.text.delta\",\"delta\":\"Hi \"}\n\n"
		  "data: {\"type\":\"transcript.text.delta\",\"delta\":\"you\"}\n\n"
		  "data: {\"type\":\"transcript.text.done\",\"text\":\"Hi you\"}\n\ndata: [DONE]\n\n",
		  "Hi you|end" },
		{ &ct_vendor_huggingface,
		  "{\"text\":\"Hi\",\"chunks\":[{\"text\":\" Hi\",\"timestamp\":[0.0,1.0]}]}",
		  "Hi|pHi 0-1000/-1/0|end" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		for (size_t step = 1; step < 2000; step = step * 3 + 1) {
			struct heard h;
			decode(&h, cases[i].vendor, CT_TASK_TRANSCRIBE, "application/json",
			       ct_str(cases[i].body), step);
			cr_assert_eq(h.code, CT_OK, "case %zu: %s", i, h.err.msg);
			/* a text may come in pieces, but it is the same text */
			cr_assert(ct_str_is(ct_buf_str(&h.text), cases[i].heard),
				  "case %zu, step %zu: %s", i, step, h.text.ptr);
			ct_buf_fini(&h.text);
		}
	}
}

Test(speech, each_channel_that_was_heard_is_paid_for)
{
	struct heard h;

	decode(&h, &ct_vendor_deepgram, CT_TASK_TRANSCRIBE, "application/json",
	       STR("{\"metadata\":{\"duration\":2},\"results\":{\"channels\":[{\"alternatives\":[]},"
		   "{\"alternatives\":[]}]}}"),
	       50);
	cr_assert(h.usage.known && h.usage.audio_ms == 4000);
	ct_buf_fini(&h.text);
}

Test(speech, an_answer_without_a_transcript_is_none)
{
	static const struct {
		const struct ct_vendor *vendor;
		const char *body;
		int code;
	} cases[] = {
		{ &ct_vendor_deepgram, "", CT_EPROTO },
		{ &ct_vendor_deepgram, "{\"request_id\":\"with a callback\"}", CT_EPROTO },
		{ &ct_vendor_deepgram, "{\"results\":{\"channels\":[]}}", CT_EPROTO },
		{ &ct_vendor_deepgram, "<html>", CT_EPROTO },
		{ &ct_vendor_deepgram, "{\"results\":{\"channels\":[{\"alternatives\":[{\"tra", CT_EPROTO },
		{ &ct_vendor_openai, "{\"ok\":true}", CT_EPROTO },
		{ &ct_vendor_openai, "{\"error\":{\"message\":\"m\",\"type\":\"server_error\"}}",
		  CT_EUPSTREAM },
		{ &ct_vendor_openai, "data: {\"type\":\"transcript.text.delta\",\"delta\":\"Hi\"}\n\n",
		  CT_ECUT },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct heard h;
		decode(&h, cases[i].vendor, CT_TASK_TRANSCRIBE, "application/json",
		       ct_str(cases[i].body), 7);
		cr_assert_eq(h.code, cases[i].code, "case %zu: %d %s", i, h.code, h.err.msg);
		ct_buf_fini(&h.text);
	}
}

Test(speech, sound_goes_up_as_it_comes_and_nothing_else_for_it)
{
	static const struct {
		const char *type;
		struct ct_str body;
		int code;
	} cases[] = {
		{ "audio/mpeg", CT_STR("\xff\xf3sound"), CT_OK },
		{ "audio/l16", CT_STR("{ samples\1may begin so"), CT_OK },
		{ "audio/l16", CT_STR("<"), CT_EPROTO },
		{ "audio/l16", CT_STR("{\x80"), CT_OK },
		{ "audio/mpeg", CT_STR("<!DOCTYPE html><html>no</html>"), CT_EPROTO },
		{ "audio/mpeg",
		  CT_STR("{\"error\":{\"message\":\"m\",\"code\":\"rate_limit_exceeded\"}}"),
		  CT_ERATE },
		{ "application/octet-stream", CT_STR("RIFF"), CT_OK },
		{ "", CT_STR("OggS"), CT_OK },
		{ "audio/mpeg", CT_STR(""), CT_EPROTO },
		{ "application/octet-stream", CT_STR("<html>"), CT_EPROTO },
		{ "text/html; charset=utf-8", CT_STR("no sound"), CT_EPROTO },
		{ "application/json", CT_STR("{\"ok\":true}"), CT_EPROTO },
		{ "application/json",
		  CT_STR("{\"error\":{\"message\":\"m\",\"code\":\"rate_limit_exceeded\"}}"),
		  CT_ERATE },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct heard h;
		decode(&h, &ct_vendor_deepgram, CT_TASK_SPEAK, cases[i].type, cases[i].body, 3);
		cr_assert_eq(h.code, cases[i].code, "case %zu: %d %s", i, h.code, h.err.msg);
		if (h.code == CT_OK) {
			cr_assert(ct_str_starts(ct_buf_str(&h.text), "") &&
				  h.text.len == cases[i].body.len + 4);
			cr_assert(h.usage.known && h.usage.characters == 12);
		}
		ct_buf_fini(&h.text);
	}
}

Test(speech, deepgrams_refusals_are_understood)
{
	static const struct {
		int status;
		const char *body;
		int code;
		const char *message;
	} cases[] = {
		{ 400, "{\"err_code\":\"Bad Request\",\"err_msg\":\"Bad model\",\"request_id\":\"r\"}",
		  CT_EINVALID, "Bad model" },
		{ 401, "{\"category\":\"INVALID_AUTH\",\"message\":\"Invalid credentials.\",\"details\":\"d\"}",
		  CT_EAUTH, "Invalid credentials." },
		{ 402, "{\"err_code\":\"ASR_PAYMENT_REQUIRED\",\"err_msg\":\"no credit\"}", CT_EQUOTA,
		  "no credit" },
		{ 429, "{\"err_code\":\"TOO_MANY_REQUESTS\",\"err_msg\":\"later\"}", CT_ERATE, "later" },
		{ 503, "Service unavailable", CT_EUPSTREAM, "Service unavailable" },
		{ 415, "{\"err_code\":\"UNSUPPORTED_MEDIA_TYPE\",\"err_msg\":\"x\"}", CT_EINVALID, "x" },
	};
	struct ct_endpoint endpoint = at(&ct_vendor_deepgram, NULL);

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err;
		int code = ct_provider_error(&endpoint, cases[i].status, NULL,
					     ct_str(cases[i].body), 0, &err);
		cr_assert_eq(code, cases[i].code, "case %zu: %d", i, code);
		cr_assert(ct_str_has(ct_str(err.msg), cases[i].message), "%s", err.msg);
	}
}

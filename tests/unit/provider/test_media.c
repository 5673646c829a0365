#include <criterion/criterion.h>
#include <stdlib.h>

#include "leaks.h"
#include "provider/dialect.h"
#include "provider/media.h"
#include "provider/vendors.h"

TestSuite(media, .fini = check_leaks);

#define STR(text) (struct ct_str) CT_STR(text)

static const struct ct_part png = { CT_MEDIUM_IMAGE, CT_STR("image/png"), CT_STR("a.png"),
				    CT_STR("\x89PNG") };
static const struct ct_part pdf = { CT_MEDIUM_PDF, CT_STR("application/pdf"),
				    CT_STR("b \"x\".pdf"), CT_STR("%PDF-") };
static const struct ct_part mp3 = { CT_MEDIUM_AUDIO, CT_STR("audio/mpeg"),
				    CT_STR("c.mp3"), CT_STR("ID3") };

/* One message with those parts, asked of a vendor at its own address. */
struct asked {
	struct ct_part parts[3];
	struct ct_message message;
	struct ct_request request;
	struct ct_endpoint endpoint;
};

static void ask(struct asked *a, const struct ct_vendor *vendor,
		const struct ct_part *one, const struct ct_part *two)
{
	*a = (struct asked){ .parts = { *one } };
	if (two != NULL)
		a->parts[1] = *two;
	a->message = (struct ct_message){ .text = STR("What is it?"),
					  .parts = a->parts,
					  .part_count = two != NULL ? 2 : 1 };
	a->request = (struct ct_request){ .model = STR("m"),
					  .messages = &a->message,
					  .message_count = 1 };
	a->endpoint = (struct ct_endpoint){
		.name = ct_str(vendor->kind),
		.vendor = vendor,
		.base_url = ct_str(vendor->base_url ? vendor->base_url : "http://h/v1"),
		.own_address = true
	};
}

static void expect_body(struct asked *a, const char *body)
{
	struct ct_arena arena = { 0 };
	struct ct_http_request http = { 0 };
	struct ct_warnings warnings = { 0 };
	struct ct_err err = { 0 };

	cr_assert_eq(ct_media_check(&a->endpoint, &a->request, NULL, &err), CT_OK, "%s",
		     err.msg);
	cr_assert_eq(a->endpoint.vendor->request(&a->endpoint, &a->request, NULL, &arena,
						 &http, &warnings, &err),
		     CT_OK, "%s", err.msg);
	cr_assert(ct_str_is(http.body, body), "%.*s", CT_STR_ARG(http.body));
	ct_arena_fini(&arena);
}

static void expect_refused(struct asked *a, const struct ct_model *model,
			   const char *words)
{
	struct ct_err err = { 0 };

	cr_assert_eq(ct_media_check(&a->endpoint, &a->request, model, &err), CT_EINVALID);
	cr_assert_not_null(strstr(err.msg, words), "%s", err.msg);
}

static void expect_taken(struct asked *a, const struct ct_model *model)
{
	struct ct_err err = { 0 };

	cr_assert_eq(ct_media_check(&a->endpoint, &a->request, model, &err), CT_OK, "%s",
		     err.msg);
}

Test(media, is_written_as_claude_wants_it)
{
	struct asked a;

	ask(&a, &ct_vendor_claude, &png, &pdf);
	expect_body(
		&a,
		"{\"model\":\"m\",\"max_tokens\":8192,\"messages\":[{\"role\":\"user\","
		"\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\","
		"\"media_type\":\"image/png\",\"data\":\"iVBORw==\"}},"
		"{\"type\":\"document\",\"source\":{\"type\":\"base64\","
		"\"media_type\":\"application/pdf\",\"data\":\"JVBERi0=\"}},"
		"{\"type\":\"text\",\"text\":\"What is it?\"}]}]}");
}

Test(media, is_written_as_gemini_wants_it)
{
	struct asked a;

	ask(&a, &ct_vendor_gemini, &png, &mp3);
	expect_body(&a,
		    "{\"contents\":[{\"role\":\"user\",\"parts\":["
		    "{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"iVBORw==\"}},"
		    "{\"inlineData\":{\"mimeType\":\"audio/mpeg\",\"data\":\"SUQz\"}},"
		    "{\"text\":\"What is it?\"}]}],\"generationConfig\":{}}");
}

#define CHAT_PDF \
	"{\"type\":\"file\",\"file\":{\"filename\":\"b \\\"x\\\".pdf\",\"file_data\":" \
	"\"data:application/pdf;base64,JVBERi0=\"}},"
#define CHAT_TEXT "{\"type\":\"text\",\"text\":\"What is it?\"}]}]}"

Test(media, is_written_as_chat_completions_want_it)
{
	struct asked a;

	ask(&a, &ct_vendor_openai, &png, &pdf);
	a.endpoint.api = CT_OPENAI_CHAT;
	expect_body(&a, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
			"{\"type\":\"image_url\",\"image_url\":{\"url\":"
			"\"data:image/png;base64,iVBORw==\"}}," CHAT_PDF CHAT_TEXT);
	ask(&a, &ct_vendor_compatible, &mp3, NULL);
	expect_body(&a, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
			"{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"SUQz\","
			"\"format\":\"mp3\"}}," CHAT_TEXT);
}

Test(media, is_written_as_responses_want_it)
{
	struct asked a;

	ask(&a, &ct_vendor_openai, &png, &pdf);
	expect_body(&a, "{\"model\":\"m\",\"store\":false,\"input\":[{\"role\":\"user\","
			"\"content\":[{\"type\":\"input_image\",\"image_url\":"
			"\"data:image/png;base64,iVBORw==\"},{\"type\":\"input_file\","
			"\"filename\":\"b \\\"x\\\".pdf\",\"file_data\":"
			"\"data:application/pdf;base64,JVBERi0=\"},"
			"{\"type\":\"input_text\",\"text\":\"What is it?\"}]}]}");
}

Test(media, may_be_sent_without_a_word)
{
	struct asked a;

	ask(&a, &ct_vendor_gemini, &png, NULL);
	a.message.text = STR("");
	cr_assert_eq(ct_request_check(&a.request, NULL), CT_OK);
	expect_body(&a, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"inlineData\":"
			"{\"mimeType\":\"image/png\",\"data\":\"iVBORw==\"}}]}],"
			"\"generationConfig\":{}}");
}

Test(media, survives_options_that_are_merged_in)
{
	static const struct ct_option option = { CT_STR("top_k"), CT_STR("5") };
	struct asked a;

	ask(&a, &ct_vendor_gemini, &png, NULL);
	a.request.options = &option;
	a.request.option_count = 1;
	expect_body(&a,
		    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"inlineData\":"
		    "{\"mimeType\":\"image/png\",\"data\":\"iVBORw==\"}},"
		    "{\"text\":\"What is it?\"}]}],\"generationConfig\":{},\"top_k\":5}");
}

Test(media, is_refused_by_a_model_that_is_known_not_to_take_it)
{
	struct ct_model blind = { .vision = CT_NO, .pdf = CT_NO, .audio_in = CT_NO };
	struct ct_model unknown = { .vision = CT_UNKNOWN };
	struct asked a;

	ask(&a, &ct_vendor_gemini, &png, NULL);
	expect_refused(&a, &blind, "m takes no images: a.png");
	expect_taken(&a, &unknown);
	expect_taken(&a, NULL);
	ask(&a, &ct_vendor_gemini, &pdf, NULL);
	expect_refused(&a, &blind, "m takes no PDF");
	ask(&a, &ct_vendor_gemini, &mp3, NULL);
	expect_refused(&a, &blind, "m takes no audio: c.mp3");
}

Test(media, is_refused_where_the_protocol_has_no_form_for_it)
{
	struct ct_part flac = mp3;
	struct asked a;

	ask(&a, &ct_vendor_claude, &mp3, NULL);
	expect_refused(&a, NULL, "claude takes no audio");
	ask(&a, &ct_vendor_openai, &mp3, NULL);
	expect_refused(&a, NULL, "Responses");
	flac.mime = STR("audio/flac");
	ask(&a, &ct_vendor_compatible, &flac, NULL);
	expect_refused(&a, NULL, "wav and mp3, not audio/flac");
	ask(&a, &ct_vendor_gemini, &flac, NULL);
	expect_taken(&a, NULL);
}

/* Limits count base64, which is what is sent; at the limit itself it is still taken. */
Test(media, is_refused_over_the_limits_of_its_vendor)
{
	static const struct {
		const struct ct_vendor *vendor;
		enum ct_medium medium;
		size_t most; /* bytes of the file; 0: no limit */
		const char *words;
	} cases[] = {
		{ &ct_vendor_claude, CT_MEDIUM_IMAGE, (10 << 20) / 4 * 3,
		  "at most 10 MB" },
		{ &ct_vendor_claude, CT_MEDIUM_PDF, (32 << 20) / 4 * 3 - 12,
		  "at most 32 MB" },
		{ &ct_vendor_gemini, CT_MEDIUM_IMAGE, (20 << 20) / 4 * 3 - 12,
		  "at most 20 MB" },
		{ &ct_vendor_openai, CT_MEDIUM_PDF, (50 << 20) / 4 * 3 - 12,
		  "at most 50 MB" },
		{ &ct_vendor_compatible, CT_MEDIUM_PDF, 0, "" },
	};
	const size_t room = 60 << 20;
	char *bytes = calloc(1, room);

	cr_assert_not_null(bytes);
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_part big = { cases[i].medium,
				       STR("x/y"),
				       STR("big"),
				       { bytes, cases[i].most ? cases[i].most : room } };
		struct asked a;

		ask(&a, cases[i].vendor, &big, NULL);
		expect_taken(&a, NULL);
		a.parts[0].bytes.len += 12;
		if (cases[i].most > 0)
			expect_refused(&a, NULL, cases[i].words);
	}
	free(bytes);
}

Test(media, has_a_greatest_number_of_images_for_claude)
{
	struct ct_part *many = calloc(601, sizeof(*many));
	struct ct_model small = { .context = 200000 }, large = { .context = 1000000 };
	struct asked a;

	cr_assert_not_null(many);
	for (size_t i = 0; i < 601; i++)
		many[i] = png;
	ask(&a, &ct_vendor_claude, &png, NULL);
	a.message.parts = many;
	a.message.part_count = 101;
	expect_refused(&a, &small, "at most 100 images");
	expect_taken(&a, &large);
	a.message.part_count = 601;
	expect_refused(&a, NULL, "at most 600 images, not 601");
	free(many);
}

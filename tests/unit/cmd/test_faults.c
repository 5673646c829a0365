#include <criterion/criterion.h>

#include "capture.h"
#include "faults.h"
#include "leaks.h"

TestSuite(fault_card, .fini = check_leaks);

static const struct ct_fault_row waits = { .does = "429 with a wait of 1 s",
					   .expected = "waits, retries, answers",
					   .plan = "@:429:1*1" };
static const struct ct_fault_row cut = { .does = "cut in the middle",
					 .expected = "truncated",
					 .plan = "@:cut-after:5*1" };

/* One that passed, one that failed, as they are printed. */
static const char *printed(struct ct_out *out)
{
	struct ct_fault_result good = { .row = &waits, .protocol = &ct_fault_protocols[0],
					.pass = true, .ms = 1042, .happened = "exit 0, claude" };
	struct ct_fault_result bad = { .row = &cut, .protocol = &ct_fault_protocols[3],
				       .ms = 12, .happened = "exit 0, 4\x1b[31m tries" };
	struct ct_fault_card card;

	capture();
	ct_fault_card_begin(&card, out);
	ct_fault_card_add(&card, &good);
	ct_fault_card_add(&card, &bad);
	ct_fault_card_print(&card);
	cr_assert_eq(card.passed, 1);
	cr_assert_eq(card.failed, 1);
	ct_fault_card_fini(&card);
	ct_out_fini(out);
	return captured();
}

Test(fault_card, is_a_table_with_a_line_for_each_row_and_the_sums_below)
{
	struct ct_out out;

	ct_out_init(&out);
	cr_assert_str_eq(printed(&out),
			 "RESULT  PROTOCOL   THE PROVIDER            EXPECTED                 HAPPENED\n"
			 "pass    messages   429 with a wait of 1 s  waits, retries, answers  exit 0, claude\n"
			 "FAIL    responses  cut in the middle       truncated                exit 0, 4[31m tries\n"
			 "\n1 passed, 1 failed\n");
}

Test(fault_card, leaves_out_what_happened_before_it_is_wider_than_the_terminal)
{
	struct ct_out out;

	ct_out_init(&out);
	out.is_tty = true;
	out.width = 70;
	const char *text = printed(&out);
	cr_assert_null(strstr(text, "HAPPENED"), "%s", text);
	cr_assert_not_null(strstr(text, "FAIL    responses  cut in the middle"), "%s", text);
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
		cr_assert_leq(strcspn(line, "\n"), 70, "%s", text);
}

Test(fault_card, colours_the_result_alone)
{
	struct ct_out out;

	ct_out_init(&out);
	out.color = true;
	const char *text = printed(&out);
	cr_assert_not_null(strstr(text, "\x1b[32mpass\x1b[0m"), "%s", text);
	cr_assert_not_null(strstr(text, "\x1b[31mFAIL\x1b[0m"), "%s", text);
}

Test(fault_card, is_a_document_with_json)
{
	struct ct_out out;

	ct_out_init(&out);
	out.json = true;
	cr_assert_str_eq(printed(&out),
			 "{\"rows\":[{\"fault\":\"429 with a wait of 1 s\",\"protocol\":\"messages\","
			 "\"plan\":\"@:429:1*1\",\"expected\":\"waits, retries, answers\","
			 "\"happened\":\"exit 0, claude\",\"pass\":true,\"duration_ms\":1042},"
			 "{\"fault\":\"cut in the middle\",\"protocol\":\"responses\","
			 "\"plan\":\"@:cut-after:5*1\",\"expected\":\"truncated\","
			 "\"happened\":\"exit 0, 4\\u001b[31m tries\",\"pass\":false,"
			 "\"duration_ms\":12}],\"passed\":1,\"failed\":1}\n");
}

/* What a row asks for is compared with what the program said and did. */
Test(fault_card, judges_an_answer_by_who_gave_it_and_an_error_by_its_code)
{
	static const char answer[] =
		"{\"response\":\"[sandbox] 1 2 3 4 5 6 7 8 9\",\"provider\":\"gemini\","
		"\"metadata\":{\"finish_reason\":\"stop\",\"recovered\":false,\"attempts\":["
		"{\"provider\":\"claude\"},{\"provider\":\"gemini\"}]},\"usage\":{\"output_tokens\":9}}";
	static const char refused[] =
		"{\"error\":{\"code\":\"quota_exceeded\",\"attempts\":[{\"provider\":\"claude\"}]}}";
	static const struct {
		struct ct_fault_row row;
		const char *output;
		int status;
		bool pass;
	} cases[] = {
		{ { .by = CT_FAULT_OTHER, .tries = 1 }, answer, 0, true },
		{ { .by = CT_FAULT_ITSELF, .tries = 1 }, answer, 0, false },
		{ { .by = CT_FAULT_OTHER, .tries = 2 }, answer, 0, false },
		{ { .by = CT_FAULT_OTHER }, answer, 1, false },
		{ { .by = CT_FAULT_OTHER, .min_ms = 100 }, answer, 0, false },
		{ { .by = CT_FAULT_OTHER, .recovered = true }, answer, 0, false },
		{ { .code = "quota_exceeded", .status = 5, .tries = 1 }, refused, 5, true },
		{ { .code = "rate_limited", .status = 5 }, refused, 5, false },
		{ { .by = CT_FAULT_OTHER }, "", 0, false },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_fault_result r = { .row = &cases[i].row,
					     .protocol = &ct_fault_protocols[0], .ms = 50 };
		ct_fault_judge(&r, cases[i].status, ct_str(cases[i].output));
		cr_assert_eq(r.pass, cases[i].pass, "case %zu: %s", i, r.happened);
	}
}

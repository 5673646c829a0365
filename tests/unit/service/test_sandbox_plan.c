#include <criterion/criterion.h>
#include <stdio.h>

#include "leaks.h"
#include "service/sandbox_plan.h"

TestSuite(sandbox_plan, .fini = check_leaks);

/* The faults of the first requests of a provider, a second apart: "503 503 - reset". */
static void play(const char *text, enum ct_sandbox_provider provider, int requests,
		 char out[256])
{
	struct ct_err err = { 0 };
	struct ct_plan plan;

	*out = '\0';
	cr_assert_eq(ct_plan_parse(ct_str(text), 1, &plan, &err), CT_OK, "%s: %s", text,
		     err.msg);
	for (int i = 0; i < requests; i++) {
		const struct ct_fault *fault =
			ct_plan_next(&plan, provider, false, i * 1000);
		size_t used = strlen(out);

		snprintf(out + used, 256 - used, "%s%.*s", i ? " " : "",
			 fault ? (int)fault->text.len : 1, fault ? fault->text.ptr : "-");
	}
}

Test(sandbox_plan, goes_through_its_entries_in_order)
{
	static const struct {
		const char *plan, *expected;
		enum ct_sandbox_provider provider;
	} cases[] = {
		{ "", "- - - -", CT_SANDBOX_CLAUDE },
		{ "503", "503 503 503 503", CT_SANDBOX_CLAUDE },
		{ "503*2", "503*2 503*2 - -", CT_SANDBOX_OPENAI },
		{ "503*1,reset*2", "503*1 reset*2 reset*2 -", CT_SANDBOX_CLAUDE },
		{ "503*1,429", "503*1 429 429 429", CT_SANDBOX_CLAUDE },
		{ "429,503", "429 429 429 429", CT_SANDBOX_CLAUDE },
		{ "gemini:503", "- - - -", CT_SANDBOX_CLAUDE },
		{ "google:503", "google:503 google:503 google:503 google:503",
		  CT_SANDBOX_GEMINI },
		{ "gemini:503,reset", "reset reset reset reset", CT_SANDBOX_CLAUDE },
		{ "claude:429:2*1", "claude:429:2*1 - - -", CT_SANDBOX_CLAUDE },
		{ "down:2", "down:2 down:2 - -", CT_SANDBOX_CLAUDE },
		{ "down:2,html*1", "down:2 down:2 html*1 -", CT_SANDBOX_CLAUDE },
		{ "prefill-refused,empty*1", "empty*1 - - -", CT_SANDBOX_CLAUDE },
		{ " reset*1 , 503*1 ", "reset*1 503*1 - -", CT_SANDBOX_CLAUDE },
		{ "reset@100", "reset@100 reset@100 reset@100 reset@100",
		  CT_SANDBOX_CLAUDE },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		char seen[256];

		play(cases[i].plan, cases[i].provider, 4, seen);
		cr_assert_str_eq(seen, cases[i].expected, "'%s': %s", cases[i].plan,
				 seen);
	}
}

Test(sandbox_plan, counts_for_each_provider_by_itself)
{
	struct ct_plan plan;

	cr_assert_eq(ct_plan_parse(ct_str("503*1"), 1, &plan, NULL), CT_OK);
	cr_assert_neq(ct_plan_next(&plan, CT_SANDBOX_CLAUDE, false, 0), NULL);
	cr_assert_eq(ct_plan_next(&plan, CT_SANDBOX_CLAUDE, false, 0), NULL);
	cr_assert_neq(ct_plan_next(&plan, CT_SANDBOX_GEMINI, false, 0), NULL);
}

Test(sandbox_plan, reads_every_fault_and_its_argument)
{
	static const struct {
		const char *text;
		enum ct_fault_kind kind;
		int64_t argument;
	} cases[] = {
		{ "400", CT_FAULT_STATUS, -1 },
		{ "599:0", CT_FAULT_STATUS, 0 },
		{ "claude:429:86400", CT_FAULT_STATUS, 86400 },
		{ "refused", CT_FAULT_REFUSED, -1 },
		{ "reset", CT_FAULT_RESET, -1 },
		{ "cut-at:0", CT_FAULT_CUT_AT, 0 },
		{ "cut-after:12", CT_FAULT_CUT_AFTER, 12 },
		{ "stall-after:3", CT_FAULT_STALL_AFTER, 3 },
		{ "silent", CT_FAULT_SILENT, -1 },
		{ "silent-after-headers", CT_FAULT_SILENT_AFTER_HEADERS, -1 },
		{ "pings", CT_FAULT_PINGS, -1 },
		{ "slow:250", CT_FAULT_SLOW, 250 },
		{ "no-end", CT_FAULT_NO_END, -1 },
		{ "no-done", CT_FAULT_NO_DONE, -1 },
		{ "quota", CT_FAULT_QUOTA, -1 },
		{ "bad-chunk", CT_FAULT_BAD_CHUNK, -1 },
		{ "error-in-stream", CT_FAULT_ERROR_IN_STREAM, -1 },
		{ "error-in-stream:0", CT_FAULT_ERROR_IN_STREAM, 0 },
		{ "context-length", CT_FAULT_CONTEXT_LENGTH, -1 },
		{ "content-policy", CT_FAULT_CONTENT_POLICY, -1 },
		{ "prefill-refused", CT_FAULT_PREFILL_REFUSED, -1 },
		{ "empty", CT_FAULT_EMPTY, -1 },
		{ "html", CT_FAULT_HTML, -1 },
		{ "shape", CT_FAULT_SHAPE, -1 },
		{ "redirect", CT_FAULT_REDIRECT, -1 },
		{ "endless", CT_FAULT_ENDLESS, -1 },
		{ "down:60", CT_FAULT_DOWN, 60 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		struct ct_plan plan;

		cr_assert_eq(ct_plan_parse(ct_str(cases[i].text), 1, &plan, &err), CT_OK,
			     "%s: %s", cases[i].text, err.msg);
		cr_assert_eq(plan.faults[0].kind, cases[i].kind, "%s", cases[i].text);
		cr_assert_eq(plan.faults[0].argument, cases[i].argument, "%s",
			     cases[i].text);
	}
}

Test(sandbox_plan, refuses_what_it_does_not_understand_and_names_the_nearest)
{
	static const struct {
		const char *text, *msg, *hint; /* parts of them */
	} cases[] = {
		{ "resett", "unknown fault 'resett'", "'reset'" },
		{ "cut-atf:12", "unknown fault 'cut-atf'", "'cut-at'" },
		{ "clude:503", "unknown fault 'clude'", "'claude'" },
		{ "claude:rest", "unknown fault 'rest'", "'reset'" },
		{ "zzzzzzzzzzzzzz", "unknown fault", "cartrita-sandbox(1)" },
		{ "399", "unknown fault '399'", "" },
		{ "600", "unknown fault '600'", "" },
		{ "+503", "unknown fault '+503'", "" },
		{ "", NULL, NULL },
		{ ",", "empty entry", "" },
		{ "503,", "empty entry", "" },
		{ "claude:", "unknown fault ''", "" },
		{ "cut-at", "needs a number", "" },
		{ "cut-at:", "a number from 0", "" },
		{ "cut-at:-1", "a number from 0", "" },
		{ "cut-at:1x", "a number from 0", "" },
		{ "cut-at:99999999999999999999", "a number from 0", "" },
		{ "503:2:3", "a number from 0", "" },
		{ "reset:1", "takes no argument", "" },
		{ "503*", "after * comes", "" },
		{ "503*0", "after * comes", "" },
		{ "503*-1", "after * comes", "" },
		{ "503*1000001", "after * comes", "" },
		{ "503@", "after @ comes", "" },
		{ "503@0", "after @ comes", "" },
		{ "503@101", "after @ comes", "" },
		{ "503*2@50", "after * comes", "" },
		{ "down:5*2", "for its time", "" },
		{ "down:5@50", "for its time", "" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		struct ct_plan plan;
		int rc = ct_plan_parse(ct_str(cases[i].text), 1, &plan, &err);

		if (cases[i].msg == NULL) {
			cr_assert_eq(rc, CT_OK, "'%s'", cases[i].text);
			continue;
		}
		cr_assert_eq(rc, CT_EUSAGE, "'%s'", cases[i].text);
		cr_assert(strstr(err.msg, cases[i].msg) != NULL, "'%s': %s",
			  cases[i].text, err.msg);
		cr_assert(strstr(err.hint, cases[i].hint) != NULL, "'%s': %s",
			  cases[i].text, err.hint);
	}
}

Test(sandbox_plan, has_a_ceiling)
{
	char text[8192] = "";
	struct ct_plan plan;

	for (int i = 0; i < CT_PLAN_MAX + 1; i++)
		strcat(text, i ? ",503" : "503");
	cr_assert_eq(ct_plan_parse(ct_str(text), 1, &plan, NULL), CT_EUSAGE);
	memset(text, '5', sizeof(text) - 1);
	cr_assert_eq(ct_plan_parse(ct_str(text), 1, &plan, NULL), CT_EUSAGE);
}

Test(sandbox_plan, draws_the_same_from_the_same_seed_and_about_as_often_as_asked)
{
	int hits[3] = { 0 };
	bool differs = false;

	for (int n = 0; n < 3; n++) {
		struct ct_plan plan;
		cr_assert_eq(ct_plan_parse(ct_str("503@30"), n == 2 ? 8 : 7, &plan, NULL),
			     CT_OK);
		for (int i = 0; i < 1000; i++)
			hits[n] +=
				ct_plan_next(&plan, CT_SANDBOX_CLAUDE, false, 0) != NULL;
	}
	differs = hits[2] != hits[0];
	cr_assert_eq(hits[0], hits[1]);
	cr_assert(hits[0] > 250 && hits[0] < 350, "%d of 1000", hits[0]);
	cr_assert(differs, "another seed draws the same: %d", hits[0]);
}

Test(sandbox_plan, refuses_a_prefill_only_where_one_came)
{
	struct ct_plan plan;

	cr_assert_eq(ct_plan_parse(ct_str("prefill-refused*1"), 1, &plan, NULL), CT_OK);
	cr_assert_eq(ct_plan_next(&plan, CT_SANDBOX_CLAUDE, false, 0), NULL);
	cr_assert_neq(ct_plan_next(&plan, CT_SANDBOX_CLAUDE, true, 0), NULL);
	cr_assert_eq(ct_plan_next(&plan, CT_SANDBOX_CLAUDE, true, 0), NULL);
}

Test(sandbox_plan, closes_the_port_only_when_refused_comes_first_and_for_ever)
{
	static const struct {
		const char *text;
		bool claude, gemini;
	} cases[] = {
		{ "refused", true, true },
		{ "claude:refused", true, false },
		{ "refused*1", false, false },
		{ "refused@50", false, false },
		{ "503*1,refused", false, false },
		{ "gemini:503,refused", true, false },
		{ "claude:refused,503", true, false },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_plan plan;

		cr_assert_eq(ct_plan_parse(ct_str(cases[i].text), 1, &plan, NULL), CT_OK);
		cr_assert_eq(ct_plan_refuses(&plan, CT_SANDBOX_CLAUDE), cases[i].claude,
			     "%s", cases[i].text);
		cr_assert_eq(ct_plan_refuses(&plan, CT_SANDBOX_GEMINI), cases[i].gemini,
			     "%s", cases[i].text);
	}
}

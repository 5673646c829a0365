#include <criterion/criterion.h>

#include "leaks.h"
#include "service/answer.h"

TestSuite(answer, .fini = check_leaks);

static const char key[] = "sk-secret-0123456789";

struct fixture {
	struct ct_redactor *redactor;
	struct ct_arena arena;
	struct ct_answer answer;
	struct ct_str fresh;
	struct ct_buf seen;
};

static void begin(struct fixture *f)
{
	*f = (struct fixture){ .seen = CT_BUF_INIT(4096) };
	f->redactor = ct_redactor_create();
	ct_redactor_add(f->redactor, ct_str(key));
	ct_answer_init(&f->answer, f->redactor, &f->arena);
}

static void end(struct fixture *f)
{
	ct_answer_fini(&f->answer);
	ct_arena_fini(&f->arena);
	ct_buf_fini(&f->seen);
	ct_redactor_destroy(f->redactor);
}

static void say(struct fixture *f, const char *text, size_t len)
{
	struct ct_event event = { .type = CT_EVENT_TEXT, .text = { text, len } };

	cr_assert_eq(ct_answer_take(&f->answer, &event, &f->fresh, NULL), CT_OK);
	ct_buf_add(&f->seen, f->fresh);
}

static void settle(struct fixture *f)
{
	f->fresh = ct_answer_settle(&f->answer);
	ct_buf_add(&f->seen, f->fresh);
}

static void use(struct fixture *f, int64_t input, int64_t output)
{
	struct ct_event event = { .type = CT_EVENT_USAGE,
				  .usage = { .known = true, .input = input, .output = output } };

	ct_answer_take(&f->answer, &event, &f->fresh, NULL);
}

Test(answer, shows_no_part_of_an_echoed_key_however_it_is_cut)
{
	static const char text[] = "the key sk-secret-0123456789 is yours, sk-secrecy is not";
	static const char clean[] = "the key REDACTED is yours, sk-secrecy is not";

	for (size_t step = 1; step < sizeof(text); step++) {
		struct fixture f;
		begin(&f);
		for (size_t at = 0; at < sizeof(text) - 1; at += step)
			say(&f, text + at,
			    at + step < sizeof(text) ? step : sizeof(text) - 1 - at);
		settle(&f);
		cr_assert_str_eq(f.seen.ptr, clean, "step %zu", step);
		cr_assert_str_eq(f.answer.text.ptr, clean, "step %zu", step);
		end(&f);
	}
}

Test(answer, shows_no_key_that_a_cut_and_a_continuation_put_together)
{
	for (size_t at = 1; at < sizeof(key) - 1; at++) {
		struct fixture f;
		begin(&f);
		ct_answer_begin(&f.answer, false);
		say(&f, "the key ", 8);
		say(&f, key, at);
		ct_answer_break_off(&f.answer);
		struct ct_str sent = ct_answer_started(&f.answer);
		cr_assert(ct_str_is(sent, "the key"), "cut at %zu", at);
		ct_answer_begin(&f.answer, true);
		say(&f, " ", 1);
		say(&f, key, sizeof(key) - 1);
		settle(&f);
		cr_assert_str_eq(f.seen.ptr, "the key REDACTED", "cut at %zu", at);
		cr_assert_str_eq(f.answer.text.ptr, "the key REDACTED", "cut at %zu", at);
		end(&f);
	}
}

Test(answer, joins_a_continuation_without_a_lost_or_doubled_blank)
{
	static const struct {
		const char *shown, *sent, *more, *whole;
	} cases[] = {
		{ "one two", "one two", " three", "one two three" },
		{ "one two ", "one two", " three", "one two three" },
		{ "one two ", "one two", "three", "one two three" },
		{ "a\n\n", "a", "\n\nb", "a\n\nb" },
		{ "a\n", "a", "\n\nb", "a\n\nb" },
		{ "a\n\n", "a", "\nb", "a\n\nb" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct fixture f;
		begin(&f);
		ct_answer_begin(&f.answer, false);
		say(&f, cases[i].shown, strlen(cases[i].shown));
		settle(&f);
		struct ct_str sent = ct_answer_started(&f.answer);
		cr_assert(ct_str_is(sent, cases[i].sent), "case %zu", i);
		ct_answer_begin(&f.answer, true);
		for (const char *c = cases[i].more; *c != '\0'; c++)
			say(&f, c, 1);
		settle(&f);
		cr_assert_str_eq(f.answer.text.ptr, cases[i].whole, "case %zu: %s", i,
				 f.answer.text.ptr);
		cr_assert_str_eq(f.seen.ptr, cases[i].whole, "case %zu", i);
		end(&f);
	}
}

Test(answer, counts_the_usage_of_attempts_whose_text_is_in_it)
{
	struct fixture f;

	begin(&f);
	ct_answer_begin(&f.answer, false);
	say(&f, "half", 4);
	use(&f, 10, 4);
	ct_answer_begin(&f.answer, true); /* an attempt that says nothing */
	ct_answer_begin(&f.answer, true);
	say(&f, " whole", 6);
	use(&f, 14, 6);
	struct ct_usage usage = ct_answer_usage(&f.answer);
	cr_assert(usage.known);
	cr_assert_eq(usage.input, 24);
	cr_assert_eq(usage.output, 10);
	ct_answer_begin(&f.answer, false);
	use(&f, 7, 1);
	cr_assert_eq(ct_answer_usage(&f.answer).input, 7, "begun anew: what was before is gone");
	end(&f);
}

Test(answer, begins_anew_without_the_calls_and_text_of_before)
{
	struct fixture f;
	struct ct_event call = { .type = CT_EVENT_TOOL_CALL,
				 .call = { ct_str("1"), ct_str("look"), ct_str("{}") } };

	begin(&f);
	ct_answer_begin(&f.answer, false);
	say(&f, "text", 4);
	ct_answer_take(&f.answer, &call, &f.fresh, NULL);
	cr_assert_eq(f.answer.call_count, 1);
	ct_answer_begin(&f.answer, false);
	cr_assert_eq(f.answer.call_count, 0);
	cr_assert_eq(f.answer.text.len, 0);
	end(&f);
}

Test(answer, refuses_tool_calls_without_end)
{
	struct fixture f;
	struct ct_event call = { .type = CT_EVENT_TOOL_CALL,
				 .call = { ct_str("1"), ct_str("look"), ct_str("{}") } };
	int rc = CT_OK;

	begin(&f);
	for (int i = 0; rc == CT_OK && i <= CT_TOOL_CALLS_MAX; i++)
		rc = ct_answer_take(&f.answer, &call, &f.fresh, NULL);
	cr_assert_eq(rc, CT_ETOOBIG);
	end(&f);
}

#include <criterion/criterion.h>
#include <math.h>

#include "model/request.h"

static const struct ct_message hello = { .text = CT_STR("hello") };

static struct ct_request good(void)
{
	return (struct ct_request){ .model = CT_STR("m"),
				    .messages = &hello,
				    .message_count = 1 };
}

static void refuses(const struct ct_request *r, const char *why)
{
	struct ct_err err = { 0 };

	cr_assert_eq(ct_request_check(r, &err), CT_EINVALID, "%s", why);
	cr_assert(ct_str_has(ct_str(err.msg), why), "%s: %s", why, err.msg);
}

Test(request, passes_when_it_can_be_asked_of_anyone)
{
	static const char *const efforts[] = { "none", "minimal", "low", "medium",
					       "high", "xhigh",	  "max" };
	struct ct_request r = good();

	cr_assert_eq(ct_request_check(&r, NULL), CT_OK);
	r.has_temperature = r.has_top_p = true;
	r.max_tokens = INT64_MAX;
	for (r.temperature = 0, r.top_p = 0; r.top_p <= 1;
	     r.temperature += 1, r.top_p += 0.5)
		cr_assert_eq(ct_request_check(&r, NULL), CT_OK, "%g", r.temperature);
	r = good();
	r.temperature = 99; /* not asked for: not looked at */
	for (size_t i = 0; i < CT_COUNT(efforts); i++) {
		r.effort = ct_str(efforts[i]);
		cr_assert_eq(ct_request_check(&r, NULL), CT_OK, "%s", efforts[i]);
	}
}

Test(request, refuses_numbers_out_of_range)
{
	static const double bad[] = { -0.01, 2.01, NAN, INFINITY, -INFINITY };
	struct ct_request r;

	for (size_t i = 0; i < CT_COUNT(bad); i++) {
		r = good();
		r.has_temperature = true;
		r.temperature = bad[i];
		refuses(&r, "temperature");
		r = good();
		r.has_top_p = true;
		r.top_p = bad[i];
		refuses(&r, "top_p");
	}
	r = good();
	r.has_top_p = true;
	r.top_p = 1.01;
	refuses(&r, "top_p");
	r = good();
	r.max_tokens = -1;
	refuses(&r, "max_tokens");
}

Test(request, refuses_an_effort_nobody_knows)
{
	struct ct_request r = good();

	r.effort = ct_str("hig");
	refuses(&r, "'hig'");
	r.effort = ct_str("HIGH");
	refuses(&r, "effort");
}

Test(request, wants_something_to_be_asked)
{
	struct ct_message messages[] = { hello, { .text = CT_STR(" \n\t ") } };
	struct ct_request r = good();

	r.message_count = 0;
	refuses(&r, "no message");
	r.messages = messages;
	r.message_count = 2;
	refuses(&r, "empty");
	messages[1].text = (struct ct_str){ NULL, 0 };
	refuses(&r, "empty");
}

Test(request, ends_in_the_users_words_or_in_a_started_answer)
{
	struct ct_message messages[] = {
		hello, { .role = CT_ROLE_ASSISTANT, .text = CT_STR("Once upon") }
	};
	struct ct_request r = { .messages = messages, .message_count = 2 };

	refuses(&r, "not the user's");
	r.prefill = true;
	cr_assert_eq(ct_request_check(&r, NULL), CT_OK);
	r.message_count = 1;
	refuses(&r, "last message");
}

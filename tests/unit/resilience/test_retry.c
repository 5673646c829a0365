#include <criterion/criterion.h>

#include "resilience/retry.h"

static const struct ct_retry_policy policy = { 2, 30000 };

static struct ct_failure failed(int code)
{
	return (struct ct_failure){
		.code = code, .tries = 1, .bad_responses = 1, .left_ms = 600000, .random = ~0u
	};
}

Test(retry, decides_by_the_kind_of_failure)
{
	static const struct {
		int code;
		enum ct_action action;
	} cases[] = {
		{ CT_EUPSTREAM, CT_RETRY }, { CT_ERATE, CT_RETRY },  { CT_ECONNECT, CT_RETRY },
		{ CT_EPROTO, CT_RETRY },    { CT_ECUT, CT_RETRY },   { CT_EIDLE, CT_RETRY },
		{ CT_EFIRST, CT_NEXT },	    { CT_EQUOTA, CT_NEXT },  { CT_EAUTH, CT_NEXT },
		{ CT_ENOMODEL, CT_NEXT },   { CT_ECONTEXT, CT_NEXT }, { CT_EINVALID, CT_STOP },
		{ CT_EFILTER, CT_STOP },    { CT_ELOCAL, CT_STOP },  { CT_ETIMEOUT, CT_STOP },
		{ CT_ECANCELLED, CT_STOP },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_failure f = failed(cases[i].code);
		cr_assert_eq(ct_retry_decide(&f, &policy).action, cases[i].action, "%d",
			     cases[i].code);
	}
}

Test(retry, makes_three_tries_at_most)
{
	struct ct_failure f = failed(CT_EUPSTREAM);

	f.tries = 2;
	cr_assert_eq(ct_retry_decide(&f, &policy).action, CT_RETRY);
	f.tries = 3;
	cr_assert_eq(ct_retry_decide(&f, &policy).action, CT_NEXT);
}

Test(retry, asks_once_more_after_an_answer_it_cannot_read)
{
	struct ct_failure f = failed(CT_EPROTO);

	f.tries = f.bad_responses = 2;
	cr_assert_eq(ct_retry_decide(&f, &policy).action, CT_NEXT);
	f.tries = f.bad_responses = 1;
	cr_assert_eq(ct_retry_decide(&f, &(struct ct_retry_policy){ 0, 30000 }).action, CT_NEXT);
}

Test(retry, waits_no_less_than_it_was_asked_to)
{
	struct ct_failure f = failed(CT_ERATE);

	f.retry_after_ms = 2000;
	cr_assert_eq(ct_retry_decide(&f, &policy).wait_ms, 2000);
	f.retry_after_ms = 30001;
	cr_assert_eq(ct_retry_decide(&f, &policy).action, CT_NEXT);
}

Test(retry, never_waits_past_the_budget)
{
	struct ct_failure f = failed(CT_ERATE);

	f.retry_after_ms = 2000;
	f.left_ms = 2000;
	cr_assert_eq(ct_retry_decide(&f, &policy).action, CT_NEXT);
}

Test(retry, heeds_the_providers_own_word)
{
	struct ct_failure f = failed(CT_EUPSTREAM);

	f.should_retry = -1;
	cr_assert_eq(ct_retry_decide(&f, &policy).action, CT_NEXT);
	f = failed(CT_EINVALID);
	f.should_retry = 1;
	cr_assert_eq(ct_retry_decide(&f, &policy).action, CT_RETRY);
	f = failed(CT_EAUTH);
	f.should_retry = 1;
	cr_assert_eq(ct_retry_decide(&f, &policy).action, CT_NEXT);
}

Test(retry, backs_off_with_full_jitter)
{
	static const int64_t caps[] = { 500, 1000, 2000, 4000, 8000, 8000 };

	for (int tries = 1; tries <= 6; tries++) {
		cr_assert_eq(ct_backoff_ms(tries, 0), 0);
		cr_assert_eq(ct_backoff_ms(tries, ~0u), caps[tries - 1], "try %d", tries);
	}
}

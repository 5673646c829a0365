#include <criterion/criterion.h>

#include "base/defs.h"
#include "model/usage.h"

/* Round numbers: 2 USD for a million in, 10 out, 0.5 from the cache, 2.5 into it. */
static const struct ct_pricing pricing = {
	.base = { 2, 10, 0.5, 2.5 },
	.tiers = { { 200000, { 4, 15, 1, -1 } }, { 500000, { 8, 30, -1, -1 } } },
	.tier_count = 2,
};

Test(usage, costs_each_kind_of_token_at_its_price)
{
	static const struct {
		const char *name;
		struct ct_usage usage;
		int64_t nanos;
	} cases[] = {
		{ "nothing", { .known = true }, 0 },
		{ "plain", { .known = true, .input = 1000, .output = 100 }, 3000000 },
		{ "cached", { .known = true, .input = 1000, .cached = 600 }, 1100000 },
		{ "written",
		  { .known = true, .input = 1000, .cache_write = 400 },
		  2200000 },
		{ "both",
		  { .known = true, .input = 1000, .cached = 600, .cache_write = 400 },
		  1300000 },
		{ "written for an hour",
		  { .known = true, .input = 1000, .cache_write = 400, .hour_write = 300 },
		  2650000 },
		{ "more for an hour than written",
		  { .known = true, .input = 1000, .cache_write = 400, .hour_write = 500 },
		  2800000 },
		{ "reasoning is output",
		  { .known = true, .output = 10, .reasoning = 10 },
		  100000 },
		{ "more cached than input",
		  { .known = true, .input = 5, .cached = 10 },
		  5000 },
		{ "last of the base", { .known = true, .input = 200000 }, 400000000 },
		{ "first of a tier", { .known = true, .input = 200001 }, 800004000 },
		{ "tier's output",
		  { .known = true, .input = 200001, .output = 1 },
		  800019000 },
		{ "tier's writing at its input",
		  { .known = true,
		    .input = 300000,
		    .cache_write = 100000,
		    .cached = 100000 },
		  900000000 },
		{ "last tier, cache at its input",
		  { .known = true, .input = 600000, .cached = 600000 },
		  INT64_C(4800000000) },
		{ "unknown", { .input = 1000 }, -1 },
		{ "negative", { .known = true, .input = 10, .output = -100 }, -1 },
		{ "absurd",
		  { .known = true, .input = INT64_MAX, .cache_write = INT64_MIN },
		  -1 },
		{ "too much", { .known = true, .output = INT64_MAX }, -1 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		int64_t nanos = ct_usage_cost_usd_nanos(&cases[i].usage, &pricing);
		cr_assert_eq(nanos, cases[i].nanos, "%s: %lld", cases[i].name,
			     (long long)nanos);
	}
}

Test(usage, rounds_to_the_nearest)
{
	struct ct_pricing p = { .base = { 0.0015, 0.0005, -1, -1 } };
	struct ct_usage one = { .known = true, .input = 1 };

	cr_assert_eq(ct_usage_cost_usd_nanos(&one, &p), 2);
	one = (struct ct_usage){ .known = true, .output = 1, .input = 0 };
	p.base.output = 0.0004;
	cr_assert_eq(ct_usage_cost_usd_nanos(&one, &p), 0);
}

Test(usage, without_a_price_has_no_cost)
{
	struct ct_usage usage = { .known = true, .input = 1, .output = 1 };
	struct ct_pricing p = ct_pricing_unknown();

	cr_assert_eq(ct_usage_cost_usd_nanos(&usage, &p), -1);
	p.base.input = 1;
	cr_assert_eq(ct_usage_cost_usd_nanos(&usage, &p), -1, "output is not known yet");
	p.base.output = 0;
	cr_assert_eq(ct_usage_cost_usd_nanos(&usage, &p), 1000, "free is a price");
}

Test(usage, adds_up_while_all_is_known)
{
	struct ct_usage total = { 0 };
	struct ct_usage more = {
		.known = true,
		.input = 10,
		.cached = 1,
		.cache_write = 2,
		.hour_write = 1,
		.output = 5,
		.reasoning = 3,
	};

	ct_usage_add(&total, &more);
	cr_assert(total.known);
	ct_usage_add(&total, &more);
	cr_assert(total.known);
	cr_assert_eq(total.input, 20);
	cr_assert_eq(total.cached, 2);
	cr_assert_eq(total.cache_write, 4);
	cr_assert_eq(total.hour_write, 2);
	cr_assert_eq(total.output, 10);
	cr_assert_eq(total.reasoning, 6);
	more.known = false;
	ct_usage_add(&total, &more);
	cr_assert_not(total.known);
	more.known = true;
	ct_usage_add(&total, &more);
	cr_assert_not(total.known, "what was missed does not come back");
}

Test(usage, an_absurd_sum_stays_the_greatest_number)
{
	struct ct_usage total = { .known = true, .input = INT64_MAX - 1 };
	struct ct_usage more = { .known = true, .input = 5 };

	ct_usage_add(&total, &more);
	cr_assert_eq(total.input, INT64_MAX);
}

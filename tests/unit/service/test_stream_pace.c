#include <criterion/criterion.h>

#include "base/defs.h"
#include "leaks.h"
#include "service/stream_pace.h"

TestSuite(stream_pace, .fini = check_leaks);

/* How many go within ms, looking each step_us. */
static int64_t let_out(struct ct_pace *pace, int64_t *now_us, int64_t ms, int64_t step_us)
{
	int64_t end_us = *now_us + ms * 1000, count = 0;

	for (; *now_us < end_us; *now_us += step_us)
		while (count < 1000000 && ct_pace_take(pace, *now_us))
			count++;
	return count;
}

Test(stream_pace, without_a_rate_all_may_go)
{
	struct ct_pace pace = { 0 };

	for (int i = 0; i < 1000; i++)
		cr_assert(ct_pace_take(&pace, 5));
	cr_assert_eq(ct_pace_wait_ms(&pace, 5), 0);
}

Test(stream_pace, lets_out_as_many_as_the_rate_says)
{
	static const int64_t rates[] = { 1, 3, 7, 50, 999, 1000, 3000, 100000 };

	for (size_t i = 0; i < CT_COUNT(rates); i++) {
		struct ct_pace pace = { .per_second = rates[i] };
		int64_t now_us = 1000000, count = let_out(&pace, &now_us, 10000, 1000);
		/* the first at once, and a moment's worth that was late */
		int64_t most = rates[i] * 10 + 1 + rates[i] * CT_PACE_SLACK_US / 1000000;
		cr_expect(count >= rates[i] * 10 - rates[i] / 100 && count <= most,
			  "%lld a second: %lld in ten", (long long)rates[i], (long long)count);
	}
}

Test(stream_pace, a_pause_is_not_made_up_for)
{
	struct ct_pace pace = { .per_second = 100 };
	int64_t now_us = 1000000;

	cr_assert(ct_pace_take(&pace, now_us));
	now_us += 60 * 1000000LL;
	int64_t burst = 0;
	while (ct_pace_take(&pace, now_us))
		burst++;
	cr_assert_leq(burst, 1 + 100 * CT_PACE_SLACK_US / 1000000);
}

Test(stream_pace, says_how_long_to_wait_rounded_up)
{
	struct ct_pace pace = { .per_second = 3 };

	cr_assert(ct_pace_take(&pace, 7000000));
	cr_assert_not(ct_pace_take(&pace, 7000001));
	cr_assert_eq(ct_pace_wait_ms(&pace, 7000000), 334);
	cr_assert(ct_pace_take(&pace, 7334000));
}

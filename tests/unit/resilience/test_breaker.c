#include <criterion/criterion.h>
#include <unistd.h>

#include "resilience/breaker.h"

static const struct ct_breaker_policy policy = { 3, 1000 };
static const struct ct_process other = { .pid = 1, .started = 1, .pid_ns = 7, .boot = 9 };

static struct ct_time at(int64_t ms)
{
	return (struct ct_time){ 1000000 + ms, 5000 + ms, 9 };
}

static struct ct_process self(void)
{
	return (struct ct_process){ .pid = 2, .started = 2, .pid_ns = 8, .boot = 9 };
}

static struct ct_circuit opened(void)
{
	struct ct_circuit c = { 0 };

	for (int i = 0; i < 3; i++)
		ct_breaker_failure(&c, &policy, at(0), at(-5), "503");
	return c;
}

static enum ct_pass ask(struct ct_circuit *c, struct ct_time now)
{
	struct ct_process me = self();

	return ct_breaker_allow(c, now, &me);
}

Test(breaker, opens_at_the_threshold_and_not_before)
{
	struct ct_circuit c = { 0 };

	ct_breaker_failure(&c, &policy, at(0), at(0), "503");
	ct_breaker_failure(&c, &policy, at(0), at(0), "503");
	cr_assert_eq(ask(&c, at(1)), CT_PASS);
	ct_breaker_failure(&c, &policy, at(0), at(0), "503");
	cr_assert_eq(ask(&c, at(1)), CT_PASS_NO);
	cr_assert_str_eq(c.last_error, "503");
}

Test(breaker, counts_only_failures_in_a_row)
{
	struct ct_circuit c = { 0 };

	ct_breaker_failure(&c, &policy, at(0), at(0), "x");
	ct_breaker_failure(&c, &policy, at(0), at(0), "x");
	cr_assert(ct_breaker_success(&c, at(1)));
	ct_breaker_failure(&c, &policy, at(2), at(2), "x");
	cr_assert_eq(c.failures, 1);
	cr_assert_eq(c.state, CT_CIRCUIT_CLOSED);
}

Test(breaker, lets_one_probe_pass_after_the_cooldown)
{
	struct ct_circuit c = opened();

	cr_assert_eq(ask(&c, at(999)), CT_PASS_NO);
	cr_assert_eq(ct_breaker_allow(&c, at(1000), &other), CT_PASS_PROBE);
	cr_assert_eq(ask(&c, at(1001)), CT_PASS_NO);
}

Test(breaker, waits_for_a_slow_probe_longer_than_a_cooldown)
{
	struct ct_circuit c = opened();

	cr_assert_eq(ct_breaker_allow(&c, at(1000), &other), CT_PASS_PROBE);
	cr_assert_eq(ask(&c, at(5000)), CT_PASS_NO);
	cr_assert_eq(ask(&c, at(1000 + 600 * 1000)), CT_PASS_PROBE, "for ever is too long");
}

Test(breaker, does_not_wait_for_a_probe_whose_process_died)
{
	struct ct_circuit c = opened();
	/* a process of our namespace whose start time is not the one recorded: gone */
	struct ct_process me = { getpid(), 1, 8, 9 }, dead = { getpid(), 0, 8, 9 };

	cr_assert_eq(ct_breaker_allow(&c, at(1000), &dead), CT_PASS_PROBE);
	cr_assert_eq(ct_breaker_allow(&c, at(1001), &me), CT_PASS_PROBE);
}

Test(breaker, closes_when_the_probe_succeeds)
{
	struct ct_circuit c = opened();

	ask(&c, at(1000));
	cr_assert(ct_breaker_success(&c, at(1000)));
	cr_assert_eq(ask(&c, at(1001)), CT_PASS);
	cr_assert_eq(c.failures, 0);
}

Test(breaker, is_not_closed_by_a_success_that_began_before_the_last_failure)
{
	struct ct_circuit c = opened();

	cr_assert_not(ct_breaker_success(&c, at(-1)));
	cr_assert_eq(c.state, CT_CIRCUIT_OPEN);
}

Test(breaker, waits_a_whole_cooldown_after_a_failed_probe)
{
	struct ct_circuit c = opened();

	ask(&c, at(1000));
	cr_assert(ct_breaker_failure(&c, &policy, at(1500), at(1000), "x"));
	cr_assert_eq(ask(&c, at(2499)), CT_PASS_NO);
	cr_assert_eq(ask(&c, at(2500)), CT_PASS_PROBE);
	cr_assert_eq(c.opened_at.boot_ms, at(0).boot_ms, "it has been open all the time");
}

Test(breaker, ignores_failures_of_attempts_from_before_it_opened)
{
	struct ct_circuit c = opened();

	cr_assert_not(ct_breaker_failure(&c, &policy, at(900), at(-10), "late"));
	cr_assert_eq(ct_breaker_retry_in_ms(&c, at(900)), 100);
}

Test(breaker, lets_the_next_probe_at_once_after_one_that_told_nothing)
{
	struct ct_circuit c = opened();
	struct ct_process me = self();

	ask(&c, at(1000));
	cr_assert_not(ct_breaker_release(&c, &other, at(1001)), "not its probe");
	cr_assert(ct_breaker_release(&c, &me, at(1001)));
	cr_assert_eq(ask(&c, at(1001)), CT_PASS_PROBE);
}

Test(breaker, is_unmoved_by_jumps_of_the_wall_clock_within_one_boot)
{
	struct ct_circuit c = opened();
	struct ct_time later = at(10), earlier = at(1000);

	later.wall_ms += 3600 * 1000;
	earlier.wall_ms -= 3600 * 1000;
	cr_assert_eq(ask(&c, later), CT_PASS_NO);
	cr_assert_eq(ask(&c, earlier), CT_PASS_PROBE);
}

Test(breaker, never_stays_open_longer_than_a_cooldown_after_a_reboot)
{
	struct ct_circuit c = opened();
	struct ct_time now = { 1000000 - 3600 * 1000, 10, 10 }; /* the clock was set back */

	cr_assert_eq(ct_breaker_retry_in_ms(&c, now), 1000);
}

Test(breaker, keeps_the_longest_rest_that_was_asked_for)
{
	struct ct_circuit c = { 0 };

	cr_assert(ct_breaker_rest(&c, at(0), 2000));
	cr_assert_not(ct_breaker_rest(&c, at(0), 1000));
	cr_assert_eq(ct_breaker_rest_ms(&c, at(500)), 1500);
	cr_assert_eq(ct_breaker_rest_ms(&c, at(2000)), 0);
	cr_assert_eq(ask(&c, at(1)), CT_PASS, "resting is not open");
}

Test(breaker, counts_the_providers_faults_only)
{
	static const struct {
		int code;
		bool counts;
	} cases[] = {
		{ CT_EUPSTREAM, true }, { CT_ECONNECT, true }, { CT_EFIRST, true },
		{ CT_EIDLE, true },	{ CT_ECUT, true },     { CT_EPROTO, true },
		{ CT_ERATE, false },	{ CT_EQUOTA, false },  { CT_EAUTH, false },
		{ CT_EINVALID, false }, { CT_ELOCAL, false },  { CT_ECANCELLED, false },
		{ CT_ENOMODEL, false }, { CT_EFILTER, false }, { CT_ETIMEOUT, false },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		cr_assert_eq(ct_breaker_counts(cases[i].code), cases[i].counts, "%s",
			     ct_code_name(cases[i].code));
}

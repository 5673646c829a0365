#include <criterion/criterion.h>

#include "base/clock.h"
#include "base/defs.h"

Test(clock, differences_are_boottime_within_one_boot)
{
	struct ct_time then = { .wall_ms = 1000, .boot_ms = 500, .boot = 7 };
	struct ct_time now = { .wall_ms = 999999, .boot_ms = 700, .boot = 7 };

	cr_assert_eq(ct_time_since(now, then), 200,
		     "whoever set the wall clock meanwhile");
}

Test(clock, differences_across_boots_are_the_wall_clocks)
{
	struct ct_time then = { .wall_ms = 1000, .boot_ms = 500, .boot = 7 };
	struct ct_time now = { .wall_ms = 4000, .boot_ms = 100, .boot = 8 };

	cr_assert_eq(ct_time_since(now, then), 3000);
	then.boot = now.boot = 0;
	cr_assert_eq(ct_time_since(now, then), 3000, "an unknown boot is no boot");
}

Test(clock, moves_both_clocks)
{
	struct ct_time t = ct_time_add((struct ct_time){ 1000, 500, 7 }, -300);

	cr_assert_eq(t.wall_ms, 700);
	cr_assert_eq(t.boot_ms, 200);
	cr_assert_eq(t.boot, 7);
}

Test(clock, goes_forward_and_knows_its_boot)
{
	struct ct_time a = ct_time_now(), b = ct_time_now();
	int64_t us = ct_clock_us();

	cr_assert_geq(ct_time_since(b, a), 0);
	cr_assert_eq(a.boot, b.boot);
	cr_assert_neq(a.boot, 0);
	cr_assert_geq(ct_clock_us(), us);
	cr_assert_gt(a.wall_ms, INT64_C(1700000000000));
}

Test(clock, writes_iso_times)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 1, "1970-01-01T00:00:00.001Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ -1000, "1969-12-31T23:59:59.000Z" },
		{ INT64_C(1795171813123), "2026-11-20T10:50:13.123Z" },
		{ INT64_C(253402300799999), "9999-12-31T23:59:59.999Z" },
		{ INT64_C(253402300800000), "1970-01-01T00:00:00.000Z" },
		{ INT64_MAX, "1970-01-01T00:00:00.807Z" },
		{ INT64_MIN, "1970-01-01T00:00:00.192Z" },
	};
	char out[CT_ISO_SIZE];

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		cr_assert_str_eq(ct_time_iso(out, cases[i].ms), cases[i].text,
				 "case %zu: %s", i, out);
}

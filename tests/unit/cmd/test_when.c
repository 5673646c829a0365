#include <criterion/criterion.h>

#include "base/defs.h"
#include "leaks.h"
#include "when.h"

TestSuite(when, .fini = check_leaks);

static const int64_t now = 1795172400123; /* 2026-11-20T11:00:00.123Z */

Test(when, reads_times_as_people_write_them)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "45s", 1795172400123 - 45000 },
		{ "30m", 1795172400123 - 1800000 },
		{ "2h", 1795172400123 - 7200000 },
		{ "1.5h", 1795172400123 - 5400000 },
		{ "3d", 1795172400123 - 3 * 86400000LL },
		{ "1w", 1795172400123 - 7 * 86400000LL },
		{ "today", 1795132800000 },
		{ "yesterday", 1795046400000 },
		{ "2026-11-20", 1795132800000 },
		{ "2026-11-20T11:00", 1795172400000 },
		{ "2026-11-20 11:00:00", 1795172400000 },
		{ "2026-11-20T11:00:00.123Z", 1795172400123 },
		{ "2026-11-20T11:00:00.123456Z", 1795172400123 },
		{ "2026-11-20T12:00:00+01:00", 1795172400000 },
		{ "2026-11-20T05:30-0530", 1795172400000 },
		{ "2024-02-29", 1709164800000 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		int64_t ms = 0;
		cr_assert_eq(ct_when_parse("since", cases[i].text, now, &ms, &err), CT_OK,
			     "%s: %s", cases[i].text, err.msg);
		cr_assert_eq(ms, cases[i].ms, "%s: %lld", cases[i].text, (long long)ms);
	}
}

Test(when, refuses_what_is_no_time)
{
	static const char *const cases[] = {
		"", "h", "2", "2x", "-2h", "2hh", "nanh", "1e99d", "99999999d", "2026",
		"2026-13-01", "2026-02-29", "2026-11-31", "2026-1-1", "2026-11-20T", "2026-11-20T24:00",
		"2026-11-20T11:60", "2026-11-20T11:00:60", "2026-11-20T11:00:00.", "2026-11-20T11:00+1",
		"2026-11-20T11:00Zx", "2026-11-20x", "1969-12-31", "tomorrow",
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		int64_t ms;
		cr_assert_eq(ct_when_parse("since", cases[i], now, &ms, NULL), CT_EUSAGE, "%s",
			     cases[i]);
	}
}

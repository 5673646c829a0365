#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "out.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

char *ct_human_ms(char *buf, size_t size, int64_t ms)
{
	if (ms < 0)
		snprintf(buf, size, "-");
	else if (ms < SECOND)
		snprintf(buf, size, "%" PRId64 " ms", ms);
	else if (ms < MINUTE - 50) /* 59.95 s would be written "60.0 s" */
		snprintf(buf, size, "%.1f s", (double)ms / SECOND);
	else if (ms < HOUR)
		snprintf(buf, size, "%" PRId64 " min %02" PRId64 " s",
			 (ms + SECOND / 2) / MINUTE, (ms + SECOND / 2) % MINUTE / SECOND);
	else
		snprintf(buf, size, "%" PRId64 " h %02" PRId64 " min", ms / HOUR,
			 ms % HOUR / MINUTE);
	return buf;
}

/* Cents for what costs dollars, two digits that count for what costs less. */
char *ct_human_usd(char *buf, size_t size, int64_t nanos)
{
	double usd = (double)nanos / 1e9;

	if (nanos < 0)
		snprintf(buf, size, "-");
	else if (nanos == 0)
		snprintf(buf, size, "$0");
	else if (usd >= 0.995)
		snprintf(buf, size, "$%.2f", usd);
	else
		snprintf(buf, size, "$%.*f", 1 - (int)floor(log10(usd)), usd);
	return buf;
}

char *ct_human_ago(char *buf, size_t size, int64_t wall_ms, int64_t now_ms)
{
	static const struct {
		int64_t below, unit;
		const char *name;
	} steps[] = {
		{ MINUTE, SECOND, "s" },
		{ HOUR, MINUTE, "min" },
		{ 2 * (int64_t)DAY, HOUR, "h" },
		{ 60 * (int64_t)DAY, DAY, "days" },
	};
	int64_t ago = now_ms - wall_ms, far = ago < 0 ? -ago : ago;
	char iso[CT_ISO_SIZE];

	if (wall_ms == 0)
		snprintf(buf, size, "-");
	else if (far < SECOND)
		snprintf(buf, size, "now");
	else if (far >= steps[CT_COUNT(steps) - 1].below)
		snprintf(buf, size, "%.10s", ct_time_iso(iso, wall_ms));
	for (size_t i = 0; wall_ms != 0 && far >= SECOND && i < CT_COUNT(steps); i++) {
		if (far >= steps[i].below)
			continue;
		snprintf(buf, size, ago < 0 ? "in %" PRId64 " %s" : "%" PRId64 " %s ago",
			 far / steps[i].unit, steps[i].name);
		break;
	}
	return buf;
}

char *ct_human_count(char *buf, size_t size, int64_t count)
{
	if (count < 100000)
		snprintf(buf, size, "%" PRId64, count);
	else if (count < 999500)
		snprintf(buf, size, "%.0f k", (double)count / 1e3);
	else if (count < 999500000)
		snprintf(buf, size, "%.3g M", (double)count / 1e6);
	else
		snprintf(buf, size, "%.4g G", (double)count / 1e9);
	return buf;
}

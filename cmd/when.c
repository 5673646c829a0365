#include "when.h"

#include <stdio.h>
#include <time.h>

#include "base/str.h"

enum { DAY_S = 86400, MOST_AGO_S = 100 * 366 * (DAY_S / 1000) }; /* in units of 1000 s */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly `count` digits at *at, after which *at stands. */
static bool digits(const char **at, int count, int *out)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (!is_digit((*at)[i]))
			return false;
		value = value * 10 + ((*at)[i] - '0');
	}
	*at += count;
	*out = value;
	return true;
}

static bool take(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static bool parse_date(const char **at, struct tm *tm)
{
	int year, month, day;

	if (!digits(at, 4, &year) || !take(at, '-') || !digits(at, 2, &month) ||
	    !take(at, '-') || !digits(at, 2, &day))
		return false;
	*tm = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	struct tm same = *tm;
	timegm(&same); /* turns 30 February into a day of March */
	return year >= 1970 && same.tm_mon == month - 1 && same.tm_mday == day;
}

static bool parse_clock(const char **at, struct tm *tm, int *ms)
{
	if (!digits(at, 2, &tm->tm_hour) || !take(at, ':') || !digits(at, 2, &tm->tm_min))
		return false;
	if (take(at, ':') && !digits(at, 2, &tm->tm_sec))
		return false;
	if (take(at, '.')) {
		if (!is_digit(**at))
			return false;
		for (int unit = 100; is_digit(**at); unit /= 10)
			*ms += (*(*at)++ - '0') * unit;
	}
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

/* "Z", "+01:00", "-0530", or nothing. */
static bool parse_zone(const char **at, int *offset_s)
{
	int sign = **at == '-' ? -1 : 1, hours, minutes;

	if (**at == '\0' || take(at, 'Z'))
		return true;
	if (!take(at, '+') && !take(at, '-'))
		return false;
	if (!digits(at, 2, &hours))
		return false;
	take(at, ':');
	if (!digits(at, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*offset_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool parse_iso(const char *text, int64_t *out)
{
	const char *at = text;
	struct tm tm;
	int ms = 0, offset_s = 0;

	if (!parse_date(&at, &tm))
		return false;
	if (take(&at, 'T') || take(&at, ' ')) {
		if (!parse_clock(&at, &tm, &ms) || !parse_zone(&at, &offset_s))
			return false;
	}
	*out = ((int64_t)timegm(&tm) - offset_s) * 1000 + ms;
	return *at == '\0';
}

/* "2h": that long before now. */
static bool parse_ago(const char *text, int64_t now_ms, int64_t *out)
{
	static const struct {
		char letter;
		int seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY_S }, { 'w', 7 * DAY_S } };
	struct ct_str s = ct_str(text);
	double count;

	if (s.len < 2 || !ct_str_num((struct ct_str){ s.ptr, s.len - 1 }, &count) || count < 0)
		return false;
	for (size_t i = 0; i < CT_COUNT(units); i++) {
		if (s.ptr[s.len - 1] != units[i].letter)
			continue;
		double seconds = count * units[i].seconds;
		if (seconds > MOST_AGO_S * 1000.0)
			return false;
		*out = now_ms - (int64_t)(seconds * 1000);
		return true;
	}
	return false;
}

int ct_when_parse(const char *name, const char *text, int64_t now_ms, int64_t *out,
		  struct ct_err *err)
{
	int64_t today = now_ms - now_ms % (DAY_S * (int64_t)1000);

	if (strcmp(text, "today") == 0)
		*out = today;
	else if (strcmp(text, "yesterday") == 0)
		*out = today - DAY_S * (int64_t)1000;
	else if (!parse_iso(text, out) && !parse_ago(text, now_ms, out))
		return ct_fail(err, CT_EUSAGE,
			       "--%s must be a time such as 2h, 3d, yesterday or "
			       "2026-11-20T10:50, not '%.60s'",
			       name, text);
	return CT_OK;
}

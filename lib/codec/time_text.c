#include "codec/time_text.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#define NANOS INT64_C(1000000) /* in a millisecond */

static bool take_digit(struct ct_str *text, int *digit)
{
	if (text->len == 0 || text->ptr[0] < '0' || text->ptr[0] > '9')
		return false;
	*digit = text->ptr[0] - '0';
	*text = ct_str_from(*text, 1);
	return true;
}

/*
 * "34.07" times unit, exactly: in floating point 34.07 * 1000 rounds up to 34071.
 * Six digits behind the point count, any more round up. -1 where there is no number.
 */
static int64_t scaled(const char *ptr, size_t len, int64_t unit_ns)
{
	struct ct_str text = { ptr, len };
	int64_t whole = 0, fraction = 0, scale = 1, ns;
	bool any = false, more = false;
	int digit;

	for (; take_digit(&text, &digit); any = true)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, digit, &whole))
			return -1;
	if (text.len > 0 && text.ptr[0] == '.')
		text = ct_str_from(text, 1);
	for (; take_digit(&text, &digit); any = true) {
		if (scale == 1000000) {
			more = more || digit > 0;
			continue;
		}
		fraction = fraction * 10 + digit;
		scale *= 10;
	}
	if (!any || text.len > 0 || __builtin_mul_overflow(whole, unit_ns, &whole))
		return -1;
	fraction *= unit_ns; /* below 10^6 times an hour's 3.6 * 10^12: fits */
	if (__builtin_add_overflow(
		    whole, fraction / scale + (fraction % scale > 0 || more), &ns))
		return -1;
	return ns;
}

/* The unit at the beginning of text in ns, its length in *len; 0 when there is none. */
static int64_t unit_of(struct ct_str text, size_t *len)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		/* "ms" before "m" */
		{ "ns", 1 },
		{ "us", 1000 },
		{ "\xC2\xB5s", 1000 },
		{ "\xCE\xBCs", 1000 },
		{ "ms", NANOS },
		{ "s", 1000 * NANOS },
		{ "m", 60000 * NANOS },
		{ "h", 3600000 * NANOS },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (ct_str_starts(text, units[i].name)) {
			*len = strlen(units[i].name);
			return units[i].ns;
		}
	}
	return 0;
}

static size_t number_len(struct ct_str text)
{
	size_t n = 0;

	while (n < text.len &&
	       ((text.ptr[n] >= '0' && text.ptr[n] <= '9') || text.ptr[n] == '.'))
		n++;
	return n;
}

static int64_t round_up(int64_t ns)
{
	return ns / NANOS + (ns % NANOS > 0);
}

int64_t ct_duration_ms(struct ct_str text)
{
	int64_t total = 0;

	if (ct_str_is(text, "0"))
		return 0;
	if (text.len == 0)
		return -1;
	while (text.len > 0) {
		size_t n = number_len(text), unit_len = 0;
		int64_t unit = unit_of(ct_str_from(text, n), &unit_len);
		int64_t ns = unit > 0 ? scaled(text.ptr, n, unit) : -1;

		if (ns < 0 || __builtin_add_overflow(total, ns, &total))
			return -1;
		text = ct_str_from(text, n + unit_len);
	}
	return round_up(total);
}

int64_t ct_count_ms(struct ct_str text, int64_t unit_ms)
{
	int64_t ns = scaled(text.ptr, text.len, unit_ms * NANOS);
	double count;

	if (ns >= 0)
		return round_up(ns);
	/* too big for nanoseconds, or with an exponent */
	if (!ct_str_num(text, &count) || signbit(count))
		return -1;
	return (int64_t)fmin(ceil(count * (double)unit_ms), 9e15);
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Unix ms of a date and time in UTC; -1 when there is no such, or none since 1970. */
static int64_t utc_ms(struct tm *tm)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = tm->tm_year + 1900;

	/* a leap second is the first of the next minute */
	if (year < 1970 || year > 9999 || tm->tm_mon < 0 || tm->tm_mon > 11 ||
	    tm->tm_hour < 0 || tm->tm_hour > 23 || tm->tm_min < 0 || tm->tm_min > 59 ||
	    tm->tm_sec < 0 || tm->tm_sec > 60 || tm->tm_mday < 1)
		return -1;
	if (tm->tm_mday > days[tm->tm_mon] + (tm->tm_mon == 1 && is_leap(year)))
		return -1;
	return (int64_t)timegm(tm) * 1000;
}

/* "12" and what follows, for each letter of form a digit; false when it is not so. */
static bool has_form(struct ct_str text, const char *form)
{
	if (text.len < strlen(form))
		return false;
	for (size_t i = 0; form[i] != '\0'; i++) {
		bool digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
		if (form[i] == '9' ? !digit : text.ptr[i] != form[i])
			return false;
	}
	return true;
}

static int digits(struct ct_str text, size_t from, size_t count)
{
	int value = 0;

	for (size_t i = from; i < from + count; i++)
		value = value * 10 + (text.ptr[i] - '0');
	return value;
}

/* "Z", "+02:00": how far local time is ahead, in ms. */
static bool read_offset(struct ct_str text, int64_t *ms)
{
	*ms = 0;
	if (ct_str_is_nocase(text, "Z"))
		return true;
	if (text.len != 6 || !(has_form(text, "+99:99") || has_form(text, "-99:99")))
		return false;
	int hours = digits(text, 1, 2), minutes = digits(text, 4, 2);
	*ms = (hours * 60 + minutes) * INT64_C(60000);
	if (text.ptr[0] == '-')
		*ms = -*ms;
	return hours < 24 && minutes < 60;
}

int64_t ct_rfc3339_ms(struct ct_str text)
{
	struct ct_str clock = ct_str_from(text, 11), rest = ct_str_from(text, 19);
	int64_t ms, offset, fraction = 0, unit = 100;
	int digit;

	if (!has_form(text, "9999-99-99") || !has_form(clock, "99:99:99") ||
	    strchr("Tt ", text.ptr[10]) == NULL || text.ptr[10] == '\0')
		return -1;
	struct tm tm = {
		.tm_year = digits(text, 0, 4) - 1900,
		.tm_mon = digits(text, 5, 2) - 1,
		.tm_mday = digits(text, 8, 2),
		.tm_hour = digits(clock, 0, 2),
		.tm_min = digits(clock, 3, 2),
		.tm_sec = digits(clock, 6, 2),
	};
	if (rest.len > 1 && rest.ptr[0] == '.') {
		rest = ct_str_from(rest, 1);
		if (!has_form(rest, "9"))
			return -1;
		for (; take_digit(&rest, &digit); unit /= 10)
			fraction += digit * unit;
	}
	ms = utc_ms(&tm);
	if (ms < 0 || !read_offset(rest, &offset))
		return -1;
	ms += fraction - offset;
	return ms < 0 ? -1 : ms;
}

static int month_of(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (strncmp(name, names + 3 * i, 4 - 1) == 0 && strlen(name) == 3)
			return i;
	return -1;
}

static int full_year(int year, int64_t now_wall_ms)
{
	time_t seconds = (time_t)(now_wall_ms / 1000);
	struct tm now;

	if (gmtime_r(&seconds, &now) == NULL)
		return -1;
	year += (now.tm_year + 1900) / 100 * 100;
	return year > now.tm_year + 1900 + 50 ? year - 100 : year;
}

int64_t ct_http_date_ms(struct ct_str text, int64_t now_wall_ms)
{
	char copy[64], month[4] = "";
	struct tm tm = { 0 };
	int year = 0, end = 0;

	if (text.len >= sizeof(copy))
		return -1;
	for (size_t i = 0; i < text.len; i++)
		copy[i] = text.ptr[i] == '\0' ? '?' : text.ptr[i];
	copy[text.len] = '\0';

	if (sscanf(copy, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &tm.tm_mday,
		   month, &year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) < 6 ||
	    end == 0) {
		if (sscanf(copy, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n",
			   &tm.tm_mday, month, &year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
			   &end) == 6 &&
		    end > 0)
			year = full_year(year, now_wall_ms);
		else if (sscanf(copy, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n",
				month, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
				&year, &end) < 6)
			return -1;
	}
	if (end == 0 || copy[end] != '\0')
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon = month_of(month);
	return utc_ms(&tm);
}

/* Numbers between JSON's text and C's types, whatever the locale says about points and commas. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"

/* A number's digits without the point, and the power of ten behind them. */
struct decimal {
	struct ct_str text; /* digits, perhaps one point among them */
	size_t digits;
	int64_t exponent;
	bool negative;
};

static struct decimal split(struct ct_str text)
{
	struct decimal d = { .text = text };
	const char *e;

	if (text.len > 0 && text.ptr[0] == '-') {
		d.negative = true;
		d.text = ct_str_from(text, 1);
	}
	e = memchr(d.text.ptr, 'e', d.text.len);
	if (e == NULL)
		e = memchr(d.text.ptr, 'E', d.text.len);
	if (e != NULL) {
		struct ct_str exponent =
			ct_str_from(d.text, (size_t)(e + 1 - d.text.ptr));
		d.text.len = (size_t)(e - d.text.ptr);
		for (size_t i = 0; i < exponent.len; i++)
			if (exponent.ptr[i] >= '0' && d.exponent < INT64_C(1) << 56)
				d.exponent = d.exponent * 10 + (exponent.ptr[i] - '0');
		if (exponent.ptr[0] == '-')
			d.exponent = -d.exponent;
	}
	const char *point = memchr(d.text.ptr, '.', d.text.len);
	if (point != NULL)
		d.exponent -= (int64_t)d.text.len - (point - d.text.ptr) - 1;
	/* the zeros at the end are only powers of ten */
	while (d.text.len > 0 && strchr("0.", d.text.ptr[d.text.len - 1]) != NULL)
		d.exponent += d.text.ptr[--d.text.len] == '0';
	return d;
}

static bool times_ten_plus(int64_t *value, int digit)
{
	return !__builtin_mul_overflow(*value, 10, value) &&
	       !__builtin_sub_overflow(*value, digit, value);
}

int64_t ct_json_int(const struct ct_json *value, int64_t fallback)
{
	int64_t n = 0; /* built below zero, where there is room for one more */

	if (!ct_json_is(value, CT_JSON_NUMBER))
		return fallback;
	struct decimal d = split(value->text);
	if (d.text.len == 0)
		return 0;
	if (d.exponent < 0)
		return fallback;
	for (size_t i = 0; i < d.text.len; i++)
		if (d.text.ptr[i] != '.' && !times_ten_plus(&n, d.text.ptr[i] - '0'))
			return fallback;
	for (; d.exponent > 0; d.exponent--)
		if (!times_ten_plus(&n, 0))
			return fallback;
	if (d.negative)
		return n;
	return n == INT64_MIN ? fallback : -n;
}

/* The "C" locale costs nothing to have: the C libraries keep it ready. */
static locale_t plain_locale(void)
{
	return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* What we were given is not NUL-terminated; a longer number is not one that anybody means. */
enum { LONGEST = 1024 };

double ct_json_num(const struct ct_json *value, double fallback)
{
	char text[LONGEST];

	if (!ct_json_is(value, CT_JSON_NUMBER) || value->text.len >= sizeof(text))
		return fallback;
	memcpy(text, value->text.ptr, value->text.len);
	text[value->text.len] = '\0';

	locale_t c = plain_locale();
	double number = strtod_l(text, NULL, c);
	freelocale(c);
	return isfinite(number) ? number : fallback;
}

/* 1e+05 as 1e5, 1e-07 as 1e-7 */
static void shorten_exponent(char *text)
{
	char *to = strchr(text, 'e'), *from;

	if (to == NULL)
		return;
	from = ++to;
	if (*from == '+')
		from++;
	else if (*from == '-')
		*to++ = *from++;
	while (*from == '0' && from[1] != '\0')
		from++;
	memmove(to, from, strlen(from) + 1);
}

/*
 * 15 digits survive any double, 17 tell all apart, so the least of 15, 16, 17
 * that reads back is shortest (%g drops zeros), but near zero, where precision fades.
 */
static void print_shortest(char *text, size_t size, double value)
{
	int digits = fabs(value) < DBL_MIN ? 1 : 15;

	for (; digits <= 17; digits++) {
		snprintf(text, size, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	shorten_exponent(text);
}

void ct_jw_num(struct ct_jw *jw, double value)
{
	char text[40];

	if (!isfinite(value)) {
		ct_jw_null(jw);
		return;
	}
	locale_t c = plain_locale(), before = uselocale(c);
	print_shortest(text, sizeof(text), value);
	uselocale(before);
	freelocale(c);
	ct_jw_raw(jw, ct_str(text));
}

#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct ct_str ct_str_trim(struct ct_str s)
{
	while (s.len > 0 && is_blank(s.ptr[0]))
		s = ct_str_from(s, 1);
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* strtol and strtod want a NUL and take blanks: copy what can be a number, refuse the rest. */
static bool copy_number(struct ct_str s, const char *allowed, char out[64])
{
	if (s.len == 0 || s.len >= 64)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\0' || strchr(allowed, s.ptr[i]) == NULL)
			return false;
	memcpy(out, s.ptr, s.len);
	out[s.len] = '\0';
	return true;
}

bool ct_str_int(struct ct_str s, int64_t *out)
{
	char text[64], *end;

	if (!copy_number(s, "+-0123456789", text))
		return false;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0' || end == text)
		return false;
	*out = value;
	return true;
}

bool ct_str_num(struct ct_str s, double *out)
{
	char text[64], *end;

	if (!copy_number(s, "+-.eE0123456789", text))
		return false;
	errno = 0;
	double value = strtod(text, &end);
	if (errno != 0 || *end != '\0' || end == text || !isfinite(value))
		return false;
	*out = value;
	return true;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance */
unsigned ct_str_distance(struct ct_str a, struct ct_str b)
{
	unsigned rows[3][64], *before = rows[0], *above = rows[1], *row = rows[2];
	size_t n = b.len < 63 ? b.len : 63, m = a.len < 63 ? a.len : 63;

	for (size_t j = 0; j <= n; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= m; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n; j++) {
			bool same = a.ptr[i - 1] == b.ptr[j - 1];
			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !same);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
			    a.ptr[i - 2] == b.ptr[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		unsigned *spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[n];
}

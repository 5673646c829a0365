#include "codec/limit_fields.h"

#include "codec/time_text.h"

#define WEEK_MS (INT64_C(7) * 24 * 3600 * 1000)

struct ct_str ct_limit_name(struct ct_str name, const char *before, const char *after)
{
	size_t head = strlen(before), tail = strlen(after);
	struct ct_str limit = { name.ptr, 0 };

	if (name.len <= head + tail)
		return limit;
	if (ct_str_is_nocase((struct ct_str){ name.ptr, head }, before) &&
	    ct_str_is_nocase(ct_str_from(name, name.len - tail), after))
		limit = (struct ct_str){ name.ptr + head, name.len - head - tail };
	return limit;
}

struct ct_str ct_field_part(struct ct_str *rest, char separator)
{
	struct ct_str part = *rest;
	bool quoted = false;
	size_t n = 0;

	for (; n < rest->len && (quoted || rest->ptr[n] != separator); n++) {
		if (quoted && rest->ptr[n] == '\\' && n + 1 < rest->len)
			n++;
		else if (rest->ptr[n] == '"')
			quoted = !quoted;
	}
	part.len = n;
	*rest = ct_str_from(*rest, n + 1);
	return ct_str_trim(part);
}

int64_t ct_limit_seconds_ms(struct ct_str number, int64_t now_wall_ms)
{
	int64_t ms = ct_count_ms(number, 1000);

	if (ms < 0)
		return INT64_MIN;
	if (ms <= WEEK_MS)
		return ms;
	if (ms > INT64_C(100000000000) * 1000)
		ms /= 1000;
	return ms - now_wall_ms;
}

#include "codec/query.h"

/* Take what stands before the first mark; all of it where there is none. */
static struct ct_str take_until(struct ct_str *text, char mark)
{
	const char *at = text->len > 0 ? memchr(text->ptr, mark, text->len) : NULL;
	struct ct_str head = { text->ptr,
			       at != NULL ? (size_t)(at - text->ptr) : text->len };

	*text = ct_str_from(*text, head.len + 1);
	return head;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The character that text begins with, decoded; *used: its bytes. */
static char decode_one(struct ct_str text, size_t *used)
{
	int high = text.len > 2 ? digit_of(text.ptr[1]) : -1;
	int low = text.len > 2 ? digit_of(text.ptr[2]) : -1;

	*used = 1;
	if (text.ptr[0] == '+')
		return ' ';
	if (text.ptr[0] != '%' || high < 0 || low < 0)
		return text.ptr[0];
	*used = 3;
	return (char)(high << 4 | low);
}

static struct ct_str decode(struct ct_str text, struct ct_arena *arena)
{
	char *out = ct_arena_alloc(arena, text.len + 1);
	size_t len = 0;

	if (out == NULL)
		return (struct ct_str){ NULL, 0 };
	for (size_t used; text.len > 0; text = ct_str_from(text, used))
		out[len++] = decode_one(text, &used);
	return (struct ct_str){ out, len };
}

/* A name may be written with escapes, too. */
static bool is_name(struct ct_str text, const char *name)
{
	size_t used;

	for (; text.len > 0 && *name != '\0'; text = ct_str_from(text, used))
		if (decode_one(text, &used) != *name++)
			return false;
	return text.len == 0 && *name == '\0';
}

struct ct_str ct_query_get(struct ct_str query, const char *name, struct ct_arena *arena)
{
	if (query.len > CT_QUERY_MAX_BYTES)
		query.len = CT_QUERY_MAX_BYTES;
	while (query.len > 0) {
		struct ct_str pair = take_until(&query, '&');
		struct ct_str key = take_until(&pair, '=');
		if (is_name(key, name))
			return decode(pair, arena);
	}
	return (struct ct_str){ NULL, 0 };
}

int64_t ct_query_int(struct ct_str query, const char *name, int64_t fallback)
{
	struct ct_arena arena = { 0 };
	int64_t value;
	bool found = ct_str_int(ct_query_get(query, name, &arena), &value);

	ct_arena_fini(&arena);
	return found ? value : fallback;
}

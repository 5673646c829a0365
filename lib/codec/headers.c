#include "codec/headers.h"

enum { FIRST = 16 };

static struct ct_str *widen(struct ct_headers *headers, const struct ct_str *list, size_t room)
{
	struct ct_str *wide = ct_arena_alloc(headers->arena, room * sizeof(*wide));

	if (wide != NULL && headers->count > 0)
		memcpy(wide, list, headers->count * sizeof(*wide));
	return wide;
}

static bool make_room(struct ct_headers *headers)
{
	size_t room = headers->room > 0 ? 2 * headers->room : FIRST;

	if (headers->count < headers->room)
		return true;
	struct ct_str *names = widen(headers, headers->names, room);
	struct ct_str *values = widen(headers, headers->values, room);
	if (names == NULL || values == NULL)
		return false;
	headers->names = names;
	headers->values = values;
	headers->room = room;
	return true;
}

void ct_headers_add(struct ct_headers *headers, struct ct_str name, struct ct_str value)
{
	if (headers->count >= CT_HEADERS_MAX || !make_room(headers))
		return;

	struct ct_str kept_name = ct_arena_dup(headers->arena, name);
	struct ct_str kept_value = ct_arena_dup(headers->arena, value);
	if (kept_name.ptr == NULL || kept_value.ptr == NULL)
		return;
	headers->names[headers->count] = kept_name;
	headers->values[headers->count] = kept_value;
	headers->count++;
}

struct ct_str ct_headers_get(const struct ct_headers *headers, const char *name)
{
	for (size_t i = 0; headers != NULL && i < headers->count; i++)
		if (ct_str_is_nocase(headers->names[i], name))
			return ct_str_trim(headers->values[i]);
	return (struct ct_str){ NULL, 0 };
}

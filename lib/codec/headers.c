#include "codec/headers.h"

void ct_headers_add(struct ct_headers *headers, struct ct_str name, struct ct_str value)
{
	if (headers->count >= CT_HEADERS_MAX)
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

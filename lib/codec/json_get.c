#include "codec/json.h"

/* Most names differ in their length or their first byte. */
static bool has_name(const struct ct_json *member, struct ct_str name)
{
	return member->key.len == name.len &&
	       (name.len == 0 || (member->key.ptr[0] == name.ptr[0] &&
				  memcmp(member->key.ptr, name.ptr, name.len) == 0));
}

const struct ct_json *ct_json_member(const struct ct_json *object, struct ct_str key)
{
	const struct ct_json *found = NULL;

	if (!ct_json_is(object, CT_JSON_OBJECT))
		return NULL;
	for (const struct ct_json *m = object->first; m != NULL; m = m->next)
		if (has_name(m, key))
			found = m;
	return found;
}

static const struct ct_json *element(const struct ct_json *array, struct ct_str index)
{
	const struct ct_json *at;
	int64_t n;

	if (index.len == 0 || index.ptr[0] < '0' || index.ptr[0] > '9' ||
	    !ct_str_int(index, &n))
		return NULL;
	for (at = array->first; at != NULL && n > 0; n--)
		at = at->next;
	return at;
}

const struct ct_json *ct_json_at(const struct ct_json *value, const char *path)
{
	while (value != NULL) {
		struct ct_str name = { path, (size_t)(strchrnul(path, '.') - path) };
		value = ct_json_is(value, CT_JSON_ARRAY) ? element(value, name)
							 : ct_json_member(value, name);
		if (path[name.len] == '\0')
			break;
		path += name.len + 1;
	}
	return value;
}

struct ct_str ct_json_str_at(const struct ct_json *value, const char *path)
{
	return ct_json_str(ct_json_at(value, path));
}

int64_t ct_json_int_at(const struct ct_json *value, const char *path, int64_t fallback)
{
	return ct_json_int(ct_json_at(value, path), fallback);
}

bool ct_json_true(const struct ct_json *value)
{
	return ct_json_is(value, CT_JSON_TRUE);
}

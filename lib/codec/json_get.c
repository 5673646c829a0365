#include "codec/json.h"

bool ct_json_is(const struct ct_json *value, enum ct_json_type type)
{
	return value != NULL && value->type == type;
}

static const struct ct_json *member(const struct ct_json *object, struct ct_str key)
{
	const struct ct_json *found = NULL;

	if (!ct_json_is(object, CT_JSON_OBJECT))
		return NULL;
	for (const struct ct_json *m = object->first; m != NULL; m = m->next)
		if (ct_str_eq(m->key, key))
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

const struct ct_json *ct_json_get(const struct ct_json *object, const char *key)
{
	return member(object, ct_str(key));
}

const struct ct_json *ct_json_at(const struct ct_json *value, const char *path)
{
	while (value != NULL) {
		struct ct_str name = { path, (size_t)(strchrnul(path, '.') - path) };
		value = ct_json_is(value, CT_JSON_ARRAY) ? element(value, name)
							 : member(value, name);
		if (path[name.len] == '\0')
			break;
		path += name.len + 1;
	}
	return value;
}

const struct ct_json *ct_json_first(const struct ct_json *value)
{
	return value != NULL ? value->first : NULL;
}

struct ct_str ct_json_str(const struct ct_json *value)
{
	return ct_json_is(value, CT_JSON_STRING) ? value->text
						 : (struct ct_str){ NULL, 0 };
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

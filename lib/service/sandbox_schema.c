#include "service/sandbox_schema.h"

#include <math.h>

enum {
	DEPTH_MAX = 32, /* a schema that refers to itself ends in null there */
	NODES_MAX = 20000,
	ITEMS_MAX = 100,
	STRING_MAX_BYTES = 10000,
};

struct fill {
	const struct ct_json *root;
	struct ct_jw *jw;
	int depth;
	int nodes; /* written so far */
};

static void fill(struct fill *state, const struct ct_json *schema);

/* "#/$defs/name": names may not hold '/' or '~'. */
static const struct ct_json *follow(const struct ct_json *root, struct ct_str ref)
{
	const struct ct_json *at = root;

	if (!ct_str_starts(ref, "#"))
		return NULL;
	ref = ct_str_from(ref, 1);
	while (at != NULL && ref.len > 1) {
		const char *end;
		char name[128];

		ref = ct_str_from(ref, 1);
		end = memchr(ref.ptr, '/', ref.len);
		size_t len = end != NULL ? (size_t)(end - ref.ptr) : ref.len;
		if (len >= sizeof(name))
			return NULL;
		memcpy(name, ref.ptr, len);
		name[len] = '\0';
		at = ct_json_get(at, name);
		ref = ct_str_from(ref, len);
	}
	return at;
}

static bool type_is(struct ct_str type, const char *name)
{
	return ct_str_is_nocase(type, name); /* Gemini's own schemas write OBJECT */
}

/* The type to make: the first of a list that is not null; guessed where none is given. */
static struct ct_str type_of(const struct ct_json *schema)
{
	const struct ct_json *type = ct_json_get(schema, "type");
	struct ct_str found = ct_json_str(type);

	for (const struct ct_json *t = ct_json_first(type); t != NULL; t = t->next) {
		found = ct_json_str(t);
		if (!type_is(found, "null"))
			break;
	}
	if (found.len > 0)
		return found;
	if (ct_json_get(schema, "items") != NULL)
		return ct_str("array");
	if (ct_json_get(schema, "minimum") != NULL ||
	    ct_json_get(schema, "maximum") != NULL)
		return ct_str("number");
	if (ct_json_get(schema, "minLength") != NULL ||
	    ct_json_get(schema, "pattern") != NULL)
		return ct_str("string");
	return ct_str("object");
}

static const char *of_format(struct ct_str format)
{
	static const char *const formats[][2] = {
		{ "date-time", "2026-01-01T00:00:00Z" },
		{ "date", "2026-01-01" },
		{ "time", "00:00:00Z" },
		{ "email", "sandbox@example.com" },
		{ "uri", "https://example.com/sandbox" },
		{ "uuid", "00000000-0000-4000-8000-000000000000" },
		{ "ipv4", "127.0.0.1" },
	};

	for (size_t i = 0; i < CT_COUNT(formats); i++) {
		if (ct_str_is(format, formats[i][0]))
			return formats[i][1];
	}
	return "[sandbox]";
}

static void fill_string(struct fill *state, const struct ct_json *schema)
{
	struct ct_buf text = CT_BUF_INIT(STRING_MAX_BYTES);
	int64_t least = ct_json_int_at(schema, "minLength", 0);
	int64_t most = ct_json_int_at(schema, "maxLength", STRING_MAX_BYTES);

	ct_buf_puts(&text, of_format(ct_json_str_at(schema, "format")));
	while ((int64_t)text.len < least && !text.failed)
		ct_buf_puts(&text, ".");
	ct_jw_str(state->jw,
		  (struct ct_str){ text.ptr, most >= 0 && (int64_t)text.len > most
						     ? (size_t)most
						     : text.len });
	ct_buf_fini(&text);
}

/* 0 where that is allowed, else the nearest end of the range, on a multiple where one is asked. */
static void fill_number(struct fill *state, const struct ct_json *schema, bool whole)
{
	double least = ct_json_num(ct_json_get(schema, "minimum"), -HUGE_VAL);
	double most = ct_json_num(ct_json_get(schema, "maximum"), HUGE_VAL);
	double above = ct_json_num(ct_json_get(schema, "exclusiveMinimum"), -HUGE_VAL);
	double below = ct_json_num(ct_json_get(schema, "exclusiveMaximum"), HUGE_VAL);
	double step = ct_json_num(ct_json_get(schema, "multipleOf"), whole ? 1 : 0);
	double unit = step > 0 ? step : (whole ? 1 : 0.5), value = 0;

	if (value < least)
		value = least;
	if (value <= above)
		value = above + unit;
	if (value > most)
		value = most;
	if (value >= below)
		value = below - unit;
	if (step > 0)
		value = (value < 0 ? floor(value / step) : ceil(value / step)) * step;
	if (whole && fabs(value) < 9e15)
		ct_jw_int(state->jw, (int64_t)value);
	else
		ct_jw_num(state->jw, value);
}

static void fill_array(struct fill *state, const struct ct_json *schema)
{
	int64_t count = ct_json_int_at(schema, "minItems", 0);

	ct_jw_array(state->jw);
	for (int64_t i = 0; i < count && i < ITEMS_MAX; i++)
		fill(state, ct_json_get(schema, "items"));
	ct_jw_end_array(state->jw);
}

static bool seen_before(const struct ct_json *list, const struct ct_json *name)
{
	for (const struct ct_json *n = ct_json_first(list); n != name; n = n->next) {
		if (ct_str_eq(ct_json_str(n), ct_json_str(name)))
			return true;
	}
	return false;
}

static const struct ct_json *property(const struct ct_json *schema, struct ct_str name)
{
	const struct ct_json *list = ct_json_get(schema, "properties");

	for (const struct ct_json *p = ct_json_first(list); p != NULL; p = p->next) {
		if (ct_str_eq(p->key, name))
			return p;
	}
	return NULL;
}

static void fill_object(struct fill *state, const struct ct_json *schema)
{
	const struct ct_json *required = ct_json_get(schema, "required");

	ct_jw_object(state->jw);
	for (const struct ct_json *n = ct_json_first(required);
	     n != NULL && state->nodes < NODES_MAX; n = n->next) {
		if (!ct_json_is(n, CT_JSON_STRING) || seen_before(required, n))
			continue;
		ct_jw_key_str(state->jw, ct_json_str(n));
		fill(state, property(schema, ct_json_str(n)));
	}
	ct_jw_end_object(state->jw);
}

/* The schema that stands behind this one: a reference, a choice. */
static const struct ct_json *behind(const struct fill *state,
				    const struct ct_json *schema)
{
	static const char *const choices[] = { "anyOf", "oneOf", "allOf" };
	struct ct_str ref = ct_json_str_at(schema, "$ref");

	if (ref.ptr != NULL)
		return follow(state->root, ref);
	for (size_t i = 0; i < CT_COUNT(choices); i++) {
		const struct ct_json *first =
			ct_json_first(ct_json_get(schema, choices[i]));
		if (first != NULL)
			return first;
	}
	return NULL;
}

static const struct ct_json *fixed(const struct ct_json *schema)
{
	const struct ct_json *value = ct_json_get(schema, "const");

	if (value == NULL)
		value = ct_json_first(ct_json_get(schema, "enum"));
	return value != NULL ? value : ct_json_get(schema, "default");
}

static void fill_type(struct fill *state, const struct ct_json *schema)
{
	struct ct_str type = type_of(schema);

	if (type_is(type, "object"))
		fill_object(state, schema);
	else if (type_is(type, "array"))
		fill_array(state, schema);
	else if (type_is(type, "string"))
		fill_string(state, schema);
	else if (type_is(type, "integer") || type_is(type, "number"))
		fill_number(state, schema, type_is(type, "integer"));
	else if (type_is(type, "boolean"))
		ct_jw_bool(state->jw, true);
	else
		ct_jw_null(state->jw);
}

static void fill(struct fill *state, const struct ct_json *schema)
{
	const struct ct_json *value = fixed(schema), *other = behind(state, schema);

	if (state->depth == DEPTH_MAX || state->nodes == NODES_MAX) {
		ct_jw_null(state->jw);
		return;
	}
	state->depth++;
	state->nodes++;
	if (value != NULL)
		ct_jw_value(state->jw, value);
	else if (other != NULL)
		fill(state, other);
	else
		fill_type(state, schema);
	state->depth--;
}

void ct_schema_fill(const struct ct_json *schema, struct ct_jw *jw)
{
	struct fill state = { .root = schema, .jw = jw };

	if (ct_json_first(schema) != NULL) {
		fill(&state, schema);
		return;
	}
	ct_jw_object(jw);
	ct_jw_member(jw, "sandbox", ct_str("no real model"));
	ct_jw_end_object(jw);
}

#include <math.h>
#include <stdlib.h>

#include "codec/json.h"
#include "service/yaml_tree.h"

struct writer {
	struct ct_jw jw;
	const char *name;
	struct ct_err *err;
};

/* YAML allows +1, 007, 0o17 and 0x1F, of any size; JSON wants plain decimals. */
static int write_int(struct writer *w, const struct ct_yaml *value)
{
	struct ct_str s = value->text;
	bool octal = ct_str_starts(s, "0o");

	if (octal || ct_str_starts(s, "0x")) {
		char *end, text[24];
		if (s.len > 17)
			return ct_fail(w->err, CT_ECONFIG, "%s:%d: %.*s is too large", w->name,
				       value->line, CT_STR_ARG(s));
		memcpy(text, s.ptr + 2, s.len - 2);
		text[s.len - 2] = '\0';
		ct_jw_int(&w->jw, strtoll(text, &end, octal ? 8 : 16));
		return CT_OK;
	}
	bool negative = s.len > 0 && s.ptr[0] == '-';
	s = ct_str_from(s, negative || s.ptr[0] == '+');
	while (s.len > 1 && s.ptr[0] == '0')
		s = ct_str_from(s, 1);
	if (negative) { /* the sign stands before what is left, perhaps over a zero */
		CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_YAML_BYTES);
		ct_buf_printf(&text, "-%.*s", CT_STR_ARG(s));
		ct_jw_raw(&w->jw, ct_buf_str(&text));
	} else {
		ct_jw_raw(&w->jw, s);
	}
	return CT_OK;
}

static int write_float(struct writer *w, const struct ct_yaml *value)
{
	double number = strtod(value->text.ptr, NULL);

	if (strpbrk(value->text.ptr, "iInN") != NULL || !isfinite(number))
		return ct_fail(w->err, CT_ECONFIG, "%s:%d: %s cannot be said in JSON", w->name,
			       value->line, value->text.ptr);
	ct_jw_num(&w->jw, number);
	return CT_OK;
}

static int write_value(struct writer *w, const struct ct_yaml *value);

static int write_items(struct writer *w, const struct ct_yaml *value)
{
	bool map = value->type == CT_YAML_MAP;
	int rc = CT_OK;

	if (w->jw.depth >= CT_YAML_DEPTH) /* anchors within anchors */
		return ct_fail(w->err, CT_ECONFIG, "%s:%d: nested deeper than %d", w->name,
			       value->line, CT_YAML_DEPTH);
	map ? ct_jw_object(&w->jw) : ct_jw_array(&w->jw);
	for (const struct ct_yaml_item *i = value->first; i != NULL && rc == CT_OK; i = i->next) {
		if (map)
			ct_jw_key_str(&w->jw, i->key);
		rc = write_value(w, i->value);
	}
	if (rc == CT_OK)
		map ? ct_jw_end_object(&w->jw) : ct_jw_end_array(&w->jw);
	return rc;
}

static int write_value(struct writer *w, const struct ct_yaml *value)
{
	/* anchors within anchors may multiply: stop when the buffer is full, not after */
	if (w->jw.out->failed != CT_OK)
		return ct_fail(w->err, CT_ECONFIG, "%s:%d: longer than %zu bytes as JSON",
			       w->name, value->line, w->jw.out->max);
	switch (value->type) {
	case CT_YAML_NULL:
		ct_jw_null(&w->jw);
		return CT_OK;
	case CT_YAML_BOOL:
		ct_jw_bool(&w->jw, (value->text.ptr[0] | 32) == 't');
		return CT_OK;
	case CT_YAML_INT:
		return write_int(w, value);
	case CT_YAML_FLOAT:
		return write_float(w, value);
	case CT_YAML_TEXT:
		ct_jw_str(&w->jw, value->text);
		return CT_OK;
	case CT_YAML_LIST:
	case CT_YAML_MAP:
		break;
	}
	return write_items(w, value);
}

int ct_yaml_json(const struct ct_yaml *value, const char *name, struct ct_buf *out,
		 struct ct_err *err)
{
	struct writer w = { .jw = ct_jw(out), .name = name, .err = err };
	int rc = write_value(&w, value);

	if (rc == CT_OK && out->failed == CT_ENOMEM)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	if (rc == CT_OK && out->failed != CT_OK)
		return ct_fail(err, CT_ECONFIG, "%s:%d: longer than %zu bytes as JSON", name,
			       value->line, out->max);
	return rc;
}

#include <assert.h>

#include "codec/base64.h"
#include "codec/json.h"
#include "codec/json_plain.h"
#include "codec/utf8.h"

static void new_line(struct ct_jw *jw)
{
	if (jw->indent <= 0)
		return;
	ct_buf_put(jw->out, '\n');
	for (int i = 0; i < jw->depth * jw->indent; i++)
		ct_buf_put(jw->out, ' ');
}

/* Is the innermost open bracket a brace? Levels past the bits are not watched. */
static bool in_object(const struct ct_jw *jw)
{
	int level = jw->depth - 1;

	return level >= 0 && level < CT_JW_WATCHED &&
	       (jw->objects[level / 8] >> level % 8 & 1);
}

static void separate(struct ct_jw *jw)
{
	if (jw->comma)
		ct_buf_put(jw->out, ',');
	if (jw->depth > 0)
		new_line(jw);
	jw->comma = true;
}

static void before_value(struct ct_jw *jw)
{
	if (jw->after_key) {
		jw->after_key = false;
		return;
	}
	assert(!in_object(jw) && "a member wants a key");
	assert((jw->depth > 0 || !jw->comma) && "one document, one value");
	separate(jw);
}

static void open_level(struct ct_jw *jw, char bracket)
{
	int level = jw->depth;

	before_value(jw);
	ct_buf_put(jw->out, bracket);
	jw->depth++;
	jw->comma = false;
	if (level >= CT_JW_WATCHED)
		return;
	unsigned char bit = (unsigned char)(1u << level % 8);
	if (bracket == '{')
		jw->objects[level / 8] |= bit;
	else
		jw->objects[level / 8] &= (unsigned char)~bit;
}

static void close_level(struct ct_jw *jw, char bracket)
{
	assert(jw->depth > 0 && !jw->after_key);
	assert((jw->depth > CT_JW_WATCHED || in_object(jw) == (bracket == '}')) &&
	       "the bracket that was opened");
	jw->depth--;
	if (jw->comma)
		new_line(jw);
	ct_buf_put(jw->out, bracket);
	jw->comma = true;
}

void ct_jw_object(struct ct_jw *jw)
{
	open_level(jw, '{');
}

void ct_jw_end_object(struct ct_jw *jw)
{
	close_level(jw, '}');
}

void ct_jw_array(struct ct_jw *jw)
{
	open_level(jw, '[');
}

void ct_jw_end_array(struct ct_jw *jw)
{
	close_level(jw, ']');
}

static void write_escape(struct ct_buf *out, char c)
{
	static const char values[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *known = memchr(values, c, sizeof(values) - 1);

	if (known != NULL) {
		char text[2] = { '\\', names[known - values] };
		ct_buf_append(out, text, 2);
	} else {
		ct_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)c);
	}
}

static void write_valid(struct ct_buf *out, struct ct_str text)
{
	const char *at = text.ptr, *end = text.ptr + text.len;
	unsigned char seen = 0;

	while (at < end) {
		const char *stop = ct_json_plain(at, end, &seen);
		ct_buf_append(out, at, (size_t)(stop - at));
		at = stop;
		if (at < end)
			write_escape(out, *at++);
	}
}

static void write_cleaned(struct ct_buf *out, struct ct_str text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf cleaned = CT_BUF_INIT(out->max);

	ct_utf8_clean(text, &cleaned);
	if (cleaned.failed && !out->failed)
		out->failed = cleaned.failed;
	write_valid(out, ct_buf_str(&cleaned));
}

/* Nothing but ASCII that stands for itself, as keys and most pieces of text are? */
static bool is_plain(struct ct_str text)
{
	unsigned char seen = 0;

	return text.len > 0 &&
	       ct_json_plain(text.ptr, text.ptr + text.len, &seen) == text.ptr + text.len &&
	       seen < 0x80;
}

static void write_string(struct ct_buf *out, struct ct_str text)
{
	ct_buf_put(out, '"');
	if (is_plain(text))
		ct_buf_add(out, text);
	else if (text.len > 0 && ct_utf8_valid(text) == text.len)
		write_valid(out, text);
	else if (text.len > 0)
		write_cleaned(out, text);
	ct_buf_put(out, '"');
}

void ct_jw_key_str(struct ct_jw *jw, struct ct_str key)
{
	assert(!jw->after_key && "a key wants a value");
	assert(jw->depth > 0 && (jw->depth > CT_JW_WATCHED || in_object(jw)));
	separate(jw);
	write_string(jw->out, key);
	ct_buf_put(jw->out, ':');
	if (jw->indent > 0)
		ct_buf_put(jw->out, ' ');
	jw->after_key = true;
}

void ct_jw_key(struct ct_jw *jw, const char *key)
{
	ct_jw_key_str(jw, ct_str(key));
}

void ct_jw_str(struct ct_jw *jw, struct ct_str value)
{
	before_value(jw);
	write_string(jw->out, value);
}

void ct_jw_base64(struct ct_jw *jw, const char *prefix, struct ct_str bytes)
{
	before_value(jw);
	ct_buf_put(jw->out, '"');
	write_valid(jw->out, ct_str(prefix));
	ct_base64_encode(bytes, jw->out);
	ct_buf_put(jw->out, '"');
}

void ct_jw_int(struct ct_jw *jw, int64_t value)
{
	char text[20]; /* as many digits as 2^64 has */
	size_t at = sizeof(text);
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		text[--at] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	before_value(jw);
	if (value < 0)
		ct_buf_put(jw->out, '-');
	ct_buf_append(jw->out, text + at, sizeof(text) - at);
}

void ct_jw_bool(struct ct_jw *jw, bool value)
{
	ct_jw_raw(jw, ct_str(value ? "true" : "false"));
}

void ct_jw_null(struct ct_jw *jw)
{
	ct_jw_raw(jw, ct_str("null"));
}

void ct_jw_raw(struct ct_jw *jw, struct ct_str json)
{
	before_value(jw);
	ct_buf_add(jw->out, json);
}

static void write_children(struct ct_jw *jw, const struct ct_json *value)
{
	bool object = value->type == CT_JSON_OBJECT;

	for (const struct ct_json *child = value->first; child != NULL;
	     child = child->next) {
		if (object)
			ct_jw_key_str(jw, child->key);
		ct_jw_value(jw, child);
	}
}

void ct_jw_value(struct ct_jw *jw, const struct ct_json *value)
{
	if (ct_json_is(value, CT_JSON_STRING)) {
		ct_jw_str(jw, value->text);
	} else if (ct_json_is(value, CT_JSON_OBJECT)) {
		ct_jw_object(jw);
		write_children(jw, value);
		ct_jw_end_object(jw);
	} else if (ct_json_is(value, CT_JSON_ARRAY)) {
		ct_jw_array(jw);
		write_children(jw, value);
		ct_jw_end_array(jw);
	} else if (value == NULL) {
		ct_jw_null(jw);
	} else {
		ct_jw_raw(jw, value->text);
	}
}

void ct_jw_member(struct ct_jw *jw, const char *key, struct ct_str value)
{
	ct_jw_key(jw, key);
	ct_jw_str(jw, value);
}

void ct_jw_member_or_null(struct ct_jw *jw, const char *key, struct ct_str value)
{
	ct_jw_key(jw, key);
	if (value.ptr != NULL)
		ct_jw_str(jw, value);
	else
		ct_jw_null(jw);
}

void ct_jw_member_int(struct ct_jw *jw, const char *key, int64_t value)
{
	ct_jw_key(jw, key);
	ct_jw_int(jw, value);
}

void ct_jw_member_bool(struct ct_jw *jw, const char *key, bool value)
{
	ct_jw_key(jw, key);
	ct_jw_bool(jw, value);
}

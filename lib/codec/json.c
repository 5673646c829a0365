#include "codec/json.h"

#include <stdlib.h>

#include "codec/json_plain.h"
#include "codec/utf8.h"

enum { SLAB = 16, FEW_KEYS = 16 };

struct parser {
	const char *start, *at, *end;
	struct ct_arena *arena;
	struct ct_json *spare; /* nodes of the newest slab not yet used */
	size_t spare_count, values;
	unsigned flags;
	int line, depth;
	struct ct_err *err;
};

static int parse_value(struct parser *p, struct ct_json *value);

/* Counted in characters, as an editor shows it. */
static size_t column_of(const struct parser *p, const char *at)
{
	size_t column = 1;

	while (at > p->start && at[-1] != '\n')
		column += ((unsigned char)*--at & 0xC0) != 0x80;
	return column;
}

static int fail(struct parser *p, const char *what)
{
	return ct_fail(p->err, CT_EPARSE, "line %d, column %zu: %s", p->line,
		       column_of(p, p->at), what);
}

static int fail_ended(struct parser *p)
{
	p->at = p->end;
	return fail(p, "the text ends too early");
}

static int no_memory(struct parser *p)
{
	return ct_fail(p->err, CT_ENOMEM, "no memory for a JSON text");
}

/* A slab at a time: the arena's alignment and zeroing are paid once for many. */
static int new_value(struct parser *p, struct ct_json **out)
{
	if (++p->values > CT_JSON_VALUES)
		return fail(p, "more values than we agreed to hold");
	if (p->spare_count == 0) {
		p->spare = ct_arena_alloc(p->arena, SLAB * sizeof(*p->spare));
		if (p->spare == NULL)
			return no_memory(p);
		p->spare_count = SLAB;
	}
	p->spare_count--;
	*out = p->spare++;
	return CT_OK;
}

static void skip_blanks(struct parser *p)
{
	for (; p->at < p->end && (unsigned char)*p->at <= ' '; p->at++) {
		if (*p->at == '\n')
			p->line++;
		else if (*p->at != ' ' && *p->at != '\t' && *p->at != '\r')
			return;
	}
}

/* Take c if it is what comes next. */
static bool take(struct parser *p, char c)
{
	if (p->at >= p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

/* Four hexadecimal digits; -1 when they are none. */
static int32_t hex4(const char *at, const char *end)
{
	int32_t value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = at[i], lower = (char)(c | 0x20);
		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value << 4 | (lower - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* Surrogates are written like any other: that is what WTF-8 is. */
static char *put_utf8(char *out, int32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	if (c < 0x800) {
		*out++ = (char)(0xC0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*out++ = (char)(0xE0 | c >> 12);
		} else {
			*out++ = (char)(0xF0 | c >> 18);
			*out++ = (char)(0x80 | (c >> 12 & 0x3F));
		}
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
	}
	*out++ = (char)(0x80 | (c & 0x3F));
	return out;
}

/* \uXXXX, and the low half behind it where it is a high one. p->at is on the backslash. */
static int unescape_unicode(struct parser *p, const char *end, char **out)
{
	int32_t c = hex4(p->at + 2, end), low;
	size_t len = 6;

	if (c < 0)
		return fail(p, "\\u wants four hexadecimal digits");
	if (c >= 0xD800 && c < 0xDC00 && end - p->at >= 12 && p->at[6] == '\\' &&
	    p->at[7] == 'u') {
		low = hex4(p->at + 8, end);
		if (low >= 0xDC00 && low < 0xE000) {
			c = 0x10000 + ((c - 0xD800) << 10 | (low - 0xDC00));
			len = 12;
		}
	}
	if (c >= 0xD800 && c < 0xE000 && !(p->flags & CT_JSON_LENIENT))
		return fail(p, "half of a surrogate pair");
	*out = put_utf8(*out, c);
	p->at += len;
	return CT_OK;
}

static int unescape(struct parser *p, const char *end, char **out)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name;

	if (p->at[1] == 'u')
		return unescape_unicode(p, end, out);
	name = memchr(names, p->at[1], sizeof(names) - 1);
	if (name == NULL)
		return fail(p, "no such escape");
	*(*out)++ = values[name - names];
	p->at += 2;
	return CT_OK;
}

/* p->at is where the string begins, end its closing quote. No escape makes it longer. */
static int decode(struct parser *p, const char *end, struct ct_str *out)
{
	char *text = ct_arena_alloc(p->arena, (size_t)(end - p->at) + 1), *to = text;
	int rc = CT_OK;

	if (text == NULL)
		return no_memory(p);
	while (p->at < end && rc == CT_OK) {
		const char *escape = memchr(p->at, '\\', (size_t)(end - p->at));
		size_t n = (size_t)((escape ? escape : end) - p->at);
		memcpy(to, p->at, n);
		to += n;
		p->at += n;
		if (escape != NULL)
			rc = unescape(p, end, &to);
	}
	*out = (struct ct_str){ text, (size_t)(to - text) };
	return rc;
}

/* From the opening quote to behind the closing one. */
static int parse_string(struct parser *p, struct ct_str *out)
{
	const char *from = ++p->at, *at = from;
	unsigned char seen = 0;
	bool escaped = false;

	for (;;) {
		at = ct_json_plain(at, p->end, &seen);
		if (at < p->end && *at == '\\' && p->end - at > 1 && at[1] > 0) {
			escaped = true;
			at += 2;
			continue;
		}
		if (at < p->end && *at == '"')
			break;
		p->at = at;
		if (at >= p->end || p->end - at == 1)
			return fail_ended(p);
		return fail(p,
			    *at == '\\'
				    ? "no such escape"
				    : "a control character in a string wants an escape");
	}
	struct ct_str text = { from, (size_t)(at - from) };
	size_t valid = (seen & 0x80) && !(p->flags & CT_JSON_LENIENT)
			       ? ct_utf8_valid(text)
			       : text.len;
	if (valid < text.len) {
		p->at = from + valid;
		return fail(p, "invalid UTF-8");
	}
	*out = text;
	if (escaped) {
		int rc = decode(p, at, out);
		if (rc != CT_OK)
			return rc;
	}
	p->at = at + 1;
	return CT_OK;
}

static bool skip_digits(struct parser *p)
{
	const char *from = p->at;

	while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
		p->at++;
	return p->at > from;
}

static int parse_number(struct parser *p, struct ct_json *value)
{
	const char *from = p->at;

	value->type = CT_JSON_NUMBER;
	take(p, '-');
	if (!take(p, '0') && !skip_digits(p))
		return p->at < p->end ? fail(p, "a number wants a digit here")
				      : fail_ended(p);
	if (take(p, '.') && !skip_digits(p))
		return p->at < p->end ? fail(p, "a number wants a digit here")
				      : fail_ended(p);
	if (take(p, 'e') || take(p, 'E')) {
		if (!take(p, '+'))
			take(p, '-');
		if (!skip_digits(p))
			return p->at < p->end ? fail(p, "a number wants a digit here")
					      : fail_ended(p);
	}
	value->text = (struct ct_str){ from, (size_t)(p->at - from) };
	return CT_OK;
}

static int parse_word(struct parser *p, struct ct_json *value, const char *word,
		      enum ct_json_type type)
{
	size_t len = strlen(word);

	if ((size_t)(p->end - p->at) < len || memcmp(p->at, word, len) != 0)
		return fail(p, "expected a value");
	value->type = type;
	value->text = (struct ct_str){ p->at, len };
	p->at += len;
	return CT_OK;
}

static int fail_twice(struct parser *p, const struct ct_json *member)
{
	struct ct_str key = member->key;
	bool plain = key.len <= 64;

	for (size_t i = 0; i < key.len; i++)
		plain = plain && (unsigned char)key.ptr[i] >= 0x20;
	/* a key with escapes stands in the arena: then the closing brace must do */
	p->at = key.ptr >= p->start && key.ptr < p->end ? key.ptr : p->at - 1;
	p->line = 1;
	for (const char *c = p->start; c < p->at; c++)
		p->line += *c == '\n';
	if (!plain)
		return fail(p, "a key is there twice");
	return ct_fail(p->err, CT_EPARSE,
		       "line %d, column %zu: the key \"%.*s\" is there twice", p->line,
		       column_of(p, p->at), CT_STR_ARG(key));
}

static int compare_keys(const void *a, const void *b)
{
	struct ct_str x = (*(const struct ct_json *const *)a)->key;
	struct ct_str y = (*(const struct ct_json *const *)b)->key;
	size_t len = x.len < y.len ? x.len : y.len;
	int order = len > 0 ? memcmp(x.ptr, y.ptr, len) : 0;

	if (order != 0)
		return order;
	return x.len < y.len ? -1 : x.len > y.len;
}

/* Sorted, because a hash can be attacked and pairs of a million keys take too long. */
static int refuse_twins_of_many(struct parser *p, const struct ct_json *object,
				size_t count)
{
	const struct ct_json **members = malloc(count * sizeof(*members));
	const struct ct_json *twin = NULL;
	size_t n = 0;

	if (members == NULL)
		return no_memory(p);
	for (const struct ct_json *m = object->first; m != NULL; m = m->next)
		members[n++] = m;
	qsort(members, n, sizeof(*members), compare_keys);
	for (size_t i = 1; i < n && twin == NULL; i++)
		if (ct_str_eq(members[i - 1]->key, members[i]->key))
			twin = members[i];
	free(members);
	return twin != NULL ? fail_twice(p, twin) : CT_OK;
}

static int refuse_twins(struct parser *p, const struct ct_json *object, size_t count)
{
	if (p->flags & CT_JSON_LENIENT)
		return CT_OK;
	if (count > FEW_KEYS)
		return refuse_twins_of_many(p, object, count);
	for (const struct ct_json *m = object->first; m != NULL; m = m->next)
		for (const struct ct_json *n = object->first; n != m; n = n->next)
			if (ct_str_eq(m->key, n->key))
				return fail_twice(p, m);
	return CT_OK;
}

static int parse_member(struct parser *p, struct ct_json *member)
{
	int rc;

	if (p->at >= p->end)
		return fail_ended(p);
	if (*p->at != '"')
		return fail(p, "expected a key in quotes");
	rc = parse_string(p, &member->key);
	if (rc != CT_OK)
		return rc;
	skip_blanks(p);
	if (!take(p, ':'))
		return p->at < p->end ? fail(p, "expected ':'") : fail_ended(p);
	skip_blanks(p);
	return parse_value(p, member);
}

/* Behind the opening bracket: elements or members until close. */
static int parse_inside(struct parser *p, struct ct_json *value, char close,
			size_t *count)
{
	struct ct_json **tail = &value->first, *child = NULL;
	int rc;

	skip_blanks(p);
	if (take(p, close))
		return CT_OK;
	for (;;) {
		rc = new_value(p, &child);
		if (rc == CT_OK)
			rc = close == '}' ? parse_member(p, child)
					  : parse_value(p, child);
		if (rc != CT_OK)
			return rc;
		*tail = child;
		tail = &child->next;
		++*count;
		skip_blanks(p);
		if (take(p, close))
			return CT_OK;
		if (!take(p, ','))
			return p->at < p->end
				       ? fail(p, close == '}' ? "expected ',' or '}'"
							      : "expected ',' or ']'")
				       : fail_ended(p);
		skip_blanks(p);
	}
}

static int parse_container(struct parser *p, struct ct_json *value)
{
	const char *from = p->at++;
	bool object = *from == '{';
	size_t count = 0;

	value->type = object ? CT_JSON_OBJECT : CT_JSON_ARRAY;
	if (++p->depth > CT_JSON_DEPTH)
		return fail(p, "nested too deep");
	int rc = parse_inside(p, value, object ? '}' : ']', &count);
	if (rc != CT_OK)
		return rc;
	p->depth--;
	value->text = (struct ct_str){ from, (size_t)(p->at - from) };
	return object ? refuse_twins(p, value, count) : CT_OK;
}

static int parse_value(struct parser *p, struct ct_json *value)
{
	if (p->at >= p->end)
		return fail_ended(p);
	value->line = p->line;
	switch (*p->at) {
	case '"':
		value->type = CT_JSON_STRING;
		return parse_string(p, &value->text);
	case '{':
	case '[':
		return parse_container(p, value);
	case 't':
		return parse_word(p, value, "true", CT_JSON_TRUE);
	case 'f':
		return parse_word(p, value, "false", CT_JSON_FALSE);
	case 'n':
		return parse_word(p, value, "null", CT_JSON_NULL);
	default:
		if (*p->at == '-' || (*p->at >= '0' && *p->at <= '9'))
			return parse_number(p, value);
		return fail(p, "expected a value");
	}
}

int ct_json_parse(struct ct_arena *arena, struct ct_str text, unsigned flags,
		  const struct ct_json **out, struct ct_err *err)
{
	struct parser p = {
		.start = text.ptr,
		.at = text.ptr,
		.end = text.len > 0 ? text.ptr + text.len : NULL,
		.arena = arena,
		.flags = flags,
		.line = 1,
		.err = err,
	};
	struct ct_json *root = NULL;

	*out = NULL;
	if (text.len == 0)
		return ct_fail(err, CT_EPARSE, "line 1, column 1: the text is empty");
	int rc = new_value(&p, &root);
	if (rc != CT_OK)
		return rc;
	skip_blanks(&p);
	rc = parse_value(&p, root);
	if (rc != CT_OK)
		return rc;
	skip_blanks(&p);
	if (p.at < p.end)
		return fail(&p, "something follows the value");
	*out = root;
	return CT_OK;
}

#include "service/yaml_tree.h"

#include <yaml.h>

struct anchor {
	struct ct_str name;
	const struct ct_yaml *value;
	struct anchor *next;
};

struct loader {
	yaml_parser_t parser;
	struct ct_arena *arena;
	const char *name;
	struct ct_str text;
	struct anchor *anchors;
	size_t nodes;
	struct ct_err *err;
};

/* A node may begin another: these call each other, at most CT_YAML_DEPTH deep. */
static int read_node(struct loader *l, yaml_event_t *event, int depth,
		     const struct ct_yaml **out);

static int line_of(yaml_mark_t mark)
{
	return (int)mark.line + 1;
}

static int out_of_memory(struct loader *l)
{
	return ct_fail(l->err, CT_ENOMEM, "cannot read %s: out of memory", l->name);
}

/* The reader (encoding) knows no lines, only the byte where it stopped. */
static int reader_line(const struct loader *l)
{
	size_t end = l->parser.problem_offset;
	int line = 1;

	for (size_t i = 0; i < end && i < l->text.len; i++)
		line += l->text.ptr[i] == '\n';
	return line;
}

static int parser_error(struct loader *l)
{
	const yaml_parser_t *p = &l->parser;
	int line = p->error == YAML_READER_ERROR ? reader_line(l) : line_of(p->problem_mark);

	if (p->error == YAML_MEMORY_ERROR)
		return out_of_memory(l);
	ct_fail(l->err, CT_ECONFIG, "%s:%d: %s%s%s", l->name, line,
		p->problem != NULL ? p->problem : "not YAML", p->context != NULL ? " " : "",
		p->context != NULL ? p->context : "");
	if (p->problem != NULL && strstr(p->problem, "cannot start any token") != NULL)
		ct_hint(l->err, "YAML is indented with blanks, not with tabs; text that begins "
				"with a special character is quoted");
	return CT_ECONFIG;
}

static int next_event(struct loader *l, yaml_event_t *event)
{
	return yaml_parser_parse(&l->parser, event) ? CT_OK : parser_error(l);
}

static struct ct_str copy(struct loader *l, const yaml_char_t *bytes, size_t len)
{
	return ct_arena_dup(l->arena, (struct ct_str){ (const char *)bytes, len });
}

static bool is_one_of(struct ct_str s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (ct_str_is(s, *words))
			return true;
	return false;
}

static size_t digits(struct ct_str s, size_t at, const char *set)
{
	size_t n = 0;

	while (at + n < s.len && s.ptr[at + n] != '\0' && strchr(set, s.ptr[at + n]) != NULL)
		n++;
	return n;
}

static bool is_int(struct ct_str s)
{
	if (ct_str_starts(s, "0o"))
		return s.len > 2 && digits(s, 2, "01234567") == s.len - 2;
	if (ct_str_starts(s, "0x"))
		return s.len > 2 && digits(s, 2, "0123456789abcdefABCDEF") == s.len - 2;
	size_t sign = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
	return s.len > sign && digits(s, sign, "0123456789") == s.len - sign;
}

static bool is_float(struct ct_str s)
{
	static const char *const words[] = { ".inf",  ".Inf",  ".INF",	"+.inf", "+.Inf",
					     "+.INF", "-.inf", "-.Inf", "-.INF", ".nan",
					     ".NaN",  ".NAN",  NULL };
	size_t at = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
	size_t whole = digits(s, at, "0123456789"), part = 0;

	at += whole;
	if (at < s.len && s.ptr[at] == '.') {
		part = digits(s, at + 1, "0123456789");
		at += 1 + part;
	}
	if (whole + part > 0 && at < s.len && (s.ptr[at] | 32) == 'e') {
		at++;
		at += at < s.len && (s.ptr[at] == '-' || s.ptr[at] == '+');
		size_t power = digits(s, at, "0123456789");
		at = power > 0 ? at + power : s.len + 1;
	}
	return (whole + part > 0 && at == s.len) || is_one_of(s, words);
}

static enum ct_yaml_type plain_type(struct ct_str s)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const bools[] = { "true", "True", "TRUE", "false", "False", "FALSE",
					     NULL };

	if (is_one_of(s, nulls))
		return CT_YAML_NULL;
	if (is_one_of(s, bools))
		return CT_YAML_BOOL;
	if (is_int(s))
		return CT_YAML_INT;
	return is_float(s) ? CT_YAML_FLOAT : CT_YAML_TEXT;
}

static struct ct_yaml *make_node(struct loader *l, const yaml_event_t *event)
{
	if (++l->nodes > CT_YAML_NODES) {
		ct_fail(l->err, CT_ECONFIG, "%s:%d: more than %d values", l->name,
			line_of(event->start_mark), CT_YAML_NODES);
		return NULL;
	}
	struct ct_yaml *node = ct_arena_alloc(l->arena, sizeof(*node));
	if (node == NULL) {
		out_of_memory(l);
		return NULL;
	}
	node->line = line_of(event->start_mark);
	return node;
}

static int read_scalar(struct loader *l, const yaml_event_t *event, struct ct_yaml *node)
{
	node->text = copy(l, event->data.scalar.value, event->data.scalar.length);
	if (node->text.ptr == NULL)
		return out_of_memory(l);
	if (memchr(node->text.ptr, '\0', node->text.len) != NULL)
		return ct_fail(l->err, CT_ECONFIG, "%s:%d: a NUL byte in text", l->name,
			       node->line);
	node->type = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
			     ? plain_type(node->text)
			     : CT_YAML_TEXT;
	return CT_OK;
}

static int add_item(struct loader *l, struct ct_yaml *node, struct ct_yaml_item **last,
		    struct ct_yaml_item **out)
{
	if (node->count >= CT_YAML_ITEMS)
		return ct_fail(l->err, CT_ECONFIG, "%s:%d: more than %d entries", l->name,
			       node->line, CT_YAML_ITEMS);
	struct ct_yaml_item *item = ct_arena_alloc(l->arena, sizeof(*item));
	if (item == NULL)
		return out_of_memory(l);
	node->count++;
	if (*last != NULL)
		(*last)->next = item;
	else
		node->first = item;
	*last = item;
	*out = item;
	return CT_OK;
}

static int read_list(struct loader *l, struct ct_yaml *node, int depth)
{
	struct ct_yaml_item *last = NULL, *item = NULL;

	node->type = CT_YAML_LIST;
	for (;;) {
		yaml_event_t event;
		int rc = next_event(l, &event);
		if (rc != CT_OK)
			return rc;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return CT_OK;
		}
		rc = add_item(l, node, &last, &item);
		if (rc == CT_OK) {
			item->line = line_of(event.start_mark);
			rc = read_node(l, &event, depth + 1, &item->value);
		}
		yaml_event_delete(&event);
		if (rc != CT_OK)
			return rc;
	}
}

static int read_key(struct loader *l, const yaml_event_t *event, struct ct_yaml *node,
		    struct ct_yaml_item **last)
{
	int line = line_of(event->start_mark);
	struct ct_yaml_item *item = NULL;

	if (event->type != YAML_SCALAR_EVENT)
		return ct_fail(l->err, CT_ECONFIG, "%s:%d: a key must be text", l->name, line);
	struct ct_str key = { (const char *)event->data.scalar.value,
			      event->data.scalar.length };
	for (const struct ct_yaml_item *i = node->first; i != NULL; i = i->next)
		if (ct_str_eq(i->key, key))
			return ct_fail(l->err, CT_ECONFIG,
				       "%s:%d: '%.*s' is set twice, first in line %d", l->name,
				       line, CT_STR_ARG(key), i->line);
	if (memchr(key.ptr, '\0', key.len) != NULL)
		return ct_fail(l->err, CT_ECONFIG, "%s:%d: a NUL byte in a key", l->name, line);
	int rc = add_item(l, node, last, &item);
	if (rc != CT_OK)
		return rc;
	item->line = line;
	item->key = ct_arena_dup(l->arena, key);
	return item->key.ptr != NULL ? CT_OK : out_of_memory(l);
}

static int read_value(struct loader *l, int depth, const struct ct_yaml **out)
{
	yaml_event_t event;
	int rc = next_event(l, &event);

	if (rc != CT_OK)
		return rc;
	rc = read_node(l, &event, depth + 1, out);
	yaml_event_delete(&event);
	return rc;
}

static int read_map(struct loader *l, struct ct_yaml *node, int depth)
{
	struct ct_yaml_item *last = NULL;

	node->type = CT_YAML_MAP;
	for (;;) {
		yaml_event_t event;
		int rc = next_event(l, &event);
		if (rc != CT_OK)
			return rc;
		bool end = event.type == YAML_MAPPING_END_EVENT;
		if (!end)
			rc = read_key(l, &event, node, &last);
		yaml_event_delete(&event);
		if (end || rc != CT_OK)
			return rc;
		rc = read_value(l, depth, &last->value);
		if (rc != CT_OK)
			return rc;
	}
}

/* An anchor is known once its value is whole: a value cannot hold itself. */
static int keep_anchor(struct loader *l, const yaml_char_t *name, const struct ct_yaml *value)
{
	if (name == NULL)
		return CT_OK;
	struct anchor *anchor = ct_arena_alloc(l->arena, sizeof(*anchor));
	if (anchor == NULL)
		return out_of_memory(l);
	anchor->name = copy(l, name, strlen((const char *)name));
	if (anchor->name.ptr == NULL)
		return out_of_memory(l);
	anchor->value = value;
	anchor->next = l->anchors;
	l->anchors = anchor;
	return CT_OK;
}

static int read_alias(struct loader *l, const yaml_event_t *event, const struct ct_yaml **out)
{
	const char *name = (const char *)event->data.alias.anchor;

	for (const struct anchor *a = l->anchors; a != NULL; a = a->next) {
		if (!ct_str_is(a->name, name))
			continue;
		*out = a->value;
		return CT_OK;
	}
	return ct_fail(l->err, CT_ECONFIG, "%s:%d: no anchor '%s' before this", l->name,
		       line_of(event->start_mark), name);
}

static const yaml_char_t *event_tag(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return event->data.scalar.tag;
	return event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.tag
						       : event->data.sequence_start.tag;
}

static const yaml_char_t *event_anchor(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return event->data.scalar.anchor;
	return event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.anchor
						       : event->data.sequence_start.anchor;
}

static int read_node(struct loader *l, yaml_event_t *event, int depth,
		     const struct ct_yaml **out)
{
	if (event->type == YAML_ALIAS_EVENT)
		return read_alias(l, event, out);
	if (depth > CT_YAML_DEPTH)
		return ct_fail(l->err, CT_ECONFIG, "%s:%d: nested deeper than %d", l->name,
			       line_of(event->start_mark), CT_YAML_DEPTH);
	if (event_tag(event) != NULL)
		return ct_fail(l->err, CT_ECONFIG, "%s:%d: tags are not understood here (%s)",
			       l->name, line_of(event->start_mark),
			       (const char *)event_tag(event));
	struct ct_yaml *node = make_node(l, event);
	if (node == NULL)
		return l->nodes > CT_YAML_NODES ? CT_ECONFIG : CT_ENOMEM;
	int rc;
	if (event->type == YAML_SCALAR_EVENT)
		rc = read_scalar(l, event, node);
	else if (event->type == YAML_MAPPING_START_EVENT)
		rc = read_map(l, node, depth);
	else
		rc = read_list(l, node, depth);
	if (rc != CT_OK)
		return rc;
	*out = node;
	return keep_anchor(l, event_anchor(event), node);
}

static int read_stream(struct loader *l, const struct ct_yaml **out)
{
	static const struct ct_yaml nothing = { .type = CT_YAML_NULL, .line = 1 };
	bool seen = false;

	*out = &nothing;
	for (;;) {
		yaml_event_t event;
		int rc = next_event(l, &event);
		if (rc != CT_OK)
			return rc;
		bool end = event.type == YAML_STREAM_END_EVENT;
		if (event.type == YAML_DOCUMENT_START_EVENT && seen)
			rc = ct_fail(l->err, CT_ECONFIG, "%s:%d: a second document", l->name,
				     line_of(event.start_mark));
		else if (event.type == YAML_DOCUMENT_START_EVENT) {
			rc = read_value(l, 0, out);
			seen = true;
		}
		yaml_event_delete(&event);
		if (end || rc != CT_OK)
			return rc;
	}
}

int ct_yaml_parse(struct ct_arena *arena, const char *name, struct ct_str text,
		  const struct ct_yaml **out, struct ct_err *err)
{
	struct loader l = { .arena = arena, .name = name, .text = text, .err = err };

	if (text.len > CT_YAML_BYTES)
		return ct_fail(err, CT_ECONFIG, "%s:1: longer than %d bytes", name,
			       CT_YAML_BYTES);
	if (!yaml_parser_initialize(&l.parser))
		return out_of_memory(&l);
	yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&l.parser, (const unsigned char *)text.ptr, text.len);
	int rc = read_stream(&l, out);
	yaml_parser_delete(&l.parser);
	return rc;
}

const char *ct_yaml_type_name(enum ct_yaml_type type)
{
	static const char *const names[] = { "nothing", "true or false", "a whole number",
					     "a number", "text",	  "a list",
					     "a map" };

	return names[type];
}

/*
 * YAML as a tree in an arena, each value with its line: what libyaml's events say,
 * under ceilings. One document, no tags; anchors are resolved, so a value
 * may be reached twice and the tree is not to be changed. A key stands once in a map.
 */
#ifndef CT_SERVICE_YAML_TREE_H
#define CT_SERVICE_YAML_TREE_H

#include "base/arena.h"
#include "base/buf.h"

enum {
	CT_YAML_BYTES = 1 << 20,
	CT_YAML_DEPTH = 32,
	CT_YAML_NODES = 20000, /* values in a document */
	CT_YAML_ITEMS = 1000, /* in one map or list */
};

/* Scalars by the core schema: https://yaml.org/spec/1.2.2/#103-core-schema */
enum ct_yaml_type {
	CT_YAML_NULL,
	CT_YAML_BOOL,
	CT_YAML_INT,
	CT_YAML_FLOAT,
	CT_YAML_TEXT,
	CT_YAML_LIST,
	CT_YAML_MAP,
};

struct ct_yaml {
	enum ct_yaml_type type;
	int line;
	struct ct_str text; /* of a scalar, as written */
	struct ct_yaml_item *first; /* LIST, MAP */
	size_t count;
};

struct ct_yaml_item {
	struct ct_str key; /* MAP */
	int line; /* of the key, or of the element */
	const struct ct_yaml *value;
	struct ct_yaml_item *next;
};

/*
 * name is for messages. An empty document is CT_YAML_NULL. CT_ECONFIG with "NAME:LINE: what",
 * CT_ENOMEM. *out is owned by the arena.
 */
int ct_yaml_parse(struct ct_arena *arena, const char *name, struct ct_str text,
		  const struct ct_yaml **out, struct ct_err *err);

/* "text", "a whole number", "a map": for messages. Static. */
const char *ct_yaml_type_name(enum ct_yaml_type type);

/*
 * The value as JSON text, into out. CT_ECONFIG with "NAME:LINE: what" for what JSON cannot say
 * (.inf, .nan) or what is too long for out.
 */
int ct_yaml_json(const struct ct_yaml *value, const char *name, struct ct_buf *out,
		 struct ct_err *err);

#endif

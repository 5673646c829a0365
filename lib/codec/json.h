/*
 * JSON, strictly RFC 8259: https://www.rfc-editor.org/rfc/rfc8259
 *
 * The reader builds a tree in an arena. Numbers keep their text. Depth and size
 * are limited, errors say line and column. Escape-free strings are views of the
 * input text: the tree lives as long as the arena and the text.
 */
#ifndef CT_CODEC_JSON_H
#define CT_CODEC_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum ct_json_type {
	CT_JSON_NULL,
	CT_JSON_FALSE,
	CT_JSON_TRUE,
	CT_JSON_NUMBER,
	CT_JSON_STRING,
	CT_JSON_ARRAY,
	CT_JSON_OBJECT,
};

struct ct_json {
	enum ct_json_type type;
	int line; /* where it begins, from 1 */
	struct ct_str key; /* of a member of an object */
	struct ct_str text; /* STRING: its value; any other: its source text */
	struct ct_json *first; /* ARRAY, OBJECT: its elements or members, in order */
	struct ct_json *next; /* the following element or member */
};

enum ct_json_flags {
	/*
	 * From a user: invalid UTF-8, lone surrogates and duplicate keys are errors.
	 */
	CT_JSON_STRICT = 0,
	/*
	 * From a provider: strings may hold invalid UTF-8 (kept as it is) and lone
	 * surrogates (kept as their three-byte form, WTF-8), so that halves in two
	 * events can be joined by codec/utf8; of duplicate keys the last counts.
	 * Whoever shows such a string cleans it first; the writer below always does.
	 */
	CT_JSON_LENIENT = 1,
};

enum {
	CT_JSON_DEPTH = 128, /* arrays and objects within each other */
	CT_JSON_VALUES = 4 << 20, /* in one text; each takes 56 bytes of the arena */
};

/*
 * Parse one document (blanks around it allowed, nothing else). CT_EPARSE with
 * "line L, column C: what", CT_ENOMEM. *out is owned by the arena.
 */
int ct_json_parse(struct ct_arena *arena, struct ct_str text, unsigned flags,
		  const struct ct_json **out, struct ct_err *err);

/* All accessors take NULL and values of another type, and answer with nothing. */

/* The member of that name (the last one of duplicates); NULL where there is none. */
const struct ct_json *ct_json_member(const struct ct_json *object, struct ct_str key);
static inline const struct ct_json *ct_json_get(const struct ct_json *object, const char *key)
{
	return ct_json_member(object, ct_str(key)); /* of most the compiler knows the length */
}
/* Down a path of names and, for arrays, indices: "error.details.0.reason". */
const struct ct_json *ct_json_at(const struct ct_json *value, const char *path);
/* First element or member; NULL where there is none. Then ->next. */
static inline const struct ct_json *ct_json_first(const struct ct_json *value)
{
	return value != NULL ? value->first : NULL;
}
static inline bool ct_json_is(const struct ct_json *value, enum ct_json_type type)
{
	return value != NULL && value->type == type;
}
/* The value of a string; {NULL, 0} for anything else. */
static inline struct ct_str ct_json_str(const struct ct_json *value)
{
	return ct_json_is(value, CT_JSON_STRING) ? value->text : (struct ct_str){ NULL, 0 };
}
/* The same for the member at a path. */
struct ct_str ct_json_str_at(const struct ct_json *value, const char *path);
/* A number without fraction that fits (1.0 and 1e3 do); fallback for anything else. */
int64_t ct_json_int(const struct ct_json *value, int64_t fallback);
int64_t ct_json_int_at(const struct ct_json *value, const char *path, int64_t fallback);
/* Any finite number of fewer than 1,024 characters; fallback for anything else. */
double ct_json_num(const struct ct_json *value, double fallback);
/* true only for true. */
bool ct_json_true(const struct ct_json *value);

/*
 * The writer: a text, piece by piece, into a buffer. Commas, colons and escapes
 * are its business; what the caller must do is nest properly (asserted).
 * Strings are cleaned: invalid UTF-8 and lone surrogates become U+FFFD.
 * Check the buffer (ct_buf_check) at the end.
 */
enum { CT_JW_WATCHED = 256 }; /* levels whose nesting is asserted */

struct ct_jw {
	struct ct_buf *out;
	int indent; /* spaces per level; 0: all on one line */
	int depth;
	bool comma; /* something stands before, on this level */
	bool after_key;
	unsigned char objects[CT_JW_WATCHED / 8]; /* a bit for each open level that is an object */
};

static inline struct ct_jw ct_jw(struct ct_buf *out)
{
	return (struct ct_jw){ .out = out };
}

void ct_jw_object(struct ct_jw *jw); /* { */
void ct_jw_end_object(struct ct_jw *jw); /* } */
void ct_jw_array(struct ct_jw *jw); /* [ */
void ct_jw_end_array(struct ct_jw *jw); /* ] */
void ct_jw_key(struct ct_jw *jw, const char *key);
void ct_jw_key_str(struct ct_jw *jw, struct ct_str key);
void ct_jw_str(struct ct_jw *jw, struct ct_str value); /* {NULL, 0} is written as "" */
/* A string: prefix (plain ASCII), then bytes in base64. */
void ct_jw_base64(struct ct_jw *jw, const char *prefix, struct ct_str bytes);
void ct_jw_int(struct ct_jw *jw, int64_t value);
void ct_jw_num(struct ct_jw *jw, double value); /* shortest text that reads back; null if not finite */
void ct_jw_bool(struct ct_jw *jw, bool value);
void ct_jw_null(struct ct_jw *jw);
/* A JSON text as it is. It must be valid. */
void ct_jw_raw(struct ct_jw *jw, struct ct_str json);
/* A tree again. */
void ct_jw_value(struct ct_jw *jw, const struct ct_json *value);

/* key and value in one; _or_null writes null for {NULL, 0}. */
void ct_jw_member(struct ct_jw *jw, const char *key, struct ct_str value);
void ct_jw_member_or_null(struct ct_jw *jw, const char *key, struct ct_str value);
void ct_jw_member_int(struct ct_jw *jw, const char *key, int64_t value);
void ct_jw_member_bool(struct ct_jw *jw, const char *key, bool value);

#endif

/*
 * A borrowed run of bytes: never owned, not always NUL-terminated.
 * {NULL, 0} stands for "absent" where the comment beside a member says so.
 */
#ifndef CT_BASE_STR_H
#define CT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct ct_str {
	const char *ptr;
	size_t len;
};

/* For printf: printf("%.*s", CT_STR_ARG(s)). */
#define CT_STR_ARG(s) (int)(s).len, ((s).ptr != NULL ? (s).ptr : "")
/* A literal, also in static initialisers. */
#define CT_STR(literal) { (literal), sizeof(literal) - 1 }

/* A view of cstr up to its NUL; {NULL, 0} for NULL. */
static inline struct ct_str ct_str(const char *cstr)
{
	return (struct ct_str){ cstr, cstr != NULL ? strlen(cstr) : 0 };
}

static inline bool ct_str_is(struct ct_str s, const char *cstr)
{
	return s.len == strlen(cstr) && (s.len == 0 || memcmp(s.ptr, cstr, s.len) == 0);
}

static inline bool ct_str_eq(struct ct_str a, struct ct_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ASCII letters compare alike in either case. */
static inline bool ct_str_is_nocase(struct ct_str s, const char *cstr)
{
	return s.len == strlen(cstr) && (s.len == 0 || strncasecmp(s.ptr, cstr, s.len) == 0);
}

static inline bool ct_str_starts(struct ct_str s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && memcmp(s.ptr, prefix, len) == 0;
}

static inline bool ct_str_has(struct ct_str s, const char *part)
{
	return s.ptr != NULL && memmem(s.ptr, s.len, part, strlen(part)) != NULL;
}

/* The rest of s from byte `from` on; empty past its end. */
static inline struct ct_str ct_str_from(struct ct_str s, size_t from)
{
	return from < s.len ? (struct ct_str){ s.ptr + from, s.len - from }
			    : (struct ct_str){ s.ptr, 0 };
}

/* s without the blanks, tabs and line ends around it. */
struct ct_str ct_str_trim(struct ct_str s);

/* A whole decimal number, sign allowed, nothing around it; false when it is none or overflows. */
bool ct_str_int(struct ct_str s, int64_t *out);

/* A whole finite decimal number ("0.7", "-1e3"); false when it is none. */
bool ct_str_num(struct ct_str s, double *out);

/*
 * Edits (insert, delete, change, swap neighbours) that turn a into b: for "did you mean".
 * Only the first 63 bytes count.
 */
unsigned ct_str_distance(struct ct_str a, struct ct_str b);

#endif

/*
 * A growing byte buffer with a ceiling.
 *
 * ptr is never NULL and is always NUL-terminated. A failed append sticks: later
 * appends do nothing, so a run of them needs one look at ct_buf_check().
 */
#ifndef CT_BASE_BUF_H
#define CT_BASE_BUF_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct ct_buf {
	char *ptr;
	size_t len;
	size_t cap; /* 0 while ptr is the shared empty string */
	size_t max; /* most bytes it may hold, NUL not counted */
	int failed; /* first failure, an enum ct_code */
};

extern char ct_buf_empty[1];
#define CT_BUF_INIT(limit) \
	{ \
		.ptr = ct_buf_empty, .max = (limit) \
	}

void ct_buf_append(struct ct_buf *buf, const char *bytes, size_t len);
/* One byte; inline, since what writes JSON writes so many single ones. */
static inline void ct_buf_put(struct ct_buf *buf, char c)
{
	if (buf->failed || buf->len >= buf->max || buf->cap - buf->len < 2) {
		ct_buf_append(buf, &c, 1);
		return;
	}
	buf->ptr[buf->len++] = c;
	buf->ptr[buf->len] = '\0';
}
static inline void ct_buf_puts(struct ct_buf *buf, const char *text)
{
	ct_buf_append(buf, text, strlen(text)); /* known to the compiler for literals, which most are */
}
void ct_buf_add(struct ct_buf *buf, struct ct_str s);
void ct_buf_printf(struct ct_buf *buf, const char *fmt, ...) CT_PRINTF(2, 3);

/* Have room for so many bytes more, to append them without another look for memory. */
void ct_buf_reserve(struct ct_buf *buf, size_t len);

/* Drop the first n bytes (at most all of them). */
void ct_buf_drop(struct ct_buf *buf, size_t n);

/* Empty it and forget any failure; the memory is kept for reuse. */
void ct_buf_clear(struct ct_buf *buf);

/* Release the memory. The buffer is left as CT_BUF_INIT made it. */
void ct_buf_fini(struct ct_buf *buf);

/* CT_OK, or the first failure, described with what (e.g. "event data"). */
int ct_buf_check(const struct ct_buf *buf, const char *what, struct ct_err *err);

/* The contents, valid until the next append, clear or fini. */
static inline struct ct_str ct_buf_str(const struct ct_buf *buf)
{
	return (struct ct_str){ buf->ptr, buf->len };
}

#endif

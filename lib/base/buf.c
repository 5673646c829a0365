#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char ct_buf_empty[1];

static int grow(struct ct_buf *buf, size_t extra)
{
	if (buf->len > buf->max || extra > buf->max - buf->len)
		return CT_ETOOBIG;

	size_t need = buf->len + extra + 1;
	if (need <= buf->cap)
		return CT_OK;

	size_t cap = buf->cap < 64 ? 64 : buf->cap + buf->cap / 2;
	if (cap < need)
		cap = need;

	char *ptr = realloc(buf->cap ? buf->ptr : NULL, cap);
	if (ptr == NULL)
		return CT_ENOMEM;
	buf->ptr = ptr;
	buf->cap = cap;
	return CT_OK;
}

void ct_buf_append(struct ct_buf *buf, const char *bytes, size_t len)
{
	if (buf->failed || len == 0)
		return;

	buf->failed = grow(buf, len);
	if (buf->failed)
		return;

	memcpy(buf->ptr + buf->len, bytes, len);
	buf->len += len;
	buf->ptr[buf->len] = '\0';
}

void ct_buf_reserve(struct ct_buf *buf, size_t len)
{
	if (!buf->failed)
		buf->failed = grow(buf, len);
}

void ct_buf_add(struct ct_buf *buf, struct ct_str s)
{
	ct_buf_append(buf, s.ptr, s.len);
}

void ct_buf_printf(struct ct_buf *buf, const char *fmt, ...)
{
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);
	if (!buf->failed && len > 0)
		buf->failed = grow(buf, (size_t)len);
	if (!buf->failed && len > 0) {
		vsnprintf(buf->ptr + buf->len, (size_t)len + 1, fmt, again);
		buf->len += (size_t)len;
	}
	va_end(again);
	va_end(args);
}

void ct_buf_drop(struct ct_buf *buf, size_t n)
{
	if (n > buf->len)
		n = buf->len;
	if (n == 0)
		return;
	memmove(buf->ptr, buf->ptr + n, buf->len - n);
	buf->len -= n;
	buf->ptr[buf->len] = '\0';
}

void ct_buf_clear(struct ct_buf *buf)
{
	buf->len = 0;
	buf->failed = CT_OK;
	if (buf->cap)
		buf->ptr[0] = '\0';
}

void ct_buf_fini(struct ct_buf *buf)
{
	if (buf->cap)
		free(buf->ptr);
	*buf = (struct ct_buf)CT_BUF_INIT(buf->max);
}

int ct_buf_check(const struct ct_buf *buf, const char *what, struct ct_err *err)
{
	if (buf->failed == CT_ETOOBIG)
		return ct_fail(err, CT_ETOOBIG, "%s is over %zu bytes", what, buf->max);
	if (buf->failed)
		return ct_fail(err, buf->failed, "no memory for %s", what);
	return CT_OK;
}

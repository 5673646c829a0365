#include <ctype.h>

#include "net/transfer.h"

enum { MOST_HEADER_BYTES = 256 << 10 };

/* "HTTP/1.1 200 OK", "HTTP/2 200 ": 0 when there is no status where it should be. */
static int read_status(struct ct_str line)
{
	const char *blank = line.len > 0 ? memchr(line.ptr, ' ', line.len) : NULL;
	struct ct_str rest;

	if (blank == NULL || !ct_str_starts(line, "HTTP/"))
		return 0;
	rest = ct_str_from(line, (size_t)(blank - line.ptr) + 1);
	if (rest.len < 3 || !isdigit((unsigned char)rest.ptr[0]) ||
	    !isdigit((unsigned char)rest.ptr[1]) || !isdigit((unsigned char)rest.ptr[2]))
		return 0;
	return (rest.ptr[0] - '0') * 100 + (rest.ptr[1] - '0') * 10 + rest.ptr[2] - '0';
}

/* The next line of text without its end; text moves behind it. */
static struct ct_str take_line(struct ct_str *text)
{
	const char *end = memchr(text->ptr, '\n', text->len);
	size_t len = end ? (size_t)(end - text->ptr) + 1 : text->len;
	struct ct_str line = { text->ptr, len };

	*text = ct_str_from(*text, len);
	while (line.len > 0 && strchr("\r\n", line.ptr[line.len - 1]) != NULL)
		line.len--;
	return line;
}

/* A line that begins with a blank goes on the one before (RFC 9112 §5.2): join them in place. */
static void unfold(struct ct_buf *lines)
{
	for (size_t i = 0; i + 1 < lines->len; i++) {
		char next = lines->ptr[i + 1];
		if (lines->ptr[i] != '\n' || (next != ' ' && next != '\t'))
			continue;
		lines->ptr[i] = ' ';
		if (i > 0 && lines->ptr[i - 1] == '\r')
			lines->ptr[i - 1] = ' ';
	}
}

static void add_line(struct ct_headers *head, struct ct_str line)
{
	const char *colon = line.len > 0 ? memchr(line.ptr, ':', line.len) : NULL;
	struct ct_str name;

	if (colon == NULL)
		return;
	name = (struct ct_str){ line.ptr, (size_t)(colon - line.ptr) };
	ct_headers_add(head, ct_str_trim(name),
		       ct_str_trim(ct_str_from(line, name.len + 1)));
}

static int end_head(struct ct_http_transfer *t)
{
	struct ct_str text;
	int status;

	unfold(&t->lines);
	text = ct_buf_str(&t->lines);
	status = read_status(take_line(&text));
	if (status == 0)
		return ct_fail(&t->err, CT_EPROTO, "%.*s does not answer in HTTP",
			       CT_STR_ARG(t->url.host));
	if (status == 101)
		return ct_fail(&t->err, CT_EPROTO, "%.*s changed the protocol unasked",
			       CT_STR_ARG(t->url.host));
	if (status >= 200) {
		while (text.len > 0)
			add_line(&t->head, take_line(&text));
		t->status = status;
		t->head_done = true;
		ct_buf_fini(&t->lines);
	}
	ct_buf_clear(&t->lines);
	return CT_OK;
}

static int add_bytes(struct ct_http_transfer *t, struct ct_str line)
{
	t->header_bytes += line.len;
	if (t->header_bytes > MOST_HEADER_BYTES)
		return ct_fail(&t->err, CT_EPROTO,
			       "%.*s: headers over the limit of %d KiB",
			       CT_STR_ARG(t->url.host), MOST_HEADER_BYTES >> 10);
	if (t->head_done)
		return CT_OK; /* trailers */
	ct_buf_add(&t->lines, line);
	return ct_buf_check(&t->lines, "response headers", &t->err);
}

static void take_header(struct ct_http_transfer *t, struct ct_str line)
{
	bool blank = line.ptr[0] == '\n' || line.ptr[0] == '\r';

	t->failed = add_bytes(t, line);
	if (t->failed != CT_OK || !blank || t->head_done)
		return;
	t->failed = end_head(t);
	if (t->head_done)
		t->handler.on_head(t->user, t->status, &t->head);
}

/*
 * One line, says curl's manual; but what came while the transfer was paused comes at once.
 */
size_t ct_transfer_on_header(char *bytes, size_t size, size_t count, void *user)
{
	struct ct_http_transfer *t = user;
	struct ct_str rest = { bytes, size * count };

	while (rest.len > 0 && !t->cancelled && !t->failed) {
		const char *end = memchr(rest.ptr, '\n', rest.len);
		size_t len = end != NULL ? (size_t)(end - rest.ptr) + 1 : rest.len;

		take_header(t, (struct ct_str){ rest.ptr, len });
		rest = ct_str_from(rest, len);
	}
	return t->failed || t->cancelled ? 0 : size * count;
}

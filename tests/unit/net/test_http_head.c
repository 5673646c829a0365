/* The head of an answer as curl calls back with it. */
#include <criterion/criterion.h>

#include "leaks.h"
#include "net/transfer.h"

TestSuite(http_head, .fini = check_leaks, .timeout = 60);

struct heads {
	int count, status;
	size_t fields;
	char x[32];
};

static void on_head(void *user, int status, const struct ct_headers *headers)
{
	struct heads *heads = user;
	struct ct_str x = ct_headers_get(headers, "x");

	heads->count++;
	heads->status = status;
	heads->fields = headers->count;
	memcpy(heads->x, x.ptr, x.len);
}

static struct ct_http_transfer begin(struct heads *heads)
{
	return (struct ct_http_transfer){ .handler.on_head = on_head,
					  .user = heads,
					  .url.host = ct_str("host"),
					  .lines = CT_BUF_INIT(512 << 10) };
}

/* Calls that have `each` lines; 0: all in one. */
static void feed(struct ct_http_transfer *t, const char *text, size_t each)
{
	while (*text != '\0') {
		const char *end = text;

		for (size_t i = 0; i < each && *end != '\0'; i++)
			end = strchr(end, '\n') + 1;
		if (each == 0)
			end = text + strlen(text);
		char *copy = strndup(text, (size_t)(end - text));
		cr_assert_eq(ct_transfer_on_header(copy, 1, strlen(copy), t), strlen(copy));
		free(copy);
		text = end;
	}
}

Test(http_head, is_the_same_in_one_line_a_call_and_in_several)
{
	static const char text[] = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
				   "HTTP/1.1 200 OK\r\nX: 1\r\nY: 2\r\n\r\n";

	for (size_t each = 0; each < 5; each++) {
		struct heads heads = { 0 };
		struct ct_http_transfer t = begin(&heads);

		t.head.arena = &t.arena;
		feed(&t, text, each);
		cr_assert_eq(heads.count, 1, "%zu lines", each);
		cr_assert_eq(heads.status, 200, "%zu lines", each);
		cr_assert_eq(heads.fields, 2u, "%zu lines", each);
		cr_assert_str_eq(heads.x, "1", "%zu lines", each);
		ct_buf_fini(&t.lines);
		ct_arena_fini(&t.arena);
	}
}

Test(http_head, ends_where_a_line_cancels_or_is_too_long)
{
	struct heads heads = { 0 };
	struct ct_http_transfer t = begin(&heads);
	char bytes[] = "HTTP/1.1 200 OK\r\n\r\n";

	t.head.arena = &t.arena;
	t.header_bytes = 1 << 30;
	cr_assert_eq(ct_transfer_on_header(bytes, 1, sizeof(bytes) - 1, &t), 0u);
	cr_assert_eq(t.failed, CT_EPROTO);
	cr_assert_eq(heads.count, 0);
	t = begin(&heads);
	t.cancelled = true;
	cr_assert_eq(ct_transfer_on_header(bytes, 1, sizeof(bytes) - 1, &t), 0u);
	cr_assert_eq(heads.count, 0);
	ct_buf_fini(&t.lines);
	ct_arena_fini(&t.arena);
}

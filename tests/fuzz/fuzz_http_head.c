/* Any lines as the head of an answer: one head at most, its fields within what came. */
#include <stdint.h>
#include <stdlib.h>

#include "net/transfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void on_head(void *user, int status, const struct ct_headers *headers)
{
	int *heads = user;

	need(++*heads == 1 && status >= 200 && status <= 999);
	for (size_t i = 0; i < headers->count; i++) {
		need(memchr(headers->names[i].ptr, ':', headers->names[i].len) == NULL);
		need(memchr(headers->values[i].ptr, '\n', headers->values[i].len) ==
		     NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int heads = 0;
	struct ct_http_transfer t = { .handler.on_head = on_head, .user = &heads };
	char *bytes = malloc(size + 1);
	size_t at = 0;

	need(bytes != NULL);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)data[i];
	t.lines = (struct ct_buf)CT_BUF_INIT(512 << 10);
	t.head.arena = &t.arena;
	t.url.host = ct_str("host");
	while (at < size) {
		const char *end = memchr(bytes + at, '\n', size - at);
		size_t len = end != NULL ? (size_t)(end - bytes) - at + 1 : size - at;
		if (size % 2 != 0) /* all at once, as after a pause */
			len = size;
		if (ct_transfer_on_header(bytes + at, 1, len, &t) != len)
			break;
		at += len;
	}
	need(at == size || t.failed != CT_OK);
	ct_buf_fini(&t.lines);
	ct_arena_fini(&t.arena);
	free(bytes);
	return 0;
}

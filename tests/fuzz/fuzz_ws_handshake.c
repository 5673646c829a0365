/*
 * Any bytes as the answer to a WebSocket handshake: read the same whether they come at once or
 * one by one, and nothing beyond them; any of its fields as a request's.
 */
#include <stdint.h>
#include <stdlib.h>

#include "net/ws_handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void look_at_request(const struct ct_headers *headers)
{
	struct ct_server_request request = { .method = CT_STR("GET"), .headers = headers };
	struct ct_err err = { 0 };
	struct ct_str key;
	int rc = ct_ws_request_check(&request, &key, &err);

	need(rc == CT_OK || err.status == 400 || err.status == 426);
	need(rc != CT_OK || key.len == CT_WS_KEY_SIZE - 1);
}

static void look_at_body(const struct ct_ws_answer *answer, struct ct_str bytes)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf body = CT_BUF_INIT(CT_WS_BODY_MAX);

	ct_ws_answer_body(answer, ct_str_from(bytes, answer->head_bytes), &body);
	need(body.len <= bytes.len && body.len <= CT_WS_BODY_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size + 1);
	struct ct_arena arena = { 0 };
	struct ct_ws_answer answer;
	int code, at_once;
	bool whole;

	need(bytes != NULL);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)data[i];
	whole = ct_ws_answer_read((struct ct_str){ bytes, size }, &arena, &answer, &at_once, NULL);
	if (whole) {
		need(answer.status >= 101 && answer.status <= 999 && answer.head_bytes <= size);
		ct_ws_answer_check(&answer, "dGhlIHNhbXBsZSBub25jZQ==", NULL);
		look_at_request(answer.headers);
		look_at_body(&answer, (struct ct_str){ bytes, size });
	}
	/* the head is known when its last byte is there, not before */
	if (whole && answer.head_bytes > 0 && size < 4096) {
		struct ct_ws_answer early;
		need(!ct_ws_answer_read((struct ct_str){ bytes, answer.head_bytes - 1 }, &arena,
					&early, &code, NULL) && code == CT_OK);
	}
	ct_arena_fini(&arena);
	free(bytes);
	return 0;
}

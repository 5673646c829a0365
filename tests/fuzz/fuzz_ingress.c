/*
 * Any bytes as a request of any protocol: it is read or refused. What was read is answered, and the
 * answer is JSON. The first byte picks the protocol.
 */
#include <stdint.h>
#include <stdlib.h>

#include "ingress/ingress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_json(struct ct_buf *out, struct ct_arena *arena)
{
	const struct ct_json *value;

	if (out->failed ||
	    ct_json_parse(arena, ct_buf_str(out), CT_JSON_STRICT, &value, NULL))
		abort();
	ct_buf_clear(out);
}

static void answer(const struct ct_ingress *ingress,
		   const struct ct_ingress_request *request, struct ct_arena *arena)
{
	struct ct_buf out = CT_BUF_INIT(16 << 20);
	struct ct_ingress_answer answer;
	struct ct_tool_call call = { .id = ct_str("1"),
				     .name = request->tool_name,
				     .arguments = request->json_schema };
	struct ct_event event = { .type = CT_EVENT_TOOL_CALL, .call = call };

	ct_ingress_answer_init(&answer, ct_str("1"), request->request.model, 16 << 20);
	ingress->whole(&answer, request->request.messages[0].text, &call,
		       request->tool_count > 0, CT_FINISH_STOP, &out);
	must_be_json(&out, arena);
	ingress->error(429, CT_ERATE, request->request.model, 1, false, &out);
	must_be_json(&out, arena);
	ingress->event(&answer, &event, &out);
	ingress->event(&answer, &(struct ct_event){ .type = CT_EVENT_FINISH }, &out);
	ct_ingress_answer_fini(&answer);
	ct_buf_fini(&out);
}

static void answer_search(const struct ct_ingress *ingress,
			  const struct ct_ingress_request *request, struct ct_arena *arena)
{
	const struct ct_search *s = request->request.search;
	struct ct_buf out = CT_BUF_INIT(16 << 20);
	struct ct_found found = { .title = s->query, .url = s->depth, .text = s->topic };
	struct ct_ingress_found all = { s, &found, 1, s->query };
	struct ct_ingress_answer answer;

	ct_ingress_answer_init(&answer, ct_str("1"), ct_str("m"), 1 << 20);
	ingress->found(&answer, &all, &out);
	must_be_json(&out, arena);
	ingress->error(400, CT_EINVALID, s->query, 0, false, &out);
	must_be_json(&out, arena);
	ct_ingress_answer_fini(&answer);
	ct_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "/v1/messages", "/v1/chat/completions",
					     "/v1/responses",
					     "/v1beta/models/m:streamGenerateContent",
					     "/search", "/extract" };
	struct ct_arena arena = { 0 };
	struct ct_headers *headers = ct_arena_alloc(&arena, sizeof(*headers));
	struct ct_ingress_request request;
	struct ct_err err;

	if (size == 0 || headers == NULL)
		goto out;
	headers->arena = &arena;
	ct_headers_add(headers, ct_str("anthropic-version"), ct_str("2023-06-01"));
	/* the first four came first: their corpus stays theirs */
	unsigned kind = data[0] < 0xF0 ? data[0] % 4 : 4 + data[0] % 2;
	struct ct_str path = ct_str(paths[kind]), provider;
	const struct ct_ingress *ingress = ct_ingress_find(ct_str("POST"), &path, &provider);
	struct ct_str body = { (const char *)data + 1, size - 1 };
	if (ingress->read(ct_str(paths[kind]), headers, body, &arena, &request, &err) != CT_OK)
		goto out;
	if (kind < 4)
		answer(ingress, &request, &arena);
	else
		answer_search(ingress, &request, &arena);
out:
	ct_arena_fini(&arena);
	return 0;
}

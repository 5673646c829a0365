/*
 * Any bytes as an answer in any dialect: no crash, no leak, the same events whatever the pieces,
 * and after a finish nothing more. The first byte chooses dialect and size of the pieces.
 */
#include <stdint.h>
#include <stdlib.h>

#include "codec/utf8.h"
#include "provider/decoder.h"
#include "provider/vendors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct ct_buf text;
	int finishes;
};

static void insist(bool holds)
{
	if (!holds)
		abort();
}

static void show_found(struct seen *s, const struct ct_found *found)
{
	const struct ct_str parts[] = { found->title, found->url, found->text, found->error };

	for (size_t i = 0; i < CT_COUNT(parts); i++) {
		insist(ct_utf8_valid(parts[i]) == parts[i].len);
		insist(parts[i].ptr == NULL || memchr(parts[i].ptr, 0x1B, parts[i].len) == NULL);
		ct_buf_add(&s->text, parts[i]);
	}
}

static int record(void *user, const struct ct_event *e, struct ct_err *err)
{
	struct seen *s = user;

	(void)err;
	insist(ct_utf8_valid(e->text) == e->text.len);
	insist(ct_utf8_valid(e->call.arguments) == e->call.arguments.len);
	insist(ct_utf8_valid(e->raw) == e->raw.len);
	insist(s->finishes == 0 || e->type == CT_EVENT_USAGE);
	s->finishes += e->type == CT_EVENT_FINISH;
	if (e->type == CT_EVENT_USAGE)
		insist(e->usage.input >= 0 && e->usage.output >= 0 &&
		       e->usage.cached >= 0);
	/* pieces of one text may be cut differently, so only the joined text is kept */
	if (e->type != CT_EVENT_TEXT && e->type != CT_EVENT_REASONING)
		ct_buf_printf(&s->text, "\n%d %d ", (int)e->type, (int)e->finish);
	ct_buf_add(&s->text, e->text);
	ct_buf_add(&s->text, e->call.id);
	ct_buf_add(&s->text, e->call.name);
	ct_buf_add(&s->text, e->call.arguments);
	show_found(s, &e->found);
	return CT_OK;
}

static int decode(const struct ct_endpoint *endpoint, enum ct_task task, struct ct_str body,
		  size_t step, struct seen *seen)
{
	struct ct_decoder *d = ct_decoder_create(endpoint, task, record, seen);
	struct ct_err err = { 0 };
	int rc = CT_OK;

	for (size_t at = 0; at < body.len && rc == CT_OK; at += step)
		rc = ct_decoder_feed(
			d,
			(struct ct_str){ body.ptr + at,
					 at + step < body.len ? step : body.len - at },
			&err);
	if (rc == CT_OK)
		rc = ct_decoder_finish(d, &err);
	insist(rc == CT_OK ? seen->finishes == 1 : err.code == rc && err.msg[0] != '\0');
	insist(ct_utf8_valid(ct_str(err.msg)) == strlen(err.msg));
	struct ct_str turn = ct_decoder_turn(d);
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *json;
	insist(turn.len == 0 ||
	       ct_json_parse(&arena, turn, CT_JSON_LENIENT, &json, NULL) == CT_OK);
	ct_decoder_destroy(d);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ct_vendor *const vendors[] = { &ct_vendor_claude,
							   &ct_vendor_gemini,
							   &ct_vendor_compatible,
							   &ct_vendor_compatible,
							   &ct_vendor_tavily,
							   &ct_vendor_tavily,
							   &ct_vendor_github,
							   &ct_vendor_github };
	static const enum ct_task tasks[] = { CT_TASK_CHAT,   CT_TASK_CHAT,
					      CT_TASK_CHAT,   CT_TASK_CHAT,
					      CT_TASK_SEARCH, CT_TASK_EXTRACT,
					      CT_TASK_SEARCH, CT_TASK_READ };
	if (size == 0)
		return 0;

	/* those that came first keep their corpus */
	unsigned kind = data[0] < 0xF0	 ? data[0] % 4
			: data[0] < 0xF8 ? 4 + data[0] % 2
					 : 6 + data[0] % 2;
	enum ct_task task = tasks[kind];
	struct ct_endpoint endpoint = {
		.name = CT_STR("x"),
		.vendor = vendors[kind],
		.api = kind == 3 ? CT_OPENAI_RESPONSES : CT_OPENAI_CHAT,
	};
	struct ct_str body = { (const char *)data + 1, size - 1 };
	struct seen whole = { .text = CT_BUF_INIT(8 << 20) };
	struct seen pieces = { .text = CT_BUF_INIT(8 << 20) };

	int rc = decode(&endpoint, task, body, body.len + 1, &whole);
	insist(rc == decode(&endpoint, task, body, data[0] / 4 % 16 + 1u, &pieces));
	insist(ct_str_eq(ct_buf_str(&whole.text), ct_buf_str(&pieces.text)));
	ct_provider_error(&endpoint, 400, NULL, body, 0, NULL);
	ct_provider_error(&endpoint, 403, NULL, body, 0, NULL);
	ct_buf_fini(&whole.text);
	ct_buf_fini(&pieces.text);
	return 0;
}

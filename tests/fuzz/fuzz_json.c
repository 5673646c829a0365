/* Any bytes: no crash, and what is read can be written, read again and stays the same. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void touch(const struct ct_json *value)
{
	for (; value != NULL; value = value->next) {
		ct_json_int(value, 0);
		ct_json_num(value, 0);
		ct_json_at(value, "a.0.b");
		touch(value->first);
	}
}

static void write_tree(const struct ct_json *value, int indent, struct ct_buf *out)
{
	struct ct_jw jw = ct_jw(out);

	jw.indent = indent;
	ct_jw_value(&jw, value);
	if (ct_buf_check(out, "text", NULL) != CT_OK)
		abort();
}

/* Whatever was read is written as a strict text (twins aside), whose writing changes nothing. */
static void round_trip(const struct ct_json *value, unsigned flags)
{
	struct ct_buf once = CT_BUF_INIT(64 << 20), twice = CT_BUF_INIT(64 << 20);
	struct ct_arena arena = { 0 };
	const struct ct_json *again;

	write_tree(value, flags ? 2 : 0, &once);
	if (ct_json_parse(&arena, ct_buf_str(&once), flags, &again, NULL) != CT_OK)
		abort();
	write_tree(again, flags ? 2 : 0, &twice);
	if (!ct_str_eq(ct_buf_str(&once), ct_buf_str(&twice)))
		abort();
	ct_buf_fini(&once);
	ct_buf_fini(&twice);
	ct_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_str text = { (const char *)data, size };
	struct ct_arena arena = { 0 };
	const struct ct_json *strict, *lenient;
	struct ct_err err;

	int rc = ct_json_parse(&arena, text, CT_JSON_STRICT, &strict, &err);
	if (rc == CT_OK)
		round_trip(strict, CT_JSON_STRICT);
	if (ct_json_parse(&arena, text, CT_JSON_LENIENT, &lenient, &err) == CT_OK) {
		round_trip(lenient, CT_JSON_LENIENT);
		touch(lenient);
	} else if (rc == CT_OK) {
		abort();
	}
	ct_arena_fini(&arena);
	return 0;
}

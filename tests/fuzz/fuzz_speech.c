/*
 * Any bytes as an answer of speech: no crash, no leak, valid text, the same words whatever the
 * pieces. The first byte chooses the reader and the size of the pieces.
 */
#include <stdint.h>
#include <stdlib.h>

#include "codec/utf8.h"
#include "provider/decoder.h"
#include "provider/vendors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
	if (!holds)
		abort();
}

static int record(void *user, const struct ct_event *e, struct ct_err *err)
{
	struct ct_buf *seen = user;

	(void)err;
	insist(ct_utf8_valid(e->text) == e->text.len);
	insist(ct_utf8_valid(e->heard.text) == e->heard.text.len);
	insist(ct_utf8_valid(e->language) == e->language.len);
	insist(e->type != CT_EVENT_USAGE || (e->usage.audio_ms >= 0 && e->usage.characters >= 0));
	ct_buf_add(seen, e->text);
	ct_buf_add(seen, e->audio);
	if (e->type == CT_EVENT_WORD || e->type == CT_EVENT_PASSAGE)
		ct_buf_printf(seen, "\n%d %lld %lld %d %.*s", (int)e->type,
			      (long long)e->heard.start_ms, (long long)e->heard.end_ms,
			      e->heard.speaker, CT_STR_ARG(e->heard.text));
	return CT_OK;
}

static int decode(const struct ct_endpoint *endpoint, enum ct_task task, struct ct_str body,
		  size_t step, struct ct_buf *seen)
{
	struct ct_decoder *d = ct_decoder_create(endpoint, task, record, seen);
	struct ct_err err = { 0 };
	int rc = CT_OK;

	for (size_t at = 0; at < body.len && rc == CT_OK; at += step) {
		struct ct_str rest = ct_str_from(body, at);
		if (rest.len > step)
			rest.len = step;
		rc = ct_decoder_feed(d, rest, &err);
	}
	if (rc == CT_OK)
		rc = ct_decoder_finish(d, &err);
	insist(rc == CT_OK || (err.code == rc && err.msg[0] != '\0'));
	ct_decoder_destroy(d);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		const struct ct_vendor *vendor;
		enum ct_task task;
	} kinds[] = {
		{ &ct_vendor_deepgram, CT_TASK_TRANSCRIBE },
		{ &ct_vendor_openai, CT_TASK_TRANSCRIBE },
		{ &ct_vendor_deepgram, CT_TASK_SPEAK },
	};
	struct ct_buf whole = CT_BUF_INIT(8 << 20), pieces = CT_BUF_INIT(8 << 20);

	if (size == 0)
		return 0;
	struct ct_endpoint endpoint = { .name = CT_STR("x"),
					.vendor = kinds[data[0] % 3].vendor };
	struct ct_str body = { (const char *)data + 1, size - 1 };
	int rc = decode(&endpoint, kinds[data[0] % 3].task, body, body.len + 1, &whole);
	insist(rc == decode(&endpoint, kinds[data[0] % 3].task, body, data[0] / 4 % 16 + 1u,
			    &pieces));
	insist(ct_str_eq(ct_buf_str(&whole), ct_buf_str(&pieces)));
	ct_buf_fini(&whole);
	ct_buf_fini(&pieces);
	return 0;
}

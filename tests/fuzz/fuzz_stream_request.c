/* Any line as a request of `cartrita stream`: read or refused, never more than was agreed on. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/json.h"
#include "codec/utf8.h"
#include "service/stream_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct ct_str text)
{
	if (text.ptr == NULL)
		return;
	if (text.ptr[text.len] != '\0' || strlen(text.ptr) != text.len ||
	    ct_utf8_valid(text) != text.len)
		abort();
}

static void check(struct ct_arena *arena, const struct ct_stream_request *r)
{
	const struct ct_json *metadata;

	if (r->message_count == 0 || r->message_count > CT_STREAM_MESSAGES_MAX ||
	    r->stop_count > CT_STOPS_MAX || r->max_tokens < 0)
		abort();
	for (size_t i = 0; i < r->message_count; i++)
		check_text(r->messages[i].text);
	for (size_t i = 0; i < r->stop_count; i++)
		check_text(r->stops[i]);
	if (r->has_temperature && !(r->temperature >= 0 && r->temperature <= 2))
		abort();
	if (r->metadata.ptr == NULL)
		return;
	/* it stands in each event's line */
	if (ct_json_parse(arena, r->metadata, CT_JSON_STRICT, &metadata, NULL) != CT_OK ||
	    !ct_json_is(metadata, CT_JSON_OBJECT) ||
	    memchr(r->metadata.ptr, '\n', r->metadata.len) != NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_str line = { (const char *)data, size };
	struct ct_stream_request request;
	struct ct_arena arena = { 0 };
	struct ct_err err = { 0 };
	int rc = ct_stream_request_read(&arena, line, &request, &err);

	if (rc == CT_OK)
		check(&arena, &request);
	else if (rc != CT_EINVALID || err.msg[0] == '\0')
		abort();
	check_text(request.session_id);
	check_text(request.provider);
	check_text(request.model);
	check_text(request.user);
	check_text(request.agent);
	check_text(request.conversation_id);
	check_text(request.system);
	if (request.session_id.len > CT_STREAM_ID_BYTES)
		abort();
	ct_arena_fini(&arena);
	return 0;
}

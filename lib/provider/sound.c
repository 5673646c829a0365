/* Answers that are sound: bytes that go up as they come, unless they are something else. */
#include "provider/dialect.h"

enum { TOLD_MAX_BYTES = 64 << 10 }; /* of what came instead of sound */

static bool has_type(struct ct_str type, const char *prefix)
{
	size_t len = strlen(prefix);

	return type.len >= len && strncasecmp(type.ptr, prefix, len) == 0;
}

void ct_sound_head(struct ct_decoder *d)
{
	const struct ct_headers *headers = d->headers;
	struct ct_str type = ct_str_trim(ct_headers_get(headers, "content-type"));
	int64_t characters;

	d->says_sound = has_type(type, "audio/") || has_type(type, "video/");
	d->says_text = has_type(type, "text/") || has_type(type, "application/json") ||
		       has_type(type, "application/problem") || has_type(type, "application/xml");
	if (ct_str_int(ct_headers_get(headers, "dg-char-count"), &characters) && characters > 0 &&
	    characters < INT32_MAX) {
		d->usage.known = true;
		d->usage.characters = characters;
	}
}

/* Samples may begin with any byte: only where nobody says that it is sound does the first one tell. */
static bool is_sound(const struct ct_decoder *d, char first)
{
	if (d->says_sound || d->says_text)
		return d->says_sound;
	return first != '{' && first != '<';
}

int ct_sound_feed(struct ct_decoder *d, struct ct_str bytes, struct ct_err *err)
{
	struct ct_event event = { .type = CT_EVENT_AUDIO, .audio = bytes };
	size_t room = TOLD_MAX_BYTES - d->value.len;
	int rc = CT_OK;

	if (d->form == CT_FORM_UNKNOWN)
		d->form = is_sound(d, bytes.ptr[0]) ? CT_FORM_SOUND : CT_FORM_OTHER;
	if (d->form == CT_FORM_OTHER) {
		ct_buf_append(&d->value, bytes.ptr, bytes.len < room ? bytes.len : room);
		return ct_buf_check(&d->value, "the answer", err);
	}
	if (!d->valid)
		rc = ct_bring_start(d, (struct ct_str){ NULL, 0 }, (struct ct_str){ NULL, 0 },
				    err);
	if (rc == CT_OK)
		rc = ct_bring_usage(d, err);
	d->content = true;
	return rc == CT_OK ? d->on_event(d->user, &event, err) : rc;
}

int ct_sound_end(struct ct_decoder *d, struct ct_err *err)
{
	const struct ct_json *json;

	if (d->form == CT_FORM_SOUND)
		d->marked = d->done = true;
	if (d->form != CT_FORM_OTHER)
		return CT_OK;
	ct_arena_reset(&d->chunk);
	if (ct_json_parse(&d->chunk, ct_buf_str(&d->value), CT_JSON_LENIENT, &json, NULL) == CT_OK &&
	    ct_error_in(json, ct_str("message")) != NULL)
		return ct_provider_error(d->endpoint, 200, NULL, json->text, 0, err);
	return ct_fail(err, CT_EPROTO, "%.*s answered with something that is no sound",
		       CT_STR_ARG(d->endpoint->name));
}

const struct ct_dialect ct_dialect_audio = { .name = "audio", .sound = true };

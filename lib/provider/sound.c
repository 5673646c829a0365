/* Answers that are sound: bytes that go up as they come, unless they are something else. */
#include "provider/dialect.h"

enum {
	TOLD_MAX_BYTES = 64 << 10, /* of what came instead of sound */
	HEAD_BYTES = 16, /* so many of text are no samples by chance */
};

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

static bool is_printable(struct ct_str head)
{
	for (size_t i = 0; i < head.len; i++)
		if ((head.ptr[i] < ' ' && !strchr("\t\n\r", head.ptr[i])) || head.ptr[i] > '~')
			return false;
	return true;
}

/*
 * Samples may begin with any byte: where it is said that they are sound, only more than a few of text
 * speak against it, else the first one does.
 */
static bool is_sound(const struct ct_decoder *d, struct ct_str head)
{
	bool is_marked = head.ptr[0] == '{' || head.ptr[0] == '<';

	return d->says_sound ? !is_marked || !is_printable(head) : !d->says_text && !is_marked;
}

static int bring_sound(struct ct_decoder *d, struct ct_str bytes, struct ct_err *err)
{
	struct ct_event event = { .type = CT_EVENT_AUDIO, .audio = bytes };
	int rc = CT_OK;

	if (!d->valid)
		rc = ct_bring_start(d, (struct ct_str){ NULL, 0 }, (struct ct_str){ NULL, 0 },
				    err);
	if (rc == CT_OK)
		rc = ct_bring_usage(d, err);
	d->content = true;
	return rc == CT_OK ? d->on_event(d->user, &event, err) : rc;
}

static int keep(struct ct_decoder *d, struct ct_str bytes, struct ct_err *err)
{
	size_t room = TOLD_MAX_BYTES - d->value.len;

	ct_buf_append(&d->value, bytes.ptr, bytes.len < room ? bytes.len : room);
	return ct_buf_check(&d->value, "the answer", err);
}

/* Its beginning tells what it is. */
static int decide(struct ct_decoder *d, struct ct_err *err)
{
	struct ct_str head = ct_buf_str(&d->value);

	d->form = is_sound(d, head) ? CT_FORM_SOUND : CT_FORM_OTHER;
	return d->form == CT_FORM_SOUND ? bring_sound(d, head, err) : CT_OK;
}

int ct_sound_feed(struct ct_decoder *d, struct ct_str bytes, struct ct_err *err)
{
	int rc = CT_OK;

	if (d->form == CT_FORM_UNKNOWN) {
		size_t want = HEAD_BYTES - d->value.len;
		struct ct_str head = { bytes.ptr, bytes.len < want ? bytes.len : want };
		rc = keep(d, head, err);
		bytes = ct_str_from(bytes, head.len);
		if (rc == CT_OK && d->value.len == HEAD_BYTES)
			rc = decide(d, err);
	}
	if (rc != CT_OK || bytes.len == 0)
		return rc;
	return d->form == CT_FORM_OTHER ? keep(d, bytes, err) : bring_sound(d, bytes, err);
}

int ct_sound_end(struct ct_decoder *d, struct ct_err *err)
{
	const struct ct_json *json;
	int rc = CT_OK;

	if (d->form == CT_FORM_UNKNOWN && d->value.len > 0)
		rc = decide(d, err);
	if (rc != CT_OK)
		return rc;
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

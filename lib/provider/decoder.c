#include "provider/decoder.h"

#include <stdalign.h>
#include <stdlib.h>

#include "provider/dialect.h"

enum { TREE_BYTES = 4 << 10 }; /* of a chunk, mostly */

static struct ct_str name_of(const struct ct_decoder *d)
{
	return d->endpoint->name;
}

/* All that the answer holds has come: what is still held goes up, then why it ended. */
static int conclude(struct ct_decoder *d, struct ct_err *err)
{
	if (d->finished)
		return CT_OK;
	d->finished = true;

	int rc = ct_bring_held(d, err);
	if (rc == CT_OK && d->dialect->end != NULL)
		rc = d->dialect->end(d, err);
	if (rc == CT_OK)
		rc = ct_bring_usage(d, err);
	if (rc != CT_OK)
		return rc;

	if (d->refused && d->finish != CT_FINISH_FILTER) {
		d->finish = CT_FINISH_FILTER;
		ct_buf_clear(&d->raw);
		ct_buf_puts(&d->raw, "refusal");
	} else if (d->finish == CT_FINISH_NONE || d->finish == CT_FINISH_STOP) {
		d->finish = d->calls > 0 ? CT_FINISH_TOOL_CALLS : CT_FINISH_STOP;
	}
	struct ct_event event = {
		.type = CT_EVENT_FINISH,
		.finish = d->finish,
		.raw = ct_buf_str(&d->raw),
	};
	return d->on_event(d->user, &event, err);
}

static int bad_chunk(struct ct_decoder *d, struct ct_err *err)
{
	if (d->ending) /* cut off, which is no fault of the chunk */
		return CT_OK;
	return d->on_event(d->user, &(struct ct_event){ .type = CT_EVENT_BAD_CHUNK },
			   err);
}

static int take_object(struct ct_decoder *d, const struct ct_json *json,
		       struct ct_str event, struct ct_err *err)
{
	if (ct_error_in(json, event) != NULL) {
		/* the answer was whole before: what goes wrong now concerns nobody */
		if (d->marked)
			return CT_OK;
		return ct_provider_error(d->endpoint, 200, NULL, json->text, 0, err);
	}

	int rc = d->dialect->chunk(d, json, event, err);
	if (rc == CT_OK)
		rc = ct_bring_usage(d, err);
	return rc == CT_OK && d->done ? conclude(d, err) : rc;
}

static int take_chunk(struct ct_decoder *d, struct ct_str text, struct ct_str event,
		      struct ct_err *err)
{
	const struct ct_json *json;
	int rc = ct_json_parse(&d->chunk, text, CT_JSON_LENIENT, &json, NULL);
	if (rc == CT_ENOMEM)
		return ct_fail(err, rc, "out of memory");
	if (rc != CT_OK) {
		/* some gateways write the reason of an error event as plain text */
		if (ct_str_is(event, "error") && !d->marked && !d->ending)
			return ct_provider_error(d->endpoint, 500, NULL, text, 0, err);
		return bad_chunk(d, err);
	}
	if (ct_json_is(json, CT_JSON_OBJECT) || d->dialect->whole)
		return take_object(d, json, event, err);
	rc = CT_OK;
	for (json = ct_json_first(json); json != NULL && rc == CT_OK && !d->done;
	     json = json->next)
		if (ct_json_is(json, CT_JSON_OBJECT))
			rc = take_object(d, json, event, err);
	return rc;
}

/* Its tree lies on the stack, which is warm: memory of each decoder's own is not, among a thousand. */
static int take_value(struct ct_decoder *d, struct ct_str text, struct ct_str event,
		      struct ct_err *err)
{
	alignas(max_align_t) char bytes[TREE_BYTES];

	ct_arena_fini(&d->chunk);
	ct_arena_lend(&d->chunk, bytes, sizeof(bytes));
	int rc = take_chunk(d, text, event, err);
	ct_arena_fini(&d->chunk);
	return rc;
}

static int on_sse(void *user, const struct ct_sse_event *event, struct ct_err *err)
{
	struct ct_decoder *d = user;
	struct ct_str data = ct_str_trim(event->data);

	if (d->done || data.len == 0)
		return CT_OK;
	if (!ct_str_is(data, "[DONE]"))
		return take_value(d, data, event->type, err);
	if (!d->dialect->done_marker)
		return CT_OK;
	d->marked = d->done = true;
	return d->valid ? conclude(d, err) : CT_OK;
}

static bool begins_value(char c)
{
	return c == '{' || c == '[' || c == '"';
}

/* One more byte of a JSON value; true when the value ends with it. */
static bool ends_value(struct ct_decoder *d, char c)
{
	if (d->in_string) {
		if (d->escaped)
			d->escaped = false;
		else if (c == '\\')
			d->escaped = true;
		else if (c == '"')
			d->in_string = false;
		return !d->in_string && d->depth == 0;
	}
	if (c == '"')
		d->in_string = true;
	else if (c == '{' || c == '[')
		d->depth++;
	else if (c == '}' || c == ']')
		return --d->depth == 0;
	return false;
}

/*
 * JSON values one after the other: the document, the elements of an array that spans the
 * body, or lines of JSON. What stands between them (commas, blanks, numbers) is of no use.
 */
static int feed_json(struct ct_decoder *d, struct ct_str bytes, struct ct_err *err)
{
	int rc = CT_OK;

	for (size_t at = 0; at < bytes.len && rc == CT_OK && !d->done;) {
		size_t from = at;
		bool ended = false;

		if (d->depth == 0 && !d->in_string && !begins_value(bytes.ptr[at])) {
			at++;
			continue;
		}
		while (at < bytes.len && !ended)
			ended = ends_value(d, bytes.ptr[at++]);
		ct_buf_append(&d->value, bytes.ptr + from, at - from);
		rc = ct_buf_check(&d->value, "the answer", err);
		if (!ended || rc != CT_OK)
			continue;
		rc = take_value(d, ct_buf_str(&d->value), ct_str("message"), err);
		ct_buf_clear(&d->value);
	}
	return rc;
}

/* Blanks and a byte order mark say nothing; the first other byte tells what the body is. */
static int sniff(struct ct_decoder *d, struct ct_str *bytes, struct ct_err *err)
{
	while (bytes->len > 0 && memchr(" \t\r\n\xEF\xBB\xBF", bytes->ptr[0], 7) != NULL)
		*bytes = ct_str_from(*bytes, 1);
	if (bytes->len == 0)
		return CT_OK;

	char c = bytes->ptr[0];
	if (c == '{' || c == '[') {
		d->form = CT_FORM_JSON;
		if (c == '[' && !d->dialect->whole)
			*bytes = ct_str_from(*bytes, 1);
		return CT_OK;
	}
	if (c != ':' && !(c >= 'a' && c <= 'z'))
		return ct_fail(
			err, CT_EPROTO,
			"%.*s answered with something that is neither JSON nor events",
			CT_STR_ARG(name_of(d)));
	d->form = CT_FORM_EVENTS;
	d->sse = ct_sse_create(CT_EVENT_MAX_BYTES, on_sse, d);
	return d->sse != NULL ? CT_OK : ct_fail(err, CT_ENOMEM, "out of memory");
}

static int feed(struct ct_decoder *d, struct ct_str bytes, struct ct_err *err)
{
	if (bytes.len > CT_BODY_MAX_BYTES - d->total_bytes)
		return ct_fail(err, CT_ETOOBIG, "%.*s answered with more than %d MB",
			       CT_STR_ARG(name_of(d)), CT_BODY_MAX_BYTES >> 20);
	d->total_bytes += bytes.len;

	if (d->dialect->sound)
		return ct_sound_feed(d, bytes, err);
	if (d->form == CT_FORM_UNKNOWN) {
		int rc = sniff(d, &bytes, err);
		if (rc != CT_OK || bytes.len == 0)
			return rc;
	}
	return d->form == CT_FORM_JSON ? feed_json(d, bytes, err)
				       : ct_sse_feed(d->sse, bytes.ptr, bytes.len, err);
}

void ct_decoder_head(struct ct_decoder *d, const struct ct_headers *headers)
{
	d->headers = headers;
	if (d->dialect->sound)
		ct_sound_head(d);
}

int ct_decoder_feed(struct ct_decoder *d, struct ct_str bytes, struct ct_err *err)
{
	if (d->failed != CT_OK)
		return ct_fail(err, d->failed, "the answer has already failed");
	if (d->done || bytes.len == 0)
		return CT_OK;
	d->failed = feed(d, bytes, err);
	return d->failed;
}

/* The last event may lack its blank line; one that was cut off is no event. */
static int feed_rest(struct ct_decoder *d, struct ct_err *err)
{
	d->ending = true;
	if (d->form != CT_FORM_EVENTS || d->done)
		return CT_OK;
	return ct_sse_feed(d->sse, "\n\n", 2, err);
}

int ct_decoder_finish(struct ct_decoder *d, struct ct_err *err)
{
	if (d->failed != CT_OK)
		return ct_fail(err, d->failed, "the answer has already failed");

	d->failed = d->dialect->sound ? ct_sound_end(d, err) : feed_rest(d, err);
	if (d->failed != CT_OK)
		return d->failed;
	if (!d->valid)
		d->failed = ct_fail(err, CT_EPROTO, "%.*s answered with %s",
				    CT_STR_ARG(name_of(d)),
				    d->total_bytes == 0 ? "nothing" : "no answer in it");
	else if (!d->marked)
		d->failed = ct_fail(err, CT_ECUT,
				    "the answer of %.*s ended without its end marker",
				    CT_STR_ARG(name_of(d)));
	else
		d->failed = conclude(d, err);
	return d->failed;
}

enum ct_decoder_state ct_decoder_state(const struct ct_decoder *d)
{
	if (d->failed != CT_OK) /* whatever came: why it failed is not for ct_decoder_finish() to say */
		return CT_DECODER_OPEN;
	if (d->done)
		return CT_DECODER_DONE;
	return d->marked ? CT_DECODER_FINISHED : CT_DECODER_OPEN;
}

struct ct_str ct_decoder_turn(struct ct_decoder *d)
{
	/* a call that came in another way than its turn would be answered without being asked */
	if (d->dialect != &ct_dialect_claude && d->turn_calls != d->calls)
		return (struct ct_str){ NULL, 0 };
	if (!d->finished || d->turn.len == 0 ||
	    (d->finish != CT_FINISH_PAUSE && d->finish != CT_FINISH_TOOL_CALLS) ||
	    d->turn.failed)
		return (struct ct_str){ NULL, 0 };
	return ct_buf_str(&d->turn);
}

struct ct_decoder *ct_decoder_create(const struct ct_endpoint *endpoint, enum ct_task task,
				     ct_event_fn *on_event, void *user)
{
	struct ct_decoder *d = malloc(sizeof(*d));

	if (d == NULL)
		return NULL;
	*d = (struct ct_decoder){
		.endpoint = endpoint,
		.dialect = endpoint->vendor->dialect(endpoint, task),
		.on_event = on_event,
		.user = user,
		.value = CT_BUF_INIT(CT_BODY_MAX_BYTES),
		.piece = CT_BUF_INIT(CT_BODY_MAX_BYTES),
		.raw = CT_BUF_INIT(CT_RAW_MAX_BYTES),
		.turn = CT_BUF_INIT(CT_BODY_MAX_BYTES),
	};
	return d;
}

void ct_decoder_destroy(struct ct_decoder *d)
{
	if (d == NULL)
		return;
	ct_sse_destroy(d->sse);
	ct_slots_clear(d);
	free(d->slots);
	ct_buf_fini(&d->value);
	ct_buf_fini(&d->piece);
	ct_buf_fini(&d->raw);
	ct_buf_fini(&d->turn);
	ct_arena_fini(&d->chunk);
	free(d);
}

/* What a search finds, made fit to be shown and to be given to a model. */
#include "codec/plain.h"
#include "provider/dialect.h"

enum { LINE_MAX_BYTES = 32 << 10 }; /* of a title or a snippet: more is not looked at */

typedef void write_fn(struct ct_str text, struct ct_buf *out);

/* Written like that; {NULL, 0}: no memory. */
static struct ct_str written(struct ct_decoder *d, write_fn *write, struct ct_str text)
{
	ct_buf_clear(&d->piece);
	write(text, &d->piece);
	return d->piece.failed ? (struct ct_str){ NULL, 0 }
			       : ct_arena_dup(&d->chunk, ct_buf_str(&d->piece));
}

static struct ct_str line_of(struct ct_decoder *d, write_fn *write, struct ct_str text)
{
	if (text.len > LINE_MAX_BYTES) {
		text.len = LINE_MAX_BYTES;
		while (text.len > 0 && ((unsigned char)text.ptr[text.len] & 0xC0) == 0x80)
			text.len--;
	}
	return written(d, write, text);
}

static struct ct_str text_of(struct ct_decoder *d, struct ct_str text, enum ct_found_form form)
{
	if (form == CT_FOUND_PAGE)
		return written(d, ct_plain_lines, text);
	return line_of(d, form == CT_FOUND_CODE ? ct_plain_literal : ct_plain_line, text);
}

int ct_bring_found(struct ct_decoder *d, const struct ct_found *found,
		   enum ct_found_form form, struct ct_err *err)
{
	struct ct_event event = { .type = CT_EVENT_FOUND, .found = *found };
	write_fn *title = form == CT_FOUND_CODE ? ct_plain_literal : ct_plain_line;

	event.found.title = line_of(d, title, found->title);
	event.found.url = line_of(d, ct_plain_url, found->url);
	event.found.text = text_of(d, found->text, form);
	event.found.error = line_of(d, ct_plain_line, found->error);
	if (event.found.title.ptr == NULL || event.found.url.ptr == NULL ||
	    event.found.text.ptr == NULL || event.found.error.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	d->content = true;
	return d->on_event(d->user, &event, err);
}

int ct_bring_bad(struct ct_decoder *d, struct ct_err *err)
{
	return d->on_event(d->user, &(struct ct_event){ .type = CT_EVENT_BAD_CHUNK }, err);
}

int ct_bring_page(struct ct_decoder *d, int64_t total, struct ct_str next,
		  struct ct_err *err)
{
	struct ct_event event = { .type = CT_EVENT_PAGE, .total = total, .next = next };

	return d->on_event(d->user, &event, err);
}

/* What a search finds, made fit to be shown and to be given to a model. */
#include "codec/plain.h"
#include "provider/dialect.h"

enum { LINE_MAX_BYTES = 32 << 10 }; /* of a title or a snippet: more is not looked at */

static struct ct_str line_of(struct ct_decoder *d, struct ct_str text)
{
	struct ct_str line;

	if (text.len > LINE_MAX_BYTES)
		text.len = LINE_MAX_BYTES;
	ct_buf_clear(&d->piece);
	ct_plain_line(text, &d->piece);
	line = ct_buf_str(&d->piece);
	return d->piece.failed ? (struct ct_str){ NULL, 0 } : ct_arena_dup(&d->chunk, line);
}

static struct ct_str lines_of(struct ct_decoder *d, struct ct_str text)
{
	ct_buf_clear(&d->piece);
	ct_plain_lines(text, &d->piece);
	return d->piece.failed ? (struct ct_str){ NULL, 0 }
			       : ct_arena_dup(&d->chunk, ct_buf_str(&d->piece));
}

/* An address has no blanks, no line ends and nothing that cannot be seen; one without end is none. */
static struct ct_str url_of(struct ct_decoder *d, struct ct_str url)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf escaped = CT_BUF_INIT(3 * CT_FOUND_URL_MAX);

	for (size_t i = 0; i < url.len && url.len <= CT_FOUND_URL_MAX; i++) {
		unsigned char c = (unsigned char)url.ptr[i];
		if (c <= ' ' || c == 0x7F)
			ct_buf_printf(&escaped, "%%%02X", c);
		else
			ct_buf_append(&escaped, url.ptr + i, 1);
	}
	return escaped.failed ? (struct ct_str){ NULL, 0 } : lines_of(d, ct_buf_str(&escaped));
}

int ct_bring_found(struct ct_decoder *d, const struct ct_found *found, bool whole,
		   struct ct_err *err)
{
	struct ct_event event = { .type = CT_EVENT_FOUND, .found = *found };

	event.found.title = line_of(d, found->title);
	event.found.url = url_of(d, found->url);
	event.found.text = whole ? lines_of(d, found->text) : line_of(d, found->text);
	event.found.error = line_of(d, found->error);
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

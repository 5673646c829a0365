/*
 * Markdown for a terminal, as it streams: text in, bytes out. What is written is never taken
 * back: a paragraph grows word by word (emphasis and links appear when they close), a list item as
 * its own paragraph, a code block line by line, a table when it is whole.
 *
 * The bytes depend on the text alone, not on how it was cut into pieces. Time is linear. Control
 * characters of the text never come out. Where it differs from CommonMark: a row of "=" or "-"
 * under a paragraph is a line, not a heading, and a table's rows begin with "|".
 */
#ifndef CT_CMD_MARKDOWN_H
#define CT_CMD_MARKDOWN_H

#include <stdbool.h>

#include "base/buf.h"

struct ct_markdown_style {
	int width; /* columns; at least 10 are assumed */
	bool color; /* emphasis and colours by escape sequences; else by plain characters */
	bool links; /* links by OSC 8; else the address follows the text */
};

struct ct_markdown;

struct ct_markdown *ct_markdown_create(const struct ct_markdown_style *style); /* NULL: no memory */
void ct_markdown_destroy(struct ct_markdown *md); /* NULL is fine */

/* More text: append to out what may be shown now. */
void ct_markdown_feed(struct ct_markdown *md, struct ct_str text, struct ct_buf *out);

/* The text has ended: append the rest, and a line end where one is missing. Ready for a new text. */
void ct_markdown_finish(struct ct_markdown *md, struct ct_buf *out);

/* The terminal has another width from the next line on. */
void ct_markdown_resize(struct ct_markdown *md, int width);

#endif

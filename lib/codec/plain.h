/*
 * A line of plain text out of what a web page or a search engine has: HTML's tags go, its
 * character references become what they mean, blanks are folded, and nothing is left that a
 * terminal would act on.
 *
 * Only what is a tag of HTML is one: "a < b" and "vector<int>" stay as they are.
 */
#ifndef CT_CODEC_PLAIN_H
#define CT_CODEC_PLAIN_H

#include "base/buf.h"
#include "base/str.h"

/*
 * Append text (any bytes) as one line: valid UTF-8, no control characters, none that turn
 * the direction of writing, blanks of any kind and line ends as one blank, none at its ends.
 */
void ct_plain_line(struct ct_str text, struct ct_buf *out);

/* The same of what is no HTML, as code: tags and references in it stay as they are. */
void ct_plain_literal(struct ct_str text, struct ct_buf *out);

/* Append an address (any bytes): blanks and what is unfit to be shown are percent-encoded. */
void ct_plain_url(struct ct_str url, struct ct_buf *out);

/* Append text (any bytes) with its lines as they are, but valid and as safe to show. */
void ct_plain_lines(struct ct_str text, struct ct_buf *out);

#endif

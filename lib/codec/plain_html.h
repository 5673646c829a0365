/* What of HTML stands in text: for plain.c. */
#ifndef CT_CODEC_PLAIN_HTML_H
#define CT_CODEC_PLAIN_HTML_H

#include "base/str.h"

/*
 * text begins with '<': the bytes that the tag, comment or script there takes; 0: it is none.
 * *apart: what stands around it is not one word (a paragraph, a line end).
 */
size_t ct_html_tag(struct ct_str text, bool *apart);

/*
 * text begins with '&': the bytes that the character reference there takes; 0: it is none.
 * *out: the character that it means.
 * https://html.spec.whatwg.org/multipage/named-characters.html, those in use.
 */
size_t ct_html_reference(struct ct_str text, uint32_t *out);

#endif

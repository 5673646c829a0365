/*
 * UTF-8 as RFC 3629 has it (no surrogates, nothing over U+10FFFF, nothing overlong).
 */
#ifndef CT_CODEC_UTF8_H
#define CT_CODEC_UTF8_H

#include "base/arena.h"
#include "base/buf.h"

/* The byte where text stops being valid, its length when it is all valid. */
size_t ct_utf8_valid(struct ct_str text);

/*
 * Append text with every invalid sequence replaced by U+FFFD (one for each maximal
 * subpart, as the Unicode standard recommends in 3.9); surrogate pairs written as
 * two three-byte forms (WTF-8, CESU-8) are joined to the character they mean, and
 * one without its other half becomes one U+FFFD.
 */
void ct_utf8_clean(struct ct_str text, struct ct_buf *out);

/* The same into an arena; text itself when it is already valid; {NULL, 0}: no memory. */
struct ct_str ct_utf8_clean_dup(struct ct_arena *arena, struct ct_str text);

/*
 * Text that arrives in pieces which may end anywhere, also inside a character or
 * between the halves of a surrogate pair. All zeros is ready. What could be the
 * beginning of a character is held until the next piece or the flush.
 */
struct ct_utf8_joiner {
	unsigned char held[8];
	unsigned held_len;
};

/* Append to out the clean text that is certain now. */
void ct_utf8_join(struct ct_utf8_joiner *joiner, struct ct_str piece, struct ct_buf *out);

/* The text has ended: what is still held becomes U+FFFD. */
void ct_utf8_flush(struct ct_utf8_joiner *joiner, struct ct_buf *out);

/* Append text without control characters (C0 but for \n and \t, DEL, C1, escape sequences' ESC):
 * what is safe to send to a terminal. text must be valid UTF-8. */
void ct_utf8_printable(struct ct_str text, struct ct_buf *out);

#endif

/* Long text in pieces that can be spoken one after the other. */
#ifndef CT_CODEC_SENTENCES_H
#define CT_CODEC_SENTENCES_H

#include "base/str.h"

/*
 * The first piece of text (UTF-8), of at most limit characters, without blanks around it; *rest is
 * what follows. It ends where a paragraph does, else a sentence, else a clause, else a word; only a
 * word of more than limit characters is cut. Empty when nothing but blanks is left.
 */
struct ct_str ct_sentences_next(struct ct_str text, size_t limit, struct ct_str *rest);

#endif

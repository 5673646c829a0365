/*
 * Styled words into lines of a width. A word is written when it is whole, with its styles set
 * before and reset after it, so that nothing of a style is ever left open at a line's end.
 */
#ifndef CT_CMD_MARKDOWN_FILL_H
#define CT_CMD_MARKDOWN_FILL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum ct_text_style {
	CT_STRONG = 1 << 0,
	CT_EM = 1 << 1,
	CT_STRIKE = 1 << 2,
	CT_CODE = 1 << 3,
	CT_LINK = 1 << 4,
	CT_HEADING = 1 << 5,
	CT_TITLE = 1 << 6, /* a heading of the first level */
	CT_FAINT = 1 << 7,
};

/* Private characters in the text that fillers are given; they never come out. */
#define CT_MARK_START '\x01' /* with the blank after it: nothing */
#define CT_MARK_BREAK '\x02' /* a line break */

enum { CT_WORD_BYTES = 64 << 10 };

struct ct_fill {
	struct ct_buf *out;
	int width; /* of a line, with its margin */
	bool color, links;
	/* Write what stands before a line; its columns. NULL: nothing. */
	int (*margin)(void *user, struct ct_buf *out);
	void *user;

	bool open; /* a line is begun */
	int left, col; /* columns of its margin; columns used */
	bool blank, broken; /* a blank, a line break stands before the next word */
	bool skip_blank;
	struct ct_buf word; /* with its escapes */
	int word_width;
	unsigned word_style, word_link; /* open in word */
	uint32_t last; /* character of word; 0: none */
	struct ct_str url; /* of CT_LINK text; borrowed while text with it is given */
	unsigned link; /* its number, from 1, for the terminal to know its parts */
};

void ct_fill_init(struct ct_fill *fill, struct ct_buf *out, int width);
void ct_fill_fini(struct ct_fill *fill);

/* Valid UTF-8; blanks and line ends are where lines may break. */
void ct_fill_text(struct ct_fill *fill, struct ct_str text, unsigned style);
/* What was given is followed by a blank; the word is written. */
void ct_fill_blank(struct ct_fill *fill);
void ct_fill_break(struct ct_fill *fill);
/* Write the word, and end the line if one is begun. */
void ct_fill_end(struct ct_fill *fill);
/* Begin a line if none is. */
void ct_fill_open(struct ct_fill *fill);

/* A whole text in a style, without looking for blanks; its columns are not counted. */
void ct_fill_style(struct ct_buf *out, bool color, unsigned style, struct ct_str text);

/* Columns of bytes that a filler wrote: escape sequences take none. */
int ct_fill_columns(struct ct_str bytes);

/* Is it a character between which and its neighbours a line may break (Han, Kana)? */
bool ct_is_ideograph(uint32_t c);

#endif

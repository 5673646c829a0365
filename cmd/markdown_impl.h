/* What the files of the Markdown renderer share: blocks (markdown.c), what stands before
 * their lines (markdown_margin.c), paragraphs (markdown_text.c), tables (markdown_table.c). */
#ifndef CT_CMD_MARKDOWN_IMPL_H
#define CT_CMD_MARKDOWN_IMPL_H

#include "codec/utf8.h"
#include "markdown.h"
#include "markdown_fill.h"
#include "markdown_inline.h"
#include "markdown_line.h"

enum {
	CT_MD_LINE_BYTES = 1 << 20, /* of a line that is needed whole; more is cut into lines */
	CT_MD_TABLE_BYTES = 256 << 10, /* of a table; what follows is another one */
	CT_MD_TABLE_LINES = 2000, /* likewise */
	CT_MD_HELD_BYTES = 1024, /* emphasis that is still open after so much is none */
	CT_MD_WIDTH_LEAST = 10,
};

/* Is something open that a break of the text would tear apart? */
struct ct_md_scan {
	size_t ticks; /* length of the run that opened a code span; 0: none */
	size_t run; /* of run_char, so far */
	char run_char, before_run;
	size_t open[3]; /* "*", "_", "~" that wait for their counterpart */
	size_t brackets, parens;
	bool escaped, closed; /* after "\", after "]" */
	char last;
	bool special; /* the segment needs md4c */
};

struct ct_md_text {
	struct ct_buf segment; /* what is not given to the filler yet */
	struct ct_md_scan scan;
	size_t blanks; /* at the end of the line so far */
	bool line_ended; /* whether the paragraph goes on is not known yet */
};

enum ct_md_leaf { CT_MD_NO_LEAF, CT_MD_PARAGRAPH, CT_MD_CODE, CT_MD_INDENTED_CODE, CT_MD_TABLE };

struct ct_markdown {
	struct ct_markdown_style style;
	struct ct_buf *out; /* of the feed under way */
	struct ct_utf8_joiner joiner;
	struct ct_md_container containers[CT_MD_DEPTH];
	bool marker_due[CT_MD_DEPTH];
	int64_t last_number[CT_MD_DEPTH + 1]; /* of the list that ended there; -1: none */
	char last_mark[CT_MD_DEPTH + 1];
	size_t depth;
	enum ct_md_leaf leaf;
	bool in_text; /* the rest of the line belongs to the paragraph */
	bool wait_line; /* what the line is tells its end */
	bool begun, blank_due; /* a block was written; an empty line came after it */
	struct ct_buf line; /* the line so far */
	struct ct_buf table; /* its lines */
	size_t table_lines;
	char fence_char; /* of the code block's end */
	size_t fence_len, fence_indent;
	size_t code_blanks; /* empty lines of indented code, not written yet */
	struct ct_md_text text;
	struct ct_fill fill;
	struct ct_md_reader reader;
};

/* A whole character of a paragraph; one of its line ends; the end of it. */
void ct_md_text_char(struct ct_markdown *md, struct ct_str bytes);
void ct_md_text_line_end(struct ct_markdown *md);
void ct_md_text_end(struct ct_markdown *md);

/* A text that is there whole, in a style: a heading. */
void ct_md_text_whole(struct ct_markdown *md, struct ct_str text, unsigned style);

/* Write md->table. */
void ct_md_table_write(struct ct_markdown *md);

/* Columns that the margin of the containers takes. */
int ct_md_margin(const struct ct_markdown *md);
/* Write it (user is the ct_markdown), with markers that are due; its columns. */
int ct_md_write_margin(void *user, struct ct_buf *out);
/* An empty line between two blocks, with the bars of the quotes that hold both. */
void ct_md_write_blank(struct ct_markdown *md);
/* Leave the containers beyond the first `keep`; an item without text still has its marker. */
void ct_md_close_to(struct ct_markdown *md, size_t keep);
void ct_md_open_container(struct ct_markdown *md, const struct ct_md_container *fresh);

#endif

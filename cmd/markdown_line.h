/*
 * How a line of Markdown begins: which quotes and list items it stands in, which it opens, and what
 * comes then. Tells as early as it is certain, from the first bytes of the line.
 */
#ifndef CT_CMD_MARKDOWN_LINE_H
#define CT_CMD_MARKDOWN_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { CT_MD_DEPTH = 12 }; /* quotes and items within each other; deeper ones are text */

enum ct_md_kind { CT_MD_QUOTE, CT_MD_ITEM };
enum ct_md_task { CT_MD_NO_TASK, CT_MD_TASK_OPEN, CT_MD_TASK_DONE };

struct ct_md_container {
	enum ct_md_kind kind;
	size_t indent; /* ITEM: columns from its parent's text to its own */
	char mark; /* ITEM: - * + . or ) */
	int64_t number; /* of an ordered one, as written; else -1 */
	enum ct_md_task task;
};

enum ct_md_what {
	CT_MD_MORE, /* not certain yet */
	CT_MD_WHOLE, /* certain when the line is whole */
	CT_MD_BLANK,
	CT_MD_TEXT,
	CT_MD_HEAD,
	CT_MD_FENCE,
	CT_MD_RULE,
	CT_MD_ROW, /* begins with "|" */
	CT_MD_INDENTED,
};

struct ct_md_line {
	enum ct_md_what what;
	size_t matched; /* open containers that it stands in */
	struct ct_md_container fresh[CT_MD_DEPTH]; /* that it opens */
	size_t fresh_count;
	size_t indent; /* blanks between them and the text */
	size_t at; /* byte where the text after them begins, or with INDENTED the code */
};

/* What is open before the line. */
struct ct_md_open {
	const struct ct_md_container *containers;
	size_t count;
	bool paragraph;
};

/* text: the line so far, without line end and tabs; whole: that is all of it. */
void ct_md_line_read(const struct ct_md_open *open, struct ct_str text, bool whole,
		     struct ct_md_line *out);

/*
 * Go past the quotes and items of a line inside a code block: the byte where its code begins;
 * false: the line stands outside.
 */
bool ct_md_line_inside(const struct ct_md_open *open, struct ct_str text, size_t *at);

/* "-----", ":---|" and the like: the line under a table's head. */
bool ct_md_is_delimiter_row(struct ct_str text);

#endif

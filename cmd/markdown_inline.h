/* What stands inside a block, read by md4c: text in styles, for a filler or a table's cells. */
#ifndef CT_CMD_MARKDOWN_INLINE_H
#define CT_CMD_MARKDOWN_INLINE_H

#include <md4c.h>

#include "base/buf.h"
#include "base/str.h"
#include "markdown_fill.h"

enum { CT_URL_BYTES = 8 << 10, CT_STYLES = 8 };

struct ct_md_reader {
	__typeof__(md_parse) *parse; /* NULL: md4c is not there, and all text is plain */
	bool color, links; /* as in struct ct_markdown_style */
	unsigned base; /* style of all of it */
	/* A piece of text; url: of a link that can be followed, else empty. */
	void (*text)(void *user, const struct ct_md_reader *reader, struct ct_str text);
	/* NULL: blocks do not matter. */
	void (*block)(void *user, MD_BLOCKTYPE type, const void *detail, bool enter);
	void *user;

	unsigned style; /* of the piece that text() is given */
	struct ct_str url; /* its link: what a terminal may be told; empty: none */
	unsigned link; /* number of the link */
	unsigned depth[CT_STYLES];
	struct ct_buf href, said; /* the link's address, and its text */
	unsigned link_depth;
};

/* Opens md4c, which stays loaded: every other command would start 0.1 ms later for it. */
void ct_md_reader_init(struct ct_md_reader *reader, bool color, bool links);
void ct_md_reader_fini(struct ct_md_reader *reader);

/* Read a line's text: it begins no block, whatever it looks like. */
void ct_md_read_inline(struct ct_md_reader *reader, struct ct_str text, unsigned base);

/* Read a table (or what looked like one; without md4c all do). */
void ct_md_read_table(struct ct_md_reader *reader, struct ct_str text);

#endif

/*
 * Lines that a person types: libedit with history, completion and bracketed paste; on a terminal
 * that cannot move its cursor, plain lines. Signals are looked at only while a line is read, and are
 * answers of the read, not handlers: a new size is taken at once, SIGHUP and SIGTERM end it.
 */
#ifndef CT_CMD_REPL_LINE_H
#define CT_CMD_REPL_LINE_H

#include "base/buf.h"
#include "base/secret.h"
#include "out.h"

enum { CT_LINE_BYTES = 32 << 20 }; /* a pasted text may be long */

/* What the word before the cursor may become. */
struct ct_line_words {
	struct ct_buf list; /* each with a NUL after it */
	size_t count;
	struct ct_str partial; /* the word so far: set by who completes, in the text it was given */
};

struct ct_line_hooks {
	/* Fill words for the text before the cursor: ct_line_offer(). */
	void (*complete)(void *user, struct ct_str before, struct ct_line_words *words);
	/* The prompt stands there, and nothing is typed yet; once. */
	void (*idle)(void *user);
	void *user;
};

enum ct_line_end {
	CT_LINE_TEXT, /* a line */
	CT_LINE_CLEARED, /* Ctrl-C */
	CT_LINE_LEFT, /* Ctrl-D on an empty line, or the terminal is gone */
	CT_LINE_KILLED, /* SIGHUP or SIGTERM */
};

struct ct_line;

/*
 * history: a file, made with mode 0600; NULL: none. CT_ENOMEM, CT_EIO. A history that cannot be read or
 * written is said once as a notice.
 */
int ct_line_open(struct ct_out *out, const struct ct_line_hooks *hooks, const char *history,
		 struct ct_line **line, struct ct_err *err);
void ct_line_close(struct ct_line *line); /* NULL is fine */

/*
 * Read a line after a prompt into text (cleared first), without its line end; a long pasted text
 * stands in it as a whole. more: it goes on what was typed before, so Ctrl-C ends the read.
 * prompt may hold escape sequences between \x01 and \x01.
 */
enum ct_line_end ct_line_read(struct ct_line *line, const char *prompt, bool more,
			      struct ct_buf *text);

/* Add to the history, in memory and at once in the file, redacted. Not what begins with a blank. */
void ct_line_remember(struct ct_line *line, struct ct_str text);

/* Offer a word if it begins with words->partial. */
void ct_line_offer(struct ct_line_words *words, struct ct_str word);
/* How many bytes all of them begin with; there is one at least. */
size_t ct_line_common(const struct ct_line_words *words);
/* Append to text what was typed (ends with a NUL), with pastes where "[paste 1: 120 lines]" stands. */
void ct_paste_expand(const struct ct_buf *pastes, size_t count, struct ct_str typed,
		     struct ct_buf *text);
/* Below the line, in columns. */
void ct_line_list(struct ct_out *out, const struct ct_line_words *words);

#endif

/*
 * Printers: JSON, text, tables. Everything that goes to stdout or stderr goes through here, and
 * so through the redactor. No command formats JSON by hand.
 */
#ifndef CT_CMD_OUT_H
#define CT_CMD_OUT_H

#include <stdbool.h>

#include "base/secret.h"
#include "codec/json.h"

struct ct_out {
	bool json; /* --json */
	bool color, err_color; /* colour on stdout, on stderr */
	bool is_tty, err_is_tty;
	int width; /* columns of the terminal on stdout; 0: no terminal, never cut */
	const struct ct_redactor *redactor;
	bool closed; /* stdout's reader has gone */
	int failed; /* errno of another failed write to stdout: main ends with status 1 */
	bool error_written; /* the error is on stdout as a document already */
	struct ct_buf held; /* the last bytes, which may be the beginning of a key */
	bool status; /* a line of ct_out_status() stands on stderr */
};

/* Ready to print, without redactor and colour: what `out` says of terminals comes from setup.h. */
void ct_out_init(struct ct_out *out);
/* What is held back goes out; memory is released. */
void ct_out_fini(struct ct_out *out);

/* Bytes to stdout, redacted; the answer's only way out. A closed stdout sets out->closed. */
void ct_out_write(struct ct_out *out, struct ct_str text);
void ct_out_printf(struct ct_out *out, const char *fmt, ...) CT_PRINTF(2, 3);

/* Send what is held back: before waiting for a person's answer. */
void ct_out_flush(struct ct_out *out);

/* A line to stderr, "cartrita: …", redacted, control characters removed; the hint on the next. */
void ct_out_error(struct ct_out *out, const struct ct_err *err);
/* The same for any notice. */
void ct_out_notice(struct ct_out *out, const char *fmt, ...) CT_PRINTF(2, 3);

/* A line to stderr without the program's name before it. */
void ct_out_note(struct ct_out *out, const char *fmt, ...) CT_PRINTF(2, 3);

/*
 * A line on stderr, a terminal, that the next one, or anything else that is written, takes the
 * place of; "" erases it. Cut to the width.
 */
void ct_out_status(struct ct_out *out, const char *text);

/* What the document of an error says beside err; {NULL, 0} is null. */
struct ct_error_extra {
	struct ct_str provider, request_id, provider_request_id, conversation_id;
	struct ct_str attempts; /* a JSON array */
};

/* {"error":{…}} to stdout, once; main does it for a command that has not. extra: NULL for none. */
void ct_out_error_json(struct ct_out *out, const struct ct_err *err,
		       const struct ct_error_extra *extra);

/* One JSON document to stdout, with a line end. Clears text. */
void ct_out_json(struct ct_out *out, struct ct_buf *text);

/*
 * A table: cells are added row by row, widths are found at the end; when it is wider than the
 * terminal the columns marked shrink are cut with "…", as far as they stay readable while there
 * are optional ones, which go then; when even that is too wide each row becomes a block of
 * "title  cell" lines. Cells are text: control characters are removed.
 */
enum ct_align { CT_LEFT, CT_RIGHT };
struct ct_column {
	const char *title;
	enum ct_align align;
	bool shrink;
	int optional; /* left out where the terminal is too narrow: 1 before 2, the last one first */
};

struct ct_table;
/* columns must live as long; NULL when out of memory, which the functions below take. */
struct ct_table *ct_table_create(const struct ct_column *columns, size_t count);
void ct_table_cell(struct ct_table *table, const char *fmt, ...) CT_PRINTF(2, 3);
/* The same in a colour: an SGR parameter such as "31" for red; used only where colour is wanted. */
void ct_table_cell_color(struct ct_table *table, const char *sgr, const char *fmt, ...)
	CT_PRINTF(3, 4);
/* Without printing it. */
void ct_table_destroy(struct ct_table *table);
/* Print and destroy. */
void ct_table_print(struct ct_table *table, struct ct_out *out);

/* For people: "1.2 s", "812 ms", "$0.0021", "3 min ago"; into buf, which is returned. */
enum { CT_HUMAN_SIZE = 32 };
char *ct_human_ms(char *buf, size_t size, int64_t ms); /* "-" for negative */
char *ct_human_usd(char *buf, size_t size, int64_t nanos); /* "-" for negative */
char *ct_human_ago(char *buf, size_t size, int64_t wall_ms, int64_t now_ms); /* "-" for 0 */

char *ct_human_count(char *buf, size_t size, int64_t count); /* "12345", "1.23 M" */

/* Columns that UTF-8 text takes on a terminal. */
int ct_text_width(struct ct_str text);
/* Its lines, by the line ends in it. */
size_t ct_text_lines(struct ct_str text);
/* The most bytes of text, whole characters, that fit in that many columns. */
size_t ct_text_fit(struct ct_str text, int columns);

#endif

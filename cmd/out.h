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
};

/* Bytes to stdout, redacted; the answer's only way out. A closed stdout sets out->closed. */
void ct_out_write(struct ct_out *out, struct ct_str text);
void ct_out_printf(struct ct_out *out, const char *fmt, ...) CT_PRINTF(2, 3);

/* A line to stderr, "cartrita: …", redacted, control characters removed. */
void ct_out_error(struct ct_out *out, const struct ct_err *err);

/* One JSON document to stdout, with a line end. Clears text. */
void ct_out_json(struct ct_out *out, struct ct_buf *text);

/*
 * A table: cells are added row by row, widths are found at the end; when it is wider than the
 * terminal the columns marked shrink are cut with "…". Cells are text: control characters are removed.
 */
enum ct_align { CT_LEFT, CT_RIGHT };
struct ct_column {
	const char *title;
	enum ct_align align;
	bool shrink;
};

struct ct_table;
struct ct_table *ct_table_create(const struct ct_column *columns, size_t count);
void ct_table_cell(struct ct_table *table, const char *fmt, ...) CT_PRINTF(2, 3);
/* The same in a colour: an SGR parameter such as "31" for red; used only where colour is wanted. */
void ct_table_cell_color(struct ct_table *table, const char *sgr, const char *fmt, ...)
	CT_PRINTF(3, 4);
/* Print and destroy. */
void ct_table_print(struct ct_table *table, struct ct_out *out);

/* For people: "1.2 s", "812 ms", "$0.0021", "3 min ago"; into buf, which is returned. */
char *ct_human_ms(char *buf, size_t size, int64_t ms); /* "-" for negative */
char *ct_human_usd(char *buf, size_t size, int64_t nanos); /* "-" for negative */
char *ct_human_ago(char *buf, size_t size, int64_t wall_ms, int64_t now_ms); /* "-" for 0 */

/* Columns that UTF-8 text takes on a terminal. */
int ct_text_width(struct ct_str text);

#endif

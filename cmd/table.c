#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/utf8.h"
#include "out.h"

enum {
	GAP = 2, /* blanks between columns */
	NARROWEST = 6, /* a column is not shrunk below that */
	READABLE = 20, /* nor below that, while there are optional ones to leave out */
	CELLS_MAX = 256 << 20,
	COLUMNS_MAX = 32,
};

struct cell {
	size_t from, len; /* in text */
	int width;
	const char *sgr;
};

struct ct_table {
	const struct ct_column *columns;
	size_t column_count;
	struct cell *cells; /* row by row */
	size_t cell_count, cell_room;
	struct ct_buf text;
	int natural[COLUMNS_MAX], widths[COLUMNS_MAX]; /* as wide as the widest cell; as shown */
	bool hidden[COLUMNS_MAX];
	bool failed;
};

struct ct_table *ct_table_create(const struct ct_column *columns, size_t count)
{
	struct ct_table *t = count <= COLUMNS_MAX ? calloc(1, sizeof(*t)) : NULL;

	if (t == NULL)
		return NULL;
	t->columns = columns;
	t->column_count = count;
	t->text = (struct ct_buf)CT_BUF_INIT(CELLS_MAX);
	return t;
}

static struct cell *add_cell(struct ct_table *t)
{
	if (t->cell_count == t->cell_room) {
		size_t room = t->cell_room ? 2 * t->cell_room : 64;
		struct cell *cells = reallocarray(t->cells, room, sizeof(*cells));
		if (cells == NULL)
			return NULL;
		t->cells = cells;
		t->cell_room = room;
	}
	return &t->cells[t->cell_count++];
}

static void CT_PRINTF(3, 0)
	add(struct ct_table *t, const char *sgr, const char *fmt, va_list args)
{
	struct cell *cell = t != NULL ? add_cell(t) : NULL;
	char *text;

	if (t != NULL && cell == NULL)
		t->failed = true;
	if (cell == NULL)
		return;
	*cell = (struct cell){ .from = t->text.len, .sgr = sgr };
	if (vasprintf(&text, fmt, args) < 0) {
		t->failed = true;
		return;
	}
	ct_buf_puts(&t->text, text);
	cell->len = t->text.len - cell->from;
	free(text);
}

void ct_table_cell(struct ct_table *table, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(table, NULL, fmt, args);
	va_end(args);
}

void ct_table_cell_color(struct ct_table *table, const char *sgr, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(table, sgr, fmt, args);
	va_end(args);
}

static struct ct_str cell_text(const struct ct_table *t, const struct cell *cell)
{
	return (struct ct_str){ t->text.ptr + cell->from, cell->len };
}

/* One line that a terminal may be shown; redacted first: half a key would no longer be known. */
static void clean_cell(struct ct_table *t, struct cell *cell, const struct ct_redactor *redactor,
		       struct ct_buf *into)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf open = CT_BUF_INIT(CELLS_MAX);
	CT_CLEANUP(ct_buf_fini) struct ct_buf valid = CT_BUF_INIT(CELLS_MAX);
	size_t from = into->len;

	ct_redact(redactor, cell_text(t, cell), &open);
	ct_utf8_clean(ct_buf_str(&open), &valid);
	ct_utf8_printable(ct_buf_str(&valid), into);
	for (size_t i = from; i < into->len; i++)
		if (into->ptr[i] == '\n' || into->ptr[i] == '\t')
			into->ptr[i] = ' ';
	if (open.failed || valid.failed)
		t->failed = true;
	cell->from = from;
	cell->len = into->len - from;
}

static void measure(struct ct_table *t, const struct ct_redactor *redactor)
{
	struct ct_buf clean = CT_BUF_INIT(CELLS_MAX);

	for (size_t i = 0; i < t->column_count; i++)
		t->natural[i] = ct_text_width(ct_str(t->columns[i].title));
	for (size_t i = 0; i < t->cell_count; i++)
		clean_cell(t, &t->cells[i], redactor, &clean);
	t->failed = t->failed || t->text.failed || clean.failed;
	ct_buf_fini(&t->text);
	t->text = clean;
	for (size_t i = 0; !t->failed && i < t->cell_count; i++) {
		int *width = &t->natural[i % t->column_count];
		t->cells[i].width = ct_text_width(cell_text(t, &t->cells[i]));
		if (t->cells[i].width > *width)
			*width = t->cells[i].width;
	}
}

static int whole_width(const struct ct_table *t)
{
	int width = -GAP;

	for (size_t i = 0; i < t->column_count; i++)
		if (!t->hidden[i])
			width += t->widths[i] + GAP;
	return width;
}

/* Take from the widest column that may shrink, not below least, until all fits; false: it cannot. */
static bool shrink(struct ct_table *t, int room, int least)
{
	memcpy(t->widths, t->natural, sizeof(t->widths));
	while (whole_width(t) > room) {
		size_t widest = t->column_count;
		for (size_t i = 0; i < t->column_count; i++)
			if (t->columns[i].shrink && !t->hidden[i] && t->widths[i] > least &&
			    (widest == t->column_count || t->widths[i] > t->widths[widest]))
				widest = i;
		if (widest == t->column_count)
			return false;
		t->widths[widest]--;
	}
	return true;
}

static bool hide_one(struct ct_table *t)
{
	size_t found = t->column_count;

	for (size_t i = t->column_count; i-- > 0;)
		if (t->columns[i].optional != 0 && !t->hidden[i] &&
		    (found == t->column_count ||
		     t->columns[i].optional < t->columns[found].optional))
			found = i;
	if (found == t->column_count)
		return false;
	t->hidden[found] = true;
	return true;
}

static bool fit(struct ct_table *t, int room)
{
	while (!shrink(t, room, READABLE))
		if (!hide_one(t))
			return shrink(t, room, NARROWEST);
	return true;
}

static void blanks(struct ct_buf *out, int count)
{
	if (count > 0)
		ct_buf_printf(out, "%*s", count, "");
}

static void put_cut(struct ct_buf *out, struct ct_str text, int width)
{
	if (ct_text_width(text) <= width) {
		ct_buf_add(out, text);
		return;
	}
	text.len = ct_text_fit(text, width - 1);
	ct_buf_add(out, text);
	ct_buf_puts(out, "\u2026");
	blanks(out, width - 1 - ct_text_width(text)); /* a wide character may have left one */
}

static void put_colored(struct ct_buf *out, struct ct_str text, int width, const char *sgr)
{
	if (sgr)
		ct_buf_printf(out, "\033[%sm", sgr);
	put_cut(out, text, width);
	if (sgr)
		ct_buf_puts(out, "\033[0m");
}

static bool is_last(const struct ct_table *t, size_t i)
{
	for (i++; i < t->column_count; i++)
		if (!t->hidden[i])
			return false;
	return true;
}

static void end_line(struct ct_buf *out)
{
	while (out->len > 0 && out->ptr[out->len - 1] == ' ')
		out->len--;
	ct_buf_puts(out, "\n");
}

/* One cell of column i; the last column has no blanks after it. */
static void put(struct ct_table *t, size_t i, struct ct_str text, const char *sgr,
		struct ct_buf *out)
{
	if (t->hidden[i])
		return;
	int pad = t->widths[i] - ct_text_width(text);

	if (i > 0)
		blanks(out, GAP);
	if (t->columns[i].align == CT_RIGHT)
		blanks(out, pad);
	put_colored(out, text, t->widths[i], sgr);
	if (is_last(t, i))
		end_line(out);
	else if (t->columns[i].align == CT_LEFT)
		blanks(out, pad);
}

static void put_rows(struct ct_table *t, bool color, struct ct_buf *out)
{
	for (size_t i = 0; i < t->column_count; i++)
		put(t, i, ct_str(t->columns[i].title), color ? "1" : NULL, out);
	for (size_t i = 0; i < t->cell_count; i++)
		put(t, i % t->column_count, cell_text(t, &t->cells[i]),
		    color ? t->cells[i].sgr : NULL, out);
}

static void put_blocks(struct ct_table *t, int room, bool color, struct ct_buf *out)
{
	int title = 0;

	for (size_t i = 0; i < t->column_count; i++)
		if (ct_text_width(ct_str(t->columns[i].title)) > title)
			title = ct_text_width(ct_str(t->columns[i].title));
	int left = room > title + GAP + NARROWEST ? room - title - GAP : NARROWEST;
	for (size_t i = 0; i < t->cell_count; i++) {
		struct ct_str name = ct_str(t->columns[i % t->column_count].title);
		if (i > 0 && i % t->column_count == 0)
			ct_buf_puts(out, "\n");
		put_colored(out, name, title, color ? "1" : NULL);
		blanks(out, title - ct_text_width(name) + GAP);
		put_colored(out, cell_text(t, &t->cells[i]), left,
			    color ? t->cells[i].sgr : NULL);
		ct_buf_puts(out, "\n");
	}
}

void ct_table_destroy(struct ct_table *table)
{
	if (table == NULL)
		return;
	ct_buf_fini(&table->text);
	free(table->cells);
	free(table);
}

void ct_table_print(struct ct_table *table, struct ct_out *out)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CELLS_MAX);

	if (table != NULL) {
		measure(table, out->redactor);
		if (fit(table, out->width > 0 ? out->width : INT_MAX))
			put_rows(table, out->color, &text);
		else
			put_blocks(table, out->width, out->color, &text);
	}
	if (table == NULL || table->failed || text.failed)
		out->failed = ENOMEM;
	else
		ct_out_write(out, ct_buf_str(&text));
	ct_table_destroy(table);
}

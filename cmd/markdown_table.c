/*
 * A table: its cells are read into runs of text, columns get the width they want, or what the
 * terminal has for them, and text is wrapped inside its cell. Where even narrow columns do not fit, each row
 * becomes lines of "head: cell".
 */
#include <stdlib.h>

#include "base/arena.h"
#include "markdown_impl.h"

enum {
	COLUMNS_MAX = 64,
	CELL_BYTES = 1 << 20,
	WIDEST = 10000,
	COLUMN_LEAST = 4,
	GAP = 3, /* " │ " */
};

struct run {
	struct ct_str text, url;
	unsigned style, link;
	struct run *next;
};

struct cell {
	struct run *first, *last;
};

struct table {
	struct ct_markdown *md;
	struct ct_arena arena;
	size_t columns, rows; /* rows: with the head */
	struct cell *cells;
	MD_ALIGN align[COLUMNS_MAX];
	size_t row, column; /* of the cell that is read */
	bool seen, failed;
	int width[COLUMNS_MAX];
};

static struct cell *cell_at(const struct table *t, size_t row, size_t column)
{
	return &t->cells[row * t->columns + column];
}

static void begin_table(struct table *t, const MD_BLOCK_TABLE_DETAIL *detail)
{
	t->columns = detail->col_count;
	t->rows = detail->head_row_count + detail->body_row_count;
	if (t->columns == 0 || t->columns > COLUMNS_MAX)
		return;
	t->cells = ct_arena_alloc(&t->arena, t->rows * t->columns * sizeof(*t->cells));
	t->seen = t->cells != NULL;
}

static void on_block(void *user, MD_BLOCKTYPE type, const void *detail, bool enter)
{
	struct table *t = user;
	bool cell = type == MD_BLOCK_TH || type == MD_BLOCK_TD;

	if (type == MD_BLOCK_TABLE && enter)
		begin_table(t, detail);
	if (!t->seen)
		return;
	if (type == MD_BLOCK_TR && !enter) {
		t->row++;
		t->column = 0;
	}
	if (cell && enter && t->row == 0 && t->column < t->columns)
		t->align[t->column] = ((const MD_BLOCK_TD_DETAIL *)detail)->align;
	if (cell && !enter)
		t->column++;
}

static void on_text(void *user, const struct ct_md_reader *reader, struct ct_str text)
{
	struct table *t = user;

	if (!t->seen || t->row >= t->rows || t->column >= t->columns)
		return;
	struct run *run = ct_arena_alloc(&t->arena, sizeof(*run));
	struct cell *cell = cell_at(t, t->row, t->column);
	if (run == NULL) {
		t->failed = true;
		return;
	}
	run->text = ct_arena_dup(&t->arena, text);
	run->style = reader->style | (t->row == 0 ? CT_STRONG : 0);
	if (reader->url.len > 0)
		run->url = ct_arena_dup(&t->arena, reader->url);
	run->link = reader->link;
	if (cell->last != NULL)
		cell->last->next = run;
	else
		cell->first = run;
	cell->last = run;
}

/* A cell's lines, in that width, each with its line end. */
static void write_cell(const struct table *t, const struct cell *cell, int width,
		       struct ct_buf *out)
{
	struct ct_fill fill;

	ct_fill_init(&fill, out, width);
	fill.color = t->md->style.color;
	fill.links = t->md->style.links;
	for (const struct run *run = cell->first; run != NULL; run = run->next) {
		fill.url = run->url;
		fill.link = run->link;
		ct_fill_text(&fill, run->text, run->style);
	}
	ct_fill_end(&fill);
	ct_fill_fini(&fill);
}

/* The next line of text, which goes on behind it. */
static struct ct_str next_line(struct ct_str *text)
{
	const char *end = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;
	struct ct_str line = { text->ptr, end ? (size_t)(end - text->ptr) : text->len };

	*text = ct_str_from(*text, line.len + 1);
	return line;
}

static int natural_width(const struct table *t, const struct cell *cell, struct ct_buf *work)
{
	int widest = 0;

	ct_buf_clear(work);
	write_cell(t, cell, WIDEST, work);
	for (struct ct_str text = ct_buf_str(work); text.len > 0;) {
		int width = ct_fill_columns(next_line(&text));
		widest = width > widest ? width : widest;
	}
	return widest;
}

/* Take from the widest column until all fit; false: they cannot. */
static bool fit(struct table *t, int room)
{
	int sum = GAP * ((int)t->columns - 1);

	for (size_t i = 0; i < t->columns; i++)
		sum += t->width[i];
	while (sum > room) {
		size_t widest = 0;
		for (size_t i = 1; i < t->columns; i++)
			if (t->width[i] > t->width[widest])
				widest = i;
		if (t->width[widest] <= COLUMN_LEAST)
			return false;
		t->width[widest]--;
		sum--;
	}
	return true;
}

static void measure(struct table *t)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf work = CT_BUF_INIT(CELL_BYTES);

	for (size_t i = 0; i < t->rows * t->columns; i++) {
		int width = natural_width(t, &t->cells[i], &work);
		int *most = &t->width[i % t->columns];
		*most = width > *most ? width : *most;
	}
	for (size_t i = 0; i < t->columns; i++)
		t->width[i] = t->width[i] > 0 ? t->width[i] : 1;
}

static void write_margin(const struct table *t)
{
	t->md->fill.margin(t->md, t->md->out);
}

static void write_rule(const struct table *t)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf rule = CT_BUF_INIT(CELL_BYTES);

	for (size_t i = 0; i < t->columns; i++) {
		if (i > 0)
			ct_buf_puts(&rule, "─┼─");
		for (int n = 0; n < t->width[i]; n++)
			ct_buf_puts(&rule, "─");
	}
	write_margin(t);
	ct_fill_style(t->md->out, t->md->style.color, CT_FAINT, ct_buf_str(&rule));
	ct_buf_puts(t->md->out, "\n");
}

static void write_aligned(const struct table *t, size_t column, struct ct_str line)
{
	struct ct_buf *out = t->md->out;
	int space = t->width[column] - ct_fill_columns(line);
	int before = t->align[column] == MD_ALIGN_RIGHT	 ? space :
		     t->align[column] == MD_ALIGN_CENTER ? space / 2 :
							   0;

	space = space > 0 ? space : 0;
	before = before > 0 ? before : 0;
	if (line.len > 0)
		ct_buf_printf(out, "%*s%.*s", before, "", CT_STR_ARG(line));
	if (column + 1 < t->columns)
		ct_buf_printf(out, "%*s", line.len > 0 ? space - before : t->width[column], "");
}

/* Does a cell of the row have another line? */
static bool any_left(const struct ct_str *rest, size_t columns)
{
	for (size_t i = 0; i < columns; i++)
		if (rest[i].len > 0)
			return true;
	return false;
}

/* The lines of a row; how many. */
static int write_row(const struct table *t, size_t row)
{
	struct ct_buf cells[COLUMNS_MAX];
	struct ct_str rest[COLUMNS_MAX];
	int lines = 0;

	for (size_t i = 0; i < t->columns; i++) {
		cells[i] = (struct ct_buf)CT_BUF_INIT(CELL_BYTES);
		write_cell(t, cell_at(t, row, i), t->width[i], &cells[i]);
		rest[i] = ct_buf_str(&cells[i]);
	}
	do {
		write_margin(t);
		for (size_t i = 0; i < t->columns; i++) {
			if (i > 0)
				ct_fill_style(t->md->out, t->md->style.color, CT_FAINT,
					      ct_str(" │ "));
			write_aligned(t, i, next_line(&rest[i]));
		}
		ct_buf_puts(t->md->out, "\n");
		lines++;
	} while (any_left(rest, t->columns));
	for (size_t i = 0; i < t->columns; i++)
		ct_buf_fini(&cells[i]);
	return lines;
}

static void write_grid(const struct table *t, bool wrapped)
{
	write_row(t, 0);
	write_rule(t);
	for (size_t i = 1; i < t->rows; i++) {
		write_row(t, i);
		if (wrapped && i + 1 < t->rows)
			write_rule(t);
	}
}

static void give_cell(const struct table *t, const struct cell *cell)
{
	struct ct_fill *fill = &t->md->fill;

	for (const struct run *run = cell->first; run != NULL; run = run->next) {
		fill->url = run->url;
		fill->link = run->link;
		ct_fill_text(fill, run->text, run->style);
	}
}

static void write_list(const struct table *t)
{
	struct ct_fill *fill = &t->md->fill;

	for (size_t row = 1; row < t->rows; row++) {
		if (row > 1) {
			write_margin(t);
			ct_buf_puts(t->md->out, "\n");
		}
		for (size_t i = 0; i < t->columns; i++) {
			give_cell(t, cell_at(t, 0, i));
			ct_fill_text(fill, ct_str(": "), 0);
			give_cell(t, cell_at(t, row, i));
			ct_fill_end(fill);
		}
	}
}

/* What only looked like a table: its lines as text. */
static void write_lines(struct ct_markdown *md)
{
	struct ct_str text = ct_buf_str(&md->table);

	while (text.len > 0) {
		struct ct_str line = ct_str_trim(next_line(&text));
		if (line.len > 0)
			ct_md_text_whole(md, line, 0);
	}
}

void ct_md_table_write(struct ct_markdown *md)
{
	struct table t = { .md = md };

	if (md->table_lines > 1) {
		md->reader.text = on_text;
		md->reader.block = on_block;
		md->reader.user = &t;
		ct_md_read_table(&md->reader, ct_buf_str(&md->table));
	}
	if (!t.seen || t.failed) {
		write_lines(md);
	} else {
		int natural[COLUMNS_MAX];
		measure(&t);
		memcpy(natural, t.width, sizeof(natural));
		if (fit(&t, md->style.width - ct_md_margin(md)))
			write_grid(&t, memcmp(natural, t.width, sizeof(natural)) != 0);
		else
			write_list(&t);
	}
	ct_arena_fini(&t.arena);
}

/* Quotes and list items: what stands before a block's lines. */
#include <stdio.h>

#include "markdown_impl.h"
#include "out.h"

static const char *marker_text(const struct ct_markdown *md, size_t index, char buf[32])
{
	static const char *const bullets[] = { "• ", "◦ ", "▪ " };
	const struct ct_md_container *c = &md->containers[index];
	size_t level = 0;

	if (c->kind == CT_MD_QUOTE)
		return "│ ";
	if (c->number >= 0) {
		snprintf(buf, 32, "%lld%c ", (long long)c->number, c->mark);
		return buf;
	}
	for (size_t i = 0; i < index; i++)
		level += md->containers[i].kind == CT_MD_ITEM && md->containers[i].number < 0;
	if (c->task != CT_MD_NO_TASK)
		return c->task == CT_MD_TASK_DONE ? "☑ " : "☐ ";
	return bullets[level < CT_COUNT(bullets) ? level : CT_COUNT(bullets) - 1];
}

/* Deep in a narrow terminal, margins beyond half of it are left out, but for markers. */
static bool has_room(const struct ct_markdown *md, size_t index, int used, int width)
{
	return md->marker_due[index] || used + width <= md->style.width / 2;
}

int ct_md_margin(const struct ct_markdown *md)
{
	int used = 0;
	char buf[32];

	for (size_t i = 0; i < md->depth; i++) {
		int width = ct_text_width(ct_str(marker_text(md, i, buf)));
		used += has_room(md, i, used, width) ? width : 0;
	}
	return used;
}

int ct_md_write_margin(void *user, struct ct_buf *out)
{
	struct ct_markdown *md = user;
	int used = 0;
	char buf[32];

	for (size_t i = 0; i < md->depth; i++) {
		const char *text = marker_text(md, i, buf);
		int width = ct_text_width(ct_str(text));
		bool quote = md->containers[i].kind == CT_MD_QUOTE;
		if (!has_room(md, i, used, width))
			continue;
		if (quote || md->marker_due[i])
			ct_fill_style(out, md->style.color, quote ? CT_FAINT : 0, ct_str(text));
		else
			ct_buf_printf(out, "%*s", width, "");
		md->marker_due[i] = false;
		used += width;
	}
	return used;
}

void ct_md_write_blank(struct ct_markdown *md)
{
	bool bar = false;

	for (size_t i = 0; i < md->depth; i++)
		bar = bar || md->containers[i].kind == CT_MD_QUOTE;
	if (bar)
		ct_md_write_margin(md, md->out);
	ct_buf_puts(md->out, "\n");
}

void ct_md_close_to(struct ct_markdown *md, size_t keep)
{
	for (size_t i = 0; i < md->depth && md->depth > keep; i++)
		if (md->marker_due[i]) {
			ct_fill_open(&md->fill);
			ct_fill_end(&md->fill);
		}
	while (md->depth > keep) {
		const struct ct_md_container *c = &md->containers[--md->depth];
		bool item = c->kind == CT_MD_ITEM;
		md->last_number[md->depth + 1] = -1;
		md->last_mark[md->depth] = item ? c->mark : '\0';
		md->last_number[md->depth] = item ? c->number : -1;
	}
}

/* Items count on, whatever their numbers say, as those of one list do. */
void ct_md_open_container(struct ct_markdown *md, const struct ct_md_container *fresh)
{
	size_t at = md->depth++;
	struct ct_md_container *c = &md->containers[at];

	*c = *fresh;
	md->marker_due[at] = c->kind == CT_MD_ITEM;
	if (c->number >= 0 && md->last_number[at] >= 0 && md->last_mark[at] == c->mark)
		c->number = md->last_number[at] + 1;
	md->last_number[at] = -1;
	md->last_number[at + 1] = -1;
}

/* What a word may become: collected, compared, listed; what a mark of a paste stands for. */
#include <stdio.h>

#include "repl_line.h"

void ct_line_offer(struct ct_line_words *words, struct ct_str word)
{
	if (word.len < words->partial.len ||
	    memcmp(word.ptr, words->partial.ptr, words->partial.len) != 0)
		return;
	ct_buf_add(&words->list, word);
	ct_buf_append(&words->list, "", 1);
	words->count++;
}

size_t ct_line_common(const struct ct_line_words *words)
{
	const char *first = words->list.ptr, *word = first;
	size_t len = strlen(first);

	for (size_t i = 0; i < words->count; i++, word += strlen(word) + 1)
		for (size_t n = 0; n < len; n++)
			if (word[n] != first[n])
				len = n;
	while (len > 0 && len < strlen(first) && ((unsigned char)first[len] & 0xC0) == 0x80)
		len--; /* whole characters */
	return len;
}

void ct_line_list(struct ct_out *out, const struct ct_line_words *words)
{
	const char *word = words->list.ptr;
	int widest = 0, width = out->width > 0 ? out->width : 80;

	for (size_t i = 0; i < words->count; i++, word += strlen(word) + 1)
		widest = ct_text_width(ct_str(word)) > widest ? ct_text_width(ct_str(word)) :
								widest;
	int columns = (widest + 2 < width) ? width / (widest + 2) : 1;
	word = words->list.ptr;
	ct_out_printf(out, "\n");
	for (size_t i = 0; i < words->count; i++, word += strlen(word) + 1) {
		bool last = (int)(i % (size_t)columns) == columns - 1 || i + 1 == words->count;
		int pad = last ? 0 : widest + 2 - ct_text_width(ct_str(word));
		ct_out_printf(out, "%s%*s%s", word, pad, "", last ? "\n" : "");
	}
	ct_out_flush(out);
}

void ct_paste_expand(const struct ct_buf *pastes, size_t count, struct ct_str typed,
		     struct ct_buf *text)
{
	while (typed.len > 0) {
		const char *mark = memmem(typed.ptr, typed.len, "[paste ", 7);
		size_t before = mark ? (size_t)(mark - typed.ptr) : typed.len, number = 0, lines;
		char close = '\0';

		ct_buf_append(text, typed.ptr, before);
		typed = ct_str_from(typed, before);
		if (typed.len == 0)
			return;
		/* typed is libedit's line, which ends with a NUL */
		int found = sscanf(typed.ptr, "[paste %zu: %zu lines%c", &number, &lines, &close);
		const char *end = memchr(typed.ptr, ']', typed.len);
		bool ours = found == 3 && close == ']' && number >= 1 &&
			    number <= count;
		if (ours)
			ct_buf_add(text, ct_buf_str(&pastes[number - 1]));
		else
			ct_buf_append(text, typed.ptr, 1);
		typed = ct_str_from(typed, ours && end ? (size_t)(end - typed.ptr) + 1 : 1);
	}
}

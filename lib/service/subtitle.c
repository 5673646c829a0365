#include "service/subtitle.h"

#include <stdio.h>

enum {
	PAUSE_MS = 800, /* a silence that ends a caption */
	LEAST_MS = 200, /* that a caption stands: of words whose end is not later than their beginning */
	ROOM = CT_CAPTION_LINE * CT_CAPTION_LINES,
};

struct writer {
	enum ct_subtitle_form form;
	struct ct_buf *out;
	size_t number;
	int64_t shown_until; /* captions do not overlap */
};

/* Captions of one run of pieces: first to last. */
struct caption {
	const struct ct_heard *first, *last;
	size_t columns;
};

static size_t columns_of(struct ct_str text)
{
	return ct_speech_characters(text);
}

/* HH:MM:SS,mmm; a dot with WebVTT. */
static void write_time(struct writer *w, int64_t ms)
{
	char mark = w->form == CT_SUBTITLE_SRT ? ',' : '.';

	ct_buf_printf(w->out, "%02lld:%02d:%02d%c%03d", (long long)(ms / 3600000),
		      (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), mark, (int)(ms % 1000));
}

/* In WebVTT < and & begin what is no text, and "-->" is a time. */
static void write_text(struct writer *w, struct ct_str text)
{
	bool vtt = w->form == CT_SUBTITLE_VTT;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (vtt && c == '&')
			ct_buf_puts(w->out, "&amp;");
		else if (vtt && c == '<')
			ct_buf_puts(w->out, "&lt;");
		else if (vtt && c == '>')
			ct_buf_puts(w->out, "&gt;");
		else
			ct_buf_append(w->out, (unsigned char)c < ' ' || c == 0x7F ? " " : &c, 1);
	}
}

/* Words in lines that are full where the next word would not fit. */
static void write_words(struct writer *w, struct ct_str text, size_t *column)
{
	while (text.len > 0) {
		const char *blank = memchr(text.ptr, ' ', text.len);
		size_t len = blank != NULL ? (size_t)(blank - text.ptr) : text.len;
		struct ct_str word = { text.ptr, len };
		size_t columns = columns_of(word);

		text = ct_str_from(text, len + (blank != NULL));
		if (len == 0)
			continue;
		if (*column > 0 && *column + 1 + columns > CT_CAPTION_LINE) {
			ct_buf_puts(w->out, "\n");
			*column = 0;
		}
		if (*column > 0)
			ct_buf_puts(w->out, " ");
		*column += columns + (*column > 0);
		write_text(w, word);
	}
}

static void write_speaker(struct writer *w, int speaker, size_t *column)
{
	char name[32];

	if (speaker < 0)
		return;
	int n = snprintf(name, sizeof(name), "Speaker %d", speaker);
	if (w->form == CT_SUBTITLE_VTT) {
		ct_buf_printf(w->out, "<v %s>", name);
		return;
	}
	ct_buf_printf(w->out, "%s:", name);
	*column = (size_t)n + 1;
}

static void write_caption(struct writer *w, const struct caption *c)
{
	int64_t from = c->first->start_ms < 0 ? 0 : c->first->start_ms;
	int64_t to = c->last->end_ms;
	size_t column = 0;

	if (from < w->shown_until)
		from = w->shown_until;
	if (to < from + LEAST_MS)
		to = from + LEAST_MS;
	w->shown_until = to;
	if (w->form == CT_SUBTITLE_SRT)
		ct_buf_printf(w->out, "%zu\n", ++w->number);
	write_time(w, from);
	ct_buf_puts(w->out, " --> ");
	write_time(w, to);
	ct_buf_puts(w->out, "\n");
	write_speaker(w, c->first->speaker, &column);
	for (const struct ct_heard *h = c->first; h <= c->last; h++)
		write_words(w, h->text, &column);
	ct_buf_puts(w->out, "\n\n");
}

static bool ends_sentence(struct ct_str text)
{
	return text.len > 0 && strchr(".!?", text.ptr[text.len - 1]) != NULL;
}

/* Does another caption begin with next? */
static bool is_full(const struct caption *c, const struct ct_heard *next)
{
	return next->start_ms - c->last->end_ms > PAUSE_MS ||
	       next->end_ms - c->first->start_ms > CT_CAPTION_MS ||
	       next->speaker != c->last->speaker || next->channel != c->last->channel ||
	       c->columns + 1 + columns_of(next->text) > ROOM ||
	       (ends_sentence(c->last->text) && c->columns > CT_CAPTION_LINE);
}

static void write_list(struct writer *w, const struct ct_heard_list *list, bool words)
{
	struct caption c = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct ct_heard *next = &list->list[i];
		if (c.first != NULL && (!words || is_full(&c, next))) {
			write_caption(w, &c);
			c.first = NULL;
		}
		if (c.first == NULL)
			c = (struct caption){ next, next, 0 };
		c.columns += columns_of(next->text) + (c.last != next);
		c.last = next;
	}
	if (c.first != NULL)
		write_caption(w, &c);
}

static bool has_times(const struct ct_heard_list *list)
{
	return list->count > 0 && list->list[0].start_ms >= 0;
}

int ct_subtitle_write(const struct ct_transcript *transcript, enum ct_subtitle_form form,
		      struct ct_str text, struct ct_buf *out, struct ct_err *err)
{
	struct writer w = { .form = form, .out = out };
	bool words = has_times(&transcript->words), passages = has_times(&transcript->passages);

	if (!words && !passages && ct_str_trim(text).len > 0)
		return ct_fail(err, CT_EPROTO, "the transcript came without times");
	if (form == CT_SUBTITLE_VTT)
		ct_buf_puts(out, "WEBVTT\n\n");
	if (words || passages)
		write_list(&w, words ? &transcript->words : &transcript->passages, words);
	return ct_buf_check(out, "the subtitles", err);
}

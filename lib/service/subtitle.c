#include "service/subtitle.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	PAUSE_MS = 800, /* a silence that ends a caption */
	LEAST_MS = 200, /* that a caption stands: of words whose end is not later than their beginning */
	LOOK_AHEAD = 8, /* words of the text: where a word is looked for in it */
};

struct writer {
	enum ct_subtitle_form form;
	struct ct_buf *out;
	size_t number;
	int64_t shown_until; /* captions do not overlap */
};

/* Where the next word goes. */
struct place {
	size_t lines, column; /* lines: full ones, above */
};

/* Captions of one run of pieces: first to last. */
struct caption {
	const struct ct_heard *first, *last;
	struct place end;
};

/* Up to a blank, and no longer than a line: some writing has no blanks. text moves behind it. */
static struct ct_str take_word(struct ct_str *text)
{
	size_t len = 0, columns = 0;

	*text = ct_str_trim(*text);
	while (len < text->len && text->ptr[len] != ' ') {
		bool begins = ((unsigned char)text->ptr[len] & 0xC0) != 0x80;
		if (begins && columns == CT_CAPTION_LINE)
			break;
		columns += begins;
		len++;
	}
	struct ct_str word = { text->ptr, len };
	*text = ct_str_from(*text, len);
	return word;
}

static struct ct_str next_word(struct ct_str *text)
{
	*text = ct_str_trim(*text);

	size_t len = 0;
	while (len < text->len && !isspace((unsigned char)text->ptr[len]))
		len++;
	struct ct_str word = { text->ptr, len };
	*text = ct_str_from(*text, len);
	return word;
}

/* A word goes into the line where it fits, else into the next; true: into the next. */
static bool put_word(struct place *at, struct ct_str word)
{
	size_t columns = ct_speech_characters(word);
	bool wraps = at->column > 0 && at->column + 1 + columns > CT_CAPTION_LINE;

	if (wraps)
		*at = (struct place){ at->lines + 1, 0 };
	at->column += columns + (at->column > 0);
	return wraps;
}

static struct place place_after(struct place at, struct ct_str text)
{
	struct ct_str word;

	while ((word = take_word(&text)).len > 0)
		put_word(&at, word);
	return at;
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

static void write_words(struct writer *w, struct ct_str text, struct place *at)
{
	struct ct_str word;

	while ((word = take_word(&text)).len > 0) {
		bool begins = at->column == 0;
		if (put_word(at, word))
			ct_buf_puts(w->out, "\n");
		else if (!begins)
			ct_buf_puts(w->out, " ");
		write_text(w, word);
	}
}

/* "Speaker 1:" before the words; in WebVTT it is no text. Returns its length; out may be NULL. */
static size_t write_speaker(const struct writer *w, int speaker, struct ct_buf *out)
{
	bool vtt = w->form == CT_SUBTITLE_VTT;
	char name[32];

	if (speaker < 0)
		return 0;
	int n = snprintf(name, sizeof(name),
			 vtt ? "<v Speaker %d>" : "Speaker %d:", speaker);
	if (out != NULL)
		ct_buf_puts(out, name);
	return vtt ? 0 : (size_t)n;
}

static void write_caption(struct writer *w, const struct caption *c)
{
	int64_t from = c->first->start_ms < 0 ? 0 : c->first->start_ms;
	int64_t to = c->last->end_ms;
	struct place at = { 0 };

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
	at.column = write_speaker(w, c->first->speaker, w->out);
	for (const struct ct_heard *h = c->first; h <= c->last; h++)
		write_words(w, h->text, &at);
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
	       place_after(c->end, next->text).lines >= CT_CAPTION_LINES ||
	       (ends_sentence(c->last->text) && c->end.lines > 0);
}

/* By their beginning; of two at once the one that came first. */
static int compare_captions(const void *left, const void *right)
{
	const struct caption *a = left, *b = right;

	if (a->first->start_ms != b->first->start_ms)
		return a->first->start_ms < b->first->start_ms ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

/* The words of one channel come behind those of another: captions come as they are heard. */
static int write_list(struct writer *w, const struct ct_heard_list *list, struct ct_err *err)
{
	struct caption *captions = calloc(list->count + 1, sizeof(*captions)), *c = captions;
	size_t count = 0;

	if (captions == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	for (size_t i = 0; i < list->count; i++) {
		const struct ct_heard *next = &list->list[i];
		if (count == 0 || is_full(c, next)) {
			c = &captions[count++];
			c->first = next;
			c->end.column = write_speaker(w, next->speaker, NULL);
		}
		c->end = place_after(c->end, next->text);
		c->last = next;
	}
	qsort(captions, count, sizeof(*captions), compare_captions);
	for (size_t i = 0; i < count; i++)
		write_caption(w, &captions[i]);
	free(captions);
	return CT_OK;
}

/* The words of a passage, as if each took its share of the time by its length. */
static int share_out(const struct ct_heard *passage, struct ct_heard_list *out,
		     struct ct_err *err)
{
	struct ct_str rest = passage->text, word;
	int64_t all = (int64_t)ct_speech_characters(passage->text), said = 0;
	int64_t took = passage->end_ms > passage->start_ms
			       ? passage->end_ms - passage->start_ms
			       : 0;

	out->list = calloc(passage->text.len + 1, sizeof(*out->list));
	if (out->list == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	while ((word = take_word(&rest)).len > 0) {
		struct ct_heard *heard = &out->list[out->count++];

		*heard = *passage;
		heard->text = word;
		heard->start_ms = passage->start_ms + took * said / all;
		said = all - (int64_t)ct_speech_characters(rest);
		heard->end_ms = passage->start_ms + took * said / all;
	}
	return CT_OK;
}

/* Each passage begins a caption; one that is too long for one is shared out among several. */
static int write_passages(struct writer *w, const struct ct_heard_list *list,
			  struct ct_err *err)
{
	int rc = CT_OK;

	for (size_t i = 0; i < list->count && rc == CT_OK; i++) {
		struct ct_heard_list words = { 0 };
		rc = share_out(&list->list[i], &words, err);
		if (rc == CT_OK)
			rc = write_list(w, &words, err);
		free(words.list);
	}
	return rc;
}

static bool is_mark(struct ct_str at)
{
	unsigned char c = (unsigned char)at.ptr[0];

	return c < 0x80 ? ispunct(c)
			: ct_str_starts(at, "\xE2\x80") || ct_str_starts(at, "\xC2\xBF");
}

/* A word without the marks around it. */
static struct ct_str bare(struct ct_str word)
{
	size_t end = 0;

	while (word.len > 0 && is_mark(word)) {
		size_t bytes = (unsigned char)word.ptr[0] < 0x80 ? 1
			       : word.ptr[0] == '\xC2'		 ? 2
								 : 3;
		word = ct_str_from(word, bytes);
	}
	for (size_t i = 0; i < word.len; i++)
		if (((unsigned char)word.ptr[i] & 0xC0) != 0x80 &&
		    !is_mark(ct_str_from(word, i)))
			end = i + 1;
	while (end < word.len && ((unsigned char)word.ptr[end] & 0xC0) == 0x80)
		end++;
	return (struct ct_str){ word.ptr, end };
}

/* The word as the text has it, if it is one of the next ones there; text moves behind it. */
static struct ct_str find_in_text(struct ct_str word, struct ct_str *text)
{
	struct ct_str rest = *text, plain = bare(word);

	for (int i = 0; i < LOOK_AHEAD && plain.len > 0; i++) {
		struct ct_str found = next_word(&rest);
		if (found.len == 0)
			break;
		if (!ct_str_eq(bare(found), plain))
			continue;
		*text = rest;
		return found;
	}
	return word;
}

/* Some services give words without the marks that only their text has. */
static int write_marked(struct writer *w, const struct ct_heard_list *words,
			struct ct_str text, struct ct_err *err)
{
	struct ct_heard_list marked = { calloc(words->count, sizeof(*words->list)),
					words->count, words->count };

	if (marked.list == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	for (size_t i = 0; i < words->count; i++) {
		marked.list[i] = words->list[i];
		marked.list[i].text = find_in_text(words->list[i].text, &text);
	}
	int rc = write_list(w, &marked, err);
	free(marked.list);
	return rc;
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
	int rc = CT_OK;

	if (!words && !passages && ct_str_trim(text).len > 0)
		return ct_fail(err, CT_EPROTO, "the transcript came without times");
	if (form == CT_SUBTITLE_VTT)
		ct_buf_puts(out, "WEBVTT\n\n");
	if (words)
		rc = write_marked(&w, &transcript->words, text, err);
	else if (passages)
		rc = write_passages(&w, &transcript->passages, err);
	return rc == CT_OK ? ct_buf_check(out, "the subtitles", err) : rc;
}

#include "repl_line.h"

#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <wchar.h>

#include "codec/utf8.h"
#include "markdown_fill.h"
#include "repl_history.h"
#include "setup.h"

enum {
	PASTES_MAX = 64,
	PASTE_SHOWN_BYTES = 1000, /* longer pastes are shown as "[paste 1: 120 lines]" */
	PASTE_SHOWN_LINES = 10,
	INPUT_BYTES = 4096,
	CTRL_C = 3,
};

struct ct_line {
	struct ct_out *out;
	struct ct_line_hooks hooks;
	const char *history_path;
	bool history_failed; /* said already */
	EditLine *edit; /* NULL: a terminal that cannot move its cursor */
	History *history;
	int signals; /* signalfd */
	sigset_t before; /* the mask outside of a read */
	const char *prompt;
	int drawn_width; /* that libedit knows of */
	bool more, cleared, killed, ended, idle_done;
	char input[INPUT_BYTES]; /* read from the terminal, not taken yet */
	size_t input_at, input_len;
	struct ct_buf pastes[PASTES_MAX]; /* of this line */
	size_t paste_count;
};

static void watched(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGWINCH);
	sigaddset(set, SIGCONT);
}

/* Rows between the line's first one and the cursor, in the terminal's width. */
static int rows_above(const struct ct_line *line)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_LINE_BYTES);
	const LineInfo *info = el_line(line->edit);
	int width = line->out->width > 0 ? line->out->width : 80, rows = 0, column = 0;

	for (const char *p = line->prompt; *p != '\0'; p++)
		if (*p != '\1')
			ct_buf_append(&text, p, 1);
	column = ct_fill_columns(ct_buf_str(&text));
	for (const char *p = info->buffer; p < info->cursor;) {
		const char *end = memchr(p, '\n', (size_t)(info->cursor - p));
		struct ct_str part = { p, (size_t)((end ? end : info->cursor) - p) };
		column += ct_text_width(part);
		rows += column / width + (end != NULL);
		column = end ? 0 : column % width;
		p = end ? end + 1 : info->cursor;
	}
	return rows + column / width;
}

/* A new size, or back from Ctrl-Z: the line is drawn again, from where it began. */
static void redraw(struct ct_line *line, bool resumed)
{
	ct_setup_width(line->out);
	if (line->edit == NULL)
		return;
	int up = rows_above(line);
	if (resumed)
		el_set(line->edit, EL_PREP_TERM, 1);
	else if (up > 0)
		ct_out_printf(line->out, "\r\033[%dA\033[J", up);
	else
		ct_out_printf(line->out, "\r\033[J");
	ct_out_flush(line->out);
	el_resize(line->edit);
	el_set(line->edit, EL_REFRESH);
}

/* 0: go on; else the character that the signal stands for, or -1 for the end. */
static int take_signal(struct ct_line *line)
{
	struct signalfd_siginfo info;

	if (read(line->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	switch (info.ssi_signo) {
	case SIGINT:
		return CTRL_C;
	case SIGWINCH:
	case SIGCONT:
		redraw(line, info.ssi_signo == SIGCONT);
		return 0;
	default:
		line->killed = true;
		return -1;
	}
}

/* Wait until the terminal has something: 1; Ctrl-C by a signal: CTRL_C; the end: -1. */
static int wait_input(struct ct_line *line)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				{ .fd = line->signals, .events = POLLIN } };

	for (;;) {
		int n = poll(fds, 2, line->idle_done ? -1 : 0);
		if (n == 0) {
			line->idle_done = true;
			line->hooks.idle(line->hooks.user);
		}
		if (n < 0 && errno != EINTR)
			return -1;
		int what = n > 0 && fds[1].revents ? take_signal(line) : 0;
		if (what != 0)
			return what;
		if (n > 0 && fds[0].revents)
			return 1;
	}
}

/* Have a byte at hand: 1; else as wait_input(). */
static int fill_input(struct ct_line *line)
{
	while (line->input_at == line->input_len) {
		int what = line->ended ? -1 : wait_input(line);
		if (what != 1)
			return what;
		ssize_t n = read(STDIN_FILENO, line->input, sizeof(line->input));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0) {
			line->ended = true;
			return -1;
		}
		line->input_at = 0;
		line->input_len = (size_t)n;
	}
	return 1;
}

/* A character; bytes that are none become U+FFFD. 1, or 0 at the end. */
static int get_char(EditLine *edit, wchar_t *c)
{
	struct ct_line *line;
	mbstate_t state = { 0 };

	el_get(edit, EL_CLIENTDATA, &line);
	for (;;) {
		int what = fill_input(line);
		if (what != 1) {
			*c = CTRL_C;
			return what == CTRL_C ? 1 : 0;
		}
		size_t n = mbrtowc(c, &line->input[line->input_at++], 1, &state);
		if (n != (size_t)-2) {
			if (n == (size_t)-1)
				*c = 0xFFFD;
			return 1;
		}
	}
}

static char *get_prompt(EditLine *edit)
{
	struct ct_line *line;
	char *prompt;

	el_get(edit, EL_CLIENTDATA, &line);
	memcpy(&prompt, &line->prompt, sizeof(prompt)); /* libedit does not write to it */
	return prompt;
}

/* Ctrl-C: nothing is typed any more. */
static unsigned char clear_line(EditLine *edit, int key)
{
	const LineInfoW *info = el_wline(edit);
	struct ct_line *line;

	(void)key;
	el_get(edit, EL_CLIENTDATA, &line);
	el_cursor(edit, (int)(info->lastchar - info->cursor));
	el_wdeletestr(edit, (int)(info->lastchar - info->buffer));
	line->cleared = line->more;
	return line->more ? CC_NEWLINE : CC_REFRESH;
}

/* What the terminal sends between ESC [200~ and ESC [201~, as UTF-8 with \n for line ends. */
static void read_paste(EditLine *edit, struct ct_buf *text)
{
	static const char end[] = "\033[201~";
	const size_t len = sizeof(end) - 1;
	wchar_t c;

	while (get_char(edit, &c) == 1) {
		char bytes[MB_LEN_MAX];
		mbstate_t state = { 0 };
		size_t n = wcrtomb(bytes, c == L'\r' ? L'\n' : c, &state);
		if (n != (size_t)-1 && c != L'\0')
			ct_buf_append(text, bytes, n);
		if (text->len < len || memcmp(text->ptr + text->len - len, end, len) != 0)
			continue;
		text->ptr[text->len -= len] = '\0';
		return;
	}
}

/* A paste is one input: nothing in it sends it. */
static unsigned char take_paste(EditLine *edit, int key)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf raw = CT_BUF_INIT(CT_LINE_BYTES);
	struct ct_buf text = CT_BUF_INIT(CT_LINE_BYTES);
	struct ct_line *line;
	char token[64];

	(void)key;
	el_get(edit, EL_CLIENTDATA, &line);
	read_paste(edit, &raw);
	ct_utf8_printable(ct_buf_str(&raw), &text);
	size_t lines = ct_text_lines(ct_buf_str(&text));
	if (text.len <= PASTE_SHOWN_BYTES && lines <= PASTE_SHOWN_LINES) {
		int rc = text.len > 0 ? el_insertstr(edit, text.ptr) : 0;
		ct_buf_fini(&text);
		return rc == 0 ? CC_REFRESH : CC_ERROR;
	}
	if (raw.failed || line->paste_count == PASTES_MAX) {
		ct_buf_fini(&text);
		return CC_ERROR;
	}
	line->pastes[line->paste_count++] = text;
	snprintf(token, sizeof(token), "[paste %zu: %zu lines]", line->paste_count, lines);
	return el_insertstr(edit, token) == 0 ? CC_REFRESH : CC_ERROR;
}

/* Tab: what is certain is typed, what is not is listed. */
static unsigned char complete(EditLine *edit, int key)
{
	struct ct_line_words words = { .list = CT_BUF_INIT(1 << 20) };
	CT_CLEANUP(ct_buf_fini) struct ct_buf rest = CT_BUF_INIT(1 << 20);
	const LineInfo *info = el_line(edit);
	struct ct_line *line;
	unsigned char what = CC_REFRESH_BEEP;

	(void)key;
	el_get(edit, EL_CLIENTDATA, &line);
	struct ct_str before = { info->buffer, (size_t)(info->cursor - info->buffer) };
	words.partial = ct_str_from(before, before.len);
	line->hooks.complete(line->hooks.user, before, &words);
	size_t same = words.count > 0 ? ct_line_common(&words) : 0;
	if (words.count > 0 && same >= words.partial.len)
		ct_buf_append(&rest, words.list.ptr + words.partial.len,
			      same - words.partial.len);
	if (words.count == 1 && words.list.ptr[same - (same > 0)] != '/')
		ct_buf_puts(&rest, " ");
	if (rest.len > 0 && el_insertstr(edit, rest.ptr) == 0) {
		what = CC_REFRESH;
	} else if (words.count > 1) {
		ct_line_list(line->out, &words);
		what = CC_REDISPLAY;
	}
	ct_buf_fini(&words.list);
	return what;
}

static void bind(EditLine *edit)
{
	static const char *const keys[][2] = {
		{ "\\e[200~", "ct-paste" },	{ "^I", "ct-complete" },
		{ "^C", "ct-clear" },		{ "^R", "em-inc-search-prev" },
		{ "\\e[3~", "ed-delete-next-char" }, { "\\e[1~", "ed-move-to-beg" },
		{ "\\e[4~", "ed-move-to-end" }, { "\\e[H", "ed-move-to-beg" },
		{ "\\e[F", "ed-move-to-end" },	{ "\\eOH", "ed-move-to-beg" },
		{ "\\eOF", "ed-move-to-end" },	{ "\\e[1;5C", "em-next-word" },
		{ "\\e[1;5D", "ed-prev-word" },
	};

	/* wide: libedit does not free what it makes of narrow ones */
	el_wset(edit, EL_ADDFN, L"ct-paste", L"Take a pasted text", take_paste);
	el_wset(edit, EL_ADDFN, L"ct-complete", L"Complete the word", complete);
	el_wset(edit, EL_ADDFN, L"ct-clear", L"Clear the line", clear_line);
	for (size_t i = 0; i < CT_COUNT(keys); i++)
		el_set(edit, EL_BIND, keys[i][0], keys[i][1], NULL);
	/* Ctrl-C is a key here, not a signal */
	el_set(edit, EL_SETTY, "-d", "intr=", NULL);
}

static int open_edit(struct ct_line *line)
{
	HistEvent event;

	line->history = history_init();
	line->edit = el_init("cartrita", stdin, stdout, stderr);
	if (line->history == NULL || line->edit == NULL)
		return CT_ENOMEM;
	history(line->history, &event, H_SETSIZE, CT_HISTORY_ENTRIES);
	history(line->history, &event, H_SETUNIQUE, 1);
	el_set(line->edit, EL_CLIENTDATA, line);
	el_set(line->edit, EL_EDITOR, "emacs");
	el_set(line->edit, EL_SIGNAL, 0);
	el_set(line->edit, EL_PROMPT_ESC, get_prompt, '\1');
	el_set(line->edit, EL_HIST, history, line->history);
	el_wset(line->edit, EL_GETCFN, get_char);
	el_source(line->edit, NULL);
	bind(line->edit);
	return CT_OK;
}

static void say_history(struct ct_line *line, const struct ct_err *err)
{
	if (!line->history_failed)
		ct_out_notice(line->out, "%s", err->msg);
	line->history_failed = true;
}

static void load_history(struct ct_line *line)
{
	HistEvent event;
	struct ct_err err;

	if (line->history_path == NULL || line->edit == NULL)
		return;
	if (ct_history_trim(line->history_path, &err) != CT_OK)
		say_history(line, &err);
	else if (access(line->history_path, R_OK) == 0)
		history(line->history, &event, H_LOAD, line->history_path);
}

int ct_line_open(struct ct_out *out, const struct ct_line_hooks *hooks, const char *path,
		 struct ct_line **line, struct ct_err *err)
{
	struct ct_line *l = calloc(1, sizeof(*l));
	const char *term = getenv("TERM");
	bool dumb = term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
	sigset_t set;

	if (l == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a session");
	l->out = out;
	l->hooks = *hooks;
	l->history_path = path;
	watched(&set);
	l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	int rc = l->signals >= 0 ? CT_OK : ct_fail(err, CT_EIO, "cannot watch signals: %s",
						  strerror(errno));
	if (rc == CT_OK && !dumb && open_edit(l) != CT_OK)
		rc = ct_fail(err, CT_ENOMEM, "no memory for a line editor");
	if (rc != CT_OK) {
		ct_line_close(l);
		return rc;
	}
	load_history(l);
	*line = l;
	return CT_OK;
}

static void forget_pastes(struct ct_line *line)
{
	while (line->paste_count > 0)
		ct_buf_fini(&line->pastes[--line->paste_count]);
}

void ct_line_close(struct ct_line *line)
{
	if (line == NULL)
		return;
	if (line->edit != NULL)
		el_end(line->edit);
	if (line->history != NULL)
		history_end(line->history);
	if (line->signals >= 0)
		close(line->signals);
	forget_pastes(line);
	free(line);
}

/* Without an editor: bytes up to a line end, as the terminal hands them on. */
static bool read_plain(struct ct_line *line, struct ct_buf *text)
{
	for (const char *p = line->prompt; *p != '\0'; p++)
		if (*p != '\1')
			ct_out_write(line->out, (struct ct_str){ p, 1 });
	ct_out_flush(line->out);
	for (;;) {
		int what = fill_input(line);
		if (what == CTRL_C) {
			line->cleared = true;
			return true;
		}
		if (what != 1)
			return text->len > 0;
		char c = line->input[line->input_at++];
		if (c == '\n')
			return true;
		ct_buf_append(text, &c, 1);
	}
}

static bool read_edited(struct ct_line *line, struct ct_buf *text)
{
	int count = 0;

	ct_setup_width(line->out); /* nobody looked while an answer came */
	if (line->out->width != line->drawn_width)
		el_resize(line->edit);
	line->drawn_width = line->out->width;
	ct_out_flush(line->out);
	ct_out_write(line->out, ct_str("\033[?2004h"));
	const char *typed = el_gets(line->edit, &count);
	ct_out_write(line->out, ct_str("\033[?2004l"));
	if (typed == NULL || count <= 0)
		return line->cleared;
	if (typed[count - 1] == '\n')
		count--;
	ct_paste_expand(line->pastes, line->paste_count,
			(struct ct_str){ typed, (size_t)count }, text);
	return true;
}

enum ct_line_end ct_line_read(struct ct_line *line, const char *prompt, bool more,
			      struct ct_buf *text)
{
	sigset_t set;

	ct_buf_clear(text);
	forget_pastes(line);
	line->prompt = prompt;
	line->more = more;
	line->cleared = line->killed = false;
	watched(&set);
	sigprocmask(SIG_BLOCK, &set, &line->before);
	bool got = line->edit != NULL ? read_edited(line, text) : read_plain(line, text);
	sigprocmask(SIG_SETMASK, &line->before, NULL);
	if (line->killed)
		return CT_LINE_KILLED;
	if (line->cleared && (line->edit == NULL || line->more)) {
		ct_out_write(line->out, ct_str("\n"));
		return CT_LINE_CLEARED;
	}
	return got ? CT_LINE_TEXT : CT_LINE_LEFT;
}

void ct_line_remember(struct ct_line *line, struct ct_str text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(CT_LINE_BYTES);
	HistEvent event;
	struct ct_err err;

	if (text.len == 0 || text.ptr[0] == ' ')
		return;
	ct_redact(line->out->redactor, text, &clean);
	if (line->history != NULL && clean.len <= CT_HISTORY_ENTRY_BYTES)
		history(line->history, &event, H_ENTER, clean.ptr);
	if (line->history_path != NULL &&
	    ct_history_append(line->history_path, ct_buf_str(&clean), &err) != CT_OK)
		say_history(line, &err);
}

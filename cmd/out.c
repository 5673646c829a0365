#include "out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "codec/utf8.h"

enum {
	HELD_MAX = 1 << 20,
	TEXT_MAX = 256 << 20,
};

void ct_out_init(struct ct_out *out)
{
	*out = (struct ct_out){ .held = CT_BUF_INIT(HELD_MAX) };
}

void ct_out_fini(struct ct_out *out)
{
	ct_out_flush(out);
	ct_buf_fini(&out->held);
}

/* All of text, or the errno that stopped it. */
static int write_all(int fd, struct ct_str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.ptr, text.len);

		if (n >= 0)
			text = ct_str_from(text, (size_t)n);
		else if (errno == EAGAIN) /* another process made the shared description so */
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

static void erase_status(struct ct_out *out)
{
	if (out->status)
		write_all(STDERR_FILENO, ct_str("\r\033[K"));
	out->status = false;
}

static void send(struct ct_out *out, struct ct_str text)
{
	if (out->closed || out->failed || text.len == 0)
		return;
	erase_status(out);
	int error = write_all(STDOUT_FILENO, text);
	if (error == EPIPE)
		out->closed = true;
	else
		out->failed = error;
}

void ct_out_flush(struct ct_out *out)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(TEXT_MAX);

	ct_redact(out->redactor, ct_buf_str(&out->held), &clean);
	send(out, ct_buf_str(&clean));
	ct_buf_clear(&out->held);
}

/* A key may come in pieces, over several calls: what could be its beginning waits for the rest. */
void ct_out_write(struct ct_out *out, struct ct_str text)
{
	if (out->redactor == NULL) {
		send(out, text);
		return;
	}
	CT_CLEANUP(ct_buf_fini) struct ct_buf all = CT_BUF_INIT(TEXT_MAX);
	CT_CLEANUP(ct_buf_fini) struct ct_buf clean = CT_BUF_INIT(TEXT_MAX);

	ct_buf_add(&all, ct_buf_str(&out->held));
	ct_buf_add(&all, text);
	size_t pending = ct_redact_pending(out->redactor, ct_buf_str(&all));
	if (pending > HELD_MAX)
		pending = 0;
	ct_redact(out->redactor, (struct ct_str){ all.ptr, all.len - pending }, &clean);
	ct_buf_clear(&out->held);
	ct_buf_add(&out->held, ct_str_from(ct_buf_str(&all), all.len - pending));
	if (all.failed || clean.failed || out->held.failed)
		out->failed = all.failed == CT_ETOOBIG ? EFBIG : ENOMEM;
	send(out, ct_buf_str(&clean));
}

void ct_out_printf(struct ct_out *out, const char *fmt, ...)
{
	char fixed[1024], *text = fixed;
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(fixed, sizeof(fixed), fmt, args);
	if (len >= (int)sizeof(fixed) && (len = vasprintf(&text, fmt, again)) < 0)
		text = fixed;
	if (len < 0)
		out->failed = ENOMEM;
	else
		ct_out_write(out, (struct ct_str){ text, (size_t)len });
	if (text != fixed)
		free(text);
	va_end(again);
	va_end(args);
}

/* One line of stderr: text that a terminal may be shown, without keys. */
static void write_line(struct ct_out *out, const char *prefix, const char *text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf valid = CT_BUF_INIT(HELD_MAX);
	CT_CLEANUP(ct_buf_fini) struct ct_buf plain = CT_BUF_INIT(HELD_MAX);
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(HELD_MAX);

	ct_utf8_clean(ct_str(text), &valid);
	ct_utf8_printable(ct_buf_str(&valid), &plain);
	for (size_t i = 0; i < plain.len; i++)
		if (plain.ptr[i] == '\n' || plain.ptr[i] == '\t')
			plain.ptr[i] = ' ';
	ct_buf_puts(&line, prefix);
	ct_redact(out->redactor, ct_buf_str(&plain), &line);
	ct_buf_puts(&line, "\n");
	erase_status(out);
	write_all(STDERR_FILENO, ct_buf_str(&line));
}

/* One write, so that nothing flickers; autowrap is not relied on: the last column stays free. */
void ct_out_status(struct ct_out *out, const char *text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf plain = CT_BUF_INIT(HELD_MAX);
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(HELD_MAX);
	int width = out->width > 0 ? out->width : 80;

	if (*text == '\0') {
		erase_status(out);
		return;
	}
	ct_utf8_printable(ct_str(text), &plain);
	ct_buf_puts(&line, out->err_color ? "\r\033[2m" : "\r");
	ct_redact(out->redactor,
		  (struct ct_str){ plain.ptr, ct_text_fit(ct_buf_str(&plain), width - 1) }, &line);
	ct_buf_puts(&line, out->err_color ? "\033[0m\033[K" : "\033[K");
	write_all(STDERR_FILENO, ct_buf_str(&line));
	out->status = true;
}

static const char *prefix(const struct ct_out *out, const char *sgr)
{
	static char text[32];

	if (!out->err_color)
		return "cartrita: ";
	snprintf(text, sizeof(text), "\033[%smcartrita:\033[0m ", sgr);
	return text;
}

void ct_out_error(struct ct_out *out, const struct ct_err *err)
{
	write_line(out, prefix(out, "1;31"), err->msg);
	if (err->hint[0] != '\0')
		write_line(out, "", err->hint);
}

void ct_out_notice(struct ct_out *out, const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	write_line(out, prefix(out, "1"), text);
}

void ct_out_note(struct ct_out *out, const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	write_line(out, "", text);
}

/* What a terminal acts on although JSON lets it stand in a string; its bytes, 0: nothing is there. */
static size_t acted_on(struct ct_str text, uint32_t *c)
{
	const unsigned char *b = (const unsigned char *)text.ptr;

	*c = b[0];
	if (b[0] == 0x7F)
		return 1;
	if (b[0] == 0xC2 && text.len > 1 && b[1] >= 0x80 && b[1] < 0xA0) {
		*c = b[1];
		return 2;
	}
	if (b[0] != 0xE2 || text.len < 3)
		return 0;
	*c = 0x2000u | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu);
	return (*c >= 0x202A && *c <= 0x202E) || (*c >= 0x2066 && *c <= 0x2069) ? 3 : 0;
}

/* A document on a terminal: such characters are written as escapes, which mean the same. */
static void write_shown(struct ct_out *out, struct ct_str text)
{
	size_t from = 0, at = 0, used;
	uint32_t c;

	while (at < text.len) {
		used = acted_on(ct_str_from(text, at), &c);
		if (used > 0) {
			ct_out_write(out, (struct ct_str){ text.ptr + from, at - from });
			ct_out_printf(out, "\\u%04x", (unsigned)c);
			from = at + used;
		}
		at += used > 0 ? used : 1;
	}
	ct_out_write(out, ct_str_from(text, from));
}

void ct_out_json(struct ct_out *out, struct ct_buf *text)
{
	if (text->failed)
		out->failed = text->failed == CT_ETOOBIG ? EFBIG : ENOMEM;
	ct_buf_puts(text, "\n");
	if (!text->failed && out->is_tty)
		write_shown(out, ct_buf_str(text));
	else if (!text->failed)
		ct_out_write(out, ct_buf_str(text));
	ct_buf_clear(text);
}

static void or_null(struct ct_jw *jw, const char *key, int64_t value)
{
	ct_jw_key(jw, key);
	if (value > 0)
		ct_jw_int(jw, value);
	else
		ct_jw_null(jw);
}

void ct_out_error_json(struct ct_out *out, const struct ct_err *err,
		       const struct ct_error_extra *extra)
{
	static const struct ct_error_extra none;
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_MAX);
	struct ct_jw jw = ct_jw(&text);

	if (out->error_written)
		return;
	out->error_written = true;
	extra = extra ? extra : &none;
	ct_jw_object(&jw);
	ct_jw_key(&jw, "error");
	ct_jw_object(&jw);
	ct_jw_member(&jw, "code", ct_str(ct_code_name(err->code)));
	ct_jw_member(&jw, "message", ct_str(err->msg));
	ct_jw_member_or_null(&jw, "provider", extra->provider);
	or_null(&jw, "status", err->status);
	or_null(&jw, "retry_after_ms", err->retry_after_ms);
	ct_jw_member_or_null(&jw, "request_id", extra->request_id);
	ct_jw_member_or_null(&jw, "provider_request_id", extra->provider_request_id);
	ct_jw_member_or_null(&jw, "conversation_id", extra->conversation_id);
	ct_jw_key(&jw, "attempts");
	ct_jw_raw(&jw, extra->attempts.ptr ? extra->attempts : ct_str("[]"));
	ct_jw_end_object(&jw);
	ct_jw_end_object(&jw);
	ct_out_json(out, &text);
}

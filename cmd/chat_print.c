#include "base/file.h"
#include "chat.h"
#include "search.h"
#include "codec/utf8.h"
#include "setup.h"
#include "service/call_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { TEXT_BYTES = 128 << 20 };

/* The run of backticks or tildes that a line begins with: https://spec.commonmark.org/0.31.2/#fenced-code-blocks */
struct fence {
	char mark;
	size_t len; /* 0: no fence */
	bool bare; /* nothing after it: it may close a block */
};

static struct fence fence_of(struct ct_str line)
{
	struct fence fence = { .mark = '\0' };

	line = ct_str_trim(line);
	if (line.len < 3 || (line.ptr[0] != '`' && line.ptr[0] != '~'))
		return fence;
	fence.mark = line.ptr[0];
	while (fence.len < line.len && line.ptr[fence.len] == fence.mark)
		fence.len++;
	fence.bare = fence.len == line.len;
	/* after backticks there may be no more of them: that is code within a line */
	bool inlined = fence.mark == '`' &&
		       memchr(line.ptr + fence.len, '`', line.len - fence.len) != NULL;
	if (fence.len < 3 || inlined)
		fence.len = 0;
	return fence;
}

struct ct_str ct_code_block(struct ct_str text)
{
	struct fence open = { .len = 0 };
	size_t at = 0, from = 0;

	while (at < text.len) {
		const char *end = memchr(text.ptr + at, '\n', text.len - at);
		size_t len = end ? (size_t)(end - text.ptr) - at : text.len - at;
		struct fence fence = fence_of((struct ct_str){ text.ptr + at, len });

		if (open.len > 0 && fence.bare && fence.mark == open.mark &&
		    fence.len >= open.len)
			return (struct ct_str){ text.ptr + from, at - from };
		at += len + 1;
		if (open.len == 0 && fence.len > 0) {
			open = fence;
			from = at < text.len ? at : text.len;
		}
	}
	return (struct ct_str){ NULL, 0 };
}

void ct_chat_print_open(struct ct_chat_print *p, bool raw)
{
	struct ct_out *out = &p->cli->out;
	const char *term = getenv("TERM");

	ct_setup_width(out);
	if (raw || !out->is_tty || out->json || p->extract || p->output != NULL ||
	    term == NULL || *term == '\0' || strcmp(term, "dumb") == 0)
		return;
	struct ct_markdown_style style = { out->width, out->color,
					   ct_setup_links(out) };
	p->markdown = ct_markdown_create(&style);
}

void ct_chat_print_fini(struct ct_chat_print *p)
{
	ct_spinner_stop(p->spinner);
	ct_markdown_destroy(p->markdown);
	p->spinner = NULL;
	p->markdown = NULL;
}

/* A terminal gets no control characters of a model's making. */
static void write_plain(struct ct_chat_print *p, struct ct_str text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf safe = CT_BUF_INIT(TEXT_BYTES);

	if (text.len == 0)
		return;
	p->mid_line = text.ptr[text.len - 1] != '\n';
	if (p->cli->out.is_tty) {
		ct_utf8_printable(text, &safe);
		text = ct_buf_str(&safe);
	}
	ct_out_write(&p->cli->out, text);
}

static void write_text(struct ct_chat_print *p, struct ct_str text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf rendered = CT_BUF_INIT(TEXT_BYTES);

	if (p->markdown == NULL) {
		write_plain(p, text);
		return;
	}
	ct_setup_width(&p->cli->out); /* the terminal may have another size by now */
	ct_markdown_resize(p->markdown, p->cli->out.width);
	ct_markdown_feed(p->markdown, text, &rendered);
	ct_out_write(&p->cli->out, ct_buf_str(&rendered));
}

static void end_line(struct ct_chat_print *p)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf rest = CT_BUF_INIT(TEXT_BYTES);

	if (p->markdown != NULL)
		ct_markdown_finish(p->markdown, &rest);
	ct_out_write(&p->cli->out, ct_buf_str(&rest));
	if (p->mid_line)
		ct_out_write(&p->cli->out, ct_str("\n"));
	p->mid_line = false;
	ct_out_flush(&p->cli->out);
}

static void stop_spinner(struct ct_chat_print *p)
{
	ct_spinner_stop(p->spinner);
	p->spinner = NULL;
}

static void write_reasoning(struct ct_chat_print *p, struct ct_str text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf safe = CT_BUF_INIT(TEXT_BYTES);
	bool dim = p->cli->out.err_color;

	if (!p->show_reasoning || text.len == 0)
		return;
	stop_spinner(p);
	ct_utf8_printable(text, &safe);
	fprintf(stderr, "%s%s%s", dim ? "\033[2m" : "", safe.ptr, dim ? "\033[0m" : "");
	p->reasoning_open = true;
}

static void end_reasoning(struct ct_chat_print *p)
{
	if (p->reasoning_open)
		fputs("\n\n", stderr);
	p->reasoning_open = false;
}

static void say_recovered(struct ct_chat_print *p, const struct ct_call_event *event)
{
	if (!event->restart)
		return; /* it goes on without a seam: nothing to say */
	end_line(p);
	ct_out_notice(&p->cli->out, "the answer broke off; %.*s begins it anew",
		      CT_STR_ARG(event->provider));
}

void ct_chat_print_event(struct ct_chat_print *p, const struct ct_call_event *event)
{
	ct_spinner_event(p->spinner, event);
	switch (event->type) {
	case CT_CALL_TEXT:
		stop_spinner(p);
		end_reasoning(p);
		write_text(p, event->text);
		ct_out_flush(&p->cli->out);
		break;
	case CT_CALL_REASONING:
		write_reasoning(p, event->text);
		break;
	case CT_CALL_RECOVERED:
		say_recovered(p, event);
		break;
	default:
		break;
	}
}

void ct_chat_print_pause(struct ct_chat_print *p)
{
	if (p->mid_line || p->markdown != NULL)
		end_line(p);
}

static void write_sources(struct ct_jw *jw, const struct ct_call_result *r)
{
	ct_jw_key(jw, "sources");
	ct_jw_array(jw);
	for (size_t i = 0; i < r->source_count; i++) {
		ct_jw_object(jw);
		ct_jw_member_int(jw, "number", (int64_t)i + 1);
		ct_jw_member(jw, "title", r->sources[i].title);
		ct_jw_member(jw, "url", r->sources[i].url);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void print_sources(struct ct_chat_print *p)
{
	char number[32];

	if (p->web == NULL || p->web->source_count == 0)
		return;
	ct_out_write(&p->cli->out, ct_str("\nSources:\n"));
	for (size_t i = 0; i < p->web->source_count; i++) {
		const struct ct_found *s = &p->web->sources[i];
		int indent = snprintf(number, sizeof(number), "[%zu] ", i + 1);
		ct_out_printf(&p->cli->out, "%s", number);
		ct_search_print_link(&p->cli->out, "1", s->title.len > 0 ? s->title : s->url,
				     s->url, indent);
		ct_out_printf(&p->cli->out, "%*s", indent, "");
		ct_search_print_link(&p->cli->out, "36", s->url, s->url, indent);
	}
}

static void write_cost(struct ct_jw *jw, int64_t nanos)
{
	ct_jw_key(jw, "cost_usd");
	if (nanos >= 0)
		ct_jw_num(jw, (double)nanos / 1e9);
	else
		ct_jw_null(jw);
}

void ct_result_metadata_json(struct ct_jw *jw, const struct ct_call_result *r)
{
	ct_jw_key(jw, "metadata");
	ct_jw_object(jw);
	ct_jw_member(jw, "request_id", r->request_id);
	ct_jw_member_or_null(jw, "provider_request_id", r->provider_request_id);
	ct_jw_member(jw, "finish_reason", ct_str(ct_finish_name(r->answer->finish)));
	ct_jw_member_int(jw, "duration_ms", r->duration_ms);
	ct_jw_key(jw, "first_token_ms");
	if (r->first_token_ms >= 0)
		ct_jw_int(jw, r->first_token_ms);
	else
		ct_jw_null(jw);
	write_cost(jw, r->cost_usd_nanos);
	ct_jw_member_bool(jw, "cached", false);
	ct_jw_member_bool(jw, "recovered", r->recovered);
	ct_jw_member_int(jw, "bad_chunks", r->answer->bad_chunks);
	ct_jw_key(jw, "warnings");
	ct_jw_array(jw);
	for (size_t i = 0; i < r->warnings.count; i++)
		ct_jw_str(jw, r->warnings.text[i]);
	ct_jw_end_array(jw);
	if (r->sources != NULL)
		write_sources(jw, r);
	ct_jw_key(jw, "attempts");
	ct_attempts_json(jw, r->attempts, r->attempt_count, CT_ATTEMPTS_FULL);
	ct_jw_end_object(jw);
}

static void print_document(struct ct_chat_print *p, const struct ct_call_result *r,
			   struct ct_str response)
{
	struct ct_buf text = CT_BUF_INIT(2 * TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "response", response);
	ct_jw_member_or_null(&jw, "conversation_id", r->conversation_id);
	ct_jw_member(&jw, "agent_type", ct_str("assistant"));
	if (r->answer->call_count > 0) {
		ct_jw_key(&jw, "tool_calls");
		ct_tool_calls_json(&jw, r->answer->calls, r->answer->call_count);
	}
	if (p->show_reasoning)
		ct_jw_member(&jw, "reasoning", ct_buf_str(&r->answer->reasoning));
	ct_result_metadata_json(&jw, r);
	ct_jw_member(&jw, "provider", r->provider);
	ct_jw_member(&jw, "model", r->model);
	ct_jw_key(&jw, "usage");
	ct_usage_json(&jw, &r->usage);
	ct_jw_end_object(&jw);
	ct_out_json(&p->cli->out, &text);
	ct_buf_fini(&text);
}

static void print_failure(struct ct_chat_print *p, const struct ct_call_result *r,
			  const struct ct_err *err)
{
	struct ct_buf attempts = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&attempts);

	ct_attempts_json(&jw, r->attempts, r->attempt_count, CT_ATTEMPTS_FULL);
	ct_out_error_json(&p->cli->out, err,
			  &(struct ct_error_extra){ r->provider, r->request_id,
						    r->provider_request_id, r->conversation_id,
						    ct_buf_str(&attempts) });
	ct_buf_fini(&attempts);
}

/* Calls for tools that nobody here runs: people see what was asked for. */
static void print_calls(struct ct_chat_print *p, const struct ct_answer *answer)
{
	for (size_t i = 0; i < answer->call_count; i++) {
		end_line(p);
		write_plain(p, answer->calls[i].name);
		write_plain(p, ct_str(" "));
		write_plain(p, answer->calls[i].arguments);
	}
}

static int write_file(struct ct_chat_print *p, struct ct_str text, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf bytes = CT_BUF_INIT(TEXT_BYTES);

	ct_buf_add(&bytes, text);
	if (text.len > 0 && text.ptr[text.len - 1] != '\n')
		ct_buf_puts(&bytes, "\n");
	if (p->web != NULL && p->web->source_count > 0 && !p->extract) {
		ct_buf_puts(&bytes, "\n");
		ct_web_sources_text(p->web->sources, p->web->source_count, &bytes);
	}
	mode_t mask = umask(0);
	umask(mask);
	return ct_file_write(p->output, ct_buf_str(&bytes), 0666 & ~mask, err);
}

int ct_chat_check_output(const char *path, struct ct_err *err)
{
	struct ct_err why;

	if (path == NULL || ct_file_may_write(path, &why) == CT_OK)
		return CT_OK;
	return ct_fail(err, CT_EUSAGE, "--output: %s", why.msg);
}

/* It was answered and paid for: the error says by whom, and where the answer is. */
static int no_code_block(struct ct_chat_print *p, const struct ct_call_result *r,
			 struct ct_err *err)
{
	ct_fail(err, CT_EPROTO, "the answer holds no code block");
	if (ct_args_count(p->cli->args, "no-log") == 0)
		ct_hint(err, "`cartrita provider logs show %.*s` shows it",
			CT_STR_ARG(r->request_id));
	if (p->cli->out.json)
		print_failure(p, r, err);
	return err->code;
}

static int print_answer(struct ct_chat_print *p, const struct ct_call_result *r, bool live,
			struct ct_err *err)
{
	struct ct_str text = ct_buf_str(&r->answer->text);

	if (p->extract) {
		text = ct_code_block(text);
		if (text.ptr == NULL)
			return no_code_block(p, r, err);
	}
	if (!live)
		write_reasoning(p, ct_buf_str(&r->answer->reasoning));
	end_reasoning(p);
	if (p->cli->out.json)
		print_document(p, r, text);
	else if (p->output != NULL)
		return write_file(p, text, err);
	else {
		if (!live)
			write_text(p, text);
		print_calls(p, r->answer);
		p->mid_line = p->mid_line || text.len == 0;
		end_line(p);
		if (!p->extract)
			print_sources(p);
	}
	return CT_OK;
}

int ct_chat_print_result(struct ct_chat_print *p, const struct ct_call_result *r, bool live,
			 struct ct_err *err)
{
	stop_spinner(p);
	if (r->code == CT_OK)
		return print_answer(p, r, live, err);
	end_reasoning(p);
	*err = r->err;
	if (p->cli->out.json)
		print_failure(p, r, err);
	else if (r->code == CT_EFILTER && !live)
		write_text(p, ct_buf_str(&r->answer->text));
	end_line(p);
	return r->code;
}

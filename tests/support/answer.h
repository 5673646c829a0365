/* An answer decoded in pieces of a given size, kept whole for comparison. */
#ifndef CT_TESTS_ANSWER_H
#define CT_TESTS_ANSWER_H

#include "provider/decoder.h"
#include "provider/vendors.h"

struct answer {
	struct ct_buf text, reasoning, calls,
		raw; /* calls: "id|name|arguments\n" of each */
	struct ct_buf found; /* "url|title|score|text|error\n" of each, and "page|total|next\n" */
	struct ct_buf order; /* a letter for each event that does not repeat the last */
	struct ct_buf id, model, turn;
	int code, starts, bad_chunks, works, finishes,
		late; /* late: events after the finish */
	enum ct_finish finish;
	struct ct_usage usage;
	struct ct_err err;
	enum ct_decoder_state state; /* before the end of the body was told */
	const struct ct_headers *headers; /* of the answer; NULL: not told */
};

/* What is asked in that dialect: "tavily-extract" is an extraction. */
static inline enum ct_task answer_task(const char *dialect)
{
	const char *dash = strchr(dialect, '-');

	if (dash == NULL)
		return CT_TASK_CHAT;
	if (strcmp(dash, "-read") == 0)
		return CT_TASK_READ;
	return strcmp(dash, "-extract") == 0 ? CT_TASK_EXTRACT : CT_TASK_SEARCH;
}

/*
 * An endpoint whose answers are read as that dialect: claude gemini chat responses tavily-search
 * tavily-extract github-search github-read.
 */
static inline struct ct_endpoint answer_endpoint(const char *dialect)
{
	struct ct_endpoint e = { .name = ct_str(dialect),
				 .vendor = &ct_vendor_compatible };

	e.api = strcmp(dialect, "responses") == 0 ? CT_OPENAI_RESPONSES : CT_OPENAI_CHAT;
	if (strcmp(dialect, "claude") == 0)
		e.vendor = &ct_vendor_claude;
	else if (strcmp(dialect, "gemini") == 0)
		e.vendor = &ct_vendor_gemini;
	else if (strncmp(dialect, "tavily", 6) == 0)
		e.vendor = &ct_vendor_tavily;
	else if (strncmp(dialect, "github", 6) == 0)
		e.vendor = &ct_vendor_github;
	return e;
}

static inline void answer_init(struct answer *a)
{
	*a = (struct answer){ .text = CT_BUF_INIT(1 << 26),
			      .reasoning = CT_BUF_INIT(1 << 26),
			      .calls = CT_BUF_INIT(1 << 26),
			      .raw = CT_BUF_INIT(1 << 20),
			      .found = CT_BUF_INIT(1 << 26),
			      .order = CT_BUF_INIT(1 << 20),
			      .id = CT_BUF_INIT(1 << 20),
			      .model = CT_BUF_INIT(1 << 20),
			      .turn = CT_BUF_INIT(1 << 26) };
}

static inline void answer_fini(struct answer *a)
{
	struct ct_buf *bufs[] = { &a->text,  &a->reasoning, &a->calls, &a->raw,
				  &a->order, &a->id,	    &a->model, &a->turn,
				  &a->found };

	for (size_t i = 0; i < CT_COUNT(bufs); i++)
		ct_buf_fini(bufs[i]);
}

static inline int answer_event(void *user, const struct ct_event *event,
			       struct ct_err *err)
{
	struct answer *a = user;
	static const char letters[] = {
		[CT_EVENT_START] = 'S',	    [CT_EVENT_WORK] = 'W',  [CT_EVENT_TEXT] = 'T',
		[CT_EVENT_REASONING] = 'R', [CT_EVENT_TOOL_CALL] = 'C', [CT_EVENT_FOUND] = 'O',
		[CT_EVENT_PAGE] = 'P',	    [CT_EVENT_USAGE] = 'U', [CT_EVENT_BAD_CHUNK] = 'B',
		[CT_EVENT_FINISH] = 'F',    [CT_EVENT_SENT] = 's',  [CT_EVENT_WORD] = 'w',
		[CT_EVENT_PASSAGE] = 'p',   [CT_EVENT_RECORDING] = 'r',
		[CT_EVENT_ANALYSIS] = 'A',  [CT_EVENT_AUDIO] = 'a',
	};
	const char letter = letters[event->type];

	(void)err;
	if (a->order.len == 0 || a->order.ptr[a->order.len - 1] != letter)
		ct_buf_append(&a->order, &letter, 1);
	a->late += a->finishes > 0 && event->type != CT_EVENT_USAGE;
	switch (event->type) {
	case CT_EVENT_START:
		a->starts++;
		ct_buf_add(&a->id, event->id);
		ct_buf_add(&a->model, event->model);
		break;
	case CT_EVENT_TEXT:
		ct_buf_add(&a->text, event->text);
		break;
	case CT_EVENT_REASONING:
		ct_buf_add(&a->reasoning, event->text);
		break;
	case CT_EVENT_TOOL_CALL:
		ct_buf_printf(&a->calls, "%.*s|%.*s|%.*s\n", CT_STR_ARG(event->call.id),
			      CT_STR_ARG(event->call.name),
			      CT_STR_ARG(event->call.arguments));
		break;
	case CT_EVENT_FOUND:
		ct_buf_printf(&a->found, "%.*s|%.*s|", CT_STR_ARG(event->found.url),
			      CT_STR_ARG(event->found.title));
		if (event->found.has_score)
			ct_buf_printf(&a->found, "%g", event->found.score);
		ct_buf_printf(&a->found, "|%.*s|%.*s\n", CT_STR_ARG(event->found.text),
			      CT_STR_ARG(event->found.error));
		break;
	case CT_EVENT_PAGE:
		ct_buf_printf(&a->found, "page|%lld|%.*s%s\n", (long long)event->total,
			      CT_STR_ARG(event->next),
			      event->incomplete ? "|incomplete" : "");
		break;
	case CT_EVENT_USAGE:
		a->usage = event->usage;
		break;
	case CT_EVENT_FINISH:
		a->finishes++;
		a->finish = event->finish;
		ct_buf_add(&a->raw, event->raw);
		break;
	case CT_EVENT_WORK:
		a->works++;
		break;
	case CT_EVENT_BAD_CHUNK:
		a->bad_chunks++;
		break;
	default:
		break;
	}
	return CT_OK;
}

/* Each piece in memory of its own size: the sanitizer sees who reads past one. */
static inline int answer_feed(struct ct_decoder *d, struct ct_str piece,
			      struct ct_err *err)
{
	char *copy = malloc(piece.len);

	memcpy(copy, piece.ptr, piece.len);
	int rc = ct_decoder_feed(d, (struct ct_str){ copy, piece.len }, err);
	free(copy);
	return rc;
}

/* step 0: all at once. */
static inline void answer_read(struct answer *a, const char *dialect, struct ct_str body,
			       size_t step)
{
	struct ct_endpoint endpoint = answer_endpoint(dialect);
	struct ct_decoder *d =
		ct_decoder_create(&endpoint, answer_task(dialect), answer_event, a);

	if (a->headers != NULL)
		ct_decoder_head(d, a->headers);
	for (size_t at = 0; at < body.len && a->code == CT_OK;) {
		size_t n = step == 0 || body.len - at < step ? body.len - at : step;
		a->code = answer_feed(d, (struct ct_str){ body.ptr + at, n }, &a->err);
		at += n;
	}
	a->state = ct_decoder_state(d);
	if (a->code == CT_OK)
		a->code = ct_decoder_finish(d, &a->err);
	ct_buf_add(&a->turn, ct_decoder_turn(d));
	ct_decoder_destroy(d);
}

#endif

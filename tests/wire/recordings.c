/*
 * Every recorded answer, decoded in pieces of several sizes and compared with what oracle.py
 * finds in it. Reads oracle.py's lines from standard input; prints each disagreement.
 */
#include <stdio.h>
#include <stdlib.h>

#include "answer.h"
#include "codec/json.h"

enum { LINE_MAX_BYTES = 32 << 20 };

struct record {
	struct ct_str id, body;
	const char *dialect;
	int status;
	const struct ct_json *json, *expected;
	struct ct_headers headers;
};

static int failures;

static void disagree(const struct record *r, size_t step, const char *what,
		     struct ct_str want, struct ct_str got)
{
	failures++;
	if (want.len > 300)
		want.len = 300;
	if (got.len > 300)
		got.len = 300;
	printf("%.*s, pieces of %zu: %s\n  expected %.*s\n  read     %.*s\n",
	       CT_STR_ARG(r->id), step, what, CT_STR_ARG(want), CT_STR_ARG(got));
}

static void same(const struct record *r, size_t step, const char *what,
		 struct ct_str want, struct ct_str got)
{
	if (!ct_str_eq(want, got))
		disagree(r, step, what, want, got);
}

/* Arguments are compared as JSON: blanks in them are not the model's meaning. */
static void add_plain(struct ct_buf *out, struct ct_str text)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_jw jw = ct_jw(out);
	const struct ct_json *json;

	if (ct_json_parse(&arena, text, CT_JSON_LENIENT, &json, NULL) == CT_OK)
		ct_jw_value(&jw, json);
	else
		ct_buf_add(out, text);
}

static void expected_calls(const struct record *r, struct ct_buf *out)
{
	const struct ct_json *call = ct_json_first(ct_json_get(r->expected, "calls"));

	for (; call != NULL; call = call->next) {
		ct_buf_printf(out, "%.*s|%.*s|", CT_STR_ARG(ct_json_str_at(call, "0")),
			      CT_STR_ARG(ct_json_str_at(call, "1")));
		add_plain(out, ct_json_str_at(call, "2"));
		ct_buf_puts(out, "\n");
	}
}

static int plain_event(void *user, const struct ct_event *event, struct ct_err *err)
{
	struct answer *a = user;
	struct ct_event copy = *event;
	CT_CLEANUP(ct_buf_fini) struct ct_buf args = CT_BUF_INIT(LINE_MAX_BYTES);

	if (event->type == CT_EVENT_TOOL_CALL) {
		add_plain(&args, event->call.arguments);
		copy.call.arguments = ct_buf_str(&args);
	}
	return answer_event(a, &copy, err);
}

static void check_usage(const struct record *r, size_t step, const struct ct_usage *u)
{
	const struct ct_json *want = ct_json_get(r->expected, "usage");
	char text[200], found[200];

	if (!ct_json_is(want, CT_JSON_ARRAY))
		snprintf(text, sizeof(text), "none");
	else
		snprintf(text, sizeof(text), "[%lld,%lld,%lld,%lld,%lld]",
			 (long long)ct_json_int_at(want, "0", -1),
			 (long long)ct_json_int_at(want, "1", -1),
			 (long long)ct_json_int_at(want, "2", -1),
			 (long long)ct_json_int_at(want, "3", -1),
			 (long long)ct_json_int_at(want, "4", -1));
	snprintf(found, sizeof(found), u->known ? "[%lld,%lld,%lld,%lld,%lld]" : "none",
		 (long long)u->input, (long long)u->cached, (long long)u->cache_write,
		 (long long)u->output, (long long)u->reasoning);
	same(r, step, "input, cached, written, output, reasoning tokens", ct_str(text),
	     ct_str(found));
}

static void decode(struct answer *a, const struct record *r, size_t step)
{
	struct ct_endpoint endpoint = answer_endpoint(r->dialect);
	struct ct_decoder *d = ct_decoder_create(&endpoint, answer_task(r->dialect),
						 plain_event, a);

	ct_decoder_head(d, &r->headers);

	for (size_t at = 0; at < r->body.len && a->code == CT_OK;) {
		size_t left = r->body.len - at,
		       n = step == 0 || left < step ? left : step;
		a->code = answer_feed(d, (struct ct_str){ r->body.ptr + at, n }, &a->err);
		at += n;
	}
	if (a->code == CT_OK)
		a->code = ct_decoder_finish(d, &a->err);
	ct_decoder_destroy(d);
}

/* Take a line, which begins like that. */
static void same_line(const struct record *r, size_t step, struct ct_str want,
		      struct ct_str *lines)
{
	const char *end = lines->len > 0 ? memchr(lines->ptr, '\n', lines->len) : NULL;
	size_t len = end != NULL ? (size_t)(end - lines->ptr) : lines->len;

	same(r, step, "what was found", want,
	     (struct ct_str){ lines->ptr, len < want.len ? len : want.len });
	*lines = ct_str_from(*lines, len + 1);
}

/* Names and addresses in order, behind the line of the page. */
static void check_found(const struct record *r, size_t step, struct ct_str found)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf want = CT_BUF_INIT(LINE_MAX_BYTES);
	const struct ct_json *item = ct_json_first(ct_json_get(r->expected, "found"));

	ct_buf_printf(&want, "page|%lld|%.*s",
		      (long long)ct_json_int_at(r->expected, "total", -1),
		      CT_STR_ARG(ct_json_str_at(r->expected, "next")));
	same_line(r, step, ct_buf_str(&want), &found);
	for (; item != NULL; item = item->next) {
		ct_buf_clear(&want);
		ct_buf_printf(&want, "%.*s|%.*s|", CT_STR_ARG(ct_json_str_at(item, "0")),
			      CT_STR_ARG(ct_json_str_at(item, "1")));
		same_line(r, step, ct_buf_str(&want), &found);
	}
	same(r, step, "more than was found", ct_str(""), found);
}

/* The members that the oracle names, of each record. */
static void check_records(const struct record *r, size_t step, struct ct_str text)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *want = ct_json_first(ct_json_get(r->expected, "records"));
	const struct ct_json *got = NULL;

	if (ct_json_parse(&arena, text, CT_JSON_STRICT, &got, NULL) != CT_OK)
		disagree(r, step, "no JSON", ct_str("JSON"), text);
	if (ct_json_is(got, CT_JSON_ARRAY))
		got = ct_json_first(got);
	for (; want != NULL; want = want->next, got = got != NULL ? got->next : NULL)
		for (const struct ct_json *m = ct_json_first(want); m != NULL; m = m->next) {
			char key[64];
			snprintf(key, sizeof(key), "%.*s", CT_STR_ARG(m->key));
			const struct ct_json *has = ct_json_get(got, key);
			same(r, step, key, m->text, has != NULL ? has->text : ct_str("none"));
		}
}

static void check_github(const struct record *r, size_t step, const struct answer *a)
{
	if (strcmp(r->dialect, "github-search") == 0)
		check_found(r, step, ct_buf_str(&a->found));
	else
		check_records(r, step, ct_buf_str(&a->text));
}

static void check(const struct record *r, size_t step)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf calls = CT_BUF_INIT(LINE_MAX_BYTES);
	struct ct_str error = ct_json_str_at(r->expected, "error");
	struct answer a;

	answer_init(&a);
	decode(&a, r, step);
	same(r, step, "error", error.ptr != NULL ? error : ct_str("ok"),
	     ct_str(ct_code_name(a.code)));
	if (ct_str_starts(ct_str(r->dialect), "github"))
		check_github(r, step, &a);
	else if (a.code == CT_OK || a.code == CT_ECUT) {
		expected_calls(r, &calls);
		same(r, step, "text", ct_json_str_at(r->expected, "text"),
		     ct_buf_str(&a.text));
		same(r, step, "reasoning", ct_json_str_at(r->expected, "reasoning"),
		     ct_buf_str(&a.reasoning));
		same(r, step, "results", ct_json_str_at(r->expected, "found"),
		     ct_buf_str(&a.found));
		same(r, step, "tool calls", ct_buf_str(&calls), ct_buf_str(&a.calls));
		same(r, step, "finish", ct_json_str_at(r->expected, "finish"),
		     ct_str(ct_finish_name(a.finish)));
		check_usage(r, step, &a.usage);
	}
	answer_fini(&a);
}

static void read_headers(struct record *r, struct ct_arena *arena)
{
	r->headers = (struct ct_headers){ .arena = arena };
	for (const struct ct_json *h = ct_json_first(ct_json_get(r->json, "headers"));
	     h != NULL; h = h->next)
		ct_headers_add(&r->headers, h->key, ct_json_str(h));
}

static void check_status(const struct record *r)
{
	struct ct_endpoint endpoint = answer_endpoint(r->dialect);
	struct ct_err err = { 0 };

	int code = ct_provider_error(&endpoint, r->status, &r->headers, r->body, 0, &err);
	same(r, 0, "error", ct_json_str_at(r->expected, "error"),
	     ct_str(ct_code_name(code)));
	if (getenv("VERBOSE") != NULL)
		printf("%.*s: %s (%s), wait %lld\n", CT_STR_ARG(r->id), err.msg,
		       ct_code_name(code), (long long)err.retry_after_ms);
}

static void check_line(struct ct_str line)
{
	static const size_t steps[] = { 0, 1, 2, 3, 7, 64 };
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_err err;
	struct record r = { .json = NULL };
	char dialect[16];

	if (ct_json_parse(&arena, line, CT_JSON_STRICT, &r.json, &err) != CT_OK) {
		printf("a line of the oracle is not JSON: %s\n", err.msg);
		failures++;
		return;
	}
	snprintf(dialect, sizeof(dialect), "%.*s",
		 CT_STR_ARG(ct_json_str_at(r.json, "dialect")));
	r.dialect = dialect;
	r.id = ct_json_str_at(r.json, "id");
	r.body = ct_json_str_at(r.json, "body");
	r.status = (int)ct_json_int_at(r.json, "status", 0);
	r.expected = ct_json_get(r.json, "expected");
	read_headers(&r, &arena);
	if (r.status >= 300) {
		check_status(&r);
		return;
	}
	for (size_t i = 0; i < CT_COUNT(steps); i++)
		check(&r, steps[i]);
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	int count = 0;

	for (ssize_t len; (len = getline(&line, &cap, stdin)) > 0; count++)
		check_line((struct ct_str){ line, (size_t)len });
	free(line);
	printf("%d recordings, %d disagreements\n", count, failures);
	return failures > 0 || count == 0;
}

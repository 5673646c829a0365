/*
 * Small exchanges of our own: tests/wire/<dialect>/<case>/response, decoded in pieces of every
 * size from one byte up, must come out as the file `expected` beside it says.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>

#include "answer.h"
#include "base/file.h"
#include "leaks.h"

TestSuite(wire, .fini = check_leaks, .timeout = 110);

static void member(struct ct_buf *out, const char *name, struct ct_str text)
{
	struct ct_jw jw = ct_jw(out);

	if (text.len == 0)
		return;
	ct_buf_printf(out, "%s ", name);
	ct_jw_str(&jw, text);
	ct_buf_puts(out, "\n");
}

/* Events in order as letters; joined text; then how it ended. */
static void describe(const struct answer *a, struct ct_buf *out)
{
	const struct ct_usage *u = &a->usage;

	member(out, "order", ct_buf_str(&a->order));
	member(out, "id", ct_buf_str(&a->id));
	member(out, "model", ct_buf_str(&a->model));
	member(out, "reasoning", ct_buf_str(&a->reasoning));
	member(out, "text", ct_buf_str(&a->text));
	ct_buf_add(out, ct_buf_str(&a->calls));
	ct_buf_add(out, ct_buf_str(&a->found));
	if (u->known)
		ct_buf_printf(out, "usage %d %d %d %d %d\n", (int)u->input,
			      (int)u->cached, (int)u->cache_write, (int)u->output,
			      (int)u->reasoning);
	if (u->hour_write > 0)
		ct_buf_printf(out, "for an hour %d\n", (int)u->hour_write);
	if (a->bad_chunks > 0)
		ct_buf_printf(out, "bad chunks %d\n", a->bad_chunks);
	ct_buf_printf(out, "state %s\n",
		      a->state == CT_DECODER_DONE	? "done"
		      : a->state == CT_DECODER_FINISHED ? "finished"
							: "open");
	if (a->finishes > 0)
		ct_buf_printf(out, "finish %s\n", ct_finish_name(a->finish));
	member(out, "raw", ct_buf_str(&a->raw));
	member(out, "turn", ct_buf_str(&a->turn));
	ct_buf_printf(out, "%s\n", ct_code_name(a->code));
	if (a->code != CT_OK)
		ct_buf_printf(out, "%s\n", a->err.msg);
	if (a->err.retry_after_ms > 0)
		ct_buf_printf(out, "retry after %d ms\n", (int)a->err.retry_after_ms);
	if (a->late > 0 || a->finishes > 1 || a->starts > 1)
		ct_buf_puts(out, "EVENTS AFTER THE FINISH, OR TWICE\n");
}

/* What a case consists of: the files of its folder. */
struct files {
	const char *dialect, *name;
	struct ct_buf body, expected;
	struct ct_arena arena;
	struct ct_headers headers; /* from `link`, where there is one */
};

static void check(const struct files *f, size_t step)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf got = CT_BUF_INIT(1 << 20);
	struct answer a;

	answer_init(&a);
	a.headers = &f->headers;
	answer_read(&a, f->dialect, ct_buf_str(&f->body), step);
	describe(&a, &got);
	answer_fini(&a);
	cr_assert(ct_str_eq(ct_buf_str(&got), ct_buf_str(&f->expected)),
		  "%s/%s, step %zu:\n%s", f->dialect, f->name, step, got.ptr);
}

static int read_file(const struct files *f, const char *name, struct ct_buf *out)
{
	char path[4096];

	snprintf(path, sizeof(path), CT_CASES "/%s/%s/%s", f->dialect, f->name, name);
	return ct_file_read(path, out, NULL);
}

static void run_case(const char *dialect, const char *name)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf link = CT_BUF_INIT(1 << 20);
	static struct files f;

	f = (struct files){ .dialect = dialect,
			    .name = name,
			    .body = CT_BUF_INIT(1 << 20),
			    .expected = CT_BUF_INIT(1 << 20) };
	f.headers.arena = &f.arena;
	cr_assert_eq(read_file(&f, "response", &f.body), CT_OK, "%s/%s", dialect, name);
	cr_assert_eq(read_file(&f, "expected", &f.expected), CT_OK, "%s/%s", dialect,
		     name);
	if (read_file(&f, "link", &link) == CT_OK)
		ct_headers_add(&f.headers, ct_str("Link"), ct_buf_str(&link));
	for (size_t step = 0; step <= f.body.len; step++)
		check(&f, step);
	ct_buf_fini(&f.body);
	ct_buf_fini(&f.expected);
	ct_arena_fini(&f.arena);
}

static void run_all(const char *dialect)
{
	char path[4096];
	int count = 0;

	snprintf(path, sizeof(path), CT_CASES "/%s", dialect);
	DIR *dir = opendir(path);
	cr_assert_not_null(dir, "%s", path);
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		if (e->d_name[0] == '.')
			continue;
		run_case(dialect, e->d_name);
		count++;
	}
	closedir(dir);
	cr_assert_gt(count, 3);
}

Test(wire, reads_each_messages_answer_alike_in_pieces_of_any_size)
{
	run_all("claude");
}

Test(wire, reads_each_gemini_answer_alike_in_pieces_of_any_size)
{
	run_all("gemini");
}

Test(wire, reads_each_chat_completion_alike_in_pieces_of_any_size)
{
	run_all("chat");
}

Test(wire, reads_each_response_alike_in_pieces_of_any_size)
{
	run_all("responses");
}

Test(wire, reads_each_of_tavilys_answers_alike_in_pieces_of_any_size)
{
	run_all("tavily-search");
	run_all("tavily-extract");
}

Test(wire, reads_each_of_githubs_answers_alike_in_pieces_of_any_size)
{
	run_all("github-search");
	run_all("github-read");
}

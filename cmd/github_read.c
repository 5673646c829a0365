/* What the commands of `github` share: asking, and lines for people. */
#include <stdio.h>

#include "base/clock.h"
#include "cmd_github.h"
#include "codec/plain.h"
#include "codec/time_text.h"

enum { LINE_BYTES = 256 << 10, LABEL_COLUMNS = 13, LEAST_WIDTH = 20 };

/* What another host has under that name is another repository. */
static int check_host(struct ct_cli *cli, struct ct_str host, struct ct_err *err)
{
	const char *provider = ct_args_text(cli->args, "provider");

	provider = provider != NULL ? provider : "github";
	if (ct_search_is_host(cli->app, provider, host))
		return CT_OK;
	ct_fail(err, CT_EUSAGE, "%.60s has no repositories of %.*s", provider,
		host.len < 100 ? (int)host.len : 100, host.ptr);
	ct_hint(err, "A GitHub of your own is a provider of the configuration: -p NAME.");
	return CT_EUSAGE;
}

int ct_github_repository(struct ct_cli *cli, size_t most, struct ct_repository *out,
			 struct ct_err *err)
{
	size_t count = ct_args_word_count(cli->args);

	if (count == 0) {
		ct_fail(err, CT_EUSAGE, "which repository?");
		ct_hint(err, "It is written OWNER/NAME.");
		return CT_EUSAGE;
	}
	if (count > most)
		return ct_fail(err, CT_EUSAGE, "'%.60s' is one word too many",
			       ct_args_word(cli->args, most));
	int rc = ct_repository_parse(ct_str(ct_args_word(cli->args, 0)), out, err);
	return rc == CT_OK && out->host.len > 0 ? check_host(cli, out->host, err) : rc;
}

/* The records of one line: the elements of an array, or the document itself. */
static size_t add_records(const struct ct_json *page, const struct ct_json **records,
			  size_t most)
{
	size_t count = 0;

	if (!ct_json_is(page, CT_JSON_ARRAY)) {
		records[0] = page;
		return 1;
	}
	for (page = page->first; page != NULL && count < most; page = page->next)
		records[count++] = page;
	return count;
}

/* Each page is a line of its own. */
static int read_pages(struct ct_github_read *out, struct ct_str lines, size_t most,
		      struct ct_err *err)
{
	out->records = ct_arena_alloc(&out->arena, (most + 1) * sizeof(*out->records));
	lines = ct_arena_dup(&out->arena, lines);
	if (out->records == NULL || lines.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	while (lines.len > 0 && out->count < most) {
		const char *end = memchr(lines.ptr, '\n', lines.len);
		size_t len = end != NULL ? (size_t)(end - lines.ptr) : lines.len;
		const struct ct_json *page;

		int rc = ct_json_parse(&out->arena, (struct ct_str){ lines.ptr, len },
				       CT_JSON_LENIENT, &page, err);
		if (rc != CT_OK)
			return rc;
		out->count +=
			add_records(page, out->records + out->count, most - out->count);
		lines = ct_str_from(lines, len + 1);
	}
	return CT_OK;
}

int ct_github_read(struct ct_cli *cli, struct ct_str path, int64_t limit,
		   struct ct_github_read *out, struct ct_err *err)
{
	struct ct_searching s = { .task = CT_TASK_READ,
				  .search = { .path = path, .limit = limit } };
	struct ct_candidates candidates;

	*out = (struct ct_github_read){ .count = 0 };
	int rc = ct_search_read(cli, &s, &candidates, err);
	if (rc == CT_OK)
		rc = ct_search_run(cli, &s, err);
	if (rc == CT_OK)
		rc = read_pages(out, s.answer, (size_t)limit, err);
	if (rc == CT_OK) {
		out->provider = ct_arena_dup(&out->arena, s.provider);
		out->request_id = ct_arena_dup(&out->arena, s.request_id);
		if (s.provider_request_id.len > 0)
			out->provider_request_id =
				ct_arena_dup(&out->arena, s.provider_request_id);
		out->attempts = ct_arena_dup(&out->arena, s.attempts);
	}
	ct_searching_fini(&s);
	return rc;
}

int ct_github_other(struct ct_cli *cli, const struct ct_github_read *read, const char *what,
		    struct ct_err *err)
{
	struct ct_error_extra extra = { .provider = read->provider,
					.request_id = read->request_id,
					.provider_request_id = read->provider_request_id,
					.attempts = read->attempts };

	ct_fail(err, CT_EPROTO, "%.*s answered with %s", CT_STR_ARG(read->provider), what);
	if (cli->out.json)
		ct_out_error_json(&cli->out, err, &extra);
	return CT_EPROTO;
}

void ct_github_read_fini(struct ct_github_read *read)
{
	ct_arena_fini(&read->arena);
}

struct ct_str ct_github_line(struct ct_github_read *read, const struct ct_json *record,
			     const char *path)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(LINE_BYTES);
	const struct ct_json *value = path != NULL ? ct_json_at(record, path) : record;

	if (ct_json_is(value, CT_JSON_STRING) || ct_json_is(value, CT_JSON_NUMBER))
		ct_plain_line(value->text, &line);
	struct ct_str kept = ct_arena_dup(&read->arena, ct_buf_str(&line));
	return kept.ptr != NULL ? kept : ct_str("");
}

void ct_github_paragraph(struct ct_out *out, struct ct_str text)
{
	while (out->width >= LEAST_WIDTH && ct_text_width(text) > out->width) {
		size_t fits = ct_text_fit(text, out->width), at = fits;

		while (at > 0 && text.ptr[at] != ' ')
			at--;
		if (at == 0)
			at = fits > 0 ? fits : text.len;
		ct_out_printf(out, "%.*s\n", (int)at, text.ptr);
		text = ct_str_trim(ct_str_from(text, at));
	}
	ct_out_printf(out, "%.*s\n", CT_STR_ARG(text));
}

void ct_github_field(struct ct_out *out, const char *name, struct ct_str value)
{
	int columns = out->width - LABEL_COLUMNS;

	if (value.len == 0)
		return;
	ct_out_printf(out, "%-*s", LABEL_COLUMNS, name);
	if (columns >= LEAST_WIDTH && ct_text_width(value) > columns) {
		value.len = ct_text_fit(value, columns - 1);
		ct_out_printf(out, "%.*s…\n", CT_STR_ARG(value));
		return;
	}
	ct_out_printf(out, "%.*s\n", CT_STR_ARG(value));
}

struct ct_str ct_github_when(struct ct_github_read *read, const struct ct_json *record,
			     const char *path)
{
	int64_t wall_ms = ct_rfc3339_ms(ct_json_str_at(record, path));
	char text[CT_HUMAN_SIZE];

	if (wall_ms <= 0)
		return ct_str("");
	ct_human_ago(text, sizeof(text), wall_ms, ct_time_now().wall_ms);
	struct ct_str kept = ct_arena_dup(&read->arena, ct_str(text));
	return kept.ptr != NULL ? kept : ct_str("");
}

#include <stdio.h>

#include "cmd_github.h"

enum { TEXT_BYTES = 64 << 20 };

static void print_json(struct ct_cli *cli, const struct ct_json *record)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_value(&jw, record);
	ct_out_json(&cli->out, &text);
}

/* "private, archived, a fork of octocat/Spoon-Knife" */
static struct ct_str traits(struct ct_github_read *read, const struct ct_json *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(4096);
	struct ct_str parent = ct_github_line(read, r, "parent.full_name");

	ct_buf_add(&text, ct_github_line(read, r, "visibility"));
	if (text.len == 0)
		ct_buf_puts(&text, ct_json_true(ct_json_get(r, "private")) ? "private"
									   : "public");
	if (ct_json_true(ct_json_get(r, "archived")))
		ct_buf_puts(&text, ", archived");
	if (ct_json_true(ct_json_get(r, "disabled")))
		ct_buf_puts(&text, ", disabled");
	if (ct_json_true(ct_json_get(r, "is_template")))
		ct_buf_puts(&text, ", a template");
	if (ct_json_true(ct_json_get(r, "fork")))
		ct_buf_printf(&text, ", a fork%s%.*s", parent.len > 0 ? " of " : "",
			      CT_STR_ARG(parent));
	struct ct_str kept = ct_arena_dup(&read->arena, ct_buf_str(&text));
	return kept.ptr != NULL ? kept : ct_str("");
}

static struct ct_str topics(struct ct_github_read *read, const struct ct_json *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(64 << 10);
	const struct ct_json *topic = ct_json_first(ct_json_get(r, "topics"));

	for (; topic != NULL; topic = topic->next)
		ct_buf_printf(&text, "%s%.*s", text.len > 0 ? ", " : "",
			      CT_STR_ARG(ct_github_line(read, topic, NULL)));
	struct ct_str kept = ct_arena_dup(&read->arena, ct_buf_str(&text));
	return kept.ptr != NULL ? kept : ct_str("");
}

static struct ct_str license_of(struct ct_github_read *read, const struct ct_json *r)
{
	struct ct_str id = ct_github_line(read, r, "license.spdx_id");

	return id.len > 0 && !ct_str_is(id, "NOASSERTION")
		       ? id
		       : ct_github_line(read, r, "license.name");
}

static void print_repository(struct ct_cli *cli, struct ct_github_read *read)
{
	static const struct {
		const char *name, *path;
	} counts[] = { { "Stars", "stargazers_count" },
		       { "Forks", "forks_count" },
		       { "Watchers", "subscribers_count" },
		       { "Open issues", "open_issues_count" } };
	const struct ct_json *r = read->records[0];
	struct ct_str about = ct_github_line(read, r, "description");
	struct ct_out *out = &cli->out;

	ct_search_print_link(out, "1", ct_github_line(read, r, "full_name"),
			     ct_github_line(read, r, "html_url"), 0);
	if (about.len > 0)
		ct_github_paragraph(out, about);
	ct_out_write(out, ct_str("\n"));
	ct_github_field(out, "Address", ct_github_line(read, r, "html_url"));
	ct_github_field(out, "Homepage", ct_github_line(read, r, "homepage"));
	ct_github_field(out, "It is", traits(read, r));
	ct_github_field(out, "Language", ct_github_line(read, r, "language"));
	ct_github_field(out, "License", license_of(read, r));
	for (size_t i = 0; i < CT_COUNT(counts); i++)
		ct_github_field(out, counts[i].name,
				ct_github_line(read, r, counts[i].path));
	ct_github_field(out, "Topics", topics(read, r));
	ct_github_field(out, "Branch", ct_github_line(read, r, "default_branch"));
	ct_github_field(out, "Created", ct_github_when(read, r, "created_at"));
	ct_github_field(out, "Pushed", ct_github_when(read, r, "pushed_at"));
}

static int run_repo(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_repository repository;
	struct ct_github_read read = { .count = 0 };
	char path[256];
	int rc = ct_github_repository(cli, 1, &repository, err);

	if (rc != CT_OK)
		return ct_exit_status(rc);
	snprintf(path, sizeof(path), "repos/%.*s/%.*s", CT_STR_ARG(repository.owner),
		 CT_STR_ARG(repository.name));
	rc = ct_github_read(cli, ct_str(path), 1, &read, err);
	if (rc == CT_OK && ct_json_get(read.records[0], "full_name") == NULL)
		rc = ct_github_other(cli, &read, "no repository", err);
	if (rc == CT_OK && cli->out.json)
		print_json(cli, read.records[0]);
	else if (rc == CT_OK)
		print_repository(cli, &read);
	ct_github_read_fini(&read);
	return ct_exit_status(rc);
}

static const struct ct_opt repo_options[] = {
	CT_GITHUB_OPTIONS,
	{ .name = NULL },
};

static const struct ct_cmd repo_cmd = {
	.name = "repo",
	.args = "[OPTION]... OWNER/NAME",
	.summary = "Show a repository",
	.details = "With --json its document, under GitHub's own names.",
	.needs = CT_NEEDS_CATALOG,
	.options = repo_options,
	.run = run_repo,
};

static const struct ct_cmd *const subs[] = {
	&repo_cmd,
	&ct_cmd_github_pr,
	&ct_cmd_github_webhook,
	NULL,
};

const struct ct_cmd ct_cmd_github = {
	.name = "github",
	.args = "COMMAND [OPTION]...",
	.summary = "Read from GitHub: repositories, pull requests, webhooks",
	.subs = subs,
};

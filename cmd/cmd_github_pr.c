#include <stdio.h>

#include "cmd_github.h"

enum { TEXT_BYTES = 64 << 20, LIMIT = 30, PAGE_MOST = 100, PATH_BYTES = 512 };

static const char no_pull[] = "no pull request";

static bool is_pull(const struct ct_json *record)
{
	return ct_json_int_at(record, "number", 0) > 0;
}

/* A closed one may have been merged, an open one may not be ready. */
static const char *state_of(const struct ct_json *pull)
{
	bool merged = ct_json_true(ct_json_get(pull, "merged")) ||
		      ct_json_str_at(pull, "merged_at").len > 0;

	if (merged)
		return "merged";
	if (!ct_str_is(ct_json_str_at(pull, "state"), "open"))
		return "closed";
	return ct_json_true(ct_json_get(pull, "draft")) ? "draft" : "open";
}

static const char *color_of(const char *state)
{
	switch (*state) {
	case 'o':
		return "32";
	case 'm':
		return "35";
	case 'c':
		return "31";
	default:
		return "2";
	}
}

static int list_json(struct ct_cli *cli, const struct ct_github_read *read)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_array(&jw);
	for (size_t i = 0; i < read->count; i++)
		ct_jw_value(&jw, read->records[i]);
	ct_jw_end_array(&jw);
	ct_out_json(&cli->out, &text);
	return CT_OK;
}

static const struct ct_column columns[] = {
	{ .title = "NUMBER", .align = CT_RIGHT },
	{ .title = "STATE" },
	{ .title = "TITLE", .shrink = true },
	{ .title = "BRANCH", .shrink = true, .optional = 2 },
	{ .title = "AUTHOR", .shrink = true, .optional = 1 },
	{ .title = "UPDATED" },
};

static void list_table(struct ct_cli *cli, struct ct_github_read *read)
{
	struct ct_table *table = ct_table_create(columns, CT_COUNT(columns));

	for (size_t i = 0; i < read->count; i++) {
		const struct ct_json *pull = read->records[i];
		const char *state = state_of(pull);

		ct_table_cell(table, "%lld",
			      (long long)ct_json_int_at(pull, "number", 0));
		ct_table_cell_color(table, color_of(state), "%s", state);
		ct_table_cell(table, "%.*s",
			      CT_STR_ARG(ct_github_line(read, pull, "title")));
		ct_table_cell(table, "%.*s",
			      CT_STR_ARG(ct_github_line(read, pull, "head.ref")));
		ct_table_cell(table, "%.*s",
			      CT_STR_ARG(ct_github_line(read, pull, "user.login")));
		ct_table_cell(table, "%.*s",
			      CT_STR_ARG(ct_github_when(read, pull, "updated_at")));
	}
	ct_table_print(table, &cli->out);
}

static int show_list(struct ct_cli *cli, struct ct_github_read *read, struct ct_err *err)
{
	for (size_t i = 0; i < read->count; i++)
		if (!is_pull(read->records[i]))
			return ct_github_other(cli, read, no_pull, err);
	if (cli->out.json)
		return list_json(cli, read);
	if (read->count > 0)
		list_table(cli, read);
	else if (cli->verbose >= 0)
		ct_out_note(&cli->out, "There are no such pull requests.");
	return CT_OK;
}

static int run_list(struct ct_cli *cli, struct ct_err *err)
{
	const char *state = ct_args_text(cli->args, "state");
	int64_t limit = ct_args_int(cli->args, "limit", LIMIT);
	struct ct_github_read read = { .count = 0 };
	struct ct_repository repository;
	char path[PATH_BYTES];
	int rc = ct_github_repository(cli, 1, &repository, err);

	if (rc != CT_OK)
		return ct_exit_status(rc);
	snprintf(path, sizeof(path), "repos/%.*s/%.*s/pulls?state=%s&per_page=%lld",
		 CT_STR_ARG(repository.owner), CT_STR_ARG(repository.name),
		 state != NULL ? state : "open",
		 (long long)(limit < PAGE_MOST ? limit : PAGE_MOST));
	rc = ct_github_read(cli, ct_str(path), limit, &read, err);
	if (rc == CT_OK)
		rc = show_list(cli, &read, err);
	ct_github_read_fini(&read);
	return ct_exit_status(rc);
}

static const struct ct_opt list_options[] = {
	{ "state", 0, CT_OPT_CHOICE, "STATE", "Those in this state; else open",
	  .choices = "open|closed|all" },
	{ "limit", 'n', CT_OPT_INT, "COUNT", "At most so many, the newest; else 30", 1,
	  CT_SEARCH_LIMIT_MAX, .also = "number" },
	CT_GITHUB_OPTIONS,
	{ .name = NULL },
};

static const struct ct_cmd list_cmd = {
	.name = "list",
	.args = "[OPTION]... OWNER/NAME",
	.summary = "Show the pull requests of a repository, newest first",
	.details = "With --json an array of their documents, under GitHub's own names.",
	.needs = CT_NEEDS_CATALOG,
	.options = list_options,
	.run = run_list,
};

/* Names of a list of objects, or its texts, with commas. */
static struct ct_str names(struct ct_github_read *read, const struct ct_json *pull,
			   const char *list, const char *member)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(64 << 10);
	const struct ct_json *one = ct_json_first(ct_json_get(pull, list));

	for (; one != NULL; one = one->next) {
		struct ct_str name = ct_github_line(read, one, member);
		if (name.len > 0)
			ct_buf_printf(&text, "%s%.*s", text.len > 0 ? ", " : "",
				      CT_STR_ARG(name));
	}
	struct ct_str kept = ct_arena_dup(&read->arena, ct_buf_str(&text));
	return kept.ptr != NULL ? kept : ct_str("");
}

/* "2 commits, 3 files, +10 -4" */
static struct ct_str size_of(struct ct_github_read *read, const struct ct_json *pull)
{
	long long commits = ct_json_int_at(pull, "commits", -1);
	long long files = ct_json_int_at(pull, "changed_files", -1);

	if (commits < 0 || files < 0)
		return ct_str("");
	struct ct_str text = ct_arena_printf(
		&read->arena, "%lld commit%s, %lld file%s, +%lld -%lld", commits,
		commits == 1 ? "" : "s", files, files == 1 ? "" : "s",
		(long long)ct_json_int_at(pull, "additions", 0),
		(long long)ct_json_int_at(pull, "deletions", 0));
	return text.ptr != NULL ? text : ct_str("");
}

static struct ct_str branches(struct ct_github_read *read, const struct ct_json *pull)
{
	struct ct_str head = ct_github_line(read, pull, "head.label");
	struct ct_str base = ct_github_line(read, pull, "base.ref");

	if (head.len == 0 || base.len == 0) /* where a fork is gone, and its branch with it */
		return head.len > 0 ? head : base;
	struct ct_str text = ct_arena_printf(&read->arena, "%.*s into %.*s", CT_STR_ARG(head),
					     CT_STR_ARG(base));

	return text.ptr != NULL ? text : ct_str("");
}

static void print_pull(struct ct_cli *cli, struct ct_github_read *read)
{
	const struct ct_json *pull = read->records[0];
	struct ct_out *out = &cli->out;
	struct ct_str title =
		ct_arena_printf(&read->arena, "%.*s #%lld",
				CT_STR_ARG(ct_github_line(read, pull, "title")),
				(long long)ct_json_int_at(pull, "number", 0));

	ct_search_print_link(out, "1", title, ct_github_line(read, pull, "html_url"), 0);
	ct_out_write(out, ct_str("\n"));
	ct_github_field(out, "Address", ct_github_line(read, pull, "html_url"));
	ct_github_field(out, "State", ct_str(state_of(pull)));
	ct_github_field(out, "Author", ct_github_line(read, pull, "user.login"));
	ct_github_field(out, "Merges", branches(read, pull));
	ct_github_field(out, "Size", size_of(read, pull));
	ct_github_field(out, "Labels", names(read, pull, "labels", "name"));
	ct_github_field(out, "Assignees", names(read, pull, "assignees", "login"));
	ct_github_field(out, "Reviewers",
			names(read, pull, "requested_reviewers", "login"));
	ct_github_field(out, "Milestone", ct_github_line(read, pull, "milestone.title"));
	ct_github_field(out, "Created", ct_github_when(read, pull, "created_at"));
	ct_github_field(out, "Updated", ct_github_when(read, pull, "updated_at"));
	ct_github_field(out, "Merged", ct_github_when(read, pull, "merged_at"));
	ct_github_field(out, "Merged by", ct_github_line(read, pull, "merged_by.login"));
	struct ct_str body = ct_str_trim(ct_json_str_at(pull, "body"));
	if (body.len > 0)
		ct_out_write(out, ct_str("\n"));
	ct_search_print_prose(out, body);
}

/* "12" or "#12" */
static int read_number(struct ct_cli *cli, int64_t *out, struct ct_err *err)
{
	const char *word = ct_args_word(cli->args, 1);

	if (word == NULL)
		return ct_fail(err, CT_EUSAGE, "which pull request? Name its number");
	if (ct_str_int(ct_str(*word == '#' ? word + 1 : word), out) && *out > 0)
		return CT_OK;
	return ct_fail(err, CT_EUSAGE, "'%.60s' is no number of a pull request", word);
}

static int show_pull(struct ct_cli *cli, struct ct_github_read *read, int64_t number,
		     struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	if (read->count == 0 || !is_pull(read->records[0]))
		return ct_github_other(cli, read, no_pull, err);
	if (ct_json_int_at(read->records[0], "number", 0) != number)
		return ct_github_other(cli, read, "another pull request", err);
	if (cli->out.json) {
		ct_jw_value(&jw, read->records[0]);
		ct_out_json(&cli->out, &text);
	} else {
		print_pull(cli, read);
	}
	return CT_OK;
}

static int run_show(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_github_read read = { .count = 0 };
	struct ct_repository repository;
	char path[PATH_BYTES];
	int64_t number = 0;
	int rc = ct_github_repository(cli, 2, &repository, err);

	if (rc == CT_OK)
		rc = read_number(cli, &number, err);
	if (rc != CT_OK)
		return ct_exit_status(rc);
	snprintf(path, sizeof(path), "repos/%.*s/%.*s/pulls/%lld",
		 CT_STR_ARG(repository.owner), CT_STR_ARG(repository.name),
		 (long long)number);
	rc = ct_github_read(cli, ct_str(path), 1, &read, err);
	if (rc == CT_OK)
		rc = show_pull(cli, &read, number, err);
	ct_github_read_fini(&read);
	return ct_exit_status(rc);
}

static const struct ct_opt show_options[] = {
	CT_GITHUB_OPTIONS,
	{ .name = NULL },
};

static const struct ct_cmd show_cmd = {
	.name = "show",
	.args = "[OPTION]... OWNER/NAME NUMBER",
	.summary = "Show a pull request",
	.details = "With --json its document, under GitHub's own names.",
	.needs = CT_NEEDS_CATALOG,
	.options = show_options,
	.run = run_show,
};

static const struct ct_cmd *const subs[] = { &list_cmd, &show_cmd, NULL };

const struct ct_cmd ct_cmd_github_pr = {
	.name = "pr",
	.args = "COMMAND [OPTION]...",
	.summary = "Look at pull requests",
	.subs = subs,
};

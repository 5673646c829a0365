#include "cmd_provider_logs.h"

#include "base/arena.h"
#include "base/clock.h"
#include "when.h"

enum {
	LIMIT = 20,
	LIMIT_MAX = 100000,
};

static const struct ct_opt options[] = {
	{ .name = "limit",
	  .letter = 'n',
	  .type = CT_OPT_INT,
	  .value = "COUNT",
	  .summary = "The last COUNT requests, default 20",
	  .min = 1,
	  .max = LIMIT_MAX,
	  .also = "number" },
	{ .name = "provider",
	  .letter = 'p',
	  .type = CT_OPT_TEXT,
	  .value = "PROVIDER",
	  .summary = "Only requests that this provider answered last",
	  .words = "provider" },
	{ .name = "failed", .summary = "Only failed requests" },
	{ .name = "conversation",
	  .type = CT_OPT_TEXT,
	  .value = "ID",
	  .summary = "Only requests of this conversation",
	  .words = "conversation" },
	{ .name = "user",
	  .type = CT_OPT_TEXT,
	  .value = "ID",
	  .summary = "Only requests of this user" },
	{ .name = "since",
	  .type = CT_OPT_TEXT,
	  .value = "TIME",
	  .summary = "Only requests since TIME (ISO 8601, 2h, 3d, yesterday)" },
	{ .name = "follow", .summary = "Go on with new requests until interrupted" },
	{ .name = NULL },
};

struct list {
	struct ct_jw jw; /* with --json */
	struct ct_table *table; /* else */
	int64_t now_ms;
	size_t rows;
};

static int add_json(void *user, const struct ct_log_row *row, int64_t rowid)
{
	struct list *list = user;

	(void)rowid;
	ct_jw_object(&list->jw);
	ct_log_members(&list->jw, row);
	ct_jw_end_object(&list->jw);
	return CT_OK;
}

static const struct ct_column columns[] = {
	{ .title = "WHEN" },
	{ .title = "STATE" },
	{ .title = "PROVIDER", .shrink = true },
	{ .title = "MODEL", .shrink = true, .optional = 1 },
	{ .title = "TOOK", .align = CT_RIGHT, .optional = 1 },
	{ .title = "TOKENS", .align = CT_RIGHT, .optional = 1 },
	{ .title = "ID" },
	{ .title = "ERROR", .shrink = true, .optional = 2 },
};

static const char *state_color(struct ct_str state)
{
	return ct_str_is(state, "completed") ? "32" : ct_str_is(state, "failed") ? "31" : "33";
}

static int add_row(void *user, const struct ct_log_row *row, int64_t rowid)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct list *list = user;
	struct ct_table *table = list->table;
	char text[CT_HUMAN_SIZE];
	int64_t tokens = ct_log_tokens(row);

	(void)rowid;
	list->rows++;
	ct_table_cell(table, "%s",
		      ct_human_ago(text, sizeof(text), row->created_ms, list->now_ms));
	ct_table_cell_color(table, state_color(row->state), "%.*s", CT_STR_ARG(row->state));
	ct_table_cell(table, "%.*s", CT_STR_ARG(row->provider));
	ct_table_cell(table, "%.*s", CT_STR_ARG(row->model));
	ct_table_cell(table, "%s", ct_human_ms(text, sizeof(text), row->duration_ms));
	ct_table_cell(table, "%s",
		      tokens < 0 ? "-" : ct_human_count(text, sizeof(text), tokens));
	ct_table_cell(table, "%.*s", CT_STR_ARG(ct_log_short_id(row->request_id)));
	ct_table_cell(table, "%.*s", CT_STR_ARG(ct_log_error_line(&arena, row)));
	return CT_OK;
}

static int print_json(struct ct_cli *cli, const struct ct_log_filter *filter,
		      struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_LOG_TEXT_MAX);
	struct list list = { .jw = ct_jw(&text) };

	ct_jw_array(&list.jw);
	int rc = ct_diag_logs(cli->app, filter, add_json, &list, err);
	ct_jw_end_array(&list.jw);
	if (rc == CT_OK)
		ct_out_json(&cli->out, &text);
	return ct_exit_status(rc);
}

static int print_table(struct ct_cli *cli, const struct ct_log_filter *filter,
		       struct ct_err *err)
{
	struct list list = { .table = ct_table_create(columns, CT_COUNT(columns)),
			     .now_ms = ct_time_now().wall_ms };
	int rc = ct_diag_logs(cli->app, filter, add_row, &list, err);

	if (rc == CT_OK && list.rows == 0 && cli->verbose >= 0)
		ct_out_note(&cli->out, "No such requests are recorded.");
	if (rc == CT_OK && list.rows > 0)
		ct_table_print(list.table, &cli->out);
	else
		ct_table_destroy(list.table);
	return ct_exit_status(rc);
}

static int read_filter(const struct ct_args *args, struct ct_log_filter *filter,
		       struct ct_err *err)
{
	const char *since = ct_args_text(args, "since");

	*filter = (struct ct_log_filter){
		.limit = ct_args_int(args, "limit", LIMIT),
		.provider = ct_str(ct_args_text(args, "provider")),
		.conversation_id = ct_str(ct_args_text(args, "conversation")),
		.user_id = ct_str(ct_args_text(args, "user")),
		.failed = ct_args_count(args, "failed") > 0,
	};
	if (since == NULL)
		return CT_OK;
	return ct_when_parse("since", since, ct_time_now().wall_ms, &filter->since_ms, err);
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_log_filter filter;
	int rc = read_filter(cli->args, &filter, err);

	if (rc != CT_OK)
		return ct_exit_status(rc);
	if (ct_args_count(cli->args, "follow"))
		return ct_log_follow(cli, &filter, err);
	return cli->out.json ? print_json(cli, &filter, err) : print_table(cli, &filter, err);
}

static const struct ct_cmd *const subs[] = { &ct_cmd_provider_logs_show, NULL };

const struct ct_cmd ct_cmd_provider_logs = {
	.name = "logs",
	.args = "[OPTION]...",
	.summary = "Show the last requests, newest first",
	.details = "Filters are applied before the count. Times are UTC.",
	.options = options,
	.subs = subs,
	.run = run,
};

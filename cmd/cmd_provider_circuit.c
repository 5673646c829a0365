#include "base/clock.h"
#include "cmd_provider.h"
#include "service/diagnostics.h"

enum { TEXT_MAX = 16 << 20 };

struct status {
	struct ct_jw jw; /* with --json */
	struct ct_table *table; /* else */
	int64_t now_ms;
	size_t rows;
	bool limits; /* some provider has a rate limit */
};

static void add_limit(struct ct_jw *jw, const struct ct_circuit_row *row)
{
	char rate[CT_RATE_TEXT_SIZE];

	ct_jw_key(jw, "rate_limit");
	if (row->rate == NULL) {
		ct_jw_null(jw);
		return;
	}
	ct_jw_object(jw);
	ct_jw_member(jw, "rate", ct_rate_text(row->rate, rate));
	ct_jw_member_int(jw, "burst", row->rate->burst);
	ct_jw_member_int(jw, "free", row->free);
	ct_jw_member_int(jw, "wait_ms", row->slot_wait_ms);
	ct_jw_end_object(jw);
}

static int add_json(void *user, const struct ct_circuit_row *row)
{
	struct ct_jw *jw = &((struct status *)user)->jw;

	ct_jw_object(jw);
	ct_jw_member(jw, "provider", row->provider);
	ct_jw_member(jw, "state", ct_str(ct_circuit_state_name(row->state)));
	ct_jw_member_int(jw, "failures", row->failures);
	ct_jw_member_int(jw, "threshold", row->threshold);
	ct_jw_member_time(jw, "opened_at", row->opened_ms);
	ct_jw_member_time(jw, "retry_at", row->retry_ms);
	ct_jw_member_time(jw, "resting_until", row->resting_ms);
	ct_jw_member_or_null(jw, "last_error",
			     ct_str(*row->last_error ? row->last_error : NULL));
	ct_jw_member_measure(jw, "probe_pid", row->probe_pid > 0 ? row->probe_pid : -1);
	add_limit(jw, row);
	ct_jw_end_object(jw);
	return CT_OK;
}

static const struct ct_column columns[] = {
	{ .title = "PROVIDER", .shrink = true },
	{ .title = "STATE" },
	{ .title = "FAILURES", .align = CT_RIGHT },
	{ .title = "RETRY" },
	{ .title = "OPENED", .optional = 1 },
	{ .title = "RESTS UNTIL" },
	{ .title = "LAST ERROR", .shrink = true, .optional = 2 },
	{ .title = "RATE LIMIT", .optional = 2 }, /* where there is one */
};

static void put_limit(struct ct_table *table, const struct ct_circuit_row *row)
{
	char rate[CT_RATE_TEXT_SIZE];

	if (row->rate == NULL)
		ct_table_cell(table, "-");
	else
		ct_table_cell(table, "%s, %lld of %lld free", ct_rate_text(row->rate, rate).ptr,
			      (long long)row->free, (long long)row->rate->burst);
}

static bool has_limits(const struct ct_config *config)
{
	for (size_t i = 0; i < config->service_count; i++)
		if (config->services[i].rate.count > 0)
			return true;
	return false;
}

static int add_row(void *user, const struct ct_circuit_row *row)
{
	static const char *const colors[] = { [CT_CIRCUIT_CLOSED] = "32",
					      [CT_CIRCUIT_OPEN] = "31",
					      [CT_CIRCUIT_HALF_OPEN] = "33" };
	struct status *status = user;
	struct ct_table *table = status->table;
	char text[CT_HUMAN_SIZE];
	bool over = row->retry_ms != 0 && row->retry_ms <= status->now_ms;

	status->rows++;
	ct_table_cell(table, "%.*s", CT_STR_ARG(row->provider));
	if (row->probe_pid > 0)
		ct_table_cell_color(table, colors[row->state], "%s (probed by %lld)",
				    ct_circuit_state_name(row->state), (long long)row->probe_pid);
	else
		ct_table_cell_color(table, colors[row->state], "%s",
				    ct_circuit_state_name(row->state));
	ct_table_cell(table, "%lld of %lld", (long long)row->failures, (long long)row->threshold);
	ct_table_cell(table, "%s",
		      over ? "now"
			   : ct_human_ago(text, sizeof(text), row->retry_ms, status->now_ms));
	ct_table_cell(table, "%s",
		      ct_human_ago(text, sizeof(text), row->opened_ms, status->now_ms));
	ct_table_cell(table, "%s",
		      ct_human_ago(text, sizeof(text), row->resting_ms, status->now_ms));
	ct_table_cell(table, "%s", *row->last_error ? row->last_error : "-");
	if (status->limits)
		put_limit(table, row);
	return CT_OK;
}

static int print_table(struct ct_cli *cli, struct ct_time now, struct ct_err *err)
{
	bool limits = has_limits(cli->app->config);
	struct status status = { .table = ct_table_create(columns,
							  CT_COUNT(columns) - !limits),
				 .now_ms = now.wall_ms,
				 .limits = limits };
	int rc = ct_diag_circuits(cli->app, now, add_row, &status, err);

	if (rc == CT_OK && status.rows == 0 && cli->verbose >= 0)
		ct_out_note(&cli->out, "No provider has a key: `cartrita key set PROVIDER` keeps one.");
	if (rc == CT_OK && status.rows > 0)
		ct_table_print(status.table, &cli->out);
	else
		ct_table_destroy(status.table);
	return ct_exit_status(rc);
}

static int run_status(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_MAX);
	struct ct_time now = ct_time_now();
	struct status status = { .jw = ct_jw(&text), .now_ms = now.wall_ms };

	if (!cli->out.json)
		return print_table(cli, now, err);
	ct_jw_array(&status.jw);
	int rc = ct_diag_circuits(cli->app, now, add_json, &status, err);
	ct_jw_end_array(&status.jw);
	if (rc == CT_OK)
		ct_out_json(&cli->out, &text);
	return ct_exit_status(rc);
}

static const struct ct_cmd status_cmd = {
	.name = "status",
	.args = "[OPTION]...",
	.summary = "Show which circuits are open, and until when",
	.needs = CT_NEEDS_CONFIG,
	.run = run_status,
};

static const struct ct_opt reset_options[] = {
	{ .name = "all", .summary = "Every provider's circuit" },
	{ .name = NULL },
};

static void say_reset(struct ct_cli *cli, struct ct_str name)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(4096);
	struct ct_jw jw = ct_jw(&text);

	if (!cli->out.json && cli->verbose >= 0)
		ct_out_note(&cli->out, "%.*s: closed.",
			    CT_STR_ARG(name.ptr ? name : ct_str("All circuits")));
	if (!cli->out.json)
		return;
	ct_jw_object(&jw);
	ct_jw_member_or_null(&jw, "reset", name);
	ct_jw_member_bool(&jw, "all", name.ptr == NULL);
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &text);
}

static int run_reset(struct ct_cli *cli, struct ct_err *err)
{
	size_t count = ct_args_word_count(cli->args);
	bool all = ct_args_count(cli->args, "all") > 0;
	struct ct_str name = { NULL, 0 };

	if (all ? count != 0 : count != 1)
		return ct_exit_status(ct_fail(err, CT_EUSAGE,
					      "circuit reset takes one provider, or --all"));
	int rc = ct_diag_circuit_reset(cli->app, ct_args_word(cli->args, 0), &name, err);
	if (rc == CT_OK)
		say_reset(cli, name);
	return ct_exit_status(rc);
}

static const struct ct_cmd reset_cmd = {
	.name = "reset",
	.args = "PROVIDER|--all",
	.summary = "Close a circuit, so that the provider is asked again at once",
	.needs = CT_NEEDS_STORE,
	.options = reset_options,
	.words = "provider",
	.run = run_reset,
};

static const struct ct_cmd *const subs[] = { &status_cmd, &reset_cmd, NULL };

const struct ct_cmd ct_cmd_provider_circuit = {
	.name = "circuit",
	.args = "status|reset",
	.summary = "Show and close circuits",
	.subs = subs,
};

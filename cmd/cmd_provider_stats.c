#include "base/clock.h"
#include "cmd_provider.h"
#include "service/diagnostics.h"

enum {
	TEXT_MAX = 64 << 20,
	HOURS_MAX = 100 * 366 * 24,
	HOUR_MS = 3600 * 1000,
};

static const struct ct_opt options[] = {
	{ .name = "time",
	  .letter = 't',
	  .type = CT_OPT_TEXT,
	  .value = "HOURS",
	  .summary = "Attempts of the last HOURS, or all (default 24)" },
	{ .name = "by",
	  .type = CT_OPT_CHOICE,
	  .choices = "provider|model|user|day|hour",
	  .summary = "One line for each (default model)" },
	{ .name = NULL },
};

struct stats {
	struct ct_jw jw; /* with --json */
	struct ct_table *table; /* else */
	enum ct_stats_by by;
	int64_t now_ms;
	size_t rows;
};

static void names_json(struct ct_jw *jw, enum ct_stats_by by, const struct ct_stats_row *row)
{
	ct_jw_member_or_null(jw, "provider", row->provider);
	ct_jw_member_or_null(jw, "model", row->model);
	if (by == CT_BY_USER)
		ct_jw_member_or_null(jw, "user_id", row->user_id);
	if (by == CT_BY_DAY || by == CT_BY_HOUR)
		ct_jw_member_or_null(jw, "period", row->period);
}

static void rate_json(struct ct_jw *jw, const struct ct_stats_row *row)
{
	ct_jw_key(jw, "success_rate");
	if (row->requests > 0)
		ct_jw_num(jw, (double)row->successes / (double)row->requests);
	else
		ct_jw_null(jw);
}

static int add_json(void *user, const struct ct_stats_row *row)
{
	struct stats *stats = user;
	struct ct_jw *jw = &stats->jw;

	ct_jw_object(jw);
	names_json(jw, stats->by, row);
	ct_jw_member_int(jw, "requests", row->requests);
	ct_jw_member_int(jw, "successes", row->successes);
	ct_jw_member_int(jw, "failures", row->failures);
	rate_json(jw, row);
	ct_jw_member_measure(jw, "avg_duration_ms", row->avg_ms);
	ct_jw_member_measure(jw, "p50_duration_ms", row->p50_ms);
	ct_jw_member_measure(jw, "p95_duration_ms", row->p95_ms);
	ct_jw_member_measure(jw, "p99_duration_ms", row->p99_ms);
	ct_jw_member_measure(jw, "p50_first_token_ms", row->p50_first_token_ms);
	ct_jw_member_int(jw, "input_tokens", row->input_tokens);
	ct_jw_member_int(jw, "output_tokens", row->output_tokens);
	ct_jw_member_int(jw, "total_tokens", row->total_tokens);
	ct_jw_key(jw, "cost_usd");
	if (row->cost_usd_nanos >= 0)
		ct_jw_num(jw, (double)row->cost_usd_nanos / 1e9);
	else
		ct_jw_null(jw);
	ct_jw_member_int(jw, "fallbacks", row->fallbacks);
	ct_jw_member_time(jw, "last_used_at", row->last_used_ms);
	ct_jw_end_object(jw);
	return CT_OK;
}

static const struct ct_column by_model[] = {
	{ .title = "PROVIDER", .shrink = true },
	{ .title = "MODEL", .shrink = true },
	{ .title = "REQUESTS", .align = CT_RIGHT },
	{ .title = "OK", .align = CT_RIGHT },
	{ .title = "TOKENS", .align = CT_RIGHT },
	{ .title = "COST", .align = CT_RIGHT },
	{ .title = "P50", .align = CT_RIGHT, .optional = 1 },
	{ .title = "P95", .align = CT_RIGHT, .optional = 1 },
	{ .title = "FIRST", .align = CT_RIGHT, .optional = 1 },
	{ .title = "LAST USED", .optional = 1 },
	{ .title = "P99", .align = CT_RIGHT, .optional = 1 },
	{ .title = "AVERAGE", .align = CT_RIGHT, .optional = 1 },
	{ .title = "FALLBACKS", .align = CT_RIGHT, .optional = 1 },
};
enum { NAMES = 2 }; /* of the columns above */

static void names_cells(struct ct_table *table, enum ct_stats_by by,
			const struct ct_stats_row *row)
{
	struct ct_str name = by == CT_BY_USER	  ? row->user_id
			     : by == CT_BY_DAY	  ? row->period
			     : by == CT_BY_HOUR ? row->period
						  : row->provider;

	ct_table_cell(table, "%.*s", CT_STR_ARG(name.ptr ? name : ct_str("-")));
	if (by == CT_BY_MODEL)
		ct_table_cell(table, "%.*s", CT_STR_ARG(row->model.ptr ? row->model : ct_str("-")));
}

static void cell_ms(struct ct_table *table, int64_t ms)
{
	char text[CT_HUMAN_SIZE];

	ct_table_cell(table, "%s", ct_human_ms(text, sizeof(text), ms));
}

static void cell_rate(struct ct_table *table, const struct ct_stats_row *row)
{
	double percent = row->requests > 0 ? 100.0 * (double)row->successes /
						     (double)row->requests
					   : 0;

	/* one failure in a million is not 100 % */
	if (row->failures > 0 && percent > 99.9)
		percent = 99.9;
	ct_table_cell_color(table, percent >= 95 ? "32" : percent >= 50 ? "33" : "31",
			    row->failures > 0 && percent > 0 ? "%.1f %%" : "%.0f %%", percent);
}

static int add_row(void *user, const struct ct_stats_row *row)
{
	struct stats *stats = user;
	struct ct_table *table = stats->table;
	char text[CT_HUMAN_SIZE];

	stats->rows++;
	names_cells(table, stats->by, row);
	ct_table_cell(table, "%s", ct_human_count(text, sizeof(text), row->requests));
	cell_rate(table, row);
	ct_table_cell(table, "%s", ct_human_count(text, sizeof(text), row->total_tokens));
	ct_table_cell(table, "%s", ct_human_usd(text, sizeof(text), row->cost_usd_nanos));
	cell_ms(table, row->p50_ms);
	cell_ms(table, row->p95_ms);
	cell_ms(table, row->p50_first_token_ms);
	ct_table_cell(table, "%s",
		      ct_human_ago(text, sizeof(text), row->last_used_ms, stats->now_ms));
	cell_ms(table, row->p99_ms);
	cell_ms(table, row->avg_ms);
	ct_table_cell(table, "%s", ct_human_count(text, sizeof(text), row->fallbacks));
	return CT_OK;
}

/* 0: all. */
static int parse_since(const char *hours, int64_t now_ms, int64_t *out, struct ct_err *err)
{
	double count = 24;

	*out = 0;
	if (hours && strcmp(hours, "all") == 0)
		return CT_OK;
	if (hours && (!ct_str_num(ct_str(hours), &count) || count <= 0 || count > HOURS_MAX))
		return ct_fail(err, CT_EUSAGE,
			       "--time must be hours, more than 0 and up to %d, or all, "
			       "not '%.60s'",
			       HOURS_MAX, hours);
	*out = now_ms - (int64_t)(count * HOUR_MS);
	return CT_OK;
}

static enum ct_stats_by parse_by(const char *by)
{
	static const char *const names[] = { [CT_BY_MODEL] = "model",
					     [CT_BY_PROVIDER] = "provider",
					     [CT_BY_USER] = "user",
					     [CT_BY_DAY] = "day",
					     [CT_BY_HOUR] = "hour" };

	for (unsigned i = 0; by && i < CT_COUNT(names); i++)
		if (strcmp(by, names[i]) == 0)
			return i;
	return CT_BY_MODEL;
}

static int print_json(struct ct_cli *cli, struct stats *stats, int64_t since_ms,
		      struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_MAX);

	stats->jw = ct_jw(&text);
	ct_jw_array(&stats->jw);
	int rc = ct_diag_stats(cli->app, stats->by, since_ms, add_json, stats, err);
	ct_jw_end_array(&stats->jw);
	if (rc == CT_OK)
		ct_out_json(&cli->out, &text);
	return ct_exit_status(rc);
}

static int print_table(struct ct_cli *cli, struct stats *stats, int64_t since_ms,
		       struct ct_err *err)
{
	static const char *const titles[] = { [CT_BY_MODEL] = "PROVIDER",
					      [CT_BY_PROVIDER] = "PROVIDER",
					      [CT_BY_USER] = "USER",
					      [CT_BY_DAY] = "DAY",
					      [CT_BY_HOUR] = "HOUR" };
	struct ct_column columns[CT_COUNT(by_model)];
	size_t names = stats->by == CT_BY_MODEL ? NAMES : 1;

	memcpy(columns, by_model, sizeof(*columns));
	memcpy(columns + 1, by_model + 1 + (NAMES - names),
	       (CT_COUNT(by_model) - 1 - (NAMES - names)) * sizeof(*columns));
	columns[0].title = titles[stats->by];
	stats->table = ct_table_create(columns, CT_COUNT(by_model) - (NAMES - names));
	int rc = ct_diag_stats(cli->app, stats->by, since_ms, add_row, stats, err);
	if (rc == CT_OK && stats->rows == 0 && cli->verbose >= 0)
		ct_out_note(&cli->out, since_ms ? "No requests in that time: -t all shows all."
						: "No requests are recorded yet.");
	if (rc == CT_OK && stats->rows > 0)
		ct_table_print(stats->table, &cli->out);
	else
		ct_table_destroy(stats->table);
	return ct_exit_status(rc);
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	struct stats stats = { .by = parse_by(ct_args_text(cli->args, "by")),
			       .now_ms = ct_time_now().wall_ms };
	int64_t since_ms;
	int rc = parse_since(ct_args_text(cli->args, "time"), stats.now_ms, &since_ms, err);

	if (rc != CT_OK)
		return ct_exit_status(rc);
	return cli->out.json ? print_json(cli, &stats, since_ms, err)
			     : print_table(cli, &stats, since_ms, err);
}

const struct ct_cmd ct_cmd_provider_stats = {
	.name = "stats",
	.args = "[OPTION]...",
	.summary = "Show counts, times, tokens and costs of attempts",
	.details = "Counts attempts: a request that fell back counts once for each provider asked. "
		   "Percentiles are of successes, within 3 %. Days are UTC.",
	.options = options,
	.run = run,
};

#include "base/clock.h"
#include "cmd_provider.h"
#include "service/diagnostics.h"
#include "service/health.h"

enum { TEXT_MAX = 1 << 20 };

struct health {
	struct ct_cli *cli;
	struct ct_jw jw; /* with --json */
	struct ct_table *table; /* else */
	int64_t now_ms;
	size_t named; /* providers that were named */
	size_t configured; /* providers that could be asked */
	size_t sick; /* of all that were asked */
	bool chat; /* a healthy one that can chat */
	int code; /* of the last that was not healthy */
};

static void add_json(struct ct_jw *jw, const struct ct_health_row *row)
{
	const struct ct_circuit *c = &row->circuit;

	ct_jw_object(jw);
	ct_jw_member(jw, "provider", row->provider);
	ct_jw_member_bool(jw, "configured", row->configured);
	ct_jw_member_bool(jw, "healthy", row->healthy);
	ct_jw_member_measure(jw, "status", row->status != 0 ? row->status : -1);
	ct_jw_member_measure(jw, "latency_ms", row->latency_ms);
	ct_jw_member(jw, "circuit", ct_str(ct_circuit_state_name(c->state)));
	ct_jw_member_int(jw, "failures", c->failures);
	ct_jw_member_time(jw, "last_failure_at", c->last_failure.wall_ms);
	ct_jw_member_or_null(jw, "error", row->error);
	ct_jw_end_object(jw);
}

static const struct ct_column columns[] = {
	{ .title = "PROVIDER", .shrink = true },
	{ .title = "HEALTH" },
	{ .title = "STATUS", .align = CT_RIGHT },
	{ .title = "LATENCY", .align = CT_RIGHT },
	{ .title = "CIRCUIT" },
	{ .title = "LAST FAILURE", .optional = 1 },
	{ .title = "ERROR", .shrink = true },
};

static void add_row(struct health *h, const struct ct_health_row *row)
{
	char text[CT_HUMAN_SIZE];

	ct_table_cell(h->table, "%.*s", CT_STR_ARG(row->provider));
	ct_table_cell_color(h->table, row->healthy ? "32" : row->configured ? "31" : "2", "%s",
			    row->healthy    ? "healthy" :
			    row->configured ? "unhealthy" :
					      "not set up");
	if (row->status != 0)
		ct_table_cell(h->table, "%d", row->status);
	else
		ct_table_cell(h->table, "-");
	ct_table_cell(h->table, "%s", ct_human_ms(text, sizeof(text), row->latency_ms));
	ct_table_cell(h->table, "%s", ct_circuit_state_name(row->circuit.state));
	ct_table_cell(h->table, "%s",
		      ct_human_ago(text, sizeof(text), row->circuit.last_failure.wall_ms,
				   h->now_ms));
	ct_table_cell(h->table, "%.*s", CT_STR_ARG(row->error));
}

static void on_row(void *user, const struct ct_health_row *row)
{
	struct health *h = user;

	h->configured += row->configured;
	if (!row->healthy) {
		h->sick++;
		h->code = row->code;
	}
	h->chat = h->chat || (row->healthy && row->capabilities & CT_CAN_CHAT);
	if (h->cli->out.json)
		add_json(&h->jw, row);
	else if (row->configured || h->named > 0 || h->cli->verbose > 0)
		add_row(h, row);
}

/* One that was named decides by its own failure; of several, any failure is a general one. */
static int status_of(const struct health *h)
{
	if (h->named == 0)
		return h->chat ? CT_EXIT_OK : h->configured > 0 ? CT_EXIT_FAILED : CT_EXIT_CONFIG;
	if (h->sick == 0)
		return CT_EXIT_OK;
	return h->named == 1 ? ct_exit_status(h->code) : CT_EXIT_FAILED;
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_MAX);
	const char *names[64];
	struct health h = { .cli = cli,
			    .jw = ct_jw(&text),
			    .now_ms = ct_time_now().wall_ms,
			    .named = ct_args_word_count(cli->args) };

	if (h.named > CT_COUNT(names))
		return ct_exit_status(ct_fail(err, CT_EUSAGE, "%zu providers at most",
					      CT_COUNT(names)));
	for (size_t i = 0; i < h.named; i++)
		names[i] = ct_args_word(cli->args, i);
	ct_app_open_store(cli->app, CT_STORE_READ, NULL);
	h.table = ct_table_create(columns, CT_COUNT(columns));
	ct_jw_array(&h.jw);
	int rc = ct_health_check(cli->app, names, h.named, on_row, &h, err);
	ct_jw_end_array(&h.jw);
	if (rc == CT_OK && cli->out.json)
		ct_out_json(&cli->out, &text);
	bool empty = h.configured == 0 && h.named == 0 && cli->verbose <= 0;
	if (rc == CT_OK && !cli->out.json && !empty)
		ct_table_print(h.table, &cli->out);
	else
		ct_table_destroy(h.table);
	if (rc == CT_OK && !cli->out.json && empty) {
		ct_fail(err, CT_ENOKEY, "no provider has a key");
		ct_hint(err, "`cartrita key set PROVIDER` keeps one; to try without: "
			     "`cartrita sandbox -- cartrita provider health`");
	}
	return rc == CT_OK ? status_of(&h) : ct_exit_status(rc);
}

const struct ct_cmd ct_cmd_provider_health = {
	.name = "health",
	.args = "[PROVIDER]...",
	.summary = "Ask each provider whether it is there and takes the key",
	.details = "Asks each configured provider's cheapest authenticated endpoint, all at once, "
		   "5 s at most; no tokens are billed.",
	.needs = CT_NEEDS_CONFIG,
	.words = "provider",
	.run = run,
};

/* `provider test --faults`: the score card. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd_provider.h"
#include "faults.h"

struct card {
	struct ct_cli *cli;
	struct ct_jw jw; /* with --json */
	struct ct_table *table; /* else */
	size_t passed, failed;
	bool progress;
};

static void add_json(struct ct_jw *jw, const struct ct_fault_result *r)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "fault", ct_str(r->row->does));
	ct_jw_member(jw, "protocol", ct_str(r->protocol->name));
	ct_jw_member(jw, "plan", ct_str(r->row->plan));
	ct_jw_member(jw, "expected", ct_str(r->row->expected));
	ct_jw_member(jw, "happened", ct_str(r->happened));
	ct_jw_member_bool(jw, "pass", r->pass);
	ct_jw_member_int(jw, "duration_ms", r->ms);
	ct_jw_end_object(jw);
}

static void on_result(void *user, const struct ct_fault_result *r, size_t done, size_t total)
{
	struct card *card = user;

	card->passed += r->pass;
	card->failed += !r->pass;
	if (card->cli->out.json) {
		add_json(&card->jw, r);
	} else {
		ct_table_cell_color(card->table, r->pass ? "32" : "31", "%s",
				    r->pass ? "pass" : "FAIL");
		ct_table_cell(card->table, "%s", r->protocol->name);
		ct_table_cell(card->table, "%s", r->row->does);
		ct_table_cell(card->table, "%s", r->row->expected);
		ct_table_cell(card->table, "%s", r->happened);
	}
	if (card->progress)
		fprintf(stderr, "\r%zu of %zu faults played%s", done, total,
			done == total ? "\r\033[K" : "");
}

static const struct ct_column columns[] = {
	{ .title = "RESULT" },
	{ .title = "PROTOCOL" },
	{ .title = "THE PROVIDER", .shrink = true },
	{ .title = "EXPECTED", .shrink = true },
	{ .title = "HAPPENED", .shrink = true, .optional = 1 },
};

static int print(struct card *card, struct ct_buf *text)
{
	struct ct_out *out = &card->cli->out;

	if (out->json) {
		ct_jw_end_array(&card->jw);
		ct_jw_member_int(&card->jw, "passed", (int64_t)card->passed);
		ct_jw_member_int(&card->jw, "failed", (int64_t)card->failed);
		ct_jw_end_object(&card->jw);
		ct_out_json(out, text);
		ct_table_destroy(card->table);
	} else {
		ct_table_print(card->table, out);
		ct_out_printf(out, "\n%zu passed, %zu failed\n", card->passed, card->failed);
	}
	return card->failed == 0 ? CT_EXIT_OK : CT_EXIT_FAILED;
}

int ct_cmd_provider_faults(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(16 << 20);
	struct card card = { .cli = cli,
			     .jw = ct_jw(&text),
			     .progress = cli->out.err_is_tty && cli->verbose >= 0 };
	char exe[4096];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (len < 0)
		return ct_exit_status(ct_fail(err, CT_EIO, "cannot find this program's own file"));
	exe[len] = '\0';
	card.table = ct_table_create(columns, CT_COUNT(columns));
	ct_jw_object(&card.jw);
	ct_jw_key(&card.jw, "rows");
	ct_jw_array(&card.jw);
	int rc = ct_fault_play(exe, on_result, &card, err);
	if (rc == CT_OK)
		return print(&card, &text);
	ct_table_destroy(card.table);
	return ct_exit_status(rc);
}

#include "cmd_provider.h"
#include "service/diagnostics.h"

enum { TEXT_MAX = 16 << 20 };

struct list {
	struct ct_jw jw; /* with --json */
	struct ct_table *table; /* else */
};

static const char *const roles[] = {
	[CT_ROLE_PRIMARY] = "primary",
	[CT_ROLE_FALLBACK] = "fallback",
	[CT_ROLE_OTHER] = "other",
};

static int add_json(void *user, const struct ct_provider_row *row)
{
	struct list *list = user;
	struct ct_jw *jw = &list->jw;
	bool more = true;

	ct_jw_object(jw);
	ct_jw_member(jw, "name", row->name);
	ct_jw_member(jw, "kind", row->kind);
	ct_jw_member_bool(jw, "configured", row->configured);
	ct_jw_member_bool(jw, "sandbox", row->sandbox);
	ct_jw_member_or_null(jw, "default_model", row->default_model);
	ct_jw_member_or_null(jw, "base_url", row->base_url);
	ct_jw_key(jw, "capabilities");
	ct_jw_array(jw);
	for (unsigned i = 0; more; i++) {
		const char *name = ct_capability_name(row->capabilities, i, &more);
		if (name != NULL)
			ct_jw_str(jw, ct_str(name));
	}
	ct_jw_end_array(jw);
	ct_jw_member(jw, "role", ct_str(roles[row->role]));
	ct_jw_end_object(jw);
	return CT_OK;
}

static const struct ct_column columns[] = {
	{ .title = "NAME", .shrink = true },
	{ .title = "KIND", .optional = 1 },
	{ .title = "ROLE" },
	{ .title = "CONFIGURED" },
	{ .title = "MODEL", .shrink = true },
	{ .title = "CAN", .optional = 1 },
	{ .title = "ADDRESS", .shrink = true, .optional = 1 },
};

static void cell_or_dash(struct ct_table *table, struct ct_str text)
{
	ct_table_cell(table, "%.*s", CT_STR_ARG(text.len > 0 ? text : ct_str("-")));
}

static int add_row(void *user, const struct ct_provider_row *row)
{
	struct ct_table *table = ((struct list *)user)->table;
	CT_CLEANUP(ct_buf_fini) struct ct_buf can = CT_BUF_INIT(256);
	bool more = true;

	for (unsigned i = 0; more; i++) {
		const char *name = ct_capability_name(row->capabilities, i, &more);
		if (name != NULL)
			ct_buf_printf(&can, "%s%s", can.len > 0 ? "," : "", name);
	}
	cell_or_dash(table, row->name);
	cell_or_dash(table, row->kind);
	ct_table_cell(table, "%s", roles[row->role]);
	ct_table_cell_color(table, row->sandbox	   ? "33"
				   : row->configured ? "32"
						     : "2",
			    "%s", row->sandbox ? "sandbox" : row->configured ? "yes" : "no");
	cell_or_dash(table, row->default_model);
	cell_or_dash(table, ct_buf_str(&can));
	cell_or_dash(table, row->base_url);
	return CT_OK;
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_MAX);
	struct list list = { .jw = ct_jw(&text) };
	int rc;

	if (!cli->out.json) {
		list.table = ct_table_create(columns, CT_COUNT(columns));
		rc = ct_diag_providers(cli->app, add_row, &list, err);
		if (rc == CT_OK)
			ct_table_print(list.table, &cli->out);
		else
			ct_table_destroy(list.table);
		return ct_exit_status(rc);
	}
	ct_jw_array(&list.jw);
	rc = ct_diag_providers(cli->app, add_json, &list, err);
	ct_jw_end_array(&list.jw);
	if (rc == CT_OK)
		ct_out_json(&cli->out, &text);
	return ct_exit_status(rc);
}

const struct ct_cmd ct_cmd_provider_list = {
	.name = "list",
	.args = "[OPTION]...",
	.summary = "Show the providers that are known and how they are set",
	.needs = CT_NEEDS_CATALOG,
	.run = run,
};

#include <stdio.h>

#include "base/clock.h"
#include "cmd.h"
#include "service/upkeep.h"
#include "when.h"

enum { TEXT_MAX = 1 << 20 };

static char *human_bytes(char *buf, size_t size, int64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1024 && unit + 1 < CT_COUNT(units); unit++)
		value /= 1024;
	snprintf(buf, size, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
	return buf;
}

static void member_time(struct ct_jw *jw, const char *key, int64_t ms)
{
	char iso[CT_ISO_SIZE];

	ct_jw_member_or_null(jw, key, ct_str(ms > 0 ? ct_time_iso(iso, ms) : NULL));
}

static void print_facts_json(struct ct_cli *cli, const struct ct_store_facts *f)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_MAX);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	ct_jw_member(&jw, "path", f->path);
	ct_jw_member_int(&jw, "schema", f->schema);
	ct_jw_member_int(&jw, "file_bytes", f->file_bytes);
	ct_jw_member_int(&jw, "log_bytes", f->log_bytes);
	ct_jw_member_int(&jw, "used_bytes", f->used_bytes);
	ct_jw_member_int(&jw, "max_bytes", cli->app->config->store_max_mb << 20);
	ct_jw_member_int(&jw, "requests", f->requests);
	ct_jw_member_int(&jw, "attempts", f->attempts);
	ct_jw_member_int(&jw, "conversations", f->conversations < 0 ? 0 : f->conversations);
	ct_jw_member_int(&jw, "messages", f->messages < 0 ? 0 : f->messages);
	ct_jw_member_int(&jw, "bodies_dropped", f->bodies_dropped);
	member_time(&jw, "oldest_at", f->oldest_ms);
	member_time(&jw, "newest_at", f->newest_ms);
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &text);
}

static void print_facts(struct ct_cli *cli, const struct ct_store_facts *f)
{
	struct ct_out *out = &cli->out;
	int64_t now = ct_time_now().wall_ms;
	char a[CT_HUMAN_SIZE], b[CT_HUMAN_SIZE];

	ct_out_printf(out, "File           %.*s\n", CT_STR_ARG(f->path));
	ct_out_printf(out, "Size           %s, with %s of data\n",
		      human_bytes(a, sizeof(a), f->file_bytes),
		      human_bytes(b, sizeof(b), f->used_bytes));
	ct_out_printf(out, "Log            %s\n", human_bytes(a, sizeof(a), f->log_bytes));
	ct_out_printf(out, "Ceiling        %s\n",
		      cli->app->config->store_max_mb == 0 ?
			      "none" :
			      human_bytes(a, sizeof(a), cli->app->config->store_max_mb << 20));
	ct_out_printf(out, "Schema         %lld\n", (long long)f->schema);
	ct_out_printf(out, "Requests       %lld (oldest %s, newest %s)\n",
		      (long long)f->requests, ct_human_ago(a, sizeof(a), f->oldest_ms, now),
		      ct_human_ago(b, sizeof(b), f->newest_ms, now));
	ct_out_printf(out, "Attempts       %lld\n", (long long)f->attempts);
	if (f->conversations >= 0)
		ct_out_printf(out, "Conversations  %lld with %lld messages\n",
			      (long long)f->conversations, (long long)f->messages);
	if (f->bodies_dropped > 0)
		ct_out_printf(out, "Bodies dropped %lld requests, to stay under the ceiling\n",
			      (long long)f->bodies_dropped);
}

static int run_stats(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_store_facts facts;
	int rc = ct_upkeep_facts(cli->app, &facts, err);

	if (rc == CT_OK && cli->out.json)
		print_facts_json(cli, &facts);
	else if (rc == CT_OK)
		print_facts(cli, &facts);
	return ct_exit_status(rc);
}

static const struct ct_cmd stats_cmd = {
	.name = "stats",
	.args = "[OPTION]...",
	.summary = "Show how large the store is and what is in it",
	.needs = CT_NEEDS_CONFIG,
	.run = run_stats,
};

struct check {
	struct ct_cli *cli;
	struct ct_jw jw;
	size_t problems;
};

static void on_problem(void *user, struct ct_str problem)
{
	struct check *check = user;

	check->problems++;
	if (check->cli->out.json)
		ct_jw_str(&check->jw, problem);
	else
		ct_out_printf(&check->cli->out, "%.*s\n", CT_STR_ARG(problem));
}

static int run_check(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_MAX);
	struct check check = { .cli = cli, .jw = ct_jw(&text) };

	ct_jw_object(&check.jw);
	ct_jw_key(&check.jw, "problems");
	ct_jw_array(&check.jw);
	int rc = ct_upkeep_check(cli->app, on_problem, &check, err);
	ct_jw_end_array(&check.jw);
	ct_jw_member_bool(&check.jw, "ok", check.problems == 0);
	ct_jw_end_object(&check.jw);
	if (rc != CT_OK)
		return ct_exit_status(rc);
	if (cli->out.json)
		ct_out_json(&cli->out, &text);
	else if (check.problems == 0)
		ct_out_printf(&cli->out, "ok\n");
	if (check.problems == 0)
		return CT_EXIT_OK;
	return CT_EXIT_STORE;
}

static const struct ct_cmd check_cmd = {
	.name = "check",
	.args = "[OPTION]...",
	.summary = "Look whether the store is sound; exit 8 when it is not",
	.needs = CT_NEEDS_CONFIG,
	.run = run_check,
};

static void say(struct ct_cli *cli, const char *key, struct ct_str text, int64_t number)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf json = CT_BUF_INIT(TEXT_MAX);
	struct ct_jw jw = ct_jw(&json);

	if (!cli->out.json)
		return;
	ct_jw_object(&jw);
	if (text.ptr != NULL)
		ct_jw_member(&jw, key, text);
	else
		ct_jw_member_int(&jw, key, number);
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &json);
}

static int run_backup(struct ct_cli *cli, struct ct_err *err)
{
	const char *path = ct_args_word(cli->args, 0);

	if (ct_args_word_count(cli->args) != 1)
		return ct_exit_status(ct_fail(err, CT_EUSAGE, "store backup takes one file"));
	int rc = ct_upkeep_backup(cli->app, path, err);
	if (rc != CT_OK)
		return ct_exit_status(rc);
	say(cli, "backup", ct_str(path), 0);
	if (!cli->out.json && cli->verbose >= 0)
		ct_out_note(&cli->out, "The store is copied to %s.", path);
	return CT_EXIT_OK;
}

static const struct ct_cmd backup_cmd = {
	.name = "backup",
	.args = "FILE",
	.summary = "Copy the store as it is at this moment",
	.needs = CT_NEEDS_CONFIG,
	.words = "file",
	.run = run_backup,
};

static int run_prune(struct ct_cli *cli, struct ct_err *err)
{
	const char *given = ct_args_text(cli->args, "older-than");
	int64_t before, deleted = 0;

	if (given == NULL)
		return ct_exit_status(ct_fail(err, CT_EUSAGE,
					      "store prune wants --older-than, such as 30d"));
	int rc = ct_when_parse("older-than", given, ct_time_now().wall_ms, &before, err);
	if (rc == CT_OK)
		rc = ct_upkeep_prune(cli->app, before, &deleted, err);
	if (rc != CT_OK)
		return ct_exit_status(rc);
	say(cli, "deleted", (struct ct_str){ NULL, 0 }, deleted);
	if (!cli->out.json && cli->verbose >= 0)
		ct_out_note(&cli->out, "%lld requests are deleted; statistics and conversations stay.",
			    (long long)deleted);
	return CT_EXIT_OK;
}

static const struct ct_opt prune_options[] = {
	{ "older-than", 0, CT_OPT_TEXT, "TIME", "Requests from before that: 30d, 2w, 2026-01-31" },
	{ .name = NULL },
};

static const struct ct_cmd prune_cmd = {
	.name = "prune",
	.args = "[OPTION]...",
	.summary = "Delete old requests; statistics and conversations stay",
	.needs = CT_NEEDS_CONFIG,
	.options = prune_options,
	.run = run_prune,
};

static const struct ct_cmd *const subs[] = { &stats_cmd, &check_cmd, &backup_cmd, &prune_cmd,
					     NULL };

const struct ct_cmd ct_cmd_store = {
	.name = "store",
	.args = "COMMAND [OPTION]...",
	.summary = "Size, soundness, copies and upkeep of the local store",
	.subs = subs,
};

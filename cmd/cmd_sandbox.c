#include <stdlib.h>

#include "cmd.h"
#include "service/sandbox.h"

static const struct ct_opt options[] = {
	{ .name = "port",
	  .type = CT_OPT_INT,
	  .value = "N",
	  .max = 65535,
	  .summary = "Listen on this port of 127.0.0.1 (0, the default: any free one)" },
	{ .name = "fault",
	  .type = CT_OPT_TEXT,
	  .value = "PLAN",
	  .summary = "Go wrong: [PROVIDER:]FAULT[:ARGUMENT][*COUNT|@PERCENT],..." },
	{ .name = "seed",
	  .type = CT_OPT_INT,
	  .value = "N",
	  .max = 9007199254740992.0,
	  .summary = "What @PERCENT draws from (1)" },
	{ .name = "latency",
	  .type = CT_OPT_INT,
	  .value = "MS",
	  .max = 600000,
	  .summary = "Wait before each answer begins" },
	{ .name = "rate",
	  .type = CT_OPT_NUM,
	  .value = "TOKENS/S",
	  .min = 0.1,
	  .max = 1000000,
	  .summary = "Pace of each answer (default: as fast as it is taken)" },
	{ .name = "stamps",
	  .summary = "Say after each token of a stream when it was sent: TOKEN@MICROSECONDS" },
	{ .name = "log",
	  .type = CT_OPT_TEXT,
	  .value = "FILE",
	  .summary = "Add a line of JSON for each request",
	  .words = "file" },
	{ .name = "background",
	  .summary = "Detach; print the exports and CARTRITA_SANDBOX_PID" },
	{ .name = NULL },
};

/* sandbox.db beside the usual store, unless --db names another. */
static void find_store(const struct ct_cli *cli, struct ct_buf *out)
{
	const char *named = cli->app->options.db_path, *slash;

	if (named != NULL) {
		ct_buf_puts(out, named);
		return;
	}
	ct_app_db_path(cli->app, out);
	slash = strrchr(out->ptr, '/');
	out->len = slash != NULL ? (size_t)(slash + 1 - out->ptr) : 0;
	ct_buf_puts(out, "sandbox.db");
}

/* The lines `export NAME='VALUE'` as one object; each value's quotes are taken off. */
static void write_exports(struct ct_jw *jw, struct ct_str lines)
{
	ct_jw_object(jw);
	while (ct_str_starts(lines, "export ")) {
		const char *end = memchr(lines.ptr, '\n', lines.len);
		size_t len = end != NULL ? (size_t)(end - lines.ptr) : lines.len;
		struct ct_str line = ct_str_from((struct ct_str){ lines.ptr, len }, 7);
		const char *equals = memchr(line.ptr, '=', line.len);
		size_t name = equals != NULL ? (size_t)(equals - line.ptr) : line.len;
		CT_CLEANUP(ct_buf_fini) struct ct_buf value = CT_BUF_INIT(64 << 10);

		for (size_t i = name + 1; i < line.len; i++) {
			if (line.ptr[i] == '\\')
				ct_buf_append(&value, line.ptr + ++i, 1);
			else if (line.ptr[i] != '\'')
				ct_buf_append(&value, line.ptr + i, 1);
		}
		ct_jw_key_str(jw, (struct ct_str){ line.ptr, name });
		ct_jw_str(jw, ct_buf_str(&value));
		lines = ct_str_from(lines, len + (end != NULL));
	}
	ct_jw_end_object(jw);
}

/*
 * The exports hold no secret; where this very environment came from a sandbox the redactor
 * would take its made-up keys for real ones.
 */
static void print_exports(void *user, struct ct_str exports)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(128 << 10);
	struct ct_out out = ((struct ct_cli *)user)->out;
	struct ct_jw jw = ct_jw(&text);

	out.redactor = NULL;
	if (!out.json) {
		ct_out_write(&out, exports);
		return;
	}
	ct_jw_object(&jw);
	ct_jw_key(&jw, "exports");
	write_exports(&jw, exports);
	ct_jw_end_object(&jw);
	ct_out_json(&out, &text);
}

static int detach(struct ct_cli *cli, const struct ct_sandbox_options *sandbox,
		  struct ct_err *err)
{
	struct ct_buf exports = CT_BUF_INIT(64 << 10);
	int rc = ct_sandbox_background(sandbox, &exports, err);

	if (rc == CT_OK)
		print_exports(cli, ct_buf_str(&exports));
	ct_buf_fini(&exports);
	return ct_exit_status(rc);
}

static int run_command(struct ct_cli *cli, struct ct_sandbox_options *sandbox,
		       struct ct_err *err)
{
	int status = CT_EXIT_FAILED;
	int at = ct_args_dashes_at(cli->args);

	sandbox->db_path = cli->app->options.db_path;
	ct_sandbox_command(sandbox, cli->argv + at, &status, err);
	return err->code == CT_EUSAGE ? CT_EXIT_USAGE : status;
}

static int check_words(const struct ct_cli *cli, struct ct_err *err)
{
	int at = ct_args_dashes_at(cli->args);

	if (ct_args_word_count(cli->args) > 0 && !ct_args_after_dashes(cli->args, 0)) {
		ct_fail(err, CT_EUSAGE, "'sandbox' takes no argument '%.60s'",
			ct_args_word(cli->args, 0));
		ct_hint(err, "A command to run comes after '--'.");
		return CT_EUSAGE;
	}
	if (at >= 0 && at == cli->argc)
		return ct_fail(err, CT_EUSAGE, "no command after '--'");
	if (at >= 0 && ct_args_count(cli->args, "background") > 0)
		return ct_fail(err, CT_EUSAGE, "--background runs no command");
	return CT_OK;
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	const struct ct_args *args = cli->args;
	struct ct_buf store = CT_BUF_INIT(4096);
	struct ct_sandbox_options sandbox = {
		.port = (int)ct_args_int(args, "port", 0),
		.plan = ct_args_text(args, "fault"),
		.seed = (uint64_t)ct_args_int(args, "seed", 1),
		.latency_ms = ct_args_int(args, "latency", 0),
		.rate = ct_args_num(args, "rate", 0),
		.stamps = ct_args_count(args, "stamps") > 0,
		.log_path = ct_args_text(args, "log"),
	};
	int status, rc = check_words(cli, err);

	if (rc != CT_OK)
		return ct_exit_status(rc);
	find_store(cli, &store);
	sandbox.db_path = store.ptr;
	if (ct_args_dashes_at(args) >= 0)
		status = run_command(cli, &sandbox, err);
	else if (ct_args_count(args, "background") > 0)
		status = detach(cli, &sandbox, err);
	else
		status =
			ct_exit_status(ct_sandbox_run(&sandbox, print_exports, cli, err));
	ct_buf_fini(&store);
	return status;
}

const struct ct_cmd ct_cmd_sandbox = {
	.name = "sandbox",
	.args = "[OPTION]... [-- COMMAND [ARGUMENT]...]",
	.summary = "A local server that speaks the providers' protocols, without any key",
	.details =
		"Runs COMMAND against it, or serves until interrupted and prints the variables to "
		"export first: eval \"$(cartrita sandbox --background)\".\n"
		"It answers by plain rules, and goes wrong as --fault says: any status from 400 to "
		"599[:SECONDS], refused, reset, cut-at:BYTES, cut-after:TOKENS, stall-after:TOKENS, "
		"silent, silent-after-headers, pings, slow:MS, no-end, no-done, bad-chunk, error-in-stream, "
		"context-length, content-policy, quota, prefill-refused, empty, html, shape, redirect, "
		"endless, down:SECONDS.",
	.options = options,
	.words = "command",
	.run = run,
};

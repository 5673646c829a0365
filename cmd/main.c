#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "setup.h"

extern const struct ct_cmd ct_cmd_chat;
extern const struct ct_cmd ct_cmd_stream;
extern const struct ct_cmd ct_cmd_search;
extern const struct ct_cmd ct_cmd_extract;
extern const struct ct_cmd ct_cmd_voice;
extern const struct ct_cmd ct_cmd_github;
extern const struct ct_cmd ct_cmd_conversation;
extern const struct ct_cmd ct_cmd_provider;
extern const struct ct_cmd ct_cmd_model;
extern const struct ct_cmd ct_cmd_config;
extern const struct ct_cmd ct_cmd_key;
extern const struct ct_cmd ct_cmd_store;
extern const struct ct_cmd ct_cmd_doctor;
extern const struct ct_cmd ct_cmd_sandbox;
extern const struct ct_cmd ct_cmd_help;
extern const struct ct_cmd ct_cmd_version;
extern const struct ct_cmd ct_cmd_complete;

/* One line per command, in the order help shows them. */
const struct ct_cmd *const ct_commands[] = {
	&ct_cmd_chat,
	&ct_cmd_stream,
	&ct_cmd_search,
	&ct_cmd_extract,
	&ct_cmd_voice,
	&ct_cmd_github,
	&ct_cmd_conversation,
	&ct_cmd_provider,
	&ct_cmd_model,
	&ct_cmd_config,
	&ct_cmd_key,
	&ct_cmd_store,
	&ct_cmd_doctor,
	&ct_cmd_sandbox,
	&ct_cmd_help,
	&ct_cmd_version,
	&ct_cmd_complete,
	NULL,
};

const struct ct_opt ct_global_options[] = {
	{ .name = "config",
	  .type = CT_OPT_TEXT,
	  .value = "FILE",
	  .summary = "Configuration file",
	  .words = "file" },
	{ .name = "db",
	  .type = CT_OPT_TEXT,
	  .value = "FILE",
	  .summary = "The local store",
	  .words = "file" },
	{ .name = "json", .summary = "Print one JSON document" },
	{ .name = "color",
	  .type = CT_OPT_CHOICE,
	  .choices = "auto|always|never",
	  .summary = "Colours (auto: on a terminal)" },
	{ .name = "verbose", .letter = 'v', .summary = "Say more on stderr; twice: everything" },
	{ .name = "quiet", .letter = 'q', .summary = "Only errors on stderr" },
	{ .name = "help", .letter = 'h', .summary = "Show help" },
	{ .name = "version", .letter = 'V', .summary = "Show the version" },
	{ .name = NULL },
};

/* Is the flag there as a word of its own? For when the command line cannot be parsed. */
static bool has_word(int argc, char *argv[], const char *name, const char *letter)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], name) == 0 || (letter && strcmp(argv[i], letter) == 0))
			return true;
	return false;
}

static int show_help(struct ct_cli *cli)
{
	ct_help_print(&cli->out, &cli->path);
	return CT_EXIT_OK;
}

/* No command, or one that is nothing without a subcommand. */
static int no_command(struct ct_cli *cli, struct ct_err *err)
{
	char name[128];

	if (cli->path.depth == 0) {
		ct_out_note(&cli->out, "Usage: cartrita [GLOBAL OPTION]... COMMAND [OPTION]... "
				       "[ARGUMENT]...");
		return ct_exit_status(ct_fail(err, CT_EUSAGE, "no command given"));
	}
	ct_cmd_name(&cli->path, name, sizeof(name));
	return ct_exit_status(ct_fail(err, CT_EUSAGE, "'%s' needs a command after it", name));
}

static void hint_help(const struct ct_cli *cli, struct ct_err *err)
{
	char name[128], hint[sizeof(err->hint)], last;
	const char *below = ct_cmd_name(&cli->path, name, sizeof(name)) + strlen("cartrita");

	if (strcmp(below, " help") == 0)
		below = "";
	snprintf(hint, sizeof(hint), "%s", err->hint);
	last = *hint ? hint[strlen(hint) - 1] : '.';
	ct_hint(err, "%s%s%sTry 'cartrita help%s'.", hint, strchr(".?!", last) ? "" : ".",
		*hint ? " " : "", below);
}

/* Words for a command whose usage names none are a mistake, not to be ignored. */
static int refuse_words(struct ct_cli *cli, const struct ct_cmd *cmd, struct ct_err *err)
{
	const char *args = cmd->args ? cmd->args : "";
	bool none = *args == '\0' || strcmp(args, "[OPTION]...") == 0;
	char name[128];

	if (!none || ct_args_word_count(cli->args) == 0)
		return CT_OK;
	if (cmd->subs != NULL)
		return ct_cmd_unknown(&cli->path, ct_args_word(cli->args, 0), err);
	ct_cmd_name(&cli->path, name, sizeof(name));
	return ct_fail(err, CT_EUSAGE, "'%s' takes no argument '%.60s'", name,
		       ct_args_word(cli->args, 0));
}

static int open_store(struct ct_app *app, unsigned needs, struct ct_err *err)
{
	if (needs & CT_WANTS_STORE)
		ct_app_open_store(app, CT_STORE_WRITE, NULL);
	if (needs & CT_NEEDS_STORE)
		return ct_app_open_store(app, CT_STORE_WRITE, err);
	if (needs & CT_NEEDS_STORE_READ)
		return ct_app_open_store(app, CT_STORE_READ, err);
	return CT_OK;
}

static int open_app(struct ct_cli *cli, unsigned needs, struct ct_err *err)
{
	int rc = CT_OK;

	if (needs & (CT_NEEDS_CONFIG | CT_NEEDS_CATALOG | CT_NEEDS_NET)) {
		rc = ct_app_open_config(cli->app, err);
		if (rc == CT_OK)
			ct_setup_log(&cli->out, cli->verbose, cli->app->config->log_level);
	}
	if (rc == CT_OK && needs & CT_NEEDS_CATALOG)
		rc = ct_app_open_catalog(cli->app, err);
	if (rc == CT_OK)
		rc = open_store(cli->app, needs, err);
	if (rc == CT_OK && needs & CT_NEEDS_NET)
		rc = ct_app_open_net(cli->app, err);
	return rc;
}

/* What the global options say. */
static void apply_global(struct ct_cli *cli)
{
	const struct ct_args *args = cli->args;

	cli->out.json = ct_args_count(args, "json") > 0;
	cli->verbose = ct_args_count(args, "quiet") ? -1 : ct_args_count(args, "verbose");
	cli->app->options.config_path = ct_args_text(args, "config");
	cli->app->options.db_path = ct_args_text(args, "db");
	ct_setup_terminal(&cli->out, ct_args_text(args, "color"));
	ct_setup_log(&cli->out, cli->verbose, ct_str(getenv("CARTRITA_LOG")));
}

/* The exit status, err filled where there is something to say. */
static int run_command(struct ct_cli *cli, struct ct_err *err)
{
	int rc = ct_cmd_resolve(&cli->path, &cli->argc, &cli->argv, err);

	if (rc == CT_OK)
		rc = ct_args_parse(ct_cmd_options(&cli->path), ct_global_options, cli->argc,
				   cli->argv, &cli->args, err);
	bool unknown = rc != CT_OK && strncmp(err->msg, "unknown command", 15) == 0;
	if (rc != CT_OK && !unknown && has_word(cli->argc, cli->argv, "--help", "-h")) {
		*err = (struct ct_err){ 0 };
		return show_help(cli);
	}
	if (rc != CT_OK)
		return ct_exit_status(rc);

	apply_global(cli);
	const struct ct_cmd *cmd = cli->path.depth ? cli->path.cmd[cli->path.depth - 1] : NULL;
	if (ct_args_count(cli->args, "help"))
		return show_help(cli);
	if (ct_args_count(cli->args, "version"))
		return ct_cmd_version.run(cli, err);
	if (cmd == NULL || cmd->run == NULL)
		return no_command(cli, err);
	rc = refuse_words(cli, cmd, err);
	if (rc == CT_OK && cmd->early != NULL)
		cmd->early(cli);
	if (rc == CT_OK)
		rc = open_app(cli, cmd->needs, err);
	return rc == CT_OK ? cmd->run(cli, err) : ct_exit_status(rc);
}

static void report(struct ct_cli *cli, struct ct_err *err)
{
	if (err->code == CT_EUSAGE)
		hint_help(cli, err);
	if (cli->out.json)
		ct_out_error_json(&cli->out, err, NULL);
	ct_out_error(&cli->out, err);
}

/* An answer that is not there whole is never a success. */
static int end_output(struct ct_cli *cli, int status)
{
	struct ct_err err;

	ct_out_flush(&cli->out);
	if (close(STDOUT_FILENO) != 0 && !cli->out.failed && errno != EBADF)
		cli->out.failed = errno;
	if (!cli->out.failed || cli->out.closed)
		return status;
	ct_fail(&err, CT_EIO, "cannot write to standard output: %s",
		strerror(cli->out.failed));
	ct_out_error(&cli->out, &err);
	return status == CT_EXIT_OK ? CT_EXIT_FAILED : status;
}

/*
 * Libraries take themselves down at length, and for nobody. Who looks for leaks or coverage wants
 * to see it all the same.
 */
static void close_app(struct ct_app *app)
{
#ifdef CT_LEAVE_AT_ONCE
	ct_app_leave(app);
#else
	ct_app_destroy(app);
#endif
}

static int leave(int status)
{
#ifdef CT_LEAVE_AT_ONCE
	_exit(status);
#endif
	return status;
}

int main(int argc, char *argv[])
{
	struct ct_cli cli = { .argc = argc > 0 ? argc - 1 : 0, .argv = argv + (argc > 0) };
	struct ct_err err = { 0 };
	int status;

	ct_setup_process();
	ct_out_init(&cli.out);
	ct_setup_terminal(&cli.out, NULL);
	cli.out.json = has_word(cli.argc, cli.argv, "--json", NULL);
	status = ct_exit_status(ct_app_create(&(struct ct_app_options){ 0 }, &cli.app, &err));
	if (cli.app != NULL) {
		cli.out.redactor = cli.app->redactor;
		ct_setup_secrets(cli.app->redactor);
		status = run_command(&cli, &err);
	}
	bool unread = cli.out.closed && err.code == CT_ECANCELLED; /* SIGPIPE says nothing, either */
	if (err.code != CT_OK && !unread)
		report(&cli, &err);
	status = end_output(&cli, status);
	bool closed = cli.out.closed;
	ct_args_destroy(cli.args);
	ct_out_fini(&cli.out);
	close_app(cli.app);
	if (closed) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return leave(status);
}

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "cmd.h"
#include "service/keys.h"

enum { PATH_BYTES = 4096, LINE_BYTES = 8 << 10, TEXT_BYTES = 1 << 20 };

static void wipe(struct ct_buf *buf)
{
	if (buf->cap > 0)
		explicit_bzero(buf->ptr, buf->cap);
	ct_buf_fini(buf);
}

/* The terminal as it was, for the handler: there is one terminal, and one question at a time. */
static struct termios before;
static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/* Echo comes back before the signal does what it would have done. */
static void restore_and_go(int number)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };

	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	(void)!write(STDERR_FILENO, "\n", 1);
	if (number == SIGINT)
		_exit(CT_EXIT_CANCELLED);
	sigaction(number, &plain, NULL);
	raise(number);
}

/* One line of stdin, byte by byte: what follows it is not ours to take. CT_ECANCELLED at its end. */
static int read_line(struct ct_buf *line, struct ct_err *err)
{
	for (;;) {
		char c;
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ct_fail(err, CT_EIO, "cannot read the key: %s", strerror(errno));
		if (n == 0 && line->len == 0)
			return ct_fail(err, CT_EUSAGE, "no key on standard input");
		if (n == 0 || c == '\n')
			return CT_OK;
		ct_buf_append(line, &c, 1);
		int rc = ct_buf_check(line, "the key", err);
		if (rc != CT_OK)
			return ct_fail(err, CT_EINVALID, "the key is longer than %d bytes",
				       LINE_BYTES);
	}
}

static int ask(const char *provider, struct ct_buf *line, struct ct_err *err)
{
	struct sigaction old[CT_COUNT(stops)], old_stop;
	struct sigaction handler = { .sa_handler = restore_and_go };
	struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct termios quiet;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return ct_fail(err, CT_EIO, "cannot ask on this terminal: %s", strerror(errno));
	for (size_t i = 0; i < CT_COUNT(stops); i++)
		sigaction(stops[i], &handler, &old[i]);
	sigaction(SIGTSTP, &ignored, &old_stop); /* back from it, the echo would be on */
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	int rc = CT_OK;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0)
		rc = ct_fail(err, CT_EIO, "cannot turn echo off: %s", strerror(errno));
	if (rc == CT_OK) {
		fprintf(stderr, "Key of %s (not shown): ", provider);
		rc = read_line(line, err);
		fputc('\n', stderr);
	}
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	for (size_t i = 0; i < CT_COUNT(stops); i++)
		sigaction(stops[i], &old[i], NULL);
	sigaction(SIGTSTP, &old_stop, NULL);
	return rc;
}

/* The provider's own name for a word; the word may be a key pasted by mistake: not repeated. */
static int provider_name(struct ct_cli *cli, struct ct_str *out, struct ct_err *err)
{
	size_t words = ct_args_word_count(cli->args);
	struct ct_err why = { 0 };

	if (words == 0)
		return ct_fail(err, CT_EUSAGE, "whose key? Name a provider");
	if (words > 1) {
		ct_fail(err, CT_EUSAGE, "one provider, and nothing after it");
		ct_hint(err, "a key is never an argument: others could see it in the list of "
			     "processes. It is asked for, or read from standard input.");
		return CT_EUSAGE;
	}
	struct ct_str word = ct_str(ct_args_word(cli->args, 0));
	const struct ct_service_config *service = ct_config_service(cli->app->config, word);
	if (service != NULL) {
		*out = service->endpoint.name;
		return CT_OK;
	}
	if (word.len <= 16)
		return ct_config_no_service(cli->app->config, word, err);
	ct_config_no_service(cli->app->config, (struct ct_str)CT_STR("?"), &why);
	ct_fail(err, CT_ENOPROVIDER, "there is no provider of that name (not repeated here: "
				     "it may be a key)");
	ct_hint(err, "%s", why.hint);
	return CT_ENOPROVIDER;
}

static int keys_path(const struct ct_cli *cli, struct ct_buf *path, struct ct_err *err)
{
	ct_keys_path(cli->app->config->path, path);
	return ct_buf_check(path, "the path of the key file", err);
}

static void print_done(struct ct_cli *cli, const char *what, struct ct_str provider,
		       const char *path)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	if (!cli->out.json) {
		if (cli->verbose >= 0)
			ct_out_note(&cli->out, "The key of %.*s is %s %s.",
				    CT_STR_ARG(provider), what, path);
		return;
	}
	ct_jw_object(&jw);
	ct_jw_member(&jw, "provider", provider);
	ct_jw_member(&jw, "path", ct_str(path));
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &text);
}

/* One in the environment comes first: say so, or the new key seems to do nothing. */
static void note_environment(struct ct_cli *cli, struct ct_str provider)
{
	struct ct_service_config *service = ct_config_service(cli->app->config, provider);
	const char *value = service != NULL && service->key_env.len > 0
				    ? getenv(service->key_env.ptr)
				    : NULL;

	if (value != NULL && *value != '\0' && cli->verbose >= 0)
		ct_out_notice(&cli->out, "%s is set and comes before the key file",
			      service->key_env.ptr);
}

static int run_set(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(PATH_BYTES);
	CT_CLEANUP(wipe) struct ct_buf line = CT_BUF_INIT(LINE_BYTES);
	struct ct_str provider;
	int rc = provider_name(cli, &provider, err);

	if (rc == CT_OK)
		rc = keys_path(cli, &path, err);
	if (rc == CT_OK)
		rc = isatty(STDIN_FILENO) ? ask(provider.ptr, &line, err) : read_line(&line, err);
	if (rc == CT_OK)
		rc = ct_keys_set(path.ptr, provider, ct_str_trim(ct_buf_str(&line)), err);
	if (rc != CT_OK)
		return ct_exit_status(rc);
	note_environment(cli, provider);
	print_done(cli, "now in", provider, path.ptr);
	return CT_EXIT_OK;
}

static int run_remove(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(PATH_BYTES);
	struct ct_str provider;
	int rc = provider_name(cli, &provider, err);

	if (rc == CT_OK)
		rc = keys_path(cli, &path, err);
	if (rc == CT_OK)
		rc = ct_keys_set(path.ptr, provider, (struct ct_str){ NULL, 0 }, err);
	if (rc == CT_OK)
		print_done(cli, "no longer in", provider, path.ptr);
	return ct_exit_status(rc);
}

/* The setting that says of a service's key whether it is set, and where. */
static const struct ct_setting *key_setting(const struct ct_config *config, size_t i)
{
	char name[512];

	snprintf(name, sizeof(name), "providers.%.*s.key",
		 CT_STR_ARG(config->services[i].endpoint.name));
	return ct_config_setting(config, name);
}

static int list_json(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	const struct ct_config *config = cli->app->config;
	struct ct_jw jw = ct_jw(&text);

	ct_jw_array(&jw);
	for (size_t i = 0; i < config->service_count; i++) {
		const struct ct_setting *key = key_setting(config, i);
		bool set = ct_str_is(key->value, "set");
		ct_jw_object(&jw);
		ct_jw_member(&jw, "provider", config->services[i].endpoint.name);
		ct_jw_member_bool(&jw, "set", set);
		ct_jw_member_or_null(&jw, "origin", set ? key->origin : (struct ct_str){ NULL, 0 });
		ct_jw_member_or_null(&jw, "variable", config->services[i].key_env);
		ct_jw_end_object(&jw);
	}
	ct_jw_end_array(&jw);
	int rc = ct_buf_check(&text, "the list", err);
	if (rc == CT_OK)
		ct_out_json(&cli->out, &text);
	return ct_exit_status(rc);
}

static int run_list(struct ct_cli *cli, struct ct_err *err)
{
	static const struct ct_column columns[] = {
		{ .title = "PROVIDER" },
		{ .title = "KEY" },
		{ .title = "FROM", .shrink = true },
	};
	const struct ct_config *config = cli->app->config;

	if (config->keys_err.code != CT_OK) {
		*err = config->keys_err;
		return ct_exit_status(err->code);
	}
	if (cli->out.json)
		return list_json(cli, err);
	struct ct_table *table = ct_table_create(columns, CT_COUNT(columns));
	for (size_t i = 0; i < config->service_count; i++) {
		const struct ct_setting *key = key_setting(config, i);
		bool set = ct_str_is(key->value, "set");
		struct ct_str from = set || ct_str_is(key->origin, "not needed")
					     ? key->origin
					     : (struct ct_str)CT_STR("-");
		ct_table_cell(table, "%.*s", CT_STR_ARG(config->services[i].endpoint.name));
		ct_table_cell_color(table, set ? "32" : "2", "%.*s", CT_STR_ARG(key->value));
		ct_table_cell(table, "%.*s", CT_STR_ARG(from));
	}
	ct_table_print(table, &cli->out);
	return CT_EXIT_OK;
}

static const struct ct_cmd set = {
	.name = "set",
	.args = "[OPTION]... PROVIDER",
	.summary = "Keep a provider's key",
	.details = "On a terminal the key is asked for without echo; else it is the first line "
		   "of standard input. It is never an argument.",
	.needs = CT_NEEDS_CONFIG,
	.words = "provider",
	.run = run_set,
};

static const struct ct_cmd list = {
	.name = "list",
	.args = "[OPTION]...",
	.summary = "Say which providers have a key and where it comes from, never the key",
	.needs = CT_NEEDS_CONFIG,
	.run = run_list,
};

static const struct ct_cmd remove_command = {
	.name = "remove",
	.args = "[OPTION]... PROVIDER",
	.summary = "Forget a provider's key",
	.needs = CT_NEEDS_CONFIG,
	.words = "provider",
	.run = run_remove,
};

static const struct ct_cmd *const subs[] = { &set, &list, &remove_command, NULL };

const struct ct_cmd ct_cmd_key = {
	.name = "key",
	.args = "set|list|remove [OPTION]... [PROVIDER]",
	.summary = "Keep the providers' keys in a file of your own",
	.subs = subs,
};

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cmd.h"
#include "editor.h"
#include "service/keys.h"

enum { PATH_BYTES = 4096, TEXT_BYTES = 4 << 20 };

/* The file that stands beside the configuration file. */
static void beside(struct ct_str config_path, const char *name, struct ct_buf *out)
{
	const char *slash = memrchr(config_path.ptr, '/', config_path.len);

	if (slash != NULL)
		ct_buf_append(out, config_path.ptr, (size_t)(slash - config_path.ptr) + 1);
	ct_buf_puts(out, name);
}

/* A model that nobody set is the catalogue's. */
static struct ct_str shown_value(const struct ct_cli *cli, const struct ct_setting *setting)
{
	if (!ct_str_is(setting->origin, "catalogue"))
		return setting->value;
	struct ct_str rest = ct_str_from(setting->name, strlen("providers."));
	const char *dot = memrchr(rest.ptr, '.', rest.len);
	struct ct_str name = { rest.ptr, dot != NULL ? (size_t)(dot - rest.ptr) : rest.len };
	const struct ct_service_config *service = ct_config_service(cli->app->config, name);
	struct ct_str found = ct_catalog_default(cli->app->catalog, name);

	if (found.len == 0 && service != NULL && service->endpoint.own_address)
		found = ct_catalog_default(cli->app->catalog,
					   ct_str(service->endpoint.vendor->kind));
	return found;
}

static int show_json(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	const struct ct_config *config = cli->app->config;
	struct ct_jw jw = ct_jw(&text);

	ct_jw_array(&jw);
	for (size_t i = 0; i < config->setting_count; i++) {
		const struct ct_setting *setting = &config->settings[i];
		ct_jw_object(&jw);
		ct_jw_member(&jw, "name", setting->name);
		ct_jw_member_or_null(&jw, "value", shown_value(cli, setting));
		ct_jw_member(&jw, "origin", setting->origin);
		ct_jw_end_object(&jw);
	}
	ct_jw_end_array(&jw);
	int rc = ct_buf_check(&text, "the settings", err);
	if (rc == CT_OK)
		ct_out_json(&cli->out, &text);
	return ct_exit_status(rc);
}

static int run_show(struct ct_cli *cli, struct ct_err *err)
{
	static const struct ct_column columns[] = {
		{ .title = "NAME" },
		{ .title = "VALUE", .shrink = true },
		{ .title = "FROM", .shrink = true },
	};
	const struct ct_config *config = cli->app->config;

	if (cli->out.json)
		return show_json(cli, err);
	struct ct_table *table = ct_table_create(columns, CT_COUNT(columns));
	for (size_t i = 0; i < config->setting_count; i++) {
		const struct ct_setting *setting = &config->settings[i];
		struct ct_str value = shown_value(cli, setting);
		ct_table_cell(table, "%.*s", CT_STR_ARG(setting->name));
		ct_table_cell(table, "%.*s", CT_STR_ARG(value.len > 0 ? value : ct_str("-")));
		ct_table_cell(table, "%.*s", CT_STR_ARG(setting->origin));
	}
	ct_table_print(table, &cli->out);
	return CT_EXIT_OK;
}

static int run_path(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(PATH_BYTES);
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	bool named;

	ct_config_path(cli->app->options.config_path, &path, &named);
	int rc = ct_buf_check(&path, "the path", err);
	if (rc != CT_OK)
		return ct_exit_status(rc);
	if (!cli->out.json) {
		ct_out_printf(&cli->out, "%s\n", path.ptr);
		return CT_EXIT_OK;
	}
	struct ct_jw jw = ct_jw(&text);
	ct_jw_object(&jw);
	ct_jw_member(&jw, "path", ct_buf_str(&path));
	ct_jw_member_bool(&jw, "exists", access(path.ptr, F_OK) == 0);
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &text);
	return CT_EXIT_OK;
}

/* What was looked at, and whether it was there. */
struct checked {
	const char *what;
	char path[PATH_BYTES];
	bool exists;
};

enum { CONFIG, MODELS, KEYS, CHECKS };

static int ignore_key(void *user, struct ct_str name, struct ct_str key)
{
	(void)user, (void)name, (void)key;
	return CT_OK;
}

static int check_all(const char *named_path, struct checked checked[CHECKS], struct ct_err *err)
{
	static const char *const names[] = { "configuration", "models", "keys" };
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(PATH_BYTES - 1);
	struct ct_redactor *redactor = ct_redactor_create(); /* what is loaded here goes again */
	struct ct_config *config = NULL;
	struct ct_catalog *catalog = NULL;
	int rc = redactor == NULL ? ct_fail(err, CT_ENOMEM, "out of memory")
				  : ct_config_load(named_path, redactor, &config, err);

	for (size_t i = CONFIG; rc == CT_OK && i < CHECKS; i++) {
		ct_buf_clear(&text);
		if (i == CONFIG)
			ct_buf_add(&text, config->path);
		else
			beside(config->path, i == MODELS ? "models.json" : "keys", &text);
		checked[i].what = names[i];
		snprintf(checked[i].path, sizeof(checked[i].path), "%s", text.ptr);
		checked[i].exists = access(text.ptr, F_OK) == 0;
	}
	if (rc == CT_OK)
		rc = ct_catalog_load(checked[MODELS].path, ct_time_now().wall_ms, &catalog, err);
	if (rc == CT_OK)
		rc = ct_keys_each(checked[KEYS].path, ignore_key, NULL, err);
	ct_catalog_destroy(catalog);
	ct_config_destroy(config);
	ct_redactor_destroy(redactor);
	return rc;
}

static void print_checked(struct ct_cli *cli, const struct checked checked[CHECKS])
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	ct_jw_member_bool(&jw, "ok", true);
	ct_jw_key(&jw, "files");
	ct_jw_array(&jw);
	for (size_t i = 0; i < CHECKS; i++) {
		ct_jw_object(&jw);
		ct_jw_member(&jw, "what", ct_str(checked[i].what));
		ct_jw_member(&jw, "path", ct_str(checked[i].path));
		ct_jw_member_bool(&jw, "exists", checked[i].exists);
		ct_jw_end_object(&jw);
		if (!cli->out.json)
			ct_out_printf(&cli->out, "%s: %s: %s\n", checked[i].path,
				      checked[i].what, checked[i].exists ? "ok" : "none");
	}
	ct_jw_end_array(&jw);
	ct_jw_end_object(&jw);
	if (cli->out.json)
		ct_out_json(&cli->out, &text);
}

static int run_check(struct ct_cli *cli, struct ct_err *err)
{
	struct checked checked[CHECKS] = { 0 };
	int rc = check_all(cli->app->options.config_path, checked, err);

	if (rc == CT_OK)
		print_checked(cli, checked);
	return ct_exit_status(rc);
}

static int run_edit(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(PATH_BYTES - 1);
	bool named;

	ct_config_path(cli->app->options.config_path, &path, &named);
	int rc = ct_buf_check(&path, "the path", err);
	if (rc == CT_OK)
		rc = ct_file_make_parent(path.ptr, err);
	if (rc == CT_OK && access(path.ptr, F_OK) != 0 && errno == ENOENT)
		rc = ct_file_write(path.ptr, ct_str(ct_config_example), 0600, err);
	if (rc == CT_OK) {
		ct_app_open_config(cli->app, NULL); /* for the names of its keys' variables */
		ct_out_flush(&cli->out);
		rc = ct_editor_run(cli->app->config, path.ptr, err);
	}
	return rc == CT_OK ? run_check(cli, err) : ct_exit_status(rc);
}

static const struct ct_cmd show = {
	.name = "show",
	.args = "[OPTION]...",
	.summary = "Print every setting, its value and where it comes from",
	.details = "Keys are shown as set or not set, headers as set.",
	.needs = CT_NEEDS_CATALOG,
	.run = run_show,
};

static const struct ct_cmd path = {
	.name = "path",
	.args = "[OPTION]...",
	.summary = "Print where the configuration file is, or would be",
	.run = run_path,
};

static const struct ct_cmd check = {
	.name = "check",
	.args = "[OPTION]...",
	.summary = "Look for mistakes in the configuration, models.json and the key file",
	.run = run_check,
};

static const struct ct_cmd edit_command = {
	.name = "edit",
	.args = "[OPTION]...",
	.summary = "Open the configuration file in $VISUAL or $EDITOR, then check it",
	.run = run_edit,
};

static const struct ct_cmd *const subs[] = { &show, &path, &check, &edit_command, NULL };

const struct ct_cmd ct_cmd_config = {
	.name = "config",
	.args = "show|path|check|edit [OPTION]...",
	.summary = "Show, check or edit the settings",
	.subs = subs,
};

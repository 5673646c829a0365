#include "service/app.h"

#include <stdlib.h>

#include "base/clock.h"
#include "net/ahead.h"
#include "net/http.h"
#include "store/journal.h"

/* Reading a store may take a moment longer than writing what an answer waits for. */
enum { OPEN_WAIT_MS = 2000, PATH_BYTES = 4096 };

int ct_app_create(const struct ct_app_options *options, struct ct_app **out, struct ct_err *err)
{
	struct ct_app *app = calloc(1, sizeof(*app));

	if (app != NULL)
		app->redactor = ct_redactor_create();
	if (app == NULL || app->redactor == NULL) {
		free(app);
		return ct_fail(err, CT_ENOMEM, "no memory to start");
	}
	ct_store_setup();
	app->options = *options;
	*out = app;
	return CT_OK;
}

void ct_app_destroy(struct ct_app *app)
{
	if (app == NULL)
		return;
	ct_ahead_end(app->ahead);
	ct_http_destroy(app->http);
	ct_writer_destroy(app->writer);
	ct_loop_destroy(app->loop);
	ct_own_limits_fini(&app->limits);
	ct_store_close(app->store);
	ct_catalog_destroy(app->catalog);
	ct_config_destroy(app->config);
	ct_redactor_destroy(app->redactor);
	free(app);
}

void ct_app_leave(struct ct_app *app)
{
	if (app == NULL)
		return;
	ct_http_destroy(app->http);
	ct_writer_destroy(app->writer);
	ct_store_leave(app->store);
}

int ct_app_open_config(struct ct_app *app, struct ct_err *err)
{
	if (app->config != NULL)
		return CT_OK;
	return ct_config_load(app->options.config_path, app->redactor, &app->config, err);
}

/* models.json stands beside the configuration file. */
static void catalog_path(const struct ct_app *app, struct ct_buf *out)
{
	struct ct_str path = app->config->path;
	size_t dir = path.len;

	while (dir > 0 && path.ptr[dir - 1] != '/')
		dir--;
	ct_buf_append(out, path.ptr, dir);
	ct_buf_puts(out, "models.json");
}

int ct_app_open_catalog(struct ct_app *app, struct ct_err *err)
{
	if (app->catalog != NULL)
		return CT_OK;
	int rc = ct_app_open_config(app, err);
	if (rc != CT_OK)
		return rc;

	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(PATH_BYTES);
	catalog_path(app, &path);
	return ct_catalog_load(path.ptr, ct_time_now().wall_ms, &app->catalog, err);
}

void ct_app_db_path(const struct ct_app *app, struct ct_buf *out)
{
	const char *named = app->options.db_path ? app->options.db_path : getenv("CARTRITA_DB");
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (named != NULL && *named != '\0')
		ct_buf_puts(out, named);
	else if (data != NULL && *data == '/')
		ct_buf_printf(out, "%s/cartrita/cartrita.db", data);
	else
		ct_buf_printf(out, "%s/.local/share/cartrita/cartrita.db", home ? home : "");
}

int ct_app_open_store(struct ct_app *app, enum ct_store_mode mode, struct ct_err *err)
{
	if (app->store != NULL)
		return CT_OK;

	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(PATH_BYTES);
	ct_app_db_path(app, &path);
	int rc = ct_store_open(path.ptr, mode, OPEN_WAIT_MS, &app->store, &app->store_err);
	if (rc != CT_OK && err != NULL)
		*err = app->store_err;
	if (rc == CT_OK && mode == CT_STORE_WRITE) {
		app->process = ct_process_self();
		/* requests of processes that died show as interrupted from now on */
		ct_journal_reap(app->store, &app->process, ct_time_now().wall_ms, NULL);
	}
	return rc;
}

int ct_app_open_writer(struct ct_app *app, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(PATH_BYTES);
	int rc = app->writer == NULL ? ct_app_open_net(app, err) : CT_OK;

	if (rc != CT_OK || app->writer != NULL)
		return rc;
	ct_app_db_path(app, &path);
	app->process = ct_process_self();
	return ct_writer_create(app->loop, path.ptr, &app->writer, err);
}

void ct_app_expect_net(struct ct_app *app)
{
	if (app->http == NULL && app->ahead == NULL)
		app->ahead = ct_ahead_start();
}

int ct_app_open_loop(struct ct_app *app, struct ct_err *err)
{
	return app->loop != NULL ? CT_OK : ct_loop_create(&app->loop, err);
}

int ct_app_open_net(struct ct_app *app, struct ct_err *err)
{
	int rc = ct_app_open_loop(app, err);

	ct_ahead_end(app->ahead);
	app->ahead = NULL;
	if (rc == CT_OK && app->http == NULL)
		rc = ct_http_create(app->loop, &app->http, err);
	return rc;
}

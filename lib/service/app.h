/*
 * What a command stands on, opened to the depth it asks for: configuration, store, loop and
 * HTTP client. One per process, one thread.
 */
#ifndef CT_SERVICE_APP_H
#define CT_SERVICE_APP_H

#include "base/clock.h"
#include "base/process.h"
#include "service/catalog.h"
#include "service/config.h"
#include "service/rate_limits.h"
#include "service/writer.h"
#include "store/store.h"

struct ct_app_options {
	const char *config_path, *db_path; /* NULL: environment, else the default place */
};

/* A connection whose loss has been counted: see record_job.c. */
struct ct_lost_connection {
	int number; /* 0: none yet */
	const char *service;
	const void *by; /* the record that counted it */
	struct ct_time at;
};

struct ct_app {
	struct ct_app_options options;
	struct ct_redactor *redactor; /* always there */
	struct ct_config *config; /* from here on NULL until asked for below */
	struct ct_catalog *catalog;
	struct ct_store *store; /* also NULL when it cannot be used: store_err says why */
	struct ct_err store_err;
	struct ct_loop *loop;
	struct ct_http *http;
	struct ct_ahead *ahead; /* libcurl is being loaded */
	struct ct_process process;
	struct ct_own_limits limits; /* where there is no store to keep them in; the loop's */
	struct ct_lost_connection lost; /* of the jobs that write the store */
	struct ct_writer *writer; /* NULL: what is recorded is written on the loop */
};

int ct_app_create(const struct ct_app_options *options, struct ct_app **out, struct ct_err *err);
void ct_app_destroy(struct ct_app *app); /* NULL is fine */

/* What others notice of that, before the process ends: it is not worth taking the rest down. */
void ct_app_leave(struct ct_app *app); /* NULL is fine */

/* Each opens what is not open yet. */
int ct_app_open_config(struct ct_app *app, struct ct_err *err);
int ct_app_open_catalog(struct ct_app *app, struct ct_err *err); /* and the configuration */
int ct_app_open_store(struct ct_app *app, enum ct_store_mode mode, struct ct_err *err);
int ct_app_open_loop(struct ct_app *app, struct ct_err *err);
int ct_app_open_net(struct ct_app *app, struct ct_err *err); /* and the loop */

/* Net will be needed soon: begin with what takes long, on a thread of its own. */
void ct_app_expect_net(struct ct_app *app);

/*
 * From now on requests are recorded by a thread of its own (service/writer.h), so that a loop with
 * many calls never waits for the store. Opens what calls need: net.
 */
int ct_app_open_writer(struct ct_app *app, struct ct_err *err);

/* Where the store is, into out: --db, CARTRITA_DB, or the default place. */
void ct_app_db_path(const struct ct_app *app, struct ct_buf *out);

#endif

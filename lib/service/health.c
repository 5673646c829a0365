#include "service/health.h"

#include <stdlib.h>

#include "base/clock.h"
#include "store/shared.h"

enum { BODY_BYTES = 64 << 10 };

struct check;

/* One question to one provider. */
struct probe {
	struct check *check;
	struct ct_service_config *service;
	struct ct_arena arena;
	struct ct_http_request http;
	struct ct_http_transfer *transfer;
	const struct ct_headers *headers; /* until done */
	struct ct_buf body;
	int64_t began_us;
	struct ct_err err;
	struct ct_health_row row;
};

struct check {
	struct ct_app *app;
	struct probe *probes;
	size_t count, open;
	struct ct_timer *timer;
};

static void on_head(void *user, int status, const struct ct_headers *headers)
{
	struct probe *p = user;

	p->row.status = status;
	p->headers = headers;
	p->row.latency_ms = (ct_clock_us() - p->began_us + 500) / 1000;
}

static int on_body(void *user, struct ct_str bytes, struct ct_err *err)
{
	struct probe *p = user;
	size_t room = BODY_BYTES - p->body.len;

	(void)err;
	ct_buf_append(&p->body, bytes.ptr, bytes.len < room ? bytes.len : room);
	return CT_OK;
}

static void done(struct probe *p, int code)
{
	p->row.code = code;
	p->row.healthy = code == CT_OK;
	p->transfer = NULL;
	if (--p->check->open == 0)
		ct_loop_stop(p->check->app->loop);
}

static void on_done(void *user, int code, const struct ct_err *err)
{
	struct probe *p = user;

	if (p->row.status >= 200 && p->row.status < 300)
		code = CT_OK; /* the list of models itself is of no interest */
	else if (p->row.status != 0)
		code = ct_provider_error(&p->service->endpoint, p->row.status, p->headers,
					 ct_buf_str(&p->body), ct_time_now().wall_ms, &p->err);
	else
		p->err = *err;
	done(p, code);
}

static void on_timer(void *user)
{
	struct check *check = user;

	for (size_t i = 0; i < check->count; i++) {
		struct probe *p = &check->probes[i];
		struct ct_http_transfer *transfer = p->transfer;
		if (transfer == NULL)
			continue;
		ct_fail(&p->err, CT_ETIMEOUT, "no answer within %d s", CT_HEALTH_MS / 1000);
		p->row.latency_ms = -1;
		done(p, CT_ETIMEOUT);
		ct_http_cancel(transfer);
	}
}

static int ask(struct probe *p)
{
	static const struct ct_http_handler handler = { on_head, on_body, on_done };
	struct ct_app *app = p->check->app;
	const struct ct_endpoint *endpoint = &p->service->endpoint;
	int rc = ct_config_key(app->config, p->service, &p->err);

	if (rc == CT_OK)
		rc = endpoint->vendor->health(endpoint, &p->arena, &p->http, &p->err);
	p->began_us = ct_clock_us();
	if (rc == CT_OK)
		rc = ct_http_start(app->http, &p->http, &handler, p, &p->transfer, &p->err);
	return rc;
}

static void begin(struct probe *p)
{
	const struct ct_endpoint *endpoint = &p->service->endpoint;

	p->body = (struct ct_buf)CT_BUF_INIT(BODY_BYTES);
	p->row.provider = endpoint->name;
	p->row.capabilities = endpoint->vendor->capabilities;
	p->row.latency_ms = -1;
	p->row.configured = endpoint->base_url.len > 0 &&
			    ct_config_has_key(p->check->app->config, p->service);
	if (!p->row.configured) {
		p->row.code = ct_config_key(p->check->app->config, p->service, &p->err);
		if (p->row.code == CT_OK)
			p->row.code = ct_fail(&p->err, CT_ENOKEY, "%.*s has no address",
					      CT_STR_ARG(endpoint->name));
		return;
	}
	p->row.code = ask(p);
	if (p->row.code == CT_OK)
		p->check->open++;
}

static void report(struct check *check, ct_health_fn *fn, void *user)
{
	struct ct_app *app = check->app;

	for (size_t i = 0; i < check->count; i++) {
		struct probe *p = &check->probes[i];
		if (app->store != NULL)
			ct_circuit_load(app->store, p->row.provider.ptr, &p->row.circuit, NULL);
		p->row.error = p->row.healthy ? (struct ct_str){ NULL, 0 } :
						ct_str(p->err.msg);
		fn(user, &p->row);
	}
}

static int choose(struct check *check, const char *const *names, size_t count,
		  struct ct_err *err)
{
	struct ct_config *config = check->app->config;

	check->count = count > 0 ? count : config->service_count;
	check->probes = calloc(check->count, sizeof(*check->probes));
	if (check->probes == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory to ask %zu providers", check->count);
	for (size_t i = 0; i < check->count; i++) {
		struct probe *p = &check->probes[i];
		p->check = check;
		p->service = count == 0 ? &config->services[i] :
					  ct_config_service(config, ct_str(names[i]));
		if (p->service == NULL)
			return ct_config_no_service(config, ct_str(names[i]), err);
	}
	return CT_OK;
}

static void end(struct check *check)
{
	for (size_t i = 0; check->probes != NULL && i < check->count; i++) {
		ct_arena_fini(&check->probes[i].arena);
		ct_buf_fini(&check->probes[i].body);
	}
	free(check->probes);
	ct_timer_destroy(check->timer);
}

int ct_health_check(struct ct_app *app, const char *const *names, size_t count,
		    ct_health_fn *fn, void *user, struct ct_err *err)
{
	struct check check = { .app = app };
	int rc = choose(&check, names, count, err);

	if (rc == CT_OK)
		rc = ct_app_open_net(app, err);
	if (rc == CT_OK) {
		check.timer = ct_timer_create(app->loop, on_timer, &check);
		if (check.timer == NULL)
			rc = ct_fail(err, CT_ENOMEM, "no memory for a timer");
	}
	if (rc == CT_OK) {
		for (size_t i = 0; i < check.count; i++)
			begin(&check.probes[i]);
		ct_timer_start(check.timer, CT_HEALTH_MS);
		while (check.open > 0)
			ct_loop_run(app->loop);
		report(&check, fn, user);
	}
	end(&check);
	return rc;
}

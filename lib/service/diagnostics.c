#include "service/diagnostics.h"

#include <stdlib.h>
#include <unistd.h>

#include "resilience/breaker.h"
#include "service/sandbox.h"
#include "store/conversation.h"
#include "store/shared.h"

/*
 * Open for reading; CT_OK with app->store NULL where there is no file yet. fresh: requests of
 * processes that died are to show as interrupted, which has to be written where it can be.
 */
static int open_store(struct ct_app *app, bool fresh, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(4096);

	if (app->store != NULL)
		return CT_OK;
	ct_app_db_path(app, &path);
	int rc = ct_buf_check(&path, "the store's path", err);
	if (rc != CT_OK || access(path.ptr, F_OK) != 0)
		return rc;
	if (fresh && ct_app_open_store(app, CT_STORE_WRITE, NULL) == CT_OK)
		return CT_OK;
	return ct_app_open_store(app, CT_STORE_READ, err);
}

int ct_diag_stats(struct ct_app *app, enum ct_stats_by by, int64_t since_ms,
		  ct_stats_row_fn *fn, void *user, struct ct_err *err)
{
	int rc = open_store(app, false, err);

	if (rc != CT_OK || app->store == NULL)
		return rc;
	return ct_stats_query(app->store, by, since_ms, ct_time_now().wall_ms, fn, user, err);
}

int ct_diag_logs(struct ct_app *app, const struct ct_log_filter *filter, ct_log_row_fn *fn,
		 void *user, struct ct_err *err)
{
	struct ct_log_filter named = *filter;
	char id[CT_UUID_SIZE];
	int rc = open_store(app, true, err);

	if (rc != CT_OK || app->store == NULL)
		return rc;
	const struct ct_vendor *vendor =
		filter->provider.ptr ? ct_vendor_find(filter->provider) : NULL;
	if (vendor != NULL)
		named.provider = ct_str(vendor->kind);
	/* the end of an id will do; of a conversation that is gone only the whole one */
	if (filter->conversation_id.ptr != NULL &&
	    ct_conversation_find(app->store, filter->conversation_id, filter->user_id, id, NULL) ==
		    CT_OK)
		named.conversation_id = ct_str(id);
	return ct_journal_list(app->store, &named, fn, user, err);
}

int ct_diag_log_show(struct ct_app *app, struct ct_str id, ct_log_show_fn *fn, void *user,
		     struct ct_err *err)
{
	int rc = open_store(app, true, err);

	if (rc != CT_OK)
		return rc;
	if (app->store == NULL)
		return ct_fail(err, CT_EINVALID, "no request is recorded yet");
	return ct_journal_show(app->store, id, fn, user, err);
}

const char *ct_circuit_state_name(enum ct_circuit_state state)
{
	switch (state) {
	case CT_CIRCUIT_OPEN:
		return "open";
	case CT_CIRCUIT_HALF_OPEN:
		return "half_open";
	default:
		return "closed";
	}
}

static bool is_set(struct ct_time t)
{
	return t.wall_ms != 0 || t.boot_ms != 0;
}

/* A shared time on the wall clock of now: it may have been set since. */
static int64_t to_wall(struct ct_time now, struct ct_time then)
{
	return is_set(then) ? now.wall_ms - ct_time_since(now, then) : 0;
}

static bool has_history(const struct ct_circuit *circuit)
{
	return circuit->state != CT_CIRCUIT_CLOSED || circuit->failures > 0 ||
	       is_set(circuit->resting_until);
}

static struct ct_circuit_row circuit_row(const struct ct_circuit *circuit, struct ct_time now)
{
	int64_t retry_in = ct_breaker_retry_in_ms(circuit, now);
	int64_t rest = ct_breaker_rest_ms(circuit, now);
	bool closed = circuit->state == CT_CIRCUIT_CLOSED;

	return (struct ct_circuit_row){
		.state = circuit->state,
		.failures = circuit->failures,
		.opened_ms = closed ? 0 : to_wall(now, circuit->opened_at),
		.retry_ms = closed	   ? 0
			    : retry_in > 0 ? now.wall_ms + retry_in
					   : to_wall(now, circuit->retry_at),
		.resting_ms = rest > 0 ? now.wall_ms + rest : 0,
		.last_error = circuit->last_error,
		.probe_pid = circuit->state == CT_CIRCUIT_HALF_OPEN ? circuit->probe.pid : 0,
	};
}

static bool is_configured(struct ct_config *config, const struct ct_service_config *service)
{
	return service->endpoint.base_url.len > 0 && ct_config_has_key(config, service);
}

/* How much room a provider's rate limit leaves; without a store nobody has used it yet. */
static int add_limit(struct ct_app *app, const struct ct_service_config *service,
		     struct ct_time now, struct ct_circuit_row *row, struct ct_err *err)
{
	struct ct_limits limits = { .store = app->store, .own = &app->limits, .now = now };
	struct ct_limit limit;
	struct ct_rate_slot next;
	bool changed;

	if (service->rate.count == 0)
		return CT_OK;
	int rc = ct_limits_look(&limits, service->endpoint.name.ptr, &limit, err);
	if (rc != CT_OK)
		return rc;
	row->rate = &service->rate;
	row->free = ct_limiter_free(&limit, &service->rate, now);
	ct_limiter_reserve(&limit, &service->rate, now, INT64_MAX, &next, &changed);
	row->slot_wait_ms = next.wait_ms;
	return CT_OK;
}

int ct_diag_circuits(struct ct_app *app, struct ct_time now, ct_circuit_row_fn *fn, void *user,
		     struct ct_err *err)
{
	struct ct_config *config = app->config;
	int rc = open_store(app, false, err);

	for (size_t i = 0; rc == CT_OK && i < config->service_count; i++) {
		const struct ct_service_config *service = &config->services[i];
		struct ct_circuit circuit = { 0 };

		if (app->store != NULL)
			rc = ct_circuit_load(app->store, service->endpoint.name.ptr, &circuit,
					     err);
		if (rc != CT_OK || (!service->from_file && !has_history(&circuit) &&
				    !is_configured(config, service)))
			continue;
		struct ct_circuit_row row = circuit_row(&circuit, now);
		row.provider = service->endpoint.name;
		row.threshold = config->circuit_threshold;
		rc = add_limit(app, service, now, &row, err);
		if (rc == CT_OK)
			rc = fn(user, &row);
	}
	return rc;
}

int ct_diag_circuit_reset(struct ct_app *app, const char *provider, struct ct_str *name,
			  struct ct_err *err)
{
	struct ct_service_config *service;
	const char *whose = NULL;

	if (provider != NULL) {
		int rc = ct_app_open_config(app, err);
		if (rc != CT_OK)
			return rc;
		service = ct_config_service(app->config, ct_str(provider));
		if (service == NULL)
			return ct_config_no_service(app->config, ct_str(provider), err);
		*name = service->endpoint.name;
		whose = name->ptr;
	}
	int rc = ct_circuit_forget(app->store, whose, err);
	return rc == CT_OK ? ct_limits_forget_told(app->store, whose, err) : rc;
}

static struct ct_str default_model(const struct ct_app *app,
				   const struct ct_service_config *service)
{
	if (service->model.len > 0 || app->catalog == NULL)
		return service->model;
	return ct_catalog_default(app->catalog, ct_str(service->endpoint.vendor->kind));
}

int ct_diag_providers(struct ct_app *app, ct_provider_row_fn *fn, void *user,
		      struct ct_err *err)
{
	struct ct_config *config = app->config;
	int rc = CT_OK;

	(void)err;
	for (size_t i = 0; rc == CT_OK && i < config->service_count; i++) {
		const struct ct_service_config *service = &config->services[i];
		const struct ct_endpoint *endpoint = &service->endpoint;
		const char *key = service->key_env.len > 0 ? getenv(service->key_env.ptr) : NULL;

		rc = fn(user, &(struct ct_provider_row){
				      .name = endpoint->name,
				      .kind = ct_str(endpoint->vendor->kind),
				      .sandbox = ct_sandbox_serves(endpoint->base_url, key),
				      .configured = is_configured(config, service),
				      .default_model = default_model(app, service),
				      .base_url = endpoint->base_url,
				      .capabilities = endpoint->vendor->capabilities,
				      .role = ct_config_role(config, endpoint->name),
			      });
	}
	return rc;
}

const char *ct_capability_name(unsigned capabilities, unsigned index, bool *more)
{
	static const struct {
		unsigned bit;
		const char *name;
	} known[] = {
		{ CT_CAN_CHAT, "chat" },
		{ CT_CAN_SEARCH, "search" },
		{ CT_CAN_STT, "stt" },
		{ CT_CAN_TTS, "tts" },
	};

	*more = index < CT_COUNT(known);
	return *more && capabilities & known[index].bit ? known[index].name : NULL;
}

#include "service/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/versions.h"
#include "service/health.h"
#include "store/upkeep.h"

enum { LINE_BYTES = 4096 };

struct visit {
	ct_finding_fn *fn;
	void *user;
};

static void tell(const struct visit *v, const char *topic, enum ct_verdict verdict,
		 const char *says, const char *advice)
{
	v->fn(v->user, &(struct ct_finding){ topic, verdict, says, advice });
}

static void tell_error(const struct visit *v, const char *topic, enum ct_verdict verdict,
		       const struct ct_err *err)
{
	tell(v, topic, verdict, err->msg, err->hint);
}

static void look_at_versions(const struct visit *v)
{
	struct ct_buf text = CT_BUF_INIT(LINE_BYTES);
	struct ct_err err;

	ct_buf_printf(&text, "cartrita %s, ", CT_VERSION);
	if (ct_net_versions(&text, &err) == CT_OK)
		tell(v, "versions", CT_VERDICT_FINE, text.ptr, "");
	else
		tell_error(v, "versions", CT_VERDICT_WRONG, &err);
	ct_buf_fini(&text);
}

static bool look_at_configuration(struct ct_app *app, const struct visit *v)
{
	char says[LINE_BYTES];
	struct ct_err err = { 0 };

	if (ct_app_open_catalog(app, &err) != CT_OK) {
		tell_error(v, "configuration", CT_VERDICT_WRONG, &err);
		return false;
	}
	snprintf(says, sizeof(says), "%.*s%s", CT_STR_ARG(app->config->path),
		 app->config->exists ? "" : " does not exist: built-in settings");
	tell(v, "configuration", CT_VERDICT_FINE, says, "");
	if (app->config->keys_err.code != CT_OK)
		tell_error(v, "key file", CT_VERDICT_WRONG, &app->config->keys_err);
	return true;
}

/* Those of the chain without a key, and whether anybody has one. */
static void look_at_keys(struct ct_app *app, const struct visit *v)
{
	struct ct_config *config = app->config;
	char says[LINE_BYTES], advice[LINE_BYTES];
	size_t usable = 0, chats = 0;

	for (size_t i = 0; i < config->service_count; i++) {
		struct ct_service_config *s = &config->services[i];
		bool has = ct_config_has_key(config, s) && s->endpoint.base_url.len > 0;

		usable += has;
		chats += has && s->endpoint.vendor->capabilities & CT_CAN_CHAT;
		if (has || ct_config_role(config, s->endpoint.name) == CT_ROLE_OTHER)
			continue;
		snprintf(says, sizeof(says), "%.*s has no key, so it is passed over",
			 CT_STR_ARG(s->endpoint.name));
		snprintf(advice, sizeof(advice), "Set %.*s, or run: cartrita key set %.*s",
			 CT_STR_ARG(s->key_env), CT_STR_ARG(s->endpoint.name));
		tell(v, "keys", CT_VERDICT_NOTE, says, advice);
	}
	snprintf(says, sizeof(says), "%zu provider%s could be asked, %zu of them to chat", usable,
		 usable == 1 ? "" : "s", chats);
	tell(v, "keys", usable > 0 ? CT_VERDICT_FINE : CT_VERDICT_WRONG, says,
	     usable > 0 ? "" : "Give one a key, or try without: cartrita sandbox -- cartrita chat hello");
}

static void look_at_certificates(const struct visit *v)
{
	struct ct_buf text = CT_BUF_INIT(LINE_BYTES);
	struct ct_err err;

	if (ct_net_certificates(&text, &err) == CT_OK)
		tell(v, "certificates", CT_VERDICT_FINE, text.ptr, "");
	else
		tell_error(v, "certificates", CT_VERDICT_WRONG, &err);
	ct_buf_fini(&text);
}

static void look_at_proxies(const struct visit *v)
{
	static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "http_proxy",
					     "all_proxy", "ALL_PROXY" };
	char says[LINE_BYTES];

	for (size_t i = 0; i < CT_COUNT(names); i++) {
		const char *value = getenv(names[i]);
		const char *host = value != NULL ? strrchr(value, '@') : NULL;
		if (value == NULL || *value == '\0')
			continue;
		/* what stands before the @ may be a password */
		snprintf(says, sizeof(says), "%s is set: requests go through %s", names[i],
			 host != NULL ? host + 1 : value);
		tell(v, "proxy", CT_VERDICT_NOTE, says, "");
	}
}

static void look_at_store(struct ct_app *app, const struct visit *v)
{
	struct ct_buf path = CT_BUF_INIT(LINE_BYTES);
	struct ct_store_facts facts;
	struct ct_err err = { 0 };
	char says[LINE_BYTES];

	ct_app_db_path(app, &path);
	if (access(path.ptr, F_OK) != 0) {
		snprintf(says, sizeof(says), "%s does not exist yet", path.ptr);
		tell(v, "store", CT_VERDICT_FINE, says, "");
	} else if (ct_app_open_store(app, CT_STORE_WRITE, &err) != CT_OK) {
		tell_error(v, "store", CT_VERDICT_WRONG, &err);
	} else if (ct_store_facts(app->store, &facts, &err) != CT_OK) {
		tell_error(v, "store", CT_VERDICT_WRONG, &err);
	} else {
		snprintf(says, sizeof(says), "%s, %lld requests, %.1f MiB", path.ptr,
			 (long long)facts.requests, (double)facts.file_bytes / (1 << 20));
		tell(v, "store", CT_VERDICT_FINE, says, "");
	}
	ct_buf_fini(&path);
}

static const char *advice_for(int code)
{
	switch (code) {
	case CT_EAUTH:
		return "Look at the key: cartrita config show";
	case CT_ELOCAL:
	case CT_ECONNECT:
		return "Look at the network, the proxy and the address: cartrita provider list";
	default:
		return "Look again later: cartrita provider health";
	}
}

static void on_health(void *user, const struct ct_health_row *row)
{
	const struct visit *v = user;
	char says[LINE_BYTES];

	if (!row->configured)
		return;
	if (row->healthy)
		snprintf(says, sizeof(says), "%.*s answers (%lld ms)", CT_STR_ARG(row->provider),
			 (long long)row->latency_ms);
	else
		snprintf(says, sizeof(says), "%.*s: %.*s", CT_STR_ARG(row->provider),
			 CT_STR_ARG(row->error));
	tell(v, "provider", row->healthy ? CT_VERDICT_FINE : CT_VERDICT_WRONG, says,
	     row->healthy ? "" : advice_for(row->code));
	if (row->circuit.state == CT_CIRCUIT_CLOSED)
		return;
	snprintf(says, sizeof(says), "the circuit of %.*s is open: %s",
		 CT_STR_ARG(row->provider), row->circuit.last_error);
	tell(v, "circuit", CT_VERDICT_NOTE, says,
	     "It is probed by itself; at once with: cartrita provider circuit reset");
}

void ct_doctor(struct ct_app *app, bool online, ct_finding_fn *fn, void *user)
{
	struct visit v = { fn, user };
	struct ct_err err;

	look_at_versions(&v);
	look_at_certificates(&v);
	look_at_proxies(&v);
	look_at_store(app, &v);
	if (!look_at_configuration(app, &v))
		return;
	look_at_keys(app, &v);
	if (online && ct_health_check(app, NULL, 0, on_health, &v, &err) != CT_OK)
		tell_error(&v, "provider", CT_VERDICT_WRONG, &err);
}

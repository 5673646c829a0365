#include "service/candidates.h"

#include "base/log.h"
#include "provider/vendors.h"

struct finder {
	struct ct_app *app;
	enum ct_task task;
	struct ct_candidates *out;
};

/* How the catalogue calls the provider: "groq" is one of its own, though its protocol is OpenAI's. */
static struct ct_str kind_of(const struct ct_service_config *service)
{
	const struct ct_vendor *vendor = service->endpoint.vendor;

	return vendor == &ct_vendor_compatible ? service->endpoint.name : ct_str(vendor->kind);
}

/* Retired ids are refused at the provider's own address: elsewhere an id means what it may. */
static int check_retired(const struct finder *f, const struct ct_service_config *service,
			 struct ct_str id, struct ct_err *err)
{
	struct ct_str instead, since;

	if (!service->endpoint.own_address ||
	    !ct_catalog_retired(f->app->catalog, kind_of(service), id, &instead, &since))
		return CT_OK;
	ct_fail(err, CT_ENOMODEL, "the model %.*s was retired on %.*s", CT_STR_ARG(id),
		CT_STR_ARG(since));
	ct_hint(err, "Use %.*s instead: -m %.*s", CT_STR_ARG(instead), CT_STR_ARG(instead));
	return CT_ENOMODEL;
}

static bool can(const struct finder *f, const struct ct_service_config *service)
{
	return (service->endpoint.vendor->capabilities & ct_task_capability(f->task)) != 0;
}

static int cannot(const struct finder *f, const struct ct_service_config *service,
		  struct ct_err *err)
{
	const struct ct_config *config = f->app->config;
	CT_CLEANUP(ct_buf_fini) struct ct_buf names = CT_BUF_INIT(200);

	for (size_t i = 0; i < config->service_count; i++)
		if (can(f, &config->services[i]))
			ct_buf_printf(&names, "%s%.*s", names.len > 0 ? ", " : "",
				      CT_STR_ARG(config->services[i].endpoint.name));
	ct_fail(err, CT_EUSAGE, "%.*s is no provider for that: it cannot %s",
		CT_STR_ARG(service->endpoint.name), ct_task_name(f->task));
	ct_hint(err, "who can: %s%s", names.ptr, names.failed != CT_OK ? ", ..." : "");
	return CT_EUSAGE;
}

/* The model to ask it for: what was named, else its own default. */
static int find_model(const struct finder *f, const struct ct_service_config *service,
		      struct ct_str *model, struct ct_err *err)
{
	struct ct_str id = *model;

	if (!ct_task_has_models(f->task)) {
		*model = ct_str(ct_task_name(f->task));
		return CT_OK;
	}
	if (id.len == 0 && f->task == CT_TASK_CHAT)
		id = service->model;
	if (id.len == 0)
		id = ct_catalog_default_for(f->app->catalog, kind_of(service), f->task);
	if (id.len == 0) {
		ct_fail(err, CT_ENOKEY, "%.*s has no default model",
			CT_STR_ARG(service->endpoint.name));
		if (f->task == CT_TASK_CHAT)
			ct_hint(err, "Name one with -m, or set providers.%.*s.model in the "
				     "configuration", CT_STR_ARG(service->endpoint.name));
		else
			ct_hint(err, "Name one with -m");
		return CT_ENOKEY;
	}
	*model = id;
	return check_retired(f, service, id, err);
}

static int add(struct finder *f, struct ct_service_config *service, struct ct_str id,
	       struct ct_candidate **out, struct ct_err *err)
{
	int rc = can(f, service) ? find_model(f, service, &id, err) : cannot(f, service, err);

	if (rc != CT_OK)
		return rc;
	if (f->out->count == CT_CANDIDATES_MAX)
		return ct_fail(err, CT_EUSAGE, "more than %d providers in a row",
			       CT_CANDIDATES_MAX);
	*out = &f->out->list[f->out->count++];
	**out = (struct ct_candidate){
		.service = service,
		.model = ct_catalog_find(f->app->catalog, kind_of(service), id),
		.model_id = id,
	};
	return CT_OK;
}

/* "provider/model" where provider is one of ours: splits it. */
static struct ct_service_config *split(struct finder *f, struct ct_str text,
				       struct ct_str *model)
{
	const char *slash = memchr(text.ptr, '/', text.len);

	if (slash == NULL)
		return NULL;
	size_t at = (size_t)(slash - text.ptr);
	*model = ct_str_from(text, at + 1);
	return model->len == 0 ? NULL :
				 ct_config_service(f->app->config,
						   (struct ct_str){ text.ptr, at });
}

static int no_model(const struct finder *f, struct ct_str id, struct ct_err *err)
{
	struct ct_str near = ct_catalog_nearest(f->app->catalog, (struct ct_str){ NULL, 0 }, id);

	ct_fail(err, CT_ENOMODEL, "unknown model '%.*s', and no provider can be told from it",
		CT_STR_ARG(id));
	if (ct_config_service(f->app->config, id) != NULL)
		ct_hint(err, "%.*s is a provider: -p %.*s", CT_STR_ARG(id), CT_STR_ARG(id));
	else if (near.len > 0)
		ct_hint(err, "Did you mean %.*s? Else name the provider, too: -p NAME",
			CT_STR_ARG(near));
	else
		ct_hint(err, "Name the provider, too: -p NAME; see `cartrita model list`");
	return CT_ENOMODEL;
}

static int find_service(const struct finder *f, struct ct_str name,
			struct ct_service_config **out, struct ct_err *err)
{
	*out = ct_config_service(f->app->config, name);
	return *out != NULL ? CT_OK : ct_config_no_service(f->app->config, name, err);
}

/* The service that an id without a provider's name belongs to. */
static int service_of_model(struct finder *f, struct ct_str id, struct ct_service_config **out,
			    struct ct_err *err)
{
	struct ct_str kind = ct_catalog_provider_of(f->app->catalog, id);

	*out = kind.len > 0 ? ct_config_service(f->app->config, kind) : NULL;
	if (*out != NULL)
		return CT_OK;
	/* a service's own default model needs no other name */
	for (size_t i = 0; i < f->app->config->service_count; i++) {
		struct ct_service_config *service = &f->app->config->services[i];
		if (service->model.len > 0 && ct_str_eq(service->model, id)) {
			*out = service;
			return CT_OK;
		}
	}
	return no_model(f, id, err);
}

/* The first of the chain that can do it: not every one that searches extracts. */
static int find_primary(struct finder *f, struct ct_service_config **out, struct ct_err *err)
{
	const struct ct_chain *chain = ct_config_chain(f->app->config, f->task);
	int rc = find_service(f, chain->primary, out, err);

	for (size_t i = 0; rc == CT_OK && !can(f, *out) && i < chain->fallback_count; i++)
		rc = find_service(f, chain->fallback[i], out, err);
	return rc;
}

static int add_first(struct finder *f, const struct ct_choice *choice, struct ct_err *err)
{
	struct ct_str model = ct_str(choice->model), rest, alias;
	struct ct_service_config *service = NULL, *prefix;
	struct ct_candidate *first;
	int rc = CT_OK;

	alias = ct_config_alias(f->app->config, model);
	if (model.len > 0 && alias.len > 0)
		model = alias;
	if (choice->provider != NULL) {
		rc = find_service(f, ct_str(choice->provider), &service, err);
		if (rc != CT_OK)
			return rc;
	}
	prefix = model.len > 0 ? split(f, model, &rest) : NULL;
	if (prefix != NULL && (service == NULL || service == prefix)) {
		service = prefix;
		model = rest;
	}
	if (service == NULL && model.len > 0)
		rc = service_of_model(f, model, &service, err);
	else if (service == NULL)
		rc = find_primary(f, &service, err);
	if (rc == CT_OK)
		rc = add(f, service, model, &first, err);
	if (rc == CT_OK)
		first->named = choice->provider != NULL || choice->model != NULL;
	return rc;
}

static bool is_listed(const struct finder *f, const struct ct_service_config *service)
{
	for (size_t i = 0; i < f->out->count; i++)
		if (f->out->list[i].service == service)
			return true;
	return false;
}

/*
 * A link of the configured chain. What would be an error for the provider that was asked for
 * (a retired default) only leaves this one out.
 */
static int add_link(struct finder *f, struct ct_str name, struct ct_err *err)
{
	struct ct_service_config *service;
	struct ct_candidate *added;
	struct ct_err why;
	struct ct_str model = { NULL, 0 };

	service = split(f, name, &model);
	if (service == NULL) {
		model = (struct ct_str){ NULL, 0 };
		int rc = find_service(f, name, &service, err);
		if (rc != CT_OK)
			return rc;
	}
	if ((is_listed(f, service) && model.len == 0) || !can(f, service))
		return CT_OK;
	if (add(f, service, model, &added, &why) != CT_OK)
		ct_log(CT_LOG_WARN, "fallback %.*s left out: %s", CT_STR_ARG(name), why.msg);
	return CT_OK;
}

/*
 * Who names a provider to search wants that one's kind of result: the web's are no repositories.
 * Only what is a fallback by name comes after it.
 */
static int add_configured_chain(struct finder *f, struct ct_err *err)
{
	const struct ct_chain *chain = ct_config_chain(f->app->config, f->task);
	bool alone = f->task == CT_TASK_SEARCH && f->out->list[0].named;
	int rc = alone ? CT_OK : add_link(f, chain->primary, err);

	for (size_t i = 0; rc == CT_OK && i < chain->fallback_count; i++)
		rc = add_link(f, chain->fallback[i], err);
	return rc;
}

/* --fallback: every name must be one, and may name the same provider with another model. */
static int add_named_chain(struct finder *f, struct ct_str list, struct ct_err *err)
{
	for (bool more = true; more;) {
		const char *comma = memchr(list.ptr, ',', list.len);
		size_t len = comma != NULL ? (size_t)(comma - list.ptr) : list.len;
		struct ct_str name = ct_str_trim((struct ct_str){ list.ptr, len }), model;
		struct ct_service_config *service;
		struct ct_candidate *added;
		int rc = CT_OK;

		more = comma != NULL;
		list = ct_str_from(list, len + more);
		if (name.len == 0)
			return ct_fail(err, CT_EUSAGE, "--fallback: a name is empty");
		struct ct_str alias = ct_config_alias(f->app->config, name);
		service = split(f, alias.len > 0 ? alias : name, &model);
		if (service == NULL) {
			model = (struct ct_str){ NULL, 0 };
			rc = find_service(f, name, &service, err);
		}
		if (rc == CT_OK)
			rc = add(f, service, model, &added, err);
		if (rc != CT_OK)
			return rc;
	}
	return CT_OK;
}

int ct_candidates_find(struct ct_app *app, const struct ct_choice *choice,
		       struct ct_candidates *out, struct ct_err *err)
{
	struct finder f = { app, choice->task, out };

	*out = (struct ct_candidates){ .count = 0 };
	int rc = add_first(&f, choice, err);
	if (rc != CT_OK || choice->no_fallback)
		return rc;
	if (choice->fallback != NULL)
		return add_named_chain(&f, ct_str(choice->fallback), err);
	return add_configured_chain(&f, err);
}

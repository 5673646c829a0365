#include "service/config_impl.h"

#include <stdio.h>

#include "provider/vendors.h"

int ct_service_note(struct ct_config *config, const struct ct_service_config *service,
		    const char *key, struct ct_str value, struct ct_str origin,
		    struct ct_err *err)
{
	char name[512];

	snprintf(name, sizeof(name), "providers.%.*s.%s", CT_STR_ARG(service->endpoint.name),
		 key);
	return ct_config_note(config, ct_str(name), value, origin, err);
}

static bool is_own(const struct ct_service_config *service)
{
	return ct_vendor_find(service->endpoint.name) == service->endpoint.vendor;
}

static size_t vendor_count(void)
{
	size_t n = 0;

	while (ct_vendors[n] != NULL)
		n++;
	return n;
}

int ct_services_default(struct ct_config *config, struct ct_err *err)
{
	size_t own = vendor_count();

	config->services = ct_arena_alloc(&config->arena, (own + CT_SECTIONS_MAX) *
								  sizeof(*config->services));
	if (config->services == NULL)
		return ct_config_no_memory(err);
	config->service_count = own;
	for (size_t i = 0; i < own; i++) {
		config->services[i].endpoint.vendor = ct_vendors[i];
		config->services[i].endpoint.name = ct_str(ct_vendors[i]->kind);
	}
	return CT_OK;
}

static int unknown_kind(struct ct_config *config, int line, struct ct_str kind,
			struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf names = CT_BUF_INIT(256);

	for (const struct ct_vendor *const *v = ct_vendors; *v != NULL; v++)
		ct_buf_printf(&names, "%s%s", names.len > 0 ? ", " : "", (*v)->kind);
	ct_fail(err, CT_ECONFIG, "%s:%d: unknown kind '%.*s'", config->path.ptr, line,
		CT_STR_ARG(kind));
	ct_hint(err, "kinds: %s (openai: whatever speaks its protocol)", names.ptr);
	return CT_ECONFIG;
}

/* A section's vendor: by its kind, else by its own name. */
static int find_vendor(struct ct_config *config, const struct ct_yaml_item *section,
		       const struct ct_yaml_item *first, const struct ct_vendor **out,
		       struct ct_err *err)
{
	const struct ct_vendor *named = ct_vendor_find(section->key);
	const struct ct_yaml_item *kind = first;

	while (kind != NULL && !ct_str_is(kind->key, "kind"))
		kind = kind->next;
	*out = named;
	if (kind == NULL && named != NULL)
		return CT_OK;
	if (kind == NULL) {
		ct_fail(err, CT_ECONFIG, "%s:%d: providers.%s has no kind", config->path.ptr,
			section->line, section->key.ptr);
		ct_hint(err, "kind: openai for an OpenAI-compatible service");
		return CT_ECONFIG;
	}
	if (kind->value->type != CT_YAML_TEXT)
		return ct_fail(err, CT_ECONFIG, "%s:%d: providers.%s.kind must be text, not %s",
			       config->path.ptr, kind->line, section->key.ptr,
			       ct_yaml_type_name(kind->value->type));
	*out = ct_vendor_find(kind->value->text);
	if (*out == NULL)
		return unknown_kind(config, kind->line, kind->value->text, err);
	if (named != NULL && named != *out) {
		ct_fail(err, CT_ECONFIG, "%s:%d: providers.%s is of kind %s, not %s",
			config->path.ptr, kind->line, section->key.ptr, named->kind,
			(*out)->kind);
		ct_hint(err, "give the section another name");
		return CT_ECONFIG;
	}
	return CT_OK;
}

static int add_service(struct ct_config *config, const struct ct_yaml_item *section,
		       const struct ct_vendor *vendor, struct ct_service_config **out,
		       struct ct_err *err)
{
	struct ct_service_config *service =
		ct_config_service(config, vendor == ct_vendor_find(section->key)
						  ? ct_str(vendor->kind)
						  : section->key);

	*out = service;
	if (service != NULL && service->from_file)
		return ct_fail(err, CT_ECONFIG, "%s:%d: '%s' and '%.*s' are the same provider",
			       config->path.ptr, section->line, section->key.ptr,
			       CT_STR_ARG(service->endpoint.name));
	if (service != NULL) {
		service->from_file = true;
		return CT_OK;
	}
	if (config->service_count == vendor_count() + CT_SECTIONS_MAX)
		return ct_fail(err, CT_ECONFIG, "%s:%d: more than %d providers",
			       config->path.ptr, section->line, CT_SECTIONS_MAX);
	*out = &config->services[config->service_count++];
	(*out)->endpoint.name = section->key;
	(*out)->endpoint.vendor = vendor;
	(*out)->from_file = true;
	return CT_OK;
}

static int read_section(struct ct_config *config, const struct ct_yaml_item *section,
			struct ct_err *err)
{
	const struct ct_yaml_item *first;
	const struct ct_vendor *vendor;
	struct ct_service_config *service;
	int rc;

	if (!ct_config_is_name(section->key))
		return ct_fail(err, CT_ECONFIG,
			       "%s:%d: '%s' cannot name a provider (letters, digits, . _ -)",
			       config->path.ptr, section->line, section->key.ptr);
	rc = ct_config_map(config, section, "a provider's section", &first, err);
	if (rc == CT_OK)
		rc = find_vendor(config, section, first, &vendor, err);
	if (rc == CT_OK)
		rc = add_service(config, section, vendor, &service, err);
	for (const struct ct_yaml_item *i = first; rc == CT_OK && i != NULL; i = i->next)
		rc = ct_section_key(config, service, i, err);
	if (rc == CT_OK && service->endpoint.base_url.len == 0 && vendor->base_url == NULL &&
	    !is_own(service))
		return ct_fail(err, CT_ECONFIG, "%s:%d: providers.%s has no base_url",
			       config->path.ptr, section->line, section->key.ptr);
	return rc;
}

int ct_services_file(struct ct_config *config, const struct ct_yaml *providers,
		     struct ct_err *err)
{
	int rc = CT_OK;

	for (const struct ct_yaml_item *i = providers->first; rc == CT_OK && i != NULL;
	     i = i->next)
		rc = read_section(config, i, err);
	return rc;
}

static int env_base_url(struct ct_config *config, struct ct_service_config *service,
			struct ct_err *err)
{
	const struct ct_vendor *vendor = service->endpoint.vendor;
	const char *name = vendor->base_url_env;
	char from[CT_NAME_MAX + 16];
	struct ct_str value = ct_config_env(name);

	if (value.len == 0) {
		name = vendor->base_url_env_too;
		value = ct_config_env(name);
	}
	if (value.len == 0)
		return CT_OK;
	int rc = ct_config_url(config, value, name, &service->endpoint.base_url, err);
	if (rc != CT_OK)
		return rc;
	snprintf(from, sizeof(from), "environment %s", name);
	return ct_service_note(config, service, "base_url", service->endpoint.base_url,
			       ct_str(from), err);
}

static int env_model(struct ct_config *config, struct ct_service_config *service,
		     struct ct_err *err)
{
	const char *name = service->endpoint.vendor->model_env;
	char from[CT_NAME_MAX + 16];
	struct ct_str value = ct_config_env(name);

	if (value.len == 0)
		return CT_OK;
	if (!ct_config_is_word(value))
		return ct_fail(err, CT_ECONFIG, "%s: '%.*s' is no model id", name,
			       CT_STR_ARG(value));
	service->model = ct_arena_dup(&config->arena, value);
	if (service->model.ptr == NULL)
		return ct_config_no_memory(err);
	snprintf(from, sizeof(from), "environment %s", name);
	return ct_service_note(config, service, "model", value, ct_str(from), err);
}

static int env_api(struct ct_config *config, struct ct_service_config *service,
		   struct ct_err *err)
{
	static const struct ct_origin origin = { CT_STR("environment OPENAI_API"), "OPENAI_API",
						 NULL, 0 };
	struct ct_str value = ct_config_env("OPENAI_API");

	if (value.len == 0 || !ct_str_is(service->endpoint.name, "openai"))
		return CT_OK;
	return ct_section_api(config, service, value, &origin, err);
}

int ct_services_env(struct ct_config *config, struct ct_err *err)
{
	int rc = CT_OK;

	for (size_t i = 0; i < config->service_count && rc == CT_OK; i++) {
		struct ct_service_config *service = &config->services[i];
		if (!is_own(service))
			continue;
		rc = env_base_url(config, service, err);
		if (rc == CT_OK)
			rc = env_model(config, service, err);
		if (rc == CT_OK)
			rc = env_api(config, service, err);
	}
	return rc;
}

/* The variable that holds the key, or the one to name when none does. */
static struct ct_str default_key_env(const struct ct_vendor *vendor)
{
	for (size_t i = 0; i < CT_COUNT(vendor->key_env) && vendor->key_env[i] != NULL; i++)
		if (ct_config_env(vendor->key_env[i]).len > 0)
			return ct_str(vendor->key_env[i]);
	return ct_str(vendor->key_env[0]);
}

/*
 * A section of its own address gets no key that was meant for the vendor: only what it names
 * itself. One at the vendor's address is the vendor under another name.
 */
static void finish_key(struct ct_service_config *service, bool own_place)
{
	const struct ct_vendor *vendor = service->endpoint.vendor;
	bool declared = service->key_env.len > 0 || service->key_command.len > 0;

	service->key_required = declared || (own_place && !vendor->key_optional);
	if (service->key_env.len == 0 && own_place &&
	    (service->key_command.len == 0 || is_own(service)))
		service->key_env = default_key_env(vendor);
}

static int finish_address(struct ct_config *config, struct ct_service_config *service,
			  struct ct_err *err)
{
	struct ct_endpoint *endpoint = &service->endpoint;
	struct ct_str own = ct_str(endpoint->vendor->base_url);
	bool named = endpoint->base_url.len > 0;
	bool owns_name = is_own(service);

	endpoint->own_address = !named || ct_config_same_address(endpoint->base_url, own);
	finish_key(service, owns_name || endpoint->own_address);
	if (!named && own.len == 0)
		endpoint->own_address = false;
	if (!endpoint->own_address && !owns_name && ct_str_is(ct_str(endpoint->vendor->kind), "openai"))
		endpoint->vendor = &ct_vendor_compatible;
	if (named || own.len == 0)
		return CT_OK;
	endpoint->base_url = own;
	return ct_service_note(config, service, "base_url", own,
			       (struct ct_str)CT_STR("default"), err);
}

/* The lines of `config show` for what nobody set. */
static int note_rest(struct ct_config *config, struct ct_service_config *service,
		     struct ct_err *err)
{
	static const struct ct_str by_default = CT_STR("default");
	char section[CT_NAME_MAX + 16];
	bool chat = (service->endpoint.vendor->capabilities & CT_CAN_CHAT) != 0;
	int rc = CT_OK;

	if (chat && service->model.len == 0)
		rc = ct_service_note(config, service, "model", (struct ct_str)CT_STR(""),
				     (struct ct_str)CT_STR("catalogue"), err);
	if (rc == CT_OK && ct_str_is(service->endpoint.name, "openai") &&
	    service->endpoint.api == CT_OPENAI_AUTO)
		rc = ct_service_note(config, service, "api", (struct ct_str)CT_STR("auto"),
				     by_default, err);
	snprintf(section, sizeof(section), "providers.%.*s",
		 CT_STR_ARG(service->endpoint.name));
	return rc == CT_OK ? ct_limit_finish(config, section, &service->rate, err) : rc;
}

int ct_services_finish(struct ct_config *config, struct ct_err *err)
{
	int rc = CT_OK;

	for (size_t i = 0; i < config->service_count && rc == CT_OK; i++) {
		rc = finish_address(config, &config->services[i], err);
		if (rc == CT_OK)
			rc = note_rest(config, &config->services[i], err);
	}
	return rc;
}

#include "service/config_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/ahead.h"
#include "service/key_command.h"
#include "service/keys.h"

/* A copy that the configuration owns and the redactor knows; NULL when out of memory. */
static struct ct_secret *keep(struct ct_config *config, struct ct_str value)
{
	size_t bytes = (config->secret_count + 1) * sizeof(*config->secrets);
	struct ct_secret **more = realloc(config->secrets, bytes);

	if (more == NULL)
		return NULL;
	config->secrets = more;
	struct ct_secret *secret = ct_secret_create(value);
	if (secret == NULL)
		return NULL;
	config->secrets[config->secret_count++] = secret;
	if (config->redactor != NULL && ct_redactor_add(config->redactor, value) != CT_OK)
		return NULL;
	return secret;
}

static int learn(struct ct_config *config, struct ct_str value, struct ct_err *err)
{
	if (value.len == 0 || config->redactor == NULL)
		return CT_OK;
	return ct_redactor_add(config->redactor, value) == CT_OK ? CT_OK
								 : ct_config_no_memory(err);
}

static bool may_hold_key(struct ct_str name)
{
	static const char *const parts[] = { "auth", "key", "token", "secret", "cookie" };
	char lower[128];
	size_t n = name.len < sizeof(lower) - 1 ? name.len : sizeof(lower) - 1;

	for (size_t i = 0; i < n; i++)
		lower[i] = name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? (char)(name.ptr[i] | 32)
								     : name.ptr[i];
	lower[n] = '\0';
	for (size_t i = 0; i < CT_COUNT(parts); i++)
		if (strstr(lower, parts[i]) != NULL)
			return true;
	return false;
}

int ct_config_learn_header(struct ct_config *config, const struct ct_extra_header *header,
			   struct ct_err *err)
{
	const char *blank = memchr(header->value.ptr, ' ', header->value.len);
	int rc;

	if (!may_hold_key(header->name))
		return CT_OK;
	rc = learn(config, header->value, err);
	if (rc != CT_OK || blank == NULL)
		return rc;
	/* "Bearer KEY": the key also by itself */
	size_t scheme = (size_t)(blank - header->value.ptr) + 1;
	return learn(config, ct_str_trim(ct_str_from(header->value, scheme)), err);
}

struct learner {
	struct ct_config *config;
	struct ct_err *err;
};

static int learn_file_key(void *user, struct ct_str name, struct ct_str key)
{
	struct learner *l = user;
	struct ct_config *config = l->config;
	size_t bytes = (config->file_key_count + 1) * sizeof(*config->file_keys);
	struct ct_file_key *more = realloc(config->file_keys, bytes);

	if (more == NULL)
		return ct_config_no_memory(l->err);
	config->file_keys = more;
	struct ct_file_key *entry = &config->file_keys[config->file_key_count];
	const struct ct_vendor *vendor = ct_vendor_find(name); /* by an alias, perhaps */
	if (vendor != NULL)
		name = ct_str(vendor->kind);
	entry->name = ct_arena_dup(&config->arena, name);
	entry->key = keep(config, key);
	if (entry->name.ptr == NULL || entry->key == NULL)
		return ct_config_no_memory(l->err);
	config->file_key_count++;
	return CT_OK;
}

/* A refused file stops only those who need a key from it: ct_config_key() says so then. */
static int learn_file(struct ct_config *config, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(8192);
	struct learner l = { config, err };

	ct_keys_path(config->path, &path);
	int rc = ct_keys_each(path.ptr, learn_file_key, &l, &config->keys_err);
	return rc == CT_ENOMEM ? ct_config_no_memory(err) : CT_OK;
}

static const struct ct_secret *file_key(const struct ct_config *config,
					const struct ct_service_config *service)
{
	for (size_t i = 0; i < config->file_key_count; i++)
		if (ct_str_eq(config->file_keys[i].name, service->endpoint.name))
			return config->file_keys[i].key;
	return NULL;
}

/* key_env is NUL-terminated: it comes from the arena or is a vendor's constant. */
static struct ct_str env_key(const struct ct_service_config *service)
{
	return service->key_env.len > 0 ? ct_config_env(service->key_env.ptr)
					: (struct ct_str){ NULL, 0 };
}

static int note_key(struct ct_config *config, const struct ct_service_config *service,
		    struct ct_err *err)
{
	struct ct_str value = CT_STR("set"), origin = CT_STR("key file");
	char from[512];

	if (env_key(service).len > 0) {
		snprintf(from, sizeof(from), "environment %s", service->key_env.ptr);
		origin = ct_str(from);
	} else if (file_key(config, service) == NULL && service->key_command.len > 0) {
		origin = (struct ct_str)CT_STR("key_command");
	} else if (file_key(config, service) == NULL) {
		value = (struct ct_str)CT_STR("not set");
		origin = service->key_required ? (struct ct_str)CT_STR("default")
					       : (struct ct_str)CT_STR("not needed");
	}
	return ct_service_note(config, service, "key", value, origin, err);
}

int ct_config_learn_keys(struct ct_config *config, struct ct_err *err)
{
	int rc = learn_file(config, err);

	for (size_t i = 0; rc == CT_OK && i < config->service_count; i++) {
		const struct ct_service_config *service = &config->services[i];
		const struct ct_vendor *vendor = service->endpoint.vendor;
		for (size_t k = 0; k < CT_COUNT(vendor->key_env) && vendor->key_env[k]; k++)
			if (rc == CT_OK)
				rc = learn(config, ct_config_env(vendor->key_env[k]), err);
		if (rc == CT_OK)
			rc = learn(config, env_key(service), err);
		if (rc == CT_OK)
			rc = note_key(config, service, err);
	}
	return rc;
}

bool ct_config_has_key(struct ct_config *config, const struct ct_service_config *service)
{
	if (service->endpoint.base_url.len == 0)
		return false;
	return !service->key_required || service->endpoint.key != NULL ||
	       env_key(service).len > 0 || file_key(config, service) != NULL ||
	       service->key_command.len > 0;
}

static bool is_vendor_key(const struct ct_vendor *vendor, struct ct_str name)
{
	for (size_t i = 0; i < CT_COUNT(vendor->key_env) && vendor->key_env[i] != NULL; i++)
		if (ct_str_is(name, vendor->key_env[i]))
			return true;
	return false;
}

/* Does entry ("NAME=VALUE") set a variable that holds somebody's key? */
static bool is_key_variable(const struct ct_config *config, const char *entry)
{
	struct ct_str name = { entry, strcspn(entry, "=") };

	for (const struct ct_vendor *const *v = ct_vendors; *v != NULL; v++)
		if (is_vendor_key(*v, name))
			return true;
	for (size_t i = 0; config != NULL && i < config->service_count; i++)
		if (ct_str_eq(name, config->services[i].key_env))
			return true;
	return false;
}

char **ct_config_child_env(const struct ct_config *config)
{
	size_t n = 0, kept = 0;

	while (environ[n] != NULL)
		n++;
	char **env = calloc(n + 1, sizeof(*env));
	for (size_t i = 0; env != NULL && i < n; i++)
		if (!is_key_variable(config, environ[i]) &&
		    strcmp(environ[i], CT_GNUTLS_WAITS "=" CT_GNUTLS_WAITS_OURS) != 0)
			env[kept++] = environ[i];
	return env;
}

static int run_command(struct ct_config *config, const struct ct_service_config *service,
		       struct ct_buf *out, struct ct_err *err)
{
	char name[CT_NAME_MAX + 16];
	char **env = ct_config_child_env(config);

	if (env == NULL)
		return ct_config_no_memory(err);
	snprintf(name, sizeof(name), "providers.%.*s", CT_STR_ARG(service->endpoint.name));
	int rc = ct_key_command_run(service->key_command, env, CT_KEY_COMMAND_MS, name, out, err);
	free(env);
	return rc;
}

/* What goes into a header must be printable and of one piece; the value is never repeated. */
static int check_key(struct ct_str value, const char *origin,
		     const struct ct_service_config *service, struct ct_err *err)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] <= ' ' || value.ptr[i] >= 0x7F)
			return ct_fail(err, CT_ECONFIG,
				       "the key of %.*s from %s holds characters that no key has",
				       CT_STR_ARG(service->endpoint.name), origin);
	return CT_OK;
}

static int use(struct ct_config *config, struct ct_service_config *service,
	       struct ct_str value, const char *origin, struct ct_err *err)
{
	int rc = check_key(value, origin, service, err);

	if (rc != CT_OK)
		return rc;
	service->endpoint.key = keep(config, value);
	service->key_origin = origin;
	return service->endpoint.key != NULL ? CT_OK : ct_config_no_memory(err);
}

static int use_command(struct ct_config *config, struct ct_service_config *service,
		       struct ct_err *err)
{
	struct ct_buf key = CT_BUF_INIT(CT_KEY_COMMAND_BYTES);
	int rc = run_command(config, service, &key, err);

	if (rc == CT_OK)
		rc = use(config, service, ct_buf_str(&key), "command", err);
	if (key.cap > 0)
		explicit_bzero(key.ptr, key.cap);
	ct_buf_fini(&key);
	return rc;
}

/* Something to try without a key that such a provider is asked for. */
static const char *example_for(const struct ct_vendor *vendor)
{
	if (vendor->capabilities & CT_CAN_CHAT)
		return "chat hello";
	return vendor->capabilities & CT_CAN_SEARCH ? "search hello" :
						      "voice speak -o hello.mp3 hello";
}

static int no_key(const struct ct_config *config, const struct ct_service_config *service,
		  struct ct_err *err)
{
	struct ct_str name = service->endpoint.name;
	const char *example = example_for(service->endpoint.vendor);

	if (config->keys_err.code != CT_OK) {
		if (err != NULL)
			*err = config->keys_err;
		return config->keys_err.code;
	}
	ct_fail(err, CT_ENOKEY, "no key for %.*s", CT_STR_ARG(name));
	if (service->key_env.len > 0)
		ct_hint(err, "set %.*s, or `cartrita key set %.*s`; to try without a key: "
			     "`cartrita sandbox -- cartrita %s`",
			CT_STR_ARG(service->key_env), CT_STR_ARG(name), example);
	else
		ct_hint(err, "`cartrita key set %.*s`; to try without a key: "
			     "`cartrita sandbox -- cartrita %s`",
			CT_STR_ARG(name), example);
	return CT_ENOKEY;
}

static int no_address(const struct ct_service_config *service, struct ct_err *err)
{
	const char *variable = service->endpoint.vendor->base_url_env;

	ct_fail(err, CT_ENOKEY, "%.*s has no address", CT_STR_ARG(service->endpoint.name));
	ct_hint(err, "set %s, or providers.%.*s.base_url in the configuration file",
		variable != NULL ? variable : "its base URL",
		CT_STR_ARG(service->endpoint.name));
	return CT_ENOKEY;
}

int ct_config_key(struct ct_config *config, struct ct_service_config *service,
		  struct ct_err *err)
{
	const struct ct_secret *stored = file_key(config, service);

	if (service->endpoint.base_url.len == 0)
		return no_address(service, err);
	if (service->endpoint.key != NULL)
		return CT_OK;
	service->key_looked_for = true;
	if (env_key(service).len > 0)
		return use(config, service, env_key(service), "environment", err);
	if (stored != NULL) {
		service->endpoint.key = stored;
		service->key_origin = "key file";
		return CT_OK;
	}
	if (service->key_command.len > 0)
		return use_command(config, service, err);
	return service->key_required ? no_key(config, service, err) : CT_OK;
}

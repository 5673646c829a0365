#include "service/config_impl.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int ct_config_no_memory(struct ct_err *err)
{
	return ct_fail(err, CT_ENOMEM, "cannot load the configuration: out of memory");
}

struct ct_str ct_config_env(const char *name)
{
	struct ct_str value = { NULL, 0 };

	if (name != NULL)
		value = ct_str_trim(ct_str(getenv(name)));
	return value.len > 0 ? value : (struct ct_str){ NULL, 0 };
}

/* Room doubles: the arena cannot make one piece longer. */
static bool add_setting(struct ct_config *config)
{
	size_t n = config->setting_count;
	bool full = n == 0 || (n >= 16 && (n & (n - 1)) == 0);

	if (full) {
		size_t room = n < 16 ? 16 : 2 * n;
		struct ct_setting *more =
			ct_arena_alloc(&config->arena, room * sizeof(*more));
		if (more == NULL)
			return false;
		if (n > 0)
			memcpy(more, config->settings, n * sizeof(*more));
		config->settings = more;
	}
	config->setting_count++;
	return true;
}

static struct ct_setting *find_setting(const struct ct_config *config, struct ct_str name)
{
	for (size_t i = 0; i < config->setting_count; i++)
		if (ct_str_eq(config->settings[i].name, name))
			return &config->settings[i];
	return NULL;
}

const struct ct_setting *ct_config_setting(const struct ct_config *config, const char *name)
{
	return find_setting(config, ct_str(name));
}

int ct_config_note(struct ct_config *config, struct ct_str name, struct ct_str value,
		   struct ct_str origin, struct ct_err *err)
{
	struct ct_setting *setting = find_setting(config, name);

	if (setting == NULL) {
		if (!add_setting(config))
			return ct_config_no_memory(err);
		setting = &config->settings[config->setting_count - 1];
		setting->name = ct_arena_dup(&config->arena, name);
	}
	setting->value = ct_arena_dup(&config->arena, value);
	setting->origin = ct_arena_dup(&config->arena, origin);
	if (setting->name.ptr == NULL || setting->value.ptr == NULL ||
	    setting->origin.ptr == NULL)
		return ct_config_no_memory(err);
	return CT_OK;
}

static const char *home(void)
{
	const char *dir = getenv("HOME");

	if (dir != NULL && dir[0] != '\0')
		return dir;
	const struct passwd *user = getpwuid(geteuid());
	return user != NULL && user->pw_dir[0] != '\0' ? user->pw_dir : "/";
}

void ct_config_path(const char *path, struct ct_buf *out, bool *named)
{
	const char *given = path != NULL ? path : getenv("CARTRITA_CONFIG");
	const char *base = getenv("XDG_CONFIG_HOME");

	*named = given != NULL && given[0] != '\0';
	if (*named)
		ct_buf_puts(out, given);
	else if (base != NULL && base[0] == '/') /* a relative one is to be ignored, XDG says */
		ct_buf_printf(out, "%s/cartrita/config.yaml", base);
	else
		ct_buf_printf(out, "%s/.config/cartrita/config.yaml", home());
}

static int find_path(struct ct_config *config, const char *path, bool *named,
		     struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(4000);

	ct_config_path(path, &text, named);
	if (ct_buf_check(&text, "the path of the configuration file", err) != CT_OK)
		return text.failed;
	config->path = ct_arena_dup(&config->arena, ct_buf_str(&text));
	return config->path.ptr != NULL ? CT_OK : ct_config_no_memory(err);
}

static int load(struct ct_config *config, const char *path, struct ct_err *err)
{
	bool named;
	int rc = find_path(config, path, &named, err);

	if (rc == CT_OK)
		rc = ct_settings_default(config, err);
	if (rc == CT_OK)
		rc = ct_services_default(config, err);
	if (rc == CT_OK)
		rc = ct_config_read_file(config, named, err);
	if (rc == CT_OK)
		rc = ct_settings_env(config, err);
	if (rc == CT_OK)
		rc = ct_services_env(config, err);
	if (rc == CT_OK)
		rc = ct_services_finish(config, err);
	if (rc == CT_OK)
		rc = ct_settings_check(config, err);
	return rc == CT_OK ? ct_config_learn_keys(config, err) : rc;
}

int ct_config_load(const char *path, struct ct_redactor *redactor, struct ct_config **out,
		   struct ct_err *err)
{
	struct ct_config *config = calloc(1, sizeof(*config));

	*out = NULL;
	if (config == NULL)
		return ct_config_no_memory(err);
	config->redactor = redactor;
	int rc = load(config, path, err);
	if (rc != CT_OK) {
		ct_config_destroy(config);
		return rc;
	}
	*out = config;
	return CT_OK;
}

void ct_config_destroy(struct ct_config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->secret_count; i++)
		ct_secret_destroy(config->secrets[i]);
	free(config->secrets);
	free(config->file_keys);
	ct_arena_fini(&config->arena);
	free(config);
}

static struct ct_service_config *by_name(const struct ct_config *config, struct ct_str name)
{
	for (size_t i = 0; i < config->service_count; i++)
		if (ct_str_eq(config->services[i].endpoint.name, name))
			return &config->services[i];
	return NULL;
}

struct ct_service_config *ct_config_service(struct ct_config *config, struct ct_str name)
{
	struct ct_service_config *service = by_name(config, name);
	const struct ct_vendor *vendor = service == NULL ? ct_vendor_find(name) : NULL;

	return vendor != NULL ? by_name(config, ct_str(vendor->kind)) : service;
}

int ct_config_no_service(const struct ct_config *config, struct ct_str name,
			 struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf names = CT_BUF_INIT(200);
	struct ct_str nearest = { NULL, 0 };
	unsigned least = name.len > 5 ? 4 : 3; /* further is no slip of the finger */

	for (size_t i = 0; i < config->service_count; i++) {
		struct ct_str known = config->services[i].endpoint.name;
		unsigned distance = ct_str_distance(name, known);
		if (distance < least && distance < known.len) {
			least = distance;
			nearest = known;
		}
		ct_buf_printf(&names, "%s%.*s", i > 0 ? ", " : "", CT_STR_ARG(known));
	}
	ct_fail(err, CT_ENOPROVIDER, "there is no provider '%.*s'", CT_STR_ARG(name));
	if (nearest.len > 0)
		ct_hint(err, "did you mean %.*s?", CT_STR_ARG(nearest));
	else
		ct_hint(err, "there are %s%s", names.ptr, names.failed != CT_OK ? ", ..." : "");
	return CT_ENOPROVIDER;
}

const struct ct_chain *ct_config_chain(const struct ct_config *config, enum ct_task task)
{
	switch (task) {
	case CT_TASK_SEARCH:
	case CT_TASK_EXTRACT:
	case CT_TASK_READ:
		return &config->search;
	case CT_TASK_TRANSCRIBE:
		return &config->transcribe;
	case CT_TASK_SPEAK:
		return &config->speak;
	default:
		return &config->chat;
	}
}

/* The provider of a chain's entry: what stands before a slash. */
static bool names_it(struct ct_str entry, struct ct_str name)
{
	return entry.len >= name.len && memcmp(entry.ptr, name.ptr, name.len) == 0 &&
	       (entry.len == name.len || entry.ptr[name.len] == '/');
}

enum ct_role_in_chain ct_config_role(const struct ct_config *config, struct ct_str name)
{
	const struct ct_service_config *service = by_name(config, name);
	const struct ct_vendor *vendor = service == NULL ? ct_vendor_find(name) : NULL;

	if (vendor != NULL)
		name = ct_str(vendor->kind);
	if (ct_str_eq(config->chat.primary, name))
		return CT_ROLE_PRIMARY;
	for (size_t i = 0; i < config->chat.fallback_count; i++)
		if (names_it(config->chat.fallback[i], name))
			return CT_ROLE_FALLBACK;
	return CT_ROLE_OTHER;
}

struct ct_str ct_config_alias(const struct ct_config *config, struct ct_str name)
{
	for (size_t i = 0; i < config->alias_count; i++)
		if (ct_str_eq(config->aliases[i][0], name))
			return config->aliases[i][1];
	return (struct ct_str){ NULL, 0 };
}

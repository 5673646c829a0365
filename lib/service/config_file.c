#include "service/config_impl.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"

int ct_config_map(const struct ct_config *config, const struct ct_yaml_item *item,
		  const char *what, const struct ct_yaml_item **first, struct ct_err *err)
{
	*first = item->value->first;
	if (item->value->type == CT_YAML_MAP || item->value->type == CT_YAML_NULL)
		return CT_OK;
	/* what may say the place already */
	bool placed = strchr(what, ':') != NULL;
	if (placed)
		return ct_fail(err, CT_ECONFIG, "%s must be a map, not %s", what,
			       ct_yaml_type_name(item->value->type));
	return ct_fail(err, CT_ECONFIG, "%s:%d: %s must be a map, not %s", config->path.ptr,
		       item->line, what, ct_yaml_type_name(item->value->type));
}

static void hint_known(const char *const *known, struct ct_str key, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf names = CT_BUF_INIT(220);
	const char *nearest = NULL;
	unsigned least = key.len > 5 ? 4 : 3;

	for (size_t i = 0; known[i] != NULL; i++) {
		unsigned distance = ct_str_distance(key, ct_str(known[i]));
		if (distance < least) {
			least = distance;
			nearest = known[i];
		}
		ct_buf_printf(&names, "%s%s", i > 0 ? ", " : "", known[i]);
	}
	if (nearest != NULL)
		ct_hint(err, "did you mean %s?", nearest);
	else
		ct_hint(err, "keys here: %s", names.ptr);
}

int ct_config_unknown(const struct ct_config *config, const struct ct_yaml_item *item,
		      const char *where, const char *const *known, struct ct_err *err)
{
	ct_fail(err, CT_ECONFIG, "%s:%d: unknown key '%.*s'%s%s", config->path.ptr, item->line,
		CT_STR_ARG(item->key), where != NULL ? " in " : "", where != NULL ? where : "");
	hint_known(known, item->key, err);
	return CT_ECONFIG;
}

bool ct_config_is_name(struct ct_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		bool digit = c >= '0' && c <= '9';
		if (!letter && !digit && c != '_' && (i == 0 || (c != '.' && c != '-')))
			return false;
	}
	return name.len > 0 && name.len <= CT_NAME_MAX;
}

static int read_alias(struct ct_config *config, const struct ct_yaml_item *item,
		      struct ct_err *err)
{
	const char *file = config->path.ptr;
	CT_CLEANUP(ct_buf_fini) struct ct_buf name = CT_BUF_INIT(256), from = CT_BUF_INIT(8192);

	if (!ct_config_is_name(item->key))
		return ct_fail(err, CT_ECONFIG,
			       "%s:%d: '%s' cannot be an alias (letters, digits, . _ -)", file,
			       item->line, item->key.ptr);
	if (item->value->type != CT_YAML_TEXT)
		return ct_fail(err, CT_ECONFIG, "%s:%d: aliases.%s must be text, not %s", file,
			       item->line, item->key.ptr,
			       ct_yaml_type_name(item->value->type));
	if (!ct_config_is_word(item->value->text))
		return ct_fail(err, CT_ECONFIG, "%s:%d: aliases.%s: '%s' is no model", file,
			       item->line, item->key.ptr, item->value->text.ptr);
	config->aliases[config->alias_count][0] = item->key;
	config->aliases[config->alias_count++][1] = item->value->text;
	ct_buf_printf(&name, "aliases.%s", item->key.ptr);
	ct_buf_printf(&from, "%s:%d", file, item->line);
	return ct_config_note(config, ct_buf_str(&name), item->value->text, ct_buf_str(&from),
			      err);
}

static int read_aliases(struct ct_config *config, const struct ct_yaml_item *section,
			struct ct_err *err)
{
	const struct ct_yaml_item *i;
	int rc = ct_config_map(config, section, "aliases", &i, err);

	if (rc != CT_OK || i == NULL)
		return rc;
	config->aliases = ct_arena_alloc(&config->arena,
					 section->value->count * sizeof(*config->aliases));
	if (config->aliases == NULL)
		return ct_config_no_memory(err);
	for (; rc == CT_OK && i != NULL; i = i->next)
		rc = read_alias(config, i, err);
	return rc;
}

static int read_top(struct ct_config *config, const struct ct_yaml_item *item,
		    struct ct_err *err)
{
	static const char *const names[] = { "chat",	"search",    "transcribe", "speak",
					     "circuit", "stream",    "store",	   "log",
					     "aliases", "providers", "templates",  "users",
					     NULL };
	const struct ct_yaml_item *first;
	bool known;
	int rc = ct_settings_file(config, item, &known, err);

	if (rc != CT_OK || known)
		return rc;
	if (ct_str_is(item->key, "aliases"))
		return read_aliases(config, item, err);
	if (ct_str_is(item->key, "templates"))
		return ct_templates_file(config, item, err);
	if (ct_str_is(item->key, "users"))
		return ct_users_file(config, item, err);
	if (!ct_str_is(item->key, "providers"))
		return ct_config_unknown(config, item, NULL, names, err);
	rc = ct_config_map(config, item, "providers", &first, err);
	return rc == CT_OK ? ct_services_file(config, item->value, err) : rc;
}

int ct_config_read_text(struct ct_config *config, struct ct_str text, struct ct_err *err)
{
	const struct ct_yaml *root;
	int rc = ct_yaml_parse(&config->arena, config->path.ptr, text, &root, err);

	if (rc != CT_OK || root->type == CT_YAML_NULL)
		return rc;
	if (root->type != CT_YAML_MAP)
		return ct_fail(err, CT_ECONFIG, "%s:%d: the configuration must be a map, not %s",
			       config->path.ptr, root->line, ct_yaml_type_name(root->type));
	for (const struct ct_yaml_item *i = root->first; rc == CT_OK && i != NULL; i = i->next)
		rc = read_top(config, i, err);
	return rc;
}

int ct_config_read_file(struct ct_config *config, bool named, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_YAML_BYTES);
	struct ct_err why = { 0 };

	errno = 0;
	config->exists = access(config->path.ptr, F_OK) == 0;
	if (!config->exists && !named && (errno == ENOENT || errno == ENOTDIR))
		return CT_OK;
	int rc = ct_file_read(config->path.ptr, &text, &why);
	if (rc == CT_ETOOBIG)
		return ct_fail(err, CT_ECONFIG, "%s: longer than %d bytes", config->path.ptr,
			       CT_YAML_BYTES);
	if (rc != CT_OK) {
		ct_fail(err, rc == CT_ENOMEM ? CT_ENOMEM : CT_ECONFIG, "%s", why.msg);
		return err != NULL ? err->code : CT_ECONFIG;
	}
	return ct_config_read_text(config, ct_buf_str(&text), err);
}

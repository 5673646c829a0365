/* The section `templates` of the configuration file. */
#include "service/config_impl.h"

static int read_value(struct ct_config *config, struct ct_template *template,
		      const struct ct_yaml_item *item, struct ct_err *err)
{
	static const char *const known[] = { "system", "prompt", "model", NULL };
	CT_CLEANUP(ct_buf_fini)
	struct ct_buf name = CT_BUF_INIT(256),
		      from = CT_BUF_INIT(8192);
	struct ct_str *const members[] = { &template->system, &template->prompt,
					   &template->model };
	struct ct_str *member = NULL;

	ct_buf_printf(&name, "templates.%s", template->name.ptr);
	for (size_t i = 0; known[i] != NULL; i++)
		if (ct_str_is(item->key, known[i]))
			member = members[i];
	if (member == NULL)
		return ct_config_unknown(config, item, name.ptr, known, err);
	if (item->value->type == CT_YAML_NULL)
		return CT_OK;
	ct_buf_printf(&name, ".%s", item->key.ptr);
	ct_buf_printf(&from, "%s:%d", config->path.ptr, item->line);
	/* 42 or true stand for themselves in a text */
	if (item->value->type == CT_YAML_LIST || item->value->type == CT_YAML_MAP)
		return ct_fail(err, CT_ECONFIG, "%s: %s must be text, not %s", from.ptr,
			       name.ptr, ct_yaml_type_name(item->value->type));
	if (member == &template->model && !ct_config_is_word(item->value->text))
		return ct_fail(err, CT_ECONFIG, "%s: %s: '%s' is no model", from.ptr,
			       name.ptr, item->value->text.ptr);
	*member = item->value->text;
	return ct_config_note(config, ct_buf_str(&name), item->value->text,
			      ct_buf_str(&from), err);
}

static int read_template(struct ct_config *config, const struct ct_yaml_item *item,
			 struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf what = CT_BUF_INIT(8192);
	struct ct_template *template = &config->templates[config->template_count];
	const struct ct_yaml_item *i;

	if (!ct_config_is_name(item->key))
		return ct_fail(
			err, CT_ECONFIG,
			"%s:%d: '%s' cannot be a template (letters, digits, . _ -)",
			config->path.ptr, item->line, item->key.ptr);
	ct_buf_printf(&what, "%s:%d: templates.%s", config->path.ptr, item->line,
		      item->key.ptr);
	*template = (struct ct_template){ .name = item->key };
	int rc = ct_config_map(config, item, what.ptr, &i, err);
	for (; rc == CT_OK && i != NULL; i = i->next)
		rc = read_value(config, template, i, err);
	if (rc != CT_OK)
		return rc;
	if (template->prompt.len == 0 && template->system.len == 0)
		return ct_fail(err, CT_ECONFIG, "%s has neither prompt nor system",
			       what.ptr);
	config->template_count++;
	return CT_OK;
}

int ct_templates_file(struct ct_config *config, const struct ct_yaml_item *section,
		      struct ct_err *err)
{
	const struct ct_yaml_item *i;
	int rc = ct_config_map(config, section, "templates", &i, err);

	if (rc != CT_OK || i == NULL)
		return rc;
	config->templates = ct_arena_alloc(
		&config->arena, section->value->count * sizeof(*config->templates));
	if (config->templates == NULL)
		return ct_config_no_memory(err);
	for (; rc == CT_OK && i != NULL; i = i->next)
		rc = read_template(config, i, err);
	return rc;
}

#include "service/config_impl.h"

#include <stdio.h>

/* A section's value, with what is needed to speak about it. */
struct place {
	struct ct_config *config;
	struct ct_service_config *service;
	const struct ct_yaml_item *item;
	const char *what; /* "FILE:12: providers.groq.model" */
	struct ct_err *err;
};

typedef int key_fn(struct place *at);

static int note_here(struct place *at, const char *key, struct ct_str value)
{
	char from[4200];

	snprintf(from, sizeof(from), "%s:%d", at->config->path.ptr, at->item->line);
	return ct_service_note(at->config, at->service, key, value, ct_str(from), at->err);
}

/* The text of a scalar value, where only text will do; {NULL, 0} for nothing. */
static int get_text(struct place *at, struct ct_str *out)
{
	const struct ct_yaml *value = at->item->value;

	*out = (struct ct_str){ NULL, 0 };
	if (value->type == CT_YAML_NULL)
		return CT_OK;
	if (value->type != CT_YAML_TEXT) {
		ct_fail(at->err, CT_ECONFIG, "%s must be text, not %s", at->what,
			ct_yaml_type_name(value->type));
		if (value->type < CT_YAML_LIST)
			ct_hint(at->err, "put quotes around it");
		return CT_ECONFIG;
	}
	*out = value->text;
	return CT_OK;
}

static bool is_variable(struct ct_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		bool letter = (s.ptr[i] | 32) >= 'a' && (s.ptr[i] | 32) <= 'z';
		bool digit = s.ptr[i] >= '0' && s.ptr[i] <= '9';
		if (!letter && s.ptr[i] != '_' && (!digit || i == 0))
			return false;
	}
	return s.len > 0;
}

static int read_key_env(struct place *at)
{
	struct ct_str text;
	int rc = get_text(at, &text);

	if (rc != CT_OK || text.ptr == NULL)
		return rc;
	if (!is_variable(text)) {
		/* perhaps the key itself: it is not repeated */
		ct_fail(at->err, CT_ECONFIG, "%s is no name of a variable", at->what);
		ct_hint(at->err, "key_env names the variable that holds the key; to keep a key "
				 "use `cartrita key set`");
		return CT_ECONFIG;
	}
	at->service->key_env = text;
	return note_here(at, "key_env", text);
}

static int read_key_command(struct place *at)
{
	struct ct_str text;
	int rc = get_text(at, &text);

	if (rc != CT_OK || text.ptr == NULL)
		return rc;
	at->service->key_command = text;
	return note_here(at, "key_command", text);
}

bool ct_config_is_word(struct ct_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7F)
			return false;
	return s.len > 0 && s.len <= 256;
}

static int read_model(struct place *at)
{
	struct ct_str text;
	int rc = get_text(at, &text);

	if (rc != CT_OK || text.ptr == NULL)
		return rc;
	if (!ct_config_is_word(text))
		return ct_fail(at->err, CT_ECONFIG, "%s: '%s' is no model id", at->what, text.ptr);
	at->service->model = text;
	return note_here(at, "model", text);
}

static int read_api_version(struct place *at)
{
	struct ct_str text;
	int rc = get_text(at, &text);

	if (rc != CT_OK || text.ptr == NULL)
		return rc;
	if (!ct_config_is_word(text))
		return ct_fail(at->err, CT_ECONFIG, "%s: '%s' is no version", at->what, text.ptr);
	at->service->endpoint.api_version = text;
	return note_here(at, "api_version", text);
}

int ct_section_api(struct ct_config *config, struct ct_service_config *service,
		   struct ct_str text, const struct ct_origin *origin, struct ct_err *err)
{
	static const char *const names[] = { [CT_OPENAI_AUTO] = "auto",
					     [CT_OPENAI_CHAT] = "chat",
					     [CT_OPENAI_RESPONSES] = "responses" };

	for (size_t i = 0; i < CT_COUNT(names); i++) {
		if (!ct_str_is(text, names[i]))
			continue;
		service->endpoint.api = (enum ct_openai_api)i;
		return ct_service_note(config, service, "api", text, origin->from, err);
	}
	return ct_fail(err, CT_ECONFIG, "%s: '%.*s' is none of auto|chat|responses",
		       origin->what, CT_STR_ARG(text));
}

static int read_api(struct place *at)
{
	struct ct_str text;
	char from[4200];
	int rc = get_text(at, &text);

	if (rc != CT_OK || text.ptr == NULL)
		return rc;
	snprintf(from, sizeof(from), "%s:%d", at->config->path.ptr, at->item->line);
	struct ct_origin origin = { .from = ct_str(from), .what = at->what };
	return ct_section_api(at->config, at->service, text, &origin, at->err);
}

static int read_base_url(struct place *at)
{
	struct ct_str text;
	int rc = get_text(at, &text);

	if (rc != CT_OK || text.ptr == NULL)
		return rc;
	rc = ct_config_url(at->config, text, at->what, &at->service->endpoint.base_url, at->err);
	if (rc != CT_OK)
		return rc;
	return note_here(at, "base_url", at->service->endpoint.base_url);
}

static bool is_token(struct ct_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		if (!letter && (c < '0' || c > '9') && strchr("!#$%&'*+-.^_`|~", c) == NULL)
			return false;
	}
	return s.len > 0 && s.len <= 128;
}

/* What frames the request is not the configuration's to say. */
static bool is_ours(struct ct_str name)
{
	static const char *const names[] = { "content-length", "transfer-encoding", "connection",
					     "host",	       "expect",	    "te",
					     "trailer",	       "upgrade" };

	for (size_t i = 0; i < CT_COUNT(names); i++)
		if (ct_str_is_nocase(name, names[i]))
			return true;
	return false;
}

static int read_header(struct place *at, const struct ct_yaml_item *item,
		       struct ct_extra_header *out)
{
	const struct ct_yaml *value = item->value;
	const char *file = at->config->path.ptr;

	if (!is_token(item->key))
		return ct_fail(at->err, CT_ECONFIG, "%s:%d: '%s' is no name of a header", file,
			       item->line, item->key.ptr);
	if (is_ours(item->key))
		return ct_fail(at->err, CT_ECONFIG, "%s:%d: the header %s cannot be set", file,
			       item->line, item->key.ptr);
	if (value->type == CT_YAML_LIST || value->type == CT_YAML_MAP)
		return ct_fail(at->err, CT_ECONFIG, "%s:%d: the header %s must be text, not %s",
			       file, item->line, item->key.ptr, ct_yaml_type_name(value->type));
	for (size_t i = 0; i < value->text.len; i++) {
		unsigned char c = (unsigned char)value->text.ptr[i];
		if ((c < ' ' && c != '\t') || c == 0x7F)
			return ct_fail(at->err, CT_ECONFIG,
				       "%s:%d: the header %s holds a control character", file,
				       item->line, item->key.ptr);
	}
	*out = (struct ct_extra_header){ item->key, value->text };
	return ct_config_learn_header(at->config, out, at->err);
}

static int too_many(struct place *at)
{
	return ct_fail(at->err, CT_ECONFIG, "%s: more than %d entries", at->what,
		       CT_SECTION_ITEMS);
}

static int read_headers(struct place *at)
{
	const struct ct_yaml_item *i;
	int rc = ct_config_map(at->config, at->item, at->what, &i, at->err);

	if (rc != CT_OK || i == NULL)
		return rc;
	if (at->item->value->count > CT_SECTION_ITEMS)
		return too_many(at);
	struct ct_extra_header *headers =
		ct_arena_alloc(&at->config->arena, CT_SECTION_ITEMS * sizeof(*headers));
	if (headers == NULL)
		return ct_config_no_memory(at->err);
	at->service->endpoint.headers = headers;
	for (; rc == CT_OK && i != NULL; i = i->next) {
		char key[160];
		rc = read_header(at, i, &headers[at->service->endpoint.header_count++]);
		if (rc != CT_OK)
			return rc;
		snprintf(key, sizeof(key), "headers.%s", i->key.ptr);
		/* a header may hold a key: it is not shown */
		rc = note_here(at, key, ct_str("set"));
	}
	return rc;
}

static int read_options(struct place *at)
{
	const struct ct_yaml_item *i;
	int rc = ct_config_map(at->config, at->item, at->what, &i, at->err);

	if (rc != CT_OK || i == NULL)
		return rc;
	if (at->item->value->count > CT_SECTION_ITEMS)
		return too_many(at);
	struct ct_option *options =
		ct_arena_alloc(&at->config->arena, CT_SECTION_ITEMS * sizeof(*options));
	if (options == NULL)
		return ct_config_no_memory(at->err);
	at->service->endpoint.options = options;
	for (; rc == CT_OK && i != NULL; i = i->next) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf json = CT_BUF_INIT(64 << 10);
		char key[300];
		rc = ct_yaml_json(i->value, at->config->path.ptr, &json, at->err);
		if (rc != CT_OK)
			return rc;
		struct ct_str copy = ct_arena_dup(&at->config->arena, ct_buf_str(&json));
		if (copy.ptr == NULL)
			return ct_config_no_memory(at->err);
		options[at->service->endpoint.option_count++] = (struct ct_option){ i->key, copy };
		snprintf(key, sizeof(key), "options.%s", i->key.ptr);
		rc = note_here(at, key, copy);
	}
	return rc;
}

static int read_limit(struct place *at)
{
	char section[CT_NAME_MAX + 16];

	snprintf(section, sizeof(section), "providers.%.*s",
		 CT_STR_ARG(at->service->endpoint.name));
	return ct_limit_item(at->config, section, at->item, &at->service->rate, at->err);
}

/* Read before the others, since what they mean hangs on it. */
static int read_kind(struct place *at)
{
	return note_here(at, "kind", ct_str(at->service->endpoint.vendor->kind));
}

static const struct section_key {
	const char *name;
	key_fn *read;
} section_keys[] = {
	{ "kind", read_kind },		     { "base_url", read_base_url },
	{ "key_env", read_key_env },	     { "key_command", read_key_command },
	{ "model", read_model },	     { "headers", read_headers },
	{ "options", read_options },	     { "api", read_api },
	{ "api_version", read_api_version }, { "rate_limit", read_limit },
	{ "burst", read_limit },
};

static int unknown_key(struct ct_config *config, const char *where,
		       const struct ct_yaml_item *item, struct ct_err *err)
{
	const char *known[CT_COUNT(section_keys) + 1] = { NULL };

	for (size_t i = 0; i < CT_COUNT(section_keys); i++)
		known[i] = section_keys[i].name;
	return ct_config_unknown(config, item, where, known, err);
}

int ct_section_key(struct ct_config *config, struct ct_service_config *service,
		   const struct ct_yaml_item *item, struct ct_err *err)
{
	char where[CT_NAME_MAX + 16];

	snprintf(where, sizeof(where), "providers.%.*s", CT_STR_ARG(service->endpoint.name));
	for (size_t i = 0; i < CT_COUNT(section_keys); i++) {
		if (!ct_str_is(item->key, section_keys[i].name))
			continue;
		CT_CLEANUP(ct_buf_fini) struct ct_buf what = CT_BUF_INIT(8192);
		ct_buf_printf(&what, "%s:%d: %s.%s", config->path.ptr, item->line, where,
			      section_keys[i].name);
		struct place at = { config, service, item, what.ptr, err };
		return section_keys[i].read(&at);
	}
	return unknown_key(config, where, item, err);
}

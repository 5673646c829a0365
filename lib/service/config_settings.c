#include "service/config_impl.h"

#include <inttypes.h>
#include <stdio.h>

enum kind { PROVIDER, CHAIN, CHOICE, WHOLE, SECONDS, CLOCK };

/* One setting that is a single value, wherever it may come from. */
struct field {
	const char *section, *key; /* section NULL: the key stands at the top */
	enum kind kind; /* CLOCK: seconds, or "auto" for 0 */
	size_t at; /* of the member in struct ct_config; CHAIN: of the whole chain */
	double min, max; /* in the unit of the key */
	const char *choices; /* CHOICE: "a|b", the last one sets a bool if that is the member */
	const char *env; /* NULL: none */
	const char *value; /* built in */
};

#define AT(member) offsetof(struct ct_config, member)
static const struct field fields[] = {
	{ "chat", "primary", PROVIDER, AT(chat.primary), 0, 0, NULL, "PRIMARY_PROVIDER", "claude" },
	{ "chat", "fallback", CHAIN, AT(chat), 0, 0, NULL, "FALLBACK_CHAIN",
	  "gemini,openai" },
	{ "chat", "max_wait_s", SECONDS, AT(max_wait_ms), 0, 86400, NULL, NULL, "30" },
	{ "chat", "timeout_s", SECONDS, AT(timeout_ms), 0.001, 86400, NULL, NULL, "600" },
	{ "chat", "first_token_timeout_s", CLOCK, AT(first_token_timeout_ms), 0.001, 86400,
	  NULL, NULL, "auto" },
	{ "chat", "idle_timeout_s", CLOCK, AT(idle_timeout_ms), 0.001, 86400, NULL, NULL,
	  "auto" },
	{ "chat", "retries", WHOLE, AT(retries), 0, 100, NULL, NULL, "2" },
	{ "chat", "on_cut", CHOICE, AT(on_cut_fail), 0, 0, "repair|fail", NULL, "repair" },
	{ "search", "primary", PROVIDER, AT(search.primary), 0, 0, NULL, NULL, "tavily" },
	{ "search", "fallback", CHAIN, AT(search), 0, 0, NULL, NULL, "" },
	{ "transcribe", "primary", PROVIDER, AT(transcribe.primary), 0, 0, NULL, NULL,
	  "deepgram" },
	{ "transcribe", "fallback", CHAIN, AT(transcribe), 0, 0, NULL, NULL,
	  "openai,huggingface" },
	{ "speak", "primary", PROVIDER, AT(speak.primary), 0, 0, NULL, NULL, "deepgram" },
	{ "speak", "fallback", CHAIN, AT(speak), 0, 0, NULL, NULL, "openai" },
	{ "circuit", "threshold", WHOLE, AT(circuit_threshold), 1, 1000000, NULL,
	  "PROVIDER_CIRCUIT_THRESHOLD", "5" },
	{ "circuit", "timeout_ms", WHOLE, AT(circuit_timeout_ms), 1, 86400000, NULL,
	  "PROVIDER_CIRCUIT_TIMEOUT", "60000" },
	{ "stream", "max_connections", WHOLE, AT(stream.max_connections), 1, 5000, NULL,
	  "STREAM_MAX_CONNECTIONS", "100" },
	{ "stream", "buffer_size", WHOLE, AT(stream.buffer_size), 1, 1000000, NULL,
	  "STREAM_BUFFER_SIZE", "1000" },
	{ "stream", "flush_interval_s", SECONDS, AT(stream.flush_interval_ms), 0.001, 3600,
	  NULL, "STREAM_FLUSH_INTERVAL", "0.1" },
	{ "stream", "timeout_s", SECONDS, AT(stream.timeout_ms), 0.001, 86400, NULL,
	  "STREAM_TIMEOUT", "300" },
	{ "stream", "max_tokens_per_second", WHOLE, AT(stream.max_tokens_per_second), 0,
	  1000000, NULL, "STREAM_MAX_TOKENS_PER_SECOND", "0" },
	{ "stream", "heartbeat_interval_s", SECONDS, AT(stream.heartbeat_interval_ms), 0.001,
	  86400, NULL, "STREAM_HEARTBEAT_INTERVAL", "30" },
	{ "store", "max_size_mb", WHOLE, AT(store_max_mb), 0, 1048576, NULL, NULL, "1024" },
	{ NULL, "log", CHOICE, AT(log_level), 0, 0, "error|warn|info|debug", "CARTRITA_LOG",
	  "warn" },
};

static void *member(struct ct_config *config, const struct field *f)
{
	return (char *)config + f->at;
}

static bool in_choices(const char *choices, struct ct_str value)
{
	for (const char *at = choices; *at != '\0'; at += *at == '|') {
		size_t n = strcspn(at, "|");
		if (ct_str_eq((struct ct_str){ at, n }, value))
			return true;
		at += n;
	}
	return false;
}

static int apply_choice(struct ct_config *config, const struct field *f, struct ct_str text,
			const char *what, struct ct_err *err)
{
	if (!in_choices(f->choices, text))
		return ct_fail(err, CT_ECONFIG, "%s: '%.*s' is none of %s", what,
			       CT_STR_ARG(text), f->choices);
	if (f->at == AT(on_cut_fail))
		config->on_cut_fail = ct_str_is(text, "fail");
	else
		*(struct ct_str *)member(config, f) = text;
	return CT_OK;
}

static int apply_whole(struct ct_config *config, const struct field *f, struct ct_str text,
		       const char *what, struct ct_err *err)
{
	int64_t value;

	if (!ct_str_int(text, &value) || (double)value < f->min || (double)value > f->max)
		return ct_fail(err, CT_ECONFIG, "%s: '%.*s' is no whole number from %.0f to %.0f",
			       what, CT_STR_ARG(text), f->min, f->max);
	*(int64_t *)member(config, f) = value;
	return CT_OK;
}

static int apply_seconds(struct ct_config *config, const struct field *f, struct ct_str text,
			 const char *what, struct ct_err *err)
{
	double value = 0;
	bool by_model = f->kind == CLOCK && ct_str_is(text, "auto");

	if (!by_model && (!ct_str_num(text, &value) || value < f->min || value > f->max))
		return ct_fail(err, CT_ECONFIG, "%s: '%.*s' is no number of seconds from %g to %g%s",
			       what, CT_STR_ARG(text), f->min, f->max,
			       f->kind == CLOCK ? ", nor 'auto'" : "");
	*(int64_t *)member(config, f) = (int64_t)(value * 1000 + 0.5);
	return CT_OK;
}

/* A provider's own name in place of its alias, also before a slash and a model. */
static int canonical(struct ct_config *config, struct ct_str *name, struct ct_err *err)
{
	const char *slash = memchr(name->ptr, '/', name->len);
	size_t head = slash != NULL ? (size_t)(slash - name->ptr) : name->len;
	const struct ct_vendor *vendor = ct_vendor_find((struct ct_str){ name->ptr, head });

	if (vendor == NULL)
		return CT_OK;
	struct ct_str tail = ct_str_from(*name, head);
	*name = ct_arena_printf(&config->arena, "%s%.*s", vendor->kind, CT_STR_ARG(tail));
	return name->ptr != NULL ? CT_OK : ct_config_no_memory(err);
}

static int apply_provider(struct ct_config *config, const struct field *f, struct ct_str text,
			  struct ct_err *err)
{
	struct ct_str *out = member(config, f);

	*out = text;
	return canonical(config, out, err);
}

static bool in_chain(const struct ct_chain *chain, struct ct_str name)
{
	for (size_t i = 0; i < chain->fallback_count; i++)
		if (ct_str_eq(chain->fallback[i], name))
			return true;
	return false;
}

static int apply_chain(struct ct_config *config, const struct field *f, struct ct_str text,
		       const char *what, struct ct_err *err)
{
	struct ct_chain *chain = member(config, f);

	chain->fallback_count = 0;
	while (text.len > 0) {
		const char *comma = memchr(text.ptr, ',', text.len);
		size_t n = comma != NULL ? (size_t)(comma - text.ptr) : text.len;
		struct ct_str name = ct_str_trim((struct ct_str){ text.ptr, n });

		text = ct_str_from(text, n + 1);
		if (name.len == 0)
			continue;
		int rc = canonical(config, &name, err);
		if (rc != CT_OK)
			return rc;
		if (in_chain(chain, name))
			continue;
		if (chain->fallback_count == CT_FALLBACK_MAX)
			return ct_fail(err, CT_ECONFIG, "%s: more than %d providers", what,
				       CT_FALLBACK_MAX);
		chain->fallback[chain->fallback_count++] = name;
	}
	return CT_OK;
}

static int apply(struct ct_config *config, const struct field *f, struct ct_str text,
		 const struct ct_origin *origin, struct ct_err *err)
{
	int rc = CT_OK;

	text = ct_arena_dup(&config->arena, text);
	if (text.ptr == NULL)
		return ct_config_no_memory(err);
	if (f->kind == PROVIDER)
		rc = apply_provider(config, f, text, err);
	else if (f->kind == CHAIN)
		rc = apply_chain(config, f, text, origin->what, err);
	else if (f->kind == CHOICE)
		rc = apply_choice(config, f, text, origin->what, err);
	else if (f->kind == WHOLE)
		rc = apply_whole(config, f, text, origin->what, err);
	else
		rc = apply_seconds(config, f, text, origin->what, err);
	if (rc != CT_OK)
		return rc;

	char name[CT_NAME_MAX];
	snprintf(name, sizeof(name), "%s%s%s", f->section != NULL ? f->section : "",
		 f->section != NULL ? "." : "", f->key);
	return ct_config_note(config, ct_str(name), text, origin->from, err);
}

int ct_settings_default(struct ct_config *config, struct ct_err *err)
{
	static const struct ct_origin origin = { CT_STR("default"), "default", NULL, 0 };
	int rc = CT_OK;

	for (size_t i = 0; i < CT_COUNT(fields) && rc == CT_OK; i++)
		rc = apply(config, &fields[i], ct_str(fields[i].value), &origin, err);
	return rc;
}

int ct_settings_env(struct ct_config *config, struct ct_err *err)
{
	for (size_t i = 0; i < CT_COUNT(fields); i++) {
		const struct field *f = &fields[i];
		struct ct_str value = f->env != NULL ? ct_config_env(f->env)
						     : (struct ct_str){ NULL, 0 };
		if (value.len == 0)
			continue;
		char from[CT_NAME_MAX];
		snprintf(from, sizeof(from), "environment %s", f->env);
		struct ct_origin origin = { .from = ct_str(from), .what = f->env };
		int rc = apply(config, f, value, &origin, err);
		if (rc != CT_OK)
			return rc;
	}
	return CT_OK;
}

static bool type_fits(enum kind kind, const struct ct_yaml *value)
{
	switch (kind) {
	case WHOLE:
		return value->type == CT_YAML_INT;
	case SECONDS:
		return value->type == CT_YAML_INT || value->type == CT_YAML_FLOAT;
	case CLOCK:
		return value->type == CT_YAML_INT || value->type == CT_YAML_FLOAT ||
		       ct_str_is(value->text, "auto");
	case CHAIN:
		return value->type == CT_YAML_TEXT || value->type == CT_YAML_LIST;
	case PROVIDER:
	case CHOICE:
		break;
	}
	return value->type == CT_YAML_TEXT;
}

static const char *expected(enum kind kind)
{
	static const char *const names[] = { "text",	       "a list of names", "text",
					     "a whole number", "a number",	  "a number or 'auto'" };

	return names[kind];
}

/* The list as the variable would say it: "a,b". */
static int join(const struct ct_yaml *list, const char *what, struct ct_buf *out,
		struct ct_err *err)
{
	for (const struct ct_yaml_item *i = list->first; i != NULL; i = i->next) {
		if (i->value->type != CT_YAML_TEXT)
			return ct_fail(err, CT_ECONFIG, "%s: must be names, not %s", what,
				       ct_yaml_type_name(i->value->type));
		if (memchr(i->value->text.ptr, ',', i->value->text.len) != NULL)
			return ct_fail(err, CT_ECONFIG, "%s: '%s' is no name", what,
				       i->value->text.ptr);
		ct_buf_puts(out, i != list->first ? "," : "");
		ct_buf_add(out, i->value->text);
	}
	return ct_buf_check(out, what, err);
}

static int apply_item(struct ct_config *config, const struct field *f,
		      const struct ct_yaml_item *item, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf from = CT_BUF_INIT(8192), what = CT_BUF_INIT(8192),
					      text = CT_BUF_INIT(CT_YAML_BYTES);
	struct ct_origin origin = { .file = config->path.ptr, .line = item->line };

	if (item->value->type == CT_YAML_NULL) /* "key:" with nothing: as if it were not there */
		return CT_OK;
	ct_buf_printf(&from, "%s:%d", config->path.ptr, item->line);
	ct_buf_printf(&what, "%s: %s%s%s", from.ptr, f->section != NULL ? f->section : "",
		      f->section != NULL ? "." : "", f->key);
	origin.from = ct_buf_str(&from);
	origin.what = what.ptr;
	if (!type_fits(f->kind, item->value))
		return ct_fail(err, CT_ECONFIG, "%s must be %s, not %s", what.ptr,
			       expected(f->kind), ct_yaml_type_name(item->value->type));
	if (item->value->type != CT_YAML_LIST)
		return apply(config, f, item->value->text, &origin, err);
	int rc = join(item->value, what.ptr, &text, err);
	return rc == CT_OK ? apply(config, f, ct_buf_str(&text), &origin, err) : rc;
}

static bool same_section(const struct field *f, const char *section)
{
	return f->section != NULL && section != NULL ? strcmp(f->section, section) == 0
						     : f->section == section;
}

static const struct field *find(const char *section, struct ct_str key)
{
	for (size_t i = 0; i < CT_COUNT(fields); i++)
		if (same_section(&fields[i], section) && ct_str_is(key, fields[i].key))
			return &fields[i];
	return NULL;
}

static int unknown_key(struct ct_config *config, const char *section,
		       const struct ct_yaml_item *item, struct ct_err *err)
{
	const char *known[CT_COUNT(fields) + 1] = { NULL };
	size_t n = 0;

	for (size_t i = 0; i < CT_COUNT(fields); i++)
		if (same_section(&fields[i], section))
			known[n++] = fields[i].key;
	return ct_config_unknown(config, item, section, known, err);
}

int ct_settings_file(struct ct_config *config, const struct ct_yaml_item *item, bool *known,
		     struct ct_err *err)
{
	const struct field *top = find(NULL, item->key);
	const char *section = NULL;

	for (size_t i = 0; i < CT_COUNT(fields); i++)
		if (fields[i].section != NULL && ct_str_is(item->key, fields[i].section))
			section = fields[i].section;
	*known = top != NULL || section != NULL;
	if (section == NULL)
		return top != NULL ? apply_item(config, top, item, err) : CT_OK;

	const struct ct_yaml_item *i;
	int rc = ct_config_map(config, item, section, &i, err);
	for (; rc == CT_OK && i != NULL; i = i->next) {
		const struct field *f = find(section, i->key);
		rc = f != NULL ? apply_item(config, f, i, err)
			       : unknown_key(config, section, i, err);
	}
	return rc;
}

/* Is it a provider that can do what the chain is for? */
static int check_name(struct ct_config *config, const char *setting, enum ct_task task,
		      struct ct_str name, struct ct_err *err)
{
	const struct ct_setting *s = ct_config_setting(config, setting);
	/* where provider/model may stand */
	bool chain = ct_task_has_models(task) && ct_str_has(s->name, ".fallback");
	unsigned needed = ct_task_capability(task);
	const char *slash = chain ? memchr(name.ptr, '/', name.len) : NULL;
	struct ct_str head = { name.ptr, slash != NULL ? (size_t)(slash - name.ptr) : name.len };
	const struct ct_service_config *service = ct_config_service(config, head);
	struct ct_err why = { 0 };

	if (service != NULL && (service->endpoint.vendor->capabilities & needed) != 0)
		return CT_OK;
	ct_config_no_service(config, head, &why);
	if (service != NULL)
		return ct_fail(err, CT_ECONFIG, "%.*s: %s: %.*s is no %s provider",
			       CT_STR_ARG(s->origin), setting, CT_STR_ARG(head),
			       ct_task_name(task));
	ct_fail(err, CT_ECONFIG, "%.*s: %s: there is no provider '%.*s'", CT_STR_ARG(s->origin),
		setting, CT_STR_ARG(head));
	ct_hint(err, "%s", why.hint);
	return CT_ECONFIG;
}

int ct_settings_check(struct ct_config *config, struct ct_err *err)
{
	static const struct {
		const char *primary, *fallback;
		enum ct_task task;
	} chains[] = {
		{ "chat.primary", "chat.fallback", CT_TASK_CHAT },
		{ "search.primary", "search.fallback", CT_TASK_SEARCH },
		{ "transcribe.primary", "transcribe.fallback", CT_TASK_TRANSCRIBE },
		{ "speak.primary", "speak.fallback", CT_TASK_SPEAK },
	};
	int rc = CT_OK;

	for (size_t c = 0; c < CT_COUNT(chains) && rc == CT_OK; c++) {
		const struct ct_chain *chain = ct_config_chain(config, chains[c].task);
		rc = check_name(config, chains[c].primary, chains[c].task, chain->primary, err);
		for (size_t i = 0; i < chain->fallback_count && rc == CT_OK; i++)
			rc = check_name(config, chains[c].fallback, chains[c].task,
					chain->fallback[i], err);
	}
	return rc;
}

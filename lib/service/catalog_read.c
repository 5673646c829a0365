#include <stdio.h>

#include "codec/json.h"
#include "service/catalog_impl.h"

struct reader {
	struct ct_catalog *catalog;
	const char *name; /* NULL: compiled in */
	struct ct_catalog_entry *entry; /* of the model being read */
	struct ct_err *err;
};

typedef int member_fn(struct reader *r, const struct ct_json *value);

struct member {
	const char *name;
	member_fn *read;
};

static int fail(struct reader *r, const struct ct_json *at, const char *what)
{
	const char *quote = at->key.len > 0 ? "'" : ""; /* what stands in a list has no name */

	return ct_fail(r->err, CT_ECONFIG, "%s:%d: %s%.*s%s %s",
		       r->name != NULL ? r->name : "models.json", at->line, quote,
		       CT_STR_ARG(at->key.len > 0 ? at->key : ct_str("this")), quote, what);
}

static int no_memory(struct reader *r)
{
	return ct_fail(r->err, CT_ENOMEM, "cannot load the catalogue of models: out of memory");
}

/* Text, or null for empty. */
static int read_text(struct reader *r, const struct ct_json *value, struct ct_str *out)
{
	if (!ct_json_is(value, CT_JSON_STRING) && !ct_json_is(value, CT_JSON_NULL))
		return fail(r, value, "must be text");
	*out = ct_json_str(value);
	for (size_t i = 0; i < out->len; i++)
		if ((unsigned char)out->ptr[i] <= ' ' || out->ptr[i] == 0x7F)
			return fail(r, value, "must not hold blanks or control characters");
	return CT_OK;
}

/* A count, or null for unknown. */
static int read_count(struct reader *r, const struct ct_json *value, int64_t *out)
{
	*out = ct_json_is(value, CT_JSON_NULL) ? 0 : ct_json_int(value, -1);
	return *out >= 0 ? CT_OK : fail(r, value, "must be a whole number, not below 0");
}

static int read_known(struct reader *r, const struct ct_json *value, enum ct_known *out)
{
	if (ct_json_is(value, CT_JSON_TRUE))
		*out = CT_YES;
	else if (ct_json_is(value, CT_JSON_FALSE))
		*out = CT_NO;
	else if (ct_json_is(value, CT_JSON_NULL))
		*out = CT_UNKNOWN;
	else
		return fail(r, value, "must be true, false or null");
	return CT_OK;
}

static int read_date(struct reader *r, const struct ct_json *value, struct ct_str *out)
{
	static const char form[] = "0000-00-00";
	int rc = read_text(r, value, out);

	if (rc != CT_OK || out->len == 0)
		return rc;
	bool fine = out->len == 4 || out->len == 7 || out->len == 10;
	for (size_t i = 0; fine && i < out->len; i++)
		fine = form[i] == '-' ? out->ptr[i] == '-'
				      : out->ptr[i] >= '0' && out->ptr[i] <= '9';
	return fine ? CT_OK : fail(r, value, "must be a date, YYYY-MM-DD");
}

static double *price_member(struct ct_price *price, struct ct_str name)
{
	if (ct_str_is(name, "input"))
		return &price->input;
	if (ct_str_is(name, "output"))
		return &price->output;
	if (ct_str_is(name, "cache_read"))
		return &price->cache_read;
	return ct_str_is(name, "cache_write") ? &price->cache_write : NULL;
}

static int read_price(struct reader *r, const struct ct_json *value, double *out)
{
	*out = ct_json_is(value, CT_JSON_NULL) ? -1 : ct_json_num(value, -2);
	return *out >= -1 && *out < 1e9 && (*out >= 0 || ct_json_is(value, CT_JSON_NULL))
		       ? CT_OK
		       : fail(r, value, "must be a price in USD, or null");
}

/* The prices of an object; other, if there, is the one member that is no price. */
static int read_prices(struct reader *r, const struct ct_json *value, const char *other,
		       struct ct_price *out)
{
	int rc = CT_OK;

	if (!ct_json_is(value, CT_JSON_OBJECT))
		return fail(r, value, "must be an object of prices");
	for (const struct ct_json *m = ct_json_first(value); rc == CT_OK && m != NULL;
	     m = m->next) {
		double *price = price_member(out, m->key);
		if (price != NULL)
			rc = read_price(r, m, price);
		else if (other == NULL || !ct_str_is(m->key, other))
			rc = fail(r, m, "is no price (input, output, cache_read, cache_write)");
	}
	return rc;
}

static const struct ct_price no_price = { -1, -1, -1, -1 };

static int read_usd(struct reader *r, const struct ct_json *value)
{
	return read_prices(r, value, NULL, &r->entry->model.pricing.base);
}

static int read_audio_minute(struct reader *r, const struct ct_json *value)
{
	return read_price(r, value, &r->entry->model.pricing.audio_minute);
}

static int read_characters(struct reader *r, const struct ct_json *value)
{
	return read_price(r, value, &r->entry->model.pricing.million_characters);
}

static int read_tiers(struct reader *r, const struct ct_json *value)
{
	struct ct_pricing *pricing = &r->entry->model.pricing;

	pricing->tier_count = 0;
	if (!ct_json_is(value, CT_JSON_ARRAY))
		return fail(r, value, "must be a list of prices");
	for (const struct ct_json *t = ct_json_first(value); t != NULL; t = t->next) {
		if (pricing->tier_count == CT_PRICE_TIERS)
			return fail(r, value, "has too many entries");
		struct ct_price_tier *tier = &pricing->tiers[pricing->tier_count];
		*tier = (struct ct_price_tier){ .price = no_price };
		int rc = read_prices(r, t, "above_input_tokens", &tier->price);
		if (rc != CT_OK)
			return rc;
		tier->above_input_tokens = ct_json_int_at(t, "above_input_tokens", -1);
		int64_t before =
			pricing->tier_count > 0 ? tier[-1].above_input_tokens : (int64_t)0;
		if (tier->above_input_tokens <= before)
			return fail(r, t, "needs above_input_tokens, rising");
		pricing->tier_count++;
	}
	return CT_OK;
}

/* Base prices that change on a day: the last step that has been reached holds. */
static int read_steps(struct reader *r, const struct ct_json *value)
{
	if (!ct_json_is(value, CT_JSON_ARRAY))
		return fail(r, value, "must be a list of prices");
	for (const struct ct_json *s = ct_json_first(value); s != NULL; s = s->next) {
		struct ct_price price = no_price;
		struct ct_str from;
		const struct ct_json *date = ct_json_get(s, "from");
		int rc = read_prices(r, s, "from", &price);
		if (rc == CT_OK && date == NULL)
			rc = fail(r, s, "needs from, a date");
		if (rc == CT_OK)
			rc = read_date(r, date, &from);
		if (rc != CT_OK)
			return rc;
		if (ct_catalog_reached(r->catalog, from))
			r->entry->model.pricing.base = price;
	}
	return CT_OK;
}

static enum ct_known *cap_member(struct ct_model *model, struct ct_str name)
{
	const struct {
		const char *name;
		enum ct_known *at;
	} caps[] = {
		{ "tools", &model->tools },	  { "vision", &model->vision },
		{ "pdf", &model->pdf },		  { "audio_in", &model->audio_in },
		{ "reasoning", &model->reasoning },
		{ "json_schema", &model->json_schema },
		{ "temperature", &model->temperature },
	};

	for (size_t i = 0; i < CT_COUNT(caps); i++)
		if (ct_str_is(name, caps[i].name))
			return caps[i].at;
	return NULL;
}

static int read_caps(struct reader *r, const struct ct_json *value)
{
	int rc = CT_OK;

	if (!ct_json_is(value, CT_JSON_OBJECT))
		return fail(r, value, "must be an object");
	for (const struct ct_json *m = ct_json_first(value); rc == CT_OK && m != NULL;
	     m = m->next) {
		enum ct_known *cap = cap_member(&r->entry->model, m->key);
		rc = cap != NULL ? read_known(r, m, cap) : fail(r, m, "is no capability");
	}
	return rc;
}

static int read_thinking(struct reader *r, const struct ct_json *value)
{
	struct ct_str text;
	int rc = read_text(r, value, &text);

	if (rc != CT_OK)
		return rc;
	if (ct_str_is(text, "budget"))
		r->entry->model.thinking = CT_THINKING_BUDGET;
	else if (ct_str_is(text, "adaptive"))
		r->entry->model.thinking = CT_THINKING_ADAPTIVE;
	else if (text.len == 0 || ct_str_is(text, "none"))
		r->entry->model.thinking = CT_THINKING_NONE;
	else
		return fail(r, value, "must be budget, adaptive or none");
	return CT_OK;
}

static int read_efforts(struct reader *r, const struct ct_json *value)
{
	struct ct_model *model = &r->entry->model;

	model->effort_count = 0;
	if (!ct_json_is(value, CT_JSON_ARRAY))
		return fail(r, value, "must be a list of text");
	for (const struct ct_json *e = ct_json_first(value); e != NULL; e = e->next) {
		if (model->effort_count == CT_MODEL_EFFORTS)
			return fail(r, value, "has too many entries");
		int rc = read_text(r, e, &model->efforts[model->effort_count]);
		if (rc != CT_OK)
			return rc;
		model->effort_count++;
	}
	return CT_OK;
}

static int read_status(struct reader *r, const struct ct_json *value)
{
	static const char *const known[] = { "active", "preview", "legacy", "deprecated",
					     "retired" };
	int rc = read_text(r, value, &r->entry->model.status);

	if (rc != CT_OK)
		return rc;
	r->entry->fixed = r->name != NULL;
	for (size_t i = 0; i < CT_COUNT(known); i++)
		if (ct_str_is(r->entry->model.status, known[i]))
			return CT_OK;
	return fail(r, value, "must be active, preview, legacy, deprecated or retired");
}

#define MEMBER_READER(name, read, place)                                                      \
	static int read_##name(struct reader *r, const struct ct_json *value)                 \
	{                                                                                     \
		return read(r, value, &r->entry->place);                                      \
	}
MEMBER_READER(context, read_count, model.context)
MEMBER_READER(max_input, read_count, model.max_input)
MEMBER_READER(max_output, read_count, model.max_output)
MEMBER_READER(prefill, read_known, model.prefill)
MEMBER_READER(released, read_date, model.released)
MEMBER_READER(shutdown, read_date, model.shutdown)
MEMBER_READER(rerouted, read_date, rerouted)
MEMBER_READER(replacement, read_text, model.replacement)

/* id and provider are read before an entry is known. */
static int passed_over(struct reader *r, const struct ct_json *value)
{
	(void)r, (void)value;
	return CT_OK;
}

static const struct member model_members[] = {
	{ "id", passed_over },	       { "provider", passed_over },
	{ "context", read_context },   { "max_input", read_max_input },
	{ "max_output", read_max_output }, { "usd_per_mtok", read_usd },
	{ "usd_per_audio_minute", read_audio_minute },
	{ "usd_per_million_characters", read_characters },
	{ "tiers", read_tiers },       { "price_steps", read_steps },
	{ "caps", read_caps },	       { "prefill", read_prefill },
	{ "thinking", read_thinking }, { "efforts", read_efforts },
	{ "released", read_released }, { "status", read_status },
	{ "shutdown", read_shutdown }, { "rerouted", read_rerouted },
	{ "replacement", read_replacement }, { NULL, NULL },
};

static const struct member retired_members[] = {
	{ "id", passed_over },
	{ "provider", passed_over },
	{ "since", read_shutdown },
	{ "replacement", read_replacement },
	{ NULL, NULL },
};

static int read_member(struct reader *r, const struct member *members,
		       const struct ct_json *value)
{
	for (; members->name != NULL; members++)
		if (ct_str_is(value->key, members->name))
			return members->read(r, value);
	return fail(r, value, "is not known here");
}

/* The entry that value speaks of: one that is there, or a new one. */
static int find_entry(struct reader *r, const struct ct_json *value)
{
	const struct ct_json *id = ct_json_get(value, "id");
	const struct ct_json *provider = ct_json_get(value, "provider");
	struct ct_str id_text, provider_text;

	if (!ct_json_is(value, CT_JSON_OBJECT))
		return fail(r, value, "must be an object");
	if (ct_json_str(id).len == 0 || ct_json_str(provider).len == 0)
		return fail(r, value, "needs id and provider");
	if (read_text(r, id, &id_text) != CT_OK || read_text(r, provider, &provider_text) != CT_OK)
		return CT_ECONFIG;
	struct ct_catalog_slot *slot = ct_catalog_slot(r->catalog, provider_text, id_text);
	if (slot == NULL && r->catalog->count == CT_CATALOG_MODELS)
		return fail(r, value, "is one model too many");
	if (slot == NULL)
		slot = ct_catalog_add(r->catalog, provider_text, id_text);
	if (slot == NULL)
		return no_memory(r);
	r->entry = slot->entry != NULL ? slot->entry : ct_catalog_begin(slot);
	return r->entry != NULL ? CT_OK : no_memory(r);
}

static int read_members(struct reader *r, const struct member *members,
			const struct ct_json *value)
{
	int rc = CT_OK;

	for (const struct ct_json *m = ct_json_first(value); rc == CT_OK && m != NULL;
	     m = m->next)
		rc = read_member(r, members, m);
	if (rc == CT_OK && members == retired_members)
		r->entry->model.status = (struct ct_str)CT_STR("retired");
	return rc;
}

static int read_entry(struct reader *r, const struct member *members,
		      const struct ct_json *value)
{
	int rc = find_entry(r, value);

	return rc == CT_OK ? read_members(r, members, value) : rc;
}

static int read_entries(struct reader *r, const struct member *members,
			const struct ct_json *list)
{
	int rc = CT_OK;

	if (!ct_json_is(list, CT_JSON_ARRAY))
		return fail(r, list, "must be a list");
	for (const struct ct_json *v = ct_json_first(list); rc == CT_OK && v != NULL; v = v->next)
		rc = read_entry(r, members, v);
	return rc;
}

static int set_default(struct reader *r, const struct ct_json *value)
{
	struct ct_catalog *c = r->catalog;
	struct ct_str id;
	size_t i = 0;
	int rc = read_text(r, value, &id);

	if (rc != CT_OK)
		return rc;
	while (i < c->default_count && !ct_str_eq(c->defaults[i][0], value->key))
		i++;
	if (i == CT_CATALOG_DEFAULTS)
		return fail(r, value, "is one default too many");
	c->default_count += i == c->default_count;
	c->defaults[i][0] = value->key;
	c->defaults[i][1] = id;
	return CT_OK;
}

static int read_defaults(struct reader *r, const struct ct_json *value)
{
	int rc = CT_OK;

	if (!ct_json_is(value, CT_JSON_OBJECT))
		return fail(r, value, "must be an object");
	for (const struct ct_json *m = ct_json_first(value); rc == CT_OK && m != NULL;
	     m = m->next)
		rc = set_default(r, m);
	return rc;
}

static int read_top(struct reader *r, const struct ct_json *value)
{
	if (ct_str_is(value->key, "date"))
		return CT_OK;
	if (ct_str_is(value->key, "defaults"))
		return read_defaults(r, value);
	if (ct_str_is(value->key, "models"))
		return read_entries(r, model_members, value);
	if (ct_str_is(value->key, "retired"))
		return read_entries(r, retired_members, value);
	fail(r, value, "is not known here");
	ct_hint(r->err, "members: defaults, models, retired");
	return CT_ECONFIG;
}

/* "line L, column C: what" of the JSON reader, as a place in a file. */
static int parse_error(struct reader *r, const struct ct_err *why)
{
	int line = 1, column = 1, used = 0;

	if (why->code == CT_ENOMEM)
		return no_memory(r);
	if (sscanf(why->msg, "line %d, column %d: %n", &line, &column, &used) < 2)
		used = 0;
	return ct_fail(r->err, CT_ECONFIG, "%s:%d: column %d: %s",
		       r->name != NULL ? r->name : "models.json", line, column, why->msg + used);
}

int ct_catalog_read(struct ct_catalog *catalog, const char *name, struct ct_str text,
		    struct ct_err *err)
{
	struct reader r = { .catalog = catalog, .name = name, .err = err };
	const struct ct_json *root;
	struct ct_err why = { 0 };
	int rc = ct_json_parse(&catalog->arena, text, CT_JSON_STRICT, &root, &why);

	if (rc != CT_OK)
		return parse_error(&r, &why);
	if (!ct_json_is(root, CT_JSON_OBJECT))
		return fail(&r, root, "must be an object");
	for (const struct ct_json *m = ct_json_first(root); rc == CT_OK && m != NULL; m = m->next)
		rc = read_top(&r, m);
	return rc;
}

int ct_catalog_read_defaults(struct ct_catalog *catalog, const char *name,
			     const struct ct_json *value, struct ct_err *err)
{
	struct reader r = { .catalog = catalog, .name = name, .err = err };

	return read_defaults(&r, value);
}

int ct_catalog_read_line(struct ct_catalog *catalog, struct ct_catalog_slot *slot,
			 struct ct_err *err)
{
	struct reader r = { .catalog = catalog, .err = err };
	const struct ct_json *value;
	struct ct_err why = { 0 };
	/* what is compiled in holds no escapes (a test sees to it): all its strings lie in text */
	CT_CLEANUP(ct_arena_fini) struct ct_arena scratch = { 0 };

	if (ct_json_parse(&scratch, slot->line, CT_JSON_STRICT, &value, &why) != CT_OK)
		return parse_error(&r, &why);
	r.entry = ct_catalog_begin(slot);
	if (r.entry == NULL)
		return no_memory(&r);
	return read_members(&r, slot->gone ? retired_members : model_members, value);
}

#include <stdio.h>

#include "cmd.h"

enum { TEXT_BYTES = 8 << 20 };

struct cap {
	const char *name;
	enum ct_known known;
};

enum { CAPS = 8 };

static void list_caps(const struct ct_model *model, struct cap out[CAPS])
{
	const struct cap caps[CAPS] = {
		{ "tools", model->tools },	   { "vision", model->vision },
		{ "pdf", model->pdf },		   { "audio_in", model->audio_in },
		{ "reasoning", model->reasoning }, { "json_schema", model->json_schema },
		{ "temperature", model->temperature }, { "prefill", model->prefill },
	};

	memcpy(out, caps, sizeof(caps));
}

static bool is_retired(const struct ct_model *model)
{
	return ct_str_is(model->status, "retired");
}

static bool is_default(const struct ct_cli *cli, const struct ct_model *model)
{
	return ct_str_eq(ct_catalog_default(cli->app->catalog, model->provider), model->id);
}

static void json_price(struct ct_jw *jw, const char *key, double usd)
{
	ct_jw_key(jw, key);
	if (usd >= 0)
		ct_jw_num(jw, usd);
	else
		ct_jw_null(jw);
}

static void json_prices(struct ct_jw *jw, const struct ct_price *price)
{
	json_price(jw, "input", price->input);
	json_price(jw, "output", price->output);
	json_price(jw, "cache_read", price->cache_read);
	json_price(jw, "cache_write", price->cache_write);
}

static void json_pricing(struct ct_jw *jw, const struct ct_pricing *pricing)
{
	if (pricing->audio_minute >= 0)
		json_price(jw, "usd_per_audio_minute", pricing->audio_minute);
	if (pricing->million_characters >= 0)
		json_price(jw, "usd_per_million_characters", pricing->million_characters);
	ct_jw_key(jw, "usd_per_mtok");
	ct_jw_object(jw);
	json_prices(jw, &pricing->base);
	ct_jw_end_object(jw);
	ct_jw_key(jw, "tiers");
	ct_jw_array(jw);
	for (int i = 0; i < pricing->tier_count; i++) {
		ct_jw_object(jw);
		ct_jw_member_int(jw, "above_input_tokens", pricing->tiers[i].above_input_tokens);
		json_prices(jw, &pricing->tiers[i].price);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void json_count(struct ct_jw *jw, const char *key, int64_t count)
{
	ct_jw_key(jw, key);
	if (count > 0)
		ct_jw_int(jw, count);
	else
		ct_jw_null(jw);
}

static void json_text(struct ct_jw *jw, const char *key, struct ct_str text)
{
	ct_jw_member_or_null(jw, key, text.len > 0 ? text : (struct ct_str){ NULL, 0 });
}

static void json_caps(struct ct_jw *jw, const struct ct_model *model)
{
	struct cap caps[CAPS];

	list_caps(model, caps);
	ct_jw_key(jw, "caps");
	ct_jw_object(jw);
	for (size_t i = 0; i < CAPS; i++) {
		ct_jw_key(jw, caps[i].name);
		if (caps[i].known == CT_UNKNOWN)
			ct_jw_null(jw);
		else
			ct_jw_bool(jw, caps[i].known == CT_YES);
	}
	ct_jw_end_object(jw);
	ct_jw_key(jw, "efforts");
	ct_jw_array(jw);
	for (int i = 0; i < model->effort_count; i++)
		ct_jw_str(jw, model->efforts[i]);
	ct_jw_end_array(jw);
}

static void json_model(const struct ct_cli *cli, struct ct_jw *jw, const struct ct_model *model)
{
	ct_jw_object(jw);
	ct_jw_member(jw, "id", model->id);
	ct_jw_member(jw, "provider", model->provider);
	ct_jw_member_bool(jw, "default", is_default(cli, model));
	json_count(jw, "context", model->context);
	json_count(jw, "max_input", model->max_input);
	json_count(jw, "max_output", model->max_output);
	json_pricing(jw, &model->pricing);
	json_caps(jw, model);
	json_text(jw, "status", model->status);
	json_text(jw, "released", model->released);
	json_text(jw, "shutdown", model->shutdown);
	json_text(jw, "replacement", model->replacement);
	ct_jw_end_object(jw);
}

static void cell_count(struct ct_table *table, int64_t count)
{
	char text[CT_HUMAN_SIZE];

	ct_table_cell(table, "%s",
		      count > 0 ? ct_human_count(text, sizeof(text), count) : "-");
}

static void cell_price(struct ct_table *table, double usd)
{
	if (usd >= 0)
		ct_table_cell(table, "%g", usd);
	else
		ct_table_cell(table, "-");
}

static void cell_caps(struct ct_table *table, const struct ct_model *model)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(256);
	struct cap caps[CAPS];

	list_caps(model, caps);
	for (size_t i = 0; i < CAPS; i++)
		if (caps[i].known == CT_YES)
			ct_buf_printf(&text, "%s%s", text.len > 0 ? "," : "", caps[i].name);
	ct_table_cell(table, "%s", text.len > 0 ? text.ptr : "-");
}

static void cell_status(struct ct_cli *cli, struct ct_table *table, const struct ct_model *model)
{
	const char *color = is_retired(model)			    ? "31"
			    : ct_str_is(model->status, "deprecated") ? "33"
								     : "0";

	if (model->shutdown.len > 0)
		ct_table_cell_color(table, color, "%.*s %s %.*s", CT_STR_ARG(model->status),
				    is_retired(model) ? "since" : "until",
				    CT_STR_ARG(model->shutdown));
	else
		ct_table_cell_color(table, color, "%.*s%s", CT_STR_ARG(model->status),
				    is_default(cli, model) ? ", default" : "");
}

static void add_row(struct ct_cli *cli, struct ct_table *table, const struct ct_model *model)
{
	ct_table_cell(table, "%.*s", CT_STR_ARG(model->id));
	ct_table_cell(table, "%.*s", CT_STR_ARG(model->provider));
	cell_count(table, model->context);
	cell_count(table, model->max_output);
	cell_price(table, model->pricing.base.input);
	cell_price(table, model->pricing.base.output);
	cell_status(cli, table, model);
	cell_caps(table, model);
}

/* --provider takes a kind, its alias, or a service of the configuration that the catalogue knows. */
static int wanted_provider(struct ct_cli *cli, struct ct_str *out, struct ct_err *err)
{
	const char *name = ct_args_text(cli->args, "provider");
	struct ct_catalog *catalog = cli->app->catalog;

	*out = ct_str(name);
	if (name == NULL)
		return CT_OK;
	const struct ct_service_config *service = ct_config_service(cli->app->config, *out);
	for (size_t i = 0; i < ct_catalog_count(catalog); i++)
		if (ct_str_eq(ct_catalog_at(catalog, i)->provider, *out))
			return CT_OK;
	if (service == NULL)
		return ct_config_no_service(cli->app->config, *out, err);
	*out = ct_str(service->endpoint.vendor->kind);
	return CT_OK;
}

static const struct ct_model *model_at(const struct ct_cli *cli, struct ct_str provider, size_t i)
{
	const struct ct_model *model = ct_catalog_at(cli->app->catalog, i);

	if (provider.ptr != NULL && !ct_str_eq(model->provider, provider))
		return NULL;
	return is_retired(model) && ct_args_count(cli->args, "all") == 0 ? NULL : model;
}

static int list_json(struct ct_cli *cli, struct ct_str provider, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_array(&jw);
	for (size_t i = 0; i < ct_catalog_count(cli->app->catalog); i++) {
		const struct ct_model *model = model_at(cli, provider, i);
		if (model != NULL)
			json_model(cli, &jw, model);
	}
	ct_jw_end_array(&jw);
	int rc = ct_buf_check(&text, "the models", err);
	if (rc == CT_OK)
		ct_out_json(&cli->out, &text);
	return ct_exit_status(rc);
}

static int run_list(struct ct_cli *cli, struct ct_err *err)
{
	static const struct ct_column columns[] = {
		{ .title = "ID", .shrink = true },
		{ .title = "PROVIDER" },
		{ .title = "CONTEXT", .align = CT_RIGHT },
		{ .title = "MAX OUT", .align = CT_RIGHT },
		{ .title = "$ IN", .align = CT_RIGHT },
		{ .title = "$ OUT", .align = CT_RIGHT },
		{ .title = "STATUS", .optional = 1 },
		{ .title = "CAN", .shrink = true, .optional = 1 },
	};
	struct ct_str provider;
	int rc = wanted_provider(cli, &provider, err);

	if (rc != CT_OK)
		return ct_exit_status(rc);
	if (cli->out.json)
		return list_json(cli, provider, err);
	struct ct_table *table = ct_table_create(columns, CT_COUNT(columns));
	for (size_t i = 0; i < ct_catalog_count(cli->app->catalog); i++) {
		const struct ct_model *model = model_at(cli, provider, i);
		if (model != NULL)
			add_row(cli, table, model);
	}
	ct_table_print(table, &cli->out);
	return CT_EXIT_OK;
}

/* An alias, provider/model, or an id whose provider the catalogue can tell. */
static const struct ct_model *find_model(struct ct_cli *cli, struct ct_str *id)
{
	struct ct_catalog *catalog = cli->app->catalog;
	struct ct_str target = ct_config_alias(cli->app->config, *id);

	if (target.len > 0)
		*id = target;
	struct ct_str provider = ct_catalog_provider_of(catalog, *id);
	const struct ct_model *model =
		provider.len > 0 ? ct_catalog_find(catalog, provider, *id) : NULL;
	const char *slash = memchr(id->ptr, '/', id->len);
	if (model != NULL || slash == NULL)
		return model;
	struct ct_str head = { id->ptr, (size_t)(slash - id->ptr) };
	struct ct_str rest = ct_str_from(*id, head.len + 1);
	const struct ct_service_config *service = ct_config_service(cli->app->config, head);
	model = ct_catalog_find(catalog, head, rest);
	if (model == NULL && service != NULL)
		model = ct_catalog_find(catalog, ct_str(service->endpoint.vendor->kind), rest);
	if (model == NULL && service != NULL)
		*id = rest;
	return model;
}

static void print_line(struct ct_cli *cli, const char *name, struct ct_str value)
{
	if (value.len > 0)
		ct_out_printf(&cli->out, "%-12s %.*s\n", name, CT_STR_ARG(value));
}

static void print_count(struct ct_cli *cli, const char *name, int64_t count)
{
	if (count > 0)
		ct_out_printf(&cli->out, "%-12s %lld tokens\n", name, (long long)count);
}

static void add_usd(struct ct_buf *out, const char *name, double usd)
{
	if (usd >= 0)
		ct_buf_printf(out, "%s%s %g", out->len > 0 ? ", " : "", name, usd);
}

static void print_price(struct ct_cli *cli, const char *name, const struct ct_price *price)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(512);

	add_usd(&text, "input", price->input);
	add_usd(&text, "output", price->output);
	add_usd(&text, "read from cache", price->cache_read);
	add_usd(&text, "written to cache", price->cache_write);
	if (text.len > 0)
		ct_out_printf(&cli->out, "%-12s %s ($ per million tokens)\n", name, text.ptr);
}

static void print_caps(struct ct_cli *cli, const struct ct_model *model)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf can = CT_BUF_INIT(256), cannot = CT_BUF_INIT(256);
	CT_CLEANUP(ct_buf_fini) struct ct_buf efforts = CT_BUF_INIT(1024);
	struct cap caps[CAPS];

	list_caps(model, caps);
	for (size_t i = 0; i < CAPS; i++) {
		struct ct_buf *side = caps[i].known == CT_YES ? &can : &cannot;
		if (caps[i].known != CT_UNKNOWN)
			ct_buf_printf(side, "%s%s", side->len > 0 ? ", " : "", caps[i].name);
	}
	for (int i = 0; i < model->effort_count; i++)
		ct_buf_printf(&efforts, "%s%.*s", i > 0 ? ", " : "",
			      CT_STR_ARG(model->efforts[i]));
	print_line(cli, "can", ct_buf_str(&can));
	print_line(cli, "cannot", ct_buf_str(&cannot));
	print_line(cli, "efforts", ct_buf_str(&efforts));
}

static void print_end(struct ct_cli *cli, const struct ct_model *model)
{
	const char *what = is_retired(model) ? "requests for it fail" : "it ends";

	if (model->shutdown.len > 0)
		ct_out_printf(&cli->out, "%-12s %s %s %.*s\n", "shutdown", what,
			      is_retired(model) ? "since" : "on", CT_STR_ARG(model->shutdown));
	else if (is_retired(model))
		ct_out_printf(&cli->out, "%-12s %s\n", "shutdown", what);
	print_line(cli, is_retired(model) ? "use instead" : "newer", model->replacement);
}

static void print_model(struct ct_cli *cli, const struct ct_model *model)
{
	print_line(cli, "id", model->id);
	print_line(cli, "provider", model->provider);
	print_line(cli, "status", model->status);
	print_end(cli, model);
	print_line(cli, "released", model->released);
	print_count(cli, "context", model->context);
	print_count(cli, "max input", model->max_input);
	print_count(cli, "max output", model->max_output);
	print_price(cli, "price", &model->pricing.base);
	for (int i = 0; i < model->pricing.tier_count; i++) {
		char name[64], count[CT_HUMAN_SIZE];
		ct_human_count(count, sizeof(count), model->pricing.tiers[i].above_input_tokens);
		snprintf(name, sizeof(name), "over %s", count);
		print_price(cli, name, &model->pricing.tiers[i].price);
	}
	print_caps(cli, model);
	if (is_default(cli, model))
		ct_out_printf(&cli->out, "%-12s of %.*s\n", "default",
			      CT_STR_ARG(model->provider));
}

static int unknown_model(const struct ct_cli *cli, struct ct_str id, struct ct_err *err)
{
	struct ct_str nearest =
		ct_catalog_nearest(cli->app->catalog, (struct ct_str){ NULL, 0 }, id);

	ct_fail(err, CT_ENOMODEL, "the catalogue knows no model '%.*s'", CT_STR_ARG(id));
	if (nearest.len > 0)
		ct_hint(err, "did you mean %.*s?", CT_STR_ARG(nearest));
	else
		ct_hint(err, "`cartrita model list` shows what it knows");
	return CT_ENOMODEL;
}

static int run_show(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	if (ct_args_word_count(cli->args) != 1)
		return ct_exit_status(ct_fail(err, CT_EUSAGE, "one model's id is needed"));
	struct ct_str id = ct_str(ct_args_word(cli->args, 0));
	const struct ct_model *model = find_model(cli, &id);
	if (model == NULL)
		return ct_exit_status(unknown_model(cli, id, err));
	if (!cli->out.json) {
		print_model(cli, model);
		return CT_EXIT_OK;
	}
	json_model(cli, &jw, model);
	ct_out_json(&cli->out, &text);
	return CT_EXIT_OK;
}

static const struct ct_opt list_options[] = {
	{ .name = "provider",
	  .letter = 'p',
	  .type = CT_OPT_TEXT,
	  .value = "NAME",
	  .summary = "Only this provider's models",
	  .words = "provider" },
	{ .name = "all", .letter = 'a', .summary = "Also those that are retired" },
	{ .name = NULL },
};

static const struct ct_cmd list = {
	.name = "list",
	.args = "[OPTION]...",
	.summary = "Show the models that are known, their limits and prices",
	.details = "Prices are in USD per million tokens, for short prompts.",
	.needs = CT_NEEDS_CATALOG,
	.options = list_options,
	.run = run_list,
};

static const struct ct_cmd show = {
	.name = "show",
	.args = "[OPTION]... ID",
	.summary = "Show all that is known of one model",
	.needs = CT_NEEDS_CATALOG,
	.words = "model",
	.run = run_show,
};

static const struct ct_cmd *const subs[] = { &list, &show, NULL };

const struct ct_cmd ct_cmd_model = {
	.name = "model",
	.args = "list|show [OPTION]... [ID]",
	.summary = "Show the models: limits, prices, what they can",
	.subs = subs,
};

#include "scratch.h"
#include "service/catalog.h"

TestSuite(catalog, .init = scratch_make, .fini = scratch_end);

#define DAY_MS INT64_C(86400000)
static const int64_t nov_20 = INT64_C(1795132800000) + 12 * 3600 * 1000; /* 2026-11-20 12:00 UTC */

static struct ct_catalog *load_at(const char *user, int64_t now)
{
	struct ct_catalog *c = NULL;
	struct ct_err err = { 0 };
	const char *path = user != NULL ? scratch_write("models.json", user, 0600) : NULL;

	cr_assert_eq(ct_catalog_load(path, now, &c, &err), CT_OK, "%s", err.msg);
	return c;
}

static const struct ct_model *find(struct ct_catalog *c, const char *provider,
				   const char *id)
{
	return ct_catalog_find(c, ct_str(provider), ct_str(id));
}

static bool retired(struct ct_catalog *c, const char *provider, const char *id)
{
	struct ct_str replacement, since;

	return ct_catalog_retired(c, ct_str(provider), ct_str(id), &replacement, &since);
}

Test(catalog, has_a_living_replacement_for_all_that_is_retired)
{
	/* today, and when all that is announced has come to pass */
	static const int64_t days[] = { 0, 400 };

	for (size_t d = 0; d < CT_COUNT(days); d++) {
		struct ct_catalog *c = load_at(NULL, nov_20 + days[d] * DAY_MS);
		for (size_t i = 0; i < ct_catalog_count(c); i++) {
			const struct ct_model *m = ct_catalog_at(c, i);
			if (!ct_str_is(m->status, "retired"))
				continue;
			if (days[d] > 0 && m->replacement.len == 0)
				continue; /* its end is known before its successor is */
			const struct ct_model *other =
				ct_catalog_find(c, m->provider, m->replacement);
			cr_assert_not_null(other, "%s", m->id.ptr);
			cr_assert(!ct_str_is(other->status, "retired"), "%.*s",
				  CT_STR_ARG(m->id));
		}
		ct_catalog_destroy(c);
	}
}

Test(catalog, has_living_defaults)
{
	static const char *const providers[] = { "claude", "gemini",  "openai",	  "huggingface",
						 "groq",   "mistral", "deepseek", "xai",
						 "cohere" };
	struct ct_catalog *c = load_at(NULL, nov_20);

	for (size_t i = 0; i < CT_COUNT(providers); i++) {
		struct ct_str id = ct_catalog_default(c, ct_str(providers[i]));
		const struct ct_model *m = ct_catalog_find(c, ct_str(providers[i]), id);
		cr_assert_not_null(m, "%s", providers[i]);
		cr_assert(ct_str_is(m->status, "active"), "%s", providers[i]);
	}
	cr_assert(ct_str_is(ct_catalog_default(c, ct_str("claude")), "claude-sonnet-5-5"));
	cr_assert_null(ct_catalog_default(c, ct_str("nobody")).ptr);
	ct_catalog_destroy(c);
}

/* Then every string of it lies in the text itself, and what it was parsed into can go. */
Test(catalog, is_compiled_in_without_escapes)
{
	extern const char ct_models_json[];

	cr_assert_null(strchr(ct_models_json, '\\'));
}

/* Two ways to read it: line by line as it is asked for, and all at once as a user's file is. */
Test(catalog, is_compiled_in_with_one_model_on_each_line)
{
	extern const char ct_models_json[];
	struct ct_catalog *lines = load_at(NULL, nov_20), *file = load_at(ct_models_json, nov_20);
	size_t count = 0;

	for (const char *at = ct_models_json; (at = strstr(at, "\"id\":")) != NULL; at++)
		count++;
	cr_assert_eq(ct_catalog_count(file), count);
	for (size_t i = 0; i < ct_catalog_count(file); i++) {
		const struct ct_model *b = ct_catalog_at(file, i);
		const struct ct_model *a = ct_catalog_find(lines, b->provider, b->id);
		cr_assert_not_null(a, "%.*s", CT_STR_ARG(b->id));
		cr_assert_eq(a->context, b->context, "%.*s", CT_STR_ARG(b->id));
		cr_assert_eq(memcmp(&a->pricing, &b->pricing, sizeof(a->pricing)), 0, "%.*s",
			     CT_STR_ARG(b->id));
		cr_assert_eq(a->effort_count, b->effort_count);
		cr_assert(ct_str_eq(a->replacement, b->replacement), "%.*s", CT_STR_ARG(b->id));
	}
	cr_assert_eq(ct_catalog_count(lines), count);
	ct_catalog_destroy(lines);
	ct_catalog_destroy(file);
}

/* What is answered stays where it is, whatever is read or put in order after it. */
Test(catalog, keeps_a_model_in_its_place_when_others_are_read)
{
	struct ct_catalog *c = load_at(NULL, nov_20);
	const struct ct_model *first = find(c, "claude", "claude-sonnet-5-5");

	cr_assert_gt(ct_catalog_count(c), 100);
	cr_assert_eq(find(c, "claude", "claude-sonnet-5-5"), first);
	ct_catalog_destroy(c);
}

Test(catalog, is_in_order_without_doubles_and_retired_ones_are_last)
{
	struct ct_catalog *c = load_at(NULL, nov_20);

	cr_assert_geq(ct_catalog_count(c), 190);
	for (size_t i = 1; i < ct_catalog_count(c); i++) {
		const struct ct_model *a = ct_catalog_at(c, i - 1), *b = ct_catalog_at(c, i);
		bool a_ends = ct_str_is(a->status, "retired");
		bool b_ends = ct_str_is(b->status, "retired");
		char left[256], right[256];
		snprintf(left, sizeof(left), "%d %.*s %.*s", a_ends, CT_STR_ARG(a->provider),
			 CT_STR_ARG(a->id));
		snprintf(right, sizeof(right), "%d %.*s %.*s", b_ends, CT_STR_ARG(b->provider),
			 CT_STR_ARG(b->id));
		cr_assert_lt(strcmp(left, right), 0, "%s, %s", left, right);
	}
	/* the same id does not stand among the living and the retired */
	for (size_t i = 0; i < ct_catalog_count(c); i++) {
		const struct ct_model *m = ct_catalog_at(c, i);
		cr_assert_eq(ct_catalog_find(c, m->provider, m->id), m, "%.*s", CT_STR_ARG(m->id));
	}
	ct_catalog_destroy(c);
}

Test(catalog, knows_what_a_model_takes)
{
	struct ct_catalog *c = load_at(NULL, nov_20);
	const struct ct_model *old = find(c, "claude", "claude-haiku-4-5-20251001");
	const struct ct_model *new = find(c, "claude", "claude-sonnet-5-5");

	cr_assert_eq(old->prefill, CT_YES);
	cr_assert_eq(old->thinking, CT_THINKING_BUDGET);
	cr_assert_eq(old->context, 200000);
	cr_assert_eq(new->prefill, CT_NO);
	cr_assert_eq(new->thinking, CT_THINKING_ADAPTIVE);
	cr_assert_eq(new->temperature, CT_NO);
	cr_assert_eq(new->effort_count, 5);
	cr_assert(ct_str_is(new->efforts[4], "max"));
	cr_assert_eq(find(c, "claude", "claude-sonnet-4-6")->thinking, CT_THINKING_ADAPTIVE);
	cr_assert_eq(find(c, "claude", "claude-sonnet-4-6")->prefill, CT_NO);
	cr_assert_eq(find(c, "mistral", "mistral-medium-latest")->prefill, CT_YES);
	cr_assert_eq(find(c, "openai", "gpt-6-luna")->prefill, CT_NO);
	cr_assert_eq(find(c, "openai", "gpt-6-luna")->max_input, 922000);
	cr_assert_eq(find(c, "openai", "gpt-6-luna")->pricing.tier_count, 1);
	cr_assert_eq(find(c, "openai", "gpt-6-luna")->pricing.tiers[0].price.cache_write, -1);
	cr_assert_eq(find(c, "huggingface", "openai/gpt-oss-120b")->pricing.base.input, -1);
	ct_catalog_destroy(c);
}

Test(catalog, takes_the_prices_of_the_day)
{
	static const struct {
		const char *id;
		int day;
		double input, output;
	} cases[] = {
		{ "gemini-4-argon", 0, 2, 10 },	     { "gemini-4-argon", 10, 2, 10 },
		{ "gemini-4-argon", 11, 4, 20 },     { "gemini-3.8-flash", 41, 0.75, 3.75 },
		{ "gemini-3.8-flash", 42, 1.5, 7.5 },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_catalog *c = load_at(NULL, nov_20 + cases[i].day * DAY_MS);
		const struct ct_price *p = &find(c, "gemini", cases[i].id)->pricing.base;
		cr_assert_eq(p->input, cases[i].input, "case %zu: %g", i, p->input);
		cr_assert_eq(p->output, cases[i].output, "case %zu: %g", i, p->output);
		ct_catalog_destroy(c);
	}
}

Test(catalog, retires_an_id_on_its_day)
{
	static const struct {
		const char *provider, *id;
		int day;
		bool retired;
	} cases[] = {
		{ "claude", "claude-3-5-sonnet-20241022", 0, true },
		{ "claude", "claude-sonnet-4-5", 0, false },
		{ "claude", "claude-sonnet-4-5", 9, false },
		{ "claude", "claude-sonnet-4-5", 10, true },
		{ "openai", "gpt-5", 20, false },
		{ "openai", "gpt-5", 21, true },
		{ "openai", "gpt-4-turbo-preview", 0, true },
		{ "openai", "gpt-4-turbo-2024-04-09", 0, true },
		{ "openai", "gpt-4-0613", 0, true },
		{ "gemini", "gemini-1.5-pro-latest", 0, true },
		{ "gemini", "models/gemini-1.5-pro", 0, true },
		{ "gemini", "gemini-2.5-pro", 30, false }, /* rerouted: it still answers */
		{ "deepseek", "deepseek-v4-flash", 0, false },
		{ "cohere", "command-r-03-2024", 0, false },
		{ "mistral", "labs-devstral-small-2512", 0, true }, /* no date is known */
		{ "openai", "gpt-6.1-sol", 0, false },
		{ "openai", "gpt-99", 0, false },
		{ "claude", "gpt-4", 0, false },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_catalog *c = load_at(NULL, nov_20 + cases[i].day * DAY_MS);
		cr_assert_eq(retired(c, cases[i].provider, cases[i].id), cases[i].retired,
			     "case %zu: %s", i, cases[i].id);
		ct_catalog_destroy(c);
	}
}

Test(catalog, bills_a_rerouted_id_as_its_replacement)
{
	struct ct_catalog *c = load_at(NULL, nov_20 + 11 * DAY_MS);
	const struct ct_model *was = find(c, "gemini", "gemini-2.5-flash");
	const struct ct_model *is = find(c, "gemini", "gemini-3.5-flash-lite");

	cr_assert(ct_str_is(was->id, "gemini-2.5-flash"));
	cr_assert_eq(was->pricing.base.output, is->pricing.base.output);
	cr_assert_eq(was->effort_count, is->effort_count);
	ct_catalog_destroy(c);
}

Test(catalog, takes_a_dated_form_for_the_id_it_belongs_to)
{
	static const struct {
		const char *provider, *asked, *found; /* NULL: none */
	} cases[] = {
		{ "openai", "gpt-6-luna-2026-09-22", "gpt-6-luna" },
		{ "openai", "gpt-6-luna-latest", "gpt-6-luna" },
		{ "openai", "gpt-4o-2024-08-06", "gpt-4o-2024-08-06" },
		{ "claude", "claude-opus-5-5-20260922", "claude-opus-5-5" },
		{ "gemini", "models/gemini-3.8-flash", "gemini-3.8-flash" },
		{ "huggingface", "openai/gpt-oss-120b:fastest", "openai/gpt-oss-120b" },
		{ "huggingface", "openai/gpt-oss-20b:groq", "openai/gpt-oss-20b" },
		{ "claude", "claude-opus-5-5-x", NULL },
		{ "claude", "20260922", NULL },
		{ "claude", "-latest", NULL },
		{ "claude", "", NULL },
		{ "gemini", "models/", NULL },
		{ "huggingface", ":", NULL },
	};
	struct ct_catalog *c = load_at(NULL, nov_20);

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		const struct ct_model *m = find(c, cases[i].provider, cases[i].asked);
		cr_assert_eq(m != NULL, cases[i].found != NULL, "%s", cases[i].asked);
		if (m != NULL)
			cr_assert(ct_str_is(m->id, cases[i].found), "%s", cases[i].asked);
	}
	ct_catalog_destroy(c);
}

Test(catalog, tells_a_provider_from_an_id_or_its_form)
{
	static const struct {
		const char *id, *provider;
	} cases[] = {
		{ "claude-sonnet-5-5", "claude" },  { "claude-something-new", "claude" },
		{ "gemini-9", "gemini" },	    { "gpt-9", "openai" },
		{ "o5-mini", "openai" },	    { "o3", "openai" },
		{ "chatgpt-x", "openai" },	    { "gpt-4", "openai" },
		{ "mistral-large-latest", "mistral" }, { "grok-4.7", "xai" },
		{ "openai/gpt-oss-120b", "huggingface" }, { "llama3", "" },
		{ "o", "" },			    { "ollama", "" },
		{ "", "" },
	};
	struct ct_catalog *c = load_at(NULL, nov_20);

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_str got = ct_catalog_provider_of(c, ct_str(cases[i].id));
		cr_assert(ct_str_is(got, cases[i].provider), "%s: %.*s", cases[i].id,
			  CT_STR_ARG(got));
	}
	ct_catalog_destroy(c);
}

Test(catalog, names_the_nearest_id)
{
	struct ct_catalog *c = load_at(NULL, nov_20);
	struct ct_str any = { NULL, 0 };

	cr_assert(ct_str_is(ct_catalog_nearest(c, any, ct_str("claude-sonet-5-5")),
			    "claude-sonnet-5-5"));
	cr_assert(ct_str_is(ct_catalog_nearest(c, ct_str("openai"), ct_str("gpt-6-lunar")),
			    "gpt-6-luna"));
	cr_assert_null(ct_catalog_nearest(c, any, ct_str("zzzzzzzzzzzz")).ptr);
	cr_assert_null(ct_catalog_nearest(c, ct_str("claude"), ct_str("gpt-6-lunar")).ptr);
	ct_catalog_destroy(c);
}

Test(catalog, is_changed_entry_by_entry_and_member_by_member)
{
	struct ct_catalog *c = load_at(
		"{\"defaults\":{\"claude\":\"claude-opus-5-5\",\"mine\":\"m1\"},\n"
		" \"models\":[\n"
		"  {\"id\":\"claude-opus-5-5\",\"provider\":\"claude\",\"context\":5,\n"
		"   \"usd_per_mtok\":{\"input\":1},\"caps\":{\"pdf\":null}},\n"
		"  {\"id\":\"gemini-4-argon\",\"provider\":\"gemini\",\n"
		"   \"usd_per_mtok\":{\"input\":9}},\n"
		"  {\"id\":\"gpt-4\",\"provider\":\"openai\",\"status\":\"active\"},\n"
		"  {\"id\":\"m1\",\"provider\":\"mine\",\"prefill\":true}],\n"
		" \"retired\":[{\"id\":\"gpt-6-luna\",\"provider\":\"openai\",\n"
		"   \"since\":\"2026-11-19\",\"replacement\":\"m1\"}]}\n",
		nov_20 + 60 * DAY_MS);
	const struct ct_model *opus = find(c, "claude", "claude-opus-5-5");

	cr_assert(ct_str_is(ct_catalog_default(c, ct_str("claude")), "claude-opus-5-5"));
	cr_assert(ct_str_is(ct_catalog_default(c, ct_str("mine")), "m1"));
	cr_assert_eq(opus->context, 5);
	cr_assert_eq(opus->max_output, 128000, "the rest stays");
	cr_assert_eq(opus->pricing.base.input, 1);
	cr_assert_eq(opus->pricing.base.output, 20);
	cr_assert_eq(opus->pdf, CT_UNKNOWN);
	cr_assert_eq(opus->vision, CT_YES);
	cr_assert_eq(find(c, "gemini", "gemini-4-argon")->pricing.base.input, 9,
		     "one's own price does not step");
	cr_assert(!retired(c, "openai", "gpt-4"), "one's own status holds");
	cr_assert(retired(c, "openai", "gpt-6-luna"));
	cr_assert_eq(find(c, "mine", "m1")->prefill, CT_YES);
	cr_assert_eq(find(c, "mine", "m1")->pricing.base.input, -1);
	ct_catalog_destroy(c);
}

Test(catalog, says_file_and_line_of_what_is_wrong)
{
#define MODEL "{\"models\":[\n{\"id\":\"a\",\"provider\":\"b\",\n"
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "models.json:1: column 1: " },
		{ "{\n\"models\": [\n,", "models.json:3: column 1: " },
		{ "[]", "models.json:1: this must be an object" },
		{ "{\"model\":[]}", "models.json:1: 'model' is not known here" },
		{ "{\"models\":{}}", "models.json:1: 'models' must be a list" },
		{ "{\"models\":[\n5]}", "models.json:2: this must be an object" },
		{ "{\"models\":[\n{\"id\":\"x\"}]}", "models.json:2: this needs id and provider" },
		{ "{\"models\":[\n{\"id\":5,\"provider\":\"x\"}]}",
		  "models.json:2: this needs id and provider" },
		{ "{\"models\":[\n{\"id\":\"a b\",\"provider\":\"x\"}]}",
		  "models.json:2: 'id' must not hold blanks" },
		{ MODEL "\"contxt\":1}]}", "models.json:3: 'contxt' is not known here" },
		{ MODEL "\"context\":-1}]}", "models.json:3: 'context' must be a whole number" },
		{ MODEL "\"context\":1.5}]}", "models.json:3: 'context' must be a whole number" },
		{ MODEL "\"usd_per_mtok\":5}]}",
		  "models.json:3: 'usd_per_mtok' must be an object of prices" },
		{ MODEL "\"usd_per_mtok\":{\n\"in\":5}}]}", "models.json:4: 'in' is no price" },
		{ MODEL "\"usd_per_mtok\":{\n\"input\":-5}}]}",
		  "models.json:4: 'input' must be a price" },
		{ MODEL "\"tiers\":[{\"input\":5}]}]}", "models.json:3: this needs above_input_tokens" },
		{ MODEL "\"tiers\":[{\"above_input_tokens\":5},{\"above_input_tokens\":5}]}]}",
		  "models.json:3: this needs above_input_tokens, rising" },
		{ MODEL "\"tiers\":[{\"above_input_tokens\":1},{\"above_input_tokens\":2},"
			"{\"above_input_tokens\":3},{\"above_input_tokens\":4},"
			"{\"above_input_tokens\":5}]}]}",
		  "models.json:3: 'tiers' has too many entries" },
		{ MODEL "\"price_steps\":[{\"input\":5}]}]}", "models.json:3: this needs from, a date" },
		{ MODEL "\"price_steps\":[{\"from\":\"tomorrow\"}]}]}",
		  "models.json:3: 'from' must be a date" },
		{ MODEL "\"caps\":{\"tools\":1}}]}", "models.json:3: 'tools' must be true, false" },
		{ MODEL "\"caps\":{\"juggling\":true}}]}",
		  "models.json:3: 'juggling' is no capability" },
		{ MODEL "\"thinking\":\"hard\"}]}", "models.json:3: 'thinking' must be budget" },
		{ MODEL "\"efforts\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}]}",
		  "models.json:3: 'efforts' has too many entries" },
		{ MODEL "\"efforts\":[1]}]}", "models.json:3: this must be text" },
		{ MODEL "\"status\":\"dead\"}]}", "models.json:3: 'status' must be active" },
		{ MODEL "\"released\":\"2026-1-1\"}]}", "models.json:3: 'released' must be a date" },
		{ "{\"retired\":[{\"id\":\"a\",\"provider\":\"b\",\n\"context\":1}]}",
		  "models.json:2: 'context' is not known here" },
		{ "{\"defaults\":[]}", "models.json:1: 'defaults' must be an object" },
		{ "{\"defaults\":{\"a\":1}}", "models.json:1: 'a' must be text" },
		{ "{\"models\":[],\n\"models\":[]}", "models.json:2: column " },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		const char *path = scratch_write("models.json", cases[i].text, 0600);
		struct ct_catalog *c;
		struct ct_err err = { 0 };
		int rc = ct_catalog_load(path, nov_20, &c, &err);
		cr_assert_eq(rc, CT_ECONFIG, "case %zu: %d", i, rc);
		cr_assert(strstr(err.msg, cases[i].expected) != NULL, "case %zu: %s", i, err.msg);
		cr_assert_null(c);
	}
}

Test(catalog, does_without_a_users_file)
{
	struct ct_catalog *c;

	cr_assert_eq(ct_catalog_load(scratch_path("none.json"), nov_20, &c, NULL), CT_OK);
	ct_catalog_destroy(c);
	cr_assert_eq(mkdir(scratch_path("folder.json"), 0700), 0);
	cr_assert_eq(ct_catalog_load(scratch_path("folder.json"), nov_20, &c, NULL), CT_ECONFIG);
}

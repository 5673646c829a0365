#include "scratch.h"
#include "service/candidates.h"

TestSuite(candidates, .init = scratch_make, .fini = scratch_end);

static const char config[] = "aliases: {fast: claude/claude-haiku-5-5}\n"
			     "providers:\n"
			     "  groq:\n"
			     "    kind: openai\n"
			     "    base_url: http://127.0.0.1:9/v1\n"
			     "  local:\n"
			     "    kind: openai\n"
			     "    base_url: http://127.0.0.1:9/v1\n"
			     "    model: llama\n";

static struct ct_app *open_app(void)
{
	struct ct_app *app = NULL;
	struct ct_err err = { 0 };
	struct ct_app_options options = {
		.config_path = scratch_write("config.yaml", config, 0600),
		.db_path = scratch_path("db"),
	};

	cr_assert_eq(ct_app_create(&options, &app, &err), CT_OK);
	cr_assert_eq(ct_app_open_catalog(app, &err), CT_OK, "%s", err.msg);
	return app;
}

/* "provider/model provider/model …" */
static void describe(const struct ct_candidates *list, struct ct_buf *out)
{
	for (size_t i = 0; i < list->count; i++)
		ct_buf_printf(out, "%s%.*s/%.*s", i > 0 ? " " : "",
			      CT_STR_ARG(list->list[i].service->endpoint.name),
			      CT_STR_ARG(list->list[i].model_id));
}

#define CHAIN " gemini/gemini-3.8-flash openai/gpt-6.1-sol"

Test(candidates, are_what_was_named_and_then_the_chain)
{
	static const struct {
		struct ct_choice choice;
		const char *expected;
	} cases[] = {
		{ { 0 }, "claude/claude-sonnet-5-5" CHAIN },
		{ { .provider = "anthropic" }, "claude/claude-sonnet-5-5" CHAIN },
		{ { .provider = "gemini" }, "gemini/gemini-3.8-flash claude/claude-sonnet-5-5"
					    " openai/gpt-6.1-sol" },
		{ { .model = "fast" }, "claude/claude-haiku-5-5" CHAIN },
		{ { .model = "claude-opus-5-5" }, "claude/claude-opus-5-5" CHAIN },
		{ { .model = "google/gemini-4-argon", .no_fallback = true },
		  "gemini/gemini-4-argon" },
		{ { .model = "claude-newest-9", .no_fallback = true }, "claude/claude-newest-9" },
		{ { .provider = "local", .model = "any/thing", .no_fallback = true },
		  "local/any/thing" },
		{ { .model = "llama", .no_fallback = true }, "local/llama" },
		{ { .provider = "hf", .model = "openai/gpt-oss-120b", .no_fallback = true },
		  "huggingface/openai/gpt-oss-120b" },
		{ { .provider = "groq", .no_fallback = true }, "groq/openai/gpt-oss-120b" },
		{ { .task = CT_TASK_SEARCH }, "tavily/search" },
		{ { .task = CT_TASK_EXTRACT, .provider = "tavily" }, "tavily/extract" },
		{ { .fallback = "claude/claude-haiku-5-5, local" },
		  "claude/claude-sonnet-5-5 claude/claude-haiku-5-5 local/llama" },
	};
	struct ct_app *app = open_app();

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_candidates found;
		struct ct_err err = { 0 };
		struct ct_buf text = CT_BUF_INIT(4096);
		int rc = ct_candidates_find(app, &cases[i].choice, &found, &err);
		cr_assert_eq(rc, CT_OK, "case %zu: %s", i, err.msg);
		describe(&found, &text);
		cr_assert_str_eq(text.ptr, cases[i].expected, "case %zu: %s", i, text.ptr);
		ct_buf_fini(&text);
	}
	ct_app_destroy(app);
}

Test(candidates, refuse_what_nobody_has)
{
	static const struct {
		struct ct_choice choice;
		int code;
		const char *says;
	} cases[] = {
		{ { .provider = "cluade" }, CT_ENOPROVIDER, "cluade" },
		{ { .model = "no-such-thing" }, CT_ENOMODEL, "no-such-thing" },
		{ { .model = "claude-3-5-sonnet-20241022" }, CT_ENOMODEL, "retired" },
		{ { .provider = "openai", .model = "gpt-4-turbo-preview" }, CT_ENOMODEL,
		  "retired" },
		{ { .fallback = "gemini,nobody" }, CT_ENOPROVIDER, "nobody" },
		{ { .provider = "azure" }, CT_ENOKEY, "default model" },
		{ { .provider = "tavily" }, CT_EUSAGE, "cannot chat" },
		{ { .fallback = "tavily" }, CT_EUSAGE, "cannot chat" },
		{ { .task = CT_TASK_SEARCH, .provider = "claude" }, CT_EUSAGE, "cannot search" },
	};
	struct ct_app *app = open_app();

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_candidates found;
		struct ct_err err = { 0 };
		int rc = ct_candidates_find(app, &cases[i].choice, &found, &err);
		cr_assert_eq(rc, cases[i].code, "case %zu: %d %s", i, rc, err.msg);
		cr_assert(strstr(err.msg, cases[i].says) != NULL, "case %zu: %s", i, err.msg);
		cr_assert(err.hint[0] != '\0', "case %zu says what to do", i);
	}
	ct_app_destroy(app);
}

Test(candidates, take_a_retired_id_at_an_address_that_is_not_the_providers_own)
{
	struct ct_candidates found;
	struct ct_err err = { 0 };
	struct ct_choice choice = { .model = "claude-3-5-sonnet-20241022" };

	setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9", 1);
	struct ct_app *app = open_app();
	cr_assert_eq(ct_candidates_find(app, &choice, &found, &err), CT_OK, "%s", err.msg);
	ct_app_destroy(app);
}

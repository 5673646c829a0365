#include "scratch.h"
#include "service/config.h"

TestSuite(config, .init = scratch_make, .fini = scratch_end);

static struct ct_config *load(const char *text)
{
	struct ct_config *config = NULL;
	struct ct_err err = { 0 };
	const char *path = text != NULL ? scratch_write("config.yaml", text, 0600) : NULL;

	cr_assert_eq(ct_config_load(path, NULL, &config, &err), CT_OK, "%s", err.msg);
	return config;
}

static void expect_setting(const struct ct_config *config, const char *name, const char *value,
			   const char *origin)
{
	const struct ct_setting *s = ct_config_setting(config, name);

	cr_assert_not_null(s, "no setting %s", name);
	cr_assert(ct_str_is(s->value, value), "%s is %s", name, s->value.ptr);
	/* the folder differs from run to run: what ends the origin is what counts */
	size_t n = strlen(origin);
	cr_assert(s->origin.len >= n &&
			  memcmp(s->origin.ptr + s->origin.len - n, origin, n) == 0,
		  "%s is from %s", name, s->origin.ptr);
}

Test(config, has_the_contracts_values_when_nothing_is_set)
{
	struct ct_config *c = load(NULL);

	cr_assert(!c->exists);
	cr_assert(ct_str_is(c->chat.primary, "claude"));
	cr_assert_eq(c->chat.fallback_count, 2);
	cr_assert(ct_str_is(c->chat.fallback[0], "gemini"));
	cr_assert(ct_str_is(c->chat.fallback[1], "openai"));
	cr_assert_eq(c->max_wait_ms, 30000);
	cr_assert_eq(c->timeout_ms, 600000);
	cr_assert_eq(c->first_token_timeout_ms, 0);
	cr_assert_eq(c->idle_timeout_ms, 0);
	cr_assert_eq(c->retries, 2);
	cr_assert(!c->on_cut_fail);
	cr_assert_eq(c->circuit_threshold, 5);
	cr_assert_eq(c->circuit_timeout_ms, 60000);
	cr_assert_eq(c->stream.max_connections, 100);
	cr_assert_eq(c->stream.flush_interval_ms, 100);
	cr_assert(ct_str_is(c->log_level, "warn"));
	expect_setting(c, "chat.primary", "claude", "default");
	expect_setting(c, "providers.claude.key", "not set", "default");
	ct_config_destroy(c);
}

Test(config, reads_every_key_of_the_file)
{
	struct ct_config *c = load("chat:\n"
				   "  primary: openai\n"
				   "  fallback: [anthropic, groq/fast-model, claude]\n"
				   "  max_wait_s: 1.5\n"
				   "  timeout_s: 60\n"
				   "  first_token_timeout_s: 5\n"
				   "  idle_timeout_s: auto\n"
				   "  retries: 0\n"
				   "  on_cut: fail\n"
				   "circuit: {threshold: 3, timeout_ms: 1000}\n"
				   "log: debug\n"
				   "aliases: {fast: claude/claude-haiku-5-5}\n"
				   "providers:\n"
				   "  groq:\n"
				   "    kind: openai\n"
				   "    base_url: https://api.groq.com/openai/v1/\n"
				   "    key_env: GROQ_API_KEY\n"
				   "    model: openai/gpt-oss-120b\n"
				   "    headers: {X-Team: \"7\", X-Number: 7}\n"
				   "    options: {top_k: 5, service: {tier: flex}}\n"
				   "    api: responses\n"
				   "    api_version: 2026-10-21\n");
	struct ct_service_config *groq = ct_config_service(c, ct_str("groq"));

	cr_assert(ct_str_is(c->chat.primary, "openai"));
	cr_assert_eq(c->chat.fallback_count, 2, "the same one counts once");
	cr_assert(ct_str_is(c->chat.fallback[0], "claude"), "an alias is its provider");
	cr_assert(ct_str_is(c->chat.fallback[1], "groq/fast-model"));
	cr_assert_eq(c->max_wait_ms, 1500);
	cr_assert_eq(c->timeout_ms, 60000);
	cr_assert_eq(c->first_token_timeout_ms, 5000);
	cr_assert_eq(c->idle_timeout_ms, 0);
	cr_assert_eq(c->retries, 0);
	cr_assert(c->on_cut_fail);
	cr_assert_eq(c->circuit_threshold, 3);
	cr_assert_eq(c->circuit_timeout_ms, 1000);
	cr_assert(ct_str_is(c->log_level, "debug"));
	cr_assert(ct_str_is(ct_config_alias(c, ct_str("fast")), "claude/claude-haiku-5-5"));
	cr_assert_null(ct_config_alias(c, ct_str("slow")).ptr);
	cr_assert_not_null(groq);
	cr_assert_str_eq(groq->endpoint.base_url.ptr, "https://api.groq.com/openai/v1");
	cr_assert(!groq->endpoint.own_address);
	cr_assert_null(groq->endpoint.vendor->base_url, "it is not OpenAI");
	cr_assert_eq(groq->endpoint.header_count, 2);
	cr_assert(ct_str_is(groq->endpoint.headers[1].value, "7"));
	cr_assert_eq(groq->endpoint.option_count, 2);
	cr_assert(ct_str_is(groq->endpoint.options[0].json, "5"));
	cr_assert(ct_str_is(groq->endpoint.options[1].json, "{\"tier\":\"flex\"}"));
	cr_assert_eq(groq->endpoint.api, CT_OPENAI_RESPONSES);
	cr_assert(ct_str_is(groq->endpoint.api_version, "2026-10-21"));
	expect_setting(c, "chat.retries", "0", "config.yaml:8");
	expect_setting(c, "aliases.fast", "claude/claude-haiku-5-5", "config.yaml:12");
	expect_setting(c, "providers.groq.model", "openai/gpt-oss-120b", "config.yaml:18");
	expect_setting(c, "providers.groq.headers.X-Team", "set", "config.yaml:19");
	expect_setting(c, "providers.groq.options.top_k", "5", "config.yaml:20");
	ct_config_destroy(c);
}

Test(config, lets_the_environment_come_before_the_file)
{
	setenv("PRIMARY_PROVIDER", "gemini", 1);
	setenv("FALLBACK_CHAIN", " hf , openai/gpt-6-luna,,openai/gpt-6-luna ", 1);
	setenv("PROVIDER_CIRCUIT_THRESHOLD", "9", 1);
	setenv("CARTRITA_LOG", "", 1);
	setenv("CLAUDE_DEFAULT_MODEL", "claude-opus-5-5", 1);
	setenv("OPENAI_API", "chat", 1);
	setenv("STREAM_FLUSH_INTERVAL", "0.25", 1);
	struct ct_config *c = load("chat: {primary: openai}\n"
				   "circuit: {threshold: 3}\n"
				   "log: error\n"
				   "providers: {claude: {model: claude-haiku-5-5}, "
				   "openai: {api: responses}}\n");

	cr_assert(ct_str_is(c->chat.primary, "gemini"));
	cr_assert_eq(c->chat.fallback_count, 2);
	cr_assert(ct_str_is(c->chat.fallback[0], "huggingface"));
	cr_assert(ct_str_is(c->chat.fallback[1], "openai/gpt-6-luna"));
	cr_assert_eq(c->circuit_threshold, 9);
	cr_assert_eq(c->stream.flush_interval_ms, 250);
	cr_assert(ct_str_is(c->log_level, "error"), "an empty variable is unset");
	cr_assert(ct_str_is(ct_config_service(c, ct_str("claude"))->model, "claude-opus-5-5"));
	cr_assert_eq(ct_config_service(c, ct_str("openai"))->endpoint.api, CT_OPENAI_CHAT);
	expect_setting(c, "chat.primary", "gemini", "environment PRIMARY_PROVIDER");
	expect_setting(c, "log", "error", "config.yaml:3");
	expect_setting(c, "providers.claude.model", "claude-opus-5-5",
		       "environment CLAUDE_DEFAULT_MODEL");
	ct_config_destroy(c);
}

Test(config, knows_the_vendors_own_address_in_any_spelling)
{
	static const struct {
		const char *variable, *url, *service;
		bool own;
	} cases[] = {
		{ "OPENAI_BASE_URL", "https://api.openai.com/v1", "openai", true },
		{ "OPENAI_BASE_URL", "https://API.OpenAI.com/v1///", "openai", true },
		{ "OPENAI_BASE_URL", "https://api.openai.com:443/v1", "openai", true },
		{ "OPENAI_BASE_URL", "http://api.openai.com/v1", "openai", false },
		{ "OPENAI_BASE_URL", "https://api.openai.com:8443/v1", "openai", false },
		{ "OPENAI_BASE_URL", "https://api.openai.com/V1", "openai", false },
		{ "OPENAI_BASE_URL", "https://api.openai.com.example.org/v1", "openai", false },
		{ "ANTHROPIC_BASE_URL", "http://127.0.0.1:8080", "claude", false },
		{ "AZURE_ENDPOINT", "https://x.openai.azure.com", "azure", false },
		{ "AZURE_OPENAI_ENDPOINT", "https://x.openai.azure.com/", "azure", false },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		setenv(cases[i].variable, cases[i].url, 1);
		struct ct_config *c = load(NULL);
		struct ct_service_config *s = ct_config_service(c, ct_str(cases[i].service));
		cr_assert_eq(s->endpoint.own_address, cases[i].own, "case %zu", i);
		cr_assert_neq(s->endpoint.base_url.ptr[s->endpoint.base_url.len - 1], '/',
			      "case %zu", i);
		unsetenv(cases[i].variable);
		ct_config_destroy(c);
	}
}

Test(config, takes_a_section_at_openais_address_for_openai_itself)
{
	struct ct_config *c = load("providers:\n"
				   "  work: {kind: openai, key_env: WORK_KEY}\n"
				   "  same: {kind: openai, base_url: 'https://api.openai.com/v1/'}\n"
				   "  local: {kind: openai, base_url: 'http://localhost:11434/v1'}\n");
	struct ct_service_config *work = ct_config_service(c, ct_str("work"));
	struct ct_service_config *same = ct_config_service(c, ct_str("same"));
	struct ct_service_config *local = ct_config_service(c, ct_str("local"));

	cr_assert(work->endpoint.own_address && same->endpoint.own_address);
	cr_assert_str_eq(work->endpoint.vendor->kind, "openai");
	cr_assert_str_eq(same->endpoint.vendor->kind, "openai");
	cr_assert(!local->endpoint.own_address && !local->key_required);
	cr_assert(ct_str_is(work->key_env, "WORK_KEY"));
	cr_assert(ct_str_is(same->key_env, "OPENAI_API_KEY"));
	cr_assert_null(local->key_env.ptr, "no vendor's key for an address of its own");
	ct_config_destroy(c);
}

Test(config, finds_a_service_by_name_and_alias_and_tells_its_role)
{
	struct ct_config *c = load("providers: {anthropic: {model: m}}\n"
				   "chat: {fallback: [openai/x]}\n");

	cr_assert_eq(ct_config_service(c, ct_str("anthropic")),
		     ct_config_service(c, ct_str("claude")));
	cr_assert(ct_str_is(ct_config_service(c, ct_str("claude"))->model, "m"));
	cr_assert_null(ct_config_service(c, ct_str("nobody")));
	cr_assert_eq(ct_config_role(c, ct_str("anthropic")), CT_ROLE_PRIMARY);
	cr_assert_eq(ct_config_role(c, ct_str("openai")), CT_ROLE_FALLBACK);
	cr_assert_eq(ct_config_role(c, ct_str("gemini")), CT_ROLE_OTHER);
	ct_config_destroy(c);
}

Test(config, names_the_nearest_provider)
{
	struct ct_config *c = load(NULL);
	struct ct_err err = { 0 };

	cr_assert_eq(ct_config_no_service(c, ct_str("cluade"), &err), CT_ENOPROVIDER);
	cr_assert_str_eq(err.hint, "did you mean claude?");
	ct_config_no_service(c, ct_str("zzzzzzzzzz"), &err);
	cr_assert(ct_str_starts(ct_str(err.hint), "there are claude, gemini, "), "%s", err.hint);
	ct_config_destroy(c);
}

Test(config, looks_where_xdg_says)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(4096);
	bool named;

	setenv("HOME", "/home/x", 1);
	ct_config_path(NULL, &path, &named);
	cr_assert_str_eq(path.ptr, "/home/x/.config/cartrita/config.yaml");
	cr_assert(!named);
	ct_buf_clear(&path);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	ct_config_path(NULL, &path, &named);
	cr_assert_str_eq(path.ptr, "/home/x/.config/cartrita/config.yaml");
	ct_buf_clear(&path);
	setenv("XDG_CONFIG_HOME", "/x", 1);
	ct_config_path(NULL, &path, &named);
	cr_assert_str_eq(path.ptr, "/x/cartrita/config.yaml");
	ct_buf_clear(&path);
	setenv("CARTRITA_CONFIG", "mine.yaml", 1);
	ct_config_path(NULL, &path, &named);
	cr_assert_str_eq(path.ptr, "mine.yaml");
	cr_assert(named);
	ct_buf_clear(&path);
	ct_config_path("option.yaml", &path, &named);
	cr_assert_str_eq(path.ptr, "option.yaml");
	setenv("HOME", scratch_dir, 1);
}

Test(config, needs_a_file_that_was_named)
{
	struct ct_config *c;
	struct ct_err err = { 0 };

	cr_assert_eq(ct_config_load(scratch_path("none.yaml"), NULL, &c, &err), CT_ECONFIG);
	cr_assert(strstr(err.msg, "none.yaml") != NULL, "%s", err.msg);
	cr_assert_null(c);
}

Test(config, reads_the_example_as_if_it_were_empty)
{
	struct ct_config *c = load(ct_config_example);

	cr_assert(c->exists);
	for (size_t i = 0; i < c->setting_count; i++)
		cr_assert(!ct_str_has(c->settings[i].origin, "config.yaml"), "%s",
			  c->settings[i].name.ptr);
	ct_config_destroy(c);
}

/* The comments taken off: what people will make of it must be right, too. */
Test(config, reads_the_example_without_its_comment_marks)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(16384);
	const char *line = strstr(ct_config_example, "# chat:");

	while (line != NULL && *line != '\0') {
		const char *end = strchr(line, '\n');
		size_t skip = line[0] == '#' && line[1] == ' ' ? 2 : 0;
		ct_buf_append(&text, line + skip, (size_t)(end - line) - skip + 1);
		line = end + 1;
	}
	struct ct_config *c = load(text.ptr);
	cr_assert_not_null(ct_config_service(c, ct_str("groq")));
	cr_assert_not_null(ct_config_service(c, ct_str("local")));
	expect_setting(c, "chat.retries", "2", "config.yaml:8");
	ct_config_destroy(c);
}

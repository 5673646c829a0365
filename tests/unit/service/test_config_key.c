#include "scratch.h"
#include "net/ahead.h"
#include "service/config.h"
#include "service/key_command.h"

TestSuite(config_key, .init = scratch_make, .fini = scratch_end);

static struct ct_redactor *redactor;

static struct ct_config *load(const char *yaml, const char *keys, mode_t mode)
{
	struct ct_config *c = NULL;
	struct ct_err err = { 0 };
	const char *path = scratch_write("config.yaml", yaml, 0600);

	if (keys != NULL)
		scratch_write("keys", keys, mode);
	redactor = ct_redactor_create();
	cr_assert_eq(ct_config_load(path, redactor, &c, &err), CT_OK, "%s", err.msg);
	return c;
}

static void drop(struct ct_config *c)
{
	ct_config_destroy(c);
	ct_redactor_destroy(redactor);
}

static void expect_key(struct ct_config *c, const char *name, const char *key,
		       const char *origin)
{
	struct ct_service_config *s = ct_config_service(c, ct_str(name));
	struct ct_err err = { 0 };

	cr_assert(ct_config_has_key(c, s), "%s", name);
	cr_assert_eq(ct_config_key(c, s, &err), CT_OK, "%s: %s", name, err.msg);
	cr_assert(ct_str_is(ct_secret_reveal(s->endpoint.key), key), "%s", name);
	cr_assert_str_eq(s->key_origin, origin);
}

static bool is_redacted(const char *text)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf out = CT_BUF_INIT(256);

	ct_redact(redactor, ct_str(text), &out);
	return strcmp(out.ptr, "REDACTED") == 0;
}

Test(config_key, comes_from_environment_then_file_then_command)
{
	setenv("ANTHROPIC_API_KEY", " env-key-1 ", 1);
	struct ct_config *c = load("providers:\n"
				   "  claude: {key_command: echo command-key}\n"
				   "  openai: {key_command: echo command-key}\n"
				   "  gemini: {key_command: echo command-key; echo more}\n",
				   "claude file-key-1\nopenai file-key-2\n", 0600);

	expect_key(c, "claude", "env-key-1", "environment");
	expect_key(c, "openai", "file-key-2", "key file");
	expect_key(c, "gemini", "command-key", "command");
	drop(c);
}

Test(config_key, prefers_the_first_variable_of_its_vendor)
{
	static const struct {
		const char *service, *first, *second;
	} cases[] = {
		{ "gemini", "GOOGLE_API_KEY", "GEMINI_API_KEY" },
		{ "huggingface", "HUGGINGFACE_API_KEY", "HF_TOKEN" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		setenv(cases[i].second, "second-key", 1);
		struct ct_config *c = load("", NULL, 0);
		expect_key(c, cases[i].service, "second-key", "environment");
		drop(c);
		setenv(cases[i].first, "first-key", 1);
		c = load("", NULL, 0);
		expect_key(c, cases[i].service, "first-key", "environment");
		drop(c);
		setenv(cases[i].first, " ", 1);
		c = load("", NULL, 0);
		expect_key(c, cases[i].service, "second-key", "environment");
		drop(c);
	}
}

Test(config_key, of_azure_may_stand_in_either_variable)
{
	setenv("AZURE_OPENAI_API_KEY", "azure-key", 1);
	setenv("AZURE_OPENAI_ENDPOINT", "https://x.openai.azure.com", 1);
	struct ct_config *c = load("", NULL, 0);

	expect_key(c, "azure", "azure-key", "environment");
	drop(c);
}

Test(config_key, of_azure_is_no_use_without_an_address)
{
	setenv("AZURE_API_KEY", "azure-key", 1);
	struct ct_config *c = load("", NULL, 0);
	struct ct_service_config *s = ct_config_service(c, ct_str("azure"));
	struct ct_err err = { 0 };

	cr_assert(!ct_config_has_key(c, s));
	cr_assert_eq(ct_config_key(c, s, &err), CT_ENOKEY);
	cr_assert(strstr(err.hint, "AZURE_ENDPOINT") != NULL, "%s", err.hint);
	drop(c);
}

Test(config_key, that_is_missing_is_asked_for_by_its_variable)
{
	struct ct_config *c = load("", NULL, 0);
	struct ct_service_config *s = ct_config_service(c, ct_str("claude"));
	struct ct_err err = { 0 };

	cr_assert(!ct_config_has_key(c, s));
	cr_assert_eq(ct_config_key(c, s, &err), CT_ENOKEY);
	cr_assert_str_eq(err.msg, "no key for claude");
	cr_assert(strstr(err.hint, "ANTHROPIC_API_KEY") != NULL, "%s", err.hint);
	cr_assert(strstr(err.hint, "cartrita sandbox") != NULL, "%s", err.hint);
	drop(c);
}

Test(config_key, is_not_needed_by_a_local_server)
{
	struct ct_config *c = load("providers:\n"
				   "  local: {kind: openai, base_url: 'http://localhost:1/v1'}\n"
				   "  named: {kind: openai, base_url: 'http://localhost:1/v1', "
				   "key_env: NAMED_KEY}\n",
				   NULL, 0);
	struct ct_service_config *local = ct_config_service(c, ct_str("local"));
	struct ct_service_config *named = ct_config_service(c, ct_str("named"));

	cr_assert(ct_config_has_key(c, local));
	cr_assert_eq(ct_config_key(c, local, NULL), CT_OK);
	cr_assert_null(local->endpoint.key);
	cr_assert_eq(ct_config_key(c, named, NULL), CT_ENOKEY, "one that is named is");
	drop(c);
}

Test(config_key, of_a_vendor_is_not_sent_to_an_address_of_ones_own)
{
	setenv("OPENAI_API_KEY", "openai-key", 1);
	setenv("ANTHROPIC_API_KEY", "claude-key", 1);
	struct ct_config *c = load("providers:\n"
				   "  a: {kind: openai, base_url: 'https://a.example/v1'}\n"
				   "  b: {kind: claude, base_url: 'https://b.example'}\n"
				   "  c: {kind: openai}\n",
				   NULL, 0);

	for (size_t i = 0; i < 2; i++) {
		const char *name = i == 0 ? "a" : "b";
		struct ct_service_config *s = ct_config_service(c, ct_str(name));
		cr_assert_eq(ct_config_key(c, s, NULL), CT_OK, "%s", name);
		cr_assert_null(s->endpoint.key, "%s", name);
	}
	expect_key(c, "c", "openai-key", "environment");
	drop(c);
}

Test(config_key, file_that_others_can_read_is_refused_when_it_is_needed)
{
	setenv("ANTHROPIC_API_KEY", "env-key-1", 1);
	struct ct_config *c = load("", "openai file-key\n", 0644);
	struct ct_service_config *openai = ct_config_service(c, ct_str("openai"));
	struct ct_err err = { 0 };

	expect_key(c, "claude", "env-key-1", "environment");
	cr_assert(!ct_config_has_key(c, openai));
	cr_assert_eq(ct_config_key(c, openai, &err), CT_ECONFIG);
	cr_assert(strstr(err.hint, "chmod 600") != NULL, "%s", err.hint);
	drop(c);
}

Test(config_key, with_a_line_end_in_it_is_refused_and_not_repeated)
{
	setenv("OPENAI_API_KEY", "sk-part\r\nX-Evil: 1", 1);
	struct ct_config *c = load("", NULL, 0);
	struct ct_service_config *openai = ct_config_service(c, ct_str("openai"));
	struct ct_err err = { 0 };

	cr_assert_eq(ct_config_key(c, openai, &err), CT_ECONFIG);
	cr_assert(strstr(err.msg, "sk-part") == NULL, "%s", err.msg);
	drop(c);
}

Test(config_key, is_known_to_the_redactor_wherever_it_comes_from)
{
	setenv("OPENAI_API_KEY", "openai-key", 1);
	setenv("GEMINI_API_KEY", "gemini-key", 1);
	setenv("GOOGLE_API_KEY", "google-key", 1);
	setenv("GROQ_KEY", "groq-key-12", 1);
	struct ct_config *c = load("providers:\n"
				   "  groq:\n"
				   "    kind: openai\n"
				   "    base_url: https://groq.example\n"
				   "    key_env: GROQ_KEY\n"
				   "    headers: {Authorization: Bearer header-key, X-Plain: "
				   "plain-value}\n"
				   "  claude: {key_command: echo command-key}\n",
				   "anthropic-other file-key-1\n", 0600);

	cr_assert(is_redacted("openai-key") && is_redacted("gemini-key"));
	cr_assert(is_redacted("google-key"), "also one that is not used");
	cr_assert(is_redacted("groq-key-12") && is_redacted("file-key-1"));
	cr_assert(is_redacted("header-key") && !is_redacted("plain-value"));
	cr_assert(!is_redacted("command-key"), "not run yet");
	expect_key(c, "claude", "command-key", "command");
	cr_assert(is_redacted("command-key"));
	drop(c);
}

Test(config_key, is_shown_as_set_or_not_set_only)
{
	setenv("OPENAI_API_KEY", "openai-key", 1);
	struct ct_config *c = load("", "gemini file-key-1\n", 0600);

	cr_assert(ct_str_is(ct_config_setting(c, "providers.openai.key")->value, "set"));
	cr_assert(ct_str_is(ct_config_setting(c, "providers.openai.key")->origin,
			    "environment OPENAI_API_KEY"));
	cr_assert(ct_str_is(ct_config_setting(c, "providers.gemini.key")->origin, "key file"));
	for (size_t i = 0; i < c->setting_count; i++) {
		cr_assert(!ct_str_has(c->settings[i].value, "openai-key"));
		cr_assert(!ct_str_has(c->settings[i].value, "file-key-1"));
	}
	drop(c);
}

static bool is_for_children(struct ct_config *c, const char *variable)
{
	char **env = ct_config_child_env(c);
	bool found = false;

	for (char **e = env; *e != NULL; e++)
		found = found || strcmp(*e, variable) == 0;
	free(env);
	return found;
}

/* It is there while libcurl is loaded beside all else. */
Test(config_key, command_sees_only_what_the_user_says_to_gnutls)
{
	struct ct_config *c = load("", NULL, 0);

	setenv(CT_GNUTLS_WAITS, CT_GNUTLS_WAITS_OURS, 1);
	cr_assert(!is_for_children(c, CT_GNUTLS_WAITS "=" CT_GNUTLS_WAITS_OURS));
	setenv(CT_GNUTLS_WAITS, "1", 1);
	cr_assert(is_for_children(c, CT_GNUTLS_WAITS "=1"));
	drop(c);
}

Test(config_key, command_sees_no_keys)
{
	setenv("OPENAI_API_KEY", "openai-key", 1);
	setenv("HF_TOKEN", "hf-token-1", 1);
	setenv("GROQ_KEY", "groq-key-12", 1);
	setenv("PLAIN", "seen", 1);
	struct ct_config *c = load(
		"providers:\n"
		"  groq: {kind: openai, key_env: GROQ_KEY, base_url: 'https://g.example'}\n"
		"  claude: {key_command: 'echo "
		"\"$OPENAI_API_KEY$HF_TOKEN$GROQ_KEY$PLAIN-and-stdin-$(cat)\"'}\n",
		NULL, 0);

	expect_key(c, "claude", "seen-and-stdin-", "command");
	drop(c);
}

static int run(const char *command, int64_t limit_ms, struct ct_buf *out, struct ct_err *err)
{
	char *env[] = { NULL };

	*out = (struct ct_buf)CT_BUF_INIT(CT_KEY_COMMAND_BYTES);
	return ct_key_command_run(ct_str(command), env, limit_ms, "providers.x", out, err);
}

Test(config_key, command_that_fails_is_told_apart)
{
	static const struct {
		const char *command, *expected;
	} cases[] = {
		{ "echo key; exit 3", "providers.x: key_command failed with status 3" },
		{ "exec /nowhere/at/all 2>&-", "providers.x: key_command failed with status 127" },
		{ "kill -9 $$", "providers.x: key_command was ended by signal 9" },
		{ "true", "providers.x: key_command wrote no key" },
		{ "echo; echo key", "providers.x: key_command wrote no key" },
		{ "while echo 0123456789; do :; done",
		  "providers.x: key_command writes more than 8192 bytes" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		struct ct_buf out;
		int rc = run(cases[i].command, CT_KEY_COMMAND_MS, &out, &err);
		cr_assert_eq(rc, CT_ECONFIG, "%s: %d", cases[i].command, rc);
		cr_assert_str_eq(err.msg, cases[i].expected, "%s: %s", cases[i].command, err.msg);
		ct_buf_fini(&out);
	}
}

/* Neither ends by itself, so however slow the machine is, the limit comes first. */
Test(config_key, command_without_end_is_ended)
{
	static const char *const cases[] = { "exec tail -f /dev/null",
					     "exec >/dev/null; exec tail -f /dev/null" };

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		struct ct_buf out;
		int rc = run(cases[i], 20, &out, &err);
		cr_assert_eq(rc, CT_ECONFIG, "%s: %d", cases[i], rc);
		cr_assert_str_eq(err.msg, "providers.x: key_command took too long");
		ct_buf_fini(&out);
	}
}

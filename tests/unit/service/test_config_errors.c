#include "scratch.h"
#include "service/config.h"

TestSuite(config_errors, .init = scratch_make, .fini = scratch_end);

/* Message and hint of loading text, the folder's name taken off; "" when it loads. */
static const char *complaint(const char *text, struct ct_err *err)
{
	struct ct_config *c = NULL;
	const char *path = scratch_write("c.yaml", text, 0600);
	int rc = ct_config_load(path, NULL, &c, err);

	cr_assert_eq(rc, err->code);
	ct_config_destroy(c);
	if (rc == CT_OK)
		return "";
	cr_assert_eq(rc, CT_ECONFIG, "%d: %s", rc, err->msg);
	size_t folder = strlen(scratch_dir) + 1;
	return strncmp(err->msg, scratch_dir, folder - 1) == 0 ? err->msg + folder : err->msg;
}

Test(config_errors, say_file_line_and_what)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "chat:\n  retries: many\n",
		  "c.yaml:2: chat.retries must be a whole number, not text" },
		{ "chat:\n  retries: 1.5\n",
		  "c.yaml:2: chat.retries must be a whole number, not a number" },
		{ "chat:\n  retries: -1\n",
		  "c.yaml:2: chat.retries: '-1' is no whole number from 0 to 100" },
		{ "chat:\n  retries: 99999999999999999999\n",
		  "c.yaml:2: chat.retries: '99999999999999999999' is no whole number from 0 to 100" },
		{ "chat:\n  timeout_s: 0\n",
		  "c.yaml:2: chat.timeout_s: '0' is no number of seconds from 0.001 to 86400" },
		{ "chat:\n  idle_timeout_s: soon\n",
		  "c.yaml:2: chat.idle_timeout_s must be a number or 'auto', not text" },
		{ "chat:\n  timeout_s: .inf\n",
		  "c.yaml:2: chat.timeout_s: '.inf' is no number of seconds from 0.001 to 86400" },
		{ "chat: {on_cut: explode}\n",
		  "c.yaml:1: chat.on_cut: 'explode' is none of repair|fail" },
		{ "chat: {primary: [claude]}\n", "c.yaml:1: chat.primary must be text, not a list" },
		{ "chat: {primary: true}\n",
		  "c.yaml:1: chat.primary must be text, not true or false" },
		{ "chat: {fallback: {a: b}}\n",
		  "c.yaml:1: chat.fallback must be a list of names, not a map" },
		{ "chat: {fallback: [claude, 5]}\n",
		  "c.yaml:1: chat.fallback: must be names, not a whole number" },
		{ "chat: 5\n", "c.yaml:1: chat must be a map, not a whole number" },
		{ "- 1\n", "c.yaml:1: the configuration must be a map, not a list" },
		{ "just words\n", "c.yaml:1: the configuration must be a map, not text" },
		{ "log: loud\n", "c.yaml:1: log: 'loud' is none of error|warn|info|debug" },
		{ "aliases: [a]\n", "c.yaml:1: aliases must be a map, not a list" },
		{ "aliases: {a: [b]}\n", "c.yaml:1: aliases.a must be text, not a list" },
		{ "aliases: {a: ''}\n", "c.yaml:1: aliases.a: '' is no model" },
		{ "aliases: {'a b': c}\n",
		  "c.yaml:1: 'a b' cannot be an alias (letters, digits, . _ -)" },
		{ "providers: x\n", "c.yaml:1: providers must be a map, not text" },
		{ "providers:\n  groq: 5\n",
		  "c.yaml:2: a provider's section must be a map, not a whole number" },
		{ "providers:\n  groq: {}\n", "c.yaml:2: providers.groq has no kind" },
		{ "providers:\n  a/b: {kind: openai}\n",
		  "c.yaml:2: 'a/b' cannot name a provider (letters, digits, . _ -)" },
		{ "providers:\n  groq:\n    kind: grok\n", "c.yaml:3: unknown kind 'grok'" },
		{ "providers:\n  groq:\n    kind: 5\n",
		  "c.yaml:3: providers.groq.kind must be text, not a whole number" },
		{ "providers:\n  claude:\n    kind: openai\n",
		  "c.yaml:3: providers.claude is of kind claude, not openai" },
		{ "providers:\n  x:\n    kind: azure\n", "c.yaml:2: providers.x has no base_url" },
		{ "providers:\n  claude: {}\n  anthropic: {}\n",
		  "c.yaml:3: 'anthropic' and 'claude' are the same provider" },
		{ "providers:\n  openai:\n    base_url: ftp://x\n",
		  "c.yaml:3: providers.openai.base_url: a URL begins with http:// or https://" },
		{ "providers:\n  openai:\n    base_url: https://x/?a=b\n",
		  "c.yaml:3: providers.openai.base_url: a base URL has no query and no fragment" },
		{ "providers:\n  openai:\n    key_env: sk-1234\n",
		  "c.yaml:3: providers.openai.key_env is no name of a variable" },
		{ "providers:\n  openai:\n    model: 5\n",
		  "c.yaml:3: providers.openai.model must be text, not a whole number" },
		{ "providers:\n  openai:\n    model: a b\n",
		  "c.yaml:3: providers.openai.model: 'a b' is no model id" },
		{ "providers:\n  openai:\n    api: rest\n",
		  "c.yaml:3: providers.openai.api: 'rest' is none of auto|chat|responses" },
		{ "providers:\n  openai:\n    headers: x\n",
		  "c.yaml:3: providers.openai.headers must be a map, not text" },
		{ "providers:\n  openai:\n    headers:\n      'a b': c\n",
		  "c.yaml:4: 'a b' is no name of a header" },
		{ "providers:\n  openai:\n    headers:\n      a: \"x\\r\\ny\"\n",
		  "c.yaml:4: the header a holds a control character" },
		{ "providers:\n  openai:\n    headers:\n      Content-Length: 5\n",
		  "c.yaml:4: the header Content-Length cannot be set" },
		{ "providers:\n  openai:\n    options:\n      a: 1\n      b: .nan\n",
		  "c.yaml:5: .nan cannot be said in JSON" },
		{ "providers:\n  openai:\n    rate_limit: 100\n",
		  "c.yaml:3: providers.openai.rate_limit must be text, not a whole number" },
		{ "providers:\n  openai:\n    rate_limit: 100/fortnight\n",
		  "c.yaml:3: providers.openai.rate_limit: '100/fortnight' is no rate" },
		{ "providers: {openai: {rate_limit: 0/minute}}\n",
		  "c.yaml:1: providers.openai.rate_limit: '0/minute' is no rate" },
		{ "providers: {openai: {rate_limit: 1000001/day}}\n",
		  "c.yaml:1: providers.openai.rate_limit: '1000001/day' is no rate" },
		{ "providers: {openai: {rate_limit: ''}}\n",
		  "c.yaml:1: providers.openai.rate_limit: '' is no rate" },
		{ "providers: {openai: {rate_limit: 5/minute, burst: 0}}\n",
		  "c.yaml:1: providers.openai.burst: '0' is no whole number from 1 to 1000000" },
		{ "providers: {openai: {rate_limit: 5/minute, burst: 1.5}}\n",
		  "c.yaml:1: providers.openai.burst must be a whole number, not a number" },
		{ "providers:\n  openai:\n    burst: 5\n",
		  "c.yaml:3: providers.openai.burst stands without rate_limit" },
		{ "users: [ann]\n", "c.yaml:1: users must be a map, not a list" },
		{ "users:\n  ann: 5/minute\n", "c.yaml:2: users.ann must be a map, not text" },
		{ "users:\n  ann: {rate_limit: fast}\n",
		  "c.yaml:2: users.ann.rate_limit: 'fast' is no rate" },
		{ "users:\n  ann: {burst: 3}\n",
		  "c.yaml:2: users.ann.burst stands without rate_limit" },
		{ "users:\n  '': {}\n", "c.yaml:2: a user's id is of 1 to 256 bytes" },
		{ "log: warn\nchat: {}\nlog: info\n",
		  "c.yaml:3: 'log' is set twice, first in line 1" },
		{ "chat:\n  primary: cluade\n",
		  "c.yaml:2: chat.primary: there is no provider 'cluade'" },
		{ "chat:\n  primary: claude/x\n",
		  "c.yaml:2: chat.primary: there is no provider 'claude/x'" },
		{ "chat:\n  fallback:\n  - claude\n  - nobody\n",
		  "c.yaml:2: chat.fallback: there is no provider 'nobody'" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		const char *got = complaint(cases[i].text, &err);
		if (strstr(got, cases[i].message) == NULL) /* folder or not before the name */
			cr_assert_str_eq(got, cases[i].message, "%s: %s", cases[i].text, got);
	}
}

Test(config_errors, name_the_nearest_known_key)
{
	static const struct {
		const char *text, *message, *hint;
	} cases[] = {
		{ "chta: {}\n", "c.yaml:1: unknown key 'chta'", "did you mean chat?" },
		{ "chat:\n  retires: 1\n", "c.yaml:2: unknown key 'retires' in chat",
		  "did you mean retries?" },
		{ "circuit: {treshold: 1}\n", "c.yaml:1: unknown key 'treshold' in circuit",
		  "did you mean threshold?" },
		{ "providers:\n  openai:\n    baseurl: x\n",
		  "c.yaml:3: unknown key 'baseurl' in providers.openai",
		  "did you mean base_url?" },
		{ "users: {ann: {rate: 5/minute}}\n", "c.yaml:1: unknown key 'rate' in users.ann",
		  "keys here: rate_limit, burst" },
		{ "providers: {openai: {ratelimit: 5/minute}}\n",
		  "c.yaml:1: unknown key 'ratelimit' in providers.openai",
		  "did you mean rate_limit?" },
		{ "providers: {openai: {rate_limit: 5/m}}\n",
		  "c.yaml:1: providers.openai.rate_limit: '5/m' is no rate",
		  "as in 100/minute: from 1 to 1000000 for each second, minute, hour or day" },
		{ "circuit: {something_else: 1}\n",
		  "c.yaml:1: unknown key 'something_else' in circuit",
		  "keys here: threshold, timeout_ms" },
		{ "chat: {primary: cluade}\n",
		  "c.yaml:1: chat.primary: there is no provider 'cluade'",
		  "did you mean claude?" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		cr_assert_str_eq(complaint(cases[i].text, &err), cases[i].message);
		cr_assert_str_eq(err.hint, cases[i].hint, "case %zu: %s", i, err.hint);
	}
}

Test(config_errors, name_the_variable_that_makes_no_sense)
{
	static const struct {
		const char *name, *value, *message;
	} cases[] = {
		{ "PROVIDER_CIRCUIT_THRESHOLD", "0",
		  "PROVIDER_CIRCUIT_THRESHOLD: '0' is no whole number from 1 to 1000000" },
		{ "PROVIDER_CIRCUIT_TIMEOUT", "1s",
		  "PROVIDER_CIRCUIT_TIMEOUT: '1s' is no whole number from 1 to 86400000" },
		{ "STREAM_TIMEOUT", "nan",
		  "STREAM_TIMEOUT: 'nan' is no number of seconds from 0.001 to 86400" },
		{ "CARTRITA_LOG", "all", "CARTRITA_LOG: 'all' is none of error|warn|info|debug" },
		{ "OPENAI_API", "grpc", "OPENAI_API: 'grpc' is none of auto|chat|responses" },
		{ "PRIMARY_PROVIDER", "cloud",
		  "environment PRIMARY_PROVIDER: chat.primary: there is no provider 'cloud'" },
		{ "FALLBACK_CHAIN", "gemini, nobody",
		  "environment FALLBACK_CHAIN: chat.fallback: there is no provider 'nobody'" },
		{ "GEMINI_BASE_URL", "localhost:8080",
		  "GEMINI_BASE_URL: a URL begins with http:// or https://" },
		{ "AZURE_OPENAI_ENDPOINT", "x",
		  "AZURE_OPENAI_ENDPOINT: a URL begins with http:// or https://" },
		{ "CLAUDE_DEFAULT_MODEL", "two words",
		  "CLAUDE_DEFAULT_MODEL: 'two words' is no model id" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_config *c;
		struct ct_err err = { 0 };
		setenv(cases[i].name, cases[i].value, 1);
		int rc = ct_config_load(NULL, NULL, &c, &err);
		cr_assert_eq(rc, CT_ECONFIG, "%s: %d", cases[i].name, rc);
		cr_assert_str_eq(err.msg, cases[i].message, "%s: %s", cases[i].name, err.msg);
		unsetenv(cases[i].name);
	}
}

Test(config_errors, do_not_repeat_what_may_be_a_key)
{
	struct ct_err err = { 0 };

	complaint("providers:\n  openai:\n    key_env: sk-proj-abcdef123456\n", &err);
	cr_assert(strstr(err.msg, "abcdef") == NULL && strstr(err.hint, "abcdef") == NULL);
	complaint("providers:\n  openai:\n    base_url: https://u:hunter22@x/\n", &err);
	cr_assert(strstr(err.msg, "hunter22") == NULL && strstr(err.hint, "hunter22") == NULL);
}

Test(config_errors, stop_at_a_file_that_is_too_long)
{
	char *text = malloc((1 << 20) + 10);
	struct ct_err err = { 0 };

	memset(text, '\n', (1 << 20) + 9);
	text[(1 << 20) + 9] = '\0';
	cr_assert_str_eq(complaint(text, &err), "c.yaml: longer than 1048576 bytes");
	free(text);
}

Test(config_errors, stop_at_too_many_providers)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(65536);
	struct ct_err err = { 0 };

	ct_buf_puts(&text, "providers:\n");
	for (int i = 0; i < 65; i++)
		ct_buf_printf(&text, "  p%d: {kind: openai}\n", i);
	cr_assert_str_eq(complaint(text.ptr, &err), "c.yaml:66: more than 64 providers");
}

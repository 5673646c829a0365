/* The variables that turn a program to the sandbox. */
#include <stdlib.h>

#include "service/sandbox_call.h"

static const struct {
	const char *name, *path;
	enum ct_sandbox_provider provider;
} bases[] = {
	{ "ANTHROPIC_BASE_URL", "/anthropic", CT_SANDBOX_CLAUDE },
	{ "GEMINI_BASE_URL", "/gemini", CT_SANDBOX_GEMINI },
	{ "OPENAI_BASE_URL", "/openai/v1", CT_SANDBOX_OPENAI },
	{ "HUGGINGFACE_BASE_URL", "/huggingface/v1", CT_SANDBOX_HUGGINGFACE },
	{ "AZURE_ENDPOINT", "/azure", CT_SANDBOX_AZURE },
	{ "TAVILY_BASE_URL", "/tavily", CT_SANDBOX_TAVILY },
	{ "DEEPGRAM_BASE_URL", "/deepgram", CT_SANDBOX_DEEPGRAM },
	{ "GITHUB_BASE_URL", "/github", CT_SANDBOX_GITHUB },
};

/* Obviously no keys, and long enough that a log would show whether they are redacted. */
static const char *const keys[][2] = {
	{ "ANTHROPIC_API_KEY", "sandbox-no-key-claude" },
	{ "GOOGLE_API_KEY", "sandbox-no-key-gemini" },
	{ "GEMINI_API_KEY", "sandbox-no-key-gemini" },
	{ "OPENAI_API_KEY", "sandbox-no-key-openai" },
	{ "HUGGINGFACE_API_KEY", "sandbox-no-key-huggingface" },
	{ "HF_TOKEN", "sandbox-no-key-huggingface" },
	{ "DEEPGRAM_API_KEY", "sandbox-no-key-deepgram" },
	{ "AZURE_API_KEY", "sandbox-no-key-azure" },
	{ "AZURE_DEFAULT_MODEL", "sandbox" },
	{ "TAVILY_API_KEY", "sandbox-no-key-tavily" },
	{ "GITHUB_API_KEY", "sandbox-no-key-github" },
	{ "GITHUB_TOKEN", "sandbox-no-key-github" },
};

/* What each of those that are keys begins with. */
static const char no_key[] = "sandbox-no-key-";

bool ct_sandbox_serves(struct ct_str base_url, const char *key)
{
	const char *own = getenv("CARTRITA_SANDBOX");
	size_t len = own != NULL ? strlen(own) : 0;

	if (key != NULL && ct_str_starts(ct_str(key), no_key) &&
	    ct_str_starts(base_url, "http://127.0.0.1:"))
		return true;
	return len > 0 && ct_str_starts(base_url, own) &&
	       (base_url.len == len || base_url.ptr[len] == '/');
}

static bool add(struct ct_sandbox *sandbox, size_t *count, const char *name,
		struct ct_str value)
{
	sandbox->exports[*count] = (struct ct_sandbox_export){ name, value.ptr };
	(*count)++;
	return value.ptr != NULL;
}

/* What the user's own list keeps from the proxy stays kept from it. */
static struct ct_str no_proxy(struct ct_sandbox *sandbox)
{
	const char *own = getenv("NO_PROXY");

	if (own == NULL || *own == '\0')
		own = getenv("no_proxy");
	return ct_arena_printf(&sandbox->arena, "127.0.0.1,localhost%s%s",
			       own != NULL && *own != '\0' ? "," : "",
			       own != NULL ? own : "");
}

int ct_sandbox_make_exports(struct ct_sandbox *sandbox, struct ct_err *err)
{
	size_t count = 0, room = CT_COUNT(bases) + CT_COUNT(keys) + 5;
	struct ct_arena *arena = &sandbox->arena;
	int port = ct_sandbox_port(sandbox);
	bool fine = true;

	sandbox->exports = ct_arena_alloc(arena, room * sizeof(*sandbox->exports));
	if (sandbox->exports == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for the exports");
	fine = add(sandbox, &count, "CARTRITA_SANDBOX",
		   ct_arena_printf(arena, "http://127.0.0.1:%d", port));
	for (size_t i = 0; i < CT_COUNT(bases); i++)
		fine &= add(
			sandbox, &count, bases[i].name,
			ct_arena_printf(arena, "http://127.0.0.1:%d%s",
					ct_plan_refuses(&sandbox->plan, bases[i].provider)
						? sandbox->refused_port
						: port,
					bases[i].path));
	for (size_t i = 0; i < CT_COUNT(keys); i++)
		fine &= add(sandbox, &count, keys[i][0], ct_str(keys[i][1]));
	fine &= add(sandbox, &count, "NO_PROXY", no_proxy(sandbox));
	fine &= add(sandbox, &count, "no_proxy", no_proxy(sandbox));
	if (sandbox->options.db_path != NULL)
		fine &= add(sandbox, &count, "CARTRITA_DB",
			    ct_arena_dup(arena, ct_str(sandbox->options.db_path)));
	return fine ? CT_OK : ct_fail(err, CT_ENOMEM, "no memory for the exports");
}

void ct_sandbox_print(const struct ct_sandbox *sandbox, struct ct_buf *out)
{
	for (const struct ct_sandbox_export *e = sandbox->exports; e->name != NULL; e++) {
		ct_buf_printf(out, "export %s='", e->name);
		for (const char *c = e->value; *c != '\0'; c++)
			ct_buf_append(out, *c == '\'' ? "'\\''" : c, *c == '\'' ? 4 : 1);
		ct_buf_puts(out, "'\n");
	}
}

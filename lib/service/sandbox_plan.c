#include "service/sandbox_plan.h"

enum { COUNT_MAX = 1000000, TEXT_MAX_BYTES = 4096 };

enum argument { NO_ARGUMENT, OPTIONAL, REQUIRED };

static const struct {
	const char *name;
	enum ct_fault_kind kind;
	enum argument argument;
	int64_t max;
} known[] = {
	{ "refused", CT_FAULT_REFUSED, NO_ARGUMENT, 0 },
	{ "reset", CT_FAULT_RESET, NO_ARGUMENT, 0 },
	{ "cut-at", CT_FAULT_CUT_AT, REQUIRED, 1 << 30 },
	{ "cut-after", CT_FAULT_CUT_AFTER, REQUIRED, 1 << 20 },
	{ "stall-after", CT_FAULT_STALL_AFTER, REQUIRED, 1 << 20 },
	{ "silent", CT_FAULT_SILENT, NO_ARGUMENT, 0 },
	{ "silent-after-headers", CT_FAULT_SILENT_AFTER_HEADERS, NO_ARGUMENT, 0 },
	{ "pings", CT_FAULT_PINGS, NO_ARGUMENT, 0 },
	{ "slow", CT_FAULT_SLOW, REQUIRED, 600000 },
	{ "no-end", CT_FAULT_NO_END, NO_ARGUMENT, 0 },
	{ "no-done", CT_FAULT_NO_DONE, NO_ARGUMENT, 0 },
	{ "bad-chunk", CT_FAULT_BAD_CHUNK, NO_ARGUMENT, 0 },
	{ "error-in-stream", CT_FAULT_ERROR_IN_STREAM, OPTIONAL, 1 << 20 },
	{ "context-length", CT_FAULT_CONTEXT_LENGTH, NO_ARGUMENT, 0 },
	{ "content-policy", CT_FAULT_CONTENT_POLICY, NO_ARGUMENT, 0 },
	{ "quota", CT_FAULT_QUOTA, NO_ARGUMENT, 0 },
	{ "prefill-refused", CT_FAULT_PREFILL_REFUSED, NO_ARGUMENT, 0 },
	{ "empty", CT_FAULT_EMPTY, NO_ARGUMENT, 0 },
	{ "html", CT_FAULT_HTML, NO_ARGUMENT, 0 },
	{ "shape", CT_FAULT_SHAPE, NO_ARGUMENT, 0 },
	{ "redirect", CT_FAULT_REDIRECT, NO_ARGUMENT, 0 },
	{ "endless", CT_FAULT_ENDLESS, NO_ARGUMENT, 0 },
	{ "down", CT_FAULT_DOWN, REQUIRED, 86400 },
};

static const struct {
	const char *name;
	enum ct_sandbox_provider provider;
} names[] = {
	{ "claude", CT_SANDBOX_CLAUDE }, { "gemini", CT_SANDBOX_GEMINI },
	{ "openai", CT_SANDBOX_OPENAI }, { "huggingface", CT_SANDBOX_HUGGINGFACE },
	{ "azure", CT_SANDBOX_AZURE }, { "tavily", CT_SANDBOX_TAVILY },
	{ "deepgram", CT_SANDBOX_DEEPGRAM }, { "github", CT_SANDBOX_GITHUB },
	{ "anthropic", CT_SANDBOX_CLAUDE }, { "google", CT_SANDBOX_GEMINI },
	{ "hf", CT_SANDBOX_HUGGINGFACE },
};

int ct_sandbox_provider(struct ct_str name)
{
	for (size_t i = 0; i < CT_COUNT(names); i++) {
		if (ct_str_is(name, names[i].name))
			return (int)names[i].provider;
	}
	return -1;
}

const char *ct_sandbox_provider_name(enum ct_sandbox_provider provider)
{
	return names[provider].name;
}

/* Take what stands before the first `mark` off text; all of it where there is none. */
static struct ct_str take_until(struct ct_str *text, char mark, bool *found)
{
	const char *at = text->len > 0 ? memchr(text->ptr, mark, text->len) : NULL;
	struct ct_str head = { text->ptr,
			       at != NULL ? (size_t)(at - text->ptr) : text->len };

	*found = at != NULL;
	*text = at != NULL ? ct_str_from(*text, head.len + 1) : (struct ct_str){ at, 0 };
	return head;
}

static int known_index(struct ct_str name)
{
	for (size_t i = 0; i < CT_COUNT(known); i++) {
		if (ct_str_is(name, known[i].name))
			return (int)i;
	}
	return -1;
}

static int unknown_fault(struct ct_str name, struct ct_err *err)
{
	const char *nearest = NULL;

	if (ct_sandbox_provider(name) >= 0)
		return ct_fail(err, CT_EUSAGE, "what shall go wrong with %.*s? %.*s:FAULT",
			       CT_STR_ARG(name), CT_STR_ARG(name));
	unsigned best = name.len < 6 ? (unsigned)name.len / 2 + 1 : 4;
	int code = ct_fail(err, CT_EUSAGE, "unknown fault '%.*s'", CT_STR_ARG(name));

	for (size_t i = 0; i < CT_COUNT(known); i++) {
		unsigned distance = ct_str_distance(name, ct_str(known[i].name));

		if (distance < best) {
			best = distance;
			nearest = known[i].name;
		}
	}
	for (size_t i = 0; i < CT_COUNT(names); i++) {
		unsigned distance = ct_str_distance(name, ct_str(names[i].name));

		if (distance < best) {
			best = distance;
			nearest = names[i].name;
		}
	}
	if (nearest != NULL)
		ct_hint(err, "did you mean '%s'?", nearest);
	else
		ct_hint(err, "a fault is a status from 400 to 599 or one of those in "
			     "cartrita-sandbox(1)");
	return code;
}

static bool whole_number(struct ct_str text, int64_t min, int64_t max, int64_t *out)
{
	return text.len > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9' &&
	       ct_str_int(text, out) && *out >= min && *out <= max;
}

/* A fault's name and argument: "503:2", "cut-at:100", "reset". */
static int parse_fault(struct ct_str text, struct ct_fault *out, struct ct_err *err)
{
	bool has_argument;
	struct ct_str all = text, name = take_until(&text, ':', &has_argument);
	int64_t status = 0, max = 86400;
	enum argument argument = OPTIONAL;
	int index = known_index(name);

	if (index >= 0) {
		out->kind = known[index].kind;
		argument = known[index].argument;
		max = known[index].max;
	} else if (whole_number(name, 400, 599, &status)) {
		out->kind = CT_FAULT_STATUS;
		out->status = (int)status;
	} else {
		return unknown_fault(name, err);
	}
	out->argument = -1;
	if (has_argument && argument == NO_ARGUMENT)
		return ct_fail(err, CT_EUSAGE, "fault '%.*s' takes no argument",
			       CT_STR_ARG(name));
	if (!has_argument && argument == REQUIRED)
		return ct_fail(err, CT_EUSAGE, "fault '%.*s' needs a number: %.*s:N",
			       CT_STR_ARG(name), CT_STR_ARG(name));
	if (has_argument && !whole_number(text, 0, max, &out->argument))
		return ct_fail(err, CT_EUSAGE,
			       "fault '%.*s': a number from 0 to %lld is needed",
			       CT_STR_ARG(all), (long long)max);
	return CT_OK;
}

/* "*COUNT" or "@PERCENT" at the end of an entry, taken off. */
static int parse_times(struct ct_str *text, struct ct_fault *out, struct ct_err *err)
{
	struct ct_str rest = *text, all = *text;
	bool found;
	int64_t number;

	out->count = -1;
	*text = take_until(&rest, '*', &found);
	if (found) {
		if (!whole_number(rest, 1, COUNT_MAX, &out->count))
			return ct_fail(err, CT_EUSAGE,
				       "'%.*s': after * comes a count from 1 to %d",
				       CT_STR_ARG(all), COUNT_MAX);
		return CT_OK;
	}
	rest = all;
	*text = take_until(&rest, '@', &found);
	if (!found)
		return CT_OK;
	if (!whole_number(rest, 1, 100, &number))
		return ct_fail(err, CT_EUSAGE,
			       "'%.*s': after @ comes a percentage from 1 to 100",
			       CT_STR_ARG(all));
	out->percent = (int)number;
	return CT_OK;
}

static int parse_entry(struct ct_str text, struct ct_fault *out, struct ct_err *err)
{
	struct ct_str rest, head;
	bool found;

	*out = (struct ct_fault){ .provider = -1, .text = text };
	int rc = parse_times(&text, out, err);
	if (rc != CT_OK)
		return rc;
	rest = text;
	head = take_until(&rest, ':', &found);
	if (found && ct_sandbox_provider(head) >= 0) {
		out->provider = ct_sandbox_provider(head);
		text = rest;
	}
	rc = parse_fault(text, out, err);
	if (rc == CT_OK && out->kind == CT_FAULT_DOWN &&
	    (out->count > 0 || out->percent > 0))
		return ct_fail(err, CT_EUSAGE,
			       "'%.*s': down lasts for its time, not for a count",
			       CT_STR_ARG(out->text));
	for (int i = 0; i < CT_SANDBOX_PROVIDERS; i++) {
		out->left[i] = out->count;
		out->down_since_ms[i] = -1;
	}
	return rc;
}

int ct_plan_parse(struct ct_str text, uint64_t seed, struct ct_plan *out,
		  struct ct_err *err)
{
	bool more = text.len > 0;

	*out = (struct ct_plan){ .random = seed };
	if (text.len > TEXT_MAX_BYTES)
		return ct_fail(err, CT_EUSAGE, "a fault plan has at most %d characters",
			       TEXT_MAX_BYTES);
	while (more) {
		struct ct_str entry = ct_str_trim(take_until(&text, ',', &more));

		if (entry.len == 0)
			return ct_fail(err, CT_EUSAGE,
				       "an empty entry in the fault plan");
		if (out->count == CT_PLAN_MAX)
			return ct_fail(err, CT_EUSAGE,
				       "a fault plan has at most %d entries",
				       CT_PLAN_MAX);
		int rc = parse_entry(entry, &out->faults[out->count], err);
		if (rc != CT_OK)
			return rc;
		out->count++;
	}
	return CT_OK;
}

/* splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain algorithm). */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static bool is_down(struct ct_fault *fault, enum ct_sandbox_provider provider,
		    int64_t now_ms)
{
	int64_t *since = &fault->down_since_ms[provider];

	if (*since < 0)
		*since = now_ms;
	return now_ms - *since < fault->argument * 1000;
}

/* Does this entry act now? It is used up by one when it does. */
static bool acts(struct ct_plan *plan, struct ct_fault *fault,
		 enum ct_sandbox_provider provider, int64_t now_ms)
{
	if (fault->kind == CT_FAULT_DOWN)
		return is_down(fault, provider, now_ms);
	if (fault->percent > 0)
		return next_random(&plan->random) % 100 < (uint64_t)fault->percent;
	if (fault->left[provider] == 0)
		return false;
	if (fault->left[provider] > 0)
		fault->left[provider]--;
	return true;
}

const struct ct_fault *ct_plan_next(struct ct_plan *plan,
				    enum ct_sandbox_provider provider, bool prefill,
				    int64_t now_ms)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct ct_fault *fault = &plan->faults[i];

		if (fault->provider >= 0 && fault->provider != (int)provider)
			continue;
		if (fault->kind == CT_FAULT_PREFILL_REFUSED && !prefill)
			continue;
		if (acts(plan, fault, provider, now_ms))
			return fault;
	}
	return NULL;
}

bool ct_plan_refuses(const struct ct_plan *plan, enum ct_sandbox_provider provider)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct ct_fault *fault = &plan->faults[i];

		if (fault->provider < 0 || fault->provider == (int)provider)
			return fault->kind == CT_FAULT_REFUSED && fault->count < 0 &&
			       fault->percent == 0;
	}
	return false;
}

/*
 * What the sandbox does wrong, and when: a plan of
 *
 *	[PROVIDER:]FAULT[:ARGUMENT][*COUNT|@PERCENT]
 *
 * with commas between. For each chat request of a provider the entries that are about it are
 * gone through in order, and the first that has something left acts: one with *COUNT acts so
 * many times, one with @PERCENT when the draw says so and is never used up, any other always.
 * Each provider counts for itself. No I/O; time comes in.
 */
#ifndef CT_SERVICE_SANDBOX_PLAN_H
#define CT_SERVICE_SANDBOX_PLAN_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum ct_fault_kind {
	CT_FAULT_NONE,
	CT_FAULT_STATUS, /* argument: seconds to wait, 0 not said */
	CT_FAULT_REFUSED,
	CT_FAULT_RESET,
	CT_FAULT_CUT_AT, /* bytes of the body */
	CT_FAULT_CUT_AFTER, /* tokens */
	CT_FAULT_STALL_AFTER, /* tokens */
	CT_FAULT_SILENT,
	CT_FAULT_SILENT_AFTER_HEADERS,
	CT_FAULT_PINGS,
	CT_FAULT_SLOW, /* ms for each token */
	CT_FAULT_NO_END,
	CT_FAULT_NO_DONE, /* all but [DONE] */
	CT_FAULT_BAD_CHUNK,
	CT_FAULT_ERROR_IN_STREAM, /* tokens before it */
	CT_FAULT_CONTEXT_LENGTH,
	CT_FAULT_CONTENT_POLICY,
	CT_FAULT_QUOTA, /* 429 that no wait helps against */
	CT_FAULT_PREFILL_REFUSED,
	CT_FAULT_EMPTY,
	CT_FAULT_HTML,
	CT_FAULT_SHAPE,
	CT_FAULT_REDIRECT,
	CT_FAULT_ENDLESS,
	CT_FAULT_DOWN, /* seconds from the first request on */
};

enum ct_sandbox_provider {
	CT_SANDBOX_CLAUDE,
	CT_SANDBOX_GEMINI,
	CT_SANDBOX_OPENAI,
	CT_SANDBOX_HUGGINGFACE,
	CT_SANDBOX_AZURE,
	CT_SANDBOX_TAVILY,
	CT_SANDBOX_DEEPGRAM,
	CT_SANDBOX_GITHUB,
	CT_SANDBOX_PROVIDERS,
};

enum { CT_PLAN_MAX = 64 };

struct ct_fault {
	enum ct_fault_kind kind;
	int status; /* of CT_FAULT_STATUS */
	int64_t argument; /* in the unit of its kind; -1: none given */
	int provider; /* enum ct_sandbox_provider; -1: each */
	int64_t count; /* how often; -1: always */
	int percent; /* 0: not drawn */
	int64_t left[CT_SANDBOX_PROVIDERS];
	int64_t down_since_ms[CT_SANDBOX_PROVIDERS]; /* -1: not asked yet */
	struct ct_str text; /* as written */
};

struct ct_plan {
	struct ct_fault faults[CT_PLAN_MAX];
	size_t count;
	uint64_t random; /* state of the generator */
};

/* text is borrowed for as long as the plan. CT_EUSAGE naming the nearest fault. */
int ct_plan_parse(struct ct_str text, uint64_t seed, struct ct_plan *out,
		  struct ct_err *err);

/*
 * The fault for one more chat request of that provider, used up by one; NULL: none. prefill: does
 * the request bring a started answer? now_ms is any clock that does not go back.
 */
const struct ct_fault *ct_plan_next(struct ct_plan *plan,
				    enum ct_sandbox_provider provider, bool prefill,
				    int64_t now_ms);

/* Is the provider unreachable from the start and for ever (`refused` without a count comes first)? */
bool ct_plan_refuses(const struct ct_plan *plan, enum ct_sandbox_provider provider);

/* "claude" … "azure", also by alias; -1 for none. */
int ct_sandbox_provider(struct ct_str name);
const char *ct_sandbox_provider_name(enum ct_sandbox_provider provider);

#endif

/* One exchange with one provider: a row of provider_metrics, a member of `attempts`. */
#ifndef CT_MODEL_ATTEMPT_H
#define CT_MODEL_ATTEMPT_H

#include "base/str.h"
#include "model/usage.h"

/* Strings are borrowed from the call's arena, or from a row during its callback. */
struct ct_attempt {
	struct ct_str provider, model;
	int status; /* HTTP; 0 where none came */
	int code; /* enum ct_code; CT_OK: it answered */
	struct ct_str error; /* what went wrong in words, redacted; empty on success */
	struct ct_str provider_request_id; /* empty where not said */
	int64_t started_wall_ms;
	int64_t duration_ms;
	int64_t first_token_ms; /* since its start; -1: none came */
	int64_t waited_ms; /* before it: back-off or what the provider asked for */
	struct ct_usage usage;
	int64_t cost_usd_nanos; /* -1 unknown */
	bool fallback; /* an earlier candidate of the same request had failed */
	bool skipped; /* never asked (no key, circuit, no room): only in `logs show`, no metrics row */
	struct ct_str reason; /* why what came next came next, or why it was skipped */
};

#endif

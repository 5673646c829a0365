/* Rows as the diagnostics show them. Strings are valid during the callback that brings a row. */
#ifndef CT_MODEL_RECORD_H
#define CT_MODEL_RECORD_H

#include "base/process.h"
#include "base/str.h"
#include "model/usage.h"

/* A request: a row of provider_logs. */
struct ct_log_row {
	struct ct_str id, request_id;
	struct ct_str conversation_id, user_id; /* {NULL, 0}: null */
	struct ct_str provider, model; /* of the candidate asked last */
	struct ct_str state; /* pending completed failed */
	struct ct_str request_data, response_data, error_data; /* JSON texts; {NULL, 0}: null */
	int64_t duration_ms; /* -1: null */
	int64_t created_ms, updated_ms; /* Unix ms */
};

struct ct_log_filter {
	int64_t limit; /* rows after the other filters; 0: no limit */
	struct ct_str provider, conversation_id, user_id; /* {NULL, 0}: any */
	bool failed; /* only failed ones */
	int64_t since_ms; /* Unix ms; 0: any time */
	int64_t after_rowid; /* only rows beyond it, oldest first (for --follow); 0: newest first */
};

/* One line of `provider stats`. Times in ms; -1 where there is nothing to measure. */
struct ct_stats_row {
	struct ct_str provider, model, user_id, period; /* those that --by groups over; else {NULL, 0} */
	int64_t requests, successes, failures, fallbacks;
	int64_t input_tokens, output_tokens, total_tokens;
	int64_t cost_usd_nanos; /* of attempts whose price is known */
	int64_t avg_ms, p50_ms, p95_ms, p99_ms; /* durations of successes */
	int64_t p50_first_token_ms;
	int64_t last_used_ms; /* Unix ms */
};

enum ct_stats_by { CT_BY_MODEL, CT_BY_PROVIDER, CT_BY_USER, CT_BY_DAY, CT_BY_HOUR };

#endif

/* What is known of one model: limits, prices, and what its requests may carry. */
#ifndef CT_MODEL_MODEL_H
#define CT_MODEL_MODEL_H

#include "base/str.h"
#include "model/usage.h"

enum ct_known { CT_UNKNOWN, CT_NO, CT_YES };

/* How a Claude model takes `thinking` (wire: anthropic, "Per-model thinking/tool rules"). */
enum ct_thinking {
	CT_THINKING_NONE, /* unknown, or nothing to send */
	CT_THINKING_BUDGET, /* enabled with budget_tokens; off when not sent */
	CT_THINKING_ADAPTIVE, /* adaptive with output_config.effort */
};

enum { CT_MODEL_EFFORTS = 8 };

/* All strings live as long as the catalogue that holds the model. */
struct ct_model {
	struct ct_str id;
	struct ct_str provider; /* our name of it: claude, gemini, openai, or a catalogue's other one */
	int64_t context; /* tokens, prompt and answer; 0 unknown */
	int64_t max_input; /* where smaller than context; 0 otherwise */
	int64_t max_output; /* 0 unknown */
	struct ct_pricing pricing;
	enum ct_known tools, vision, pdf, audio_in, reasoning, json_schema;
	enum ct_known temperature; /* CT_NO: sampling parameters are not sent */
	enum ct_known prefill; /* CT_YES: takes a started answer as the last message */
	enum ct_thinking thinking;
	struct ct_str efforts[CT_MODEL_EFFORTS]; /* accepted reasoning efforts, weakest first */
	int effort_count; /* 0: unknown */
	struct ct_str status; /* active preview legacy deprecated retired */
	struct ct_str released, shutdown; /* YYYY-MM-DD or empty */
	struct ct_str replacement; /* empty where there is none */
};

#endif

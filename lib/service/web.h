/*
 * A question with the web's help: a search with its words first, then the model, which is given what
 * was found (numbered, as data) and cites it; where it takes tools it may ask for a few further
 * searches. Each search and each turn of the model is a call of its own. One that refuses the request
 * for its tools (a local server often does) is asked without them: what was found is in the question.
 *
 * Where the first search fails nothing is asked: an answer without it would be made up.
 */
#ifndef CT_SERVICE_WEB_H
#define CT_SERVICE_WEB_H

#include "service/search.h"

enum {
	CT_WEB_RESULTS = 5, /* of one search */
	CT_WEB_SOURCES_MAX = 40, /* of one question */
	CT_WEB_ROUNDS_MAX = 3, /* of further searches */
	CT_WEB_SEARCHES_MAX = 4, /* in one round */
};

/* Set the first part, then run; sources are there until fini. */
struct ct_web {
	struct ct_app *app;
	const struct ct_request *request; /* its last message is the question */
	const struct ct_candidates *candidates, *searchers;
	struct ct_call_options options; /* timeout_ms is for all of it */
	struct ct_call_handler handler; /* on_done once, with everything there was to count */
	void *user;
	void (*on_search)(void *search_user, struct ct_str provider, struct ct_str query);
	void *search_user;

	struct ct_str failed_provider, failed_request_id; /* of a search that failed */
	struct ct_str failed_attempts; /* its attempts, a JSON array */
	struct ct_found *sources; /* [1] is the first */
	size_t source_count;

	struct ct_arena arena;
	struct ct_call *call;
	struct ct_searching *searching;
	bool stopped, told; /* told: on_done was called */
	bool without_tools; /* who is asked refused a request with them */
	int64_t began_us;
	struct ct_candidates ordered; /* who answered last is asked first the next time */
	struct ct_message *messages;
	size_t message_count, message_room;
	size_t rounds;
	const struct ct_tool_call *calls; /* of the turn that has ended */
	size_t call_count;
	int code;
	struct ct_err err;
	struct ct_usage usage; /* of all turns */
	int64_t cost_usd_nanos;
	struct ct_record_attempt *attempts;
	size_t attempt_count;
};

/*
 * Run it to its end, on the app's loop. CT_OK, or why not: when that was before the model was asked
 * (a search failed, a request is wrong) on_done has not been called. CT_ETOOL: the model asked for
 * further searches to the very end.
 */
int ct_web_run(struct ct_web *web, struct ct_err *err);

/* Stop it, from a callback of the loop. */
void ct_web_stop(struct ct_web *web);

void ct_web_fini(struct ct_web *web);

/* "Sources:" and a line "[1] title: URL" for each, with a line end after each. */
void ct_web_sources_text(const struct ct_found *sources, size_t count, struct ct_buf *out);

#endif

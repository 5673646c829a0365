/*
 * A search, or an extraction, from its first page to its last: each page is a call of its own
 * (service/call), so each has its journal row, its retries and its metrics. What was found on all
 * of them is one list. A page that cannot be had fails the whole: half a result looks like one.
 */
#ifndef CT_SERVICE_SEARCH_H
#define CT_SERVICE_SEARCH_H

#include "service/call.h"

/* Set the first part, then run; the second part says what came of it, until fini. */
struct ct_searching {
	struct ct_app *app;
	enum ct_task task; /* SEARCH, EXTRACT or READ */
	struct ct_search search; /* limit: over all pages */
	const struct ct_candidates *candidates;
	struct ct_call_options options; /* timeout_ms is for all pages together */

	struct ct_arena arena;
	struct ct_call *call; /* of the page under way; NULL: none */
	bool stopped;
	int code;
	struct ct_err err;
	struct ct_found *found;
	size_t count;
	int64_t total; /* as the provider reports it, else count */
	struct ct_str answer; /* in words; empty: none came. READ: a line of JSON for each page */
	size_t records; /* READ: in all of its lines */
	bool incomplete; /* the provider has not looked everywhere */
	int64_t left_out; /* results that did not say where they are */
	struct ct_str provider, request_id, provider_request_id; /* of the last page */
	struct ct_str attempts; /* a JSON array: those of the last page */
	struct ct_warnings warnings;
	int64_t duration_ms, cost_usd_nanos; /* of all pages; cost -1: not known */
	size_t room; /* of found */
};

/*
 * Run it to its end, on the app's loop. CT_OK, or as ct_call_start() and the calls fail;
 * CT_ECANCELLED after ct_searching_stop().
 */
int ct_searching_run(struct ct_searching *s, struct ct_err *err);

/* Stop it, from a callback of the loop. */
void ct_searching_stop(struct ct_searching *s);

void ct_searching_fini(struct ct_searching *s);

/* Does that provider search and not chat? false also where there is none of that name. */
bool ct_search_is_all(struct ct_app *app, const char *provider);

/*
 * Do the addresses with that host, as a browser has them, stand for what that provider has?
 * true also where there is none of that name: that has an error of its own.
 */
bool ct_search_is_host(struct ct_app *app, const char *provider, struct ct_str host);

/* What was found as text for a message, numbered from 1: title, URL, snippet. CT_ENOMEM, CT_ETOOBIG. */
int ct_found_text(const struct ct_found *found, size_t count, struct ct_buf *out,
		  struct ct_err *err);

#endif

/*
 * What cmd/ shows of the store and the configuration: statistics, logs, circuits, providers.
 *
 * A store that does not exist yet is an empty one: nothing is made by looking at it. Callbacks end
 * a listing with anything but CT_OK, and that is then the answer.
 */
#ifndef CT_SERVICE_DIAGNOSTICS_H
#define CT_SERVICE_DIAGNOSTICS_H

#include "model/circuit.h"
#include "service/app.h"
#include "store/journal.h"
#include "store/metrics.h"

/* Attempts begun at or after since_ms (0: all); see ct_stats_query(). */
int ct_diag_stats(struct ct_app *app, enum ct_stats_by by, int64_t since_ms,
		  ct_stats_row_fn *fn, void *user, struct ct_err *err);

/* Requests; a vendor's alias in filter->provider counts as its name. See ct_journal_list(). */
int ct_diag_logs(struct ct_app *app, const struct ct_log_filter *filter, ct_log_row_fn *fn,
		 void *user, struct ct_err *err);

/* One request, whole; see ct_journal_show(). CT_EINVALID also where there is no store. */
int ct_diag_log_show(struct ct_app *app, struct ct_str id, ct_log_show_fn *fn, void *user,
		     struct ct_err *err);

/* A provider's circuit in wall-clock times; 0: none. Strings are valid during the callback. */
struct ct_circuit_row {
	struct ct_str provider;
	enum ct_circuit_state state;
	int64_t failures, threshold;
	int64_t opened_ms; /* open, half-open */
	int64_t retry_ms; /* open, half-open: may lie in the past; then a probe may pass now */
	int64_t resting_ms; /* until then no request, because the provider said so */
	const char *last_error; /* "" for none */
	int64_t probe_pid; /* half-open: the process whose probe is under way; else 0 */
	const struct ct_rate *rate; /* its rate limit; NULL: none */
	int64_t free; /* of that, how many requests could leave at once now */
	int64_t slot_wait_ms; /* and how long the next one would have to wait */
};

typedef int ct_circuit_row_fn(void *user, const struct ct_circuit_row *row);
/* For each provider that has a key, or that the configuration file names, or whose state is kept. */
int ct_diag_circuits(struct ct_app *app, struct ct_time now, ct_circuit_row_fn *fn, void *user,
		     struct ct_err *err);

/* "closed", "open", "half_open". Static. */
const char *ct_circuit_state_name(enum ct_circuit_state state);

/*
 * Close a provider's circuit and forget its rest, and what it said of its rate limit; every one's
 * with NULL. *name is what the
 * provider is called (an alias is resolved), borrowed from the configuration. CT_ENOPROVIDER.
 */
int ct_diag_circuit_reset(struct ct_app *app, const char *provider, struct ct_str *name,
			  struct ct_err *err);

struct ct_provider_row {
	struct ct_str name, kind;
	bool sandbox; /* it is none but the sandbox */
	bool configured; /* it could be asked: has a key or needs none, and has an address */
	struct ct_str default_model, base_url; /* {NULL, 0}: none */
	unsigned capabilities; /* enum ct_capability, ORed */
	enum ct_role_in_chain role;
};

typedef int ct_provider_row_fn(void *user, const struct ct_provider_row *row);
/* Needs configuration; default models of the catalogue only where it is open. */
int ct_diag_providers(struct ct_app *app, ct_provider_row_fn *fn, void *user,
		      struct ct_err *err);

/* The index-th capability's name ("chat") where capabilities has it; NULL: it has not. *more: go on. */
const char *ct_capability_name(unsigned capabilities, unsigned index, bool *more);

#endif

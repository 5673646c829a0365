/*
 * Is each provider there and does it take our key? Asked at its cheapest authenticated
 * endpoint, where no tokens are billed; all at once.
 */
#ifndef CT_SERVICE_HEALTH_H
#define CT_SERVICE_HEALTH_H

#include "model/circuit.h"
#include "service/app.h"

enum { CT_HEALTH_MS = 5000 }; /* the most it may take */

struct ct_health_row {
	struct ct_str provider;
	unsigned capabilities; /* enum ct_capability, ORed */
	bool configured; /* has a key, or needs none, and an address */
	bool healthy; /* answered 2xx in time */
	int code; /* enum ct_code of what was wrong */
	int status; /* HTTP; 0 where none came */
	int64_t latency_ms; /* -1: was not asked, or did not answer */
	struct ct_circuit circuit; /* as the store has it; zeros without a store */
	struct ct_str error; /* empty when healthy */
};

/* Rows come in the order of the configuration, when all are known. Strings during the call only. */
typedef void ct_health_fn(void *user, const struct ct_health_row *row);

/*
 * names: those to ask; none: every configured one (the others come as not configured, unasked).
 * CT_ENOPROVIDER for a name that is none, CT_EIO without libcurl.
 */
int ct_health_check(struct ct_app *app, const char *const *names, size_t count,
		    ct_health_fn *fn, void *user, struct ct_err *err);

#endif

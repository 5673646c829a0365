/*
 * Whom to ask, in which order: the provider and model that were named, then the fallback chain.
 */
#ifndef CT_SERVICE_CANDIDATES_H
#define CT_SERVICE_CANDIDATES_H

#include "service/app.h"

enum { CT_CANDIDATES_MAX = 2 * CT_FALLBACK_MAX };

struct ct_candidate {
	struct ct_service_config *service;
	const struct ct_model *model; /* NULL: not in the catalogue */
	struct ct_str model_id; /* as the provider knows it; of a task without models its name */
	bool named; /* by -p or -m: without a key it is an error, not skipped */
};

struct ct_candidates {
	struct ct_candidate list[CT_CANDIDATES_MAX];
	size_t count;
};

/* What was asked for on the command line; NULL members: nothing. */
struct ct_choice {
	enum ct_task task; /* its chain of the configuration is gone through, and who can do it */
	const char *provider; /* -p */
	const char *model; /* -m: an id, an alias, or provider/model */
	const char *fallback; /* --fallback: names or provider/model, comma separated */
	bool no_fallback;
};

/*
 * CT_ENOPROVIDER, CT_EUSAGE (named, and cannot do the task), CT_ENOMODEL (unknown, or retired at the provider's own address), CT_ENOKEY (no
 * model to ask it for). Strings of the result are the configuration's, the catalogue's or the choice's.
 */
int ct_candidates_find(struct ct_app *app, const struct ct_choice *choice,
		       struct ct_candidates *out, struct ct_err *err);

#endif

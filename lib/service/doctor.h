/* What is wrong with the setup, and what to do: configuration, keys, providers, store, certificates. */
#ifndef CT_SERVICE_DOCTOR_H
#define CT_SERVICE_DOCTOR_H

#include "service/app.h"

enum ct_verdict {
	CT_VERDICT_FINE,
	CT_VERDICT_NOTE, /* works, but somebody may want to know */
	CT_VERDICT_WRONG,
};

/* Strings are valid during the callback. */
struct ct_finding {
	const char *topic; /* "configuration", "keys", "provider", "store", … */
	enum ct_verdict verdict;
	const char *says;
	const char *advice; /* "" for none */
};

typedef void ct_finding_fn(void *user, const struct ct_finding *finding);

/* Look at everything; online: ask the configured providers, too (5 s at most). */
void ct_doctor(struct ct_app *app, bool online, ct_finding_fn *fn, void *user);

#endif

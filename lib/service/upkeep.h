/* The store's upkeep for cmd/: opens what the app names and hands on; see store/upkeep.h. */
#ifndef CT_SERVICE_UPKEEP_H
#define CT_SERVICE_UPKEEP_H

#include "service/app.h"
#include "store/upkeep.h"

/* All of them: CT_ESTORE where the store is missing or cannot be used. */
int ct_upkeep_facts(struct ct_app *app, struct ct_store_facts *out, struct ct_err *err);
int ct_upkeep_check(struct ct_app *app, ct_store_problem_fn *fn, void *user,
		    struct ct_err *err);
/* path exists already: CT_EUSAGE. */
int ct_upkeep_backup(struct ct_app *app, const char *path, struct ct_err *err);
int ct_upkeep_prune(struct ct_app *app, int64_t before_ms, int64_t *deleted,
		    struct ct_err *err);

#endif

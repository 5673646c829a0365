#include "service/upkeep.h"

#include <unistd.h>

enum { WAIT_MS = 10000 };

static int open_for(struct ct_app *app, enum ct_store_mode mode, struct ct_err *err)
{
	int rc = ct_app_open_store(app, mode, err);

	if (rc == CT_OK)
		ct_store_set_wait(app->store, WAIT_MS);
	return rc;
}

int ct_upkeep_facts(struct ct_app *app, struct ct_store_facts *out, struct ct_err *err)
{
	int rc = open_for(app, CT_STORE_READ, err);

	return rc == CT_OK ? ct_store_facts(app->store, out, err) : rc;
}

int ct_upkeep_check(struct ct_app *app, ct_store_problem_fn *fn, void *user,
		    struct ct_err *err)
{
	int rc = open_for(app, CT_STORE_READ, err);

	return rc == CT_OK ? ct_store_check(app->store, fn, user, err) : rc;
}

int ct_upkeep_backup(struct ct_app *app, const char *path, struct ct_err *err)
{
	if (access(path, F_OK) == 0)
		return ct_fail(err, CT_EUSAGE, "%s exists already", path);
	int rc = open_for(app, CT_STORE_READ, err);
	return rc == CT_OK ? ct_store_backup(app->store, path, err) : rc;
}

/* Where there is no file it is opened for reading: nothing is made where there is no store to prune. */
int ct_upkeep_prune(struct ct_app *app, int64_t before_ms, int64_t *deleted,
		    struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(4096);

	ct_app_db_path(app, &path);
	bool missing = access(path.ptr, F_OK) != 0;
	int rc = open_for(app, missing ? CT_STORE_READ : CT_STORE_WRITE, err);
	return rc == CT_OK ? ct_store_prune(app->store, before_ms, deleted, err) : rc;
}

/*
 * rate_limits: how far each limit is used up, shared by all processes. Read and written within one
 * transaction of the caller's.
 */
#ifndef CT_STORE_RATE_LIMITS_H
#define CT_STORE_RATE_LIMITS_H

#include "model/limit.h"
#include "store/store.h"

/* key: "provider:NAME", "user:ID". All zeros where none is kept, or in a store of an older version. */
int ct_limit_load(struct ct_store *store, struct ct_str key, struct ct_limit *out,
		  struct ct_err *err);

/* A key's first time is when a few that have said nothing for a day are removed. */
int ct_limit_save(struct ct_store *store, struct ct_str key, const struct ct_limit *limit,
		  struct ct_err *err);

/* What a provider said of its own limit holds no longer; every one's with NULL. */
int ct_limits_forget_told(struct ct_store *store, const char *provider, struct ct_err *err);

#endif

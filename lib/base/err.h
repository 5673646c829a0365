/*
 * How a failure travels: the return value says what kind it is, a caller-owned
 * struct ct_err says it in words. Filling one allocates nothing, so reporting
 * an error cannot itself fail.
 */
#ifndef CT_BASE_ERR_H
#define CT_BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/defs.h"

/*
 * One entry per thing a caller may want to do differently, not per cause.
 * Behind each: the name that scripts see (ct_code_name).
 */
enum ct_code {
	CT_OK = 0,
	/* the machine */
	CT_ENOMEM = -1, /* provider_error */
	CT_EIO = -2, /* provider_error: a system call failed */
	/* what we were asked */
	CT_EUSAGE = -3, /* usage: bad option or argument */
	CT_EINVALID = -4, /* invalid_request: refused here or by the provider (400, 413, 422) */
	CT_ENOKEY = -5, /* not_configured */
	CT_ECONFIG = -6, /* bad_config */
	CT_ENOPROVIDER = -7, /* unknown_provider */
	CT_ENOMODEL = -8, /* unknown_model: unknown, retired, 404 */
	/* what the provider answered */
	CT_EAUTH = -9, /* unauthorized: 401, 403, Gemini's 400 API_KEY_INVALID */
	CT_ERATE = -10, /* rate_limited */
	CT_EQUOTA = -11, /* quota_exceeded: 402, and 429 whose code means money */
	CT_EBUDGET = -12, /* budget_exceeded */
	CT_EUPSTREAM = -13, /* provider_error: 408, 409, 5xx, an in-band server error */
	CT_EPROTO = -14, /* bad_response: empty, HTML, another shape, a redirect */
	CT_ETOOBIG = -15, /* bad_response: more than we agreed to hold */
	CT_EFILTER = -16, /* content_filtered */
	CT_ECONTEXT = -17, /* context_length */
	CT_ECUT = -18, /* truncated: ended without its end marker after content */
	CT_ESCHEMA = -19, /* schema_mismatch */
	CT_ETOOL = -20, /* tool_failed */
	/* the way there */
	CT_ECONNECT = -21, /* provider_error: refused, or reset before the headers; the peer's side */
	CT_ELOCAL = -22, /* provider_error: no name, no route, dead proxy; our side, no circuit counts it */
	CT_EFIRST = -23, /* timeout: no sign of work in time */
	CT_EIDLE = -24, /* timeout: silent between signs of work */
	CT_ETIMEOUT = -25, /* timeout: the whole call's budget is spent */
	/* our own state */
	CT_ECIRCUIT = -26, /* circuit_open */
	CT_ESTORE = -27, /* store_error */
	CT_EBUSY = -28, /* store_error: locked by another process for longer than we may wait */
	CT_ECANCELLED = -29, /* cancelled */
	CT_EPARSE = -30, /* invalid_request: text that is not what its format says */
};

struct ct_err {
	int code;
	int status; /* the HTTP status behind it, 0 where there is none */
	int should_retry; /* the peer's own word (x-should-retry): 1 yes, -1 no, 0 none */
	int64_t retry_after_ms; /* how long the peer asks us to wait, 0 where it does not */
	char msg[512]; /* what went wrong: why; one line, UTF-8 */
	char hint[256]; /* what to do; "" where there is nothing to say */
};

/* Record a failure in err (may be NULL) and return code, for `return ct_fail(...)`. */
int ct_fail(struct ct_err *err, int code, const char *fmt, ...) CT_PRINTF(3, 4);

/* Add what to do to a failure already recorded. err may be NULL. */
void ct_hint(struct ct_err *err, const char *fmt, ...) CT_PRINTF(2, 3);

/* The stable name of a code for scripts ("rate_limited"), "ok" for CT_OK. Static. */
const char *ct_code_name(int code);

#endif

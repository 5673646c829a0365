/*
 * A session of `cartrita stream` from outside: what the store keeps of it is shown again, and
 * followed while its process goes on. Also which ones run, and how to stop one.
 */
#ifndef CT_SERVICE_STREAM_ATTACH_H
#define CT_SERVICE_STREAM_ATTACH_H

#include "service/app.h"
#include "store/streams.h"

struct ct_attach_options {
	struct ct_str session_id;
	int64_t from; /* a position: events before that token are left out */
	int output; /* a descriptor */
};

struct ct_attach_result {
	struct ct_err err; /* of the session's error event; code CT_OK: it completed */
	int signal; /* that ended the look, not the session; 0: none */
	bool closed; /* output's reader has gone */
	int output_error; /* an errno */
};

/*
 * Show the newest session of that name until it has ended. One whose process was killed ends with
 * an error event of the code "interrupted" (out->err says CT_EIO). CT_OK when it was shown;
 * CT_EINVALID for one that is not there, or was not kept; CT_ESTORE, CT_EBUSY.
 */
int ct_stream_attach(struct ct_app *app, const struct ct_attach_options *options,
		     struct ct_attach_result *out, struct ct_err *err);

/* Those that run, the newest first. A store that does not exist has none. */
int ct_stream_list(struct ct_app *app, ct_kept_session_fn *fn, void *user, struct ct_err *err);

/* Ask it to stop, which it does within about a second. CT_EINVALID: none of that name runs. */
int ct_stream_stop(struct ct_app *app, struct ct_str session_id, struct ct_err *err);

#endif

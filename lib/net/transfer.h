/*
 * Inside the HTTP client: what http.c (driving curl), http_setup.c (what a
 * transfer asks of curl), http_head.c (the answer's head) and http_fail.c (what
 * a failure was) share. Nobody else includes this.
 */
#ifndef CT_NET_TRANSFER_H
#define CT_NET_TRANSFER_H

#include <sys/queue.h>

#include "base/arena.h"
#include "net/curl.h"
#include "net/http.h"
#include "net/url.h"

LIST_HEAD(ct_transfers, ct_http_transfer);
TAILQ_HEAD(ct_chores, ct_http_transfer);

struct ct_http {
	struct ct_curl curl;
	struct ct_loop *loop;
	struct ct_timer *timer; /* curl's one timer */
	struct ct_timer *settle; /* for chores that come up outside curl */
	CURLM *multi;
	struct ct_transfers transfers;
	struct ct_chores chores; /* transfers with marks that curl has not been told of */
	long running, kept; /* transfers in multi; connections that it keeps, at most */
	unsigned busy; /* curl or a caller's on_done is below us: only mark */
	bool doomed; /* destroyed while busy */
	bool certificates_known;
	char *ca_file, *ca_dir; /* NULL: none; both NULL: curl's own */
};

struct ct_http_transfer {
	/* What each piece touches comes first, on few lines of the cache. */
	struct ct_http_handler handler;
	void *user;
	int failed; /* our own reason to end it; err says more */
	bool queued, added, cancelled, done;
	bool head_done;
	bool paused, curl_paused; /* as the caller wants it, as curl knows it */

	struct ct_http *http;
	LIST_ENTRY(ct_http_transfer) entry;
	TAILQ_ENTRY(ct_http_transfer) chore;
	CURL *easy;
	struct curl_slist
		*headers; /* of the request; holds secrets, wiped with the transfer */
	struct ct_url url;
	struct ct_str body;
	struct ct_http_file file; /* bytes 0: none */
	int64_t body_sent; /* of both, where curl asks for them in pieces */

	struct ct_arena arena;
	struct ct_buf lines; /* of the head, until it is whole */
	struct ct_headers head;
	size_t header_bytes; /* all there ever were, 1xx and trailers too */
	int status;
	struct ct_err err;
	int socket_errno; /* why the last socket could not be made */
	enum ct_reach reach;
	bool peer_is_private;
	ct_loop_fn *on_connected; /* only the connection is wanted; NULL: an exchange */
	int tried_port; /* where the last connection went; not the URL's where there is a proxy */
	int shared_connection; /* its local port, with HTTP/2 */
	char curl_error[CURL_ERROR_SIZE];
};

/* Everything curl must know. CT_EINVALID for headers that cannot be sent, CT_ENOMEM, CT_EIO. */
int ct_transfer_setup(struct ct_http_transfer *transfer,
		      const struct ct_http_request *request, struct ct_err *err);
/* Can it be sent? CT_EINVALID: its name is none, or it has a control character in it. */
int ct_transfer_check_header(const struct ct_http_header *header, struct ct_err *err);
/*
 * Only connect, through TLS and a proxy where there are: url is http or https. on_connected is called
 * when it stands; from then on its bytes are the caller's, by curl's easy_send() and easy_recv(), until
 * ct_http_cancel(). When it fails, on_done is called instead, as for ct_http_start().
 */
int ct_http_connect(struct ct_http *http, struct ct_str url, ct_loop_fn *on_connected,
		    void (*on_done)(void *user, int code, const struct ct_err *err), void *user,
		    struct ct_http_transfer **out, struct ct_err *err);
/* Its part about certificates. Not 0: curl refuses. */
int ct_transfer_set_certificates(struct ct_http_transfer *transfer);
/* Wipe and release the request's headers. */
void ct_transfer_wipe(struct ct_http_transfer *transfer);

/* Does the connection go to a proxy? curl says so only from 8.7 on. */
bool ct_transfer_is_proxied(const struct ct_http_transfer *transfer);

/* curl's header callback: lines, with their ends. */
size_t ct_transfer_on_header(char *bytes, size_t size, size_t count, void *user);

/* What became of it: CT_OK, or err filled as http.h says. */
int ct_transfer_result(struct ct_http_transfer *transfer, CURLcode result,
		       struct ct_err *err);

/* The folder of certificates by their hash; NULL where the machine has none. Static. */
const char *ct_http_hashed_directory(void);

#endif

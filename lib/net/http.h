/*
 * The HTTP client: libcurl's multi interface on our loop.
 *
 * Redirects are not followed, only http and https are spoken, bodies are decoded
 * (Content-Encoding) as they arrive. Certificates: SSL_CERT_FILE, else the hashed directory where
 * it has links, else the bundle. Proxies as curl takes them from the environment.
 * The process must ignore SIGPIPE: TLS libraries write without asking.
 */
#ifndef CT_NET_HTTP_H
#define CT_NET_HTTP_H

#include "base/secret.h"
#include "codec/headers.h"
#include "net/loop.h"

struct ct_http; /* the client: connections are reused within one */
struct ct_http_transfer;

/* One header of a request. A secret stays hidden until it is on the wire: value is what precedes it. */
struct ct_http_header {
	struct ct_str name, value;
	const struct ct_secret *secret; /* NULL: value is all */
};

enum { CT_HTTP_HEADERS_MAX = 48 };

/* How far a request may go; but for the first, on a connection of its own. */
enum ct_reach {
	CT_REACH_ANY,
	CT_REACH_TOLD, /* anywhere; ct_http_peer_is_private() says where it was */
	CT_REACH_PUBLIC, /* not to a private address (net/reach.h): CT_EINVALID */
};

/* A part of a file that follows a body; read by offset while it is sent, so its position is not used. */
struct ct_http_file {
	int fd;
	int64_t offset, bytes;
	struct ct_str after; /* follows it */
};

/*
 * Borrowed until the transfer is started; its body, and the file's descriptor, until it is done or
 * cancelled.
 */
struct ct_http_request {
	const char *method; /* GET, POST */
	struct ct_str url; /* NUL-terminated */
	struct ct_http_header headers[CT_HTTP_HEADERS_MAX];
	size_t header_count;
	struct ct_str body;
	const struct ct_http_file *file; /* NULL: none */
	bool stream; /* an event stream is expected: no compression is asked for */
	enum ct_reach reach;
};

/* CT_ETOOBIG when there is no room for one more. */
int ct_http_add_header(struct ct_http_request *request, const char *name, struct ct_str value,
		       const struct ct_secret *secret, struct ct_err *err);

/*
 * Called from the loop, in this order: on_head once (the final answer's head: 1xx are passed over;
 * headers are borrowed until on_done returns), on_body for each piece, on_done once and last, also
 * after a failure; never after ct_http_cancel().
 */
struct ct_http_handler {
	void (*on_head)(void *user, int status, const struct ct_headers *headers);
	/* Anything but CT_OK ends the transfer: on_done gets that code, and err as filled here. */
	int (*on_body)(void *user, struct ct_str bytes, struct ct_err *err);
	/*
	 * code CT_OK: the body is whole as far as HTTP can tell (one that only a close ends always
	 * is, even where it was compressed and is cut). Else: CT_ELOCAL (no name, no route,
	 * dead proxy, no descriptor), CT_ECONNECT (refused, reset or closed before the head, TLS that
	 * fails), CT_ECUT (closed or reset after the head, a body shorter than announced, bad framing or
	 * encoding), CT_EPROTO (not HTTP, headers over the limit), CT_EINVALID (the request's file
	 * is not what it was), or on_body's code.
	 */
	void (*on_done)(void *user, int code, const struct ct_err *err);
	/* Of a request with a file: that many bytes of its body are on their way. NULL: not wanted. */
	void (*on_sent)(void *user, int64_t sent, int64_t of);
};

/* Loads libcurl. CT_EIO when it cannot be had. */
int ct_http_create(struct ct_loop *loop, struct ct_http **out, struct ct_err *err);
/* Transfers under way are cancelled. NULL is fine. */
void ct_http_destroy(struct ct_http *http);

/*
 * Begin an exchange. On CT_OK *out lives until on_done has returned, or ct_http_cancel().
 * Nothing is called back before this returns. CT_EINVALID for an URL that is none or a header
 * that cannot be sent, CT_ENOMEM. handler is copied.
 */
int ct_http_start(struct ct_http *http, const struct ct_http_request *request,
		  const struct ct_http_handler *handler, void *user,
		  struct ct_http_transfer **out, struct ct_err *err);

/* Stop reading from the peer (back-pressure) and go on. Allowed anywhere: inside on_body it is the last piece. */
void ct_http_pause(struct ct_http_transfer *transfer, bool pause);

/* End it now: the connection is closed, nothing is called back. Allowed inside any callback. NULL is fine. */
void ct_http_cancel(struct ct_http_transfer *transfer);

/*
 * Did it lead to a private address? Known from on_head on, for CT_REACH_TOLD. Behind a proxy,
 * only what the URL itself says is known.
 */
bool ct_http_peer_is_private(const struct ct_http_transfer *transfer);

/*
 * In on_done: the connection that it shared with other transfers (HTTP/2), as a number that is its own
 * while it stands; 0: it had one for itself. When such a connection is lost all its transfers are,
 * those that had no answer yet, too.
 */
int ct_http_shared_connection(const struct ct_http_transfer *transfer);

/* Is it an absolute http or https URL with a host, and no user part? CT_EINVALID says why not. */
int ct_http_check_url(struct ct_str url, struct ct_err *err);

#endif

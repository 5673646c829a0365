/*
 * The HTTP server: libmicrohttpd's epoll descriptor on our loop. Bodies of
 * requests arrive whole, answers leave in pieces at the pace of their reader.
 * Requests with both Content-Length and Transfer-Encoding, two Content-Lengths, or (HTTP/1.1) no
 * Host are refused with 400; bodies over the limit with 413.
 */
#ifndef CT_NET_SERVER_H
#define CT_NET_SERVER_H

#include "codec/headers.h"
#include "net/loop.h"

struct ct_server;
struct ct_exchange; /* one request and its answer */

/* Valid until ct_exchange_end() or the gone callback. */
struct ct_server_request {
	struct ct_str method, path,
		query; /* path percent-decoded, query as it came, without '?' */
	const struct ct_headers *headers;
	struct ct_str body;
};

struct ct_server_handler {
	/*
	 * A whole request has come. Answer now or later, through exchange. *exchange_user is yours.
	 */
	void (*on_request)(void *user, struct ct_exchange *exchange,
			   const struct ct_server_request *request, void **exchange_user);
	/*
	 * Called once for each exchange, last: it was sent, or the client went away or the answer was
	 * aborted (complete false). The client's end of a connection that was shut for writing counts
	 * as gone while nothing is being sent.
	 */
	void (*on_gone)(void *user, void *exchange_user, bool complete);
};

struct ct_server_options {
	int port; /* on 127.0.0.1; 0: any free one */
	size_t max_body_bytes;
	unsigned max_connections;
};

/* Loads libmicrohttpd. Listens on 127.0.0.1. CT_EIO. */
int ct_server_create(struct ct_loop *loop, const struct ct_server_options *options,
		     const struct ct_server_handler *handler, void *user,
		     struct ct_server **out, struct ct_err *err);
/* Not inside a handler. Exchanges under way are gone, not complete. NULL is fine. */
void ct_server_destroy(struct ct_server *server);
int ct_server_port(const struct ct_server *server);

/*
 * Say status and headers (copied). Once, before any send. length -1: not known, sent in chunks.
 * Names and values with a line end in them are refused: CT_EINVALID.
 */
int ct_exchange_head(struct ct_exchange *exchange, int status,
		     const struct ct_headers *headers, int64_t length,
		     struct ct_err *err);
/* Queue bytes (copied) to be sent when the reader takes them. CT_ETOOBIG past 64 MiB unsent. */
int ct_exchange_send(struct ct_exchange *exchange, struct ct_str bytes,
		     struct ct_err *err);
/* Bytes queued that the reader has not taken yet: who makes more than he takes asks here first. */
size_t ct_exchange_unsent(const struct ct_exchange *exchange);
/* The answer is whole. */
void ct_exchange_end(struct ct_exchange *exchange);
/* Break it off after what is queued was sent: close without an end (cut), or with a TCP reset. */
void ct_exchange_abort(struct ct_exchange *exchange, bool reset);

#endif

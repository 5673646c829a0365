/*
 * One request and its answer, between libmicrohttpd's callbacks and the server's user.
 * Private to net/: server.c owns the daemon, exchange.c what happens on one connection.
 *
 * While nothing is to be sent its connection is suspended; then only the server's own epoll
 * descriptor notices that the client has gone. An answer in chunks that has come that far stays
 * suspended to its end: exchange_direct.c frames its pieces and writes them to the socket, because
 * waking the daemon for each of them costs five system calls and waits for its next turn.
 */
#ifndef CT_NET_EXCHANGE_H
#define CT_NET_EXCHANGE_H

#include "base/buf.h"
#include "net/mhd.h"
#include "net/server.h"

enum { CT_EXCHANGE_UNSENT_MAX = 64 << 20 };

struct ct_server {
	struct ct_mhd mhd;
	struct MHD_Daemon *daemon;
	struct ct_loop *loop;
	struct ct_watch *watch; /* of the daemon's epoll descriptor */
	struct ct_timer *timer; /* the daemon's next turn */
	int suspended_fd; /* epoll: suspended connections whose client went away, or reads again */
	struct ct_watch *suspended_watch;
	struct ct_server_options options;
	struct ct_server_handler handler;
	void *user;
	int port;
	bool running; /* inside the daemon */
	bool again; /* a connection was resumed meanwhile */
	struct ct_exchange *exchanges;
};

struct ct_exchange {
	struct ct_server *server;
	struct ct_exchange *next, **link;
	struct MHD_Connection *connection;
	struct ct_arena arena;
	struct ct_str query;
	struct ct_buf body, queue;
	size_t sent; /* of queue */
	size_t excess; /* bytes of a body that is too big, passed over */
	struct MHD_Response *response; /* said, not yet given to the daemon */
	int status;
	int refused; /* status of our own refusal, 0: none */
	const char *why;
	bool checked; /* its head was looked at */
	bool given; /* to the handler: on_gone is owed */
	bool has_head, ended, aborted, reset, suspended;
	bool gone; /* nothing more can be sent */
	bool chunked; /* its answer can go out directly, once the daemon has sent the head */
	bool direct; /* it does: what queue holds is framed, and the daemon knows nothing of it */
	bool watched; /* for room in the socket */
	void *user;
	struct ct_ws *ws; /* it is, or will be, a WebSocket; NULL: it is none */
};

/* The daemon is to be run soon. */
void ct_server_kick(struct ct_server *server);

/* libmicrohttpd's callbacks; cls is the server. */
void *ct_exchange_on_uri(void *cls, const char *uri, struct MHD_Connection *connection);
enum MHD_Result ct_exchange_on_access(void *cls, struct MHD_Connection *connection,
				      const char *url, const char *method,
				      const char *version, const char *data, size_t *size,
				      void **state);
void ct_exchange_on_completed(void *cls, struct MHD_Connection *connection, void **state,
			      enum MHD_RequestTerminationCode code);

/* Answer with that response, which upgrades; taken. */
void ct_exchange_upgrade(struct ct_exchange *exchange, struct MHD_Response *response);
/* A TCP reset, at once, whatever is done with the socket later. */
void ct_exchange_reset(int fd);

/* Its WebSocket ends with the exchange or the server: on_end is called before this returns. */
void ct_ws_abandon(struct ct_ws *ws);

int ct_exchange_socket(const struct ct_exchange *exchange);
/* The daemon goes on with it: asks for more of the answer, or learns that there is none. */
void ct_exchange_resume(struct ct_exchange *exchange);
/* Its client has gone: let the daemon find out. */
void ct_exchange_hang_up(struct ct_exchange *exchange);

/* Does libmicrohttpd send an answer of unknown length to this request in chunks? */
bool ct_exchange_is_chunked(const struct ct_exchange *exchange, const char *method,
			    const char *version);
/* Send bytes as one chunk, what the socket does not take later. CT_ENOMEM, CT_ETOOBIG. */
int ct_exchange_send_direct(struct ct_exchange *exchange, struct ct_str bytes,
			    struct ct_err *err);
/* There is room in the socket again. */
void ct_exchange_send_on(struct ct_exchange *exchange);

#endif

/*
 * WebSockets (RFC 6455), from both sides: the client on a connection that libcurl makes (TLS,
 * proxies), the server on an exchange of net/server.h. No extensions, no subprotocols.
 *
 * Callbacks come from the loop, never from within a function of this header. Exactly one on_end, and
 * nothing after it; the connection and struct ct_ws are gone when it returns.
 */
#ifndef CT_NET_WS_H
#define CT_NET_WS_H

#include "net/http.h"
#include "net/server.h"

struct ct_ws;

/* Why an end came about, as RFC 6455 section 7.4.1 numbers it. */
enum ct_ws_code {
	CT_WS_NORMAL = 1000,
	CT_WS_GOING_AWAY = 1001,
	CT_WS_PROTOCOL = 1002,
	CT_WS_NO_STATUS = 1005, /* only in struct ct_ws_end: a close frame without a code */
	CT_WS_ABNORMAL = 1006, /* likewise: no close frame came */
	CT_WS_BAD_DATA = 1007,
	CT_WS_POLICY = 1008,
	CT_WS_TOO_BIG = 1009,
	CT_WS_SERVER_ERROR = 1011,
};

/* How it ended. Borrowed until on_end returns. */
struct ct_ws_end {
	/*
	 * CT_OK: a close handshake, whoever began it: close_code says why. Before on_open: as
	 * http.h says of on_done, CT_EFIRST (no answer within open_ms), or CT_EPROTO (an answer that is no
	 * WebSocket's; with another status than 101, status, headers and body are the answer's).
	 * After it: CT_ECUT (closed or reset without a close frame), CT_EPROTO and CT_ETOOBIG (the peer broke
	 * the protocol or a limit, and was told so), CT_EIDLE (no answer to our close frame within close_ms).
	 */
	int code;
	struct ct_err err;
	int close_code; /* the peer's, or an enum ct_ws_code */
	struct ct_str reason; /* the peer's, valid UTF-8 */
	int status; /* of an answer other than 101; else 0 */
	const struct ct_headers *headers;
	struct ct_str body; /* its first 64 KiB */
};

struct ct_ws_handler {
	/* The handshake is done. headers: the server's answer's; NULL on the server's side. */
	void (*on_open)(void *user, const struct ct_headers *headers);
	/* A whole message; text is valid UTF-8. Borrowed during the call. */
	void (*on_text)(void *user, struct ct_str text);
	void (*on_binary)(void *user, struct ct_str bytes);
	/* After a send was refused for lack of room: half of the queue is free again. May be NULL. */
	void (*on_room)(void *user);
	void (*on_end)(void *user, const struct ct_ws_end *end);
};

/* All zeros: the values in brackets. */
struct ct_ws_options {
	size_t max_message_bytes; /* of the peer's, fragments together (8 MiB) */
	size_t max_unsent_bytes; /* queued for the peer, with framing (1 MiB) */
	int64_t open_ms; /* for connecting and the handshake (30 s) */
	int64_t close_ms; /* for the peer to answer a close frame, while it says nothing else (5 s) */
};

enum { CT_WS_HEADERS_MAX = CT_HTTP_HEADERS_MAX };

/* Borrowed until ct_ws_connect() returns. */
struct ct_ws_request {
	struct ct_str url; /* ws: or wss: (http: and https: mean the same) */
	struct ct_http_header headers[CT_WS_HEADERS_MAX];
	size_t header_count;
	struct ct_ws_options options;
};

/*
 * Begin. On CT_OK *out lives until on_end has returned, or ct_ws_cancel(). CT_EINVALID for an URL
 * that is none or a header that cannot be sent, CT_EIO where a library is missing, CT_ENOMEM.
 */
int ct_ws_connect(struct ct_loop *loop, const struct ct_ws_request *request,
		  const struct ct_ws_handler *handler, void *user, struct ct_ws **out,
		  struct ct_err *err);

/*
 * Answer a request that asks for it with 101 and go on as a WebSocket; then the exchange must not be
 * used any more, and its on_gone comes after on_end. CT_EINVALID when the request does not ask for
 * one properly, err->status says the status to refuse it with; CT_EIO, CT_ENOMEM.
 */
int ct_ws_accept(struct ct_exchange *exchange, const struct ct_server_request *request,
		 const struct ct_ws_options *options, const struct ct_ws_handler *handler,
		 void *user, struct ct_ws **out, struct ct_err *err);

/*
 * Queue one message (copied), in one frame. CT_ETOOBIG when there is no room: nothing of it is queued,
 * on_room says when to try again. CT_ECANCELLED when it is not open, or closing. text must be UTF-8.
 */
int ct_ws_send_text(struct ct_ws *ws, struct ct_str text, struct ct_err *err);
int ct_ws_send_binary(struct ct_ws *ws, struct ct_str bytes, struct ct_err *err);

/* Bytes queued that the system has not taken yet. */
size_t ct_ws_unsent(const struct ct_ws *ws);

/* Stop reading from the peer (back-pressure), and go on. What is closing is read all the same. */
void ct_ws_pause(struct ct_ws *ws, bool pause);

/*
 * Close after what is queued was sent. Messages that still come are delivered until the peer has
 * closed its side. A reason over 123 bytes is cut. Nothing happens the second time.
 */
void ct_ws_close(struct ct_ws *ws, int close_code, const char *reason);

/*
 * End it now, without a word to the peer: nothing is called back any more. Allowed in any callback but
 * on_end. NULL is fine.
 */
void ct_ws_cancel(struct ct_ws *ws);
/* The same, after as much of what is queued as the system takes now. */
void ct_ws_cut(struct ct_ws *ws);
/* The same as a cancel, and the peer sees a TCP reset. Only on the server's side. */
void ct_ws_reset(struct ct_ws *ws);

#endif

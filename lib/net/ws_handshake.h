/*
 * The words that turn an HTTP/1.1 connection into a WebSocket (RFC 6455 section 4), from either
 * side. Pure: bytes in, values out. Private to net/.
 */
#ifndef CT_NET_WS_HANDSHAKE_H
#define CT_NET_WS_HANDSHAKE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "codec/headers.h"
#include "net/server.h"

enum {
	CT_WS_KEY_SIZE = 25, /* 16 bytes in base64, and a NUL */
	CT_WS_ACCEPT_SIZE = 29, /* 20 bytes in base64, and a NUL */
	CT_WS_HEAD_MAX = 64 << 10,
	CT_WS_BODY_MAX = 64 << 10, /* of an answer other than 101: the rest is not read */
};

/* A fresh key. */
void ct_ws_key(char out[CT_WS_KEY_SIZE]);

/* What the server answers that key with. */
void ct_ws_accept_key(char out[CT_WS_ACCEPT_SIZE], struct ct_str key);

/* The head of an answer. */
struct ct_ws_answer {
	int status;
	struct ct_headers *headers;
	size_t head_bytes; /* with the blank line */
	bool chunked;
	int64_t length; /* of the body; -1: until the connection closes */
};

/*
 * Read the head at the start of bytes, into the arena. False: it is not whole yet, or with code
 * set it is none: CT_EPROTO (no HTTP/1.1, over CT_WS_HEAD_MAX), CT_ENOMEM. A 1xx other than 101
 * is passed over and counted into head_bytes.
 */
bool ct_ws_answer_read(struct ct_str bytes, struct ct_arena *arena, struct ct_ws_answer *out,
		       int *code, struct ct_err *err);

/* Is a 101 answer the one to our key? CT_EPROTO says what is wrong. */
int ct_ws_answer_check(const struct ct_ws_answer *answer, const char *key,
		       struct ct_err *err);

/*
 * The body of any other answer, as far as bytes (what came after the head) hold it, appended to
 * out. True: it is whole, or no more of it is wanted.
 */
bool ct_ws_answer_body(const struct ct_ws_answer *answer, struct ct_str bytes,
		       struct ct_buf *out);

/*
 * Does a client's request ask for a WebSocket, properly? *key is a view of its header. CT_EINVALID
 * with err->status 400, or 426 for another version.
 */
int ct_ws_request_check(const struct ct_server_request *request, struct ct_str *key,
			struct ct_err *err);

#endif

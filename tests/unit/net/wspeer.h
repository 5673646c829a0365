/*
 * Both ends of a WebSocket on one loop: ours, and a peer whose frames are bytes that the test
 * wrote, so that it can break every rule. Ours answers each message with the same message.
 */
#ifndef CT_TESTS_WSPEER_H
#define CT_TESTS_WSPEER_H

#include "net/ws.h"

struct wspeer {
	/* what the peer does */
	bool is_client; /* ours is the server */
	const char *answer; /* sent instead of a handshake; NULL: a proper one */
	struct ct_str frames; /* sent after the handshake, as a server writes them; masked for it */
	bool unmasked; /* ... but not when it is a client */
	size_t piece; /* bytes of each send; 0: all at once */
	bool then_close, then_reset, keeps_open; /* keeps_open: also after a close frame of ours */
	/* what ours does */
	struct ct_ws_options options;
	bool silent; /* does not answer messages */
	void (*on_open)(struct wspeer *peer);
	void (*on_message)(struct wspeer *peer, struct ct_str bytes);
	void (*on_room)(struct wspeer *peer);
	/* what happened */
	struct ct_loop *loop;
	struct ct_ws *ws;
	int opens, ends, gone;
	int code, close_code, status;
	struct ct_err err;
	char reason[128], body[256];
	struct ct_buf seen; /* ours saw: "T:text;B:binary;" */
	struct ct_buf got; /* the peer's bytes, the handshake's head before them */
	struct ct_buf told; /* the peer's frames in words: "T:text;B:..;P:pong;C1002 reason;" */
	bool ended; /* the peer's socket has come to its end */
	/* its own */
	int listener, fd, port;
	struct ct_watch *watch;
	struct ct_server *server;
	struct ct_timer *timer;
	size_t sent, decoded;
	bool shaken;
	char *wire;
	size_t wire_len;
	void *data; /* of the test */
};

/* From the beginning until on_end and the end of the peer's socket. Then all but results is gone. */
void wspeer_run(struct wspeer *peer);
void wspeer_fini(struct wspeer *peer);

#endif

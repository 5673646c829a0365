/*
 * A peer that does byte for byte what a test says, on 127.0.0.1, in a thread of
 * its own: what no proper HTTP server can be made to send. No step sleeps; where
 * it waits, it waits for the other side, or to be told to stop.
 *
 * Connections come one after another: after RAW_CLOSE, RAW_RESET or RAW_HOLD the
 * next step meets the next connection.
 */
#ifndef CT_TESTS_RAWSERVER_H
#define CT_TESTS_RAWSERVER_H

#include <stddef.h>

enum raw_op {
	RAW_END, /* of the script: the connection is closed, no more are accepted */
	RAW_READ, /* a whole request: head and the body its Content-Length announces */
	RAW_SEND, /* bytes, `times` over (0 is once) */
	RAW_DRIP, /* bytes, each in a packet of its own as far as the kernel will */
	RAW_CLOSE, /* in order, all sent bytes arrive */
	RAW_RESET, /* by RST: what the peer has not read is lost */
	RAW_HOLD, /* say nothing until the peer closes */
	RAW_AGAIN, /* close, and the script from its start with the next connection */
};

struct raw_step {
	enum raw_op op;
	const char *bytes;
	size_t len; /* 0: up to the NUL */
	size_t times;
};

#define RAW(what) \
	{ \
		.op = RAW_##what \
	}
#define RAW_TEXT(text) \
	{ \
		.op = RAW_SEND, .bytes = (text) \
	}
#define RAW_TIMES(text, n) \
	{ \
		.op = RAW_SEND, .bytes = (text), .times = (n) \
	}

struct rawserver;

/* steps are borrowed until stop. Aborts when the machine has no socket or thread left. */
struct rawserver *rawserver_start(const struct raw_step *steps);
int rawserver_port(const struct rawserver *server);
/* "http://127.0.0.1:PORT" and path, valid until stop. */
const char *rawserver_url(struct rawserver *server, const char *path);
/* Ends the script where it is and waits for the thread. Before looking at what came. */
void rawserver_halt(struct rawserver *server);
/* All bytes that came, NUL-terminated (the first 64 KiB), and how many connections were made. */
const char *rawserver_received(const struct rawserver *server);
unsigned rawserver_connections(const struct rawserver *server);
/* Halts it and frees it. */
void rawserver_stop(struct rawserver *server);

/* A port of 127.0.0.1 on which nobody listens. */
int rawserver_dead_port(void);

#endif

/*
 * Inside net/ws: ws.c (the connection), ws_send.c (what goes out), ws_message.c (what comes),
 * ws_client.c and ws_server.c (how a connection comes about and goes). Nobody else includes this.
 */
#ifndef CT_NET_WS_IMPL_H
#define CT_NET_WS_IMPL_H

#include "base/arena.h"
#include "base/buf.h"
#include "net/url.h"
#include "net/ws.h"
#include "net/ws_handshake.h"
#include "net/wslay.h"

enum ct_ws_state {
	CT_WS_OPENING, /* connecting, shaking hands */
	CT_WS_OPEN, /* until both close frames have gone their way */
	CT_WS_ENDING, /* how it ended is known; the peer may still see to it that the socket closes */
};

enum {
	CT_WS_CONTROL_MAX = 125, /* RFC 6455 section 5.5 */
	CT_WS_FLIGHT_BYTES = 16 << 10,
	CT_WS_FRAMING_MAX = 4 << 10, /* room for control frames beyond the queue's limit */
};

/* How bytes go. */
struct ct_ws_transport {
	bool client; /* our frames are masked, the peer's are not */
	/* Bytes read or written; 0: the peer has closed (read); -EAGAIN; another negative: broken. */
	ssize_t (*read)(struct ct_ws *ws, void *out, size_t room);
	ssize_t (*write)(struct ct_ws *ws, const void *bytes, size_t len);
	void (*open)(struct ct_ws *ws); /* go on with the handshake; NULL: there is nothing to do */
	void (*release)(struct ct_ws *ws); /* the connection, once */
};

struct ct_ws {
	struct ct_loop *loop;
	const struct ct_ws_transport *transport;
	struct ct_ws_options options;
	struct ct_ws_handler handler;
	void *user;
	struct ct_wslay wslay;
	wslay_frame_context_ptr frames;
	struct ct_arena arena;
	struct ct_str peer; /* for messages */
	int fd; /* -1: no connection yet */
	struct ct_watch *watch;
	struct ct_timer *timer; /* the one deadline of its state */
	struct ct_timer *soon; /* a turn without an event of the socket */
	enum ct_ws_state state;
	struct ct_ws_end end;

	/* reading */
	struct ct_buf early; /* came with the handshake, not read yet */
	struct ct_buf message;
	size_t checked; /* of a text message: valid so far */
	int opcode; /* of the message under way; 0: none */
	bool in_frame;
	uint64_t frame_left;
	unsigned char control[CT_WS_CONTROL_MAX];
	size_t control_len;

	/* writing; a TLS library that could not write wants the very same bytes again */
	struct ct_buf out;
	size_t out_at;
	unsigned char flight[CT_WS_FLIGHT_BYTES];
	size_t flight_at, flight_len;

	unsigned busy; /* a callback or a turn is below us: only mark */
	bool paused, was_full, blocked; /* blocked: the socket takes no more for now */
	bool dry; /* the last read found nothing */
	bool read_ended, write_broken;
	bool close_sent, close_received;
	bool over, cancelled;

	/* of the client */
	struct ct_http *http;
	struct ct_http_transfer *link;
	struct ct_url url;
	char key[CT_WS_KEY_SIZE];
	struct ct_buf head; /* of the answer, and what came behind it */
	struct ct_ws_answer answer;
	struct ct_buf body;

	/* of the server */
	struct ct_exchange *exchange;
	struct MHD_UpgradeResponseHandle *upgraded;
	bool reset;
};

/* New and empty, its options filled in; timers made. CT_ENOMEM, CT_EIO. */
int ct_ws_new(struct ct_loop *loop, const struct ct_ws_transport *transport,
	      const struct ct_ws_options *options, struct ct_ws **out, struct ct_err *err);
void ct_ws_free(struct ct_ws *ws);

/* Have a turn from the loop. */
void ct_ws_soon(struct ct_ws *ws);
/* Watch that descriptor from now on. CT_EIO, CT_ENOMEM. */
int ct_ws_attach(struct ct_ws *ws, int fd, struct ct_err *err);
/* The handshake is done. */
void ct_ws_opened(struct ct_ws *ws, const struct ct_headers *headers);
/* It has ended like that; on_end comes at the end of the turn. */
void ct_ws_over(struct ct_ws *ws, int code, const struct ct_err *err);
/* Queue a frame. CT_ETOOBIG, CT_ENOMEM. */
int ct_ws_frame(struct ct_ws *ws, int opcode, struct ct_str payload, struct ct_err *err);
/* Queue a close frame, once. */
void ct_ws_say_close(struct ct_ws *ws, int close_code, struct ct_str reason);
/* The peer broke a rule: tell it, and end with code. */
void ct_ws_fail(struct ct_ws *ws, int close_code, int code, const char *why);
/* Both close frames are there. */
void ct_ws_closed(struct ct_ws *ws);

/* As much as the socket takes now. */
void ct_ws_flush(struct ct_ws *ws);
/* The peer is alive: a close frame of ours may still be answered. */
void ct_ws_extend(struct ct_ws *ws);
/* For wslay: room in the queue, and a fresh mask. */
ssize_t ct_ws_on_write(const uint8_t *bytes, size_t len, int flags, void *user);
int ct_ws_on_mask(uint8_t *out, size_t len, void *user);

/* ws_message.c: a piece of a frame. */
void ct_ws_on_frame(struct ct_ws *ws, const struct wslay_frame_iocb *frame);

/* The rest of this turn is not for it any more. */
static inline bool ct_ws_is_done(const struct ct_ws *ws)
{
	return ws->cancelled || ws->over;
}

#endif

/* The connection: turns of reading and writing, its deadline, its end. */
#include "net/ws_impl.h"

#include <errno.h>
#include <stdlib.h>

#include "net/exchange.h"

enum {
	MESSAGE_MAX = 8 << 20,
	UNSENT_MAX = 1 << 20,
	OPEN_MS = 30000,
	CLOSE_MS = 5000,
	LINGER_MS = 1000, /* for the peer to close the socket, so that it gets our last words */
	CHUNKS = 64, /* read in one turn, of 4 KiB at most: others have theirs */
};

/* wslay asks for bytes; only how many there are is its business. */
static ssize_t on_read(uint8_t *out, size_t room, int flags, void *user)
{
	struct ct_ws *ws = user;
	ssize_t n;

	(void)flags;
	if (ws->early.len > 0) {
		n = (ssize_t)(ws->early.len < room ? ws->early.len : room);
		memcpy(out, ws->early.ptr, (size_t)n);
		ct_buf_drop(&ws->early, (size_t)n);
		return n;
	}
	n = ws->transport->read(ws, out, room);
	ws->dry = n == -EAGAIN;
	if (n == 0 || (n < 0 && n != -EAGAIN))
		ws->read_ended = true;
	return n > 0 ? n : -1;
}

static void set_options(struct ct_ws *ws, const struct ct_ws_options *options)
{
	ws->options = *options;
	if (ws->options.max_message_bytes == 0)
		ws->options.max_message_bytes = MESSAGE_MAX;
	if (ws->options.max_unsent_bytes == 0)
		ws->options.max_unsent_bytes = UNSENT_MAX;
	if (ws->options.open_ms == 0)
		ws->options.open_ms = OPEN_MS;
	if (ws->options.close_ms == 0)
		ws->options.close_ms = CLOSE_MS;
	ws->message = (struct ct_buf)CT_BUF_INIT(ws->options.max_message_bytes);
	/* what was sent is dropped from the front when it is as much as what was not */
	ws->out = (struct ct_buf)CT_BUF_INIT(2 * (ws->options.max_unsent_bytes + CT_WS_FRAMING_MAX));
}

static void on_deadline(void *user);
static void on_soon(void *user);

int ct_ws_new(struct ct_loop *loop, const struct ct_ws_transport *transport,
	      const struct ct_ws_options *options, struct ct_ws **out, struct ct_err *err)
{
	static const struct wslay_frame_callbacks callbacks = { ct_ws_on_write, on_read,
								ct_ws_on_mask };
	struct ct_ws *ws = calloc(1, sizeof(*ws));
	int rc;

	if (ws == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	ws->loop = loop;
	ws->transport = transport;
	ws->fd = -1;
	ws->end.close_code = CT_WS_ABNORMAL;
	ws->early = (struct ct_buf)CT_BUF_INIT(CT_WS_HEAD_MAX + CT_WS_FLIGHT_BYTES);
	ws->head = (struct ct_buf)CT_BUF_INIT(2 * CT_WS_HEAD_MAX + CT_WS_BODY_MAX);
	ws->body = (struct ct_buf)CT_BUF_INIT(CT_WS_BODY_MAX);
	set_options(ws, options);
	ws->timer = ct_timer_create(loop, on_deadline, ws);
	ws->soon = ct_timer_create(loop, on_soon, ws);
	rc = ct_wslay_load(&ws->wslay, err);
	if (rc == CT_OK && (ws->timer == NULL || ws->soon == NULL ||
			    ws->wslay.frame_context_init(&ws->frames, &callbacks, ws) != 0))
		rc = ct_fail(err, CT_ENOMEM, "out of memory");
	if (rc != CT_OK) {
		ct_ws_free(ws);
		return rc;
	}
	*out = ws;
	return CT_OK;
}

void ct_ws_free(struct ct_ws *ws)
{
	ct_watch_close(ws->watch);
	ws->transport->release(ws);
	if (ws->frames != NULL)
		ws->wslay.frame_context_free(ws->frames);
	ct_timer_destroy(ws->timer);
	ct_timer_destroy(ws->soon);
	explicit_bzero(ws->flight, sizeof(ws->flight));
	ct_buf_fini(&ws->early);
	ct_buf_fini(&ws->message);
	ct_buf_fini(&ws->out);
	ct_buf_fini(&ws->head);
	ct_buf_fini(&ws->body);
	ct_arena_fini(&ws->arena);
	free(ws);
}

void ct_ws_soon(struct ct_ws *ws)
{
	ct_timer_start(ws->soon, 0);
}

void ct_ws_over(struct ct_ws *ws, int code, const struct ct_err *err)
{
	if (ws->over)
		return;
	ws->over = true;
	ws->end.code = code;
	if (err != NULL)
		ws->end.err = *err;
	ws->end.err.code = code;
	ct_ws_soon(ws);
}

/* How it ended is known. What is still unsent, and the end of the socket, are waited for shortly. */
static void begin_ending(struct ct_ws *ws)
{
	ws->state = CT_WS_ENDING;
	ct_timer_start(ws->timer, LINGER_MS);
}

void ct_ws_closed(struct ct_ws *ws)
{
	ws->end.code = CT_OK;
	begin_ending(ws);
}

void ct_ws_fail(struct ct_ws *ws, int close_code, int code, const char *why)
{
	ws->end.code = ct_fail(&ws->end.err, code, "%.*s sent %s", CT_STR_ARG(ws->peer), why);
	ct_ws_say_close(ws, close_code, ct_str(why));
	ws->end.close_code = close_code;
	begin_ending(ws);
}

void ct_ws_pause(struct ct_ws *ws, bool pause)
{
	ws->paused = pause;
	ct_ws_soon(ws);
}

void ct_ws_close(struct ct_ws *ws, int close_code, const char *reason)
{
	struct ct_err err = { 0 };

	if (ws->close_sent || ws->state == CT_WS_ENDING || ct_ws_is_done(ws))
		return;
	if (ws->state == CT_WS_OPENING) {
		ct_fail(&err, CT_ECANCELLED, "closed before it was open");
		ct_ws_over(ws, CT_ECANCELLED, &err);
		return;
	}
	ct_ws_say_close(ws, close_code, ct_str(reason));
	ct_timer_start(ws->timer, ws->options.close_ms);
	ct_ws_soon(ws);
}

void ct_ws_cancel(struct ct_ws *ws)
{
	if (ws == NULL || ws->cancelled)
		return;
	ws->cancelled = true;
	if (ws->busy == 0)
		ct_ws_free(ws);
}

void ct_ws_cut(struct ct_ws *ws)
{
	if (ws != NULL && ws->state == CT_WS_OPEN && !ct_ws_is_done(ws))
		ct_ws_flush(ws);
	ct_ws_cancel(ws);
}

void ct_ws_reset(struct ct_ws *ws)
{
	ws->reset = true;
	ct_ws_cancel(ws);
}

/* The socket has ended, and no close frame said why. */
static void on_read_ended(struct ct_ws *ws)
{
	struct ct_err err = { 0 };

	ct_fail(&err, CT_ECUT, "%.*s broke off the WebSocket", CT_STR_ARG(ws->peer));
	ct_ws_over(ws, CT_ECUT, &err);
}

/* The peer is alive: a close frame of ours may still be answered. */
void ct_ws_extend(struct ct_ws *ws)
{
	if (ws->close_sent && ws->state == CT_WS_OPEN)
		ct_timer_start(ws->timer, ws->options.close_ms);
}

static bool may_read(const struct ct_ws *ws)
{
	return ws->state == CT_WS_OPEN && !ct_ws_is_done(ws) &&
	       (!ws->paused || ws->close_sent || ws->write_broken);
}

static void receive(struct ct_ws *ws)
{
	int left = CHUNKS;

	while (may_read(ws) && left > 0) {
		struct wslay_frame_iocb frame = { 0 };
		ssize_t n = ws->wslay.frame_recv(ws->frames, &frame);

		left--;
		if (n == WSLAY_ERR_WANT_READ) {
			if (ws->read_ended)
				on_read_ended(ws);
			/* it asked only once; of what TLS holds the socket knows nothing */
			if (ws->read_ended || ws->dry)
				return;
			continue;
		}
		if (n < 0) {
			ct_ws_fail(ws, CT_WS_PROTOCOL, CT_EPROTO, "a malformed frame");
			return;
		}
		ct_ws_extend(ws);
		ct_ws_on_frame(ws, &frame);
	}
	/* what TLS has already read shows in no poll */
	if (left == 0)
		ct_ws_soon(ws);
}

/* Nothing that comes now matters, but a socket closed with bytes unread takes ours back. */
static void drain(struct ct_ws *ws)
{
	char bytes[4096];
	ssize_t n = -EAGAIN;

	for (int left = CHUNKS; left > 0 && !ws->read_ended; left--) {
		n = ws->transport->read(ws, bytes, sizeof(bytes));
		if (n <= 0)
			break;
	}
	if (n == 0 || (n < 0 && n != -EAGAIN))
		ws->read_ended = true;
	if (n > 0)
		ct_ws_soon(ws);
}

static void tell_room(struct ct_ws *ws)
{
	if (!ws->was_full || ws->state != CT_WS_OPEN || ws->close_sent || ct_ws_is_done(ws) ||
	    ct_ws_unsent(ws) > ws->options.max_unsent_bytes / 2)
		return;
	ws->was_full = false;
	if (ws->handler.on_room == NULL)
		return;
	ws->busy++;
	ws->handler.on_room(ws->user);
	ws->busy--;
}

/* The server closes first (section 7.1.1), once all is said. */
static bool has_ended(const struct ct_ws *ws)
{
	if (ws->state != CT_WS_ENDING)
		return false;
	return ws->read_ended || (ct_ws_unsent(ws) == 0 && !ws->transport->client &&
				  ws->close_received);
}

static void watch(struct ct_ws *ws)
{
	int events = ws->blocked ? CT_WRITABLE : 0;

	if (ws->watch == NULL)
		return;
	if (ws->state != CT_WS_OPEN || may_read(ws))
		events |= CT_READABLE;
	ct_watch_set(ws->watch, events);
}

/* A turn has ended: say the end, or wait for the next event. ws may be gone afterwards. */
static void settle(struct ct_ws *ws)
{
	if (ws->busy > 0)
		return;
	if (ws->over && !ws->cancelled) {
		ws->cancelled = true; /* from within on_end, too */
		ws->busy++;
		ws->handler.on_end(ws->user, &ws->end);
		ws->busy--;
	}
	if (ws->cancelled)
		ct_ws_free(ws);
	else
		watch(ws);
}

static void turn(struct ct_ws *ws)
{
	ws->busy++;
	if (ws->state == CT_WS_OPENING && ws->fd >= 0 && ws->transport->open != NULL &&
	    !ct_ws_is_done(ws))
		ws->transport->open(ws);
	if (ws->state == CT_WS_OPEN)
		receive(ws);
	if (ws->state != CT_WS_OPENING && !ct_ws_is_done(ws)) {
		ct_ws_flush(ws);
		tell_room(ws);
	}
	if (ws->state == CT_WS_ENDING && !ct_ws_is_done(ws)) {
		drain(ws);
		if (has_ended(ws))
			ct_ws_over(ws, ws->end.code, NULL);
	}
	ws->busy--;
	settle(ws);
}

static void on_soon(void *user)
{
	turn(user);
}

static void on_event(void *user, int events)
{
	(void)events;
	turn(user);
}

int ct_ws_attach(struct ct_ws *ws, int fd, struct ct_err *err)
{
	ws->fd = fd;
	return ct_watch_open(ws->loop, fd, CT_READABLE | CT_WRITABLE, false, on_event, ws,
			     &ws->watch, err);
}

void ct_ws_abandon(struct ct_ws *ws)
{
	struct ct_err err = { 0 };

	ct_fail(&err, CT_ECUT, "%.*s is gone", CT_STR_ARG(ws->peer));
	ct_ws_over(ws, CT_ECUT, &err);
	settle(ws);
}

void ct_ws_opened(struct ct_ws *ws, const struct ct_headers *headers)
{
	ws->state = CT_WS_OPEN;
	ct_timer_stop(ws->timer);
	ws->busy++;
	ws->handler.on_open(ws->user, headers);
	ws->busy--;
}

static void on_deadline(void *user)
{
	struct ct_ws *ws = user;
	struct ct_err err = { 0 };

	if (ws->state == CT_WS_ENDING) {
		ct_ws_over(ws, ws->end.code, NULL);
	} else if (ws->state == CT_WS_OPEN) {
		ct_fail(&err, CT_EIDLE, "%.*s does not answer a close frame",
			CT_STR_ARG(ws->peer));
		ct_ws_over(ws, CT_EIDLE, &err);
	} else if (ws->answer.status != 0) {
		/* the rest of its body is not worth more waiting */
		ws->read_ended = true;
		ws->flight_at = ws->flight_len = 0;
		ws->transport->open(ws);
	} else {
		ct_fail(&err, CT_EFIRST, "%.*s does not answer the WebSocket handshake",
			CT_STR_ARG(ws->peer));
		ct_ws_over(ws, CT_EFIRST, &err);
	}
	settle(ws);
}

/* What goes out: frames into a queue, the queue into the socket. */
#include <errno.h>

#include "base/uuid.h"
#include "net/ws_impl.h"

enum { REASON_MAX = 123 };

size_t ct_ws_unsent(const struct ct_ws *ws)
{
	return ws->out.len - ws->out_at + ws->flight_len - ws->flight_at;
}

ssize_t ct_ws_on_write(const uint8_t *bytes, size_t len, int flags, void *user)
{
	struct ct_ws *ws = user;

	(void)flags;
	ct_buf_append(&ws->out, (const char *)bytes, len);
	return ws->out.failed ? -1 : (ssize_t)len;
}

int ct_ws_on_mask(uint8_t *out, size_t len, void *user)
{
	(void)user;
	ct_random(out, (unsigned)len);
	return 0;
}

int ct_ws_frame(struct ct_ws *ws, int opcode, struct ct_str payload, struct ct_err *err)
{
	struct wslay_frame_iocb frame = {
		.fin = 1,
		.opcode = (uint8_t)opcode,
		.payload_length = payload.len,
		.mask = ws->transport->client,
		.data = (const uint8_t *)payload.ptr,
		.data_length = payload.len,
	};

	if (opcode != WSLAY_CONNECTION_CLOSE &&
	    ct_ws_unsent(ws) + payload.len > ws->options.max_unsent_bytes + CT_WS_FRAMING_MAX / 2)
		return ct_fail(err, CT_ETOOBIG, "%.*s has left %zu bytes unread",
			       CT_STR_ARG(ws->peer), ct_ws_unsent(ws));
	/* only memory can be missing: nothing here waits for the socket */
	do {
		ssize_t n = ws->wslay.frame_send(ws->frames, &frame);

		if (n < 0)
			return ct_fail(err, CT_ENOMEM, "out of memory");
		frame.data += n;
		frame.data_length -= (size_t)n;
	} while (frame.data_length > 0);
	ct_ws_soon(ws);
	return CT_OK;
}

void ct_ws_say_close(struct ct_ws *ws, int close_code, struct ct_str reason)
{
	char payload[2 + REASON_MAX] = { (char)(close_code >> 8), (char)close_code };
	size_t len = 2;

	if (ws->close_sent)
		return;
	ws->close_sent = true;
	if (close_code == CT_WS_NO_STATUS)
		len = 0;
	for (size_t i = 0; len > 0 && i < reason.len && i < REASON_MAX; i++)
		payload[len++] = reason.ptr[i];
	/* a character that does not go in whole is left out */
	while (len > 2 && reason.len > REASON_MAX && (payload[len - 1] & 0x80) != 0)
		len--;
	ct_ws_frame(ws, WSLAY_CONNECTION_CLOSE, (struct ct_str){ payload, len }, NULL);
}

static int send_message(struct ct_ws *ws, int opcode, struct ct_str payload, struct ct_err *err)
{
	if (ws->state != CT_WS_OPEN || ws->close_sent || ct_ws_is_done(ws))
		return ct_fail(err, CT_ECANCELLED, "the WebSocket is not open");
	if (ct_ws_unsent(ws) + payload.len > ws->options.max_unsent_bytes) {
		ws->was_full = true;
		return ct_fail(err, CT_ETOOBIG, "%.*s has left %zu bytes unread",
			       CT_STR_ARG(ws->peer), ct_ws_unsent(ws));
	}
	return ct_ws_frame(ws, opcode, payload, err);
}

int ct_ws_send_text(struct ct_ws *ws, struct ct_str text, struct ct_err *err)
{
	return send_message(ws, WSLAY_TEXT_FRAME, text, err);
}

int ct_ws_send_binary(struct ct_ws *ws, struct ct_str bytes, struct ct_err *err)
{
	return send_message(ws, WSLAY_BINARY_FRAME, bytes, err);
}

static void take_off(struct ct_ws *ws)
{
	size_t n = ws->out.len - ws->out_at;

	if (n > sizeof(ws->flight))
		n = sizeof(ws->flight);
	memcpy(ws->flight, ws->out.ptr + ws->out_at, n);
	ws->flight_at = 0;
	ws->flight_len = n;
	ws->out_at += n;
	if (ws->out_at == ws->out.len || ws->out_at > ws->out.max / 2) {
		ct_buf_drop(&ws->out, ws->out_at);
		ws->out_at = 0;
	}
}

static void forget_unsent(struct ct_ws *ws)
{
	ws->write_broken = true;
	ct_buf_clear(&ws->out);
	ws->out_at = ws->flight_at = ws->flight_len = 0;
}

void ct_ws_flush(struct ct_ws *ws)
{
	ws->blocked = false;
	while (ct_ws_unsent(ws) > 0 && !ws->blocked) {
		ssize_t n;

		if (ws->write_broken) {
			forget_unsent(ws);
			return;
		}
		if (ws->flight_at == ws->flight_len)
			take_off(ws);
		n = ws->transport->write(ws, ws->flight + ws->flight_at,
					 ws->flight_len - ws->flight_at);
		if (n == -EAGAIN) {
			ws->blocked = true;
		} else if (n < 0) {
			/* what the peer said last may still be there to be read */
			forget_unsent(ws);
			ct_ws_soon(ws);
		} else {
			ws->flight_at += (size_t)n;
			ct_ws_extend(ws);
		}
	}
}

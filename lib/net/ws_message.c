/* What frames mean: messages, pings, the close handshake; and what no peer may send. */
#include "codec/utf8.h"
#include "net/ws_impl.h"

static bool is_control(int opcode)
{
	return (opcode & 8) != 0;
}

/* Do the bytes at the end of a text begin a character that more bytes would make whole? */
static bool could_go_on(struct ct_str rest)
{
	static const char fills[] = { '\x80', '\xbf' };
	char c[4];

	if (rest.len == 0 || rest.len >= sizeof(c))
		return rest.len == 0;
	for (size_t f = 0; f < CT_COUNT(fills); f++) {
		for (size_t len = rest.len + 1; len <= sizeof(c); len++) {
			memset(c, fills[f], sizeof(c));
			memcpy(c, rest.ptr, rest.len);
			if (ct_utf8_valid((struct ct_str){ c, len }) == len)
				return true;
		}
	}
	return false;
}

/* Look at the text that has come since the last look, so that a bad one is refused at once. */
static bool text_is_good(struct ct_ws *ws, bool whole)
{
	struct ct_str fresh = ct_str_from(ct_buf_str(&ws->message), ws->checked);
	size_t valid = ct_utf8_valid(fresh);

	ws->checked += valid;
	fresh = ct_str_from(fresh, valid);
	return whole ? fresh.len == 0 : could_go_on(fresh);
}

static void begin_control(struct ct_ws *ws, const struct wslay_frame_iocb *frame)
{
	ws->control_len = 0;
	if (!frame->fin || frame->payload_length > CT_WS_CONTROL_MAX)
		ct_ws_fail(ws, CT_WS_PROTOCOL, CT_EPROTO,
			   "a control frame in fragments, or over 125 bytes");
}

static void begin_data(struct ct_ws *ws, const struct wslay_frame_iocb *frame)
{
	bool goes_on = frame->opcode == WSLAY_CONTINUATION_FRAME;

	if (goes_on != (ws->opcode != 0)) {
		ct_ws_fail(ws, CT_WS_PROTOCOL, CT_EPROTO,
			   goes_on ? "a continuation of no message"
				   : "a new message inside another one");
		return;
	}
	if (!goes_on) {
		ws->opcode = frame->opcode;
		ws->checked = 0;
		ct_buf_clear(&ws->message);
	}
	if (frame->payload_length > ws->message.max - ws->message.len)
		ct_ws_fail(ws, CT_WS_TOO_BIG, CT_ETOOBIG, "a message over the limit");
}

static void begin_frame(struct ct_ws *ws, const struct wslay_frame_iocb *frame)
{
	ws->in_frame = true;
	ws->frame_left = frame->payload_length;
	if (frame->rsv != 0)
		ct_ws_fail(ws, CT_WS_PROTOCOL, CT_EPROTO, "a reserved bit");
	else if ((frame->mask != 0) == ws->transport->client)
		ct_ws_fail(ws, CT_WS_PROTOCOL, CT_EPROTO,
			   ws->transport->client ? "a masked frame" : "an unmasked frame");
	else if ((frame->opcode & 7) > 2)
		ct_ws_fail(ws, CT_WS_PROTOCOL, CT_EPROTO, "a reserved opcode");
	else if (is_control(frame->opcode))
		begin_control(ws, frame);
	else
		begin_data(ws, frame);
}

/* Codes that may stand in a frame: RFC 6455 section 7.4.1 and IANA's registry since. */
static bool is_close_code(int code)
{
	return (code >= 1000 && code <= 1014 && code != 1004 && code != CT_WS_NO_STATUS &&
		code != CT_WS_ABNORMAL) ||
	       (code >= 3000 && code <= 4999);
}

static void on_close(struct ct_ws *ws)
{
	struct ct_str payload = { (const char *)ws->control, ws->control_len };
	int code = CT_WS_NO_STATUS;

	if (payload.len >= 2)
		code = ws->control[0] << 8 | ws->control[1];
	payload = ct_str_from(payload, 2);
	if (ws->control_len == 1 || (ws->control_len > 1 && !is_close_code(code))) {
		ct_ws_fail(ws, CT_WS_PROTOCOL, CT_EPROTO, "a close frame without a proper code");
		return;
	}
	if (ct_utf8_valid(payload) != payload.len) {
		ct_ws_fail(ws, CT_WS_BAD_DATA, CT_EPROTO,
			   "a close frame whose reason is no UTF-8");
		return;
	}
	ws->close_received = true;
	ws->end.close_code = code;
	ws->end.reason = ct_arena_dup(&ws->arena, payload);
	ct_ws_say_close(ws, code, (struct ct_str){ NULL, 0 });
	ct_ws_closed(ws);
}

static void end_control(struct ct_ws *ws, int opcode)
{
	struct ct_str payload = { (const char *)ws->control, ws->control_len };

	/* who pings faster than it reads is not answered each time: section 5.5.3 */
	if (opcode == WSLAY_PING && !ws->close_sent)
		ct_ws_frame(ws, WSLAY_PONG, payload, NULL);
	else if (opcode == WSLAY_CONNECTION_CLOSE)
		on_close(ws);
}

static void end_message(struct ct_ws *ws)
{
	bool text = ws->opcode == WSLAY_TEXT_FRAME;

	ws->opcode = 0;
	ws->busy++;
	if (text)
		ws->handler.on_text(ws->user, ct_buf_str(&ws->message));
	else
		ws->handler.on_binary(ws->user, ct_buf_str(&ws->message));
	ws->busy--;
}

static void take_data(struct ct_ws *ws, const struct wslay_frame_iocb *frame)
{
	bool whole = frame->fin && ws->frame_left == 0;

	ct_buf_append(&ws->message, (const char *)frame->data, frame->data_length);
	if (ws->message.failed)
		ct_ws_fail(ws, CT_WS_TOO_BIG, CT_ETOOBIG, "a message over the limit");
	else if (ws->opcode == WSLAY_TEXT_FRAME && !text_is_good(ws, whole))
		ct_ws_fail(ws, CT_WS_BAD_DATA, CT_EPROTO, "text that is no UTF-8");
	else if (whole)
		end_message(ws);
}

void ct_ws_on_frame(struct ct_ws *ws, const struct wslay_frame_iocb *frame)
{
	if (!ws->in_frame)
		begin_frame(ws, frame);
	if (ws->state != CT_WS_OPEN)
		return;
	ws->frame_left -= frame->data_length;
	ws->in_frame = ws->frame_left > 0;
	if (!is_control(frame->opcode)) {
		take_data(ws, frame);
		return;
	}
	memcpy(ws->control + ws->control_len, frame->data, frame->data_length);
	ws->control_len += frame->data_length;
	if (!ws->in_frame)
		end_control(ws, frame->opcode);
}

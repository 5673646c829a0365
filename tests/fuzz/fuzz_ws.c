/*
 * Any bytes as a peer's frames. The first byte: which side ours is, and how much each read brings.
 * Texts are UTF-8, no message is over its limit, and there is one end.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "codec/utf8.h"
#include "net/ws_impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGE_MAX = 1000 };

static struct {
	const uint8_t *data;
	size_t size, piece;
	int opens, ends;
} peer;

static void need(bool holds)
{
	if (!holds)
		abort();
}

static ssize_t peer_read(struct ct_ws *ws, void *out, size_t room)
{
	size_t n = peer.size < peer.piece ? peer.size : peer.piece;

	(void)ws;
	if (n > room)
		n = room;
	memcpy(out, peer.data, n);
	peer.data += n;
	peer.size -= n;
	return (ssize_t)n;
}

static ssize_t peer_write(struct ct_ws *ws, const void *bytes, size_t len)
{
	(void)ws, (void)bytes;
	return (ssize_t)len;
}

static void peer_open(struct ct_ws *ws)
{
	ct_ws_opened(ws, NULL);
}

static void peer_release(struct ct_ws *ws)
{
	(void)ws;
}

static const struct ct_ws_transport transports[] = {
	{ false, peer_read, peer_write, peer_open, peer_release },
	{ true, peer_read, peer_write, peer_open, peer_release },
};

static void on_open(void *user, const struct ct_headers *headers)
{
	(void)user, (void)headers;
	peer.opens++;
}

static void on_text(void *user, struct ct_str text)
{
	(void)user;
	need(peer.ends == 0 && text.len <= MESSAGE_MAX && ct_utf8_valid(text) == text.len);
}

static void on_binary(void *user, struct ct_str bytes)
{
	(void)user;
	need(peer.ends == 0 && bytes.len <= MESSAGE_MAX);
}

static void on_end(void *user, const struct ct_ws_end *end)
{
	(void)user;
	peer.ends++;
	need(ct_utf8_valid(end->reason) == end->reason.len);
	need(end->code == CT_OK || end->err.msg[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ct_ws_options options = { .max_message_bytes = MESSAGE_MAX };
	struct ct_loop *loop;
	struct ct_ws *ws;

	if (size == 0)
		return 0;
	need(ct_loop_create(&loop, NULL) == CT_OK);
	need(ct_ws_new(loop, &transports[data[0] & 1], &options, &ws, NULL) == CT_OK);
	ws->handler = (struct ct_ws_handler){ on_open, on_text, on_binary, NULL, on_end };
	ws->fd = 0;
	peer.piece = data[0] / 2 + 1u;
	peer.data = data + 1;
	peer.size = size - 1;
	peer.opens = peer.ends = 0;
	ct_ws_soon(ws);
	ct_loop_run(loop);
	need(peer.opens == 1 && peer.ends == 1);
	ct_loop_destroy(loop);
	return 0;
}

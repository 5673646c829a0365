#include "wspeer.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/ws_handshake.h"

static void maybe_stop(struct wspeer *p)
{
	if (p->ends > 0 && p->ended && (p->server == NULL || p->gone > 0))
		ct_loop_stop(p->loop);
}

/* Where the payload begins and how long it is; 0: not whole yet. */
static size_t frame_head(const unsigned char *at, size_t len, size_t *payload)
{
	size_t size = 2;

	if (len < 2)
		return 0;
	*payload = at[1] & 0x7f;
	if (*payload >= 126)
		size = *payload == 126 ? 4 : 10;
	if (len < size)
		return 0;
	if (size > 2)
		*payload = 0;
	for (size_t i = 2; i < size; i++)
		*payload = *payload << 8 | at[i];
	return size;
}

/* A client's frames: a mask bit and a mask each. What is left is malformed and sent as it is. */
static void mask(struct wspeer *p)
{
	static const unsigned char key[4] = { 0x12, 0x34, 0x56, 0x78 };
	const unsigned char *from = (const unsigned char *)p->frames.ptr;
	size_t left = p->frames.len, payload, size;
	char *out = malloc(2 * left + 64);

	p->wire = out;
	while ((size = frame_head(from, left, &payload)) > 0 && payload <= left - size) {
		memcpy(out, from, size);
		out[1] |= (char)0x80;
		memcpy(out + size, key, 4);
		for (size_t i = 0; i < payload; i++)
			out[size + 4 + i] = (char)(from[size + i] ^ key[i % 4]);
		out += size + 4 + payload;
		from += size + payload;
		left -= size + payload;
	}
	memcpy(out, left > 0 ? from : key, left);
	if (left > 1)
		out[1] |= (char)0x80;
	p->wire_len = (size_t)(out + left - p->wire);
}

static void write_down(struct wspeer *p, int opcode, const char *payload, size_t len)
{
	struct ct_str text = { payload, len };

	if (opcode == 8 && len >= 2)
		ct_buf_printf(&p->told, "C%d", (payload[0] & 0xff) << 8 | (payload[1] & 0xff));
	else if (opcode == 8)
		ct_buf_puts(&p->told, "C");
	else
		ct_buf_printf(&p->told, "%c:", " TB......pP"[opcode]);
	if (opcode != 8 && len > 100)
		ct_buf_printf(&p->told, "%zu", len);
	else if (opcode != 8)
		ct_buf_add(&p->told, text);
	ct_buf_puts(&p->told, ";");
}

/* Frames of ours, which must be well formed. */
static void decode(struct wspeer *p)
{
	const char *head_end = memmem(p->got.ptr, p->got.len, "\r\n\r\n", 4);
	size_t payload, size, key = p->is_client ? 0 : 4;

	if (p->decoded == 0)
		p->decoded = (size_t)(head_end - p->got.ptr) + 4;
	for (;;) {
		char *at = p->got.ptr + p->decoded;
		size_t left = p->got.len - p->decoded;

		size = frame_head((unsigned char *)at, left, &payload);
		if (size == 0 || left < size + key + payload)
			return;
		cr_assert_eq((at[1] & 0x80) != 0, !p->is_client, "masked by the client only");
		cr_assert_eq(at[0] & 0xf0, 0x80, "whole, no reserved bits");
		for (size_t i = 0; key > 0 && i < payload; i++)
			at[size + 4 + i] = (char)(at[size + 4 + i] ^ at[size + i % 4]);
		write_down(p, at[0] & 0xf, at + size + key, payload);
		p->decoded += size + key + payload;
		if ((at[0] & 0xf) == 8 && !p->keeps_open)
			shutdown(p->fd, SHUT_WR);
	}
}

static void hang_up(struct wspeer *p)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	if (p->then_reset)
		setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	ct_watch_close(p->watch);
	p->watch = NULL;
	close(p->fd);
	p->fd = -1;
	p->ended = true;
	maybe_stop(p);
}

static void say(struct wspeer *p)
{
	while (p->shaken && p->sent < p->wire_len) {
		size_t left = p->wire_len - p->sent;
		size_t n = p->piece > 0 && p->piece < left ? p->piece : left;
		ssize_t sent = send(p->fd, p->wire + p->sent, n, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN)
			return;
		/* ours may have had enough and gone */
		p->sent = sent < 0 ? p->wire_len : p->sent + (size_t)sent;
	}
	if (!p->shaken || p->watch == NULL)
		return;
	ct_watch_set(p->watch, CT_READABLE);
	if (p->then_close || p->then_reset)
		hang_up(p);
}

static void shake(struct wspeer *p)
{
	char accept[CT_WS_ACCEPT_SIZE], head[512];
	const char *key = strstr(p->got.ptr, "Sec-WebSocket-Key: ");

	if (strstr(p->got.ptr, "\r\n\r\n") == NULL)
		return;
	p->shaken = true;
	if (p->is_client)
		return;
	cr_assert_not_null(key);
	ct_ws_accept_key(accept, (struct ct_str){ key + 19, 24 });
	snprintf(head, sizeof(head),
		 "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n"
		 "connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		 accept);
	if (p->answer != NULL)
		snprintf(head, sizeof(head), "%s", p->answer);
	cr_assert_eq(send(p->fd, head, strlen(head), MSG_NOSIGNAL), (ssize_t)strlen(head));
}

static void on_event(void *user, int events)
{
	struct wspeer *p = user;
	char bytes[65536];

	if (events & CT_READABLE) {
		ssize_t n = recv(p->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (n > 0)
			ct_buf_append(&p->got, bytes, (size_t)n);
		if (n == 0 || (n < 0 && errno != EAGAIN)) {
			hang_up(p);
			return;
		}
		if (!p->shaken)
			shake(p);
		if (p->shaken)
			decode(p);
	}
	say(p);
}

static void on_connection(void *user, int events)
{
	struct wspeer *p = user;

	(void)events;
	p->fd = accept(p->listener, NULL, NULL);
	cr_assert(p->fd >= 0);
	ct_watch_close(p->watch);
	cr_assert_eq(ct_watch_open(p->loop, p->fd, CT_READABLE | CT_WRITABLE, false, on_event, p,
				   &p->watch, NULL),
		     CT_OK);
}

static void on_open(void *user, const struct ct_headers *headers)
{
	struct wspeer *p = user;

	cr_assert_eq(headers == NULL, p->is_client);
	p->opens++;
	if (p->on_open != NULL)
		p->on_open(p);
}

static void see(struct wspeer *p, const char *what, struct ct_str bytes)
{
	ct_buf_puts(&p->seen, what);
	if (bytes.len > 100)
		ct_buf_printf(&p->seen, "%zu", bytes.len);
	else
		ct_buf_add(&p->seen, bytes);
	ct_buf_puts(&p->seen, ";");
	if (p->on_message != NULL)
		p->on_message(p, bytes);
}

static void on_text(void *user, struct ct_str text)
{
	struct wspeer *p = user;

	if (!p->silent)
		ct_ws_send_text(p->ws, text, NULL);
	see(p, "T:", text);
}

static void on_binary(void *user, struct ct_str bytes)
{
	struct wspeer *p = user;

	if (!p->silent)
		ct_ws_send_binary(p->ws, bytes, NULL);
	see(p, "B:", bytes);
}

static void on_room(void *user)
{
	struct wspeer *p = user;

	if (p->on_room != NULL)
		p->on_room(p);
}

static void on_end(void *user, const struct ct_ws_end *end)
{
	struct wspeer *p = user;

	p->ends++;
	p->code = end->code;
	p->err = end->err;
	p->close_code = end->close_code;
	p->status = end->status;
	snprintf(p->reason, sizeof(p->reason), "%.*s", CT_STR_ARG(end->reason));
	snprintf(p->body, sizeof(p->body), "%.*s", CT_STR_ARG(end->body));
	p->ws = NULL;
	maybe_stop(p);
}

static const struct ct_ws_handler handler = { on_open, on_text, on_binary, on_room, on_end };

static void on_request(void *user, struct ct_exchange *exchange,
		       const struct ct_server_request *request, void **exchange_user)
{
	struct wspeer *p = user;
	struct ct_err err = { 0 };

	*exchange_user = p;
	if (ct_ws_accept(exchange, request, &p->options, &handler, p, &p->ws, &err) == CT_OK)
		return;
	p->err = err;
	p->ends++;
	ct_exchange_head(exchange, err.status, NULL, 0, NULL);
	ct_exchange_end(exchange);
}

static void on_gone(void *user, void *exchange_user, bool complete)
{
	struct wspeer *p = user;

	(void)exchange_user, (void)complete;
	p->gone++;
	maybe_stop(p);
}

static void start_client(struct wspeer *p)
{
	static const char proper[] =
		"GET /x HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
	const char *head = p->answer != NULL ? p->answer : proper;
	struct ct_server_options options = { .max_body_bytes = 1000, .max_connections = 10 };
	struct ct_server_handler server = { on_request, on_gone };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	cr_assert_eq(ct_server_create(p->loop, &options, &server, p, &p->server, NULL), CT_OK);
	to.sin_port = htons((uint16_t)ct_server_port(p->server));
	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(connect(p->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	cr_assert_eq(send(p->fd, head, strlen(head), 0), (ssize_t)strlen(head));
	cr_assert_eq(ct_watch_open(p->loop, p->fd, CT_READABLE | CT_WRITABLE, false, on_event, p,
				   &p->watch, NULL),
		     CT_OK);
}

static void start_server(struct wspeer *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct ct_ws_request request = { .options = p->options };
	socklen_t len = sizeof(at);
	char url[64];

	p->listener = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert(bind(p->listener, (struct sockaddr *)&at, len) == 0 &&
		  listen(p->listener, 1) == 0 &&
		  getsockname(p->listener, (struct sockaddr *)&at, &len) == 0);
	cr_assert_eq(ct_watch_open(p->loop, p->listener, CT_READABLE, false, on_connection, p,
				   &p->watch, NULL),
		     CT_OK);
	snprintf(url, sizeof(url), "ws://127.0.0.1:%d/x?y=z#f", ntohs(at.sin_port));
	request.url = ct_str(url);
	cr_assert_eq(ct_ws_connect(p->loop, &request, &handler, p, &p->ws, &p->err), CT_OK,
		     "%s", p->err.msg);
}

void wspeer_run(struct wspeer *p)
{
	cr_assert_eq(ct_loop_create(&p->loop, NULL), CT_OK);
	p->seen = p->told = (struct ct_buf)CT_BUF_INIT(1 << 20);
	p->got = (struct ct_buf)CT_BUF_INIT(64 << 20);
	p->listener = p->fd = -1;
	if (p->is_client && !p->unmasked) {
		mask(p);
	} else {
		p->wire = malloc(p->frames.len + 1);
		memcpy(p->wire, p->frames.len ? p->frames.ptr : "", p->frames.len);
		p->wire_len = p->frames.len;
	}
	if (p->is_client)
		start_client(p);
	else
		start_server(p);
	cr_assert_eq(p->opens + p->ends, 0);
	ct_loop_run(p->loop);
	ct_watch_close(p->watch);
	if (p->fd >= 0)
		close(p->fd);
	if (p->listener >= 0)
		close(p->listener);
	ct_server_destroy(p->server);
	ct_loop_destroy(p->loop);
	free(p->wire);
}

void wspeer_fini(struct wspeer *p)
{
	ct_buf_fini(&p->seen);
	ct_buf_fini(&p->told);
	ct_buf_fini(&p->got);
}

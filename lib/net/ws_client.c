/* The client's side: libcurl connects, the handshake is ours. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/transfer.h"
#include "net/ws_impl.h"

static ssize_t client_read(struct ct_ws *ws, void *out, size_t room)
{
	size_t n = 0;
	CURLcode code = ws->http->curl.easy_recv(ws->link->easy, out, room, &n);

	if (code == CURLE_AGAIN)
		return -EAGAIN;
	return code == CURLE_OK ? (ssize_t)n : -EIO;
}

static ssize_t client_write(struct ct_ws *ws, const void *bytes, size_t len)
{
	size_t n = 0;
	CURLcode code = ws->http->curl.easy_send(ws->link->easy, bytes, len, &n);

	if (code == CURLE_AGAIN || (code == CURLE_OK && n == 0))
		return -EAGAIN;
	return code == CURLE_OK ? (ssize_t)n : -EIO;
}

static void client_release(struct ct_ws *ws)
{
	ct_http_cancel(ws->link);
	ct_http_destroy(ws->http);
}

static void break_off(struct ct_ws *ws, int code, const char *why)
{
	struct ct_err err = { 0 };

	ct_fail(&err, code, "%.*s %s", CT_STR_ARG(ws->peer), why);
	ct_ws_over(ws, code, &err);
}

/* The head lies in the buffer that frames go out by: it is sent first, and wiped. */
static bool send_head(struct ct_ws *ws)
{
	while (ws->flight_at < ws->flight_len) {
		ssize_t n = client_write(ws, ws->flight + ws->flight_at,
					 ws->flight_len - ws->flight_at);
		if (n < 0) {
			ws->blocked = n == -EAGAIN;
			if (n != -EAGAIN)
				break_off(ws, CT_ECONNECT,
					  "closed the connection before answering");
			return false;
		}
		ws->flight_at += (size_t)n;
	}
	explicit_bzero(ws->flight, sizeof(ws->flight));
	ws->flight_at = ws->flight_len = 0;
	ws->blocked = false;
	return true;
}

/* Another status than 101: the answer is complete. */
static void refuse(struct ct_ws *ws)
{
	struct ct_err err = { 0 };

	ws->end.status = ws->answer.status;
	ws->end.headers = ws->answer.headers;
	ws->end.body = ct_buf_str(&ws->body);
	ct_fail(&err, CT_EPROTO, "%.*s answers the WebSocket handshake with status %d",
		CT_STR_ARG(ws->peer), ws->answer.status);
	err.status = ws->answer.status;
	ct_ws_over(ws, CT_EPROTO, &err);
}

static void accept_answer(struct ct_ws *ws)
{
	struct ct_err err = { 0 };
	int rc = ct_ws_answer_check(&ws->answer, ws->key, &err);

	ct_buf_add(&ws->early,
		   ct_str_from(ct_buf_str(&ws->head), ws->answer.head_bytes));
	if (rc == CT_OK)
		rc = ct_buf_check(&ws->early, "what follows the handshake", &err);
	if (rc != CT_OK)
		ct_ws_over(ws, rc, &err);
	else
		ct_ws_opened(ws, ws->answer.headers);
}

/* Look at what has come. last: nothing more will. */
static void look(struct ct_ws *ws, bool last)
{
	struct ct_str bytes = ct_buf_str(&ws->head);
	struct ct_err err = { 0 };
	int code = CT_OK;

	if (ws->answer.status == 0) {
		struct ct_ws_answer answer;

		if (!ct_ws_answer_read(bytes, &ws->arena, &answer, &code, &err)) {
			if (code != CT_OK)
				ct_ws_over(ws, code, &err);
			else if (last)
				break_off(ws, CT_ECONNECT,
					  "closed the connection before answering");
			return;
		}
		ws->answer = answer;
	}
	if (ws->answer.status == 101)
		accept_answer(ws);
	else if (ct_ws_answer_body(&ws->answer, ct_str_from(bytes, ws->answer.head_bytes),
				   &ws->body) ||
		 last)
		refuse(ws);
}

/* Small pieces: what follows the head are frames, and they are read by wslay. */
static void client_open(struct ct_ws *ws)
{
	char bytes[4096];
	bool late = ws->answer.status != 0 && ws->read_ended;

	if (ws->flight_len > 0 && !send_head(ws))
		return;
	while (ws->state == CT_WS_OPENING && !ct_ws_is_done(ws)) {
		ssize_t n = late ? 0 : client_read(ws, bytes, sizeof(bytes));

		if (n == -EAGAIN)
			return;
		if (n > 0)
			ct_buf_append(&ws->head, bytes, (size_t)n);
		look(ws, n <= 0 || ws->head.failed);
		if (n <= 0 || ws->head.failed)
			return;
	}
}

static const struct ct_ws_transport transport = {
	.client = true,
	.read = client_read,
	.write = client_write,
	.open = client_open,
	.release = client_release,
};

static void on_connected(void *user)
{
	struct ct_ws *ws = user;
	curl_socket_t fd = CURL_SOCKET_BAD;
	struct ct_err err = { 0 };
	int rc;

	ws->http->curl.easy_getinfo(ws->link->easy, CURLINFO_ACTIVESOCKET, &fd);
	if (fd == CURL_SOCKET_BAD)
		rc = ct_fail(&err, CT_ECONNECT, "%.*s closed the connection at once",
			     CT_STR_ARG(ws->peer));
	else
		rc = ct_ws_attach(ws, fd, &err);
	if (rc != CT_OK)
		ct_ws_over(ws, rc, &err);
}

static void on_done(void *user, int code, const struct ct_err *err)
{
	struct ct_ws *ws = user;

	ws->link = NULL; /* it frees itself */
	ct_ws_over(ws, code, err);
}

static void add_headers(struct ct_buf *head, const struct ct_ws_request *request)
{
	for (size_t i = 0; i < request->header_count; i++) {
		const struct ct_http_header *h = &request->headers[i];

		ct_buf_add(head, h->name);
		ct_buf_puts(head, ": ");
		ct_buf_add(head, h->value);
		if (h->secret != NULL)
			ct_buf_add(head, ct_secret_reveal(h->secret));
		ct_buf_puts(head, "\r\n");
	}
}

/* RFC 6455 section 4.1, items 1 to 12. */
static int write_head(struct ct_ws *ws, const struct ct_ws_request *request,
		      struct ct_err *err)
{
	/* in place, and never grown: no copy of a key is left in freed memory */
	struct ct_buf head = { .ptr = (char *)ws->flight,
			       .cap = sizeof(ws->flight),
			       .max = sizeof(ws->flight) - 1 };
	struct ct_str path = ws->url.rest;
	const char *hash = path.len > 0 ? memchr(path.ptr, '#', path.len) : NULL;
	int rc = CT_OK;

	for (size_t i = 0; rc == CT_OK && i < request->header_count; i++)
		rc = ct_transfer_check_header(&request->headers[i], err);
	if (rc != CT_OK)
		return rc;
	if (hash != NULL)
		path.len = (size_t)(hash - path.ptr);
	ct_ws_key(ws->key);
	ct_buf_printf(&head, "GET %s%.*s HTTP/1.1\r\nHost: %.*s",
		      path.len == 0 || path.ptr[0] != '/' ? "/" : "", CT_STR_ARG(path),
		      CT_STR_ARG(ws->url.host));
	if (ws->url.port != (ws->url.https ? 443 : 80))
		ct_buf_printf(&head, ":%d", ws->url.port);
	ct_buf_printf(&head,
		      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		      "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n"
		      "User-Agent: cartrita/" CT_VERSION "\r\n",
		      ws->key);
	add_headers(&head, request);
	ct_buf_puts(&head, "\r\n");
	rc = ct_buf_check(&head, "the head of the WebSocket handshake", err);
	ws->flight_len = head.len;
	return rc;
}

/* The URL with the scheme that curl shall connect by, NUL-terminated. */
static int read_url(struct ct_ws *ws, struct ct_str url, struct ct_str *out,
		    struct ct_err *err)
{
	static const struct {
		const char *scheme, *as;
	} schemes[] = { { "ws:", "http:" }, { "wss:", "https:" } };
	int rc;

	*out = ct_arena_printf(&ws->arena, "%.*s", CT_STR_ARG(url));
	for (size_t i = 0; i < CT_COUNT(schemes); i++) {
		size_t len = strlen(schemes[i].scheme);

		if (url.len > len && strncasecmp(url.ptr, schemes[i].scheme, len) == 0)
			*out = ct_arena_printf(&ws->arena, "%s%.*s", schemes[i].as,
					       CT_STR_ARG(ct_str_from(url, len)));
	}
	if (out->ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	rc = ct_url_parse(*out, &ws->url, err);
	if (rc != CT_OK)
		return rc;
	ws->peer = ct_arena_printf(&ws->arena, "%.*s:%d", CT_STR_ARG(ws->url.host),
				   ws->url.port);
	return CT_OK;
}

int ct_ws_connect(struct ct_loop *loop, const struct ct_ws_request *request,
		  const struct ct_ws_handler *handler, void *user, struct ct_ws **out,
		  struct ct_err *err)
{
	struct ct_ws *ws;
	struct ct_str url;
	int rc = ct_ws_new(loop, &transport, &request->options, &ws, err);

	if (rc != CT_OK)
		return rc;
	ws->handler = *handler;
	ws->user = user;
	rc = read_url(ws, request->url, &url, err);
	if (rc == CT_OK)
		rc = write_head(ws, request, err);
	/* a client of its own: curl may close what looks idle in one that makes connections */
	if (rc == CT_OK)
		rc = ct_http_create(loop, &ws->http, err);
	if (rc == CT_OK)
		rc = ct_http_connect(ws->http, url, on_connected, on_done, ws, &ws->link, err);
	if (rc != CT_OK) {
		ct_ws_free(ws);
		return rc;
	}
	ct_timer_start(ws->timer, ws->options.open_ms);
	*out = ws;
	return CT_OK;
}

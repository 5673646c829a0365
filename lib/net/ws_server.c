/* The server's side: libmicrohttpd hands over the socket of an exchange that was upgraded. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/exchange.h"
#include "net/ws_impl.h"

static ssize_t server_read(struct ct_ws *ws, void *out, size_t room)
{
	ssize_t n = recv(ws->fd, out, room, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return -EAGAIN;
	return n >= 0 ? n : -EIO;
}

static ssize_t server_write(struct ct_ws *ws, const void *bytes, size_t len)
{
	ssize_t n = send(ws->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return -EAGAIN;
	return n >= 0 ? n : -EIO;
}

static void server_release(struct ct_ws *ws)
{
	struct ct_exchange *exchange = ws->exchange;

	ws->exchange = NULL;
	if (exchange == NULL)
		return;
	exchange->ws = NULL;
	if (ws->upgraded == NULL) {
		ct_exchange_abort(exchange, ws->reset);
		return;
	}
	if (ws->reset)
		ct_exchange_reset(ws->fd);
	exchange->server->mhd.upgrade_action(ws->upgraded, MHD_UPGRADE_ACTION_CLOSE);
	ct_server_kick(exchange->server);
}

static void server_open(struct ct_ws *ws)
{
	ct_ws_opened(ws, NULL);
}

static const struct ct_ws_transport transport = {
	.client = false,
	.read = server_read,
	.write = server_write,
	.open = server_open,
	.release = server_release,
};

static void on_upgraded(void *cls, struct MHD_Connection *connection, void *state,
			const char *early, size_t early_len, MHD_socket fd,
			struct MHD_UpgradeResponseHandle *upgraded)
{
	struct ct_ws *ws = cls;
	struct ct_err err = { 0 };
	int rc;

	(void)connection, (void)state;
	ws->upgraded = upgraded;
	ct_buf_append(&ws->early, early, early_len);
	rc = ct_buf_check(&ws->early, "what follows the handshake", &err);
	if (rc == CT_OK)
		rc = ct_ws_attach(ws, fd, &err);
	if (rc != CT_OK)
		ct_ws_over(ws, rc, &err);
	ct_ws_soon(ws);
}

static int make_response(struct ct_ws *ws, struct ct_exchange *exchange, struct ct_str key,
			 struct ct_err *err)
{
	struct ct_mhd *mhd = &exchange->server->mhd;
	char accept[CT_WS_ACCEPT_SIZE];
	struct MHD_Response *response = mhd->create_response_for_upgrade(on_upgraded, ws);

	if (response == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for an answer");
	ct_ws_accept_key(accept, key);
	if (mhd->add_response_header(response, "Upgrade", "websocket") != MHD_YES ||
	    mhd->add_response_header(response, "Sec-WebSocket-Accept", accept) != MHD_YES) {
		mhd->destroy_response(response);
		return ct_fail(err, CT_ENOMEM, "no memory for an answer");
	}
	ws->exchange = exchange;
	exchange->ws = ws;
	ct_exchange_upgrade(exchange, response);
	return CT_OK;
}

int ct_ws_accept(struct ct_exchange *exchange, const struct ct_server_request *request,
		 const struct ct_ws_options *options, const struct ct_ws_handler *handler,
		 void *user, struct ct_ws **out, struct ct_err *err)
{
	struct ct_ws *ws;
	struct ct_str key;
	int rc = ct_ws_request_check(request, &key, err);

	if (rc != CT_OK)
		return rc;
	rc = ct_ws_new(exchange->server->loop, &transport, options, &ws, err);
	if (rc != CT_OK)
		return rc;
	ws->handler = *handler;
	ws->user = user;
	ws->peer = ct_str("the client");
	rc = make_response(ws, exchange, key, err);
	if (rc != CT_OK) {
		ct_ws_free(ws);
		return rc;
	}
	ct_timer_start(ws->timer, ws->options.open_ms);
	*out = ws;
	return CT_OK;
}

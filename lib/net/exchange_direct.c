#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "net/exchange.h"

enum { PARTS = 3, FRAME_BYTES = 32 };

static bool says_close(const struct ct_exchange *exchange)
{
	const char *value = exchange->server->mhd.lookup_connection_value(
		exchange->connection, MHD_HEADER_KIND, "Connection");

	return value != NULL && strcasecmp(value, "keep-alive") != 0;
}

bool ct_exchange_is_chunked(const struct ct_exchange *exchange, const char *method,
			    const char *version)
{
	return strcmp(version, "HTTP/1.1") == 0 && strcmp(method, "HEAD") != 0 &&
	       !says_close(exchange);
}

static void watch(struct ct_exchange *exchange, bool for_room)
{
	struct epoll_event event = { .events = (for_room ? EPOLLOUT : EPOLLRDHUP) |
					       EPOLLONESHOT,
				     .data.ptr = exchange };

	exchange->watched = for_room;
	epoll_ctl(exchange->server->suspended_fd, EPOLL_CTL_MOD, ct_exchange_socket(exchange),
		  &event);
}

/* How many of the bytes the socket took; -1: it takes none any more. */
static ssize_t send_parts(const struct ct_exchange *exchange, struct iovec *parts, size_t count)
{
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
	ssize_t n;

	do
		n = sendmsg(ct_exchange_socket(exchange), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : n;
}

static void queue_rest(struct ct_exchange *exchange, const struct iovec *parts, size_t sent)
{
	for (size_t i = 0; i < PARTS; i++) {
		size_t gone = sent < parts[i].iov_len ? sent : parts[i].iov_len;

		ct_buf_append(&exchange->queue, (char *)parts[i].iov_base + gone,
			      parts[i].iov_len - gone);
		sent -= gone;
	}
}

/* bytes is borrowed as what sendmsg() wants to have, and only read. */
static struct iovec part(struct ct_str bytes)
{
	struct iovec part = { .iov_len = bytes.len };

	memcpy(&part.iov_base, &bytes.ptr, sizeof(bytes.ptr));
	return part;
}

int ct_exchange_send_direct(struct ct_exchange *exchange, struct ct_str bytes,
			    struct ct_err *err)
{
	char head[FRAME_BYTES];
	int len = snprintf(head, sizeof(head), "%zx\r\n", bytes.len);
	struct iovec parts[PARTS] = { part((struct ct_str){ head, (size_t)len }), part(bytes),
				      part(ct_str("\r\n")) };
	ssize_t sent = 0;

	/* a chunk without bytes would be the end; who has gone is told so by on_gone */
	if (bytes.len == 0 || exchange->gone)
		return CT_OK;
	if (ct_exchange_unsent(exchange) == 0)
		sent = send_parts(exchange, parts, PARTS);
	if (sent < 0) {
		ct_exchange_hang_up(exchange);
		return CT_OK;
	}
	queue_rest(exchange, parts, (size_t)sent);
	if (ct_exchange_unsent(exchange) > 0 && !exchange->watched)
		watch(exchange, true);
	return ct_buf_check(&exchange->queue, "an answer", err);
}

void ct_exchange_send_on(struct ct_exchange *exchange)
{
	struct ct_str left = ct_str_from(ct_buf_str(&exchange->queue), exchange->sent);
	struct iovec all = part(left);
	ssize_t sent = send_parts(exchange, &all, 1);

	if (sent < 0) {
		ct_exchange_hang_up(exchange);
		return;
	}
	exchange->sent += (size_t)sent;
	if ((size_t)sent < left.len) {
		watch(exchange, true);
		return;
	}
	ct_buf_clear(&exchange->queue);
	exchange->sent = 0;
	watch(exchange, false);
	if (exchange->ended || exchange->aborted)
		ct_exchange_resume(exchange);
}

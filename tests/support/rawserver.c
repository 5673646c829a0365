#include "rawserver.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KEPT_BYTES = 64 << 10 };

struct rawserver {
	const struct raw_step *steps;
	pthread_t thread;
	int listener, halt, port;
	bool joined;
	char url[256];
	char received[KEPT_BYTES + 1];
	size_t received_len;
	size_t request_at; /* where in received the request being read begins */
	unsigned connections;
};

static void need(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

/* Wait for fd; false when the server shall halt instead. */
static bool wait_for(struct rawserver *s, int fd, short events)
{
	struct pollfd fds[] = { { .fd = s->halt, .events = POLLIN },
				{ .fd = fd, .events = events } };

	need(poll(fds, 2, -1) > 0, "poll");
	return fds[0].revents == 0;
}

/* 0 at the peer's end, or when halted. */
static size_t receive(struct rawserver *s, int fd)
{
	char bytes[4096];
	ssize_t n;
	size_t keep;

	if (!wait_for(s, fd, POLLIN))
		return 0;
	n = recv(fd, bytes, sizeof(bytes), 0);
	if (n <= 0)
		return 0;
	keep = KEPT_BYTES - s->received_len;
	if (keep > (size_t)n)
		keep = (size_t)n;
	memcpy(s->received + s->received_len, bytes, keep);
	s->received_len += keep;
	return (size_t)n;
}

static size_t announced(const char *head)
{
	const char *line = strcasestr(head, "\r\ncontent-length:");

	return line != NULL ? strtoul(line + 17, NULL, 10) : 0;
}

static bool read_request(struct rawserver *s, int fd)
{
	const char *head = s->received + s->request_at, *blank;
	size_t body;

	while ((blank = strstr(head, "\r\n\r\n")) == NULL)
		if (receive(s, fd) == 0)
			return false;
	body = announced(head);
	for (size_t have = s->received_len - (size_t)(blank + 4 - s->received);
	     have < body;) {
		size_t n = receive(s, fd);
		if (n == 0)
			return false;
		have += n;
	}
	s->request_at = s->received_len;
	return true;
}

static bool send_all(struct rawserver *s, int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		if (!wait_for(s, fd, POLLOUT))
			return false;
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static bool send_step(struct rawserver *s, int fd, const struct raw_step *step)
{
	size_t len = step->len ? step->len : strlen(step->bytes);
	size_t piece = step->op == RAW_DRIP ? 1 : len;

	for (size_t i = 0; i < (step->times ? step->times : 1); i++)
		for (size_t at = 0; at < len; at += piece)
			if (!send_all(s, fd, step->bytes + at, piece))
				return false;
	return true;
}

static void reset(int fd)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* Bytes that nobody has read turn a close into a reset: read them first. */
static void close_in_order(struct rawserver *s, int fd)
{
	shutdown(fd, SHUT_WR);
	while (receive(s, fd) > 0)
		;
}

/* One connection's steps; returns the one that ended it. */
static const struct raw_step *converse(struct rawserver *s, int fd,
				       const struct raw_step *step)
{
	for (;; step++) {
		switch (step->op) {
		case RAW_READ:
			if (!read_request(s, fd))
				goto out;
			break;
		case RAW_SEND:
		case RAW_DRIP:
			if (!send_step(s, fd, step))
				goto out;
			break;
		case RAW_RESET:
			reset(fd);
			return step;
		case RAW_HOLD:
			while (receive(s, fd) > 0)
				;
			return step;
		default:
			close_in_order(s, fd);
			return step;
		}
	}
out: /* the peer went away: what was meant for it is passed over */
	while (step->op == RAW_READ || step->op == RAW_SEND || step->op == RAW_DRIP)
		step++;
	return step;
}

static void *serve(void *user)
{
	struct rawserver *s = user;
	const struct raw_step *step = s->steps;
	int one = 1;

	while (step->op != RAW_END && wait_for(s, s->listener, POLLIN)) {
		int fd = accept(s->listener, NULL, NULL);
		need(fd >= 0, "accept");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		s->connections++;
		s->request_at = s->received_len;
		step = converse(s, fd, step);
		close(fd);
		if (step->op != RAW_END && step->op != RAW_AGAIN)
			step++;
		if (step->op == RAW_AGAIN)
			step = s->steps;
	}
	/* nobody waits in a queue that is not served */
	shutdown(s->listener, SHUT_RDWR);
	return NULL;
}

static int bind_any(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	need(fd >= 0, "socket");
	need(bind(fd, (struct sockaddr *)&address, len) == 0, "bind");
	need(getsockname(fd, (struct sockaddr *)&address, &len) == 0, "getsockname");
	*port = ntohs(address.sin_port);
	return fd;
}

struct rawserver *rawserver_start(const struct raw_step *steps)
{
	struct rawserver *s = calloc(1, sizeof(*s));

	need(s != NULL, "calloc");
	s->steps = steps;
	s->listener = bind_any(&s->port);
	need(listen(s->listener, 128) == 0, "listen");
	s->halt = eventfd(0, EFD_CLOEXEC);
	need(s->halt >= 0, "eventfd");
	need(pthread_create(&s->thread, NULL, serve, s) == 0, "pthread_create");
	return s;
}

int rawserver_port(const struct rawserver *server)
{
	return server->port;
}

const char *rawserver_url(struct rawserver *server, const char *path)
{
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d%s", server->port,
		 path);
	return server->url;
}

void rawserver_halt(struct rawserver *server)
{
	if (server->joined)
		return;
	need(eventfd_write(server->halt, 1) == 0, "eventfd");
	pthread_join(server->thread, NULL);
	server->joined = true;
}

const char *rawserver_received(const struct rawserver *server)
{
	return server->received;
}

unsigned rawserver_connections(const struct rawserver *server)
{
	return server->connections;
}

void rawserver_stop(struct rawserver *server)
{
	rawserver_halt(server);
	close(server->listener);
	close(server->halt);
	free(server);
}

int rawserver_dead_port(void)
{
	int port, fd = bind_any(&port);

	close(fd);
	return port;
}

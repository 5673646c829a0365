#include "net/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/exchange.h"

enum {
	POOL_BYTES = 16 << 10, /* of a connection: also bounds the head of a request */
	IDLE_S = 600, /* without a byte in either direction */
	BACKLOG = 4096, /* a thousand clients may come in one moment */
	LONGEST_MS = 60 * 60 * 1000,
};

void ct_server_kick(struct ct_server *server)
{
	server->again = true;
	if (!server->running)
		ct_timer_start(server->timer, 0);
}

/* After a resume it must run again at once, or the wake-up is lost; else when it says. */
static void run(void *user)
{
	struct ct_server *server = user;
	MHD_UNSIGNED_LONG_LONG timeout = 0;

	server->again = false;
	server->running = true;
	server->mhd.run(server->daemon);
	server->running = false;
	if (server->again)
		ct_timer_start(server->timer, 0);
	else if (server->mhd.get_timeout(server->daemon, &timeout) == MHD_YES)
		ct_timer_start(server->timer,
			       timeout > LONGEST_MS ? LONGEST_MS : (int64_t)timeout);
}

static void on_ready(void *user, int events)
{
	(void)events;
	run(user);
}

static void on_suspended(void *user, int events)
{
	struct ct_server *server = user;
	struct epoll_event found[64];
	int count = epoll_wait(server->suspended_fd, found, CT_COUNT(found), 0);

	(void)events;
	for (int i = 0; i < count; i++) {
		if (found[i].events == EPOLLOUT)
			ct_exchange_send_on(found[i].data.ptr);
		else
			ct_exchange_hang_up(found[i].data.ptr);
	}
}

static void on_connection(void *cls, struct MHD_Connection *connection,
			  void **socket_context, enum MHD_ConnectionNotificationCode code)
{
	struct ct_server *server = cls;
	const union MHD_ConnectionInfo *info;
	int one = 1;

	(void)socket_context;
	if (code != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	info = server->mhd.get_connection_info(connection,
					       MHD_CONNECTION_INFO_CONNECTION_FD);
	if (info != NULL)
		setsockopt(info->connect_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/* A listening socket on 127.0.0.1; its port goes to *port. */
static int listen_on(int *port, int *out, struct ct_err *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)*port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return ct_fail(err, CT_EIO, "cannot make a socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
		int code = ct_fail(err, CT_EIO, "cannot listen on 127.0.0.1 port %d: %s",
				   *port, strerror(errno));
		close(fd);
		return code;
	}
	*port = ntohs(address.sin_port);
	*out = fd;
	return CT_OK;
}

static int start_daemon(struct ct_server *server, int fd, struct ct_err *err)
{
	server->daemon = server->mhd.start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE, 0, NULL, NULL,
		ct_exchange_on_access, server, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES,
		MHD_OPTION_CONNECTION_LIMIT, server->options.max_connections,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
		MHD_OPTION_NOTIFY_COMPLETED, ct_exchange_on_completed, server,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
		MHD_OPTION_URI_LOG_CALLBACK, ct_exchange_on_uri, server, MHD_OPTION_END);
	if (server->daemon == NULL)
		return ct_fail(err, CT_EIO, "cannot start the HTTP server: %s",
			       strerror(errno));
	return CT_OK;
}

static int attach(struct ct_server *server, struct ct_err *err)
{
	const union MHD_DaemonInfo *info =
		server->mhd.get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	if (info == NULL)
		return ct_fail(err, CT_EIO, "the HTTP server has no epoll descriptor");
	int rc = ct_watch_open(server->loop, info->epoll_fd, CT_READABLE, false, on_ready,
			       server, &server->watch, err);
	if (rc != CT_OK)
		return rc;
	return ct_watch_open(server->loop, server->suspended_fd, CT_READABLE, true,
			     on_suspended, server, &server->suspended_watch, err);
}

static int start(struct ct_server *server, struct ct_err *err)
{
	int fd = -1, rc = ct_mhd_load(&server->mhd, err);

	if (rc != CT_OK)
		return rc;
	server->suspended_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server->suspended_fd < 0)
		return ct_fail(err, CT_EIO, "cannot watch for clients that leave: %s",
			       strerror(errno));
	rc = listen_on(&server->port, &fd, err);
	if (rc == CT_OK)
		rc = start_daemon(server, fd, err);
	if (rc == CT_OK)
		rc = attach(server, err);
	if (rc == CT_OK)
		ct_server_kick(server);
	return rc;
}

int ct_server_create(struct ct_loop *loop, const struct ct_server_options *options,
		     const struct ct_server_handler *handler, void *user,
		     struct ct_server **out, struct ct_err *err)
{
	struct ct_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for a server");
	*server = (struct ct_server){ .loop = loop,
				      .options = *options,
				      .handler = *handler,
				      .user = user,
				      .port = options->port,
				      .suspended_fd = -1,
				      .timer = ct_timer_create(loop, run, server) };
	int rc = server->timer == NULL ? ct_fail(err, CT_ENOMEM, "no memory for a server")
				       : start(server, err);
	if (rc != CT_OK) {
		ct_server_destroy(server);
		return rc;
	}
	*out = server;
	return CT_OK;
}

/* The daemon may not be stopped while a connection is suspended. */
static void hang_up_all(struct ct_server *server)
{
	for (struct ct_exchange *e = server->exchanges; e != NULL; e = e->next) {
		if (e->ws != NULL)
			ct_ws_abandon(e->ws);
		ct_exchange_hang_up(e);
	}
}

void ct_server_destroy(struct ct_server *server)
{
	if (server == NULL)
		return;
	ct_watch_close(server->watch);
	ct_watch_close(server->suspended_watch);
	if (server->daemon != NULL) {
		hang_up_all(server);
		server->running = true;
		server->mhd.stop_daemon(server->daemon);
	}
	if (server->suspended_fd >= 0)
		close(server->suspended_fd);
	ct_timer_destroy(server->timer);
	free(server);
}

int ct_server_port(const struct ct_server *server)
{
	return server->port;
}

/* How many connections a client opens, keeps and closes; the server is on its loop. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "client.h"
#include "net/server.h"

enum { MANY = 12, FEW = 6, NOT_CONNECTIONS = 40 };

/* Answers when `wanted` requests are there: so many connections there must be. */
struct host {
	struct ct_server *server;
	struct ct_exchange *waiting[MANY];
	int count, wanted;
	char url[64];
};

static void on_request(void *user, struct ct_exchange *exchange,
		       const struct ct_server_request *request, void **exchange_user)
{
	struct host *host = user;

	(void)request;
	(void)exchange_user;
	host->waiting[host->count++] = exchange;
	if (host->count < host->wanted)
		return;
	while (host->count > 0) {
		struct ct_exchange *e = host->waiting[--host->count];
		cr_assert_eq(ct_exchange_head(e, 200, NULL, 2, NULL), CT_OK);
		cr_assert_eq(ct_exchange_send(e, ct_str("hi"), NULL), CT_OK);
		ct_exchange_end(e);
	}
}

static void on_gone(void *user, void *exchange_user, bool complete)
{
	(void)user;
	(void)exchange_user;
	cr_expect(complete);
}

static void open_host(struct host *host)
{
	static const struct ct_server_handler handler = { on_request, on_gone };
	struct ct_server_options options = { .max_body_bytes = 1, .max_connections = 100 };

	cr_assert_eq(ct_server_create(client_loop, &options, &handler, host, &host->server,
				      NULL),
		     CT_OK);
	snprintf(host->url, sizeof(host->url), "http://127.0.0.1:%d/",
		 ct_server_port(host->server));
}

/* Sockets of ours that lead to the host. */
static int connections(const struct host *host)
{
	int count = 0;

	for (int fd = 3; fd < 256; fd++) {
		struct sockaddr_in peer;
		socklen_t len = sizeof(peer);

		count += getpeername(fd, (struct sockaddr *)&peer, &len) == 0 &&
			 peer.sin_family == AF_INET &&
			 ntohs(peer.sin_port) == ct_server_port(host->server);
	}
	return count;
}

static int left;

static void count_down(struct seen *seen)
{
	(void)seen;
	if (--left == 0)
		ct_loop_stop(client_loop);
}

static void ask(struct host *host, int times)
{
	struct seen *seen = calloc((size_t)times, sizeof(*seen));

	left = host->wanted = times;
	for (int i = 0; i < times; i++) {
		seen[i].then = count_down;
		cr_assert_eq(client_start(&seen[i], host->url, NULL), CT_OK);
	}
	ct_loop_run(client_loop);
	for (int i = 0; i < times; i++)
		cr_expect_str_eq(seen[i].body, "hi", "%d: %s", i, seen[i].err.msg);
	free(seen);
}

TestSuite(http_connections, .init = client_open, .fini = client_close, .timeout = 60);

Test(http_connections, keeps_as_many_as_were_needed_at_once)
{
	struct host host = { 0 };

	open_host(&host);
	ask(&host, MANY);
	cr_expect_eq(connections(&host), MANY);
	for (int i = 0; i < MANY; i++)
		ask(&host, 1);
	cr_expect_eq(connections(&host), MANY, "%d", connections(&host));
	ct_server_destroy(host.server);
}

Test(http_connections, closes_one_that_is_not_used_for_another_host)
{
	struct rlimit limit;
	struct host one = { 0 }, other = { 0 };

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = NOT_CONNECTIONS + FEW;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ct_http_destroy(client_http);
	cr_assert_eq(ct_http_create(client_loop, &client_http, NULL), CT_OK);
	open_host(&one);
	open_host(&other);
	ask(&one, FEW);
	ask(&other, FEW);
	ask(&one, FEW / 2);
	cr_expect_eq(connections(&one) + connections(&other), FEW, "%d and %d",
		     connections(&one), connections(&other));
	ct_server_destroy(one.server);
	ct_server_destroy(other.server);
}

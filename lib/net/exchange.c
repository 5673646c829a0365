#include "net/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
	PULL_BYTES = 32 << 10, /* most of one chunk */
	EXCESS_MAX_BYTES =
		64
		<< 20, /* of a body that is refused, read so that the client sees why */
	COMPACT_BYTES = 64 << 10,
	QUEUE_MAX_BYTES = CT_EXCHANGE_UNSENT_MAX + 64, /* with the frame of a chunk */
};

int ct_exchange_socket(const struct ct_exchange *exchange)
{
	const union MHD_ConnectionInfo *info = exchange->server->mhd.get_connection_info(
		exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info == NULL ? -1 : info->connect_fd;
}

/* Nothing to do until ours says more, or the client goes. */
static void suspend(struct ct_exchange *exchange)
{
	struct epoll_event event = { .events = EPOLLRDHUP | EPOLLONESHOT,
				     .data.ptr = exchange };

	exchange->suspended = true;
	exchange->direct = exchange->has_head && exchange->chunked;
	exchange->server->mhd.suspend_connection(exchange->connection);
	epoll_ctl(exchange->server->suspended_fd, EPOLL_CTL_ADD, ct_exchange_socket(exchange),
		  &event);
}

void ct_exchange_resume(struct ct_exchange *exchange)
{
	if (!exchange->suspended)
		return;
	if (exchange->direct && !exchange->gone && ct_exchange_unsent(exchange) > 0)
		return; /* the daemon's own last words come after these */
	exchange->suspended = false;
	epoll_ctl(exchange->server->suspended_fd, EPOLL_CTL_DEL, ct_exchange_socket(exchange), NULL);
	exchange->server->mhd.resume_connection(exchange->connection);
	ct_server_kick(exchange->server);
}

void ct_exchange_hang_up(struct ct_exchange *exchange)
{
	exchange->gone = true;
	ct_exchange_resume(exchange);
}

/* Connecting to nowhere. */
void ct_exchange_reset(int fd)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	connect(fd, &nowhere, sizeof(nowhere));
}

/* The reader takes bytes of the answer. */
static ssize_t pull(void *cls, uint64_t at, char *out, size_t max)
{
	struct ct_exchange *exchange = cls;
	/* what is left when it was direct is framed, and its client will never read it */
	size_t left = exchange->direct ? 0 : exchange->queue.len - exchange->sent;

	(void)at;
	if (exchange->gone)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (left > 0) {
		size_t n = left < max ? left : max;

		memcpy(out, exchange->queue.ptr + exchange->sent, n);
		exchange->sent += n;
		return (ssize_t)n;
	}
	if (exchange->aborted) {
		if (exchange->reset)
			ct_exchange_reset(ct_exchange_socket(exchange));
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	if (exchange->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	suspend(exchange);
	return 0;
}

void *ct_exchange_on_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct ct_server *server = cls;
	struct ct_exchange *exchange = calloc(1, sizeof(*exchange));
	const char *mark = strchr(uri, '?');

	if (exchange == NULL)
		return NULL;
	*exchange =
		(struct ct_exchange){ .server = server,
				      .connection = connection,
				      .next = server->exchanges,
				      .link = &server->exchanges,
				      .body = CT_BUF_INIT(server->options.max_body_bytes),
				      .queue = CT_BUF_INIT(QUEUE_MAX_BYTES) };
	exchange->query = ct_arena_dup(&exchange->arena, ct_str(mark ? mark + 1 : ""));
	if (server->exchanges != NULL)
		server->exchanges->link = &exchange->next;
	server->exchanges = exchange;
	return exchange;
}

/* What of a request's head decides whether it can be trusted. */
struct head {
	unsigned lengths, encodings, hosts;
	bool chunked;
	uint64_t length;
};

static enum MHD_Result look_at(void *cls, enum MHD_ValueKind kind, const char *key,
			       const char *value)
{
	struct head *head = cls;

	(void)kind;
	if (strcasecmp(key, "Content-Length") == 0) {
		head->lengths++;
		head->length = value ? strtoull(value, NULL, 10) : 0;
	} else if (strcasecmp(key, "Transfer-Encoding") == 0) {
		head->encodings++;
		head->chunked = value != NULL && strcasecmp(value, "chunked") == 0;
	} else if (strcasecmp(key, "Host") == 0) {
		head->hosts++;
	}
	return MHD_YES;
}

static void refuse(struct ct_exchange *exchange, int status, const char *why)
{
	exchange->refused = status;
	exchange->why = why;
}

/*
 * Two readers that frame a request differently see different requests: RFC 9112 sections
 * 3.2 and 6.3.
 */
static void check(struct ct_exchange *exchange, const char *version)
{
	struct head head = { 0 };
	size_t max = exchange->server->options.max_body_bytes;

	exchange->checked = true;
	exchange->server->mhd.get_connection_values(exchange->connection, MHD_HEADER_KIND,
						    look_at, &head);
	if (head.lengths > 0 && head.encodings > 0)
		refuse(exchange, 400, "both Content-Length and Transfer-Encoding");
	else if (head.lengths > 1)
		refuse(exchange, 400, "more than one Content-Length");
	else if (head.encodings > 1 || (head.encodings == 1 && !head.chunked))
		refuse(exchange, 501, "a Transfer-Encoding other than chunked");
	else if (head.hosts > 1 || (head.hosts == 0 && strcmp(version, "HTTP/1.1") == 0))
		refuse(exchange, 400, "a request needs one Host");
	else if (head.length > max && head.length - max > EXCESS_MAX_BYTES)
		refuse(exchange, 413, "the body is too big");
}

static enum MHD_Result send_refusal(struct ct_exchange *exchange)
{
	struct ct_mhd *mhd = &exchange->server->mhd;
	struct MHD_Response *response;
	enum MHD_Result rc;
	char text[128];
	int len = snprintf(text, sizeof(text), "%s\n", exchange->why);

	response = mhd->create_response_from_buffer((size_t)len, text,
						    MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return MHD_NO;
	mhd->add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
	mhd->add_response_header(response, "Connection", "close");
	rc = mhd->queue_response(exchange->connection, (unsigned)exchange->refused,
				 response);
	mhd->destroy_response(response);
	return rc;
}

/* A piece of the request's body. */
static enum MHD_Result take(struct ct_exchange *exchange, const char *data, size_t *size)
{
	size_t n = *size;

	*size = 0;
	if (!exchange->refused)
		ct_buf_append(&exchange->body, data, n);
	if (exchange->body.failed) {
		if (!exchange->refused)
			refuse(exchange, 413, "the body is too big");
		exchange->excess += n;
		ct_buf_fini(&exchange->body);
	} else if (exchange->refused) {
		exchange->excess += n;
	}
	return exchange->excess > EXCESS_MAX_BYTES ? MHD_NO : MHD_YES;
}

static enum MHD_Result keep_header(void *cls, enum MHD_ValueKind kind, const char *key,
				   const char *value)
{
	(void)kind;
	ct_headers_add(cls, ct_str(key), ct_str(value ? value : ""));
	return MHD_YES;
}

static enum MHD_Result give(struct ct_exchange *exchange, const char *method,
			    const char *url)
{
	struct ct_server *server = exchange->server;
	struct ct_headers *headers = ct_arena_alloc(&exchange->arena, sizeof(*headers));
	struct ct_server_request request = {
		.method = ct_arena_dup(&exchange->arena, ct_str(method)),
		.path = ct_arena_dup(&exchange->arena, ct_str(url)),
		.query = exchange->query,
		.headers = headers,
		.body = ct_buf_str(&exchange->body),
	};

	if (headers == NULL || request.path.ptr == NULL || request.query.ptr == NULL)
		return MHD_NO;
	headers->arena = &exchange->arena;
	server->mhd.get_connection_values(exchange->connection, MHD_HEADER_KIND,
					  keep_header, headers);
	exchange->given = true;
	server->handler.on_request(server->user, exchange, &request, &exchange->user);
	return MHD_YES;
}

/* The request is whole: give it to the handler, once, and its answer to the daemon. */
static enum MHD_Result answer(struct ct_exchange *exchange, const char *method,
			      const char *url)
{
	struct ct_mhd *mhd = &exchange->server->mhd;
	enum MHD_Result rc;

	if (!exchange->given && give(exchange, method, url) != MHD_YES)
		return MHD_NO;
	if (exchange->gone)
		return MHD_NO;
	if (exchange->aborted && !exchange->has_head) {
		if (exchange->reset)
			ct_exchange_reset(ct_exchange_socket(exchange));
		return MHD_NO;
	}
	if (!exchange->has_head) {
		suspend(exchange);
		return MHD_YES;
	}
	if (exchange->response == NULL)
		return MHD_NO;
	rc = mhd->queue_response(exchange->connection, (unsigned)exchange->status,
				 exchange->response);
	mhd->destroy_response(exchange->response);
	exchange->response = NULL;
	return rc;
}

enum MHD_Result ct_exchange_on_access(void *cls, struct MHD_Connection *connection,
				      const char *url, const char *method,
				      const char *version, const char *data, size_t *size,
				      void **state)
{
	struct ct_exchange *exchange = *state;

	(void)cls, (void)connection;
	if (exchange == NULL)
		return MHD_NO; /* there was no memory for it */
	if (!exchange->checked) {
		check(exchange, version);
		exchange->chunked = ct_exchange_is_chunked(exchange, method, version);
		return exchange->refused ? send_refusal(exchange) : MHD_YES;
	}
	if (*size > 0)
		return take(exchange, data, size);
	return exchange->refused ? send_refusal(exchange) : answer(exchange, method, url);
}

void ct_exchange_on_completed(void *cls, struct MHD_Connection *connection, void **state,
			      enum MHD_RequestTerminationCode code)
{
	struct ct_server *server = cls;
	struct ct_exchange *exchange = *state;

	(void)connection;
	if (exchange == NULL)
		return;
	*state = NULL;
	if (exchange->ws != NULL)
		ct_ws_abandon(exchange->ws);
	if (exchange->given)
		server->handler.on_gone(server->user, exchange->user,
					code == MHD_REQUEST_TERMINATED_COMPLETED_OK &&
						exchange->ended);
	*exchange->link = exchange->next;
	if (exchange->next != NULL)
		exchange->next->link = exchange->link;
	if (exchange->response != NULL)
		server->mhd.destroy_response(exchange->response);
	ct_buf_fini(&exchange->body);
	ct_buf_fini(&exchange->queue);
	ct_arena_fini(&exchange->arena);
	free(exchange);
}

static int add_headers(struct ct_exchange *exchange, const struct ct_headers *headers,
		       struct ct_err *err)
{
	struct ct_mhd *mhd = &exchange->server->mhd;

	for (size_t i = 0; headers != NULL && i < headers->count; i++) {
		struct ct_str name = ct_arena_dup(&exchange->arena, headers->names[i]);
		struct ct_str value = ct_arena_dup(&exchange->arena, headers->values[i]);

		if (name.ptr == NULL || value.ptr == NULL)
			return ct_fail(err, CT_ENOMEM, "no memory for headers");
		if (mhd->add_response_header(exchange->response, name.ptr, value.ptr) !=
		    MHD_YES)
			return ct_fail(err, CT_EINVALID, "not a header: %s", name.ptr);
	}
	return CT_OK;
}

/* Has the answer a body in chunks, by what its own head says? */
static bool may_be_chunked(int status, const struct ct_headers *headers, int64_t length)
{
	if (length >= 0 || status < 200 || status == 204 || status == 304)
		return false;
	for (size_t i = 0; headers != NULL && i < headers->count; i++) {
		if (ct_str_is_nocase(headers->names[i], "Connection") ||
		    ct_str_is_nocase(headers->names[i], "Transfer-Encoding"))
			return false;
	}
	return true;
}

int ct_exchange_head(struct ct_exchange *exchange, int status,
		     const struct ct_headers *headers, int64_t length, struct ct_err *err)
{
	struct ct_mhd *mhd = &exchange->server->mhd;
	uint64_t size = length < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)length;

	if (exchange->has_head)
		return ct_fail(err, CT_EINVALID, "the head was said already");
	exchange->response = mhd->create_response_from_callback(size, PULL_BYTES, pull,
								exchange, NULL);
	if (exchange->response == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for an answer");
	int rc = add_headers(exchange, headers, err);
	if (rc != CT_OK) {
		mhd->destroy_response(exchange->response);
		exchange->response = NULL;
		return rc;
	}
	exchange->status = status;
	exchange->has_head = true;
	exchange->chunked &= may_be_chunked(status, headers, length);
	ct_exchange_resume(exchange);
	return CT_OK;
}

void ct_exchange_upgrade(struct ct_exchange *exchange, struct MHD_Response *response)
{
	exchange->response = response;
	exchange->status = MHD_HTTP_SWITCHING_PROTOCOLS;
	exchange->has_head = true;
	exchange->ended = true;
	ct_exchange_resume(exchange);
}

/* What was taken is moved out of the way now and then, not each time. */
static void compact(struct ct_exchange *exchange)
{
	if (exchange->sent < exchange->queue.len &&
	    (exchange->sent < COMPACT_BYTES || exchange->sent < exchange->queue.len / 2))
		return;
	ct_buf_drop(&exchange->queue, exchange->sent);
	exchange->sent = 0;
}

int ct_exchange_send(struct ct_exchange *exchange, struct ct_str bytes,
		     struct ct_err *err)
{
	compact(exchange);
	if (ct_exchange_unsent(exchange) + bytes.len > CT_EXCHANGE_UNSENT_MAX)
		return ct_fail(err, CT_ETOOBIG, "the reader has left %zu bytes untaken",
			       ct_exchange_unsent(exchange));
	if (exchange->queue.len + bytes.len > CT_EXCHANGE_UNSENT_MAX) {
		ct_buf_drop(&exchange->queue, exchange->sent);
		exchange->sent = 0;
	}
	if (exchange->direct)
		return ct_exchange_send_direct(exchange, bytes, err);
	ct_buf_add(&exchange->queue, bytes);
	int rc = ct_buf_check(&exchange->queue, "an answer", err);
	if (rc == CT_OK && exchange->has_head)
		ct_exchange_resume(exchange);
	return rc;
}

size_t ct_exchange_unsent(const struct ct_exchange *exchange)
{
	return exchange->queue.len - exchange->sent;
}

void ct_exchange_end(struct ct_exchange *exchange)
{
	exchange->ended = true;
	if (exchange->has_head)
		ct_exchange_resume(exchange);
}

void ct_exchange_abort(struct ct_exchange *exchange, bool reset)
{
	exchange->aborted = true;
	exchange->reset = reset;
	ct_exchange_resume(exchange);
}

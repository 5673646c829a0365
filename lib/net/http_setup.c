#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/reach.h"
#include "net/transfer.h"

enum {
	/* curl sends a body up to this size with its headers, in one packet where it fits */
	ONE_WRITE_BYTES = 64 << 10,
	STREAM_BUFFER_BYTES = 4 << 10, /* pieces are small, and there may be thousands at once */
	CONNECT_TIMEOUT_MS = 24 * 3600 * 1000, /* callers own the clocks */
};

static int set_long(struct ct_http_transfer *t, CURLoption option, long value)
{
	return t->http->curl.easy_setopt(t->easy, option, value) != CURLE_OK;
}

static int set_ptr(struct ct_http_transfer *t, CURLoption option, const void *value)
{
	return t->http->curl.easy_setopt(t->easy, option, value) != CURLE_OK;
}

/* What may stand in a field name (RFC 9110 §5.6.2). */
static bool is_token(struct ct_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];
		if (c >= 0x80 || c == '\0' ||
		    (!isalnum(c) && strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return name.len > 0;
}

static bool is_sendable(struct ct_str value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* A list node with its line behind it in one allocation, to be wiped whole. */
struct header_node {
	struct curl_slist item;
	size_t len;
	char line[];
};

static void put(struct header_node *node, struct ct_str s)
{
	if (s.len > 0)
		memcpy(node->line + node->len, s.ptr, s.len);
	node->len += s.len;
}

/* "Name: value", or "Name;" which is how curl is told of an empty value. */
static int add_line(struct ct_http_transfer *t, struct ct_str name, struct ct_str value,
		    struct ct_str secret)
{
	struct header_node *node =
		malloc(sizeof(*node) + name.len + value.len + secret.len + 3);

	if (node == NULL)
		return CT_ENOMEM;
	node->len = 0;
	put(node, name);
	if (ct_str_trim(value).len + ct_str_trim(secret).len == 0) {
		put(node, ct_str(";"));
	} else {
		put(node, ct_str(": "));
		put(node, value);
		put(node, secret);
	}
	node->line[node->len] = '\0';
	node->item = (struct curl_slist){ .data = node->line, .next = t->headers };
	t->headers = &node->item;
	return CT_OK;
}

/* A line for curl as it is: "Name:" takes out one of curl's own. */
static int add_raw(struct ct_http_transfer *t, const char *line)
{
	struct header_node *node = malloc(sizeof(*node) + strlen(line) + 1);

	if (node == NULL)
		return CT_ENOMEM;
	node->len = 0;
	put(node, ct_str(line));
	node->line[node->len] = '\0';
	node->item = (struct curl_slist){ .data = node->line, .next = t->headers };
	t->headers = &node->item;
	return CT_OK;
}

void ct_transfer_wipe(struct ct_http_transfer *t)
{
	while (t->headers != NULL) {
		struct header_node *node = (struct header_node *)t->headers;
		t->headers = node->item.next;
		explicit_bzero(node->line, node->len);
		free(node);
	}
}

static struct ct_str reveal(const struct ct_http_header *header)
{
	return header->secret != NULL ? ct_secret_reveal(header->secret)
				      : (struct ct_str){ NULL, 0 };
}

int ct_transfer_check_header(const struct ct_http_header *header, struct ct_err *err)
{
	if (!is_token(header->name))
		return ct_fail(err, CT_EINVALID, "a header name cannot be sent");
	if (!is_sendable(header->value) || !is_sendable(reveal(header)))
		return ct_fail(err, CT_EINVALID,
			       "header %.*s has a line end or another control character",
			       CT_STR_ARG(header->name));
	return CT_OK;
}

static int add_header(struct ct_http_transfer *t, const struct ct_http_header *header,
		      struct ct_err *err)
{
	int rc = ct_transfer_check_header(header, err);

	if (rc != CT_OK)
		return rc;
	if (add_line(t, header->name, header->value, reveal(header)) != CT_OK)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	return CT_OK;
}

static bool has_header(const struct ct_http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (ct_str_is_nocase(request->headers[i].name, name))
			return true;
	return false;
}

/* Later ones come to stand before earlier ones, so from the last to the first. */
static int set_headers(struct ct_http_transfer *t, const struct ct_http_request *request,
		       struct ct_err *err)
{
	int rc = add_raw(t, "Expect:");

	for (size_t i = request->header_count; rc == CT_OK && i > 0; i--)
		rc = add_header(t, &request->headers[i - 1], err);
	if (rc == CT_OK && !has_header(request, "Content-Type"))
		rc = add_raw(t, "Content-Type:");
	if (rc == CT_OK && request->stream && !has_header(request, "Accept-Encoding"))
		rc = add_raw(t, "Accept-Encoding: identity");
	if (rc == CT_OK && set_ptr(t, CURLOPT_HTTPHEADER, t->headers))
		rc = CT_ENOMEM;
	if (rc == CT_ENOMEM)
		ct_fail(err, rc, "out of memory");
	return rc;
}

static int64_t body_bytes(const struct ct_http_transfer *t)
{
	return (int64_t)t->body.len + t->file.bytes + (int64_t)t->file.after.len;
}

static size_t copy(struct ct_str from, int64_t at, char *out, size_t room)
{
	struct ct_str rest = ct_str_from(from, (size_t)at);
	size_t n = rest.len < room ? rest.len : room;

	memcpy(out, rest.ptr, n);
	return n;
}

/* From the file; 0 with t->failed set where it has become shorter or cannot be read. */
static size_t read_file(struct ct_http_transfer *t, int64_t at, char *out, size_t room)
{
	int64_t left = t->file.bytes - at;
	ssize_t n;

	if ((int64_t)room > left)
		room = (size_t)left;
	do
		n = pread(t->file.fd, out, room, t->file.offset + at);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return (size_t)n;
	t->failed = ct_fail(&t->err, CT_EINVALID, "the file cannot be sent: %s",
			    n < 0 ? strerror(errno) : "it became shorter meanwhile");
	return 0;
}

static size_t on_read(char *out, size_t size, size_t count, void *user)
{
	struct ct_http_transfer *t = user;
	size_t n, room = size * count;
	int64_t at = t->body_sent - (int64_t)t->body.len;

	if (t->cancelled) /* the caller's body may be gone */
		return CURL_READFUNC_ABORT;
	if (t->body_sent == body_bytes(t))
		return 0;
	if (at < 0)
		n = copy(t->body, t->body_sent, out, room);
	else if (at < t->file.bytes)
		n = read_file(t, at, out, room);
	else
		n = copy(t->file.after, at - t->file.bytes, out, room);
	if (n == 0)
		return CURL_READFUNC_ABORT;
	t->body_sent += (int64_t)n;
	if (t->file.bytes > 0 && t->handler.on_sent != NULL)
		t->handler.on_sent(t->user, t->body_sent, body_bytes(t));
	return t->cancelled ? CURL_READFUNC_ABORT : n;
}

static int on_seek(void *user, curl_off_t offset, int origin)
{
	struct ct_http_transfer *t = user;

	if (t->cancelled || origin != SEEK_SET || offset < 0 || offset > body_bytes(t))
		return CURL_SEEKFUNC_FAIL;
	t->body_sent = offset;
	return CURL_SEEKFUNC_OK;
}

/*
 * Small bodies are copied: one cancelled inside a callback of another transfer
 * could be sent before curl hears of it. Large ones are read through on_read.
 */
static int set_body(struct ct_http_transfer *t, const struct ct_http_request *request)
{
	const struct ct_curl *curl = &t->http->curl;
	struct ct_str body = request->body;
	int bad = set_long(t, CURLOPT_POST, 1L);

	t->body = body;
	if (request->file != NULL)
		t->file = *request->file;
	bad |= curl->easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)body_bytes(t)) != CURLE_OK;
	if (request->file == NULL && body.len <= ONE_WRITE_BYTES)
		return bad | set_ptr(t, CURLOPT_COPYPOSTFIELDS, body.len ? body.ptr : "");
	bad |= curl->easy_setopt(t->easy, CURLOPT_READFUNCTION, on_read) != CURLE_OK;
	bad |= curl->easy_setopt(t->easy, CURLOPT_SEEKFUNCTION, on_seek) != CURLE_OK;
	return bad | set_ptr(t, CURLOPT_READDATA, t) | set_ptr(t, CURLOPT_SEEKDATA, t);
}

static int set_method(struct ct_http_transfer *t, const struct ct_http_request *request)
{
	const char *method = request->method;
	bool post = strcmp(method, "POST") == 0;

	if (post || request->body.len > 0 || request->file != NULL) {
		int bad = set_body(t, request);
		return post ? bad : bad | set_ptr(t, CURLOPT_CUSTOMREQUEST, method);
	}
	if (strcmp(method, "GET") == 0)
		return set_long(t, CURLOPT_HTTPGET, 1L);
	if (strcmp(method, "HEAD") == 0)
		return set_long(t, CURLOPT_NOBODY, 1L);
	return set_ptr(t, CURLOPT_CUSTOMREQUEST, method);
}

static int port_of(const struct curl_sockaddr *address)
{
	struct sockaddr_in6 in6;

	/* the port lies at the same place for both families */
	if (address->family != AF_INET && address->family != AF_INET6)
		return 0;
	memcpy(&in6, &address->addr, sizeof(struct sockaddr_in));
	return ntohs(in6.sin6_port);
}

/*
 * Is there a way to it at all? Connecting a datagram socket asks the routing
 * table and sends nothing. Without this, "no route" to one address of a host
 * would hide that another refused.
 */
static int route_errno(const struct curl_sockaddr *address)
{
	int fd = socket(address->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int number = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, &address->addr, address->addrlen) < 0)
		number = errno;
	close(fd);
	return number == ENETUNREACH || number == EADDRNOTAVAIL ? number : 0;
}

/* Is that address out of this transfer's reach? It is looked at here, after the name was resolved. */
static bool is_out_of_reach(struct ct_http_transfer *t, const struct sockaddr *address)
{
	if (t->reach == CT_REACH_ANY || ct_transfer_is_proxied(t) ||
	    !ct_address_is_private(address))
		return false;
	t->peer_is_private = true;
	if (t->reach == CT_REACH_TOLD)
		return false;
	t->failed = ct_fail(&t->err, CT_EINVALID, "%.*s is at a private address",
			    CT_STR_ARG(t->url.host));
	return true;
}

/* Not inherited by children; and the errno is kept, which curl does not. */
static curl_socket_t on_open_socket(void *user, curlsocktype purpose,
				    struct curl_sockaddr *address)
{
	struct ct_http_transfer *t = user;
	int fd;

	(void)purpose;
	/*
	 * Only now that curl has set its clocks: before, it would make one of this, and look through
	 * those of all transfers at each piece until the transfer's end. Without it curl gives up
	 * a handshake after 300 s.
	 */
	set_long(t, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	t->tried_port = port_of(address);
	if (is_out_of_reach(t, &address->addr))
		return CURL_SOCKET_BAD;
	t->socket_errno = route_errno(address);
	if (t->socket_errno != 0)
		return CURL_SOCKET_BAD;
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	t->socket_errno = fd < 0 ? errno : 0;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static size_t on_write(char *bytes, size_t size, size_t count, void *user)
{
	struct ct_http_transfer *t = user;
	struct ct_str piece = { bytes, size * count };

	if (t->cancelled || t->failed)
		return piece.len + 1; /* anything but what came ends it */
	if (t->paused) {
		t->curl_paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (piece.len > 0)
		t->failed = t->handler.on_body(t->user, piece, &t->err);
	return t->cancelled || t->failed ? piece.len + 1 : piece.len;
}

static int set_callbacks(struct ct_http_transfer *t)
{
	const struct ct_curl *curl = &t->http->curl;
	int bad = set_ptr(t, CURLOPT_PRIVATE, t) |
		  set_ptr(t, CURLOPT_ERRORBUFFER, t->curl_error);

	bad |= curl->easy_setopt(t->easy, CURLOPT_HEADERFUNCTION,
				 ct_transfer_on_header) != 0;
	bad |= curl->easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_write) != CURLE_OK;
	bad |= curl->easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket) !=
	       0;
	return bad | set_ptr(t, CURLOPT_HEADERDATA, t) |
	       set_ptr(t, CURLOPT_WRITEDATA, t) | set_ptr(t, CURLOPT_OPENSOCKETDATA, t);
}

/* Without TLS nothing tells beforehand whether a server can HTTP/2, so there is nothing to wait for. */
static int set_protocol(struct ct_http_transfer *t)
{
	long version = t->url.https ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1;

	/* a cancel must not wait for a resolver that waits; curl before 7.87 knows no better */
	set_long(t, CURLOPT_QUICK_EXIT, 1L);
	return set_ptr(t, CURLOPT_PROTOCOLS_STR, "http,https") |
	       set_long(t, CURLOPT_FOLLOWLOCATION, 0L) |
	       set_long(t, CURLOPT_HTTP_VERSION, version) |
	       set_long(t, CURLOPT_PIPEWAIT, t->url.https) |
	       set_long(t, CURLOPT_NOSIGNAL, 1L) | set_long(t, CURLOPT_TCP_NODELAY, 1L) |
	       set_long(t, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) |
	       set_ptr(t, CURLOPT_ACCEPT_ENCODING, "") |
	       set_ptr(t, CURLOPT_USERAGENT, "cartrita/" CT_VERSION);
}

/*
 * A connection of its own: an HTTP/2 one could not be handed out, and neither can one through a
 * proxy that is only asked to fetch.
 */
static int set_connect_only(struct ct_http_transfer *t)
{
	if (t->on_connected == NULL)
		return 0;
	return set_long(t, CURLOPT_CONNECT_ONLY, 1L) | set_long(t, CURLOPT_PIPEWAIT, 0L) |
	       set_long(t, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) |
	       set_long(t, CURLOPT_FRESH_CONNECT, 1L) |
	       set_long(t, CURLOPT_HTTPPROXYTUNNEL, 1L);
}

/* The host as written; what a name stands for shows when it is resolved. */
static int set_reach(struct ct_http_transfer *t, const struct ct_http_request *request,
		     struct ct_err *err)
{
	t->reach = request->reach;
	if (t->reach == CT_REACH_ANY)
		return CT_OK;
	t->peer_is_private = ct_host_is_private(t->url.host);
	if (t->reach == CT_REACH_PUBLIC && t->peer_is_private)
		return ct_fail(err, CT_EINVALID, "%.*s is a private address",
			       CT_STR_ARG(t->url.host));
	/* a connection that stands was made for somebody who may go further */
	return set_long(t, CURLOPT_FRESH_CONNECT, 1L) | set_long(t, CURLOPT_FORBID_REUSE, 1L)
		       ? ct_fail(err, CT_EIO, "libcurl refuses what we ask of it")
		       : CT_OK;
}

bool ct_http_peer_is_private(const struct ct_http_transfer *transfer)
{
	return transfer->peer_is_private;
}

/*
 * Not where HTTP/2 may be spoken: a frame (16 KiB) that does not fit into the buffer of a paused
 * stream stops all others of its connection (curl 7.88).
 */
static int set_buffer(struct ct_http_transfer *t, const struct ct_http_request *request)
{
	if (!request->stream || t->url.https)
		return 0;
	return set_long(t, CURLOPT_BUFFERSIZE, STREAM_BUFFER_BYTES);
}

int ct_transfer_setup(struct ct_http_transfer *t, const struct ct_http_request *request,
		      struct ct_err *err)
{
	int rc = set_headers(t, request, err);

	if (rc == CT_OK)
		rc = set_reach(t, request, err);
	if (rc != CT_OK)
		return rc;
	if (set_ptr(t, CURLOPT_URL, request->url.ptr) | set_protocol(t) |
	    set_callbacks(t) | set_method(t, request) | set_connect_only(t) |
	    set_buffer(t, request) |
	    (t->url.https ? ct_transfer_set_certificates(t) : 0))
		return ct_fail(err, CT_EIO, "libcurl refuses what we ask of it");
	return CT_OK;
}

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/transfer.h"

#define HOST_FMT "%.*s:%d"
#define HOST_ARG(t) CT_STR_ARG((t)->url.host), (t)->url.port

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0';
}

bool ct_transfer_is_proxied(const struct ct_http_transfer *t)
{
	bool named = is_set("all_proxy") || is_set("ALL_PROXY");

	if (t->url.https)
		named |= is_set("https_proxy") || is_set("HTTPS_PROXY");
	else
		named |= is_set("http_proxy");
	if (!named)
		return false;
	return t->tried_port != t->url.port ||
	       !(is_set("no_proxy") || is_set("NO_PROXY"));
}

static int os_errno(const struct ct_http_transfer *t)
{
	long number = 0;

	/* an address that answered with a refusal says more than one we cannot even try */
	t->http->curl.easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
	return number != 0 ? (int)number : t->socket_errno;
}

/* curl does not say so where its resolver cannot make a socket. */
static bool descriptors_are_spent(void)
{
	int fd = dup(STDERR_FILENO);

	if (fd >= 0)
		close(fd);
	return fd < 0 && (errno == EMFILE || errno == ENFILE);
}

static bool is_our_side(int number)
{
	switch (number) {
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case EACCES:
	case EPERM:
		return true;
	default:
		return false;
	}
}

static const char *curl_says(const struct ct_http_transfer *t, CURLcode result)
{
	return t->curl_error[0] ? t->curl_error : t->http->curl.easy_strerror(result);
}

static int fail_connect(struct ct_http_transfer *t, CURLcode result, struct ct_err *err)
{
	int number = os_errno(t);
	const char *why = number ? strerror(number) : curl_says(t, result);

	if (descriptors_are_spent())
		return ct_fail(err, CT_ELOCAL, "cannot connect to " HOST_FMT ": %s",
			       HOST_ARG(t), strerror(EMFILE));
	if (ct_transfer_is_proxied(t))
		return ct_fail(err, CT_ELOCAL, "cannot connect to the proxy: %s", why);
	return ct_fail(err, is_our_side(number) ? CT_ELOCAL : CT_ECONNECT,
		       "cannot connect to " HOST_FMT ": %s", HOST_ARG(t), why);
}

static int fail_certificate(struct ct_http_transfer *t, CURLcode result,
			    struct ct_err *err)
{
	ct_fail(err, CT_ELOCAL, "the certificate of " HOST_FMT " is not accepted: %s",
		HOST_ARG(t), curl_says(t, result));
	ct_hint(err, "SSL_CERT_FILE or SSL_CERT_DIR may name other authorities to trust");
	return CT_ELOCAL;
}

/* Refused by the proxy that was asked to connect us: 407 and 403 are about us. */
static bool proxy_refused(const struct ct_http_transfer *t, long *status)
{
	*status = 0;
	t->http->curl.easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, status);
	return *status == 407 || *status == 403;
}

/* Why a connection that stood ended; an errno may be left from an address tried before. */
static const char *why_broken(const struct ct_http_transfer *t, CURLcode result)
{
	int number = os_errno(t);
	bool of_connection =
		number == ECONNRESET || number == EPIPE || number == ETIMEDOUT;

	return of_connection ? strerror(number) : curl_says(t, result);
}

/* The exchange broke: how much of the answer had come decides what it is. */
static int fail_broken(struct ct_http_transfer *t, CURLcode result, struct ct_err *err)
{
	const char *why = why_broken(t, result);
	long status;

	if (t->head_done)
		return ct_fail(err, CT_ECUT, HOST_FMT " broke off its answer: %s",
			       HOST_ARG(t), why);
	if (proxy_refused(t, &status))
		return ct_fail(err, CT_ELOCAL,
			       "the proxy refuses to connect us: status %ld", status);
	if (result == CURLE_SSL_CONNECT_ERROR)
		return ct_fail(err, CT_ECONNECT, "no TLS connection to " HOST_FMT ": %s",
			       HOST_ARG(t), why);
	return ct_fail(err, CT_ECONNECT,
		       HOST_FMT " closed the connection before answering: %s",
		       HOST_ARG(t), why);
}

static int fail_local(struct ct_http_transfer *t, CURLcode result, struct ct_err *err)
{
	if (descriptors_are_spent())
		return ct_fail(err, CT_ELOCAL, "cannot connect to " HOST_FMT ": %s",
			       HOST_ARG(t), strerror(EMFILE));
	return ct_fail(err, CT_ELOCAL, "cannot reach " HOST_FMT ": %s", HOST_ARG(t),
		       curl_says(t, result));
}

static int fail_protocol(struct ct_http_transfer *t, CURLcode result, struct ct_err *err)
{
	return ct_fail(err, CT_EPROTO, HOST_FMT " does not answer in HTTP: %s",
		       HOST_ARG(t), curl_says(t, result));
}

enum { TOO_LARGE = 100 }; /* CURLE_TOO_LARGE of curl 8.6 and later */

/*
 * curl's own limits on headers, total and line, come under several names, also
 * as lack of memory. All in common: bytes had come, and no end of the head.
 */
static bool is_header_limit(const struct ct_http_transfer *t, CURLcode result)
{
	curl_off_t first_byte_us = 0;

	if (t->head_done)
		return false;
	if ((int)result == TOO_LARGE || strstr(t->curl_error, "response headers") != NULL)
		return true;
	t->http->curl.easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME_T,
				   &first_byte_us);
	return result == CURLE_OUT_OF_MEMORY && first_byte_us > 0;
}

static int fail_memory(struct ct_http_transfer *t, struct ct_err *err)
{
	if (descriptors_are_spent())
		return fail_local(t, CURLE_OUT_OF_MEMORY, err);
	return ct_fail(err, CT_ENOMEM, "out of memory");
}

static int fail(struct ct_http_transfer *t, CURLcode result, struct ct_err *err)
{
	switch (result) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
		return t->head_done ? fail_broken(t, result, err)
				    : fail_connect(t, result, err);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return fail_certificate(t, result, err);
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_INTERFACE_FAILED:
	case CURLE_FAILED_INIT:
		return fail_local(t, result, err);
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return fail_protocol(t, result, err);
	case CURLE_BAD_CONTENT_ENCODING:
		return t->head_done ? fail_broken(t, result, err)
				    : fail_protocol(t, result, err);
	case CURLE_OUT_OF_MEMORY:
		return fail_memory(t, err);
	default:
		return fail_broken(t, result, err);
	}
}

int ct_transfer_result(struct ct_http_transfer *t, CURLcode result, struct ct_err *err)
{
	if (t->failed != CT_OK) {
		*err = t->err;
		err->code = t->failed; /* a callback may have said no more than that */
		return t->failed;
	}
	if (result == CURLE_OK && t->head_done)
		return CT_OK;
	if (result == CURLE_OK)
		return ct_fail(err, CT_ECONNECT,
			       HOST_FMT
			       " closed the connection inside the head of its answer",
			       HOST_ARG(t));
	if (is_header_limit(t, result))
		return ct_fail(err, CT_EPROTO, HOST_FMT ": headers over the limit",
			       HOST_ARG(t));
	return fail(t, result, err);
}

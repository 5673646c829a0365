#include "net/url.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "net/http.h"

enum { HOST_MAX = 253, LABEL_MAX = 63, PORT_MAX = 65535 };

static int skip_scheme(struct ct_str *text, struct ct_url *out, struct ct_err *err)
{
	static const struct {
		struct ct_str scheme;
		int port;
	} known[] = { { CT_STR("http://"), 80 }, { CT_STR("https://"), 443 } };

	for (size_t i = 0; i < CT_COUNT(known); i++) {
		struct ct_str head = { text->ptr, known[i].scheme.len };
		if (text->len < head.len || !ct_str_is_nocase(head, known[i].scheme.ptr))
			continue;
		out->https = known[i].port == 443;
		out->port = known[i].port;
		*text = ct_str_from(*text, head.len);
		return CT_OK;
	}
	return ct_fail(err, CT_EINVALID, "a URL begins with http:// or https://");
}

/* ALPHA DIGIT - _ in labels of 1 to 63, a dot between them and perhaps after the last. */
static bool is_name(struct ct_str host)
{
	size_t label = 0;

	if (host.len > 0 && host.ptr[host.len - 1] == '.')
		host.len--;
	if (host.len == 0 || host.len > HOST_MAX)
		return false;
	for (size_t i = 0; i < host.len; i++) {
		unsigned char c = (unsigned char)host.ptr[i];
		if (c == '.' && label == 0)
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
		if (c >= 0x80 || (!isalnum(c) && c != '-' && c != '_' && c != '.'))
			return false;
	}
	return label > 0;
}

static bool is_ipv6(struct ct_str host)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (host.len < 2 || host.len - 2 >= sizeof(text) || host.ptr[host.len - 1] != ']')
		return false;
	memcpy(text, host.ptr + 1, host.len - 2);
	text[host.len - 2] = '\0';
	return strlen(text) == host.len - 2 && inet_pton(AF_INET6, text, &address) == 1;
}

static int read_port(struct ct_str digits, struct ct_url *out, struct ct_err *err)
{
	int port = 0;

	for (size_t i = 0; i < digits.len && port <= PORT_MAX; i++) {
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
			return ct_fail(err, CT_EINVALID,
				       "the port of the URL is no number");
		port = port * 10 + digits.ptr[i] - '0';
	}
	if (digits.len == 0 || port < 1 || port > PORT_MAX)
		return ct_fail(err, CT_EINVALID, "the port of the URL is not 1 to 65535");
	out->port = port;
	return CT_OK;
}

static int read_host(struct ct_str host, struct ct_url *out, struct ct_err *err)
{
	out->host = host;
	if (host.len == 0)
		return ct_fail(err, CT_EINVALID, "the URL has no host");
	if (host.ptr[0] == '[' ? is_ipv6(host) : is_name(host))
		return CT_OK;
	ct_fail(err, CT_EINVALID, "the host of the URL is no host name or address");
	ct_hint(err, "IPv6 addresses stand in brackets, names outside ASCII in their "
		     "xn-- form");
	return CT_EINVALID;
}

/* Where c stands in s, s.len where it does not. */
static size_t find(struct ct_str s, char c)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] != c)
		i++;
	return i;
}

static int read_authority(struct ct_str authority, struct ct_url *out, struct ct_err *err)
{
	/* the colons within brackets are the address's own */
	size_t bracket = find(authority, ']');
	size_t from = bracket < authority.len ? bracket : 0;
	size_t colon = from + find(ct_str_from(authority, from), ':');
	int rc;

	if (find(authority, '@') < authority.len)
		return ct_fail(err, CT_EINVALID,
			       "user names and passwords do not belong in the URL");
	rc = read_host((struct ct_str){ authority.ptr, colon }, out, err);
	if (rc != CT_OK || colon == authority.len)
		return rc;
	return read_port(ct_str_from(authority, colon + 1), out, err);
}

/* Bytes that would end a request line, or that readers understand differently. */
static bool is_clean(struct ct_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c <= ' ' || c == 0x7f || c == '\\')
			return false;
	}
	return true;
}

int ct_url_parse(struct ct_str text, struct ct_url *out, struct ct_err *err)
{
	struct ct_str authority;
	int rc;

	*out = (struct ct_url){ 0 };
	if (text.len > CT_URL_MAX)
		return ct_fail(err, CT_EINVALID, "the URL is over %d bytes", CT_URL_MAX);
	if (!is_clean(text))
		return ct_fail(err, CT_EINVALID,
			       "the URL has a blank, a backslash or a control character");
	rc = skip_scheme(&text, out, err);
	if (rc != CT_OK)
		return rc;
	authority = (struct ct_str){ text.ptr, 0 };
	while (authority.len < text.len && strchr("/?#", text.ptr[authority.len]) == NULL)
		authority.len++;
	out->rest = ct_str_from(text, authority.len);
	return read_authority(authority, out, err);
}

int ct_http_check_url(struct ct_str url, struct ct_err *err)
{
	struct ct_url unused;

	return ct_url_parse(url, &unused, err);
}

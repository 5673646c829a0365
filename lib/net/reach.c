#include "net/reach.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/defs.h"

static bool v4_is_private(uint32_t address)
{
	static const struct {
		uint32_t net;
		int bits;
	} nets[] = {
		{ 0x00000000, 8 },  { 0x0A000000, 8 },	{ 0x64400000, 10 },
		{ 0x7F000000, 8 },  { 0xA9FE0000, 16 }, { 0xAC100000, 12 },
		{ 0xC0000000, 24 }, { 0xC0A80000, 16 }, { 0xC6120000, 15 },
		{ 0xE0000000, 3 }, /* multicast, reserved, broadcast */
	};

	for (size_t i = 0; i < CT_COUNT(nets); i++)
		if ((address ^ nets[i].net) >> (32 - nets[i].bits) == 0)
			return true;
	return false;
}

static uint32_t v4_within(const unsigned char bytes[16], int at)
{
	return (uint32_t)bytes[at] << 24 | (uint32_t)bytes[at + 1] << 16 |
	       (uint32_t)bytes[at + 2] << 8 | bytes[at + 3];
}

static bool v6_is_private(const unsigned char b[16])
{
	static const unsigned char zeros[12], mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	static const unsigned char nat64[12] = { 0x00, 0x64, 0xFF, 0x9B };

	if (memcmp(b, zeros, 12) == 0 || memcmp(b, mapped, 12) == 0)
		return memcmp(b, zeros, 12) == 0 || v4_is_private(v4_within(b, 12));
	if (memcmp(b, nat64, 12) == 0)
		return v4_is_private(v4_within(b, 12));
	if (b[0] == 0x20 && b[1] == 0x02) /* 6to4 */
		return v4_is_private(v4_within(b, 2));
	/* fc00::/7 unique local, fe80::/10 link-local, fec0::/10 site-local, ff00::/8 multicast */
	return (b[0] & 0xFE) == 0xFC || (b[0] == 0xFE && (b[1] & 0x80) != 0) ||
	       b[0] == 0xFF;
}

bool ct_address_is_private(const struct sockaddr *address)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		return v4_is_private(ntohl(in.sin_addr.s_addr));
	}
	if (address->sa_family != AF_INET6)
		return true;
	memcpy(&in6, address, sizeof(in6));
	return v6_is_private(in6.sin6_addr.s6_addr);
}

bool ct_host_is_private(struct ct_str host)
{
	static const char tail[] = ".localhost";
	struct in6_addr in6;
	struct in_addr in;
	char text[256];

	if (host.len > 0 && host.ptr[host.len - 1] == '.')
		host.len--;
	if (host.len > 1 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		host = (struct ct_str){ host.ptr + 1, host.len - 2 };
	if (host.len == 0 || host.len >= sizeof(text))
		return true;
	snprintf(text, sizeof(text), "%.*s", CT_STR_ARG(host));
	if (inet_pton(AF_INET6, text, &in6) == 1)
		return v6_is_private(in6.s6_addr);
	if (inet_aton(text, &in) != 0) /* also 127.1, 0x7f000001, 2130706433 */
		return v4_is_private(ntohl(in.s_addr));
	return ct_str_is_nocase(host, tail + 1) ||
	       (host.len >= sizeof(tail) - 1 &&
		ct_str_is_nocase(ct_str_from(host, host.len - (sizeof(tail) - 1)), tail));
}

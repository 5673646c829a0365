/*
 * Addresses that are nobody's business but one's own: loopback, private, link-local and what
 * else is not for everybody (IANA's special-purpose registries, RFC 6890). What a stranger's
 * redirect names must not be one of them.
 */
#ifndef CT_NET_REACH_H
#define CT_NET_REACH_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/str.h"

/* Of an unknown family: true. */
bool ct_address_is_private(const struct sockaddr *address);

/* A host as it stands in an URL: an address in any of its spellings, or localhost. Any other name: false. */
bool ct_host_is_private(struct ct_str host);

#endif

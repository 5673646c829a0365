/* What the floor is made of, and where it takes certificates from: for people who look for a fault. */
#ifndef CT_NET_VERSIONS_H
#define CT_NET_VERSIONS_H

#include "base/buf.h"
#include "base/err.h"

/* "libcurl/7.88.1 OpenSSL/3.0.15 …, libuv 1.44.2". Loads libcurl: CT_EIO when it cannot be had. */
int ct_net_versions(struct ct_buf *out, struct ct_err *err);

/* Where certificates come from: "the folder /etc/ssl/certs". CT_EIO when there are none there. */
int ct_net_certificates(struct ct_buf *out, struct ct_err *err);

#endif

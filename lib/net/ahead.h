/*
 * Loading libcurl while something else is done: it takes longer than anything else at the start of
 * a command that asks one question. ct_http_create() then finds it loaded.
 */
#ifndef CT_NET_AHEAD_H
#define CT_NET_AHEAD_H

struct ct_ahead;

/*
 * GnuTLS comes with the LDAP and RTMP that we never speak, and starts when it is loaded unless this
 * says that whoever uses it will start it, as libcurl does where GnuTLS is its TLS. The value is a
 * 1 to GnuTLS, and tells that it is not the user's: no child is to inherit it.
 */
#define CT_GNUTLS_WAITS	     "GNUTLS_NO_IMPLICIT_INIT"
#define CT_GNUTLS_WAITS_OURS "1 for cartrita"

/* Begin, on a thread of its own; NULL: it cannot be, and nothing is lost. */
struct ct_ahead *ct_ahead_start(void);

/* Wait until it has been tried. NULL is fine. The environment must not be changed before. */
void ct_ahead_end(struct ct_ahead *ahead);

#endif

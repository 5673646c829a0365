/*
 * Keys. The type hides its bytes: there is nothing in it that printf could show.
 * Only what writes a request's headers reveals one; everything that leaves for
 * people, logs or the store goes through a redactor that knows them all.
 */
#ifndef CT_BASE_SECRET_H
#define CT_BASE_SECRET_H

#include "base/buf.h"
#include "base/str.h"

struct ct_secret;

/* A copy of value, yours to destroy; NULL when out of memory. */
struct ct_secret *ct_secret_create(struct ct_str value);
/* Wipes it. NULL is fine. */
void ct_secret_destroy(struct ct_secret *secret);

/* The bytes, borrowed until destroy. For net/ and provider/ request headers only. */
struct ct_str ct_secret_reveal(const struct ct_secret *secret);

/*
 * Replaces every known secret with "REDACTED": raw, percent-encoded (any escapes, either case)
 * and base64 (plain or URL-safe, at any of the three alignments).
 * Secrets under 8 bytes are not looked for: they would match ordinary text.
 */
struct ct_redactor;

struct ct_redactor *ct_redactor_create(void); /* NULL when out of memory */
void ct_redactor_destroy(struct ct_redactor *redactor);
/* Know this one too (it is copied). CT_OK or CT_ENOMEM. */
int ct_redactor_add(struct ct_redactor *redactor, struct ct_str value);

/* Append text to out, redacted. redactor may be NULL: then as it is. */
void ct_redact(const struct ct_redactor *redactor, struct ct_str text, struct ct_buf *out);

/*
 * For text that arrives in pieces: how many of its last bytes could be the
 * beginning of a secret, so must be held back until more has come.
 */
size_t ct_redact_pending(const struct ct_redactor *redactor, struct ct_str text);

#endif

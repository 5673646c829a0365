#include "base/secret.h"

#include <stdlib.h>

enum { SHORTEST = 8 };

struct ct_secret {
	size_t len;
	char bytes[];
};

struct ct_secret *ct_secret_create(struct ct_str value)
{
	struct ct_secret *secret = malloc(sizeof(*secret) + value.len + 1);

	if (secret == NULL)
		return NULL;
	secret->len = value.len;
	if (value.len > 0)
		memcpy(secret->bytes, value.ptr, value.len);
	secret->bytes[value.len] = '\0';
	return secret;
}

void ct_secret_destroy(struct ct_secret *secret)
{
	if (secret == NULL)
		return;
	explicit_bzero(secret->bytes, secret->len);
	free(secret);
}

struct ct_str ct_secret_reveal(const struct ct_secret *secret)
{
	return (struct ct_str){ secret->bytes, secret->len };
}

/* One way a secret may be written: the bytes to look for. */
struct form {
	char *ptr;
	size_t len;
	bool escapes; /* compare after undoing %XX */
};

struct ct_redactor {
	struct form *forms;
	size_t count;
};

struct ct_redactor *ct_redactor_create(void)
{
	return calloc(1, sizeof(struct ct_redactor));
}

void ct_redactor_destroy(struct ct_redactor *redactor)
{
	if (redactor == NULL)
		return;
	for (size_t i = 0; i < redactor->count; i++) {
		explicit_bzero(redactor->forms[i].ptr, redactor->forms[i].len);
		free(redactor->forms[i].ptr);
	}
	free(redactor->forms);
	free(redactor);
}

/* Takes ptr. */
static int add_form(struct ct_redactor *r, char *ptr, size_t len, bool escapes)
{
	struct form *forms = ptr ? realloc(r->forms, (r->count + 1) * sizeof(*forms)) : NULL;

	if (forms == NULL) {
		free(ptr);
		return CT_ENOMEM;
	}
	r->forms = forms;
	r->forms[r->count++] = (struct form){ ptr, len, escapes };
	return CT_OK;
}

static const char base64_plain[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Six bits of value from bit `at` on; NULL-safe only within the value. */
static unsigned six_bits(struct ct_str value, size_t at)
{
	unsigned two = (unsigned)(unsigned char)value.ptr[at / 8] << 8;

	if (at / 8 + 1 < value.len)
		two |= (unsigned char)value.ptr[at / 8 + 1];
	return two >> (10 - at % 8) & 63;
}

/*
 * The characters of base64 that depend on value alone when skip bytes of a
 * group of three come before it: those whose six bits lie wholly within it.
 */
static int add_base64(struct ct_redactor *r, struct ct_str value, size_t skip,
		      const char *alphabet)
{
	size_t first = (6 - skip * 8 % 6) % 6; /* bit of value where a character begins */
	size_t count = (value.len * 8 - first) / 6;
	char *text = malloc(count + 1);

	for (size_t i = 0; text != NULL && i < count; i++)
		text[i] = alphabet[six_bits(value, first + 6 * i)];
	return add_form(r, text, count, false);
}

int ct_redactor_add(struct ct_redactor *redactor, struct ct_str value)
{
	if (value.len < SHORTEST)
		return CT_OK;

	char *raw = malloc(value.len);
	if (raw != NULL)
		memcpy(raw, value.ptr, value.len);
	int rc = add_form(redactor, raw, value.len, true);
	for (size_t skip = 0; rc == CT_OK && skip < 3; skip++) {
		rc = add_base64(redactor, value, skip, base64_plain);
		if (rc == CT_OK)
			rc = add_base64(redactor, value, skip, base64_url);
	}
	return rc;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (c | 32) - 'a' + 10;
	return -1;
}

/* One byte of text at *at, %XX undone; false when text ends inside it. */
static bool next_byte(struct ct_str text, size_t *at, char *out)
{
	if (*at >= text.len)
		return false;
	*out = text.ptr[(*at)++];
	if (*out != '%')
		return true;
	if (*at >= text.len || (*at + 1 == text.len && hex(text.ptr[*at]) >= 0))
		return false;
	if (*at + 1 < text.len && hex(text.ptr[*at]) >= 0 && hex(text.ptr[*at + 1]) >= 0) {
		*out = (char)(hex(text.ptr[*at]) * 16 + hex(text.ptr[*at + 1]));
		*at += 2;
	}
	return true;
}

enum match { NO, PARTLY, WHOLLY };

/* Does form begin at text[0]? *used: the bytes of text that it took. */
static enum match match_form(const struct form *form, struct ct_str text, size_t *used)
{
	size_t at = 0, i;

	for (i = 0; i < form->len; i++) {
		char c;
		size_t before = at;

		if (at < text.len && text.ptr[at] == form->ptr[i]) {
			at++;
			continue;
		}
		if (at >= text.len)
			return PARTLY;
		if (!form->escapes || text.ptr[at] != '%')
			return NO;
		if (!next_byte(text, &at, &c))
			return PARTLY;
		if (c != form->ptr[i] || at == before)
			return NO;
	}
	*used = at;
	return WHOLLY;
}

static enum match match_any(const struct ct_redactor *r, struct ct_str text, size_t *used)
{
	enum match best = NO;

	for (size_t i = 0; i < r->count; i++) {
		size_t n = 0;
		enum match m = match_form(&r->forms[i], text, &n);
		if (m == WHOLLY && (best != WHOLLY || n > *used))
			*used = n;
		if (m > best)
			best = m;
	}
	return best;
}

void ct_redact(const struct ct_redactor *redactor, struct ct_str text, struct ct_buf *out)
{
	size_t from = 0, at = 0;

	while (redactor != NULL && at < text.len) {
		size_t used = 0;
		if (match_any(redactor, ct_str_from(text, at), &used) != WHOLLY) {
			at++;
			continue;
		}
		ct_buf_append(out, text.ptr + from, at - from);
		ct_buf_puts(out, "REDACTED");
		at += used;
		from = at;
	}
	ct_buf_add(out, ct_str_from(text, from));
}

size_t ct_redact_pending(const struct ct_redactor *redactor, struct ct_str text)
{
	size_t longest = 0;

	for (size_t i = 0; redactor != NULL && i < redactor->count; i++)
		if (redactor->forms[i].len * 3 > longest)
			longest = redactor->forms[i].len * 3;
	size_t at = text.len > longest ? text.len - longest : 0;
	for (; redactor != NULL && at < text.len; at++) {
		size_t used = 0;
		enum match m = match_any(redactor, ct_str_from(text, at), &used);
		if (m == PARTLY)
			return text.len - at;
		if (m == WHOLLY)
			at += used - 1;
	}
	return 0;
}

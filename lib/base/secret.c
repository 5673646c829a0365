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
	bool begins[256]; /* a form may begin with that byte: most text is passed over so */
};

static void drop(char *ptr, size_t len)
{
	if (ptr != NULL)
		explicit_bzero(ptr, len);
	free(ptr);
}

struct ct_redactor *ct_redactor_create(void)
{
	return calloc(1, sizeof(struct ct_redactor));
}

void ct_redactor_destroy(struct ct_redactor *redactor)
{
	if (redactor == NULL)
		return;
	for (size_t i = 0; i < redactor->count; i++)
		drop(redactor->forms[i].ptr, redactor->forms[i].len);
	free(redactor->forms);
	free(redactor);
}

/* A key often comes twice, and its two kinds of base64 rarely differ. */
static bool has_form(const struct ct_redactor *r, const char *ptr, size_t len, bool escapes)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct form *form = &r->forms[i];
		if (form->len == len && form->escapes == escapes &&
		    memcmp(form->ptr, ptr, len) == 0)
			return true;
	}
	return false;
}

/* Takes ptr. */
static int add_form(struct ct_redactor *r, char *ptr, size_t len, bool escapes)
{
	if (ptr != NULL && has_form(r, ptr, len, escapes)) {
		drop(ptr, len);
		return CT_OK;
	}
	struct form *forms = ptr ? realloc(r->forms, (r->count + 1) * sizeof(*forms)) : NULL;

	if (forms == NULL) {
		drop(ptr, len);
		return CT_ENOMEM;
	}
	r->forms = forms;
	r->forms[r->count++] = (struct form){ ptr, len, escapes };
	r->begins[(unsigned char)ptr[0]] = true;
	if (escapes)
		r->begins['%'] = true;
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

static int add_copy(struct ct_redactor *r, struct ct_str value, bool escapes)
{
	char *copy = malloc(value.len);

	if (copy != NULL)
		memcpy(copy, value.ptr, value.len);
	return add_form(r, copy, value.len, escapes);
}

int ct_redactor_add(struct ct_redactor *redactor, struct ct_str value)
{
	if (value.len < SHORTEST)
		return CT_OK;

	/* as it is, and with escapes undone: not the same where it holds a '%' itself */
	int rc = add_copy(redactor, value, false);
	if (rc == CT_OK)
		rc = add_copy(redactor, value, true);
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
	if (*at + 1 < text.len && hex(text.ptr[*at]) >= 0 &&
	    hex(text.ptr[*at + 1]) >= 0) {
		*out = (char)(hex(text.ptr[*at]) * 16 + hex(text.ptr[*at + 1]));
		*at += 2;
	}
	return true;
}

enum match { NO, PARTLY, WHOLLY };

/* Does form begin at text[0]? *used: the bytes of text that it took. */
static enum match match_form(const struct form *form, struct ct_str text, size_t *used)
{
	size_t at = 0;

	for (size_t i = 0; i < form->len; i++) {
		char c;

		if (at >= text.len)
			return PARTLY;
		if (!form->escapes)
			c = text.ptr[at++];
		else if (!next_byte(text, &at, &c))
			return PARTLY;
		if (c != form->ptr[i])
			return NO;
	}
	*used = at;
	return WHOLLY;
}

/* The longest form that begins at text[0]: its length, 0 for none. */
static size_t match_any(const struct ct_redactor *r, struct ct_str text, bool *partly)
{
	size_t longest = 0;

	*partly = false;
	for (size_t i = 0; i < r->count; i++) {
		const struct form *form = &r->forms[i];
		size_t n = 0;
		if (form->ptr[0] != text.ptr[0] && !(form->escapes && text.ptr[0] == '%'))
			continue;
		enum match m = match_form(form, text, &n);
		if (m == WHOLLY && n > longest)
			longest = n;
		*partly = *partly || m == PARTLY;
	}
	return longest;
}

/* From at on, the first byte with which a form may begin; text.len: none does. */
static size_t next_begin(const struct ct_redactor *r, struct ct_str text, size_t at)
{
	while (at < text.len && !r->begins[(unsigned char)text.ptr[at]])
		at++;
	return at;
}

void ct_redact(const struct ct_redactor *redactor, struct ct_str text, struct ct_buf *out)
{
	size_t from = 0, at = 0;
	bool partly;

	if (redactor == NULL)
		at = text.len;
	while ((at = next_begin(redactor, text, at)) < text.len) {
		size_t used = match_any(redactor, ct_str_from(text, at), &partly);
		if (used == 0) {
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
	size_t at = 0; /* not nearer to the end: ct_redact must see the same secrets */
	bool partly;

	if (redactor == NULL)
		return 0;
	while ((at = next_begin(redactor, text, at)) < text.len) {
		size_t used = match_any(redactor, ct_str_from(text, at), &partly);
		/* also where a shorter one is already there: a longer one would end in the open */
		if (partly)
			return text.len - at;
		at += used > 0 ? used : 1;
	}
	return 0;
}

#include "provider/fields.h"

#include "codec/sha256.h"

static bool is_listed(const struct ct_option *options, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (ct_str_is(options[i].key, name))
			return true;
	return false;
}

static void put(struct ct_fields *f, struct ct_str name, struct ct_str value)
{
	if (f->count == CT_FIELDS_MAX)
		f->full = true;
	else
		f->list[f->count++] = (struct ct_field){ name, value };
}

void ct_fields_add(struct ct_fields *f, const char *name, struct ct_str value)
{
	const struct ct_endpoint *e = f->ask->endpoint;
	const struct ct_request *r = f->ask->request;

	if (value.len > 0 && !is_listed(e->options, e->option_count, name) &&
	    !is_listed(r->options, r->option_count, name))
		put(f, ct_str(name), value);
}

void ct_fields_add_int(struct ct_fields *f, const char *name, int64_t value)
{
	if (value > 0)
		ct_fields_add(f, name, ct_arena_printf(f->ask->arena, "%lld", (long long)value));
}

void ct_fields_add_true(struct ct_fields *f, const char *name, bool wanted)
{
	ct_fields_add(f, name, ct_str(wanted ? "true" : ""));
}

/* null leaves a field of ours out; strings go as they are, numbers and words as JSON writes them. */
static int add_value(struct ct_fields *f, struct ct_str key, const struct ct_json *value,
		     struct ct_err *err)
{
	if (ct_json_is(value, CT_JSON_NULL))
		return CT_OK;
	if (ct_json_is(value, CT_JSON_OBJECT) || ct_json_is(value, CT_JSON_ARRAY))
		return ct_fail(err, CT_EINVALID, "%.*s takes no JSON object for the option '%.*s'",
			       CT_STR_ARG(f->ask->endpoint->name), CT_STR_ARG(key));
	if (ct_json_is(value, CT_JSON_TRUE))
		put(f, key, ct_str("true"));
	else if (ct_json_is(value, CT_JSON_FALSE))
		put(f, key, ct_str("false"));
	else
		put(f, key, value->text);
	return CT_OK;
}

static int add_option(struct ct_fields *f, const struct ct_option *option, struct ct_err *err)
{
	const struct ct_json *value;
	int rc = ct_json_parse(f->ask->arena, option->json, 0, &value, err);

	if (rc != CT_OK || !ct_json_is(value, CT_JSON_ARRAY))
		return rc == CT_OK ? add_value(f, option->key, value, err) : rc;
	for (value = ct_json_first(value); value != NULL && rc == CT_OK; value = value->next)
		rc = add_value(f, option->key, value, err);
	return rc;
}

int ct_fields_options(struct ct_fields *f, struct ct_err *err)
{
	const struct ct_endpoint *e = f->ask->endpoint;
	const struct ct_request *r = f->ask->request;
	int rc = CT_OK;

	for (size_t i = 0; i < e->option_count && rc == CT_OK; i++) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf key = CT_BUF_INIT(1024);
		ct_buf_add(&key, e->options[i].key);
		if (!is_listed(r->options, r->option_count, key.ptr))
			rc = add_option(f, &e->options[i], err);
	}
	for (size_t i = 0; i < r->option_count && rc == CT_OK; i++)
		rc = add_option(f, &r->options[i], err);
	if (rc == CT_OK && f->full)
		rc = ct_fail(err, CT_EINVALID, "more than %d options", CT_FIELDS_MAX);
	return rc;
}

struct ct_str ct_fields_url(const struct ct_fields *f, struct ct_str url, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_FIELDS_MAX_BYTES);
	char mark = ct_str_has(url, "?") ? '&' : '?';

	ct_buf_add(&text, url);
	for (size_t i = 0; i < f->count; i++) {
		ct_buf_append(&text, &mark, 1);
		ct_buf_add(&text, ct_ask_escape(f->ask->arena, f->list[i].name));
		ct_buf_puts(&text, "=");
		ct_buf_add(&text, ct_ask_escape(f->ask->arena, f->list[i].value));
		mark = '&';
	}
	if (ct_buf_check(&text, "the query", err) != CT_OK)
		return (struct ct_str){ NULL, 0 };
	struct ct_str out = ct_arena_dup(f->ask->arena, ct_buf_str(&text));
	if (out.ptr == NULL)
		ct_fail(err, CT_ENOMEM, "out of memory");
	return out;
}

int ct_ask_recording(struct ct_ask *ask, const struct ct_recording *recording,
		     struct ct_err *err)
{
	struct ct_http_file *file = ct_arena_alloc(ask->arena, sizeof(*file));

	if (file == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	*file = (struct ct_http_file){ recording->fd, recording->offset, recording->bytes,
				       { NULL, 0 } };
	ask->out->file = file;
	return ct_ask_header(ask->endpoint, ask->out, "Content-Type", recording->mime, err);
}

/*
 * What must not stand in the bytes that it separates: 128 bits of the recording's digest and
 * length, which nobody can have put there by chance. The same for each try.
 */
static struct ct_str boundary_of(const struct ct_fields *f, const struct ct_recording *r)
{
	char digest[CT_SHA256_HEX_SIZE];
	struct ct_str seed = ct_arena_printf(f->ask->arena, "%.*s %lld %.*s",
					     CT_STR_ARG(r->sha256), (long long)r->bytes,
					     CT_STR_ARG(r->name));

	ct_sha256_hex(digest, seed);
	return ct_arena_printf(f->ask->arena, "cartrita-%.32s", digest);
}

/* As browsers write them (WHATWG HTML, "multipart/form-data encoding algorithm"). */
static void write_quoted(struct ct_buf *out, struct ct_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '"' || c == '\r' || c == '\n')
			ct_buf_puts(out, c == '"' ? "%22" : c == '\r' ? "%0D" : "%0A");
		else
			ct_buf_append(out, &c, 1);
	}
}

static void write_form(const struct ct_fields *f, struct ct_str boundary, struct ct_buf *out)
{
	for (size_t i = 0; i < f->count; i++) {
		ct_buf_printf(out, "--%.*s\r\nContent-Disposition: form-data; name=\"",
			      CT_STR_ARG(boundary));
		write_quoted(out, f->list[i].name);
		ct_buf_puts(out, "\"\r\n\r\n");
		ct_buf_add(out, f->list[i].value);
		ct_buf_puts(out, "\r\n");
	}
}

int ct_fields_form(const struct ct_fields *f, const char *name,
		   const struct ct_recording *recording, struct ct_str header,
		   struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf head = CT_BUF_INIT(CT_FIELDS_MAX_BYTES);
	struct ct_arena *arena = f->ask->arena;
	struct ct_http_request *out = f->ask->out;
	struct ct_str boundary = boundary_of(f, recording);
	struct ct_http_file *file = ct_arena_alloc(arena, sizeof(*file));

	if (boundary.ptr == NULL || file == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	write_form(f, boundary, &head);
	ct_buf_printf(&head, "--%.*s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"",
		      CT_STR_ARG(boundary), name);
	write_quoted(&head, recording->name);
	ct_buf_printf(&head, "\"\r\nContent-Type: %.*s\r\n\r\n", CT_STR_ARG(recording->mime));
	ct_buf_add(&head, header);
	int rc = ct_buf_check(&head, "the form", err);
	if (rc != CT_OK)
		return rc;
	*file = (struct ct_http_file){ recording->fd, recording->offset, recording->bytes,
				       ct_arena_printf(arena, "\r\n--%.*s--\r\n",
						       CT_STR_ARG(boundary)) };
	out->file = file;
	out->body = ct_arena_dup(arena, ct_buf_str(&head));
	struct ct_str type = ct_arena_printf(arena, "multipart/form-data; boundary=%.*s",
					     CT_STR_ARG(boundary));
	if (out->body.ptr == NULL || file->after.ptr == NULL || type.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	return ct_ask_header(f->ask->endpoint, out, "Content-Type", type, err);
}

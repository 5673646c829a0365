#include "codec/form.h"

enum { BOUNDARY_MAX = 70 }; /* RFC 2046 §5.1.1 */

/* A parameter of a header's value: name="quoted" or name=token. */
static struct ct_str parameter(struct ct_str header, const char *name)
{
	size_t len = strlen(name);

	while (header.len > 0) {
		const char *semicolon = memchr(header.ptr, ';', header.len);
		struct ct_str value;
		if (semicolon == NULL)
			break;
		header = ct_str_trim(ct_str_from(header, (size_t)(semicolon - header.ptr) + 1));
		if (header.len <= len || strncasecmp(header.ptr, name, len) != 0 ||
		    header.ptr[len] != '=')
			continue;
		value = ct_str_from(header, len + 1);
		char end = value.len > 0 && value.ptr[0] == '"' ? '"' : ';';
		if (end == '"')
			value = ct_str_from(value, 1);
		const char *stop = value.len > 0 ? memchr(value.ptr, end, value.len) : NULL;
		if (stop != NULL)
			value.len = (size_t)(stop - value.ptr);
		else if (end == '"')
			break;
		return end == '"' ? value : ct_str_trim(value);
	}
	return (struct ct_str){ NULL, 0 };
}

static bool starts_nocase(struct ct_str s, const char *head)
{
	size_t len = strlen(head);

	return s.len >= len && strncasecmp(s.ptr, head, len) == 0;
}

struct ct_str ct_form_boundary(struct ct_str content_type)
{
	struct ct_str none = { NULL, 0 }, boundary;

	if (!starts_nocase(ct_str_trim(content_type), "multipart/form-data"))
		return none;
	boundary = parameter(content_type, "boundary");
	return boundary.len > 0 && boundary.len <= BOUNDARY_MAX ? boundary : none;
}

/* Where "--boundary" stands at the beginning of a line, from at on; the body's length: nowhere. */
static size_t find_delimiter(struct ct_str body, struct ct_str boundary, size_t at)
{
	while (at < body.len) {
		const char *dashes = memmem(body.ptr + at, body.len - at, "--", 2);
		if (dashes == NULL)
			break;
		at = (size_t)(dashes - body.ptr);
		struct ct_str rest = ct_str_from(body, at + 2);
		bool line = at == 0 || (at >= 2 && memcmp(dashes - 2, "\r\n", 2) == 0);
		if (line && rest.len >= boundary.len &&
		    memcmp(rest.ptr, boundary.ptr, boundary.len) == 0)
			return at;
		at++;
	}
	return body.len;
}

static void read_header(struct ct_str line, struct ct_form_part *part)
{
	if (starts_nocase(line, "content-disposition:")) {
		part->name = parameter(line, "name");
		part->filename = parameter(line, "filename");
	} else if (starts_nocase(line, "content-type:")) {
		part->type = ct_str_trim(ct_str_from(line, strlen("content-type:")));
	}
}

/* Headers up to the empty line; where the value begins, 0: they do not end. */
static size_t read_head(struct ct_str body, size_t at, struct ct_form_part *part)
{
	size_t most = at + CT_FORM_HEAD_MAX_BYTES;

	while (at < body.len && at < most) {
		const char *end = memmem(body.ptr + at, body.len - at, "\r\n", 2);
		if (end == NULL)
			return 0;
		struct ct_str line = { body.ptr + at, (size_t)(end - body.ptr) - at };
		at += line.len + 2;
		if (line.len == 0)
			return at;
		read_header(line, part);
	}
	return 0;
}

int ct_form_next(struct ct_str body, struct ct_str boundary, size_t *at,
		 struct ct_form_part *part)
{
	size_t head = find_delimiter(body, boundary, *at) + 2 + boundary.len, end, value;
	struct ct_str rest = ct_str_from(body, head);

	*part = (struct ct_form_part){ .name = { NULL, 0 } };
	if (ct_str_starts(rest, "--"))
		return 0;
	if (!ct_str_starts(rest, "\r\n"))
		return -1;
	value = read_head(body, head + 2, part);
	end = value > 0 ? find_delimiter(body, boundary, value) : body.len;
	if (value == 0 || end == body.len || end < value + 2)
		return -1;
	part->value = (struct ct_str){ body.ptr + value, end - 2 - value };
	*at = end;
	return part->name.ptr != NULL ? 1 : -1;
}

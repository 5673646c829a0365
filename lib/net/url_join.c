/* Where a Location leads: RFC 3986 §5.2, without taking out dots, which the client does itself. */
#include "net/url.h"

static struct ct_str before(struct ct_str s, const char *stops)
{
	size_t n = 0;

	while (n < s.len && strchr(stops, s.ptr[n]) == NULL)
		n++;
	return (struct ct_str){ s.ptr, n };
}

/* Does it begin with "name:"? A colon after a slash is none of a scheme's. */
static bool has_scheme(struct ct_str text)
{
	struct ct_str head = before(text, ":/?#");

	return head.len > 0 && head.len < text.len && text.ptr[head.len] == ':';
}

static struct ct_str folder_of(struct ct_str path)
{
	while (path.len > 0 && path.ptr[path.len - 1] != '/')
		path.len--;
	return path;
}

int ct_url_join(struct ct_str base, struct ct_str where, struct ct_arena *arena,
		struct ct_str *out, struct ct_err *err)
{
	struct ct_url url;
	int rc = ct_url_parse(base, &url, err);

	if (rc != CT_OK)
		return rc;
	where = before(where, "#");
	struct ct_str origin = { base.ptr, base.len - url.rest.len };
	struct ct_str path = before(url.rest, "?#"), folder = folder_of(path);
	if (where.len == 0)
		*out = ct_arena_printf(arena, "%.*s", CT_STR_ARG(before(base, "#")));
	else if (has_scheme(where))
		*out = ct_arena_dup(arena, where);
	else if (ct_str_starts(where, "//"))
		*out = ct_arena_printf(arena, "%s:%.*s", url.https ? "https" : "http",
				       CT_STR_ARG(where));
	else if (where.ptr[0] == '/')
		*out = ct_arena_printf(arena, "%.*s%.*s", CT_STR_ARG(origin),
				       CT_STR_ARG(where));
	else if (where.ptr[0] == '?')
		*out = ct_arena_printf(arena, "%.*s%.*s%.*s", CT_STR_ARG(origin),
				       CT_STR_ARG(path), CT_STR_ARG(where));
	else
		*out = ct_arena_printf(arena, "%.*s%s%.*s%.*s", CT_STR_ARG(origin),
				       folder.len == 0 ? "/" : "", CT_STR_ARG(folder),
				       CT_STR_ARG(where));
	if (out->ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	return ct_url_parse(*out, &url, err);
}

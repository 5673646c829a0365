#include "codec/link.h"

/* One link: its target, and of its parameters those that matter. */
struct link {
	struct ct_str target;
	struct ct_str relations; /* words with blanks between */
	bool has_relations, has_anchor;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct ct_str *rest)
{
	while (rest->len > 0 && is_blank(rest->ptr[0]))
		*rest = ct_str_from(*rest, 1);
}

/* Take the mark if it is what comes next. */
static bool take(struct ct_str *rest, char mark)
{
	skip_blanks(rest);
	if (rest->len == 0 || rest->ptr[0] != mark)
		return false;
	*rest = ct_str_from(*rest, 1);
	return true;
}

/* Take what stands before the first of those marks. */
static struct ct_str take_until(struct ct_str *rest, const char *marks)
{
	struct ct_str taken = { rest->ptr, 0 };
	size_t count = strlen(marks); /* strchr() would find a NUL among them */

	while (taken.len < rest->len && memchr(marks, rest->ptr[taken.len], count) == NULL)
		taken.len++;
	*rest = ct_str_from(*rest, taken.len);
	return taken;
}

/* The inside of a quoted string whose opening quote is taken, escapes as they are. */
static struct ct_str take_quoted(struct ct_str *rest)
{
	struct ct_str taken = { rest->ptr, 0 };

	while (taken.len < rest->len && rest->ptr[taken.len] != '"')
		taken.len += rest->ptr[taken.len] == '\\' ? 2 : 1;
	if (taken.len > rest->len)
		taken.len = rest->len;
	*rest = ct_str_from(*rest, taken.len + 1);
	return taken;
}

static void take_parameter(struct ct_str *rest, struct link *link)
{
	skip_blanks(rest);
	struct ct_str name = take_until(rest, " \t=;,"), value = { NULL, 0 };

	if (take(rest, '='))
		value = take(rest, '"') ? take_quoted(rest) : take_until(rest, ";,");
	if (ct_str_is_nocase(name, "anchor"))
		link->has_anchor = true;
	if (ct_str_is_nocase(name, "rel") && !link->has_relations) {
		link->has_relations = true; /* of several the first counts */
		link->relations = value;
	}
	/* what is no parameter is passed over */
	take_until(rest, ";,");
}

/* Past the comma that ends what is no link. */
static void skip_other(struct ct_str *rest)
{
	while (rest->len > 0 && rest->ptr[0] != ',') {
		bool quoted = rest->ptr[0] == '"';

		*rest = ct_str_from(*rest, 1);
		if (quoted)
			take_quoted(rest);
	}
}

static bool take_link(struct ct_str *rest, struct link *link)
{
	*link = (struct link){ .target = { NULL, 0 } };
	while (take(rest, ','))
		;
	if (!take(rest, '<')) {
		skip_other(rest);
		return false;
	}
	link->target = take_until(rest, ">");
	if (!take(rest, '>'))
		return false;
	while (take(rest, ';'))
		take_parameter(rest, link);
	skip_other(rest);
	return link->target.len > 0 && link->target.len <= CT_LINK_MAX_BYTES;
}

static bool has_word(struct ct_str words, const char *word)
{
	while (words.len > 0) {
		skip_blanks(&words);
		if (ct_str_is_nocase(take_until(&words, " \t"), word))
			return true;
	}
	return false;
}

struct ct_str ct_link_find(const struct ct_headers *headers, const char *relation)
{
	int seen = 0;

	for (size_t i = 0; headers != NULL && i < headers->count; i++) {
		struct ct_str rest = headers->values[i];
		if (!ct_str_is_nocase(headers->names[i], "link"))
			continue;
		for (struct link link; rest.len > 0 && seen < CT_LINKS_MAX; seen++)
			if (take_link(&rest, &link) && !link.has_anchor &&
			    has_word(link.relations, relation))
				return link.target;
	}
	return (struct ct_str){ NULL, 0 };
}

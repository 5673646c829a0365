#include "model/repository.h"

#include <ctype.h>

enum { OWNER_MAX = 100, NAME_MAX = 100 };

static struct ct_str take_until(struct ct_str *text, const char *marks)
{
	struct ct_str taken = { text->ptr, 0 };

	while (taken.len < text->len && strchr(marks, text->ptr[taken.len]) == NULL)
		taken.len++;
	*text = ct_str_from(*text, taken.len);
	return taken;
}

/* Letters, digits, dashes, underscores, dots; no path of its own (".", ".."). */
static bool is_name(struct ct_str text, size_t most)
{
	size_t dots = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (!isalnum(c) && c != '-' && c != '_' && c != '.')
			return false;
		dots += c == '.';
	}
	return text.len > 0 && text.len <= most && dots < text.len;
}

/* Take "https://HOST/"; false: it is no address. */
static bool take_host(struct ct_str *text, struct ct_str *host)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < CT_COUNT(schemes); i++) {
		if (!ct_str_starts(*text, schemes[i]))
			continue;
		*text = ct_str_from(*text, strlen(schemes[i]));
		*host = take_until(text, "/");
		*text = ct_str_from(*text, 1);
		return true;
	}
	return false;
}

int ct_repository_parse(struct ct_str text, struct ct_repository *out, struct ct_err *err)
{
	struct ct_str rest = ct_str_trim(text);
	out->host = (struct ct_str){ NULL, 0 };
	bool address = take_host(&rest, &out->host);

	out->owner = take_until(&rest, "/");
	rest = ct_str_from(rest, 1);
	out->name = take_until(&rest, address ? "/?#" : "");
	if (address && out->name.len > 4 &&
	    ct_str_is(ct_str_from(out->name, out->name.len - 4), ".git"))
		out->name.len -= 4;
	if (is_name(out->owner, OWNER_MAX) && is_name(out->name, NAME_MAX))
		return CT_OK;
	ct_fail(err, CT_EUSAGE, "'%.*s' names no repository",
		text.len < 100 ? (int)text.len : 100, text.ptr != NULL ? text.ptr : "");
	ct_hint(err, "It is written OWNER/NAME.");
	return CT_EUSAGE;
}

#include "service/config_impl.h"

#include "net/url.h"

static struct ct_str without_slashes(struct ct_str s)
{
	while (s.len > 0 && s.ptr[s.len - 1] == '/')
		s.len--;
	return s;
}

bool ct_config_same_address(struct ct_str a, struct ct_str b)
{
	struct ct_url p, q;

	if (ct_url_parse(a, &p, NULL) != CT_OK || ct_url_parse(b, &q, NULL) != CT_OK)
		return false;
	return p.https == q.https && p.port == q.port && p.host.len == q.host.len &&
	       strncasecmp(p.host.ptr, q.host.ptr, p.host.len) == 0 &&
	       ct_str_eq(without_slashes(p.rest), without_slashes(q.rest));
}

int ct_config_url(struct ct_config *config, struct ct_str url, const char *what,
		  struct ct_str *out, struct ct_err *err)
{
	struct ct_err why = { 0 };

	if (ct_http_check_url(url, &why) != CT_OK) {
		ct_fail(err, CT_ECONFIG, "%s: %s", what, why.msg);
		ct_hint(err, "a base URL is like https://api.example.com/v1");
		return CT_ECONFIG;
	}
	if (memchr(url.ptr, '?', url.len) != NULL || memchr(url.ptr, '#', url.len) != NULL)
		return ct_fail(err, CT_ECONFIG, "%s: a base URL has no query and no fragment",
			       what);
	*out = ct_arena_dup(&config->arena, without_slashes(url));
	return out->ptr != NULL ? CT_OK : ct_config_no_memory(err);
}

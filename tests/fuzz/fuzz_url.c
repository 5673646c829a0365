/* Any bytes as a URL; what is accepted has a host and a port, within the text. */
#include <stdint.h>
#include <stdlib.h>

#include "net/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_str text = { (const char *)data, size };
	struct ct_arena arena = { 0 };
	struct ct_url url;
	struct ct_str joined;

	if (ct_url_join((struct ct_str)CT_STR("http://h/a/b?c"), text, &arena, &joined, NULL) ==
	    CT_OK)
		need(ct_url_parse(joined, &url, NULL) == CT_OK);
	ct_arena_fini(&arena);
	if (ct_url_parse(text, &url, NULL) != CT_OK)
		return 0;
	need(url.host.len > 0 && url.port > 0 && url.port < 65536);
	need(url.host.ptr > text.ptr &&
	     url.host.ptr + url.host.len <= text.ptr + text.len);
	need(url.rest.len == 0 || url.rest.ptr + url.rest.len == text.ptr + text.len);
	need(memchr(url.host.ptr, '@', url.host.len) == NULL);
	return 0;
}

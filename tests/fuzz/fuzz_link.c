/* A Link field: what is found stands in it, within the ceiling, and has no angle bracket at its end. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_arena arena = { 0 };
	struct ct_headers headers = { .arena = &arena };

	ct_headers_add(&headers, ct_str("Link"),
		       (struct ct_str){ (const char *)data, size });
	struct ct_str found = ct_link_find(&headers, "next");
	if (found.ptr != NULL && (found.len == 0 || found.len > CT_LINK_MAX_BYTES ||
				  memmem(data, size, found.ptr, found.len) == NULL ||
				  memchr(found.ptr, '>', found.len) != NULL))
		abort();
	ct_arena_fini(&arena);
	return 0;
}

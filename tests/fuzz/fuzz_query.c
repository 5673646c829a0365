/* A query: no value is longer than what it was decoded from. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_str query = { (const char *)data, size };
	struct ct_arena arena = { 0 };
	struct ct_str found = ct_query_get(query, "q", &arena);

	if (found.len > size || (found.ptr != NULL && found.ptr[found.len] != '\0'))
		abort();
	ct_query_int(query, "page", 0);
	ct_arena_fini(&arena);
	return 0;
}

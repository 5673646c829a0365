/* A repository's name: what is taken can stand in a path without leading elsewhere. */
#include <stdint.h>
#include <stdlib.h>

#include "model/repository.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct ct_str part)
{
	if (part.len == 0 || part.len > 100 || ct_str_is(part, ".") || ct_str_is(part, ".."))
		abort();
	for (size_t i = 0; i < part.len; i++)
		if (strchr("/?#%\\ ", part.ptr[i]) != NULL || (unsigned char)part.ptr[i] < 0x20)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_repository r;

	if (ct_repository_parse((struct ct_str){ (const char *)data, size }, &r, NULL) != CT_OK)
		return 0;
	check(r.owner);
	check(r.name);
	return 0;
}

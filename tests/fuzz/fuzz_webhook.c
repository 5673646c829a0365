/* A signature, an empty line or the end, a body: nobody guesses the secret. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/webhook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_str text = { (const char *)data, size };
	const char *end = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t len = end != NULL ? (size_t)(end - text.ptr) : size;
	struct ct_err err = { 0 };

	if (ct_webhook_verify(ct_str("not to be guessed"), (struct ct_str){ text.ptr, len },
			      ct_str_from(text, len + 1), &err) != CT_EAUTH ||
	    err.msg[0] == '\0')
		abort();
	return 0;
}

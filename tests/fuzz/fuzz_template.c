/* Any template, any values: it is filled in or refused, and a value is never looked into. */
#include <stdint.h>
#include <stdlib.h>

#include "service/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The prompt is up to the first zero byte, the value of {{a}} and the input what follows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data,
		   *end = size > 0 ? memchr(text, '\0', size) : NULL;
	size_t len = end != NULL ? (size_t)(end - text) : size;
	struct ct_str rest = ct_str_from((struct ct_str){ text, size }, len + 1);
	struct ct_template t = { .name = CT_STR("t"), .prompt = { text, len } };
	struct ct_template_var var = { .name = CT_STR("a"), .value = rest };
	struct ct_buf out = CT_BUF_INIT(1 << 16);
	int rc = ct_template_prompt(&t, &var, 1, rest, &out, NULL);

	if (rc != CT_OK && rc != CT_EUSAGE && rc != CT_ETOOBIG)
		abort();
	if (rc == CT_OK && !ct_str_has(t.prompt, "{{") && memcmp(out.ptr, text, len) != 0)
		abort();
	if (rc == CT_OK && var.used && !ct_str_has(t.prompt, "a"))
		abort();
	ct_buf_fini(&out);
	return 0;
}

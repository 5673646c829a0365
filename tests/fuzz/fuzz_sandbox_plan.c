/* Any text as a fault plan: it is understood or refused, and playing it never ends badly. */
#include <stdint.h>
#include <stdlib.h>

#include "service/sandbox_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ct_str text = { (const char *)data, size };
	struct ct_err err = { 0 };
	struct ct_plan plan;

	if (ct_plan_parse(text, size, &plan, &err) != CT_OK)
		return 0;
	for (int i = 0; i < 50; i++) {
		enum ct_sandbox_provider provider = (enum ct_sandbox_provider)(i % 5);
		const struct ct_fault *fault =
			ct_plan_next(&plan, provider, i % 2, i * 1000);

		if (fault != NULL &&
		    (fault->kind == CT_FAULT_NONE ||
		     (fault->provider >= 0 && fault->provider != (int)provider)))
			abort();
		ct_plan_refuses(&plan, provider);
	}
	return 0;
}

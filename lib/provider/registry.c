#include "provider/vendors.h"

const struct ct_vendor *const ct_vendors[] = {
	&ct_vendor_claude, &ct_vendor_gemini,	   &ct_vendor_openai,
	&ct_vendor_azure,  &ct_vendor_huggingface, &ct_vendor_deepgram,
	NULL,
};

const struct ct_vendor *ct_vendor_find(struct ct_str kind)
{
	for (const struct ct_vendor *const *v = ct_vendors; *v != NULL; v++)
		if (ct_str_is(kind, (*v)->kind) ||
		    ((*v)->alias != NULL && ct_str_is(kind, (*v)->alias)))
			return *v;
	return ct_str_is(kind, ct_vendor_compatible.kind) ? &ct_vendor_compatible : NULL;
}

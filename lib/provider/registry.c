#include "provider/vendors.h"

const struct ct_vendor *const ct_vendors[] = {
	&ct_vendor_claude, &ct_vendor_gemini,	   &ct_vendor_openai,
	&ct_vendor_azure,  &ct_vendor_huggingface, &ct_vendor_deepgram,
	&ct_vendor_tavily, &ct_vendor_github,
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

unsigned ct_task_capability(enum ct_task task)
{
	switch (task) {
	case CT_TASK_CHAT:
		break;
	case CT_TASK_SEARCH:
		return CT_CAN_SEARCH;
	case CT_TASK_EXTRACT:
		return CT_CAN_EXTRACT;
	case CT_TASK_READ:
		return CT_CAN_READ;
	case CT_TASK_TRANSCRIBE:
		return CT_CAN_STT;
	case CT_TASK_SPEAK:
		return CT_CAN_TTS;
	}
	return CT_CAN_CHAT;
}

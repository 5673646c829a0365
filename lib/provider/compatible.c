/* Services that speak OpenAI's protocols at an address of their own: wire/openai-compatible. */
#include "provider/vendors.h"

const struct ct_vendor ct_vendor_compatible = {
	.kind = "compatible",
	.capabilities = CT_CAN_CHAT | CT_CAN_STT | CT_CAN_TTS,
	.key_optional = true,
	.request = ct_openai_request,
	.health = ct_openai_health,
	.dialect = ct_openai_dialect,
};

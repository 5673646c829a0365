/* Hugging Face's router, which speaks Chat Completions: wire/huggingface. */
#include "provider/vendors.h"

const struct ct_vendor ct_vendor_huggingface = {
	.kind = "huggingface",
	.alias = "hf",
	.base_url = "https://router.huggingface.co/v1",
	.base_url_env = "HUGGINGFACE_BASE_URL",
	.key_env = { "HUGGINGFACE_API_KEY", "HF_TOKEN" },
	.model_env = "HUGGINGFACE_DEFAULT_MODEL",
	.capabilities = CT_CAN_CHAT,
	.request = ct_openai_request,
	.health = ct_openai_health,
	.dialect = ct_openai_dialect,
};

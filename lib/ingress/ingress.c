#include "ingress/ingress.h"

#include "ingress/protocols.h"

const struct ct_ingress *const ct_ingresses[] = {
	&ct_ingress_messages,
	&ct_ingress_chat,
	&ct_ingress_responses,
	&ct_ingress_gemini,
	&ct_ingress_tavily,
	&ct_ingress_deepgram,
	&ct_ingress_audio,
	&ct_ingress_github,
	NULL,
};

static const struct {
	const char *prefix, *provider;
} prefixes[] = {
	{ "/anthropic/", "claude" },
	{ "/claude/", "claude" },
	{ "/gemini/", "gemini" },
	{ "/google/", "gemini" },
	{ "/huggingface/", "huggingface" },
	{ "/hf/", "huggingface" },
	{ "/azure/", "azure" },
	{ "/openai/", "openai" },
	{ "/tavily/", "tavily" },
	{ "/deepgram/", "deepgram" },
	{ "/github/", "github" },
};

void ct_ingress_answer_init(struct ct_ingress_answer *answer, struct ct_str id,
			    struct ct_str model, size_t max)
{
	*answer = (struct ct_ingress_answer){
		.id = id,
		.model = model,
		.text = CT_BUF_INIT(max),
		.items = CT_BUF_INIT(max),
	};
}

void ct_ingress_answer_fini(struct ct_ingress_answer *answer)
{
	ct_buf_fini(&answer->text);
	ct_buf_fini(&answer->items);
}

struct ct_str ct_ingress_prefix(struct ct_str *path)
{
	for (size_t i = 0; i < CT_COUNT(prefixes); i++) {
		if (!ct_str_starts(*path, prefixes[i].prefix))
			continue;
		*path = ct_str_from(*path, strlen(prefixes[i].prefix) - 1);
		return ct_str(prefixes[i].provider);
	}
	return (struct ct_str){ NULL, 0 };
}

const struct ct_ingress *ct_ingress_find(struct ct_str method, struct ct_str *path,
					 struct ct_str *provider)
{
	struct ct_str named = ct_ingress_prefix(path);

	for (size_t i = 0; ct_ingresses[i] != NULL; i++) {
		if (!ct_ingresses[i]->match(method, *path))
			continue;
		*provider = named.ptr != NULL ? named : ct_str(ct_ingresses[i]->provider);
		return ct_ingresses[i];
	}
	return NULL;
}

bool ct_ingress_ends(struct ct_str text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len && memcmp(text.ptr + text.len - len, end, len) == 0;
}

struct ct_jw ct_ingress_data(struct ct_buf *out, const char *event)
{
	if (event != NULL)
		ct_buf_printf(out, "event: %s\n", event);
	ct_buf_puts(out, "data: ");
	return ct_jw(out);
}

void ct_ingress_arguments(struct ct_jw *jw, struct ct_str arguments)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *value;

	if (ct_json_parse(&arena, arguments, CT_JSON_LENIENT, &value, NULL) == CT_OK &&
	    ct_json_is(value, CT_JSON_OBJECT))
		ct_jw_value(jw, value);
	else
		ct_jw_raw(jw, ct_str("{}"));
}

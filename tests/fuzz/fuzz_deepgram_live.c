/*
 * Any bytes as what a client of live transcription sends: a query up to the first line end, then
 * audio, and commands where a line begins with '{'. Every message is JSON, and time never goes back.
 */
#include <stdint.h>
#include <stdlib.h>

#include "codec/json.h"
#include "ingress/deepgram_live.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		abort();
}

static void on_message(void *user, struct ct_str json)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *tree;
	double *end = user;

	need(ct_json_parse(&arena, json, CT_JSON_STRICT, &tree, NULL) == CT_OK);
	if (!ct_str_is(ct_json_str_at(tree, "type"), "Results"))
		return;
	double start = ct_json_num(ct_json_get(tree, "start"), -1);
	double length = ct_json_num(ct_json_get(tree, "duration"), -1);
	need(start >= 0 && length >= 0);
	if (!ct_json_true(ct_json_get(tree, "is_final")))
		return;
	need(start > *end - 1e-6);
	*end = start + length;
}

static struct ct_str take_line(struct ct_str *text)
{
	const char *end = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;
	struct ct_str line = { text->ptr, end ? (size_t)(end - text->ptr) : text->len };

	*text = ct_str_from(*text, line.len + 1);
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_live_options options;
	struct ct_live *live;
	struct ct_str text;
	char *bytes = malloc(size + 1);
	double end = 0;
	bool closes = false;

	need(bytes != NULL);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)data[i];
	text = (struct ct_str){ bytes, size };
	if (ct_live_read(take_line(&text), &arena, &options, NULL) == CT_OK) {
		live = ct_live_create(&options, ct_str("id"), on_message, &end);
		need(live != NULL);
		while (text.len > 0 && !closes) {
			struct ct_str line = take_line(&text);
			if (line.len > 0 && line.ptr[0] == '{')
				ct_live_command(live, line, &closes, NULL);
			else
				ct_live_audio(live, line);
		}
		ct_live_destroy(live);
	}
	free(bytes);
	return 0;
}

/* How fast a chunk of a chat stream is read: ours into an arena against jansson. */
#include <jansson.h>
#include <stdio.h>

#include "base/clock.h"
#include "codec/json.h"

enum { ROUNDS = 200000, TRIES = 5 };

static const char chunk[] =
	"{\"id\":\"chatcmpl-Cx7d2hJ4bN8sK1vQ\",\"object\":\"chat.completion.chunk\","
	"\"created\":1795171800,\"model\":\"gpt-6.1-sol\",\"choices\":[{\"index\":0,"
	"\"delta\":{\"content\":\" world\"},\"logprobs\":null,\"finish_reason\":null}]}";

static int64_t used;

static void read_ours(void)
{
	static struct ct_arena arena;
	const struct ct_json *json;

	if (ct_json_parse(&arena, ct_str(chunk), CT_JSON_LENIENT, &json, NULL) == CT_OK)
		used += (int64_t)ct_json_str_at(json, "choices.0.delta.content").len;
	ct_arena_reset(&arena);
}

static void read_theirs(void)
{
	json_t *json = json_loadb(chunk, sizeof(chunk) - 1, 0, NULL);
	json_t *choice = json_array_get(json_object_get(json, "choices"), 0);
	json_t *text = json_object_get(json_object_get(choice, "delta"), "content");

	used += (int64_t)json_string_length(text);
	json_decref(json);
}

/* The best of a few: whatever else the machine does only adds. */
static double ns_of(void (*read_chunk)(void), int rounds)
{
	double best = 1e18;

	for (int i = 0; i < TRIES; i++) {
		int64_t from = ct_clock_us();
		for (int n = 0; n < rounds; n++)
			read_chunk();
		double ns = (double)(ct_clock_us() - from) * 1000 / rounds;
		best = ns < best ? ns : best;
	}
	return best;
}

int main(void)
{
	double ours = ns_of(read_ours, ROUNDS), theirs = ns_of(read_theirs, ROUNDS / 10);

	printf("json: %zu bytes, ours %.0f ns, jansson %.0f ns, ratio %.3f\n",
	       sizeof(chunk) - 1, ours, theirs, ours / theirs);
	return used > 0 ? 0 : 1;
}

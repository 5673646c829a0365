/*
 * seed_conversations FILE [CONVERSATIONS [MESSAGES]]: add conversations of MESSAGES (10) messages
 * each, through the functions that keep real ones; then print what listing and searching cost.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/defs.h"
#include "store/conversation.h"

enum { BATCH = 200, WORDS = 60, WORD_KINDS = 4000 };

static void check(int rc, const struct ct_err *err)
{
	if (rc == CT_OK)
		return;
	fprintf(stderr, "seed_conversations: %s\n", err->msg);
	exit(1);
}

/* xorshift64: https://www.jstatsoft.org/article/view/v008i14 */
static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

/* Words as texts have them: a few in nearly every message, most in very few. */
static struct ct_str write_text(struct ct_arena *arena, uint64_t *random)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(1 << 16);

	for (int i = 0; i < WORDS; i++) {
		uint64_t a = next(random) % WORD_KINDS, b = next(random) % WORD_KINDS;
		ct_buf_printf(&text, "%sword%llu", i ? " " : "the ",
			      (unsigned long long)(a * b / WORD_KINDS));
	}
	return ct_arena_dup(arena, ct_buf_str(&text));
}

static struct ct_str new_id(struct ct_arena *arena, int64_t at)
{
	char id[CT_UUID_SIZE];

	return ct_arena_dup(arena, ct_str(ct_uuid(id, at)));
}

static void add_conversation(struct ct_store *store, int64_t at, int count,
			     uint64_t *random)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	struct ct_kept_message *list =
		ct_arena_alloc(&arena, (size_t)count * sizeof(*list));
	struct ct_err err = { 0 };

	for (int i = 0; list != NULL && i < count; i++)
		list[i] = (struct ct_kept_message){
			.id = new_id(&arena, at),
			.parent_id = i > 0 ? list[i - 1].id : ct_str(NULL),
			.role = i % 2 ? CT_ROLE_ASSISTANT : CT_ROLE_USER,
			.text = write_text(&arena, random),
			.model = ct_str("claude-sonnet-5-5"),
			.created_ms = at + i,
		};
	struct ct_turn turn = {
		.arena = &arena,
		.conversation_id = new_id(&arena, at),
		.begins = true,
		.title = ct_str("What the first words of a question look like"),
		.messages = list,
		.count = (size_t)count,
	};
	check(ct_conversation_append(store, &turn, &err), &err);
}

static void seed(struct ct_store *store, int64_t rows, int count)
{
	int64_t now = ct_time_now().wall_ms;
	uint64_t random = (uint64_t)now | 1;
	struct ct_err err = { 0 };

	for (int64_t done = 0; done < rows; done++) {
		if (done % BATCH == 0)
			check(ct_store_begin(store, &err), &err);
		add_conversation(store, now - (rows - done) * 60000, count, &random);
		if (done % BATCH == BATCH - 1 || done == rows - 1)
			check(ct_store_commit(store, &err), &err);
	}
}

static int count_row(void *user, const struct ct_conversation_row *row)
{
	(void)row;
	++*(int64_t *)user;
	return CT_OK;
}

static int count_hit(void *user, const struct ct_conversation_hit *hit)
{
	(void)hit;
	++*(int64_t *)user;
	return CT_OK;
}

static void time_list(const char *path, const char *name, int64_t limit)
{
	struct ct_store *store;
	struct ct_err err = { 0 };
	struct ct_conversation_filter filter = { .limit = limit };
	int64_t sum = 0, began = ct_clock_us();

	check(ct_store_open(path, CT_STORE_READ, 1000, &store, &err), &err);
	int64_t opened = ct_clock_us();
	check(ct_conversation_list(store, &filter, count_row, &sum, &err), &err);
	printf("list   %-16s open %5lld us, query %7lld us, %lld rows\n", name,
	       (long long)(opened - began), (long long)(ct_clock_us() - opened),
	       (long long)sum);
	ct_store_close(store);
}

static void time_search(const char *path, const char *name, const char *word,
			const char *other)
{
	const char *const words[] = { word, other };
	struct ct_conversation_search search = { .words = words, .limit = 20 };
	struct ct_store *store;
	struct ct_err err = { 0 };
	int64_t sum = 0, began = ct_clock_us();

	search.word_count = other != NULL ? 2 : 1;
	check(ct_store_open(path, CT_STORE_READ, 1000, &store, &err), &err);
	int64_t opened = ct_clock_us();
	check(ct_conversation_search(store, &search, count_hit, &sum, &err), &err);
	printf("search %-16s open %5lld us, query %7lld us, %lld rows\n", name,
	       (long long)(opened - began), (long long)(ct_clock_us() - opened),
	       (long long)sum);
	ct_store_close(store);
}

int main(int argc, char *argv[])
{
	struct ct_store *store;
	struct ct_err err = { 0 };
	int64_t rows = 0, count = 10, began = ct_clock_us();

	if (argc < 2 || (argc > 2 && !ct_str_int(ct_str(argv[2]), &rows)) ||
	    (argc > 3 &&
	     (!ct_str_int(ct_str(argv[3]), &count) || count < 1 || count > 100000)))
		return fputs("usage: seed_conversations FILE [CONVERSATIONS "
			     "[MESSAGES]]\n",
			     stderr),
		       2;
	check(ct_store_open(argv[1], CT_STORE_WRITE, 10000, &store, &err), &err);
	seed(store, rows, (int)count);
	ct_store_close(store);
	printf("%lld conversations added in %lld ms\n", (long long)rows,
	       (long long)(ct_clock_us() - began) / 1000);

	time_list(argv[1], "20", 20);
	time_list(argv[1], "all", 0);
	time_search(argv[1], "in every message", "the", NULL);
	time_search(argv[1], "common", "word12", NULL);
	time_search(argv[1], "rare", "word3900", NULL);
	time_search(argv[1], "two common", "word0", "word1");
	time_search(argv[1], "two rare", "word3900", "word3800");
	time_search(argv[1], "a beginning", "word39*", NULL);
	time_search(argv[1], "a phrase", "word0 word1", NULL);
	time_search(argv[1], "none", "nothing", NULL);
	return 0;
}

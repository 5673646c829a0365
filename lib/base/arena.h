/*
 * Memory that lives and dies together: one request's strings and trees.
 *
 * Nothing in it is freed singly. It is not bounded itself: what comes from a
 * peer reaches it only through a buffer or a parser with a ceiling.
 * An arena set to zeros is empty and ready.
 */
#ifndef CT_BASE_ARENA_H
#define CT_BASE_ARENA_H

#include "base/str.h"

struct ct_arena {
	struct ct_arena_block *blocks; /* newest first */
	char *at, *end; /* free bytes in the newest block */
	size_t block_bytes; /* of the next block; 0: of the first */
};

/* size bytes of zeros, aligned for any type, until reset or fini; NULL when out of memory. */
void *ct_arena_alloc(struct ct_arena *arena, size_t size);

/* A NUL-terminated copy of s; {NULL, 0} when out of memory. */
struct ct_str ct_arena_dup(struct ct_arena *arena, struct ct_str s);

/* printf into the arena, NUL-terminated; {NULL, 0} when out of memory. */
struct ct_str ct_arena_printf(struct ct_arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * An empty arena takes these size bytes first, which are aligned for any type: the stack of who has
 * one for a moment. They stay the caller's; fini, and only that, lets go of them.
 */
void ct_arena_lend(struct ct_arena *arena, void *bytes, size_t size);

/* Forget all it holds, keeping one block for reuse. */
void ct_arena_reset(struct ct_arena *arena);

/* Release everything. The arena is empty and may be used again. */
void ct_arena_fini(struct ct_arena *arena);

#endif

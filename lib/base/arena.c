#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The first block is small: most arenas hold little, and there are thousands of them. */
enum { FIRST_BYTES = 512, BLOCK_BYTES = 16 << 10 };

struct ct_arena_block {
	struct ct_arena_block *next;
	size_t size;
	alignas(max_align_t) char bytes[];
};

static struct ct_arena_block *new_block(size_t size)
{
	if (size > SIZE_MAX - sizeof(struct ct_arena_block))
		return NULL;
	struct ct_arena_block *block = malloc(sizeof(*block) + size);
	if (block != NULL)
		block->size = size;
	return block;
}

/* Blocks grow with the arena. */
static bool add_block(struct ct_arena *arena, size_t size)
{
	struct ct_arena_block *block = new_block(size);

	if (block == NULL)
		return false;
	arena->block_bytes = 2 * size < BLOCK_BYTES ? 2 * size : BLOCK_BYTES;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->at = block->bytes;
	arena->end = block->bytes + size;
	return true;
}

/* What is larger than a block has one of its own, behind the newest: it says nothing of what comes. */
static void *alone(struct ct_arena *arena, size_t size)
{
	struct ct_arena_block *block = new_block(size);

	if (block == NULL)
		return NULL;
	if (arena->blocks == NULL) {
		block->next = NULL;
		arena->blocks = block;
		arena->at = arena->end = block->bytes + size;
	} else {
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	}
	return memset(block->bytes, 0, size);
}

void *ct_arena_alloc(struct ct_arena *arena, size_t size)
{
	size_t step = alignof(max_align_t);

	if (size > SIZE_MAX - step)
		return NULL;
	/* nothing takes a step too: NULL means no memory */
	size = size > 0 ? (size + step - 1) / step * step : step;
	size_t block_bytes = arena->block_bytes > 0 ? arena->block_bytes : FIRST_BYTES;
	if ((size_t)(arena->end - arena->at) < size) {
		if (size > block_bytes)
			return alone(arena, size);
		if (!add_block(arena, block_bytes))
			return NULL;
	}
	void *ptr = arena->at;
	arena->at += size;
	return memset(ptr, 0, size);
}

struct ct_str ct_arena_dup(struct ct_arena *arena, struct ct_str s)
{
	char *copy = ct_arena_alloc(arena, s.len + 1);

	if (copy == NULL)
		return (struct ct_str){ NULL, 0 };
	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return (struct ct_str){ copy, s.len };
}

struct ct_str ct_arena_printf(struct ct_arena *arena, const char *fmt, ...)
{
	va_list args, again;
	struct ct_str out = { NULL, 0 };

	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);
	char *text = len < 0 ? NULL : ct_arena_alloc(arena, (size_t)len + 1);
	if (text != NULL) {
		vsnprintf(text, (size_t)len + 1, fmt, again);
		out = (struct ct_str){ text, (size_t)len };
	}
	va_end(again);
	va_end(args);
	return out;
}

void ct_arena_lend(struct ct_arena *arena, void *bytes, size_t size)
{
	arena->at = bytes;
	arena->end = arena->at + size;
}

static void free_blocks(struct ct_arena_block *block)
{
	while (block != NULL) {
		struct ct_arena_block *next = block->next;
		free(block);
		block = next;
	}
}

void ct_arena_reset(struct ct_arena *arena)
{
	if (arena->blocks == NULL)
		return;
	free_blocks(arena->blocks->next);
	arena->blocks->next = NULL;
	arena->at = arena->blocks->bytes;
}

void ct_arena_fini(struct ct_arena *arena)
{
	free_blocks(arena->blocks);
	*arena = (struct ct_arena){ 0 };
}

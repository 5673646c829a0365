#include <criterion/criterion.h>
#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "base/defs.h"
#include "leaks.h"

TestSuite(arena, .fini = check_leaks);

Test(arena, gives_aligned_zeros_of_any_size)
{
	static const size_t sizes[] = { 0,	1,    7,	16,
					17,	1000, 16 << 10, (16 << 10) + 1,
					1 << 20 };
	struct ct_arena arena = { 0 };

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < CT_COUNT(sizes); i++) {
			char *ptr = ct_arena_alloc(&arena, sizes[i]);
			cr_assert_not_null(ptr, "%zu bytes", sizes[i]);
			cr_assert_eq((uintptr_t)ptr % alignof(max_align_t), 0);
			for (size_t at = 0; at < sizes[i]; at++)
				cr_assert_eq(ptr[at], 0, "%zu bytes, round %d", sizes[i],
					     round);
			memset(ptr, 0x55, sizes[i]);
		}
		ct_arena_reset(&arena);
	}
	ct_arena_fini(&arena);
}

Test(arena, things_in_it_do_not_overlap)
{
	struct ct_arena arena = { 0 };
	char *all[2000];

	for (size_t i = 0; i < CT_COUNT(all); i++) {
		all[i] = ct_arena_alloc(&arena, i % 60 + 1);
		memset(all[i], (int)(i % 251), i % 60 + 1);
	}
	for (size_t i = 0; i < CT_COUNT(all); i++)
		for (size_t at = 0; at < i % 60 + 1; at++)
			cr_assert_eq(all[i][at], (char)(i % 251), "thing %zu", i);
	ct_arena_fini(&arena);
}

Test(arena, says_so_when_there_is_no_memory)
{
	struct ct_arena arena = { 0 };

	cr_assert_null(ct_arena_alloc(&arena, SIZE_MAX));
	cr_assert_null(ct_arena_alloc(&arena, SIZE_MAX - 20));
	cr_assert_not_null(ct_arena_alloc(&arena, 1), "and goes on");
	ct_arena_fini(&arena);
}

Test(arena, copies_end_in_a_nul)
{
	struct ct_arena arena = { 0 };
	char text[] = "abc";
	struct ct_str copy = ct_arena_dup(&arena, (struct ct_str){ text, 2 });
	struct ct_str none = ct_arena_dup(&arena, (struct ct_str){ NULL, 0 });

	text[0] = 'x';
	cr_assert_str_eq(copy.ptr, "ab");
	cr_assert_eq(copy.len, 2);
	cr_assert_not_null(none.ptr);
	cr_assert_eq(none.len, 0);
	ct_arena_fini(&arena);
}

Test(arena, prints_texts_of_any_length)
{
	struct ct_arena arena = { 0 };
	struct ct_str s = ct_arena_printf(&arena, "%s-%0*d", "a", 40000, 7);

	cr_assert_eq(s.len, 40002);
	cr_assert_eq(strlen(s.ptr), s.len);
	cr_assert_eq(s.ptr[40001], '7');
	cr_assert_eq(ct_arena_printf(&arena, "%s", "").len, 0);
	ct_arena_fini(&arena);
}

Test(arena, keeps_a_block_through_a_reset)
{
	struct ct_arena arena = { 0 };

	ct_arena_reset(&arena);
	char *first = ct_arena_alloc(&arena, 100);
	ct_arena_reset(&arena);
	cr_assert_eq(ct_arena_alloc(&arena, 100), first);
	ct_arena_fini(&arena);
	ct_arena_fini(&arena);
	cr_assert_not_null(ct_arena_alloc(&arena, 1));
	ct_arena_fini(&arena);
}

Test(arena, large_things_stand_beside_its_blocks)
{
	struct ct_arena arena = { 0 };
	char *large = ct_arena_alloc(&arena, 100000), *first = ct_arena_alloc(&arena, 16);

	memset(large, 'l', 100000);
	cr_assert_leq(arena.block_bytes, 2048u);
	char *more = ct_arena_alloc(&arena, 5000);
	memset(more, 'm', 5000);
	cr_assert_eq(ct_arena_alloc(&arena, 16), first + 16);
	cr_assert_leq(arena.block_bytes, 2048u);
	ct_arena_reset(&arena);
	cr_assert_eq(ct_arena_alloc(&arena, 16), first);
	ct_arena_fini(&arena);
	/* the first of all is large, and is what a reset keeps */
	large = ct_arena_alloc(&arena, 100000);
	ct_arena_reset(&arena);
	cr_assert_eq(ct_arena_alloc(&arena, 100000), large);
	ct_arena_fini(&arena);
}

Test(arena, takes_what_is_lent_first_and_goes_on_without_it)
{
	alignas(max_align_t) char lent[128];
	struct ct_arena arena = { 0 };

	ct_arena_lend(&arena, lent, sizeof(lent));
	char *first = ct_arena_alloc(&arena, 100), *second = ct_arena_alloc(&arena, 100);
	cr_expect_eq(first, lent);
	cr_expect(second < lent || second >= lent + sizeof(lent));
	cr_expect_eq(second[99], 0);
	char *large = ct_arena_alloc(&arena, 1 << 20);
	cr_expect_eq(large[0], 0);
	ct_arena_fini(&arena);
	char *own = ct_arena_alloc(&arena, 8);
	cr_expect(own < lent || own >= lent + sizeof(lent));
	ct_arena_fini(&arena);
}

#include <criterion/criterion.h>

#include "base/buf.h"
#include "leaks.h"

TestSuite(buf, .fini = check_leaks);

Test(buf, is_a_text_from_the_start)
{
	struct ct_buf buf = CT_BUF_INIT(10);

	cr_assert_str_eq(buf.ptr, "");
	ct_buf_append(&buf, "", 0);
	ct_buf_add(&buf, (struct ct_str){ NULL, 0 });
	ct_buf_printf(&buf, "%s", "");
	ct_buf_drop(&buf, 5);
	cr_assert_eq(buf.cap, 0, "nothing needs no memory");
	ct_buf_fini(&buf);
}

Test(buf, holds_what_each_way_of_adding_brings)
{
	struct ct_buf buf = CT_BUF_INIT(1000);

	ct_buf_append(&buf, "a\0b", 3);
	ct_buf_puts(&buf, "c");
	ct_buf_add(&buf, ct_str("d"));
	ct_buf_printf(&buf, "%d-%s", 42, "e");
	cr_assert(ct_str_eq(ct_buf_str(&buf), (struct ct_str){ "a\0bcd42-e", 9 }));
	cr_assert_eq(buf.ptr[buf.len], '\0');
	ct_buf_fini(&buf);
}

Test(buf, takes_its_ceiling_exactly_and_not_a_byte_more)
{
	struct ct_buf buf = CT_BUF_INIT(5);
	struct ct_err err = { 0 };

	ct_buf_puts(&buf, "12345");
	cr_assert_eq(ct_buf_check(&buf, "it", &err), CT_OK);
	ct_buf_puts(&buf, "6");
	cr_assert_eq(ct_buf_check(&buf, "it", &err), CT_ETOOBIG);
	cr_assert_str_eq(err.msg, "it is over 5 bytes");
	cr_assert_str_eq(buf.ptr, "12345");
	ct_buf_fini(&buf);

	ct_buf_printf(&buf, "%06d", 1);
	cr_assert_eq(ct_buf_check(&buf, "it", NULL), CT_ETOOBIG,
		     "printf knows the ceiling too");
	ct_buf_fini(&buf);
}

Test(buf, takes_single_bytes_up_to_its_ceiling)
{
	struct ct_buf buf = CT_BUF_INIT(130);

	for (int i = 0; i < 130; i++)
		ct_buf_put(&buf, (char)('a' + i % 26));
	cr_assert_eq(buf.failed, CT_OK);
	cr_assert_eq(buf.len, 130);
	cr_assert_eq(strlen(buf.ptr), 130);
	cr_assert_eq(buf.ptr[129], 'a' + 129 % 26);
	ct_buf_put(&buf, '!');
	cr_assert_eq(buf.failed, CT_ETOOBIG);
	cr_assert_eq(buf.len, 130);
	ct_buf_fini(&buf);
}

Test(buf, reserves_room_that_it_may_have)
{
	struct ct_buf buf = CT_BUF_INIT(100);

	ct_buf_reserve(&buf, 100);
	const char *before = buf.ptr;
	for (int i = 0; i < 100; i++)
		ct_buf_put(&buf, 'x');
	cr_assert_eq(buf.ptr, before);
	cr_assert_eq(buf.failed, CT_OK);
	ct_buf_clear(&buf);
	ct_buf_reserve(&buf, 101);
	cr_assert_eq(buf.failed, CT_ETOOBIG);
	ct_buf_fini(&buf);
}

Test(buf, a_failure_sticks_until_cleared)
{
	struct ct_buf buf = CT_BUF_INIT(3);

	ct_buf_puts(&buf, "four");
	ct_buf_puts(&buf, "1");
	ct_buf_printf(&buf, "2");
	cr_assert_eq(buf.len, 0);
	ct_buf_clear(&buf);
	ct_buf_puts(&buf, "1");
	cr_assert_eq(ct_buf_check(&buf, "it", NULL), CT_OK);
	cr_assert_str_eq(buf.ptr, "1");
	ct_buf_fini(&buf);
	cr_assert_str_eq(buf.ptr, "");
	ct_buf_puts(&buf, "123");
	cr_assert_str_eq(buf.ptr, "123", "after fini it may be used again");
	ct_buf_fini(&buf);
}

Test(buf, drops_from_the_front)
{
	struct ct_buf buf = CT_BUF_INIT(100);

	ct_buf_puts(&buf, "abcdef");
	ct_buf_drop(&buf, 0);
	ct_buf_drop(&buf, 2);
	cr_assert_str_eq(buf.ptr, "cdef");
	ct_buf_drop(&buf, 100);
	cr_assert_str_eq(buf.ptr, "");
	ct_buf_puts(&buf, "x");
	cr_assert_str_eq(buf.ptr, "x");
	ct_buf_fini(&buf);
}

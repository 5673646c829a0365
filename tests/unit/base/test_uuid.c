#include <criterion/criterion.h>
#include <string.h>

#include "base/uuid.h"

Test(uuid, has_the_form_of_version_7)
{
	char text[CT_UUID_SIZE];

	for (int i = 0; i < 100; i++) {
		ct_uuid(text, INT64_C(0x0123456789AB));
		cr_assert_eq(strlen(text), 36);
		cr_assert_eq(strncmp(text, "01234567-89ab-7", 15), 0, "%s", text);
		cr_assert_eq(text[18], '-');
		cr_assert_not_null(strchr("89ab", text[19]), "%s", text);
		cr_assert_eq(text[23], '-');
		cr_assert_eq(strspn(text, "0123456789abcdef-"), 36, "%s", text);
	}
}

Test(uuid, sorts_by_time_and_never_repeats)
{
	char a[CT_UUID_SIZE], b[CT_UUID_SIZE];

	ct_uuid(a, 1000);
	ct_uuid(b, 1001);
	cr_assert_lt(strcmp(a, b), 0);
	ct_uuid(b, 1000);
	cr_assert_neq(strcmp(a, b), 0);
}

Test(uuid, random_bytes_differ)
{
	unsigned char a[64] = { 0 }, b[64] = { 0 };

	ct_random(a, sizeof(a));
	ct_random(b, sizeof(b));
	cr_assert_neq(memcmp(a, b, sizeof(a)), 0);
	ct_random(a, 0);
}

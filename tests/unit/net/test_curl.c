#include <criterion/criterion.h>
#include <stdlib.h>

#include "net/curl.h"

#define GNUTLS_WAITS "GNUTLS_NO_IMPLICIT_INIT"

static void load(void)
{
	struct ct_curl curl;
	struct ct_err err = { 0 };

	cr_assert_eq(ct_curl_load(&curl, &err), CT_OK, "%s", err.msg);
	cr_assert_neq(curl.multi_info_read, NULL);
}

Test(curl, leaves_the_environment_of_children_as_it_was)
{
	unsetenv(GNUTLS_WAITS);
	load();
	cr_assert_null(getenv(GNUTLS_WAITS));
}

Test(curl, leaves_what_the_user_says_of_gnutls)
{
	setenv(GNUTLS_WAITS, "0", 1);
	load();
	cr_assert_str_eq(getenv(GNUTLS_WAITS), "0");
}

Test(curl, may_be_loaded_again)
{
	load();
	load();
}

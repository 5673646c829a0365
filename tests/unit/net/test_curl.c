#include <criterion/criterion.h>
#include <stdlib.h>

#include "net/ahead.h"
#include "net/curl.h"

#define GNUTLS_WAITS CT_GNUTLS_WAITS

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

Test(curl, may_be_loaded_ahead_of_its_use)
{
	unsetenv(GNUTLS_WAITS);
	struct ct_ahead *ahead = ct_ahead_start();
	cr_assert_not_null(ahead);
	/* for GnuTLS a 1, and to be told from a user's */
	cr_assert_str_eq(getenv(GNUTLS_WAITS), CT_GNUTLS_WAITS_OURS);
	cr_assert_eq(atoi(getenv(GNUTLS_WAITS)), 1);
	ct_ahead_end(ahead);
	cr_assert_null(getenv(GNUTLS_WAITS));
	load();
	ct_ahead_end(NULL);
}

Test(curl, loaded_ahead_leaves_what_the_user_says_of_gnutls)
{
	setenv(GNUTLS_WAITS, "0", 1);
	struct ct_ahead *ahead = ct_ahead_start();
	cr_assert_str_eq(getenv(GNUTLS_WAITS), "0");
	ct_ahead_end(ahead);
	cr_assert_str_eq(getenv(GNUTLS_WAITS), "0");
}

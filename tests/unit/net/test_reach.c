#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "base/defs.h"
#include "leaks.h"
#include "net/reach.h"
#include "net/url.h"

TestSuite(reach, .fini = check_leaks);

static const char *const private_addresses[] = {
	"0.0.0.0",
	"10.0.0.1",
	"10.255.255.255",
	"100.64.0.1",
	"127.0.0.1",
	"127.255.0.1",
	"169.254.169.254",
	"172.16.0.1",
	"172.31.255.1",
	"192.0.0.1",
	"192.168.1.1",
	"198.18.0.1",
	"198.19.0.1",
	"224.0.0.1",
	"240.0.0.1",
	"255.255.255.255",
	"::",
	"::1",
	"::7f00:1",
	"::ffff:10.0.0.1",
	"fc00::1",
	"fdff::1",
	"fe80::1",
	"febf::1",
	"fec0::1",
	"ff02::1",
	"64:ff9b::127.0.0.1",
	"2002:7f00:1::",
};
static const char *const public_addresses[] = {
	"1.1.1.1",	    "9.255.255.255",  "11.0.0.0",    "100.63.0.1",
	"100.128.0.1",	    "128.0.0.1",      "172.15.0.1",  "172.32.0.1",
	"192.0.2.1",	    "192.167.0.1",    "198.17.0.1",  "198.20.0.1",
	"223.255.0.1",	    "2606:4700::1",   "2001:db8::1", "::ffff:8.8.8.8",
	"64:ff9b::8.8.8.8", "2002:808:808::", "fb00::1",
};

static bool is_private(const char *text)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address;

	in->sin_family = AF_INET;
	if (inet_pton(AF_INET, text, &in->sin_addr) != 1) {
		in6->sin6_family = AF_INET6;
		cr_assert_eq(inet_pton(AF_INET6, text, &in6->sin6_addr), 1, "%s", text);
	}
	return ct_address_is_private((struct sockaddr *)&address);
}

Test(reach, knows_every_private_network)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	for (size_t i = 0; i < CT_COUNT(private_addresses); i++)
		cr_expect(is_private(private_addresses[i]), "%s", private_addresses[i]);
	cr_expect(ct_address_is_private((struct sockaddr *)&un));
}

Test(reach, lets_public_addresses_pass)
{
	for (size_t i = 0; i < CT_COUNT(public_addresses); i++)
		cr_expect(!is_private(public_addresses[i]), "%s", public_addresses[i]);
}

Test(reach, sees_through_the_spellings_of_a_host)
{
	static const char *const hosts[] = {
		"localhost",
		"LocalHost.",
		"db.localhost",
		"127.1",
		"0x7f000001",
		"2130706433",
		"0177.0.0.1",
		"[::1]",
		"10.0.0.1.",
		"[::ffff:10.0.0.1]",
		"",
	};
	static const char *const others[] = { "example.com",	"localhost.com",
					      "mylocalhost",	"8.8.8.8",
					      "[2606:4700::1]", "10.example" };

	for (size_t i = 0; i < CT_COUNT(hosts); i++)
		cr_expect(ct_host_is_private(ct_str(hosts[i])), "%s", hosts[i]);
	for (size_t i = 0; i < CT_COUNT(others); i++)
		cr_expect(!ct_host_is_private(ct_str(others[i])), "%s", others[i]);
}

Test(url_join, leads_where_a_browser_would_go)
{
	static const char base[] = "http://a:81/b/c/d?q#f";
	static const struct {
		const char *where, *expected;
	} cases[] = {
		{ "g", "http://a:81/b/c/g" },
		{ "g?y", "http://a:81/b/c/g?y" },
		{ "./g:h", "http://a:81/b/c/./g:h" },
		{ "/g#x", "http://a:81/g" },
		{ "//h/g", "http://h/g" },
		{ "?y", "http://a:81/b/c/d?y" },
		{ "", "http://a:81/b/c/d?q" },
		{ "#s", "http://a:81/b/c/d?q" },
		{ "HTTPS://h/x", "HTTPS://h/x" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_err err = { 0 };
		struct ct_str out;
		cr_assert_eq(ct_url_join(ct_str(base), ct_str(cases[i].where), &arena,
					 &out, &err),
			     CT_OK, "%s: %s", cases[i].where, err.msg);
		cr_expect(ct_str_is(out, cases[i].expected), "%s", out.ptr);
		ct_arena_fini(&arena);
	}
}

Test(url_join, refuses_what_is_not_of_the_web)
{
	static const char *const cases[] = {
		"file:///etc/passwd", "ftp://h/",     "data:,x", "http://u:p@h/", "//",
		"gopher://h",	      "http://h/a b", "//h:0/"
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_str out;
		cr_expect_eq(ct_url_join(ct_str("http://a"), ct_str(cases[i]), &arena,
					 &out, NULL),
			     CT_EINVALID, "%s", cases[i]);
		ct_arena_fini(&arena);
	}
	struct ct_arena arena = { 0 };
	struct ct_str out;
	cr_expect_eq(ct_url_join(ct_str("http://a"), ct_str("x"), &arena, &out, NULL),
		     CT_OK);
	cr_expect(ct_str_is(out, "http://a/x"), "%s", out.ptr);
	ct_arena_fini(&arena);
}

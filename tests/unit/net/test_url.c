#include <criterion/criterion.h>
#include <stdio.h>

#include "leaks.h"
#include "net/http.h"
#include "net/url.h"

TestSuite(url, .fini = check_leaks);

Test(url, reads_scheme_host_port_and_the_rest)
{
	static const struct {
		const char *text, *expected; /* scheme host port rest */
	} cases[] = {
		{ "http://localhost", "http localhost 80 " },
		{ "HTTPS://API.example.com/v1", "https API.example.com 443 /v1" },
		{ "https://a.b.c./v1/x?y=z#w", "https a.b.c. 443 /v1/x?y=z#w" },
		{ "http://127.0.0.1:8080", "http 127.0.0.1 8080 " },
		{ "http://h:65535?q", "http h 65535 ?q" },
		{ "http://h:1#f", "http h 1 #f" },
		{ "http://[::1]", "http [::1] 80 " },
		{ "http://[2001:db8::1]:443/", "http [2001:db8::1] 443 /" },
		{ "http://my_host-1:080/", "http my_host-1 80 /" },
		{ "http://h/a:b@c", "http h 80 /a:b@c" },
		{ "http://h/\xC3\xA9", "http h 80 /\xC3\xA9" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_url url;
		struct ct_err err = { 0 };
		char text[256];
		cr_assert_eq(ct_url_parse(ct_str(cases[i].text), &url, &err), CT_OK,
			     "%s: %s", cases[i].text, err.msg);
		snprintf(text, sizeof(text), "%s %.*s %d %.*s",
			 url.https ? "https" : "http", CT_STR_ARG(url.host), url.port,
			 CT_STR_ARG(url.rest));
		cr_assert_str_eq(text, cases[i].expected);
	}
}

Test(url, says_what_is_wrong_without_repeating_it)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "begins with" },
		{ "http:/", "begins with" },
		{ "ftp://h/", "begins with" },
		{ "//h/", "begins with" },
		{ "api.example.com", "begins with" },
		{ "http://", "no host" },
		{ "http:///path", "no host" },
		{ "http://:80/", "no host" },
		{ "http://user:hunter2@h/", "passwords" },
		{ "http://user@h", "passwords" },
		{ "http://h:0", "1 to 65535" },
		{ "http://h:65536", "1 to 65535" },
		{ "http://h:99999999999999999999", "1 to 65535" },
		{ "http://h:", "1 to 65535" },
		{ "http://h:8o", "no number" },
		{ "http://h:-1", "no number" },
		{ "http://h:80:80", "no number" },
		{ "http://a..b", "no host name" },
		{ "http://.a", "no host name" },
		{ "http://.", "no host name" },
		{ "http://a%2eb", "no host name" },
		{ "http://a*b", "no host name" },
		{ "http://b\xC3\xBC"
		  "cher.example",
		  "no host name" },
		{ "http://::1/", "" },
		{ "http://[::1", "no host name" },
		{ "http://[::1]x", "no host name" },
		{ "http://[::1]x:80", "no host name" },
		{ "http://[]", "no host name" },
		{ "http://[1.2.3.4]", "no host name" },
		{ "http://[fe80::1%25eth0]", "no host name" },
		{ "http://[0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0]",
		  "no host name" },
		{ "http://h/a b", "blank" },
		{ " http://h", "blank" },
		{ "http://h/\r\nX: y", "blank" },
		{ "http://h\\@evil", "backslash" },
		{ "http://h/\x7f", "control" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		cr_assert_eq(ct_http_check_url(ct_str(cases[i].text), &err), CT_EINVALID,
			     "%s", cases[i].text);
		cr_assert(strstr(err.msg, cases[i].why) != NULL, "%s: %s", cases[i].text,
			  err.msg);
		cr_assert(strstr(err.msg, "hunter2") == NULL, "%s", err.msg);
	}
}

Test(url, refuses_a_nul_and_labels_and_names_and_texts_that_are_too_long)
{
	char text[CT_URL_MAX + 2];

	cr_assert_eq(ct_http_check_url((struct ct_str){ "http://a\0b", 10 }, NULL),
		     CT_EINVALID);
	snprintf(text, sizeof(text), "http://%063d/", 0);
	cr_assert_eq(ct_http_check_url(ct_str(text), NULL), CT_OK);
	snprintf(text, sizeof(text), "http://%064d/", 0);
	cr_assert_eq(ct_http_check_url(ct_str(text), NULL), CT_EINVALID);
	snprintf(text, sizeof(text), "http://%060d.%060d.%060d.%060d.123456789/", 0, 0, 0,
		 0);
	cr_assert_eq(ct_http_check_url(ct_str(text), NULL), CT_OK);
	snprintf(text, sizeof(text), "http://%060d.%060d.%060d.%060d.1234567890/", 0, 0,
		 0, 0);
	cr_assert_eq(ct_http_check_url(ct_str(text), NULL), CT_EINVALID);
	snprintf(text, sizeof(text), "http://h/%0*d", CT_URL_MAX - 9, 0);
	cr_assert_eq(ct_http_check_url(ct_str(text), NULL), CT_OK);
	snprintf(text, sizeof(text), "http://h/%0*d", CT_URL_MAX - 8, 0);
	cr_assert_eq(ct_http_check_url(ct_str(text), NULL), CT_EINVALID);
}

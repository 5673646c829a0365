#include <criterion/criterion.h>

#include "leaks.h"
#include "model/repository.h"

TestSuite(repository, .fini = check_leaks);

Test(repository, is_an_owner_and_a_name)
{
	static const char *const cases[] = {
		"octo-cat/Hello.World_1",
		" octo-cat/Hello.World_1\n",
		"https://github.com/octo-cat/Hello.World_1",
		"https://github.com/octo-cat/Hello.World_1.git",
		"http://ghe.example:8080/octo-cat/Hello.World_1/",
		"https://github.com/octo-cat/Hello.World_1/pulls?q=is%3Aopen#x",
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_repository r;
		struct ct_err err = { 0 };
		cr_assert_eq(ct_repository_parse(ct_str(cases[i]), &r, &err), CT_OK,
			     "%s: %s", cases[i], err.msg);
		cr_assert(ct_str_is(r.owner, "octo-cat"), "%s: %.*s", cases[i],
			  CT_STR_ARG(r.owner));
		cr_assert(ct_str_is(r.name, "Hello.World_1"), "%s: %.*s", cases[i],
			  CT_STR_ARG(r.name));
	}
}

Test(repository, keeps_the_host_of_an_address)
{
	static const char *const cases[][2] = {
		{ "o/n", "" },
		{ "https://github.com/o/n.git", "github.com" },
		{ "http://ghe.example:8080/o/n/pulls", "ghe.example:8080" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_repository r;
		cr_assert_eq(ct_repository_parse(ct_str(cases[i][0]), &r, NULL), CT_OK);
		cr_assert(ct_str_is(r.host, cases[i][1]), "%s: %.*s", cases[i][0],
			  CT_STR_ARG(r.host));
	}
}

Test(repository, leads_to_no_other_path)
{
	static const char *const cases[] = {
		"",
		"/",
		"owner",
		"owner/",
		"/name",
		"owner/name/more",
		"owner/..",
		"../name",
		"./name",
		"owner/.",
		"owner/name?x=1",
		"owner/name#x",
		"owner/na me",
		"owner/na%2Fme",
		"ow\\ner/name",
		"owner/n\xC3\xA4me",
		"owner/name\x1b[31m",
		"https://github.com",
		"https://github.com/",
		"https://github.com/owner",
		"https://github.com/owner/../..",
		"https://github.com/../../name",
		"ftp://github.com/owner/name",
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_repository r;
		struct ct_err err = { 0 };
		cr_assert_eq(ct_repository_parse(ct_str(cases[i]), &r, &err), CT_EUSAGE,
			     "%s", cases[i]);
		cr_assert(strlen(err.msg) > 0 && strlen(err.hint) > 0);
	}
	cr_assert_eq(ct_repository_parse((struct ct_str){ NULL, 0 },
					 &(struct ct_repository){ 0 }, NULL),
		     CT_EUSAGE);
}

Test(repository, has_a_ceiling)
{
	char text[400];
	struct ct_repository r;

	memset(text, 'a', sizeof(text));
	text[1] = '/';
	cr_assert_eq(ct_repository_parse((struct ct_str){ text, 102 }, &r, NULL), CT_OK);
	cr_assert_eq(ct_repository_parse((struct ct_str){ text, 103 }, &r, NULL), CT_EUSAGE);
}

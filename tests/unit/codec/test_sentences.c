#include <criterion/criterion.h>

#include "base/defs.h"
#include "codec/sentences.h"
#include "leaks.h"

TestSuite(sentences, .fini = check_leaks);

Test(sentences, end_a_piece_where_it_is_heard_least)
{
	static const struct {
		const char *text;
		size_t limit;
		const char *first, *rest;
	} cases[] = {
		{ "Short.", 100, "Short.", "" },
		{ "  Blanks around.  ", 100, "Blanks around.", "" },
		{ "One here. Two here. Three.", 22, "One here. Two here.", "Three." },
		{ "One here.\n\nTwo here. Three.", 20, "One here.", "Two here. Three." },
		{ "A paragraph.\n\nOne two. Three four.", 20, "A paragraph.", "One two. Three four." },
		{ "He said \"Go.\" And went.", 16, "He said \"Go.\"", "And went." },
		{ "One here. We met Dr. Smith.", 21, "One here.", "We met Dr. Smith." },
		{ "One here. I saw J. R. Smith.", 22, "One here.", "I saw J. R. Smith." },
		{ "One two, e.g. three.", 15, "One two,", "e.g. three." },
		{ "It costs 3.14 euros and more", 16, "It costs 3.14", "euros and more" },
		{ "one, two, three four five six", 14, "one, two,", "three four five six" },
		{ "no marks in here at all", 10, "no marks", "in here at all" },
		{ "unbreakable", 4, "unbr", "eakable" },
		{ "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F", 2, "\xC3\xA4\xC3\xB6", "\xC3\xBC\xC3\x9F" },
		{ "\xE5\xA5\xBD\xE3\x80\x82\xE5\xA5\xBD\xE3\x80\x82", 3, "\xE5\xA5\xBD\xE3\x80\x82",
		  "\xE5\xA5\xBD\xE3\x80\x82" },
		{ "", 10, "", "" },
		{ " \n ", 10, "", "" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_str rest;
		struct ct_str first =
			ct_sentences_next(ct_str(cases[i].text), cases[i].limit, &rest);
		cr_assert(ct_str_is(first, cases[i].first), "case %zu: '%.*s'", i,
			  CT_STR_ARG(first));
		cr_assert(ct_str_is(rest, cases[i].rest), "case %zu, rest: '%.*s'", i,
			  CT_STR_ARG(rest));
	}
}

Test(sentences, lose_nothing_and_pass_no_limit)
{
	char text[5000];
	size_t words = 0, found = 0;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 97 == 0 ? '.' : i % 7 == 0 ? ' ' : 'a';
	for (size_t i = 0; i < sizeof(text); i++)
		words += text[i] != ' ';
	struct ct_str rest = { text, sizeof(text) };
	while (rest.len > 0) {
		struct ct_str piece = ct_sentences_next(rest, 100, &rest);
		cr_assert(piece.len > 0 && piece.len <= 100);
		for (size_t i = 0; i < piece.len; i++)
			found += piece.ptr[i] != ' ';
	}
	cr_assert_eq(found, words);
}

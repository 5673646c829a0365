#include <stdio.h>

#include <criterion/criterion.h>
#include <math.h>

#include "leaks.h"
#include "opt.h"

TestSuite(opt, .fini = check_leaks);

static const struct ct_opt table[] = {
	{ .name = "limit",
	  .letter = 'n',
	  .type = CT_OPT_INT,
	  .value = "COUNT",
	  .min = 1,
	  .max = 100,
	  .also = "number" },
	{ .name = "temperature", .letter = 't', .type = CT_OPT_NUM, .min = -1, .max = 2 },
	{ .name = "file", .letter = 'f', .type = CT_OPT_LIST, .value = "PATH", .words = "file" },
	{ .name = "cache", .type = CT_OPT_TEXT, .implied = "60" },
	{ .name = "stream" },
	{ .name = "stop", .type = CT_OPT_TEXT },
	{ .name = "by", .type = CT_OPT_CHOICE, .choices = "day|hour" },
	{ .name = NULL },
};
static const struct ct_opt global[] = {
	{ .name = "verbose", .letter = 'v' },
	{ .name = "json" },
	{ .name = NULL },
};

/* The words of line, split at blanks, into out; how many. */
static int split(char *line, char *out[16])
{
	int n = 0;

	for (char *w = strtok(line, " "); w != NULL && n < 16; w = strtok(NULL, " "))
		out[n++] = w;
	return n;
}

static int parse(const char *text, struct ct_args **args, struct ct_err *err)
{
	static char line[256];
	static char *argv[16];

	snprintf(line, sizeof(line), "%s", text);
	*err = (struct ct_err){ 0 };
	int argc = split(line, argv);
	return ct_args_parse(table, global, argc, argv, args, err);
}

Test(opt, reads_a_value_in_every_form)
{
	static const char *const forms[] = { "-n5",	    "-n 5",	"--limit 5",
					     "--limit=5",   "--lim 5",	"--number=5",
					     "--num 5",	    "-vn5",	"-vvn 5",
					     "-n 3 -n 5",   "x -n 5",	"-n 5 -- -n 7" };

	for (size_t i = 0; i < CT_COUNT(forms); i++) {
		struct ct_args *args;
		struct ct_err err;
		cr_assert_eq(parse(forms[i], &args, &err), CT_OK, "%s: %s", forms[i], err.msg);
		cr_assert_eq(ct_args_int(args, "limit", 0), 5, "%s", forms[i]);
		ct_args_destroy(args);
	}
}

Test(opt, refuses_what_makes_no_sense_and_says_so)
{
	static const struct {
		const char *line, *message, *hint;
	} cases[] = {
		{ "-n abc", "--limit must be from 1 to 100, not 'abc'", "" },
		{ "-n 0", "--limit must be from 1 to 100, not '0'", "" },
		{ "-n -5", "--limit must be from 1 to 100, not '-5'", "" },
		{ "-n 5x", "--limit must be from 1 to 100, not '5x'", "" },
		{ "--limit=", "--limit must be from 1 to 100, not ''", "" },
		{ "-n 99999999999999999999", "--limit must be from 1 to 100, not "
					     "'99999999999999999999'", "" },
		{ "-n 5.5", "--limit must be a whole number from 1 to 100, not '5.5'", "" },
		{ "-n 500.5", "--limit must be from 1 to 100, not '500.5'", "" },
		{ "--file=", "--file is empty: it needs a value: PATH", "" },
		{ "-t nan", "--temperature must be from -1 to 2, not 'nan'", "" },
		{ "-t 9", "--temperature must be from -1 to 2, not '9'", "" },
		{ "--by week", "--by must be one of day|hour, not 'week'", "" },
		{ "--by da", "--by must be one of day|hour, not 'da'", "" },
		{ "-n", "--limit needs a value: COUNT", "" },
		{ "--st", "'--st' could be '--stream' or '--stop'", "" },
		{ "--jsno", "unknown option '--jsno'", "Did you mean '--json'?" },
		{ "--zzzzzzzz", "unknown option '--zzzzzzzz'", "" },
		{ "-Z", "unknown option '-Z'", "" },
		{ "--json=1", "--json takes no value", "" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_args *args;
		struct ct_err err;
		cr_assert_eq(parse(cases[i].line, &args, &err), CT_EUSAGE, "%s", cases[i].line);
		cr_assert_null(args);
		cr_assert_str_eq(err.msg, cases[i].message, "%s: %s", cases[i].line, err.msg);
		cr_assert_str_eq(err.hint, cases[i].hint, "%s: %s", cases[i].line, err.hint);
	}
}

Test(opt, keeps_words_apart_from_options)
{
	struct ct_args *args;
	struct ct_err err;

	cr_assert_eq(parse("a -v - b --stream -f x -f y -- --json -", &args, &err), CT_OK);
	cr_assert_eq(ct_args_word_count(args), 5);
	cr_assert_str_eq(ct_args_word(args, 1), "-");
	cr_assert_str_eq(ct_args_word(args, 3), "--json");
	cr_assert_null(ct_args_word(args, 5));
	cr_assert_not(ct_args_after_dashes(args, 2));
	cr_assert(ct_args_after_dashes(args, 3));
	cr_assert_eq(ct_args_dashes_at(args), 10);
	cr_assert_eq(ct_args_count(args, "json"), 0);
	cr_assert_eq(ct_args_count(args, "file"), 2);
	cr_assert_str_eq(ct_args_at(args, "file", 0), "x");
	cr_assert_str_eq(ct_args_at(args, "file", 1), "y");
	cr_assert_null(ct_args_at(args, "file", 2));
	ct_args_destroy(args);
}

Test(opt, takes_negative_numbers_as_values_and_implied_ones_only_attached)
{
	struct ct_args *args;
	struct ct_err err;

	cr_assert_eq(parse("-t -0.5 --cache 30", &args, &err), CT_OK, "%s", err.msg);
	cr_assert_float_eq(ct_args_num(args, "temperature", 9), -0.5, 1e-9);
	cr_assert_str_eq(ct_args_text(args, "cache"), "60");
	cr_assert_str_eq(ct_args_word(args, 0), "30");
	cr_assert_float_eq(ct_args_num(args, "stop", 7), 7, 1e-9, "what was not given");
	ct_args_destroy(args);
	cr_assert_eq(parse("--cache=30", &args, &err), CT_OK);
	cr_assert_str_eq(ct_args_text(args, "cache"), "30");
	ct_args_destroy(args);
}

Test(opt, skips_options_and_their_values_to_the_first_word)
{
	static const struct {
		const char *line;
		int at;
	} cases[] = { { "-v --json chat", 2 }, { "-n 5 chat", 2 }, { "-n5 chat", 1 },
		      { "chat -v", 0 },	      { "-v", 1 },	  { "--limit", 1 },
		      { "-v -- chat", 1 } };

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		char line[64], *argv[16];
		int at = 0;
		snprintf(line, sizeof(line), "%s", cases[i].line);
		int argc = split(line, argv);
		cr_assert_eq(ct_args_skip(table, global, argc, argv, &at, NULL), CT_OK);
		cr_assert_eq(at, cases[i].at, "%s: %d", cases[i].line, at);
	}
}

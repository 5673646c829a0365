#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "leaks.h"
#include "repl.h"
#include "repl_history.h"

TestSuite(repl, .fini = check_leaks);

Test(repl, a_path_or_a_blank_is_no_command)
{
	static const struct {
		const char *line;
		bool command;
	} cases[] = { { "/help", true },   { "/model x", true }, { "/", false },   { "//", false },
		      { "/usr/bin", false }, { " /help", false },  { "a /b", false }, { "", false },
		      { "/set\tx", true } };

	for (size_t i = 0; i < CT_COUNT(cases); i++)
		cr_expect_eq(ct_repl_is_command(ct_str(cases[i].line)), cases[i].command, "%s",
			     cases[i].line);
}

Test(repl, every_command_says_what_it_does)
{
	for (const struct ct_repl_command *c = ct_repl_commands; c->name != NULL; c++) {
		cr_expect(c->summary != NULL && c->run != NULL && c->args != NULL, "%s", c->name);
		cr_expect_eq(ct_repl_command_find(ct_str(c->name)), c);
	}
	cr_expect_null(ct_repl_command_find(ct_str("nothing")));
}

Test(repl, a_paste_stands_where_its_mark_is)
{
	struct ct_buf paste = CT_BUF_INIT(100), text = CT_BUF_INIT(1000);
	static const char *const cases[][2] = {
		{ "a [paste 1: 2 lines] b", "a x\ny b" },
		{ "[paste 1: 2 lines][paste 1: 2 lines]", "x\nyx\ny" },
		{ "[paste 2: 2 lines]", "[paste 2: 2 lines]" },
		{ "[paste 0: 2 lines]", "[paste 0: 2 lines]" },
		{ "[paste 1: 2 lines", "[paste 1: 2 lines" },
		{ "[paste [paste 1: 2 lines]", "[paste x\ny" },
		{ "", "" },
	};

	ct_buf_puts(&paste, "x\ny");
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		ct_buf_clear(&text);
		ct_paste_expand(&paste, 1, ct_str(cases[i][0]), &text);
		cr_expect_str_eq(text.ptr, cases[i][1]);
	}
	ct_buf_fini(&paste);
	ct_buf_fini(&text);
}

Test(repl, words_have_what_they_begin_with_in_common)
{
	struct ct_line_words words = { .list = CT_BUF_INIT(1000), .partial = CT_STR("cl") };

	ct_line_offer(&words, ct_str("claude-a"));
	ct_line_offer(&words, ct_str("other"));
	ct_line_offer(&words, ct_str("claude-b"));
	cr_expect_eq(words.count, 2);
	cr_expect_eq(ct_line_common(&words), strlen("claude-"));
	ct_buf_fini(&words.list);
}

Test(repl, history_is_private_and_bounded)
{
	char folder[] = "/tmp/cartrita-history-XXXXXX", path[64], entry[32];
	struct ct_buf text = CT_BUF_INIT(1 << 20);
	struct stat st;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/in/history", folder);
	for (int i = 0; i < 2 * CT_HISTORY_ENTRIES; i++) {
		snprintf(entry, sizeof(entry), "line %d\n\\", i);
		cr_assert_eq(ct_history_append(path, ct_str(entry), NULL), CT_OK);
	}
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(ct_history_trim(path, NULL), CT_OK);
	cr_assert_eq(ct_file_read(path, &text, NULL), CT_OK);
	cr_expect(ct_str_starts(ct_buf_str(&text), "_HiStOrY_V2_\nline\\0401000\\012\\134\n"));
	cr_expect(ct_str_has(ct_buf_str(&text), "\nline\\0401999\\012\\134\n"));
	unlink(path);
	cr_expect_eq(symlink("/dev/null", path), 0);
	cr_expect_eq(ct_history_append(path, ct_str("x"), NULL), CT_EIO, "a device is none");
	unlink(path);
	path[strlen(path) - strlen("/history")] = '\0';
	rmdir(path);
	rmdir(folder);
	ct_buf_fini(&text);
}

#include <criterion/criterion.h>

#include "chat.h"
#include "leaks.h"

TestSuite(code_block, .fini = check_leaks);

Test(code_block, is_the_first_one_without_its_fences)
{
	static const struct {
		const char *text, *block; /* NULL: there is none */
	} cases[] = {
		{ "```\na\n```", "a\n" },
		{ "Here:\n```c\nint x;\n\nint y;\n```\nand\n```\nb\n```\n",
		  "int x;\n\nint y;\n" },
		{ "```\n```", "" },
		{ "~~~sh\nls\n~~~\n", "ls\n" },
		{ "- a list\n\n  ```\n  a\n  ```\n", "  a\n" },
		/* only a fence as long as the first ends it, of its own kind and with nothing after it */
		{ "````md\n```c\nx\n```\n````\n", "```c\nx\n```\n" },
		{ "```\n~~~\n```\n", "~~~\n" },
		{ "~~~\n```\n~~~\n", "```\n" },
		{ "```\na\n```` \n", "a\n" },
		{ "```sh\n```b\nx\n```\n", "```b\nx\n" },
		/* code within a line begins nothing */
		{ "```a``` is code\n```\nb\n```\n", "b\n" },
		{ "", NULL },
		{ "no code", NULL },
		{ "``\na\n``\n", NULL },
		{ "```\nnever closed\n", NULL },
		{ "```", NULL },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_str block = ct_code_block(ct_str(cases[i].text));
		if (cases[i].block == NULL)
			cr_expect_null(block.ptr, "%s", cases[i].text);
		else
			cr_expect(block.ptr != NULL && ct_str_is(block, cases[i].block),
				  "%s: %.*s", cases[i].text, CT_STR_ARG(block));
	}
}

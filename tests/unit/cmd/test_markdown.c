#include <criterion/criterion.h>

#include "leaks.h"
#include "markdown.h"
#include "markdown_fill.h"
#include "markdown_impl.h"

TestSuite(markdown, .fini = check_leaks);

enum { OUT_BYTES = 16 << 20 };

/* step 0: all at once */
static void render(const struct ct_markdown_style *style, struct ct_str text, size_t step,
		   struct ct_buf *out)
{
	struct ct_markdown *md = ct_markdown_create(style);

	for (size_t at = 0; at < text.len;) {
		size_t left = text.len - at, n = step == 0 || left < step ? left : step;
		/* memory of its own size: the sanitizer sees who reads past a piece */
		char *piece = malloc(n);
		memcpy(piece, text.ptr + at, n);
		ct_markdown_feed(md, (struct ct_str){ piece, n }, out);
		free(piece);
		at += n;
	}
	ct_markdown_finish(md, out);
	ct_markdown_destroy(md);
}

struct sample {
	const char *what, *text, *plain;
};

static const struct sample samples[] = {
	{ "nothing", "", "" },
	{ "a line", "hello", "hello\n" },
	{ "soft break", "one\ntwo", "one two\n" },
	{ "hard break", "one  \ntwo\\\nthree  ", "one\ntwo\nthree\n" },
	{ "two paragraphs", "one\n\n\n\ntwo\n\n", "one\n\ntwo\n" },
	{ "leading blanks", "\n\n  one", "one\n" },
	{ "wrapped", "the quick brown fox jumps over it", "the quick brown fox\njumps over it\n" },
	{ "long word", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrst\nuvwxyz\n" },
	{ "heading", "# One *two* #\ntext", "# One two\ntext\n" },
	{ "no heading", "#hash", "#hash\n" },
	{ "heading after text", "text\n## H", "text\n\n## H\n" },
	{ "emphasis", "a **b** *c* __d__ ~~e~~", "a b c d e\n" },
	{ "emphasis over lines", "a **b\nc** d", "a b c d\n" },
	{ "unclosed", "a **b c", "a **b c\n" },
	{ "operators", "2 * 3 * 4 _ snake_case_name", "2 * 3 * 4 _\nsnake_case_name\n" },
	{ "code span", "use `a *b* c` now", "use `a *b* c` now\n" },
	{ "code span of two", "``a ` b``", "`a ` b`\n" },
	{ "escapes", "\\*a\\* \\# b \\", "*a* # b \\\n" },
	{ "link", "[text](http://x.y/z)", "text (http://x.y/z)\n" },
	{ "link that says itself", "<http://x.y/z>", "http://x.y/z\n" },
	{ "no link", "a[0] [b] (c)", "a[0] [b] (c)\n" },
	{ "image", "![alt](i.png)", "alt (i.png)\n" },
	{ "entities", "&lt;b&gt; &amp;c &copy; &nosuch;", "<b> &c \u00a9 &nosuch;\n" },
	{ "entities that are controls", "&#27;[31m&#x9b;", "&#27;[31m&#x9b;\n" },
	{ "entities that turn the line", "&#x202e;a &#8294;b", "&#x202e;a &#8294;b\n" },
	{ "html", "a <b>c</b> <br> d", "a <b>c</b>\nd\n" },
	{ "bullets", "- a\n* b\n+ c", "\u2022 a\n\u2022 b\n\u2022 c\n" },
	{ "loose list", "- a\n\n- b", "\u2022 a\n\n\u2022 b\n" },
	{ "item wraps under its text", "- the quick brown fox jumps", "\u2022 the quick brown\n  fox jumps\n" },
	{ "nested", "- a\n  - b\n    - c\n- d", "\u2022 a\n  \u25e6 b\n    \u25aa c\n\u2022 d\n" },
	{ "nested by two under a number", "1. a\n  - b\n2. c", "1. a\n   \u2022 b\n2. c\n" },
	{ "numbers count on", "1. a\n1. b\n1. c", "1. a\n2. b\n3. c\n" },
	{ "numbers begin where they say", "7) a\n8) b", "7) a\n8) b\n" },
	{ "numbers go on after code", "1. a\n   ```\n   x\n   ```\n2. b", "1. a\n     x\n2. b\n" },
	{ "a number in text", "it was in\n1984. yes", "it was in 1984. yes\n" },
	{ "tasks", "- [ ] a\n- [x] b\n- [c] d", "\u2610 a\n\u2611 b\n\u2022 [c] d\n" },
	{ "an item of two paragraphs", "- a\n\n  b\n\nc", "\u2022 a\n\n  b\n\nc\n" },
	{ "an empty item", "-\n- b", "\u2022 \n\u2022 b\n" },
	{ "lazy continuation", "- a\nb", "\u2022 a b\n" },
	{ "quote", "> a\n> b\n\nc", "\u2502 a b\n\nc\n" },
	{ "quote of two paragraphs", "> a\n>\n> b", "\u2502 a\n\u2502 \n\u2502 b\n" },
	{ "quote in quote", "> a\n>> b", "\u2502 a\n\u2502 \u2502 b\n" },
	{ "list in quote", "> - a\n> - b", "\u2502 \u2022 a\n\u2502 \u2022 b\n" },
	{ "rules", "a\n\n---\n* * *\nb", "a\n\n\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\n\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\nb\n" },
	{ "code block", "```c\nint a;\n\n  b *c*\n```\nafter", "c\n  int a;\n\n    b *c*\nafter\n" },
	{ "code is never wrapped", "~~~\nthe quick brown fox jumps over it\n~~~", "  the quick brown fox jumps over it\n" },
	{ "code that does not end", "```\nx", "  x\n" },
	{ "code in code", "````\n```\n````", "  ```\n" },
	{ "indented code", "a\n\n    b\n\n      c\nd", "a\n\n  b\n\n    c\nd\n" },
	{ "no code", "```a``` b", "`a` b\n" },
	{ "table", "| a | bb |\n|---|---:|\n| ccc | d |", "a   \u2502 bb\n\u2500\u2500\u2500\u2500\u253c\u2500\u2500\u2500\nccc \u2502  d\n" },
	{ "table after text", "x\n|a|b|\n|-|-|\n|c|d|\ny", "x\na \u2502 b\n\u2500\u2500\u253c\u2500\u2500\nc \u2502 d\ny\n" },
	{ "table that wraps", "|a|b|\n|-|-|\n|one two three|four five six|", "a        \u2502 b\n\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u253c\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\none two  \u2502 four five\nthree    \u2502 six\n" },
	{ "too many columns", "|a|b|c|d|e|f|\n|-|-|-|-|-|-|\n|12345|12345|12345|12345|12345|1|", "a: 12345\nb: 12345\nc: 12345\nd: 12345\ne: 12345\nf: 1\n" },
	{ "no table", "|a|\n|b|\n", "|a|\n|b|\n" },
	{ "wide characters", "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57", "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\n\u6f22\u5b57\n" },
	{ "no line begins with a full stop", "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u3002", "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\n\u5b57\u3002\n" },
	{ "controls", "a\033[31mb\x07 \x9b" "c\r\nd\x01\x02", "a[31mb \ufffdc d\n" },
	{ "not UTF-8", "a\xff\xc3", "a\ufffd\ufffd\n" },
	{ "tabs", "-\ta\n\tb", "\u2022 a b\n" },
};

Test(markdown, lays_out_each_block)
{
	static const struct ct_markdown_style style = { .width = 20 };
	struct ct_buf out = CT_BUF_INIT(OUT_BYTES);

	for (size_t i = 0; i < CT_COUNT(samples); i++) {
		ct_buf_clear(&out);
		render(&style, ct_str(samples[i].text), 0, &out);
		cr_expect_str_eq(out.ptr, samples[i].plain, "%s:\n%s", samples[i].what, out.ptr);
	}
	ct_buf_fini(&out);
}

static void check_pieces(const struct ct_markdown_style *style, const char *what,
			 struct ct_str text)
{
	struct ct_buf whole = CT_BUF_INIT(OUT_BYTES), pieces = CT_BUF_INIT(OUT_BYTES);

	render(style, text, 0, &whole);
	for (size_t step = 1; step <= 64 && step < text.len; step++) {
		ct_buf_clear(&pieces);
		render(style, text, step, &pieces);
		cr_expect_str_eq(pieces.ptr, whole.ptr, "%s in pieces of %zu", what, step);
	}
	ct_buf_fini(&whole);
	ct_buf_fini(&pieces);
}

Test(markdown, is_the_same_however_the_text_is_cut)
{
	struct ct_buf all = CT_BUF_INIT(OUT_BYTES);

	for (size_t i = 0; i < CT_COUNT(samples); i++) {
		struct ct_markdown_style style = { .width = 20, .color = i % 2, .links = i % 2 };
		check_pieces(&style, samples[i].what, ct_str(samples[i].text));
		ct_buf_puts(&all, samples[i].text);
		ct_buf_puts(&all, "\n\n");
	}
	check_pieces(&(struct ct_markdown_style){ 40, true, true }, "all", ct_buf_str(&all));
	ct_buf_fini(&all);
}

static void expect_style(const char *text, const char *bytes)
{
	static const struct ct_markdown_style style = { 40, true, true };
	struct ct_buf out = CT_BUF_INIT(OUT_BYTES);

	render(&style, ct_str(text), 0, &out);
	cr_expect_str_eq(out.ptr, bytes, "%s: %s", text, out.ptr);
	ct_buf_fini(&out);
}

Test(markdown, styles_are_set_for_each_word_and_reset_after_it)
{
	expect_style("**a b**", "\033[1ma\033[0m \033[1mb\033[0m\n");
	expect_style("*a*b", "\033[3ma\033[0mb\n");
	expect_style("`a`", "\033[36ma\033[0m\n");
	expect_style("# T", "\033[1;4mT\033[0m\n");
	expect_style("> q", "\033[2m\u2502 \033[0mq\n");
	expect_style("```sh\nls\n```", "\033[2msh\033[0m\n  \033[36mls\033[0m\n");
}

Test(markdown, links_are_for_the_terminal_to_open)
{
	expect_style("[a](https://x.y)",
		     "\033[4;34m\033]8;id=1;https://x.y\033\\a\033]8;;\033\\\033[0m\n");
	expect_style("[a](javascript:x)",
		     "\033[4;34ma\033[0m (javascript:x)\n");
	expect_style("[a](https://x.y/\u00e9)",
		     "\033[4;34ma\033[0m (https://x.y/\u00e9)\n");
}

Test(markdown, no_line_but_of_code_is_wider_than_the_terminal)
{
	for (int width = 10; width <= 132; width += 7) {
		struct ct_markdown_style style = { width, true, true };
		for (size_t i = 0; i < CT_COUNT(samples); i++) {
			struct ct_buf out = CT_BUF_INIT(OUT_BYTES);
			render(&style, ct_str(samples[i].text), 0, &out);
			char *line = out.len > 0 ? strtok(out.ptr, "\n") : NULL;
			for (; line != NULL; line = strtok(NULL, "\n"))
				cr_expect(strstr(samples[i].what, "code") != NULL ||
						  ct_fill_columns(ct_str(line)) <= width,
					  "%s at %d: %s", samples[i].what, width, line);
			ct_buf_fini(&out);
		}
	}
}

Test(markdown, shows_words_and_code_lines_before_their_block_ends)
{
	static const struct ct_markdown_style style = { .width = 40 };
	struct ct_markdown *md = ct_markdown_create(&style);
	struct ct_buf out = CT_BUF_INIT(OUT_BYTES);

	ct_markdown_feed(md, ct_str("one two thr"), &out);
	cr_expect_str_eq(out.ptr, "one two");
	ct_markdown_feed(md, ct_str("ee **four fi"), &out);
	cr_expect_str_eq(out.ptr, "one two three");
	ct_markdown_feed(md, ct_str("ve** six"), &out);
	cr_expect_str_eq(out.ptr, "one two three four five");
	ct_markdown_feed(md, ct_str("\n- item o"), &out);
	cr_expect_str_eq(out.ptr, "one two three four five six\n\u2022 item");
	ct_markdown_feed(md, ct_str("\n\n```\na\nb"), &out);
	cr_expect_str_eq(out.ptr, "one two three four five six\n\u2022 item o\n\n  a\n");
	ct_markdown_finish(md, &out);
	ct_markdown_destroy(md);
	ct_buf_fini(&out);
}

Test(markdown, takes_a_new_width_and_a_new_text)
{
	static const struct ct_markdown_style style = { .width = 40 };
	struct ct_markdown *md = ct_markdown_create(&style);
	struct ct_buf out = CT_BUF_INIT(OUT_BYTES);

	ct_markdown_feed(md, ct_str("- the quick "), &out);
	ct_markdown_resize(md, 12);
	ct_markdown_feed(md, ct_str("brown fox\n\nand"), &out);
	ct_markdown_finish(md, &out);
	ct_markdown_feed(md, ct_str("1. new"), &out);
	ct_markdown_finish(md, &out);
	cr_expect_str_eq(out.ptr, "\u2022 the quick\n  brown fox\n\nand\n1. new\n");
	ct_markdown_destroy(md);
	ct_buf_fini(&out);
}

/* What would make a careless parser slow, or use all memory. */
Test(markdown, is_not_slowed_by_anything)
{
	static const char *const parts[] = { "[",   "*a ",    "**",  "`",  "> ", "- ", "  ",
					     "|",   "|a",     "a",   "\\", "<a", "1. ", "#",
					     "~~~", "![a](",  "---", "\t", "_a", "&a;",
					     "\n|", "\n\n- ", "| a |\n|---|\n", "\u6f22" };
	static const struct ct_markdown_style style = { 80, true, true };

	for (size_t i = 0; i < CT_COUNT(parts); i++) {
		struct ct_buf text = CT_BUF_INIT(OUT_BYTES), out = CT_BUF_INIT(8 * OUT_BYTES);
		while (text.len < 100000)
			ct_buf_puts(&text, parts[i]);
		render(&style, ct_buf_str(&text), 7, &out);
		cr_expect_eq(out.failed, 0, "%s", parts[i]);
		ct_buf_fini(&text);
		ct_buf_fini(&out);
	}
}

Test(markdown, without_its_library_text_is_plain_and_whole)
{
	static const char text[] = "# One *two*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
	struct ct_markdown_style style = { .width = 40 };
	struct ct_markdown *md = ct_markdown_create(&style);
	struct ct_buf out = CT_BUF_INIT(OUT_BYTES);

	md->reader.parse = NULL;
	ct_markdown_feed(md, ct_str(text), &out);
	ct_markdown_finish(md, &out);
	cr_assert_str_eq(out.ptr, "# One *two*\n\n| a | b |\n|-----|-----|\n| 1 | 2 |\n");
	ct_markdown_destroy(md);
	ct_buf_fini(&out);
}

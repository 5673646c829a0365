#include <sys/fsuid.h>
#include <sys/stat.h>

#include "base/log.h"
#include "scratch.h"
#include "service/attach.h"

#define PNG "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1"

static struct ct_app *app;
static struct ct_buf said = CT_BUF_INIT(1 << 20);

enum { NOBODY = 65534 };

static void listen(void *user, enum ct_log_level level, const char *line)
{
	(void)user;
	ct_buf_printf(&said, "%d %s\n", (int)level, line);
}

static void init(void)
{
	scratch_make();
	cr_assert_eq(chdir(scratch_dir), 0);
	cr_assert_eq(ct_app_create(&(struct ct_app_options){ 0 }, &app, NULL), CT_OK);
	ct_log_set(CT_LOG_INFO, listen, NULL);
}

static void fini(void)
{
	ct_log_set(CT_LOG_ERROR, NULL, NULL);
	ct_buf_fini(&said);
	ct_app_destroy(app);
	cr_assert_eq(chdir("/"), 0);
	scratch_end();
}

TestSuite(attach, .init = init, .fini = fini, .timeout = 100);

static void put(const char *name, const char *bytes, size_t len)
{
	FILE *f = fopen(name, "w");

	cr_assert_not_null(f);
	cr_assert_eq(fwrite(bytes, 1, len, f), len);
	cr_assert_eq(fclose(f), 0);
}

#define PUT(name, bytes) put(name, bytes, sizeof(bytes) - 1)

static void make_folder(const char *name)
{
	cr_assert_eq(mkdir(name, 0700), 0, "%s", name);
}

static void expect_text(const char *what, const char *text)
{
	struct ct_attached a = CT_ATTACHED_INIT;
	struct ct_err err = { 0 };

	cr_assert_eq(ct_attach(app, what, &a, &err), CT_OK, "%s: %s", what, err.msg);
	cr_expect_str_eq(a.text.ptr, text, "%s: %s", what, a.text.ptr);
	cr_expect_eq(a.part_count, 0);
	ct_attached_fini(&a);
}

static void expect_refused(const char *what, const char *words)
{
	struct ct_attached a = CT_ATTACHED_INIT;
	struct ct_err err = { 0 };

	cr_expect_eq(ct_attach(app, what, &a, &err), CT_EINVALID, "%s", what);
	cr_expect_not_null(strstr(err.msg, words), "%s: %s", what, err.msg);
	ct_attached_fini(&a);
}

static bool was_said(const char *words)
{
	return strstr(said.ptr, words) != NULL;
}

Test(attach, quotes_text_under_its_name)
{
	PUT("a.txt", "one\ntwo\n");
	PUT("no-end", "one");
	expect_text("a.txt", "a.txt:\n```\none\ntwo\n```");
	expect_text("no-end", "no-end:\n```\none\n```");
}

Test(attach, makes_a_fence_that_the_text_does_not_hold)
{
	PUT("a.md", "```c\nx\n```\n");
	PUT("b.md", "`````\n");
	expect_text("a.md", "a.md:\n````\n```c\nx\n```\n````");
	expect_text("b.md", "b.md:\n``````\n`````\n``````");
}

Test(attach, keeps_several_apart_and_in_order)
{
	struct ct_attached a = CT_ATTACHED_INIT;

	PUT("b", "2");
	PUT("a", "1");
	cr_assert_eq(ct_attach(app, "b", &a, NULL), CT_OK);
	cr_assert_eq(ct_attach(app, "a", &a, NULL), CT_OK);
	cr_expect_str_eq(a.text.ptr, "b:\n```\n2\n```\n\na:\n```\n1\n```");
	ct_attached_fini(&a);
}

Test(attach, makes_parts_of_what_is_no_text)
{
	static const struct {
		const char *name, *mime;
		enum ct_medium medium;
		struct ct_str bytes;
	} cases[] = {
		{ "a.png", "image/png", CT_MEDIUM_IMAGE, CT_STR(PNG) },
		{ "b.pdf", "application/pdf", CT_MEDIUM_PDF, CT_STR("%PDF-1.4\n") },
		{ "c.mp3", "audio/mpeg", CT_MEDIUM_AUDIO, CT_STR("ID3\4\0\0\0\0") },
	};
	struct ct_attached a = CT_ATTACHED_INIT;

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		put(cases[i].name, cases[i].bytes.ptr, cases[i].bytes.len);
		cr_assert_eq(ct_attach(app, cases[i].name, &a, NULL), CT_OK);
		cr_assert_eq(a.part_count, i + 1);
		cr_expect(ct_str_is(a.parts[i].name, cases[i].name));
		cr_expect(ct_str_is(a.parts[i].mime, cases[i].mime));
		cr_expect_eq(a.parts[i].medium, cases[i].medium);
		cr_expect(ct_str_eq(a.parts[i].bytes, cases[i].bytes));
	}
	cr_expect_eq(a.text.len, 0);
	ct_attached_fini(&a);
}

Test(attach, takes_things_for_what_they_are_and_says_so)
{
	struct ct_attached a = CT_ATTACHED_INIT;

	PUT("photo.png", "<html>not found</html>");
	expect_text("photo.png", "photo.png:\n```\n<html>not found</html>\n```");
	cr_expect(was_said("photo.png is text, whatever its name says"), "%s", said.ptr);
	PUT("notes.txt", PNG);
	cr_expect_eq(ct_attach(app, "notes.txt", &a, NULL), CT_OK);
	cr_expect_eq(a.part_count, 1);
	cr_expect(was_said("notes.txt is a PNG image"), "%s", said.ptr);
	ct_attached_fini(&a);
}

Test(attach, refuses_what_no_model_takes)
{
	PUT("empty", "");
	PUT("broken.png", "\x89PNG\r\n\x1a\n\0\0");
	PUT("a.zip", "PK\3\4\24\0");
	PUT("old.txt", "caf\xe9\n");
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	expect_refused("empty", "it is empty");
	expect_refused("broken.png", "binary data");
	expect_refused("a.zip", "a ZIP archive");
	expect_refused("old.txt", "text that is not UTF-8");
	expect_refused("fifo", "a FIFO");
	expect_refused("/dev/null", "a device");
	expect_refused("/dev/zero", "a device");
	expect_refused("missing", "No such file");
	expect_refused("empty/x", "Not a directory");
	expect_refused("", "without a name");
}

Test(attach, refuses_what_may_not_be_read)
{
	PUT("secret", "x");
	cr_assert_eq(chmod("secret", 0), 0);
	cr_assert_eq(chmod(".", 0755), 0);
	int before = setfsuid(NOBODY); /* root may read everything; who is not root stays who it is */
	expect_refused("secret", "Permission denied");
	setfsuid((uid_t)before);
}

Test(attach, takes_a_folder_in_order_without_what_is_hidden)
{
	make_folder("d");
	make_folder("d/.git");
	make_folder("d/b");
	PUT("d/.git/config", "hidden");
	PUT("d/.env", "KEY=1");
	PUT("d/b/2", "two");
	PUT("d/c", "three");
	PUT("d/a", "one");
	expect_text(
		"d",
		"d/a:\n```\none\n```\n\nd/b/2:\n```\ntwo\n```\n\nd/c:\n```\nthree\n```");
	cr_expect(was_said("2 attached d/a: text, 3 bytes"), "%s", said.ptr);
	cr_expect(!was_said("hidden") && !was_said(".env") && !was_said("left out"), "%s",
		  said.ptr);
}

Test(attach, leaves_out_of_a_folder_what_it_cannot_take_and_says_why)
{
	make_folder("d");
	PUT("d/a", "one");
	PUT("d/bin", "a\0b");
	PUT("d/empty", "");
	cr_assert_eq(mkfifo("d/fifo", 0600), 0);
	cr_assert_eq(symlink("/etc/passwd", "d/link"), 0);
	cr_assert_eq(symlink(".", "d/loop"), 0);
	expect_text("d", "d/a:\n```\none\n```");
	cr_expect(was_said("2 left out d/bin: it is binary data"), "%s", said.ptr);
	cr_expect(was_said("2 left out d/empty: it is empty"), "%s", said.ptr);
	cr_expect(was_said("2 left out d/fifo: it is a FIFO"), "%s", said.ptr);
	cr_expect(was_said("2 left out d/link: it is a symbolic link"), "%s", said.ptr);
	cr_expect(was_said("1 d: 1 files attached, 5 left out"), "%s", said.ptr);
}

Test(attach, refuses_a_folder_with_nothing_in_it)
{
	make_folder("d");
	expect_refused("d", "nothing that a model takes");
	PUT("d/.hidden", "x");
	PUT("d/bin", "a\0b");
	expect_refused("d/", "nothing that a model takes");
}

Test(attach, has_a_limit_on_the_files_of_a_folder)
{
	char name[32];

	make_folder("d");
	for (int i = 0; i < CT_ATTACH_TREE_FILES; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		PUT(name, "x");
	}
	struct ct_attached a = CT_ATTACHED_INIT;
	cr_expect_eq(ct_attach(app, "d", &a, NULL), CT_OK);
	ct_attached_fini(&a);
	PUT("d/more", "x");
	expect_refused("d", "more than 1000 files or 20 MB");
	expect_refused("d/*", "more than 1000 files or 20 MB");
}

Test(attach, has_a_limit_on_the_bytes_of_a_folder)
{
	const size_t len = CT_ATTACH_TREE_BYTES + 1;
	char *text = malloc(len);

	cr_assert_not_null(text);
	memset(text, 'x', len);
	make_folder("d");
	put("d/a", text, len / 2 + 1);
	put("d/b", text, len / 2 + 1);
	expect_refused("d", "more than 1000 files or 20 MB");
	PUT("d/a", "x");
	put("d/b", text, len);
	expect_text("d", "d/a:\n```\nx\n```");
	cr_expect(was_said("left out d/b: it is over 20 MB"), "%s", said.ptr);
	free(text);
}

Test(attach, has_a_limit_on_a_file)
{
	PUT("big", "x");
	cr_assert_eq(truncate("big", CT_ATTACH_FILE_BYTES + 1), 0);
	expect_refused("big", "it is over 50 MB");
}

Test(attach, expands_a_pattern_that_is_no_file)
{
	make_folder("d");
	PUT("d/b.c", "two");
	PUT("d/a.c", "one");
	PUT("d/c.h", "three");
	expect_text("d/*.c", "d/a.c:\n```\none\n```\n\nd/b.c:\n```\ntwo\n```");
	expect_text("d/{c.h,b.c}", "d/c.h:\n```\nthree\n```\n\nd/b.c:\n```\ntwo\n```");
	expect_refused("d/*.py", "no file has such a name");
	PUT("d/*.c", "itself");
	expect_text("d/*.c", "d/*.c:\n```\nitself\n```");
}

Test(attach, keeps_names_on_one_line_of_utf8)
{
	PUT("a\nb\x1b[31m\xff", "x");
	expect_text("a\nb\x1b[31m\xff", "a b[31m\xef\xbf\xbd:\n```\nx\n```");
}

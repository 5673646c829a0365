#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "leaks.h"

static char dir[64];

static void make_dir(void)
{
	strcpy(dir, "/tmp/cartrita-test-XXXXXX");
	cr_assert_not_null(mkdtemp(dir));
}

static const char *in_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int count_files(void)
{
	DIR *d = opendir(dir);
	int count = 0;

	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		count += e->d_name[0] != '.';
	closedir(d);
	return count;
}

static void remove_dir(void)
{
	unlink(in_dir("f"));
	rmdir(in_dir("a/b"));
	rmdir(in_dir("a"));
	rmdir(in_dir("f"));
	rmdir(dir);
	check_leaks();
}

TestSuite(file, .init = make_dir, .fini = remove_dir);

Test(file, what_is_written_is_read)
{
	struct ct_buf out = CT_BUF_INIT(100000);
	struct stat st;
	char bytes[40000];

	memset(bytes, 'x', sizeof(bytes));
	bytes[7] = '\0';
	cr_assert_eq(ct_file_write(in_dir("f"), (struct ct_str){ bytes, sizeof(bytes) },
				   0640, NULL),
		     CT_OK);
	cr_assert_eq(ct_file_read(in_dir("f"), &out, NULL), CT_OK);
	cr_assert(ct_str_eq(ct_buf_str(&out), (struct ct_str){ bytes, sizeof(bytes) }));
	cr_assert_eq(stat(in_dir("f"), &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0640, "whatever the umask");

	cr_assert_eq(ct_file_write(in_dir("f"), ct_str(""), 0600, NULL), CT_OK);
	ct_buf_clear(&out);
	cr_assert_eq(ct_file_read(in_dir("f"), &out, NULL), CT_OK);
	cr_assert_eq(out.len, 0);
	cr_assert_eq(count_files(), 1, "nothing else is left in the folder");
	ct_buf_fini(&out);
}

Test(file, reading_has_a_ceiling)
{
	struct ct_buf out = CT_BUF_INIT(9);
	struct ct_err err = { 0 };

	cr_assert_eq(ct_file_write(in_dir("f"), ct_str("0123456789"), 0600, NULL), CT_OK);
	cr_assert_eq(ct_file_read(in_dir("f"), &out, &err), CT_ETOOBIG);
	cr_assert(ct_str_has(ct_str(err.msg), in_dir("f")), "%s", err.msg);
	ct_buf_fini(&out);
}

Test(file, says_which_file_and_why)
{
	struct ct_buf out = CT_BUF_INIT(9);
	struct ct_err err = { 0 };

	cr_assert_eq(ct_file_read(in_dir("f"), &out, &err), CT_EIO);
	cr_assert(ct_str_has(ct_str(err.msg), "/f: No such file"), "%s", err.msg);
	cr_assert_eq(ct_file_read(dir, &out, &err), CT_EIO, "a folder is no file");
	cr_assert_eq(ct_file_write(in_dir("no/f"), ct_str("x"), 0600, &err), CT_EIO);
	cr_assert(ct_str_has(ct_str(err.msg), "no/f"), "%s", err.msg);
	ct_buf_fini(&out);
}

Test(file, a_failed_write_leaves_nothing_behind)
{
	cr_assert_eq(mkdir(in_dir("f"), 0700), 0);
	cr_assert_eq(ct_file_write(in_dir("f"), ct_str("x"), 0600, NULL), CT_EIO,
		     "a folder is in its place");
	cr_assert_eq(count_files(), 1);
}

Test(file, a_link_and_a_pipe_stay_what_they_are)
{
	struct ct_buf out = CT_BUF_INIT(100);
	struct stat st;
	char text[8];

	cr_assert_eq(ct_file_write(in_dir("f"), ct_str("old"), 0600, NULL), CT_OK);
	cr_assert_eq(symlink("f", in_dir("a")), 0);
	cr_assert_eq(ct_file_may_write(in_dir("a"), NULL), CT_OK);
	cr_assert_eq(ct_file_write(in_dir("a"), ct_str("new"), 0600, NULL), CT_OK);
	cr_assert_eq(lstat(in_dir("a"), &st), 0);
	cr_assert(S_ISLNK(st.st_mode));
	cr_assert_eq(ct_file_read(in_dir("f"), &out, NULL), CT_OK);
	cr_assert_str_eq(out.ptr, "new");
	ct_buf_fini(&out);
	unlink(in_dir("a"));

	cr_assert_eq(mkfifo(in_dir("a"), 0600), 0);
	int fd = open(in_dir("a"), O_RDWR);
	cr_assert_geq(fd, 0);
	cr_assert_eq(ct_file_may_write(in_dir("a"), NULL), CT_OK);
	cr_assert_eq(ct_file_write(in_dir("a"), ct_str("x"), 0600, NULL), CT_OK);
	cr_assert_eq(read(fd, text, sizeof(text)), 1);
	cr_assert_eq(lstat(in_dir("a"), &st), 0);
	cr_assert(S_ISFIFO(st.st_mode));
	close(fd);
	unlink(in_dir("a"));
}

Test(file, knows_before_writing_where_it_could_not)
{
	struct ct_err err = { 0 };

	cr_assert_eq(ct_file_may_write(in_dir("f"), &err), CT_OK, "%s", err.msg);
	cr_assert_eq(ct_file_may_write("name", &err), CT_OK, "%s", err.msg);
	cr_assert_eq(count_files(), 0, "nothing is made");
	cr_assert_eq(ct_file_may_write(in_dir("no/f"), &err), CT_EIO);
	cr_assert(ct_str_has(ct_str(err.msg), "no/f: No such file"), "%s", err.msg);
	cr_assert_eq(ct_file_may_write(in_dir("no/"), &err), CT_EIO);
	cr_assert_eq(ct_file_may_write(dir, &err), CT_EIO);
	cr_assert_eq(ct_file_may_write("", &err), CT_EIO);
}

Test(file, makes_the_folders_above)
{
	struct stat st;

	cr_assert_eq(ct_file_make_parent(in_dir("a/b/c"), NULL), CT_OK);
	cr_assert_eq(ct_file_make_parent(in_dir("a/b/c"), NULL), CT_OK, "again");
	cr_assert_eq(stat(in_dir("a/b"), &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0700);
	cr_assert_neq(stat(in_dir("a/b/c"), &st), 0, "only those above");
	cr_assert_eq(ct_file_make_parent("name", NULL), CT_OK);
	cr_assert_eq(ct_file_make_parent("", NULL), CT_EIO);
	cr_assert_eq(ct_file_write(in_dir("f"), ct_str("x"), 0600, NULL), CT_OK);
	cr_assert_eq(ct_file_make_parent(in_dir("f/x/y"), NULL), CT_EIO,
		     "a file is in the way");
}

Test(file, reads_a_pipe_to_its_end)
{
	struct ct_buf out = CT_BUF_INIT(100);
	struct ct_err err = { 0 };
	int fds[2];

	cr_assert_eq(pipe(fds), 0);
	cr_assert_eq(write(fds[1], "abc", 3), 3);
	close(fds[1]);
	cr_assert_eq(ct_file_read_fd(fds[0], "standard input", &out, &err), CT_OK);
	cr_assert_str_eq(out.ptr, "abc");
	close(fds[0]);
	cr_assert_eq(ct_file_read_fd(fds[0], "standard input", &out, &err), CT_EIO);
	cr_assert(ct_str_has(ct_str(err.msg), "standard input"));
	ct_buf_fini(&out);
}

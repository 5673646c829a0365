#include "base/file.h"
#include "scratch.h"
#include "service/keys.h"

TestSuite(keys, .init = scratch_make, .fini = scratch_end);

static int collect(void *user, struct ct_str name, struct ct_str key)
{
	ct_buf_printf(user, "%.*s=%.*s;", CT_STR_ARG(name), CT_STR_ARG(key));
	return CT_OK;
}

static int read_all(const char *path, struct ct_buf *out, struct ct_err *err)
{
	*out = (struct ct_buf)CT_BUF_INIT(4096);
	return ct_keys_each(path, collect, out, err);
}

static void expect(const char *path, const char *expected)
{
	struct ct_err err = { 0 };
	struct ct_buf got;

	cr_assert_eq(read_all(path, &got, &err), CT_OK, "%s", err.msg);
	cr_assert_str_eq(got.ptr, expected, "%s", got.ptr);
	ct_buf_fini(&got);
}

static int set(const char *path, const char *name, const char *key, struct ct_err *err)
{
	return ct_keys_set(path, ct_str(name), ct_str(key), err);
}

Test(keys, are_kept_changed_and_forgotten)
{
	const char *path = scratch_path("sub/keys");
	struct stat st;

	expect(path, "");
	cr_assert_eq(set(path, "claude", "sk-1", NULL), CT_OK);
	cr_assert_eq(set(path, "groq", "gsk-2", NULL), CT_OK);
	expect(path, "claude=sk-1;groq=gsk-2;");
	cr_assert_eq(set(path, "claude", "sk-3", NULL), CT_OK);
	expect(path, "groq=gsk-2;claude=sk-3;");
	cr_assert_eq(set(path, "groq", NULL, NULL), CT_OK);
	expect(path, "claude=sk-3;");
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
}

Test(keys, leave_comments_alone)
{
	const char *path = scratch_write("keys", "# mine\n\n a\tk1 \r\nb k2", 0600);
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(4096);

	expect(path, "a=k1;b=k2;");
	cr_assert_eq(set(path, "b", NULL, NULL), CT_OK);
	cr_assert_eq(ct_file_read(path, &text, NULL), CT_OK);
	cr_assert_str_eq(text.ptr, "# mine\n\n a\tk1 \r\n");
}

Test(keys, are_refused_where_others_may_read_them)
{
	static const mode_t modes[] = { 0640, 0604, 0644, 0660, 0622, 0610 };

	for (size_t i = 0; i < CT_COUNT(modes); i++) {
		const char *path = scratch_write("keys", "claude sk-1\n", modes[i]);
		struct ct_err err = { 0 };
		struct ct_buf got;
		int rc = read_all(path, &got, &err);
		cr_assert_eq(rc, CT_ECONFIG, "mode %o: %d", (unsigned)modes[i], rc);
		cr_assert_str_empty(got.ptr);
		cr_assert(strstr(err.hint, "chmod 600") != NULL, "%s", err.hint);
		cr_assert_eq(set(path, "groq", "k", NULL), CT_ECONFIG, "nor are they changed");
		cr_assert_eq(remove(path), 0);
		ct_buf_fini(&got);
	}
}

Test(keys, are_refused_when_they_belong_to_another)
{
	const char *path = scratch_write("keys", "claude sk-1\n", 0600);
	struct ct_err err = { 0 };
	struct ct_buf got;

	if (geteuid() != 0 || chown(path, 12345, (gid_t)-1) != 0)
		cr_skip_test("only root can give a file away");
	cr_assert_eq(read_all(path, &got, &err), CT_ECONFIG);
	cr_assert(strstr(err.msg, "belongs to another user") != NULL, "%s", err.msg);
	ct_buf_fini(&got);
}

Test(keys, are_no_folder_and_no_pipe)
{
	struct ct_err err = { 0 };
	struct ct_buf got;

	cr_assert_eq(mkdir(scratch_path("keys"), 0700), 0);
	cr_assert_eq(read_all(scratch_path("keys"), &got, &err), CT_ECONFIG);
	ct_buf_fini(&got);
	cr_assert_eq(mkfifo(scratch_path("pipe"), 0600), 0);
	cr_assert_eq(read_all(scratch_path("pipe"), &got, &err), CT_ECONFIG);
	ct_buf_fini(&got);
}

Test(keys, say_which_line_is_none_and_never_show_it)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "a k1\nsecret-alone\n", "keys:2: not a line \"NAME KEY\"" },
		{ "a two secret-words\n", "keys:1: not a line \"NAME KEY\"" },
		{ "a/b secret\n", "keys:1: not a line \"NAME KEY\"" },
		{ "a secret\x01\n", "keys:1: not a line \"NAME KEY\"" },
		{ "a secr\xc3\xa9t\n", "keys:1: not a line \"NAME KEY\"" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		const char *path = scratch_write("keys", cases[i].text, 0600);
		struct ct_err err = { 0 };
		struct ct_buf got;
		int rc = read_all(path, &got, &err);
		cr_assert_eq(rc, CT_ECONFIG, "case %zu: %d", i, rc);
		cr_assert(strstr(err.msg, cases[i].expected) != NULL, "case %zu: %s", i, err.msg);
		cr_assert(strstr(err.msg, "secr") == NULL, "case %zu: %s", i, err.msg);
		ct_buf_fini(&got);
	}
}

Test(keys, must_be_of_one_printable_piece)
{
	const char *path = scratch_path("keys");
	struct ct_err err = { 0 };

	cr_assert_eq(set(path, "a", "", NULL), CT_EINVALID);
	cr_assert_eq(set(path, "a", "two words", &err), CT_EINVALID);
	cr_assert(strstr(err.msg, "words") == NULL);
	cr_assert_eq(set(path, "a", "a\nb x", NULL), CT_EINVALID);
	cr_assert_eq(set(path, "a\n", "k", NULL), CT_EINVALID);
	cr_assert_eq(set(path, "", "k", NULL), CT_EINVALID);
	cr_assert_eq(set(path, "a", NULL, NULL), CT_ECONFIG, "there is none to remove");
	expect(path, "");
}

Test(keys, stand_beside_the_configuration_file)
{
	static const struct {
		const char *config, *keys;
	} cases[] = {
		{ "/a/b/config.yaml", "/a/b/keys" },
		{ "config.yaml", "keys" },
		{ "/config.yaml", "/keys" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf path = CT_BUF_INIT(64);
		ct_keys_path(ct_str(cases[i].config), &path);
		cr_assert_str_eq(path.ptr, cases[i].keys);
	}
}

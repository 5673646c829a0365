#include "service/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { FILE_BYTES = 256 << 10, KEY_BYTES = 8 << 10, NAME_BYTES = 64 };

static void wipe(struct ct_buf *buf)
{
	explicit_bzero(buf->ptr, buf->cap > 0 ? buf->cap : 0);
	ct_buf_fini(buf);
}

void ct_keys_path(struct ct_str config_path, struct ct_buf *out)
{
	const char *slash = memrchr(config_path.ptr, '/', config_path.len);

	if (slash != NULL)
		ct_buf_append(out, config_path.ptr, (size_t)(slash - config_path.ptr) + 1);
	ct_buf_puts(out, "keys");
}

/* Ours alone, or it is not read: a key that others could read, or have put there, is no secret. */
static int check_owner(int fd, const char *path, struct ct_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return ct_fail(err, CT_ECONFIG, "cannot read %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ct_fail(err, CT_ECONFIG, "%s is no file", path);
	if (st.st_uid != geteuid())
		return ct_fail(err, CT_ECONFIG, "%s belongs to another user", path);
	if ((st.st_mode & 077) == 0)
		return CT_OK;
	ct_fail(err, CT_ECONFIG, "%s: others may use it (its mode is %03o)", path,
		(unsigned)st.st_mode & 0777);
	ct_hint(err, "chmod 600 %s", path);
	return CT_ECONFIG;
}

static int read_keys(const char *path, struct ct_buf *text, struct ct_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe there must not hold us */

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return CT_OK;
	if (fd < 0)
		return ct_fail(err, CT_ECONFIG, "cannot read %s: %s", path, strerror(errno));
	int rc = check_owner(fd, path, err);
	if (rc == CT_OK && ct_file_read_fd(fd, path, text, err) != CT_OK)
		rc = ct_fail(err, CT_ECONFIG, "cannot read %s", path);
	close(fd);
	return rc;
}

static bool is_name(struct ct_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		if (!letter && (c < '0' || c > '9') && (c == '\0' || strchr("._-", c) == NULL))
			return false;
	}
	return s.len > 0 && s.len <= NAME_BYTES;
}

/* A key goes into a header: printable ASCII without blanks. */
static bool is_key(struct ct_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7F)
			return false;
	return s.len > 0 && s.len <= KEY_BYTES;
}

/* The next line of *text, without its end. */
static struct ct_str take_line(struct ct_str *text)
{
	const char *end = memchr(text->ptr, '\n', text->len);
	struct ct_str line = { text->ptr, end != NULL ? (size_t)(end - text->ptr) : text->len };

	*text = ct_str_from(*text, line.len + 1);
	return line;
}

/* "NAME KEY"; *skip for an empty line or a comment. */
static bool split_line(struct ct_str line, struct ct_str *name, struct ct_str *key, bool *skip)
{
	size_t n = 0;

	line = ct_str_trim(line);
	*skip = line.len == 0 || line.ptr[0] == '#';
	while (n < line.len && line.ptr[n] != ' ' && line.ptr[n] != '\t')
		n++;
	*name = (struct ct_str){ line.ptr, n };
	*key = ct_str_trim(ct_str_from(line, n));
	return *skip || (is_name(*name) && is_key(*key));
}

int ct_keys_each(const char *path, ct_keys_fn *fn, void *user, struct ct_err *err)
{
	CT_CLEANUP(wipe) struct ct_buf text = CT_BUF_INIT(FILE_BYTES);
	int number = 0, rc = read_keys(path, &text, err);
	struct ct_str rest = ct_buf_str(&text), name, key;

	while (rc == CT_OK && rest.len > 0) {
		bool skip;
		number++;
		if (!split_line(take_line(&rest), &name, &key, &skip)) /* never shown */
			return ct_fail(err, CT_ECONFIG, "%s:%d: not a line \"NAME KEY\"", path,
				       number);
		if (!skip)
			rc = fn(user, name, key);
	}
	return rc;
}

/* All lines but those of name; *found: there was one. */
static int copy_others(struct ct_str text, struct ct_str name, struct ct_buf *out, bool *found)
{
	struct ct_str other, key;

	*found = false;
	while (text.len > 0) {
		bool skip;
		struct ct_str line = take_line(&text);
		bool fine = split_line(line, &other, &key, &skip);
		if (fine && !skip && ct_str_eq(other, name)) {
			*found = true;
			continue;
		}
		ct_buf_add(out, line);
		ct_buf_puts(out, "\n");
	}
	return out->failed;
}

static int change(const char *path, struct ct_str name, struct ct_str key, struct ct_err *err)
{
	CT_CLEANUP(wipe) struct ct_buf old = CT_BUF_INIT(FILE_BYTES);
	CT_CLEANUP(wipe) struct ct_buf new = CT_BUF_INIT(FILE_BYTES);
	bool found;
	int rc = read_keys(path, &old, err);

	if (rc != CT_OK)
		return rc;
	copy_others(ct_buf_str(&old), name, &new, &found);
	if (key.ptr == NULL && !found)
		return ct_fail(err, CT_ECONFIG, "there is no key of %.*s in %s",
			       CT_STR_ARG(name), path);
	if (key.ptr != NULL) {
		ct_buf_add(&new, name);
		ct_buf_puts(&new, " ");
		ct_buf_add(&new, key);
		ct_buf_puts(&new, "\n");
	}
	rc = ct_buf_check(&new, "the key file", err);
	return rc == CT_OK ? ct_file_write(path, ct_buf_str(&new), 0600, err) : rc;
}

/* Two at a time would each write back what it had read: the folder's lock puts them in a row. */
static int lock_folder(const char *path, struct ct_err *err)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int len = slash == NULL ? 1 : (int)(slash - path) + 1;

	snprintf(dir, sizeof(dir), "%.*s", len, slash == NULL ? "." : path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		ct_fail(err, CT_EIO, "cannot open %s: %s", dir, strerror(errno));
	else
		flock(fd, LOCK_EX); /* where there is no locking the rename is still whole */
	return fd;
}

int ct_keys_set(const char *path, struct ct_str name, struct ct_str key, struct ct_err *err)
{
	if (!is_name(name))
		return ct_fail(err, CT_EINVALID, "'%.*s' is no name of a provider",
			       CT_STR_ARG(name));
	if (key.ptr != NULL && key.len == 0)
		return ct_fail(err, CT_EINVALID, "the key is empty");
	if (key.ptr != NULL && !is_key(key))
		return ct_fail(err, CT_EINVALID,
			       "this is no key: it holds blanks, control or other characters "
			       "that no key has, or is too long");
	int rc = ct_file_make_parent(path, err);
	if (rc != CT_OK)
		return rc;
	int lock = lock_folder(path, err);
	if (lock < 0)
		return CT_EIO;
	rc = change(path, name, key, err);
	close(lock);
	return rc;
}

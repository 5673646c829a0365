#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int ct_file_read_fd(int fd, const char *name, struct ct_buf *out, struct ct_err *err)
{
	char chunk[16384];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ct_fail(err, CT_EIO, "cannot read %s: %s", name, strerror(errno));
		if (n == 0)
			return CT_OK;
		ct_buf_append(out, chunk, (size_t)n);
		int rc = ct_buf_check(out, name, err);
		if (rc != CT_OK)
			return rc;
	}
}

int ct_file_read(const char *path, struct ct_buf *out, struct ct_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ct_fail(err, CT_EIO, "cannot read %s: %s", path, strerror(errno));
	int rc = ct_file_read_fd(fd, path, out, err);
	close(fd);
	return rc;
}

static int write_all(int fd, struct ct_str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes = ct_str_from(bytes, (size_t)n);
	}
	return 0;
}

/* Follow links, so that they stay; *type: of what is there, 0 for nothing. */
static const char *find(const char *path, char real[PATH_MAX], mode_t *type)
{
	struct stat about;

	*type = stat(path, &about) == 0 ? about.st_mode & S_IFMT : 0;
	return *type != 0 && realpath(path, real) != NULL ? real : path;
}

static int no_write(const char *path, int cause, struct ct_err *err)
{
	return ct_fail(err, CT_EIO, "cannot write %s: %s", path, strerror(cause));
}

int ct_file_may_write(const char *path, struct ct_err *err)
{
	char real[PATH_MAX], folder[PATH_MAX];
	mode_t type;
	const char *at = find(path, real, &type), *slash = strrchr(at, '/');
	int len = slash == NULL ? 0 : slash == at ? 1 : (int)(slash - at);

	if (*path == '\0')
		return no_write(path, ENOENT, err);
	if (type == S_IFDIR || (slash != NULL && slash[1] == '\0'))
		return no_write(path, EISDIR, err);
	if (len >= PATH_MAX)
		return no_write(path, ENAMETOOLONG, err);
	snprintf(folder, sizeof(folder), "%.*s", len > 0 ? len : 1, len > 0 ? at : ".");
	bool replaced = type == 0 || type == S_IFREG;
	/* not opened: a reader of a pipe would see its end */
	if (access(replaced ? folder : at, replaced ? W_OK | X_OK : W_OK) != 0)
		return no_write(path, errno, err);
	return CT_OK;
}

static int write_as_it_is(const char *path, struct ct_str bytes, struct ct_err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write_all(fd, bytes) == 0;
	int cause = errno;

	if (fd >= 0 && close(fd) != 0 && ok) {
		ok = false;
		cause = errno;
	}
	return ok ? CT_OK : no_write(path, cause, err);
}

int ct_file_write(const char *path, struct ct_str bytes, mode_t mode, struct ct_err *err)
{
	char temp[PATH_MAX], real[PATH_MAX];
	mode_t type;

	path = find(path, real, &type);
	if (type != 0 && type != S_IFREG)
		return write_as_it_is(path, bytes, err);
	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >= (int)sizeof(temp))
		return ct_fail(err, CT_EIO, "cannot write %s: name too long", path);
	int fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return no_write(path, errno, err);

	bool ok = fchmod(fd, mode) == 0 && write_all(fd, bytes) == 0 && fsync(fd) == 0;
	int cause = errno;
	if (close(fd) != 0 && ok) {
		ok = false;
		cause = errno;
	}
	if (ok && rename(temp, path) == 0)
		return CT_OK;
	if (ok)
		cause = errno;
	unlink(temp);
	return no_write(path, cause, err);
}

int ct_file_make_parent(const char *path, struct ct_err *err)
{
	char dir[PATH_MAX];

	if (path[0] == '\0')
		return ct_fail(err, CT_EIO, "cannot make the folder of a file without a name");
	if (snprintf(dir, sizeof(dir), "%s", path) >= (int)sizeof(dir))
		return ct_fail(err, CT_EIO, "cannot make the folder of %s: name too long", path);
	for (char *slash = strchr(dir + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(dir, 0700) != 0 && errno != EEXIST)
			return ct_fail(err, CT_EIO, "cannot make the folder %s: %s", dir,
				       strerror(errno));
		*slash = '/';
	}
	return CT_OK;
}

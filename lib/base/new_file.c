#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(const char *path, int cause, struct ct_err *err)
{
	return ct_fail(err, CT_EIO, "cannot write %s: %s", path, strerror(cause));
}

int ct_new_file_open(struct ct_new_file *file, const char *path, struct ct_err *err)
{
	struct stat about;
	bool exists = stat(path, &about) == 0;

	file->fd = -1;
	file->direct = exists && !S_ISREG(about.st_mode);
	if (!exists || realpath(path, file->path) == NULL) {
		if (strlen(path) >= sizeof(file->path))
			return cannot(path, ENAMETOOLONG, err);
		snprintf(file->path, sizeof(file->path), "%s", path);
	}
	if (file->direct) {
		file->fd = open(file->path, O_WRONLY | O_CLOEXEC);
		return file->fd >= 0 ? CT_OK : cannot(path, errno, err);
	}
	if (snprintf(file->temp, sizeof(file->temp), "%s.XXXXXX", file->path) >=
	    (int)sizeof(file->temp))
		return cannot(path, ENAMETOOLONG, err);
	file->fd = mkostemp(file->temp, O_CLOEXEC);
	return file->fd >= 0 ? CT_OK : cannot(path, errno, err);
}

int ct_new_file_keep(struct ct_new_file *file, mode_t mode, struct ct_err *err)
{
	bool ok = file->direct || (fchmod(file->fd, mode) == 0 && fsync(file->fd) == 0);
	int cause = errno;

	if (close(file->fd) != 0 && ok) {
		ok = false;
		cause = errno;
	}
	file->fd = -1;
	if (ok && !file->direct && rename(file->temp, file->path) != 0) {
		ok = false;
		cause = errno;
	}
	if (ok)
		return CT_OK;
	if (!file->direct)
		unlink(file->temp);
	return cannot(file->path, cause, err);
}

void ct_new_file_drop(struct ct_new_file *file)
{
	if (file->fd < 0)
		return;
	close(file->fd);
	file->fd = -1;
	if (!file->direct)
		unlink(file->temp);
}

int ct_file_unnamed(int *fd, struct ct_err *err)
{
	const char *dir = getenv("TMPDIR");
	char path[PATH_MAX];

	if (dir == NULL || *dir == '\0')
		dir = "/tmp";
	*fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*fd >= 0)
		return CT_OK;
	/* not every file system can do that */
	if (snprintf(path, sizeof(path), "%s/cartrita.XXXXXX", dir) >= (int)sizeof(path))
		return cannot(dir, ENAMETOOLONG, err);
	*fd = mkostemp(path, O_CLOEXEC);
	if (*fd < 0)
		return cannot(dir, errno, err);
	unlink(path);
	return CT_OK;
}

int ct_fd_write(int fd, struct ct_str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		bytes = ct_str_from(bytes, (size_t)n);
	}
	return 0;
}

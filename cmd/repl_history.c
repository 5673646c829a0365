#include "repl_history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { FILE_BYTES = 64 << 20 };

static const char header[] = "_HiStOrY_V2_\n";

void ct_history_path(struct ct_buf *out)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state != NULL && *state == '/')
		ct_buf_printf(out, "%s/cartrita/history", state);
	else if (home != NULL && *home != '\0')
		ct_buf_printf(out, "%s/.local/state/cartrita/history", home);
}

static void encode(struct ct_str entry, struct ct_buf *out)
{
	for (size_t i = 0; i < entry.len; i++) {
		unsigned char c = (unsigned char)entry.ptr[i];
		if (c <= ' ' || c == 0x7F || c == '\\')
			ct_buf_printf(out, "\\%03o", c);
		else
			ct_buf_append(out, entry.ptr + i, 1);
	}
	ct_buf_puts(out, "\n");
}

/* One write at the end of the file: sessions side by side do not mix their lines. */
static int append(int fd, struct ct_buf *line)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EINVAL;
	if (st.st_mode & 077 && fchmod(fd, 0600) != 0)
		return errno;
	if (st.st_size == 0) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf first = CT_BUF_INIT(FILE_BYTES);
		ct_buf_puts(&first, header);
		ct_buf_add(&first, ct_buf_str(line));
		ssize_t n = write(fd, first.ptr, first.len);
		return n == (ssize_t)first.len ? 0 : n < 0 ? errno : ENOSPC;
	}
	ssize_t n = write(fd, line->ptr, line->len);
	return n == (ssize_t)line->len ? 0 : n < 0 ? errno : ENOSPC;
}

int ct_history_append(const char *path, struct ct_str entry, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(FILE_BYTES);

	if (entry.len > CT_HISTORY_ENTRY_BYTES)
		return CT_OK;
	encode(entry, &line);
	int rc = ct_file_make_parent(path, err);
	if (rc != CT_OK)
		return rc;
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	int error = fd < 0 ? errno : append(fd, &line);
	if (fd >= 0)
		close(fd);
	if (error != 0)
		return ct_fail(err, CT_EIO, "cannot keep the history in %s: %s", path,
			       strerror(error));
	return CT_OK;
}

int ct_history_trim(const char *path, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(FILE_BYTES);
	CT_CLEANUP(ct_buf_fini) struct ct_buf kept = CT_BUF_INIT(FILE_BYTES);
	size_t lines = 0, at;

	if (access(path, F_OK) != 0)
		return CT_OK;
	int rc = ct_file_read(path, &text, err);
	if (rc != CT_OK)
		return rc;
	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	if (lines <= 2 * CT_HISTORY_ENTRIES)
		return CT_OK;
	for (at = 0; lines > CT_HISTORY_ENTRIES; at++)
		lines -= text.ptr[at] == '\n';
	ct_buf_puts(&kept, header);
	ct_buf_append(&kept, text.ptr + at, text.len - at);
	return ct_file_write(path, ct_buf_str(&kept), 0600, err);
}

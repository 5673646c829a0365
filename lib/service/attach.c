#include "service/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "codec/media.h"
#include "codec/utf8.h"
#include "service/attach_impl.h"
#include "service/fetch.h"

enum { HEAD_BYTES = 4096, NAME_BYTES = 16 << 10, FENCE_LEAST = 3 };

void ct_attached_fini(struct ct_attached *a)
{
	ct_buf_fini(&a->text);
	free(a->parts);
	ct_arena_fini(&a->arena);
}

void ct_attach_cancel(struct ct_app *app, struct ct_attached *a)
{
	a->cancelled = true;
	if (app->loop != NULL)
		ct_loop_stop(app->loop);
}

/* A name for people and models: one line of UTF-8. */
static struct ct_str clean_name(struct ct_attached *a, struct ct_str name)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf whole = CT_BUF_INIT(NAME_BYTES);
	CT_CLEANUP(ct_buf_fini) struct ct_buf shown = CT_BUF_INIT(NAME_BYTES);

	ct_utf8_clean(name, &whole);
	ct_utf8_printable(ct_buf_str(&whole), &shown);
	for (size_t i = 0; i < shown.len; i++)
		if (shown.ptr[i] == '\n' || shown.ptr[i] == '\t')
			shown.ptr[i] = ' ';
	return ct_arena_dup(&a->arena, ct_buf_str(&shown));
}

/* The longest run of backticks; a fence must be longer. */
static size_t longest_run(struct ct_str text)
{
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < text.len; i++) {
		run = text.ptr[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void put_fence(struct ct_buf *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		ct_buf_append(out, "`", 1);
}

static int take_text(struct ct_attached *a, struct ct_str name, struct ct_str text,
		     struct ct_err *err)
{
	size_t run = longest_run(text), fence = run < FENCE_LEAST ? FENCE_LEAST : run + 1;

	if (a->text.len > 0)
		ct_buf_puts(&a->text, "\n\n");
	ct_buf_add(&a->text, name);
	ct_buf_puts(&a->text, ":\n");
	put_fence(&a->text, fence);
	ct_buf_puts(&a->text, "\n");
	ct_buf_add(&a->text, text);
	if (text.ptr[text.len - 1] != '\n')
		ct_buf_puts(&a->text, "\n");
	put_fence(&a->text, fence);
	return ct_buf_check(&a->text, "the attached text", err);
}

static int take_part(struct ct_attached *a, const struct ct_part *part,
		     struct ct_err *err)
{
	if (a->part_count == a->part_room) {
		size_t room = a->part_room == 0 ? 8 : 2 * a->part_room;
		struct ct_part *more = realloc(a->parts, room * sizeof(*more));
		if (more == NULL)
			return ct_fail(err, CT_ENOMEM, "no memory for attachments");
		a->parts = more;
		a->part_room = room;
	}
	struct ct_part *kept = &a->parts[a->part_count];
	*kept = *part;
	kept->bytes = ct_arena_dup(&a->arena, part->bytes);
	if (kept->bytes.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for attachments");
	a->part_count++;
	return CT_OK;
}

/* Names that promise something else than is there are worth a word: perhaps it is the wrong file. */
static void notice_name(struct ct_str name, const struct ct_media *media)
{
	enum ct_media_kind promised = ct_media_of_name(name);

	if (promised != CT_MEDIA_OTHER && promised != media->kind)
		ct_log(CT_LOG_WARN, "%.*s is %s, whatever its name says: taken as that",
		       CT_STR_ARG(name), media->what);
}

/* The bytes of one thing; err says only why not. */
static int take(struct ct_attached *a, struct ct_str raw_name, struct ct_str bytes,
		struct ct_err *err)
{
	static const enum ct_medium mediums[] = { [CT_MEDIA_IMAGE] = CT_MEDIUM_IMAGE,
						  [CT_MEDIA_PDF] = CT_MEDIUM_PDF,
						  [CT_MEDIA_AUDIO] = CT_MEDIUM_AUDIO };
	struct ct_media media = ct_media_sniff(bytes);
	struct ct_str name = clean_name(a, raw_name);
	int rc;

	if (name.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for attachments");
	if (bytes.len == 0)
		return ct_fail(err, CT_EINVALID, "it is empty");
	if (media.kind == CT_MEDIA_OTHER)
		return ct_fail(err, CT_EINVALID,
			       "it is %s, not text, an image, a PDF or audio",
			       media.what);
	if (bytes.len > CT_ATTACH_BYTES - a->bytes)
		return ct_fail(err, CT_EINVALID,
			       "all attachments together are over %d MB",
			       CT_ATTACH_BYTES >> 20);
	notice_name(name, &media);
	if (media.kind == CT_MEDIA_TEXT)
		rc = take_text(a, name, bytes, err);
	else
		rc = take_part(a,
			       &(struct ct_part){ mediums[media.kind], ct_str(media.mime),
						  name, bytes },
			       err);
	if (rc != CT_OK)
		return rc;
	a->bytes += bytes.len;
	ct_log(CT_LOG_INFO, "attached %.*s: %s, %zu bytes", CT_STR_ARG(name), media.what,
	       bytes.len);
	return CT_OK;
}

static const char *mode_name(mode_t mode)
{
	return S_ISFIFO(mode)			? "a FIFO"
	       : S_ISCHR(mode) || S_ISBLK(mode) ? "a device"
	       : S_ISSOCK(mode)			? "a socket"
	       : S_ISDIR(mode)			? "a folder"
						: "no file";
}

static int fail_errno(struct ct_err *err)
{
	return ct_fail(err, CT_EINVALID, "%s", strerror(errno));
}

/* Looked at again once it is open: a name may stand for something else by then. */
static int open_file(const char *path, struct stat *st, int *fd, struct ct_err *err)
{
	if (stat(path, st) != 0)
		return fail_errno(err);
	if (!S_ISREG(st->st_mode)) /* opening a FIFO or a device may do things */
		return ct_fail(err, CT_EINVALID, "it is %s", mode_name(st->st_mode));
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return fail_errno(err);
	if (fstat(*fd, st) != 0 || !S_ISREG(st->st_mode)) {
		close(*fd);
		return ct_fail(err, CT_EINVALID, "it is %s", mode_name(st->st_mode));
	}
	return CT_OK;
}

/* Read to the end; of a folder's files only those whose beginning leaves hope. */
static int read_file(int fd, bool one_of_many, struct ct_buf *out, struct ct_err *err)
{
	char head[HEAD_BYTES];
	ssize_t n = one_of_many ? pread(fd, head, sizeof(head), 0) : 0;

	if (n > 0 && ct_media_is_hopeless((struct ct_str){ head, (size_t)n }))
		return ct_fail(err, CT_EINVALID, "it is %s",
			       ct_media_sniff((struct ct_str){ head, (size_t)n }).what);
	int rc = ct_file_read_fd(fd, "it", out, err);
	if (rc == CT_ETOOBIG)
		return ct_fail(err, CT_EINVALID, "it is over %zu MB", out->max >> 20);
	return rc == CT_EIO ? ct_fail(err, CT_EINVALID, "%s", err->msg) : rc;
}

static int read_and_take(const char *path, struct ct_attach_tree *tree,
			 struct ct_attached *a, struct ct_err *err)
{
	size_t most = tree != NULL ? CT_ATTACH_TREE_BYTES : CT_ATTACH_FILE_BYTES;
	CT_CLEANUP(ct_buf_fini) struct ct_buf bytes = CT_BUF_INIT(most);
	struct stat st;
	int fd = -1, rc = open_file(path, &st, &fd, err);

	if (rc != CT_OK)
		return rc;
	if (st.st_size > (off_t)most)
		rc = ct_fail(err, CT_EINVALID, "it is over %zu MB", most >> 20);
	else
		rc = read_file(fd, tree != NULL, &bytes, err);
	close(fd);
	if (rc != CT_OK)
		return rc;
	rc = take(a, ct_str(path), ct_buf_str(&bytes), err);
	if (rc == CT_OK && tree != NULL) {
		tree->files++;
		tree->bytes += bytes.len;
	}
	return rc;
}

int ct_attach_file(const char *path, struct ct_attach_tree *tree, struct ct_attached *a,
		   struct ct_err *err)
{
	struct ct_err why = { 0 };
	int rc = read_and_take(path, tree, a, &why);

	if (rc == CT_OK)
		return rc;
	if (tree != NULL)
		return ct_fail(err, rc, "%s", why.msg);
	return ct_fail(err, rc, "cannot attach %.300s: %s", path, why.msg);
}

static int attach_stdin(struct ct_attached *a, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf bytes = CT_BUF_INIT(CT_ATTACH_FILE_BYTES);
	struct ct_err why = { 0 };
	int rc = read_file(STDIN_FILENO, false, &bytes, &why);

	if (rc == CT_OK)
		rc = take(a, ct_str("standard input"), ct_buf_str(&bytes), &why);
	return rc == CT_OK
		       ? rc
		       : ct_fail(err, rc, "cannot attach standard input: %s", why.msg);
}

static int attach_url(struct ct_app *app, const char *url, struct ct_attached *a,
		      struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf bytes = CT_BUF_INIT(CT_ATTACH_URL_BYTES);
	struct ct_str name = ct_fetch_shown(ct_str(url));
	struct ct_err why = { 0 };
	int rc = ct_fetch(app, ct_str(url), &a->cancelled, &bytes, err);

	if (rc != CT_OK)
		return rc;
	rc = take(a, name, ct_buf_str(&bytes), &why);
	return rc == CT_OK ? rc
			   : ct_fail(err, rc, "cannot attach %.*s: %s",
				     (int)(name.len < 200 ? name.len : 200), name.ptr,
				     why.msg);
}

int ct_attach(struct ct_app *app, const char *what, struct ct_attached *a,
	      struct ct_err *err)
{
	struct stat st;

	if (*what == '\0')
		return ct_fail(err, CT_EINVALID, "cannot attach a file without a name");
	if (strcmp(what, "-") == 0)
		return attach_stdin(a, err);
	if (ct_fetch_is_url(what))
		return attach_url(app, what, a, err);
	if (stat(what, &st) == 0 && S_ISDIR(st.st_mode))
		return ct_attach_folder(what, a, err);
	/* a file of that very name comes before a pattern */
	if (access(what, F_OK) != 0 && errno == ENOENT && strpbrk(what, "*?[{") != NULL)
		return ct_attach_pattern(what, a, err);
	return ct_attach_file(what, NULL, a, err);
}

/* Folders and patterns: many files at once, under a limit, in an order that does not change. */
#include <errno.h>
#include <fts.h>
#include <glob.h>
#include <sys/stat.h>

#include "base/log.h"
#include "service/attach_impl.h"

enum { VISITED_MAX = 100000 };

static void skip(struct ct_attach_tree *tree, const char *path, const char *why)
{
	tree->skipped++;
	ct_log(CT_LOG_INFO, "left out %s: %s", path, why);
}

static int check_limits(const struct ct_attach_tree *tree, const char *what,
			struct ct_err *err)
{
	if (tree->files <= CT_ATTACH_TREE_FILES && tree->bytes <= CT_ATTACH_TREE_BYTES)
		return CT_OK;
	ct_fail(err, CT_EINVALID,
		"cannot attach %.300s: it holds more than %d files or %d MB", what,
		CT_ATTACH_TREE_FILES, CT_ATTACH_TREE_BYTES >> 20);
	ct_hint(err, "Name a part of it, or a pattern such as 'src/*.c'");
	return CT_EINVALID;
}

/* What cannot be taken is left out; what is our side's fault ends it. */
static int take(const char *path, const char *what, struct ct_attach_tree *tree,
		struct ct_attached *a, struct ct_err *err)
{
	struct ct_err why = { 0 };
	int rc = ct_attach_file(path, tree, a, &why);

	if (rc == CT_EINVALID) {
		skip(tree, path, why.msg);
		return CT_OK;
	}
	if (rc != CT_OK)
		return ct_fail(err, rc, "cannot attach %.300s: %s", path, why.msg);
	return check_limits(tree, what, err);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int visit(FTS *fts, FTSENT *entry, const char *what, struct ct_attach_tree *tree,
		 struct ct_attached *a, struct ct_err *err)
{
	/* hidden ones are nobody's to send: keys, histories, .git */
	if (entry->fts_level > 0 && entry->fts_name[0] == '.') {
		fts_set(fts, entry, FTS_SKIP);
		return CT_OK;
	}
	switch (entry->fts_info) {
	case FTS_F:
	case FTS_DEFAULT: /* a FIFO or the like, which is refused in the words for a single one */
		return take(entry->fts_path, what, tree, a, err);
	case FTS_SL:
	case FTS_SLNONE:
		skip(tree, entry->fts_path, "it is a symbolic link");
		return CT_OK;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		skip(tree, entry->fts_path, strerror(entry->fts_errno));
		return CT_OK;
	default: /* folders themselves */
		return CT_OK;
	}
}

static int walk(const char *path, const char *what, struct ct_attach_tree *tree,
		struct ct_attached *a, struct ct_err *err)
{
	char *const roots[] = { (char *)(uintptr_t)path, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	size_t visited = 0;
	FTSENT *entry;
	int rc = CT_OK;

	if (fts == NULL)
		return ct_fail(err, CT_ENOMEM, "cannot attach %.300s: %s", path,
			       strerror(errno));
	while (rc == CT_OK && (entry = fts_read(fts)) != NULL) {
		if (++visited > VISITED_MAX)
			rc = ct_fail(err, CT_EINVALID,
				     "cannot attach %.300s: it holds more than %d files",
				     what, VISITED_MAX);
		else
			rc = visit(fts, entry, what, tree, a, err);
	}
	fts_close(fts);
	return rc;
}

/* The end of it: something must have been there; what was left out is said. */
static int conclude(const char *what, const struct ct_attach_tree *tree,
		    struct ct_err *err)
{
	if (tree->files == 0) {
		ct_fail(err, CT_EINVALID,
			"cannot attach %.300s: it holds nothing that a model takes",
			what);
		if (tree->skipped > 0)
			ct_hint(err, "-v says why %zu files were left out",
				tree->skipped);
		return CT_EINVALID;
	}
	if (tree->skipped > 0)
		ct_log(CT_LOG_WARN,
		       "%s: %zu files attached, %zu left out (-v lists them)", what,
		       tree->files, tree->skipped);
	return CT_OK;
}

int ct_attach_folder(const char *path, struct ct_attached *a, struct ct_err *err)
{
	struct ct_attach_tree tree = { 0 };
	int rc = walk(path, path, &tree, a, err);

	return rc == CT_OK ? conclude(path, &tree, err) : rc;
}

static int take_match(const char *path, const char *pattern, struct ct_attach_tree *tree,
		      struct ct_attached *a, struct ct_err *err)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return walk(path, pattern, tree, a, err);
	return take(path, pattern, tree, a, err);
}

int ct_attach_pattern(const char *pattern, struct ct_attached *a, struct ct_err *err)
{
	struct ct_attach_tree tree = { 0 };
	glob_t found = { 0 };
	int rc = CT_OK, code = glob(pattern, GLOB_BRACE | GLOB_TILDE, NULL, &found);

	if (code == GLOB_NOSPACE)
		rc = ct_fail(err, CT_ENOMEM, "no memory for attachments");
	else if (code != 0)
		rc = ct_fail(err, CT_EINVALID,
			     "cannot attach %.300s: no file has such a name", pattern);
	for (size_t i = 0; rc == CT_OK && i < found.gl_pathc; i++)
		rc = take_match(found.gl_pathv[i], pattern, &tree, a, err);
	globfree(&found);
	return rc == CT_OK ? conclude(pattern, &tree, err) : rc;
}

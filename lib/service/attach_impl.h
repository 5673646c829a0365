/* What the files of attachments share: attach.c (one thing), attach_tree.c (many). */
#ifndef CT_SERVICE_ATTACH_IMPL_H
#define CT_SERVICE_ATTACH_IMPL_H

#include "service/attach.h"

/* Folders and patterns: what was taken, and left out. */
struct ct_attach_tree {
	size_t files, bytes, skipped;
};

/*
 * One regular file. tree: what it is one of; then CT_EINVALID for what cannot be taken is an
 * ordinary thing, and err says only why. NULL: it was named, and err is a whole message.
 */
int ct_attach_file(const char *path, struct ct_attach_tree *tree,
		   struct ct_attached *attached, struct ct_err *err);

/* A whole folder, or what a pattern matches. */
int ct_attach_folder(const char *path, struct ct_attached *attached, struct ct_err *err);
int ct_attach_pattern(const char *pattern, struct ct_attached *attached,
		      struct ct_err *err);

#endif

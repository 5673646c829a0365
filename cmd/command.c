#include <stdio.h>

#include "cmd.h"

enum { NEAR = 2 }; /* edits that still make a near miss */

const struct ct_cmd *ct_cmd_find(const struct ct_cmd *const *list, struct ct_str name)
{
	for (; list != NULL && *list != NULL; list++)
		if (ct_str_is(name, (*list)->name))
			return *list;
	return NULL;
}

const struct ct_cmd *const *ct_cmd_below(const struct ct_cmd_path *path)
{
	return path->depth == 0 ? ct_commands : path->cmd[path->depth - 1]->subs;
}

const struct ct_opt *ct_cmd_options(const struct ct_cmd_path *path)
{
	return path->depth == 0 ? NULL : path->cmd[path->depth - 1]->options;
}

char *ct_cmd_name(const struct ct_cmd_path *path, char *buf, size_t size)
{
	size_t len = (size_t)snprintf(buf, size, "cartrita");

	for (size_t i = 0; i < path->depth && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, " %s", path->cmd[i]->name);
	return buf;
}

static const char *nearest(const struct ct_cmd *const *list, const char *name)
{
	const char *best = NULL;
	unsigned least = NEAR + 1;

	for (; list != NULL && *list != NULL; list++) {
		unsigned d = ct_str_distance(ct_str(name), ct_str((*list)->name));
		if ((*list)->summary != NULL && d < least && d < strlen((*list)->name)) {
			least = d;
			best = (*list)->name;
		}
	}
	return best;
}

int ct_cmd_unknown(const struct ct_cmd_path *path, const char *name, struct ct_err *err)
{
	const char *near = nearest(ct_cmd_below(path), name);
	char name_of[128], parent[128];
	const char *above = ct_cmd_name(path, name_of, sizeof(name_of)) + strlen("cartrita");

	snprintf(parent, sizeof(parent), "%s%s", *above ? above + 1 : "", *above ? " " : "");
	if (near == NULL)
		return ct_fail(err, CT_EUSAGE, "unknown command '%s%.60s'", parent, name);
	return ct_fail(err, CT_EUSAGE, "unknown command '%s%.60s': did you mean '%s%s'?", parent,
		       name, parent, near);
}

/* Out of the list with the word at index; what stood before it moves up. */
static void drop_word(int *argc, char ***argv, int index)
{
	memmove(*argv + 1, *argv, (size_t)index * sizeof(**argv));
	(*argv)++;
	(*argc)--;
}

int ct_cmd_resolve(struct ct_cmd_path *path, int *argc, char ***argv, struct ct_err *err)
{
	int at = 0;

	while (ct_cmd_below(path) != NULL && path->depth < CT_CMD_DEPTH) {
		/* a command that also runs by itself reports its own bad options */
		bool runs = path->depth > 0 && path->cmd[path->depth - 1]->run != NULL;
		int rc = ct_args_skip(ct_cmd_options(path), ct_global_options, *argc, *argv, &at,
				      runs ? NULL : err);

		if (rc != CT_OK)
			return runs ? CT_OK : rc;
		if (at >= *argc || strcmp((*argv)[at], "--") == 0)
			return CT_OK;
		const struct ct_cmd *found =
			ct_cmd_find(ct_cmd_below(path), ct_str((*argv)[at]));
		if (found == NULL)
			return runs ? CT_OK : ct_cmd_unknown(path, (*argv)[at], err);
		path->cmd[path->depth++] = found;
		drop_word(argc, argv, at);
	}
	return CT_OK;
}

int ct_cmd_fail(const struct ct_err *err)
{
	return ct_exit_status(err->code);
}

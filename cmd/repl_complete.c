/* What Tab offers: commands, and what they take. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "repl.h"
#include "service/diagnostics.h"

enum { PATH_BYTES = 4096, CONVERSATIONS = 50, SHOWN_ID = 12 };

static void offer_commands(struct ct_line_words *words, const char *slash)
{
	char word[64];

	for (const struct ct_repl_command *c = ct_repl_commands; c->name != NULL; c++) {
		snprintf(word, sizeof(word), "%s%s", slash, c->name);
		ct_line_offer(words, ct_str(word));
	}
}

static void offer_models(struct ct_repl *r, struct ct_line_words *words)
{
	struct ct_app *app = r->cli->app;

	if (ct_app_open_catalog(app, NULL) != CT_OK)
		return;
	for (size_t i = 0; i < app->config->alias_count; i++)
		ct_line_offer(words, app->config->aliases[i][0]);
	for (size_t i = 0; i < ct_catalog_count(app->catalog); i++) {
		const struct ct_model *model = ct_catalog_at(app->catalog, i);
		if (!ct_str_is(model->status, "retired"))
			ct_line_offer(words, model->id);
	}
}

static int offer_provider(void *user, const struct ct_provider_row *row)
{
	ct_line_offer(user, row->name);
	return CT_OK;
}

static int offer_conversation(void *user, const struct ct_conversation_row *row)
{
	ct_line_offer(user,
		      ct_str_from(row->id, row->id.len > SHOWN_ID ? row->id.len - SHOWN_ID : 0));
	return CT_OK;
}

static void offer_settings(struct ct_str args, struct ct_line_words *words)
{
	const char *blank = args.len > 0 ? memchr(args.ptr, ' ', args.len) : NULL;
	const char *name, *choices;

	if (blank != NULL)
		words->partial = ct_str_from(args, (size_t)(blank - args.ptr) + 1);
	for (size_t i = 0; (name = ct_repl_setting(i, &choices)) != NULL; i++) {
		if (blank == NULL)
			ct_line_offer(words, ct_str(name));
		else if (ct_str_is((struct ct_str){ args.ptr, (size_t)(blank - args.ptr) }, name))
			for (const char *at = choices; at != NULL && *at != '\0';) {
				size_t len = strcspn(at, "|");
				ct_line_offer(words, (struct ct_str){ at, len });
				at += len + (at[len] == '|');
			}
	}
	if (blank != NULL)
		ct_line_offer(words, ct_str("default"));
}

/* folder: as it is opened; shown: as it was typed. */
static void offer_folder(const char *folder, struct ct_str shown, struct ct_line_words *words)
{
	DIR *dir = opendir(folder);
	bool hidden = words->partial.len > shown.len && words->partial.ptr[shown.len] == '.';

	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
		char path[2 * PATH_BYTES];
		struct stat st;
		bool dots = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
		if (dots || (e->d_name[0] == '.' && !hidden))
			continue;
		bool is_dir = fstatat(dirfd(dir), e->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
		snprintf(path, sizeof(path), "%.*s%s%s", CT_STR_ARG(shown), e->d_name,
			 is_dir ? "/" : "");
		ct_line_offer(words, ct_str(path));
	}
	if (dir != NULL)
		closedir(dir);
}

static void offer_files(struct ct_line_words *words)
{
	struct ct_str typed = words->partial;
	const char *slash = typed.len > 0 ? memrchr(typed.ptr, '/', typed.len) : NULL;
	struct ct_str shown = { typed.ptr, slash ? (size_t)(slash - typed.ptr) + 1 : 0 };
	const char *home = getenv("HOME");
	char folder[PATH_BYTES];

	if (ct_str_starts(shown, "~/") && home != NULL)
		snprintf(folder, sizeof(folder), "%s%.*s", home, CT_STR_ARG(ct_str_from(shown, 1)));
	else
		snprintf(folder, sizeof(folder), "%.*s", CT_STR_ARG(shown.len ? shown : ct_str("./")));
	offer_folder(folder, shown, words);
}

static void offer_for(struct ct_repl *r, const char *what, struct ct_str args,
		      struct ct_line_words *words)
{
	struct ct_conversation_filter filter = { .limit = CONVERSATIONS };

	if (strcmp(what, "command") == 0)
		offer_commands(words, "");
	else if (strcmp(what, "model") == 0)
		offer_models(r, words);
	else if (strcmp(what, "provider") == 0)
		ct_diag_providers(r->cli->app, offer_provider, words, NULL);
	else if (strcmp(what, "file") == 0)
		offer_files(words);
	else if (strcmp(what, "setting") == 0)
		offer_settings(args, words);
	else if (strcmp(what, "conversation") == 0)
		ct_conversations_list(r->cli->app, &filter, offer_conversation, words, NULL);
}

void ct_repl_complete(void *user, struct ct_str before, struct ct_line_words *words)
{
	const char *blank = before.len > 0 ? memchr(before.ptr, ' ', before.len) : NULL;
	size_t name = blank ? (size_t)(blank - before.ptr) : before.len;

	if (before.len == 0 || before.ptr[0] != '/')
		return;
	words->partial = before;
	if (blank == NULL) {
		offer_commands(words, "/");
		return;
	}
	const struct ct_repl_command *c =
		ct_repl_command_find((struct ct_str){ before.ptr + 1, name - 1 });
	while (name < before.len && before.ptr[name] == ' ')
		name++;
	words->partial = ct_str_from(before, name);
	if (c != NULL && c->words != NULL)
		offer_for(user, c->words, words->partial, words);
}

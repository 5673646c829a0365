/*
 * The models: share/models.json, compiled in; `models.json` beside the configuration file
 * overrides it, entry by entry and member by member.
 */
#ifndef CT_SERVICE_CATALOG_H
#define CT_SERVICE_CATALOG_H

#include "base/arena.h"
#include "base/err.h"
#include "model/model.h"
#include "model/request.h"

struct ct_catalog;

/*
 * user_path: the user's file, NULL or missing: none. now_wall_ms: prices that step on a date
 * (and ids that end on one) are those of that day. CT_ECONFIG with "FILE:LINE: what".
 */
int ct_catalog_load(const char *user_path, int64_t now_wall_ms, struct ct_catalog **out,
		    struct ct_err *err);
void ct_catalog_destroy(struct ct_catalog *catalog);

/*
 * What is compiled in is read when it is asked for, and kept: these take the catalogue as one that
 * changes, and what they answer with stays where it is until the catalogue goes.
 */

/* The model of that id for a provider kind (claude, gemini, openai, …); NULL: not known. A dated or
 * -latest form of a known id ("models/" stripped for gemini) is that id where nothing else fits. */
const struct ct_model *ct_catalog_find(struct ct_catalog *catalog, struct ct_str provider,
				       struct ct_str id);

/* The default model of a provider kind; {NULL, 0}: none. */
struct ct_str ct_catalog_default(const struct ct_catalog *catalog, struct ct_str provider);
/* The same for a task, where it is not chat under "PROVIDER/TASK". */
struct ct_str ct_catalog_default_for(const struct ct_catalog *catalog, struct ct_str provider,
				     enum ct_task task);

/* Is this id retired there (requests with it fail today)? Fills replacement and since (YYYY-MM-DD). */
bool ct_catalog_retired(struct ct_catalog *catalog, struct ct_str provider, struct ct_str id,
			struct ct_str *replacement, struct ct_str *since);

/*
 * Which provider an id belongs to, from the catalogue (retired ids too) or its form (claude-*,
 * gemini-*, gpt-*, o1…, chatgpt-*); {NULL, 0}: cannot be told.
 */
struct ct_str ct_catalog_provider_of(const struct ct_catalog *catalog, struct ct_str id);

/* The known id nearest to one that is none; {NULL, 0} where nothing is near. */
struct ct_str ct_catalog_nearest(struct ct_catalog *catalog, struct ct_str provider,
				 struct ct_str id);

/* All models in order of provider and id; retired ones (status "retired") last when asked for. */
size_t ct_catalog_count(struct ct_catalog *catalog);
const struct ct_model *ct_catalog_at(struct ct_catalog *catalog, size_t index);

#endif

#include "service/catalog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "service/catalog_impl.h"

extern const char ct_models_json[]; /* share/models.json */

/* Where an id may belong to several, these are meant first. */
static const char *const preferred[] = { "claude", "gemini", "openai", "huggingface" };

bool ct_catalog_reached(const struct ct_catalog *catalog, struct ct_str date)
{
	return date.len > 0 && date.len <= 10 &&
	       memcmp(date.ptr, catalog->today, date.len) <= 0;
}

struct ct_catalog_slot *ct_catalog_slot(const struct ct_catalog *catalog,
					struct ct_str provider, struct ct_str id)
{
	for (size_t i = 0; i < catalog->count; i++) {
		struct ct_catalog_slot *slot = &catalog->slots[i];
		if (ct_str_eq(slot->id, id) && ct_str_eq(slot->provider, provider))
			return slot;
	}
	return NULL;
}

struct ct_catalog_slot *ct_catalog_add(struct ct_catalog *catalog, struct ct_str provider,
				       struct ct_str id)
{
	if (catalog->count == catalog->room) {
		size_t room = catalog->room > 0 ? 2 * catalog->room : 256;
		struct ct_catalog_slot *more = realloc(catalog->slots, room * sizeof(*more));
		if (more == NULL)
			return NULL;
		catalog->slots = more;
		catalog->room = room;
	}
	struct ct_catalog_slot *slot = &catalog->slots[catalog->count++];
	*slot = (struct ct_catalog_slot){ .provider = provider, .id = id };
	return slot;
}

struct ct_catalog_entry *ct_catalog_begin(struct ct_catalog_slot *slot)
{
	slot->entry = calloc(1, sizeof(*slot->entry));
	if (slot->entry == NULL)
		return NULL;
	slot->entry->model.id = slot->id;
	slot->entry->model.provider = slot->provider;
	slot->entry->model.pricing = ct_pricing_unknown();
	slot->entry->model.status = (struct ct_str)CT_STR("active");
	return slot->entry;
}

static bool is_retired(const struct ct_model *model)
{
	return ct_str_is(model->status, "retired");
}

static struct ct_catalog_entry *entry_of(struct ct_catalog *catalog,
					 struct ct_catalog_slot *slot);

/* Requests for it are served, and billed, as its replacement. */
static void reroute(struct ct_catalog *catalog, struct ct_catalog_entry *entry)
{
	struct ct_catalog_slot *slot =
		ct_catalog_slot(catalog, entry->model.provider, entry->model.replacement);
	const struct ct_catalog_entry *other = slot != NULL ? entry_of(catalog, slot) : NULL;
	struct ct_model was = entry->model;

	if (other == NULL || other == entry)
		return;
	entry->model = other->model;
	entry->model.id = was.id;
	entry->model.released = was.released;
	entry->model.status = (struct ct_str)CT_STR("deprecated");
	entry->model.shutdown = (struct ct_str){ "", 0 };
	entry->model.replacement = was.replacement;
}

/* What the calendar makes of an entry. */
static void apply_dates(struct ct_catalog *catalog, struct ct_catalog_entry *entry)
{
	struct ct_str rerouted = entry->rerouted;

	if (ct_catalog_reached(catalog, rerouted)) {
		entry->rerouted = (struct ct_str){ "", 0 }; /* first: two may name each other */
		reroute(catalog, entry);
	} else if (!entry->fixed && ct_catalog_reached(catalog, entry->model.shutdown)) {
		entry->model.status = (struct ct_str)CT_STR("retired");
	}
}

/* NULL: no memory. What is compiled in reads well; a test sees to it. */
static struct ct_catalog_entry *entry_of(struct ct_catalog *catalog,
					 struct ct_catalog_slot *slot)
{
	if (slot->entry != NULL)
		return slot->entry;
	if (ct_catalog_read_line(catalog, slot, NULL) != CT_OK) {
		free(slot->entry);
		slot->entry = NULL;
		return NULL;
	}
	apply_dates(catalog, slot->entry);
	return slot->entry;
}

static int compare(struct ct_str a, struct ct_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_order(const void *left, const void *right)
{
	const struct ct_model *a = &((const struct ct_catalog_slot *)left)->entry->model;
	const struct ct_model *b = &((const struct ct_catalog_slot *)right)->entry->model;

	if (is_retired(a) != is_retired(b))
		return is_retired(a) - is_retired(b);
	int order = compare(a->provider, b->provider);
	return order != 0 ? order : compare(a->id, b->id);
}

/* Read what is not read yet. One for which there is no memory is not known. */
static void read_all(struct ct_catalog *catalog)
{
	size_t kept = 0;

	for (size_t i = 0; i < catalog->count; i++)
		entry_of(catalog, &catalog->slots[i]);
	for (size_t i = 0; i < catalog->count; i++)
		if (catalog->slots[i].entry != NULL)
			catalog->slots[kept++] = catalog->slots[i];
	catalog->count = kept;
}

static void make_whole(struct ct_catalog *catalog)
{
	if (catalog->whole)
		return;
	read_all(catalog);
	if (catalog->count > 0)
		qsort(catalog->slots, catalog->count, sizeof(*catalog->slots), by_order);
	catalog->whole = true;
}

static int read_user(struct ct_catalog *catalog, const char *path, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_CATALOG_BYTES);
	struct ct_err why = { 0 };

	if (path == NULL || (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)))
		return CT_OK;
	int rc = ct_file_read(path, &text, &why);
	if (rc == CT_ETOOBIG)
		return ct_fail(err, CT_ECONFIG, "%s: longer than %d bytes", path,
			       CT_CATALOG_BYTES);
	if (rc != CT_OK)
		return ct_fail(err, rc == CT_ENOMEM ? rc : CT_ECONFIG, "%s", why.msg);
	struct ct_str copy = ct_arena_dup(&catalog->arena, ct_buf_str(&text));
	if (copy.ptr == NULL)
		return ct_fail(err, CT_ENOMEM, "cannot read %s: out of memory", path);
	read_all(catalog);
	rc = ct_catalog_read(catalog, path, copy, err);
	for (size_t i = 0; rc == CT_OK && i < catalog->count; i++)
		apply_dates(catalog, catalog->slots[i].entry);
	return rc;
}

int ct_catalog_load(const char *user_path, int64_t now_wall_ms, struct ct_catalog **out,
		    struct ct_err *err)
{
	struct ct_catalog *catalog = calloc(1, sizeof(*catalog));
	char iso[CT_ISO_SIZE];

	*out = NULL;
	if (catalog == NULL)
		return ct_fail(err, CT_ENOMEM, "cannot load the catalogue: out of memory");
	ct_time_iso(iso, now_wall_ms);
	memcpy(catalog->today, iso, 10);
	int rc = ct_catalog_scan(catalog, ct_str(ct_models_json), err);
	if (rc == CT_OK)
		rc = read_user(catalog, user_path, err);
	if (rc != CT_OK) {
		ct_catalog_destroy(catalog);
		return rc;
	}
	*out = catalog;
	return CT_OK;
}

void ct_catalog_destroy(struct ct_catalog *catalog)
{
	if (catalog == NULL)
		return;
	for (size_t i = 0; i < catalog->count; i++)
		free(catalog->slots[i].entry);
	free(catalog->slots);
	ct_arena_fini(&catalog->arena);
	free(catalog);
}

static size_t digits_at_end(struct ct_str s)
{
	size_t n = 0;

	while (n < s.len && s.ptr[s.len - 1 - n] >= '0' && s.ptr[s.len - 1 - n] <= '9')
		n++;
	return n;
}

static bool ends(struct ct_str s, const char *tail)
{
	size_t n = strlen(tail);

	return s.len > n && memcmp(s.ptr + s.len - n, tail, n) == 0;
}

/* id without "-latest", "-20251001", "-2024-08-06" or, of OpenAI's old ones, "-0613". */
static struct ct_str without_date(struct ct_str provider, struct ct_str id)
{
	size_t n = digits_at_end(id), drop = 0;

	if (ends(id, "-latest"))
		drop = 7;
	else if (n == 8 || (n == 4 && ct_str_is(provider, "openai")))
		drop = n + 1;
	else if (n == 2 && id.len > 11 && id.ptr[id.len - 3] == '-' && id.ptr[id.len - 6] == '-' &&
		 digits_at_end((struct ct_str){ id.ptr, id.len - 6 }) == 4)
		drop = 11;
	if (drop == 0 || drop >= id.len || id.ptr[id.len - drop] != '-')
		return (struct ct_str){ NULL, 0 };
	return (struct ct_str){ id.ptr, id.len - drop };
}

/* Deepgram's ids are a model and what it is made for: nova-3-medical, aura-2-thalia-en. */
static struct ct_catalog_slot *family(const struct ct_catalog *catalog, struct ct_str provider,
				      struct ct_str id)
{
	struct ct_catalog_slot *slot = NULL;

	while (slot == NULL && id.len > 0) {
		const char *dash = memrchr(id.ptr, '-', id.len);
		id.len = dash != NULL ? (size_t)(dash - id.ptr) : 0;
		slot = ct_catalog_slot(catalog, provider, id);
	}
	return slot;
}

static struct ct_catalog_slot *resolve(const struct ct_catalog *catalog,
				       struct ct_str provider, struct ct_str id)
{
	struct ct_catalog_slot *slot = ct_catalog_slot(catalog, provider, id);

	if (slot != NULL)
		return slot;
	if (ct_str_is(provider, "gemini") && ct_str_starts(id, "models/"))
		return resolve(catalog, provider, ct_str_from(id, 7));
	const char *colon = ct_str_is(provider, "huggingface") && id.len > 0
				    ? memrchr(id.ptr, ':', id.len)
				    : NULL; /* who serves it, not which model */
	if (colon != NULL)
		return ct_catalog_slot(catalog, provider,
				       (struct ct_str){ id.ptr, (size_t)(colon - id.ptr) });
	if (ct_str_is(provider, "deepgram"))
		return family(catalog, provider, id);
	struct ct_str plain = without_date(provider, id);
	return plain.len > 0 ? ct_catalog_slot(catalog, provider, plain) : NULL;
}

const struct ct_model *ct_catalog_find(struct ct_catalog *catalog, struct ct_str provider,
				       struct ct_str id)
{
	struct ct_catalog_slot *slot = resolve(catalog, provider, id);
	const struct ct_catalog_entry *entry = slot != NULL ? entry_of(catalog, slot) : NULL;

	return entry != NULL ? &entry->model : NULL;
}

struct ct_str ct_catalog_default(const struct ct_catalog *catalog, struct ct_str provider)
{
	for (size_t i = 0; i < catalog->default_count; i++)
		if (ct_str_eq(catalog->defaults[i][0], provider))
			return catalog->defaults[i][1];
	return (struct ct_str){ NULL, 0 };
}

struct ct_str ct_catalog_default_for(const struct ct_catalog *catalog, struct ct_str provider,
				     enum ct_task task)
{
	char key[128];

	if (task == CT_TASK_CHAT)
		return ct_catalog_default(catalog, provider);
	snprintf(key, sizeof(key), "%.*s/%s", CT_STR_ARG(provider), ct_task_name(task));
	return ct_catalog_default(catalog, ct_str(key));
}

bool ct_catalog_retired(struct ct_catalog *catalog, struct ct_str provider, struct ct_str id,
			struct ct_str *replacement, struct ct_str *since)
{
	const struct ct_model *model = ct_catalog_find(catalog, provider, id);

	if (model == NULL || !is_retired(model))
		return false;
	*replacement = model->replacement;
	*since = model->shutdown;
	return true;
}

static struct ct_str provider_of_form(struct ct_str id)
{
	static const struct {
		const char *head, *provider;
	} forms[] = {
		{ "claude-", "claude" }, { "gemini-", "gemini" }, { "models/gemini-", "gemini" },
		{ "gpt-", "openai" },	 { "chatgpt-", "openai" },
		{ "tts-", "openai" },	 { "nova-", "deepgram" },
		{ "aura-", "deepgram" },
	};

	for (size_t i = 0; i < CT_COUNT(forms); i++)
		if (ct_str_starts(id, forms[i].head))
			return ct_str(forms[i].provider);
	if (id.len >= 2 && id.ptr[0] == 'o' && id.ptr[1] >= '1' && id.ptr[1] <= '9' &&
	    (id.len == 2 || id.ptr[2] == '-'))
		return (struct ct_str)CT_STR("openai");
	return (struct ct_str){ NULL, 0 };
}

struct ct_str ct_catalog_provider_of(const struct ct_catalog *catalog, struct ct_str id)
{
	for (size_t i = 0; i < CT_COUNT(preferred); i++)
		if (resolve(catalog, ct_str(preferred[i]), id) != NULL)
			return ct_str(preferred[i]);
	struct ct_str form = provider_of_form(id);
	if (form.len > 0)
		return form;
	for (size_t i = 0; i < catalog->count; i++)
		if (ct_str_eq(catalog->slots[i].id, id))
			return catalog->slots[i].provider;
	return (struct ct_str){ NULL, 0 };
}

struct ct_str ct_catalog_nearest(struct ct_catalog *catalog, struct ct_str provider,
				 struct ct_str id)
{
	struct ct_str nearest = { NULL, 0 };
	unsigned least = (unsigned)(id.len / 3 + 1) < 6 ? (unsigned)(id.len / 3 + 1) : 6;

	make_whole(catalog);
	for (size_t i = 0; i < catalog->count; i++) {
		const struct ct_model *model = &catalog->slots[i].entry->model;
		if (is_retired(model) ||
		    (provider.len > 0 && !ct_str_eq(model->provider, provider)))
			continue;
		unsigned distance = ct_str_distance(id, model->id);
		if (distance < least) {
			least = distance;
			nearest = model->id;
		}
	}
	return nearest;
}

size_t ct_catalog_count(struct ct_catalog *catalog)
{
	make_whole(catalog);
	return catalog->count;
}

const struct ct_model *ct_catalog_at(struct ct_catalog *catalog, size_t index)
{
	make_whole(catalog);
	return &catalog->slots[index].entry->model;
}

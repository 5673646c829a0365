/* The catalogue from the inside: what catalog_read.c fills and catalog.c answers from. */
#ifndef CT_SERVICE_CATALOG_IMPL_H
#define CT_SERVICE_CATALOG_IMPL_H

#include "base/buf.h"
#include "service/catalog.h"

enum {
	CT_CATALOG_BYTES = 4 << 20, /* of a user's file */
	CT_CATALOG_MODELS = 4096,
	CT_CATALOG_DEFAULTS = 64,
};

struct ct_catalog_entry {
	struct ct_model model;
	struct ct_str rerouted; /* the date from which its replacement answers; empty: none */
	bool fixed; /* the user's file gives a status: dates do not change it */
};

struct ct_catalog {
	struct ct_catalog_entry *entries; /* by provider and id, retired ones last */
	size_t count, room;
	struct ct_str defaults[CT_CATALOG_DEFAULTS][2]; /* provider, id */
	size_t default_count;
	char today[11]; /* YYYY-MM-DD, UTC */
	struct ct_arena arena;
};

/*
 * Take over what text says. name: its file, for messages and then under ceilings; NULL: the
 * catalogue compiled in. text lives as long as the catalogue. CT_ECONFIG, CT_ENOMEM.
 */
int ct_catalog_read(struct ct_catalog *catalog, const char *name, struct ct_str text,
		    struct ct_err *err);

/* Has that day come? Dates may be cut ("2025-09", "2025"); an empty one is none. */
bool ct_catalog_reached(const struct ct_catalog *catalog, struct ct_str date);

/* By provider and exact id. */
struct ct_catalog_entry *ct_catalog_entry(const struct ct_catalog *catalog,
					  struct ct_str provider, struct ct_str id);

#endif

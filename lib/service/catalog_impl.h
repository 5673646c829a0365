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

/* A model that is known of. What is compiled in is read when it is asked for: a call needs one or two. */
struct ct_catalog_slot {
	struct ct_str provider, id;
	struct ct_str line; /* of the text that is compiled in: its object */
	bool gone; /* the line is one of "retired" */
	struct ct_catalog_entry *entry; /* NULL: not read yet */
};

struct ct_catalog {
	struct ct_catalog_slot *slots;
	size_t count, room;
	bool whole; /* all of them are read, by provider and id, retired ones last */
	struct ct_str defaults[CT_CATALOG_DEFAULTS][2]; /* provider, id */
	size_t default_count;
	char today[11]; /* YYYY-MM-DD, UTC */
	struct ct_arena arena;
};

/*
 * Find what text holds, the catalogue compiled in: one model on each line, as share/models.json
 * has it. text lives as long as the catalogue. CT_ECONFIG, CT_ENOMEM.
 */
int ct_catalog_scan(struct ct_catalog *catalog, struct ct_str text, struct ct_err *err);

/*
 * Take over what the text of a user's file says; everything before it must have been read. name:
 * the file, for messages. text lives as long as the catalogue. CT_ECONFIG, CT_ENOMEM.
 */
int ct_catalog_read(struct ct_catalog *catalog, const char *name, struct ct_str text,
		    struct ct_err *err);

/* Read the line of a slot, into its entry. CT_ECONFIG, CT_ENOMEM. */
int ct_catalog_read_line(struct ct_catalog *catalog, struct ct_catalog_slot *slot,
			 struct ct_err *err);

/* Has that day come? Dates may be cut ("2025-09", "2025"); an empty one is none. */
bool ct_catalog_reached(const struct ct_catalog *catalog, struct ct_str date);

/* By provider and exact id. */
struct ct_catalog_slot *ct_catalog_slot(const struct ct_catalog *catalog,
					struct ct_str provider, struct ct_str id);

/* A new one, without entry; NULL when out of memory. */
struct ct_catalog_slot *ct_catalog_add(struct ct_catalog *catalog, struct ct_str provider,
				       struct ct_str id);

/* Its entry with nothing in it; NULL when out of memory. */
struct ct_catalog_entry *ct_catalog_begin(struct ct_catalog_slot *slot);

/* Take {"provider":"id",…} as defaults. */
struct ct_json;
int ct_catalog_read_defaults(struct ct_catalog *catalog, const char *name,
			     const struct ct_json *value, struct ct_err *err);

#endif

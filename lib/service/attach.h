/*
 * Attachments: what a person names becomes text that is quoted under its name, and parts. What a
 * thing is, is told from its bytes. Refused are empty files, what is neither text nor known, and
 * what is no file; in folders and patterns those are left out, with the reason in the log.
 */
#ifndef CT_SERVICE_ATTACH_H
#define CT_SERVICE_ATTACH_H

#include "model/request.h"
#include "service/app.h"

enum {
	CT_ATTACH_FILE_BYTES = 50 << 20,
	CT_ATTACH_URL_BYTES = 20 << 20,
	CT_ATTACH_TREE_BYTES = 20 << 20, /* of one folder or pattern */
	CT_ATTACH_TREE_FILES = 1000, /* likewise */
	CT_ATTACH_BYTES = 64 << 20, /* of all */
};

struct ct_attached {
	struct ct_arena arena; /* owns what parts point to */
	struct ct_buf
		text; /* what is text: each under its name, in a fence that it does not hold */
	struct ct_part *parts;
	size_t part_count, part_room;
	size_t bytes; /* of all */
	bool cancelled; /* see ct_attach_cancel() */
};

#define CT_ATTACHED_INIT \
	{ \
		.text = CT_BUF_INIT(2 * CT_ATTACH_BYTES) \
	}

void ct_attached_fini(struct ct_attached *attached);

/*
 * Attach what: a file, a folder with all below it (hidden ones left out), a pattern of glob(7)
 * where no file has that name, an http or https URL, or "-" for standard input. Log lines of
 * level info say what was taken and what was left out. CT_EINVALID, for URLs also what
 * ct_fetch() says.
 */
int ct_attach(struct ct_app *app, const char *what, struct ct_attached *attached,
	      struct ct_err *err);

/* From a callback of the loop: a fetch that is under way ends with CT_ECANCELLED. */
void ct_attach_cancel(struct ct_app *app, struct ct_attached *attached);

#endif

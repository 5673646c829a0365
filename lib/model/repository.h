/* Which repository of a code host: OWNER/NAME. */
#ifndef CT_MODEL_REPOSITORY_H
#define CT_MODEL_REPOSITORY_H

#include "base/err.h"
#include "base/str.h"

/* Views into the text it was read from. Both can stand in a path as they are. */
struct ct_repository {
	struct ct_str owner, name;
	struct ct_str host; /* of an address, with its port; empty: it was none */
};

/*
 * "OWNER/NAME", also as https://HOST/OWNER/NAME with what a browser or a clone has behind it
 * (".git", "/", "/pulls"). CT_EUSAGE with what is wrong.
 */
int ct_repository_parse(struct ct_str text, struct ct_repository *out, struct ct_err *err);

#endif

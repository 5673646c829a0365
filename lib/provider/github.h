/* What the files of GitHub share: github.c asks, github_decode.c reads, github_error.c explains. */
#ifndef CT_PROVIDER_GITHUB_H
#define CT_PROVIDER_GITHUB_H

#include "provider/dialect.h"

/* A page of results: CT_EVENT_PAGE, then a CT_EVENT_FOUND for each. */
extern const struct ct_dialect ct_dialect_github_search;

/*
 * A repository, a pull request, or a page of pull requests: CT_EVENT_PAGE, then as CT_EVENT_TEXT
 * one JSON document with those of its members that are for people, under GitHub's own names.
 */
extern const struct ct_dialect ct_dialect_github_read;

/* struct ct_vendor's refine. */
void ct_github_refine(const struct ct_refusal *refusal, struct ct_err *err);

#endif

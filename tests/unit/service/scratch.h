/*
 * A folder of a test's own, and an environment with nothing in it but HOME, which is that
 * folder. Each test runs in its own process.
 */
#ifndef CT_TESTS_SCRATCH_H
#define CT_TESTS_SCRATCH_H

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "leaks.h"

static char scratch_dir[64];

static void scratch_make(void)
{
	const char *base = getenv("TMPDIR");
	char dir[64];

	snprintf(dir, sizeof(dir), "%.40s/ct-test-XXXXXX", base != NULL ? base : "/tmp");
	cr_assert_not_null(mkdtemp(dir));
	memcpy(scratch_dir, dir, sizeof(dir));
	clearenv();
	setenv("HOME", scratch_dir, 1);
}

static int scratch_drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void scratch_end(void)
{
	nftw(scratch_dir, scratch_drop, 8, FTW_DEPTH | FTW_PHYS);
	check_leaks();
}

/* The path of a file there; valid until the next call but three. */
static inline const char *scratch_path(const char *name)
{
	static char paths[4][160];
	static int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", scratch_dir, name);
	return path;
}

static inline const char *scratch_write(const char *name, const char *text, mode_t mode)
{
	const char *path = scratch_path(name);
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f);
	cr_assert_geq(fputs(text, f), 0);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(chmod(path, mode), 0);
	return path;
}

#endif

/* A store of its own for each test, in a folder that is gone afterwards. */
#ifndef CT_TESTS_TEMP_STORE_H
#define CT_TESTS_TEMP_STORE_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leaks.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/metrics.h"
#include "store/shared.h"

static char temp_dir[256], temp_path[300];

static inline void make_temp(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(temp_dir, sizeof(temp_dir), "%.200s/ct-store.XXXXXX",
		 base != NULL ? base : "/tmp");
	cr_assert_not_null(mkdtemp(temp_dir));
	snprintf(temp_path, sizeof(temp_path), "%s/store.db", temp_dir);
}

static inline int remove_one(const char *path, const struct stat *st, int type,
			     struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void remove_temp(void)
{
	nftw(temp_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	check_leaks();
}

static inline struct ct_store *open_store(enum ct_store_mode mode)
{
	struct ct_store *store = NULL;
	struct ct_err err = { 0 };
	int rc = ct_store_open(temp_path, mode, 60000, &store, &err);

	cr_assert_eq(rc, CT_OK, "%s", err.msg);
	return store;
}

/* The first number that a query answers. */
static inline int64_t ask(struct ct_store *store, const char *sql)
{
	int64_t value = -1;
	struct ct_err err = { 0 };

	cr_assert_eq(ct_db_pragma(store, sql, &value, &err), CT_OK, "%s: %s", sql,
		     err.msg);
	return value;
}

static inline void run(struct ct_store *store, const char *sql)
{
	struct ct_err err = { 0 };

	cr_assert_eq(ct_db_exec(store, sql, &err), CT_OK, "%s: %s", sql, err.msg);
}

static inline off_t file_size(const char *suffix)
{
	char name[320];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", temp_path, suffix);
	return stat(name, &st) == 0 ? st.st_size : -1;
}

static inline void write_text(const char *text, size_t len)
{
	int fd = open(temp_path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	cr_assert_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
}

/* Waits for a child and answers what it exited with; -1 for a signal. */
static inline int exit_of(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif

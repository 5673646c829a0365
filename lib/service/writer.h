/*
 * The store's writer: one thread that commits for a loop which must not wait. The jobs that
 * have come meanwhile share a transaction (256 at most); when one of them fails, each
 * gets a transaction of its own.
 *
 * It has a connection of its own, opened (and migrated) by the thread at its first job, and again
 * some seconds after a failure. Without a writer, jobs are run where they are submitted: record.c.
 */
#ifndef CT_SERVICE_WRITER_H
#define CT_SERVICE_WRITER_H

#include <sys/queue.h>

#include "net/loop.h"
#include "store/store.h"

struct ct_writer;

/*
 * Something to write. Set the first four members and zero the rest; it must live until done has
 * been called, which may free it. work and settle run on the writer's thread, done on the loop.
 */
struct ct_writer_job {
	/* Within a transaction. Called again where that is rolled back: it changes nothing but the store. */
	int (*work)(struct ct_writer_job *job, struct ct_store *store, struct ct_err *err);
	void (*settle)(struct ct_writer_job *job, int rc); /* CT_OK: committed. NULL: nothing to do */
	void (*done)(struct ct_writer_job *job); /* rc and err say how it ended */
	int64_t patience_ms; /* how long it may wait for a locked store; then rc is CT_EBUSY */
	int rc;
	struct ct_err err;
	int64_t until_us;
	STAILQ_ENTRY(ct_writer_job) entry;
};

/* Begin. path is copied; rows of dead processes are marked when it is opened. CT_ENOMEM, CT_EIO. */
int ct_writer_create(struct ct_loop *loop, const char *path, struct ct_writer **out,
		     struct ct_err *err);

/* Jobs are done in the order they are submitted in, but for those that wait for a locked store. */
void ct_writer_submit(struct ct_writer *writer, struct ct_writer_job *job);

/* Waits until all jobs are done, and calls their done. NULL is fine. */
void ct_writer_destroy(struct ct_writer *writer);

#endif

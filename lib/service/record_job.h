/* What is written of a record, and when: between record.c and record_job.c. */
#ifndef CT_SERVICE_RECORD_JOB_H
#define CT_SERVICE_RECORD_JOB_H

#include "service/record.h"
#include "service/writer.h"

enum ct_record_step { CT_RECORD_FLUSH, CT_RECORD_GATE, CT_RECORD_TELL, CT_RECORD_END };

/* One look at the store: what is new of the record, and what its step asks for besides. */
struct ct_record_job {
	struct ct_writer_job job; /* first: they are cast */
	struct ct_record *record;
	enum ct_record_step step;
	const struct ct_record_attempt *list; /* as it stood when the job was made */
	size_t count;
	struct ct_limits_ask ask; /* GATE: whose circuit and limits */
	struct ct_gate gate; /* GATE: its answer */
	struct ct_told told; /* TELL */
	int number; /* TELL: of the attempt */
	struct ct_journal_outcome outcome; /* END */
	bool kept, gone; /* END: the turn is kept; its conversation is gone: turn_err */
	struct ct_err turn_err;
	ct_gate_fn *on_gate;
	ct_recorded_fn *on_recorded;
	void *user;
};

/* The job's work and settle: see writer.h. */
int ct_record_work(struct ct_writer_job *job, struct ct_store *store, struct ct_err *err);
void ct_record_settle(struct ct_writer_job *job, int rc);

#endif

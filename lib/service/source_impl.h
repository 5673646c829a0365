/* What the files of a source share: source.c (bytes), source_format.c (what they are), source_device.c. */
#ifndef CT_SERVICE_SOURCE_IMPL_H
#define CT_SERVICE_SOURCE_IMPL_H

#include "base/buf.h"
#include "service/source.h"

struct ct_source {
	struct ct_loop *loop;
	ct_loop_fn *on_more;
	void *user;
	const char *name;
	struct ct_source_format format;
	struct ct_timer *turn;
	struct ct_err err; /* why it broke off; code CT_OK: it did not */
	bool ended;

	int fd; /* of a file or pipe; -1: none */
	bool is_file;
	int64_t file_from, file_bytes;
	bool started; /* a pipe is read by the loop */
	bool unpolled; /* and cannot be waited for */
	struct ct_watch *watch;

	struct ct_capture *device;
	struct ct_async *wake;
	bool is_device; /* also after it was closed */
	int64_t begun_us;

	struct ct_buf kept; /* not of a file */
	int64_t kept_from; /* its offset */
	int64_t most; /* so many bytes are sound; 0: all that come */
	int64_t given; /* the end of what was asked for so far */
};

/* Find the format, and pass over a WAV's header. Reads from the descriptor. */
int ct_source_recognise(struct ct_source *source, const struct ct_source_spec *spec,
			struct ct_err *err);

/* Append to what is kept. */
void ct_source_keep(struct ct_source *source, struct ct_str bytes);

int ct_source_open_device(struct ct_source *source, const struct ct_source_spec *spec,
			  struct ct_err *err);
void ct_source_take_device(struct ct_source *source);
void ct_source_close_device(struct ct_source *source);

#endif

/*
 * Where sound comes from while it is listened to: a file, a pipe, a microphone. Its bytes are
 * counted from 0; those that may have to be sent again are still there: of a file all of them, of
 * the others what was not forgotten, up to a ceiling.
 */
#ifndef CT_SERVICE_SOURCE_H
#define CT_SERVICE_SOURCE_H

#include "base/err.h"
#include "base/str.h"
#include "net/loop.h"

/* What the bytes are. Of a container all is known to itself: then encoding is {NULL, 0}. */
struct ct_source_format {
	struct ct_str encoding; /* "linear16": Deepgram's names */
	int64_t sample_rate, channels;
	int64_t bytes_per_second; /* 0: not known */
	int frame_bytes; /* where it may be cut; 1: anywhere */
};

/* As a person says it. */
struct ct_source_spec {
	const char *what; /* a path, "-", or a device; NULL: what is piped in, else the microphone */
	struct ct_str encoding; /* of samples without a header; {NULL, 0}: it is told from the bytes */
	int64_t sample_rate, channels; /* 0: not said */
};

struct ct_source;

/*
 * on_more is called from the loop when more has come, or its end. The samples of a WAV come
 * without its header. CT_EINVALID for what is no sound, empty, a folder or no device; CT_EIO.
 */
int ct_source_open(struct ct_loop *loop, const struct ct_source_spec *spec, ct_loop_fn *on_more,
		   void *user, struct ct_source **out, struct ct_err *err);
void ct_source_close(struct ct_source *source); /* NULL is fine */

const struct ct_source_format *ct_source_format(const struct ct_source *source);
/* For people: the path, "standard input", the device's name. */
const char *ct_source_name(const struct ct_source *source);
bool ct_source_is_live(const struct ct_source *source); /* a microphone */

/* Bytes from that offset on, as many as are there now; 0: none (yet). */
size_t ct_source_get(struct ct_source *source, int64_t offset, void *out, size_t room);
/* So many have come. */
int64_t ct_source_total(const struct ct_source *source);
/* No more will: its end, or err->code says why it broke off. err may be NULL. */
bool ct_source_has_ended(const struct ct_source *source, struct ct_err *err);
/* No more is wanted: what has come is all. */
void ct_source_stop(struct ct_source *source);

/* What stands before offset is not needed again. */
void ct_source_forget(struct ct_source *source, int64_t offset);
/* The first byte that is still there. */
int64_t ct_source_kept_from(const struct ct_source *source);

#endif

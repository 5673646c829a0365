/*
 * Where sound goes: a file that appears when it is whole, a pipe as it comes, or a pipe by way of
 * a file without a name, where its header must say how long it is.
 */
#ifndef CT_CMD_VOICE_SINK_H
#define CT_CMD_VOICE_SINK_H

#include "base/new_file.h"
#include "codec/join.h"
#include "service/play.h"

struct ct_voice_sink {
	struct ct_join join;
	struct ct_buf ready;
	struct ct_new_file file; /* fd -1: there is none */
	int spool; /* -1: there is none */
	struct ct_play *play; /* a loudspeaker instead; NULL: none */
	int fd; /* what is written to: of one of these, or standard output */
	bool seekable; /* what was written can be taken back */
	bool closed; /* standard output's reader has gone */
	int64_t bytes; /* of sound that was written, WAV's header aside */
	/* As it was before the present part. */
	struct ct_join before;
	int64_t bytes_before;
};

/* path: NULL for standard output. header: the sound has one that tells its length (WAV). */
int ct_voice_sink_open(struct ct_voice_sink *sink, const char *path, bool header, bool bare,
		       bool several, struct ct_err *err);
void ct_voice_sink_close(struct ct_voice_sink *sink); /* what is not kept is gone */

void ct_voice_sink_begin(struct ct_voice_sink *sink); /* a part */
int ct_voice_sink_write(struct ct_voice_sink *sink, struct ct_str bytes, struct ct_err *err);
int ct_voice_sink_end(struct ct_voice_sink *sink, struct ct_err *err); /* of a part */
/* Take the present part back. CT_ECUT where it cannot be. */
int ct_voice_sink_again(struct ct_voice_sink *sink, struct ct_err *err);

/* All is there: header, name; out of a spool to standard output. */
int ct_voice_sink_keep(struct ct_voice_sink *sink, struct ct_err *err);

#endif

/*
 * One sound from several that follow each other, while they arrive: samples are put together
 * behind one header, MP3, AAC and FLAC by their frames, without the tags and summaries that would
 * be true of one part only. Ogg is chained, as its format has it (RFC 3533), each part a stream of
 * its own. What cannot be put together rightly is refused.
 */
#ifndef CT_CODEC_JOIN_H
#define CT_CODEC_JOIN_H

#include "base/buf.h"
#include "codec/flac.h"
#include "codec/wav.h"

enum ct_join_form {
	CT_JOIN_UNKNOWN, /* nothing has come yet */
	CT_JOIN_BARE, /* samples without a header */
	CT_JOIN_WAV,
	CT_JOIN_MP3,
	CT_JOIN_AAC,
	CT_JOIN_OGG,
	CT_JOIN_FLAC,
	CT_JOIN_WHOLE, /* anything else: goes through as it is, and cannot be followed */
};

struct ct_join {
	bool bare; /* samples without a header are expected */
	bool several; /* more than one part is to come */
	/* What was asked for: another known format is refused, and what is none, where it is WAV. UNKNOWN: any. */
	enum ct_join_form wanted;
	enum ct_join_form form; /* of the first part */
	struct ct_wav wav; /* likewise */
	uint64_t samples; /* bytes of samples so far; for WAV */
	char flac[CT_FLAC_HEAD_BYTES]; /* likewise; where several are to come */
	uint64_t flac_samples; /* so far; 0: its head has not gone out yet */
	uint32_t part; /* from 0 */
	/* of the present part */
	bool begun; /* its beginning has been dealt with */
	uint64_t left; /* of its samples */
	uint64_t samples_before; /* it */
	uint64_t skip; /* bytes of a tag that are still to come */
	struct ct_flac_scan scan; /* of the frame that is under way */
	struct ct_buf held;
};

void ct_join_init(struct ct_join *join, bool bare, bool several);
void ct_join_fini(struct ct_join *join);

/*
 * A piece of the present part: what is certain to belong to the sound is appended to out. Of a WAV
 * file these are the samples: ct_join_header() goes before them. CT_EPROTO for a part of another
 * format than the first, or one that cannot be put behind it.
 */
int ct_join_add(struct ct_join *join, struct ct_str bytes, struct ct_buf *out,
		struct ct_err *err);

/*
 * The part is whole; the next piece begins another one. CT_ECUT where its header promised more samples,
 * CT_EPROTO where there is no sound in it.
 */
int ct_join_end(struct ct_join *join, struct ct_buf *out, struct ct_err *err);

/* The part is to begin anew: kept is how many bytes of samples stay. */
void ct_join_again(struct ct_join *join, const struct ct_join *as_it_was);

/* WAV's header, right for what has come so far. */
void ct_join_header(const struct ct_join *join, char out[CT_WAV_HEADER_BYTES]);

/* What FLAC that was put together begins with, now that it is known how many samples there are. */
void ct_join_flac_head(const struct ct_join *join, char out[CT_FLAC_HEAD_BYTES]);

#endif

/*
 * Frames of FLAC (RFC 9639), so far as is needed to put one stream behind another: where each
 * ends, and which samples it holds. The sound in them is not touched.
 */
#ifndef CT_CODEC_FLAC_H
#define CT_CODEC_FLAC_H

#include "base/buf.h"

/* The magic and STREAMINFO, without which there is no stream. */
enum { CT_FLAC_HEAD_BYTES = 42 };

/* Bytes of the metadata that a stream begins with; 0: not all there; SIZE_MAX: it is none. */
size_t ct_flac_head_bytes(struct ct_str at);

/*
 * The head of a stream of that one's sound, of so many samples (0: not known) in blocks that are
 * not all as long; no other metadata, and no digest.
 */
void ct_flac_write_head(struct ct_str head, uint64_t samples,
			char out[CT_FLAC_HEAD_BYTES]);

/* May frames of the stream that begins with next stand in the one that begins with head? */
bool ct_flac_goes_on(const char head[CT_FLAC_HEAD_BYTES], struct ct_str next);

/* How far a frame has been looked at. All zeros: a new one. */
struct ct_flac_scan {
	size_t at;
	uint16_t sum;
};

/*
 * Bytes of the frame that begins here: until another one begins, or the end (last). 0: it goes on
 * beyond what is there. SIZE_MAX: none begins here.
 */
size_t ct_flac_frame_bytes(struct ct_str at, struct ct_flac_scan *scan, bool last);

/* Append it as the frame whose first sample is that one. Its number of samples; 0: it is none. */
uint32_t ct_flac_add_frame(struct ct_str frame, uint64_t first, struct ct_buf *out);

#endif

/*
 * Recordings: which format a file is, told from its first bytes, as its content type and by the
 * suffix that names want. Also films, whose sound is heard.
 */
#ifndef CT_CODEC_AUDIO_H
#define CT_CODEC_AUDIO_H

#include "base/str.h"

enum { CT_AUDIO_HEAD_BYTES = 16 << 10 }; /* what is enough of a file to tell */

/* Static strings. */
struct ct_audio {
	const char *mime; /* "audio/wav" */
	const char *suffix; /* "wav" */
};

/* The beginning of a file, all of a shorter one. NULL: no recording of a known format. */
const struct ct_audio *ct_audio_sniff(struct ct_str head);

/* Does it say itself how its samples are, with first bytes that are never there by chance? Not those
 * that are told from their frames. NULL: no. */
bool ct_audio_has_header(const struct ct_audio *audio);

/* What a name promises by its suffix (".webm"), case aside; NULL: nothing. */
const struct ct_audio *ct_audio_of_name(struct ct_str name);

/*
 * Bytes of the MPEG audio frame (layers I to III) that begins here, or of the ADTS frame where
 * adts; 0 where none does. 7 bytes are looked at.
 */
size_t ct_mpeg_frame_bytes(struct ct_str at, bool adts);

/* Bytes of an ID3v2 tag at the beginning, header and footer included; 0: there is none. 10 bytes are
 * looked at. */
size_t ct_id3_bytes(struct ct_str head);

#endif

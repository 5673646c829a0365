/*
 * What a person names to be listened to: a file, standard input, or an address that the provider
 * fetches itself. What a file is, is told from its bytes; what is no sound is refused before
 * anything is sent. What cannot be read twice is put into a file without a name.
 */
#ifndef CT_SERVICE_RECORDING_H
#define CT_SERVICE_RECORDING_H

#include "base/arena.h"
#include "base/err.h"
#include "model/speech.h"

/* Deepgram's own limit, the highest of all. */
#define CT_RECORDING_MAX_BYTES (2000LL << 20)

struct ct_recording_file {
	struct ct_recording recording; /* borrowed from here */
	struct ct_arena arena;
	int fd; /* -1: none */
};

#define CT_RECORDING_FILE_INIT \
	{ \
		.fd = -1 \
	}

void ct_recording_fini(struct ct_recording_file *file);

/*
 * what: a path, "-", or a URL; bare: samples without a header, which may be any bytes. The digest
 * is found too. CT_EINVALID for what is no recording, empty, a folder, too long or no URL; CT_EIO.
 */
int ct_recording_open(struct ct_recording_file *file, const char *what, bool bare,
		      struct ct_err *err);

/* A second of a tone, as a WAV file: for trying out whoever listens. CT_EIO. */
int ct_recording_tone(struct ct_recording_file *file, struct ct_err *err);

#endif

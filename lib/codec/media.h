/*
 * What bytes are, told from the bytes: names lie. Only what a model can be given is told
 * apart; of everything else there is a word for the person who attached it.
 */
#ifndef CT_CODEC_MEDIA_H
#define CT_CODEC_MEDIA_H

#include "base/str.h"

enum ct_media_kind {
	CT_MEDIA_TEXT, /* UTF-8 without a NUL */
	CT_MEDIA_IMAGE,
	CT_MEDIA_PDF,
	CT_MEDIA_AUDIO,
	CT_MEDIA_OTHER, /* nothing that a model takes */
};

/* Both strings are static. */
struct ct_media {
	enum ct_media_kind kind;
	const char *mime; /* "image/png"; NULL: OTHER */
	const char *
		what; /* for people: "a PNG image", "an archive", "text that is not UTF-8" */
};

/* The whole of the bytes: whether they are text shows only at their end. */
struct ct_media ct_media_sniff(struct ct_str bytes);

/* The beginning of a file: is it certain already that it is nothing a model takes? */
bool ct_media_is_hopeless(struct ct_str head);

/* What a name promises by its suffix; OTHER: nothing in particular. */
enum ct_media_kind ct_media_of_name(struct ct_str name);

#endif

/*
 * Sound that is heard while it comes: samples of 16 bits, one channel, through a loudspeaker. What
 * cannot be heard yet lies in a file without a name.
 */
#ifndef CT_SERVICE_PLAY_H
#define CT_SERVICE_PLAY_H

#include "service/app.h"

struct ct_play;

/* device: ALSA's name; NULL: its default. As ct_playback_open(), and CT_EIO. */
int ct_play_open(struct ct_app *app, const char *device, unsigned rate, struct ct_play **out,
		 struct ct_err *err);

/* More of it, cut anywhere. CT_EIO: the device failed, or there is no room for the file. */
int ct_play_add(struct ct_play *play, struct ct_str samples, struct ct_err *err);

/* That was all: run the loop until it was heard. CT_ECANCELLED after ct_play_stop(). */
int ct_play_end(struct ct_play *play, struct ct_err *err);

/* From a callback of the loop: it is to be silent. */
void ct_play_stop(struct ct_play *play);

void ct_play_close(struct ct_play *play); /* NULL is fine */

#endif

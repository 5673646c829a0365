/*
 * A transcript as subtitles: words are gathered into captions that can be read while they are
 * spoken, and written as SubRip (srt) or WebVTT (W3C, https://www.w3.org/TR/webvtt1/).
 */
#ifndef CT_SERVICE_SUBTITLE_H
#define CT_SERVICE_SUBTITLE_H

#include "base/buf.h"
#include "service/transcript.h"

enum ct_subtitle_form { CT_SUBTITLE_SRT, CT_SUBTITLE_VTT };

enum {
	CT_CAPTION_LINE = 42, /* columns: what broadcasters allow */
	CT_CAPTION_LINES = 2,
	CT_CAPTION_MS = 7000, /* the longest that one stands */
};

/*
 * Append them to out. From words where there are any, else from passages; CT_EPROTO where the
 * provider gave neither with their times, and yet there is text.
 */
int ct_subtitle_write(const struct ct_transcript *transcript, enum ct_subtitle_form form,
		      struct ct_str text, struct ct_buf *out, struct ct_err *err);

#endif

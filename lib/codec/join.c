#include "codec/join.h"

#include "codec/audio.h"
#include "codec/ogg.h"

enum {
	HELD_MAX_BYTES = CT_WAV_HEAD_MAX_BYTES,
	TAG_BYTES = 128, /* ID3v1, at the end of a file */
	SUMMARY_WITHIN = 64, /* of a frame: where an encoder names itself, if it does */
	FRAME_HEAD_BYTES = 10,
};

void ct_join_init(struct ct_join *join, bool bare, bool several)
{
	*join = (struct ct_join){
		.bare = bare,
		.several = several,
		.held = CT_BUF_INIT(HELD_MAX_BYTES + (64 << 20)),
	};
}

void ct_join_fini(struct ct_join *join)
{
	ct_buf_fini(&join->held);
}

void ct_join_again(struct ct_join *join, const struct ct_join *as_it_was)
{
	struct ct_buf held = join->held;

	*join = *as_it_was;
	join->held = held;
	join->begun = false;
	join->skip = 0;
	join->scan = (struct ct_flac_scan){ 0 };
	ct_buf_clear(&join->held);
}

void ct_join_header(const struct ct_join *join, char out[CT_WAV_HEADER_BYTES])
{
	uint64_t most = UINT32_MAX - CT_WAV_HEADER_BYTES;

	ct_wav_write(&join->wav, (uint32_t)(join->samples < most ? join->samples : most), out);
}

void ct_join_flac_head(const struct ct_join *join, char out[CT_FLAC_HEAD_BYTES])
{
	struct ct_str head = { join->flac, sizeof(join->flac) };

	ct_flac_write_head(head, join->flac_samples, out);
}

/* What the part is, once enough of it is there; UNKNOWN: not yet. */
static enum ct_join_form form_of(const struct ct_join *join)
{
	struct ct_str head = ct_buf_str(&join->held);
	const struct ct_audio *audio;

	if (join->bare)
		return CT_JOIN_BARE;
	if (head.len < FRAME_HEAD_BYTES)
		return CT_JOIN_UNKNOWN;
	if (ct_id3_bytes(head) > 0)
		return CT_JOIN_MP3;
	if (ct_mpeg_frame_bytes(head, false) > 0)
		return CT_JOIN_MP3;
	if (ct_mpeg_frame_bytes(head, true) > 0)
		return CT_JOIN_AAC;
	if (ct_str_starts(head, "OggS"))
		return CT_JOIN_OGG;
	if (ct_str_starts(head, "fLaC"))
		return CT_JOIN_FLAC;
	if (!ct_str_starts(head, "RIFF"))
		return CT_JOIN_WHOLE;
	audio = ct_audio_sniff(head);
	return audio != NULL || head.len < 12 ? CT_JOIN_WAV : CT_JOIN_WHOLE;
}

static int another(struct ct_err *err)
{
	return ct_fail(err, CT_EPROTO, "a part of the sound came in another format");
}

/* The samples begin where its header ends. True once that is known. */
static int begin_wav(struct ct_join *join, struct ct_err *err)
{
	struct ct_wav wav;
	size_t at;
	bool first = join->form == CT_JOIN_UNKNOWN;

	switch (ct_wav_read(ct_buf_str(&join->held), &wav, &at, &join->left)) {
	case CT_WAV_MORE:
		return CT_OK;
	case CT_WAV_BAD:
		if (!first || join->several)
			return another(err);
		join->form = CT_JOIN_WHOLE;
		join->begun = true;
		return CT_OK;
	case CT_WAV_READY:
		break;
	}
	if (!first && (wav.format != join->wav.format || wav.rate != join->wav.rate ||
		       wav.channels != join->wav.channels || wav.bits != join->wav.bits))
		return another(err);
	join->wav = wav;
	join->form = CT_JOIN_WAV;
	join->begun = true;
	join->samples_before = join->samples;
	ct_buf_drop(&join->held, at);
	return CT_OK;
}

/* A frame that holds no sound, but how many there are in this file. */
static bool is_summary(struct ct_str frame)
{
	if (frame.len > SUMMARY_WITHIN)
		frame.len = SUMMARY_WITHIN;
	return ct_str_has(frame, "Xing") || ct_str_has(frame, "Info") || ct_str_has(frame, "VBRI");
}

/* Past the tag at the beginning, and the summary behind it. */
static void begin_mp3(struct ct_join *join)
{
	size_t tag = ct_id3_bytes(ct_buf_str(&join->held));

	if (tag > 0) {
		size_t now = tag < join->held.len ? tag : join->held.len;
		ct_buf_drop(&join->held, now);
		join->skip = tag - now;
		return;
	}
	if (join->held.len < FRAME_HEAD_BYTES)
		return;
	struct ct_str head = ct_buf_str(&join->held);
	size_t frame = ct_mpeg_frame_bytes(head, false);
	if (frame > 0 && head.len < frame)
		return;
	if (frame > 0 && is_summary((struct ct_str){ head.ptr, frame }))
		ct_buf_drop(&join->held, frame);
	join->begun = true;
}

/* Its metadata are left out, but for what a stream cannot be without. */
static int begin_flac(struct ct_join *join, struct ct_err *err)
{
	struct ct_str held = ct_buf_str(&join->held);
	size_t len = ct_flac_head_bytes(held);

	if (len == 0)
		return CT_OK;
	if (len == SIZE_MAX)
		return ct_fail(err, CT_EPROTO, "a part of the sound is no FLAC");
	if (join->form == CT_JOIN_UNKNOWN)
		ct_flac_write_head(held, 0, join->flac);
	else if (!ct_flac_goes_on(join->flac, held))
		return another(err);
	ct_buf_drop(&join->held, len);
	join->samples_before = join->flac_samples;
	join->form = CT_JOIN_FLAC;
	join->begun = true;
	return CT_OK;
}

/* Deal with what a part begins with; join->begun once it has been. */
static int begin(struct ct_join *join, struct ct_err *err)
{
	bool first = join->form == CT_JOIN_UNKNOWN;
	enum ct_join_form form = join->skip > 0 ? CT_JOIN_MP3 : form_of(join);

	if (form == CT_JOIN_UNKNOWN)
		return CT_OK;
	if (!first && (form != join->form || form == CT_JOIN_WHOLE))
		return another(err);
	if (form == CT_JOIN_WHOLE && join->several)
		return ct_fail(err, CT_EPROTO, "parts of this format cannot be put together");
	if (form == CT_JOIN_WAV)
		return begin_wav(join, err);
	if (form == CT_JOIN_FLAC && join->several)
		return begin_flac(join, err);
	if (form == CT_JOIN_MP3 && join->several) {
		join->form = form;
		begin_mp3(join);
		return CT_OK;
	}
	join->form = form;
	join->begun = true;
	join->left = UINT64_MAX;
	return CT_OK;
}

/* Whole pages; a stream that follows another must not bear its number. */
static void release_pages(struct ct_join *join, struct ct_buf *out)
{
	for (;;) {
		size_t len = ct_ogg_page_bytes(ct_buf_str(&join->held));
		if (len == 0 || len > join->held.len)
			return;
		struct ct_str page = { join->held.ptr, len };
		ct_ogg_set_serial(join->held.ptr, len, ct_ogg_serial(page) + join->part);
		ct_buf_append(out, join->held.ptr, len);
		ct_buf_drop(&join->held, len);
	}
}

/* Whole frames, numbered as those of one stream. */
static int release_frames(struct ct_join *join, bool last, struct ct_buf *out,
			  struct ct_err *err)
{
	while (join->held.len > 0) {
		struct ct_str held = ct_buf_str(&join->held);
		size_t len = ct_flac_frame_bytes(held, &join->scan, last);

		if (len == 0 && last)
			return ct_fail(err, CT_ECUT,
				       "the sound breaks off within a frame");
		if (len == 0)
			return CT_OK;
		if (join->flac_samples == 0)
			ct_buf_append(out, join->flac, sizeof(join->flac));
		uint32_t samples =
			len == SIZE_MAX
				? 0
				: ct_flac_add_frame((struct ct_str){ held.ptr, len },
						    join->flac_samples, out);
		if (samples == 0)
			return ct_fail(err, CT_EPROTO,
				       "there is no sound where a frame should be");
		join->flac_samples += samples;
		join->scan = (struct ct_flac_scan){ 0 };
		ct_buf_drop(&join->held, len);
	}
	return CT_OK;
}

/* What of the part is sound: samples by their count, frames but for a tag at the very end. */
static void release_bytes(struct ct_join *join, bool last, struct ct_buf *out)
{
	struct ct_str held = ct_buf_str(&join->held);
	size_t ready = held.len;

	if (join->form == CT_JOIN_WAV) {
		ready = join->left < held.len ? (size_t)join->left : held.len;
		if (join->left != UINT64_MAX)
			join->left -= ready;
		join->samples += ready;
		ct_buf_append(out, held.ptr, ready);
		ct_buf_clear(&join->held); /* what follows the samples says nothing of the whole */
		return;
	}
	if (join->form == CT_JOIN_OGG && join->part > 0) {
		release_pages(join, out);
		if (!last) /* what is no page goes as it is */
			return;
		ready = join->held.len;
		held = ct_buf_str(&join->held);
	}
	if (join->form == CT_JOIN_MP3 && join->several) {
		size_t tail = held.len < TAG_BYTES ? held.len : TAG_BYTES;
		bool tagged = last && tail == TAG_BYTES &&
			      memcmp(held.ptr + held.len - TAG_BYTES, "TAG", 3) == 0;
		ready = last && !tagged ? held.len : held.len - tail;
	}
	ct_buf_append(out, held.ptr, ready);
	ct_buf_drop(&join->held, ready);
}

static int release(struct ct_join *join, bool last, struct ct_buf *out,
		   struct ct_err *err)
{
	if (join->form == CT_JOIN_FLAC && join->several)
		return release_frames(join, last, out, err);
	release_bytes(join, last, out);
	return CT_OK;
}

static int check_wanted(const struct ct_join *join, struct ct_err *err)
{
	static const char *const names[] = {
		[CT_JOIN_WAV] = "WAV",	 [CT_JOIN_MP3] = "MP3",
		[CT_JOIN_AAC] = "AAC",	 [CT_JOIN_OGG] = "Ogg",
		[CT_JOIN_FLAC] = "FLAC", [CT_JOIN_WHOLE] = "something else",
	};

	if (join->wanted == CT_JOIN_UNKNOWN || join->form == join->wanted ||
	    (join->form == CT_JOIN_WHOLE && join->wanted != CT_JOIN_WAV))
		return CT_OK;
	ct_fail(err, CT_EPROTO, "the sound came in another format than was asked for: %s",
		names[join->form]);
	ct_hint(err, "--encoding says what to ask for");
	return CT_EPROTO;
}

int ct_join_add(struct ct_join *join, struct ct_str bytes, struct ct_buf *out,
		struct ct_err *err)
{
	size_t skip = join->skip < bytes.len ? (size_t)join->skip : bytes.len;
	int rc = CT_OK;

	join->skip -= skip;
	ct_buf_add(&join->held, ct_str_from(bytes, skip));
	while (rc == CT_OK && !join->begun && join->skip == 0) {
		size_t before = join->held.len;
		rc = begin(join, err);
		if (join->held.len == before)
			break;
	}
	if (rc == CT_OK && join->begun)
		rc = check_wanted(join, err);
	if (rc == CT_OK && join->begun)
		rc = release(join, false, out, err);
	if (rc == CT_OK)
		rc = ct_buf_check(&join->held, "the sound", err);
	return rc == CT_OK ? ct_buf_check(out, "the sound", err) : rc;
}

/* Samples are counted: fewer than were promised are not all of them. */
static int check_samples(const struct ct_join *join, struct ct_err *err)
{
	if (join->form == CT_JOIN_FLAC && join->several &&
	    join->flac_samples == join->samples_before)
		return ct_fail(err, CT_EPROTO, "there is no sound in a part of FLAC");
	if (join->form != CT_JOIN_WAV)
		return CT_OK;
	if (join->samples == join->samples_before)
		return ct_fail(err, CT_EPROTO, "there is no sound behind the header of the WAV");
	if (join->left != UINT64_MAX && join->left > 0)
		return ct_fail(err, CT_ECUT, "the sound is %llu bytes shorter than its header says",
			       (unsigned long long)join->left);
	return CT_OK;
}

int ct_join_end(struct ct_join *join, struct ct_buf *out, struct ct_err *err)
{
	int rc;

	/* too short to have a form: only alone it can be what it is; a lone frame may be shorter than it says */
	if (!join->begun && (join->several || join->form != CT_JOIN_UNKNOWN) &&
	    (join->form != CT_JOIN_MP3 || form_of(join) != CT_JOIN_MP3))
		return another(err);
	if (!join->begun && join->form == CT_JOIN_UNKNOWN)
		join->form = CT_JOIN_WHOLE;
	rc = check_wanted(join, err);
	if (rc != CT_OK)
		return rc;
	rc = release(join, true, out, err);
	if (rc == CT_OK)
		rc = check_samples(join, err);
	if (rc != CT_OK)
		return rc;
	ct_buf_clear(&join->held);
	join->begun = false;
	join->skip = 0;
	join->scan = (struct ct_flac_scan){ 0 };
	join->part++;
	return ct_buf_check(out, "the sound", err);
}

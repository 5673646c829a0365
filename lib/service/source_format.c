/* What the bytes of a source are: as a person says, or as their beginning tells. */
#include <errno.h>
#include <unistd.h>

#include "codec/audio.h"
#include "codec/wav.h"
#include "model/speech.h"
#include "service/source_impl.h"

enum { HEAD_BYTES = 64 << 10, PIPE_HEAD_BYTES = 4096, MAGIC_BYTES = 16 };

/* Bytes of a sample in one channel; 0: they do not tell. */
static int sample_bytes(struct ct_str encoding)
{
	if (ct_str_is(encoding, "linear16"))
		return 2;
	if (ct_str_is(encoding, "linear32"))
		return 4;
	return ct_str_is(encoding, "mulaw") || ct_str_is(encoding, "alaw") ? 1 : 0;
}

static void set_format(struct ct_source *s, struct ct_str encoding, int64_t rate, int64_t channels)
{
	int bytes = sample_bytes(encoding);

	if (channels == 0)
		channels = 1;
	s->format = (struct ct_source_format){ encoding, rate, channels, 0, 1 };
	if (bytes == 0)
		return;
	s->format.frame_bytes = bytes * (int)channels;
	s->format.bytes_per_second = rate * s->format.frame_bytes;
}

/* At least that many bytes of a pipe, if it has so many, are kept; waits for them. */
static int fill(struct ct_source *s, size_t bytes, struct ct_err *err)
{
	char piece[4096];

	while (s->kept.len < bytes && !s->ended) {
		ssize_t n = read(s->fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ct_fail(err, CT_EIO, "cannot read %s: %s", s->name, strerror(errno));
		s->ended = n == 0;
		ct_buf_append(&s->kept, piece, (size_t)n);
	}
	return ct_buf_check(&s->kept, "sound", err);
}

/* Its beginning, as much as there is up to that many bytes. */
static int head_of(struct ct_source *s, size_t bytes, struct ct_buf *head, struct ct_err *err)
{
	char piece[4096];
	int rc = CT_OK;

	ct_buf_clear(head);
	if (!s->is_file) {
		rc = fill(s, bytes, err);
		ct_buf_append(head, s->kept.ptr, s->kept.len < bytes ? s->kept.len : bytes);
		return rc;
	}
	while (head->len < bytes) {
		ssize_t n = pread(s->fd, piece, sizeof(piece), s->file_from + (off_t)head->len);
		if (n < 0)
			return ct_fail(err, CT_EIO, "cannot read %s: %s", s->name, strerror(errno));
		if (n == 0)
			break;
		ct_buf_append(head, piece, (size_t)n);
	}
	return ct_buf_check(head, "sound", err);
}

/* A WAV's head, and where its samples are. */
struct found {
	enum ct_wav_state state;
	struct ct_wav wav;
	size_t samples_at;
	uint64_t bytes;
};

/* As much as tells what it is; little of a pipe, whose rest comes when it is spoken. */
static int look(struct ct_source *s, struct ct_buf *head, struct found *f, struct ct_err *err)
{
	size_t want = 12;
	int rc = CT_OK;

	do {
		rc = head_of(s, want, head, err);
		f->state = ct_wav_read(ct_buf_str(head), &f->wav, &f->samples_at, &f->bytes);
		if (head->len < want || f->state != CT_WAV_MORE)
			break;
		want = want < 44 ? 44 : 2 * want;
	} while (rc == CT_OK && want <= HEAD_BYTES);
	if (rc == CT_OK && f->state == CT_WAV_BAD)
		rc = head_of(s, s->is_file ? CT_AUDIO_HEAD_BYTES : PIPE_HEAD_BYTES, head, err);
	return rc;
}

static struct ct_str wav_encoding(const struct ct_wav *wav)
{
	if (wav->rate > CT_SPEECH_RATE_MAX || wav->channels > CT_SPEECH_CHANNELS_MAX)
		return (struct ct_str){ NULL, 0 };
	if (wav->format == CT_WAV_PCM && wav->bits == 16)
		return (struct ct_str)CT_STR("linear16");
	if (wav->format == CT_WAV_PCM && wav->bits == 32)
		return (struct ct_str)CT_STR("linear32");
	if (wav->format == CT_WAV_ALAW && wav->bits == 8)
		return (struct ct_str)CT_STR("alaw");
	if (wav->format == CT_WAV_MULAW && wav->bits == 8)
		return (struct ct_str)CT_STR("mulaw");
	return (struct ct_str){ NULL, 0 };
}

static int is_empty(struct ct_source *s, struct ct_err *err)
{
	return ct_fail(err, CT_EINVALID, "%s is empty", s->name);
}

static int no_sound(struct ct_source *s, struct ct_err *err)
{
	return ct_fail(err, CT_EINVALID, "%s holds no sound", s->name);
}

/* Bare samples from now on: where a connection breaks, they can be gone on with anywhere. */
static int strip_wav(struct ct_source *s, const struct found *f, struct ct_err *err)
{
	bool known = f->bytes <= INT64_MAX;

	set_format(s, wav_encoding(&f->wav), f->wav.rate, f->wav.channels);
	if (!s->is_file) {
		int rc = fill(s, f->samples_at + 1, err);
		ct_buf_drop(&s->kept, f->samples_at);
		s->most = known ? (int64_t)f->bytes : 0;
		return rc == CT_OK && s->kept.len == 0 ? no_sound(s, err) : rc;
	}
	s->file_from += (int64_t)f->samples_at;
	s->file_bytes -= (int64_t)f->samples_at;
	if (known && (int64_t)f->bytes < s->file_bytes)
		s->file_bytes = (int64_t)f->bytes;
	return s->file_bytes > 0 ? CT_OK : no_sound(s, err);
}

static int refuse(struct ct_source *s, struct ct_err *err)
{
	ct_fail(err, CT_EINVALID, "%s is no recording of a known format", s->name);
	ct_hint(err, "samples without a header need --encoding and --sample-rate");
	return CT_EINVALID;
}

/* How the samples are written is said. A header among them would be heard as noise. */
static int believe(struct ct_source *s, const struct ct_source_spec *spec, struct ct_buf *head,
		   struct ct_err *err)
{
	bool samples = sample_bytes(spec->encoding) > 0;
	const struct ct_audio *audio;
	int rc = head_of(s, samples ? MAGIC_BYTES : 1, head, err);

	set_format(s, spec->encoding, spec->sample_rate, spec->channels);
	audio = samples ? ct_audio_sniff(ct_buf_str(head)) : NULL;
	if (rc == CT_OK && head->len == 0)
		return is_empty(s, err);
	if (rc != CT_OK || !ct_audio_has_header(audio))
		return rc;
	ct_fail(err, CT_EINVALID, "%s has a header of its own (%s)", s->name, audio->mime);
	ct_hint(err, "leave --encoding out: it is for samples without one");
	return CT_EINVALID;
}

int ct_source_recognise(struct ct_source *s, const struct ct_source_spec *spec,
			struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf head = CT_BUF_INIT(2 * HEAD_BYTES);
	struct found f = { .bytes = UINT64_MAX };
	int rc;

	if (spec->encoding.len > 0)
		return believe(s, spec, &head, err);
	if (spec->sample_rate > 0 || spec->channels > 0)
		return ct_fail(err, CT_EUSAGE, "--sample-rate and --channels go with --encoding");
	rc = look(s, &head, &f, err);
	if (rc != CT_OK)
		return rc;
	if (head.len == 0)
		return is_empty(s, err);
	if (f.state == CT_WAV_READY && wav_encoding(&f.wav).len > 0)
		return strip_wav(s, &f, err);
	if (f.state == CT_WAV_MORE && ct_str_starts(ct_buf_str(&head), "RIFF"))
		return no_sound(s, err);
	if (ct_audio_sniff(ct_buf_str(&head)) == NULL)
		return refuse(s, err);
	set_format(s, (struct ct_str){ NULL, 0 }, 0, 0);
	return CT_OK;
}

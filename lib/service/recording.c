#include "service/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/new_file.h"
#include "codec/audio.h"
#include "codec/media.h"
#include "codec/sha256.h"
#include "codec/utf8.h"
#include "codec/wav.h"
#include "net/http.h"
#include "service/fetch.h"

enum { PIECE_BYTES = 256 << 10, NAME_BYTES = 255 };

void ct_recording_fini(struct ct_recording_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	ct_arena_fini(&file->arena);
}

static int too_long(const char *shown, struct ct_err *err)
{
	return ct_fail(err, CT_EINVALID, "%s is longer than %lld MB", shown,
		       CT_RECORDING_MAX_BYTES >> 20);
}

/* Into a file of our own: it is sent again where a provider fails. */
static int spool(struct ct_recording_file *file, int from, const char *shown,
		 struct ct_err *err)
{
	int64_t bytes = 0;
	ssize_t n = 1;
	int rc = ct_file_unnamed(&file->fd, err);

	if (rc != CT_OK)
		return rc;
	while (n != 0) {
		char chunk[16 << 10];
		n = read(from, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ct_fail(err, CT_EIO, "cannot read %s: %s", shown, strerror(errno));
		bytes += n;
		if (bytes > CT_RECORDING_MAX_BYTES)
			return too_long(shown, err);
		int cause = ct_fd_write(file->fd, (struct ct_str){ chunk, (size_t)n });
		if (cause != 0)
			return ct_fail(err, CT_EIO, "cannot keep %s: %s", shown, strerror(cause));
	}
	file->recording.bytes = bytes;
	return CT_OK;
}

/* A file from where its descriptor stands, as `<` gives it; what is no file goes through one. */
static int take_fd(struct ct_recording_file *file, int fd, const char *shown,
		   struct ct_err *err)
{
	struct stat about;
	off_t at;

	if (fstat(fd, &about) != 0)
		return ct_fail(err, CT_EIO, "cannot read %s: %s", shown, strerror(errno));
	if (S_ISDIR(about.st_mode))
		return ct_fail(err, CT_EINVALID, "%s is a folder, not a recording", shown);
	at = S_ISREG(about.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
	if (at < 0)
		return spool(file, fd, shown, err);
	file->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (file->fd < 0)
		return ct_fail(err, CT_EIO, "cannot read %s: %s", shown, strerror(errno));
	file->recording.offset = at;
	file->recording.bytes = about.st_size > at ? about.st_size - at : 0;
	return file->recording.bytes > CT_RECORDING_MAX_BYTES ? too_long(shown, err) : CT_OK;
}

static int take_path(struct ct_recording_file *file, const char *path, struct ct_err *err)
{
	/* a pipe without a writer is waited for, as by any program */
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ct_fail(err, CT_EINVALID, "cannot read %s: %s", path, strerror(errno));
	int rc = take_fd(file, fd, path, err);
	close(fd);
	return rc;
}

static ssize_t read_at(const struct ct_recording *r, int64_t at, char *out, size_t room)
{
	ssize_t n;

	if ((int64_t)room > r->bytes - at)
		room = (size_t)(r->bytes - at);
	do
		n = pread(r->fd, out, room, r->offset + at);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Its digest and, in head, its beginning. */
static int look_at(struct ct_recording_file *file, const char *shown, struct ct_buf *head,
		   struct ct_err *err)
{
	struct ct_recording *r = &file->recording;
	char digest[CT_SHA256_HEX_SIZE];
	struct ct_sha256 sha;
	char *piece = malloc(PIECE_BYTES);
	ssize_t n = 0;

	if (piece == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	ct_sha256_begin(&sha);
	for (int64_t at = 0; at < r->bytes; at += n) {
		n = read_at(r, at, piece, PIECE_BYTES);
		if (n <= 0)
			break;
		struct ct_str bytes = { piece, (size_t)n };
		ct_sha256_add(&sha, bytes);
		if (at == 0)
			ct_buf_append(head, piece,
				      bytes.len < CT_AUDIO_HEAD_BYTES ? bytes.len :
									CT_AUDIO_HEAD_BYTES);
	}
	free(piece);
	if (r->bytes > 0 && n <= 0)
		return ct_fail(err, CT_EIO, "cannot read %s: %s", shown,
			       n < 0 ? strerror(errno) : "it became shorter meanwhile");
	r->sha256 = ct_arena_dup(&file->arena, ct_str(ct_sha256_end_hex(&sha, digest)));
	return CT_OK;
}

/* The last part of a path, as UTF-8, with the suffix that its bytes ask for. */
static struct ct_str name_of(struct ct_recording_file *file, const char *what,
			     const struct ct_audio *audio)
{
	const char *slash = strrchr(what, '/');
	struct ct_str name = ct_str(slash != NULL ? slash + 1 : what);
	const struct ct_audio *promised;

	if (strcmp(what, "-") == 0)
		name = ct_str("recording");
	name = ct_utf8_clean_dup(&file->arena, name);
	if (name.len > NAME_BYTES)
		name = ct_str("recording");
	promised = ct_audio_of_name(name);
	if (audio == NULL || (promised != NULL && (promised == audio ||
						   strcmp(promised->mime, audio->mime) == 0)))
		return name;
	return ct_arena_printf(&file->arena, "%.*s.%s", CT_STR_ARG(name), audio->suffix);
}

/* A WAV that ends with its header, or in it. */
static bool is_silent_wav(const struct ct_recording *r, struct ct_str head)
{
	struct ct_wav wav;
	size_t samples_at = 0;
	uint64_t bytes;

	switch (ct_wav_read(head, &wav, &samples_at, &bytes)) {
	case CT_WAV_READY:
		return r->bytes <= (int64_t)samples_at;
	case CT_WAV_MORE:
		return (int64_t)head.len == r->bytes;
	default:
		return false;
	}
}

static int tell(struct ct_recording_file *file, const char *what, const char *shown, bool bare,
		struct ct_str head, struct ct_err *err)
{
	const struct ct_audio *audio = ct_audio_sniff(head);

	if (bare && ct_audio_has_header(audio)) {
		ct_fail(err, CT_EINVALID, "%s has a header of its own (%s)", shown, audio->mime);
		ct_hint(err, "leave --encoding out: it is for samples without one");
		return CT_EINVALID;
	}
	if (!bare && audio == NULL) {
		ct_fail(err, CT_EINVALID, "%s is no recording: it is %s", shown,
			ct_media_sniff(head).what);
		ct_hint(err, "for samples without a header say how they are written: --encoding");
		return CT_EINVALID;
	}
	if (!bare && is_silent_wav(&file->recording, head))
		return ct_fail(err, CT_EINVALID, "%s holds no sound", shown);
	file->recording.mime = ct_str(bare ? "application/octet-stream" : audio->mime);
	file->recording.name = name_of(file, what, bare ? NULL : audio);
	return file->recording.name.ptr != NULL ? CT_OK :
						  ct_fail(err, CT_ENOMEM, "out of memory");
}

int ct_recording_tone(struct ct_recording_file *file, struct ct_err *err)
{
	enum { RATE = 16000, HZ = 440, LOUDNESS = 8000 };
	struct ct_wav wav = { CT_WAV_PCM, 1, 16, RATE };
	char bytes[CT_WAV_HEADER_BYTES + 2 * RATE];
	int rc = ct_file_unnamed(&file->fd, err);

	if (rc != CT_OK)
		return rc;
	ct_wav_write(&wav, 2 * RATE, bytes);
	for (int i = 0; i < RATE; i++) {
		int sample = (int)(LOUDNESS * sin(2 * M_PI * HZ * i / RATE));
		bytes[CT_WAV_HEADER_BYTES + 2 * i] = (char)(sample & 0xFF);
		bytes[CT_WAV_HEADER_BYTES + 2 * i + 1] = (char)(sample >> 8 & 0xFF);
	}
	int cause = ct_fd_write(file->fd, (struct ct_str){ bytes, sizeof(bytes) });
	if (cause != 0)
		return ct_fail(err, CT_EIO, "cannot keep a tone: %s", strerror(cause));
	file->recording = (struct ct_recording){ .fd = file->fd,
						 .bytes = sizeof(bytes),
						 .mime = ct_str("audio/wav"),
						 .name = ct_str("tone.wav") };
	return CT_OK;
}

int ct_recording_open(struct ct_recording_file *file, const char *what, bool bare,
		      struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf head = CT_BUF_INIT(CT_AUDIO_HEAD_BYTES);
	bool is_stdin = strcmp(what, "-") == 0;
	const char *shown = is_stdin ? "standard input" : what;
	int rc;

	if (ct_fetch_is_url(what)) {
		file->recording.url = ct_str(what);
		file->recording.fd = -1;
		return ct_http_check_url(file->recording.url, err);
	}
	if (*what == '\0')
		return ct_fail(err, CT_EINVALID, "the name of the recording is empty");
	rc = is_stdin ? take_fd(file, STDIN_FILENO, shown, err) : take_path(file, what, err);
	if (rc == CT_OK && file->recording.bytes == 0)
		rc = ct_fail(err, CT_EINVALID, "%s is empty", shown);
	file->recording.fd = file->fd;
	if (rc == CT_OK)
		rc = look_at(file, shown, &head, err);
	return rc == CT_OK ? tell(file, what, shown, bare, ct_buf_str(&head), err) : rc;
}

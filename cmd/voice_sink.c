#include "voice_sink.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READY_BYTES = 128 << 20, PIECE_BYTES = 16 << 10 };

int ct_voice_sink_open(struct ct_voice_sink *sink, const char *path, bool header, bool bare,
		       bool several, struct ct_err *err)
{
	int rc = CT_OK;

	*sink = (struct ct_voice_sink){
		.ready = CT_BUF_INIT(READY_BYTES),
		.file = { .fd = -1 },
		.spool = -1,
		.fd = STDOUT_FILENO,
	};
	ct_join_init(&sink->join, bare, several);
	if (path != NULL)
		rc = ct_new_file_open(&sink->file, path, err);
	/* by way of a spool also into a device or a named pipe */
	if (rc == CT_OK && header && (path == NULL || sink->file.direct))
		rc = ct_file_unnamed(&sink->spool, err);
	if (rc != CT_OK)
		return rc;
	if (sink->spool >= 0)
		sink->fd = sink->spool;
	else if (path != NULL)
		sink->fd = sink->file.fd;
	sink->seekable = sink->spool >= 0 || (path != NULL && !sink->file.direct);
	return CT_OK;
}

void ct_voice_sink_close(struct ct_voice_sink *sink)
{
	ct_new_file_drop(&sink->file);
	if (sink->spool >= 0)
		close(sink->spool);
	sink->spool = -1;
	ct_join_fini(&sink->join);
	ct_buf_fini(&sink->ready);
}

void ct_voice_sink_begin(struct ct_voice_sink *sink)
{
	sink->before = sink->join;
	sink->bytes_before = sink->bytes;
}

static int put(struct ct_voice_sink *sink, int fd, struct ct_str bytes, struct ct_err *err)
{
	int cause;

	if (sink->play != NULL)
		return ct_play_add(sink->play, bytes, err);
	cause = ct_fd_write(fd, bytes);
	if (cause == 0)
		return CT_OK;
	sink->closed = cause == EPIPE && fd == STDOUT_FILENO;
	return ct_fail(err, sink->closed ? CT_ECANCELLED : CT_EIO, "cannot write the sound: %s", strerror(cause));
}

/* Its place, to be filled in at the end; where it cannot be, one that says "until the end". */
static int put_header(struct ct_voice_sink *sink, struct ct_err *err)
{
	char header[CT_WAV_HEADER_BYTES];

	if (sink->join.form != CT_JOIN_WAV || sink->bytes > 0)
		return CT_OK;
	ct_join_header(&sink->join, header);
	if (!sink->seekable)
		ct_wav_write(&sink->join.wav, UINT32_MAX - CT_WAV_HEADER_BYTES, header);
	return put(sink, sink->fd, (struct ct_str){ header, sizeof(header) }, err);
}

static int put_ready(struct ct_voice_sink *sink, struct ct_err *err)
{
	struct ct_str bytes = ct_buf_str(&sink->ready);
	int rc = CT_OK;

	if (bytes.len > 0)
		rc = put_header(sink, err);
	if (rc == CT_OK)
		rc = put(sink, sink->fd, bytes, err);
	sink->bytes += (int64_t)bytes.len;
	ct_buf_clear(&sink->ready);
	return rc;
}

int ct_voice_sink_write(struct ct_voice_sink *sink, struct ct_str bytes, struct ct_err *err)
{
	int rc = ct_join_add(&sink->join, bytes, &sink->ready, err);

	return rc == CT_OK ? put_ready(sink, err) : rc;
}

int ct_voice_sink_end(struct ct_voice_sink *sink, struct ct_err *err)
{
	int rc = ct_join_end(&sink->join, &sink->ready, err);

	return rc == CT_OK ? put_ready(sink, err) : rc;
}

int ct_voice_sink_again(struct ct_voice_sink *sink, struct ct_err *err)
{
	off_t to = (off_t)sink->bytes_before;

	if (sink->bytes == sink->bytes_before) {
		ct_join_again(&sink->join, &sink->before);
		return CT_OK;
	}
	if (!sink->seekable)
		return ct_fail(err, CT_ECUT, "what was written cannot be taken back");
	if (sink->bytes_before > 0 && sink->join.form == CT_JOIN_WAV)
		to += CT_WAV_HEADER_BYTES;
	if (ftruncate(sink->fd, to) != 0 || lseek(sink->fd, to, SEEK_SET) != to)
		return ct_fail(err, CT_EIO, "cannot write the sound: %s", strerror(errno));
	ct_join_again(&sink->join, &sink->before);
	sink->bytes = sink->bytes_before;
	return CT_OK;
}

static int copy_spool(struct ct_voice_sink *sink, int to, struct ct_err *err)
{
	char piece[PIECE_BYTES];
	int rc = CT_OK;
	ssize_t n = 1;

	for (off_t at = 0; rc == CT_OK && n > 0; at += n) {
		n = pread(sink->spool, piece, sizeof(piece), at);
		if (n < 0)
			return ct_fail(err, CT_EIO, "cannot read the sound again: %s",
				       strerror(errno));
		rc = put(sink, to, (struct ct_str){ piece, (size_t)n }, err);
	}
	return rc;
}

/* What a header says of all that follows it. */
static int complete_header(struct ct_voice_sink *sink, struct ct_err *err)
{
	char header[CT_WAV_HEADER_BYTES];
	size_t len = sizeof(header);

	_Static_assert((int)CT_FLAC_HEAD_BYTES <= (int)CT_WAV_HEADER_BYTES,
		       "there is room for either");
	if (sink->join.form == CT_JOIN_FLAC && sink->join.several) {
		len = CT_FLAC_HEAD_BYTES;
		ct_join_flac_head(&sink->join, header);
	} else if (sink->join.form == CT_JOIN_WAV) {
		ct_join_header(&sink->join, header);
	} else {
		return CT_OK;
	}
	if (pwrite(sink->fd, header, len, 0) != (ssize_t)len)
		return ct_fail(err, CT_EIO, "cannot write the sound: %s",
			       strerror(errno));
	return CT_OK;
}

int ct_voice_sink_keep(struct ct_voice_sink *sink, struct ct_err *err)
{
	static const char pad = '\0';
	int rc = CT_OK;

	/* a chunk of a WAV ends at an even byte */
	if (sink->join.form == CT_JOIN_WAV && sink->seekable && sink->join.samples & 1)
		rc = put(sink, sink->fd, (struct ct_str){ &pad, 1 }, err);
	if (rc == CT_OK && sink->seekable)
		rc = complete_header(sink, err);
	if (rc == CT_OK && sink->spool >= 0)
		rc = copy_spool(sink, sink->file.fd >= 0 ? sink->file.fd : STDOUT_FILENO, err);
	if (rc != CT_OK || sink->file.fd < 0)
		return rc;
	mode_t mask = umask(0);
	umask(mask);
	return ct_new_file_keep(&sink->file, 0666 & ~mask, err);
}

#include "service/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "codec/audio.h"
#include "service/source_impl.h"

enum {
	KEPT_BYTES = 32 << 20, /* 17 minutes of 16 bits at 16 kHz */
	PIECE_BYTES = 32 << 10,
	DROP_BYTES = 1 << 20, /* moved out of the way at once */
};

/* It is full of bytes that were sent and never acknowledged: the oldest go. */
static void make_room(struct ct_source *s)
{
	if (s->kept.len + PIECE_BYTES <= KEPT_BYTES)
		return;
	if (!s->is_device && s->given < ct_source_total(s))
		return; /* a pipe waits */
	/* whole frames: what is left begins with one */
	size_t n = KEPT_BYTES / 4 - KEPT_BYTES / 4 % (size_t)s->format.frame_bytes;
	ct_buf_drop(&s->kept, n);
	s->kept_from += (int64_t)n;
}

static bool is_full(const struct ct_source *s)
{
	return s->kept.len + PIECE_BYTES > KEPT_BYTES;
}

static void end(struct ct_source *s)
{
	s->ended = true;
	ct_watch_close(s->watch);
	s->watch = NULL;
}

static void set_reading(struct ct_source *s, bool reading)
{
	if (s->watch != NULL)
		ct_watch_set(s->watch, reading ? CT_READABLE : 0);
	if (s->unpolled && reading && !s->ended)
		ct_timer_start(s->turn, 0);
}

/* Behind the samples of a WAV there may be more, which is none. */
static bool leave_off(struct ct_source *s)
{
	int64_t over = ct_source_total(s) - s->most;

	if (s->most == 0 || over < 0)
		return false;
	s->kept.len -= (size_t)over < s->kept.len ? (size_t)over : s->kept.len;
	return true;
}

static void take_piped(struct ct_source *s)
{
	char piece[PIECE_BYTES];
	ssize_t n;

	make_room(s);
	if (is_full(s)) {
		set_reading(s, false);
		return;
	}
	n = read(s->fd, piece, sizeof(piece));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		ct_fail(&s->err, CT_EIO, "cannot read %s: %s", s->name, strerror(errno));
	if (n > 0)
		ct_buf_append(&s->kept, piece, (size_t)n);
	if (ct_buf_check(&s->kept, "sound", &s->err) != CT_OK)
		n = -1;
	if (leave_off(s) || n <= 0)
		end(s);
	else
		set_reading(s, true);
	s->on_more(s->user);
}

static void on_readable(void *user, int events)
{
	(void)events;
	take_piped(user);
}

static void on_turn(void *user)
{
	struct ct_source *s = user;

	if (s->device != NULL && !s->ended)
		ct_source_take_device(s);
	else if (s->started && !s->ended && s->unpolled)
		take_piped(s);
	else
		s->on_more(s->user);
}

void ct_source_keep(struct ct_source *s, struct ct_str bytes)
{
	make_room(s);
	ct_buf_add(&s->kept, bytes);
	if (ct_buf_check(&s->kept, "sound", &s->err) != CT_OK)
		s->ended = true;
}

/* A pipe is waited for; what cannot be waited for is read when there is time. */
static int start_piped(struct ct_source *s, struct ct_err *err)
{
	int rc = CT_OK;

	s->started = true;
	if (s->ended)
		return CT_OK;
	rc = ct_watch_open(s->loop, s->fd, CT_READABLE, false, on_readable, s, &s->watch, NULL);
	if (rc == CT_ENOMEM)
		return ct_fail(err, rc, "out of memory");
	s->unpolled = rc != CT_OK;
	return CT_OK;
}

static int open_path(struct ct_source *s, const char *path, struct ct_err *err)
{
	/* a pipe without a writer is waited for, as by any program */
	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (s->fd < 0)
		return ct_fail(err, CT_EINVALID, "cannot read %s: %s", path, strerror(errno));
	return CT_OK;
}

static int take_file(struct ct_source *s, const struct stat *about, struct ct_err *err)
{
	off_t at = lseek(s->fd, 0, SEEK_CUR);

	s->is_file = true;
	s->file_from = at > 0 ? at : 0;
	s->file_bytes = about->st_size > s->file_from ? about->st_size - s->file_from : 0;
	s->ended = true;
	return s->file_bytes > 0 ? CT_OK
				 : ct_fail(err, CT_EINVALID, "%s is empty", s->name);
}

static int take_fd(struct ct_source *s, struct ct_err *err)
{
	struct stat about;

	if (fstat(s->fd, &about) != 0)
		return ct_fail(err, CT_EIO, "cannot read %s: %s", s->name, strerror(errno));
	if (S_ISDIR(about.st_mode))
		return ct_fail(err, CT_EINVALID, "%s is a folder, not a recording", s->name);
	if (isatty(s->fd))
		return ct_fail(err, CT_EUSAGE, "%s is a terminal: sound is not typed", s->name);
	return S_ISREG(about.st_mode) ? take_file(s, &about, err) : CT_OK;
}

/* Is there something by that path, or does it at least look like one? */
static bool names_a_file(const char *what)
{
	struct stat about;

	return strchr(what, '/') != NULL || stat(what, &about) == 0 ||
	       ct_audio_of_name(ct_str(what)) != NULL;
}

static bool is_piped(void)
{
	struct stat about;

	return fstat(STDIN_FILENO, &about) == 0 &&
	       (S_ISFIFO(about.st_mode) || S_ISREG(about.st_mode) || S_ISSOCK(about.st_mode));
}

static int open_bytes(struct ct_source *s, const struct ct_source_spec *spec, struct ct_err *err)
{
	bool standard = spec->what == NULL || strcmp(spec->what, "-") == 0;
	int rc = CT_OK;

	s->name = standard ? "standard input" : spec->what;
	if (standard)
		s->fd = STDIN_FILENO;
	else
		rc = open_path(s, spec->what, err);
	if (rc == CT_OK)
		rc = take_fd(s, err);
	if (rc == CT_OK)
		rc = ct_source_recognise(s, spec, err);
	if (rc == CT_OK && !s->is_file)
		rc = start_piped(s, err);
	return rc;
}

static int open_any(struct ct_source *s, const struct ct_source_spec *spec, struct ct_err *err)
{
	const char *what = spec->what;

	if (what == NULL ? is_piped() : strcmp(what, "-") == 0 || names_a_file(what))
		return open_bytes(s, spec, err);
	return ct_source_open_device(s, spec, err);
}

int ct_source_open(struct ct_loop *loop, const struct ct_source_spec *spec, ct_loop_fn *on_more,
		   void *user, struct ct_source **out, struct ct_err *err)
{
	struct ct_source *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return ct_fail(err, CT_ENOMEM, "out of memory");
	s->loop = loop;
	s->on_more = on_more;
	s->user = user;
	s->fd = -1;
	s->kept = (struct ct_buf)CT_BUF_INIT(KEPT_BYTES + PIECE_BYTES);
	s->turn = ct_timer_create(loop, on_turn, s);
	rc = s->turn != NULL ? open_any(s, spec, err) : ct_fail(err, CT_ENOMEM, "out of memory");
	if (rc != CT_OK) {
		ct_source_close(s);
		return rc;
	}
	ct_timer_start(s->turn, 0);
	*out = s;
	return CT_OK;
}

void ct_source_close(struct ct_source *s)
{
	if (s == NULL)
		return;
	ct_source_close_device(s);
	ct_watch_close(s->watch);
	ct_timer_destroy(s->turn);
	if (s->fd > STDERR_FILENO)
		close(s->fd);
	ct_buf_fini(&s->kept);
	free(s);
}

const struct ct_source_format *ct_source_format(const struct ct_source *s)
{
	return &s->format;
}

const char *ct_source_name(const struct ct_source *s)
{
	return s->name;
}

bool ct_source_is_live(const struct ct_source *s)
{
	return s->is_device;
}

int64_t ct_source_total(const struct ct_source *s)
{
	return s->is_file ? s->file_bytes : s->kept_from + (int64_t)s->kept.len;
}

int64_t ct_source_kept_from(const struct ct_source *s)
{
	return s->kept_from;
}

/* A file that has become shorter has its end there. */
static size_t get_file(struct ct_source *s, int64_t offset, void *out, size_t room)
{
	ssize_t n;

	if ((int64_t)room > s->file_bytes - offset)
		room = (size_t)(s->file_bytes - offset);
	do
		n = pread(s->fd, out, room, s->file_from + offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		ct_fail(&s->err, CT_EIO, "cannot read %s: %s", s->name, strerror(errno));
	if (n <= 0)
		s->file_bytes = offset;
	return n > 0 ? (size_t)n : 0;
}

size_t ct_source_get(struct ct_source *s, int64_t offset, void *out, size_t room)
{
	int64_t left = ct_source_total(s) - offset;

	if (left <= 0 || offset < s->kept_from)
		return 0;
	if (s->is_file)
		return get_file(s, offset, out, room);
	if ((int64_t)room > left)
		room = (size_t)left;
	memcpy(out, s->kept.ptr + (offset - s->kept_from), room);
	if (offset + (int64_t)room > s->given)
		s->given = offset + (int64_t)room;
	return room;
}

bool ct_source_has_ended(const struct ct_source *s, struct ct_err *err)
{
	if (err != NULL && s->err.code != CT_OK)
		*err = s->err;
	return s->ended;
}

void ct_source_stop(struct ct_source *s)
{
	if (s->is_file)
		return;
	ct_source_close_device(s);
	end(s);
}

void ct_source_forget(struct ct_source *s, int64_t offset)
{
	int64_t n = offset - s->kept_from;

	if (s->is_file || n <= 0)
		return;
	if (n > (int64_t)s->kept.len)
		n = (int64_t)s->kept.len;
	if (n < DROP_BYTES && n < (int64_t)s->kept.len)
		return;
	ct_buf_drop(&s->kept, (size_t)n);
	s->kept_from += n;
	if (!s->ended && s->started)
		set_reading(s, true);
}

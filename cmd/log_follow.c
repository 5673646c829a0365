#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "cmd_provider_logs.h"

enum {
	POLL_MS = 200,
	LOOK_BACK = 1000, /* requests that may still be under way when we begin */
	PENDING_MAX = 10000,
	LINES_MAX = 256 << 20,
};

struct follow {
	struct ct_cli *cli;
	const struct ct_log_filter *filter;
	int64_t last_rowid;
	char **pending; /* request ids */
	size_t pending_count, pending_room;
	struct ct_buf *lines; /* printed before, newest first: turned round at the end */
	size_t *starts;
	size_t line_count, line_room;
};

static void add_line(struct ct_cli *cli, const struct ct_log_row *row, struct ct_buf *out)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	char text[CT_HUMAN_SIZE], iso[CT_ISO_SIZE];
	struct ct_str error = ct_log_error_line(&arena, row);

	if (cli->out.json) {
		struct ct_jw jw = ct_jw(out);
		ct_jw_object(&jw);
		ct_log_members(&jw, row);
		ct_jw_end_object(&jw);
		ct_buf_puts(out, "\n");
		return;
	}
	ct_buf_printf(out, "%.19sZ  %.*s  %-9.*s  %.*s/%.*s", ct_time_iso(iso, row->created_ms),
		      CT_STR_ARG(ct_log_short_id(row->request_id)), CT_STR_ARG(row->state),
		      CT_STR_ARG(row->provider), CT_STR_ARG(row->model));
	if (row->duration_ms >= 0)
		ct_buf_printf(out, "  %s", ct_human_ms(text, sizeof(text), row->duration_ms));
	ct_buf_printf(out, "%s%.*s\n", error.len > 0 ? "  " : "", CT_STR_ARG(error));
}

static void print_line(struct ct_cli *cli, const struct ct_log_row *row)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf line = CT_BUF_INIT(LINES_MAX);

	add_line(cli, row, &line);
	ct_out_write(&cli->out, ct_buf_str(&line));
}

/* Its end is not seen by its row's number: look at it again until it comes. */
static void track(struct follow *f, const struct ct_log_row *row)
{
	if (!ct_str_is(row->state, "pending") || f->pending_count >= PENDING_MAX)
		return;
	if (f->pending_count == f->pending_room) {
		size_t room = f->pending_room ? 2 * f->pending_room : 16;
		char **more = reallocarray(f->pending, room, sizeof(*more));
		if (more == NULL)
			return;
		f->pending = more;
		f->pending_room = room;
	}
	char *id = strndup(row->request_id.ptr, row->request_id.len);
	if (id != NULL)
		f->pending[f->pending_count++] = id;
}

static int look_back(void *user, const struct ct_log_row *row, int64_t rowid)
{
	struct follow *f = user;

	if (rowid > f->last_rowid)
		f->last_rowid = rowid;
	track(f, row);
	return CT_OK;
}

static int newest(void *user, const struct ct_log_row *row, int64_t rowid)
{
	int64_t *last = user;

	(void)row;
	*last = rowid;
	return CT_OK;
}

static int keep_line(void *user, const struct ct_log_row *row, int64_t rowid)
{
	struct follow *f = user;

	if (rowid > f->last_rowid) /* it came since look_back(), and will be seen again */
		return CT_OK;
	if (f->line_count == f->line_room) {
		size_t room = f->line_room ? 2 * f->line_room : 64;
		size_t *more = reallocarray(f->starts, room, sizeof(*more));
		if (more == NULL)
			return CT_ENOMEM;
		f->starts = more;
		f->line_room = room;
	}
	f->starts[f->line_count++] = f->lines->len;
	add_line(f->cli, row, f->lines);
	return ct_buf_check(f->lines, "the log", NULL);
}

/* What is there already, oldest first. */
static int print_past(struct follow *f, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf lines = CT_BUF_INIT(LINES_MAX);
	struct ct_log_filter any = { .limit = 1 }, back = *f->filter;

	back.failed = false; /* what runs now may fail yet */
	back.limit = LOOK_BACK;
	f->lines = &lines;
	int rc = ct_diag_logs(f->cli->app, &any, newest, &f->last_rowid, err);
	if (rc == CT_OK)
		rc = ct_diag_logs(f->cli->app, &back, look_back, f, err);
	if (rc == CT_OK)
		rc = ct_diag_logs(f->cli->app, f->filter, keep_line, f, err);
	size_t end = lines.len;
	for (size_t i = f->line_count; rc == CT_OK && i > 0; i--) {
		ct_out_write(&f->cli->out, (struct ct_str){ lines.ptr + f->starts[i - 1],
							    end - f->starts[i - 1] });
		end = f->starts[i - 1];
	}
	free(f->starts);
	return rc;
}

static int new_row(void *user, const struct ct_log_row *row, int64_t rowid)
{
	struct follow *f = user;

	if (rowid > f->last_rowid)
		f->last_rowid = rowid;
	track(f, row);
	if (!f->filter->failed || ct_str_is(row->state, "failed"))
		print_line(f->cli, row);
	return CT_OK;
}

struct look {
	struct follow *f;
	bool ended;
};

static int look_again(void *user, const struct ct_log_row *row, struct ct_str attempts)
{
	struct look *look = user;

	(void)attempts;
	look->ended = !ct_str_is(row->state, "pending");
	if (look->ended && (!look->f->filter->failed || ct_str_is(row->state, "failed")))
		print_line(look->f->cli, row);
	return CT_OK;
}

static int check_pending(struct follow *f, struct ct_err *err)
{
	size_t kept = 0;
	int rc = CT_OK;

	for (size_t i = 0; i < f->pending_count; i++) {
		struct look look = { .f = f };
		int found = CT_OK;

		if (rc == CT_OK)
			found = ct_diag_log_show(f->cli->app, ct_str(f->pending[i]), look_again,
						 &look, err);
		if (found != CT_OK && found != CT_EINVALID && found != CT_EBUSY)
			rc = found;
		if (look.ended || found == CT_EINVALID) /* or deleted meanwhile */
			free(f->pending[i]);
		else
			f->pending[kept++] = f->pending[i];
	}
	f->pending_count = kept;
	return rc;
}

static int look_for_new(struct follow *f, struct ct_err *err)
{
	struct ct_log_filter filter = *f->filter;

	filter.failed = false;
	filter.limit = 0;
	filter.after_rowid = f->last_rowid;
	int rc = check_pending(f, err);
	if (rc == CT_OK)
		rc = ct_diag_logs(f->cli->app, &filter, new_row, f, err);
	return rc == CT_EBUSY ? CT_OK : rc; /* the next look will tell */
}

/* CT_OK when it is time to look; CT_ECANCELLED by a signal; CT_ECUT: nobody reads. */
static int pause_until_look(int signals)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = STDOUT_FILENO, .events = 0 },
	};
	int n = poll(fds, CT_COUNT(fds), POLL_MS);

	if (n > 0 && fds[0].revents)
		return CT_ECANCELLED;
	return n > 0 && fds[1].revents & (POLLERR | POLLNVAL) ? CT_ECUT : CT_OK;
}

static int go_on(struct follow *f, int signals, struct ct_err *err)
{
	const struct ct_out *out = &f->cli->out;
	int rc = print_past(f, err);

	while (rc == CT_OK && !out->closed && !out->failed) {
		ct_out_flush(&f->cli->out);
		rc = pause_until_look(signals);
		if (rc == CT_OK)
			rc = look_for_new(f, err);
	}
	return rc;
}

int ct_log_follow(struct ct_cli *cli, const struct ct_log_filter *filter, struct ct_err *err)
{
	struct follow f = { .cli = cli, .filter = filter };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int signals = signalfd(-1, &set, SFD_CLOEXEC);
	int rc = go_on(&f, signals, err);
	if (rc == CT_ECUT)
		cli->out.closed = true;
	for (size_t i = 0; i < f.pending_count; i++)
		free(f.pending[i]);
	free(f.pending);
	close(signals);
	return rc == CT_ECUT ? CT_EXIT_OK : ct_exit_status(rc);
}

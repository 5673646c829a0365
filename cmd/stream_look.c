#include "stream_look.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "service/stream_attach.h"

static const char *const looks_at[] = { "list", "attach", "stop" };

/* What has its place beside --list, --attach and --stop is global, or --from. */
static int check(struct ct_cli *cli, const char *what, struct ct_err *err)
{
	static const char *const runs[] = { "input", "skip-completed", "metrics", "continue",
					    "conversation", "file", "provider", "model" };

	if (ct_args_word_count(cli->args) > 0)
		return ct_fail(err, CT_EUSAGE, "--%s and a PROMPT do not go together", what);
	for (size_t i = 0; i < CT_COUNT(looks_at); i++)
		if (strcmp(looks_at[i], what) != 0 && ct_args_count(cli->args, looks_at[i]))
			return ct_fail(err, CT_EUSAGE, "--%s and --%s do not go together", what,
				       looks_at[i]);
	for (size_t i = 0; i < CT_COUNT(runs); i++)
		if (ct_args_count(cli->args, runs[i]))
			return ct_fail(err, CT_EUSAGE, "--%s and --%s do not go together", what,
				       runs[i]);
	if (ct_args_count(cli->args, "from") && strcmp(what, "attach") != 0)
		return ct_fail(err, CT_EUSAGE, "--from goes with --attach");
	return CT_OK;
}

struct list {
	struct ct_cli *cli;
	struct ct_table *table; /* NULL: JSON */
	struct ct_jw *jw;
	int64_t now_ms;
	int count;
};

static void add_json(struct ct_jw *jw, const struct ct_kept_session *s)
{
	char created[CT_ISO_SIZE];

	ct_jw_object(jw);
	ct_jw_member(jw, "session_id", s->session_id);
	ct_jw_member_or_null(jw, "request_id", s->request_id);
	ct_jw_member_or_null(jw, "user_id", s->user_id);
	ct_jw_member_or_null(jw, "provider", s->provider);
	ct_jw_member_or_null(jw, "model", s->model);
	ct_jw_member(jw, "state", s->state);
	ct_jw_member_int(jw, "pid", s->process.pid);
	ct_jw_member(jw, "created_at", ct_str(ct_time_iso(created, s->created_ms)));
	ct_jw_end_object(jw);
}

static int add_row(void *user, const struct ct_kept_session *s)
{
	struct list *l = user;
	char since[CT_HUMAN_SIZE];

	l->count++;
	if (l->table == NULL) {
		add_json(l->jw, s);
		return CT_OK;
	}
	ct_human_ago(since, sizeof(since), s->created_ms, l->now_ms);
	ct_table_cell(l->table, "%.*s", CT_STR_ARG(s->session_id));
	ct_table_cell(l->table, "%s", since);
	ct_table_cell(l->table, "%lld", (long long)s->process.pid);
	ct_table_cell(l->table, "%.*s", CT_STR_ARG(s->provider));
	ct_table_cell(l->table, "%.*s", CT_STR_ARG(s->model));
	return CT_OK;
}

static int list_json(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(64 << 20);
	struct ct_jw jw = ct_jw(&text);
	struct list list = { .cli = cli, .jw = &jw };

	ct_jw_array(&jw);
	int rc = ct_stream_list(cli->app, add_row, &list, err);
	ct_jw_end_array(&jw);
	if (rc == CT_OK)
		ct_out_json(&cli->out, &text);
	return rc;
}

static int list(struct ct_cli *cli, struct ct_err *err)
{
	static const struct ct_column columns[] = {
		{ .title = "SESSION", .shrink = true },
		{ .title = "BEGAN" },
		{ .title = "PID", .align = CT_RIGHT },
		{ .title = "PROVIDER" },
		{ .title = "MODEL", .shrink = true, .optional = 1 },
	};
	struct list list = { .cli = cli, .now_ms = ct_time_now().wall_ms };

	if (cli->out.json)
		return list_json(cli, err);
	list.table = ct_table_create(columns, CT_COUNT(columns));
	int rc = ct_stream_list(cli->app, add_row, &list, err);
	if (rc == CT_OK && list.count > 0) {
		ct_table_print(list.table, &cli->out);
		return rc;
	}
	ct_table_destroy(list.table);
	if (rc == CT_OK && cli->verbose >= 0)
		ct_out_note(&cli->out, "No session is running.");
	return rc;
}

static int attach(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_attach_options options = {
		.session_id = ct_str(ct_args_text(cli->args, "attach")),
		.from = ct_args_int(cli->args, "from", 0),
		.output = STDOUT_FILENO,
	};
	struct ct_attach_result r;
	int rc = ct_stream_attach(cli->app, &options, &r, err);

	if (rc != CT_OK)
		return rc;
	cli->out.error_written = true; /* as an event */
	cli->out.closed = r.closed;
	if (r.closed || r.output_error != 0)
		return ct_fail(err, r.closed ? CT_ECANCELLED : CT_EIO, "cannot write events: %s",
			       strerror(r.output_error));
	if (r.signal != 0)
		return ct_fail(err, CT_ECANCELLED, "stopped looking; the session goes on");
	*err = r.err;
	return r.err.code;
}

static int stop(struct ct_cli *cli, struct ct_err *err)
{
	return ct_stream_stop(cli->app, ct_str(ct_args_text(cli->args, "stop")), err);
}

int ct_stream_look(struct ct_cli *cli, bool *looks, struct ct_err *err)
{
	static int (*const run[])(struct ct_cli *cli, struct ct_err *err) = { list, attach, stop };

	for (size_t i = 0; i < CT_COUNT(looks_at); i++) {
		if (ct_args_count(cli->args, looks_at[i]) == 0)
			continue;
		*looks = true;
		int rc = check(cli, looks_at[i], err);
		return rc == CT_OK ? run[i](cli, err) : rc;
	}
	if (ct_args_count(cli->args, "from") == 0)
		return CT_OK;
	*looks = true;
	return ct_fail(err, CT_EUSAGE, "--from goes with --attach");
}

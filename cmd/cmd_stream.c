#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "chat.h"
#include "chat_conversation.h"
#include "service/stream.h"
#include "setup.h"
#include "stream_look.h"

enum { SPARE_DESCRIPTORS = 64 }; /* beside a connection for each session */

static const struct ct_opt options[] = {
	{ "input", 0, CT_OPT_TEXT, "FILE", "Requests, a line of JSON each (-: standard input)",
	  .words = "file" },
	{ "list", 0, CT_OPT_FLAG, NULL, "Show the sessions that run, of any process" },
	{ "attach", 0, CT_OPT_TEXT, "ID", "Show a session's events again, and follow it" },
	{ "from", 0, CT_OPT_INT, "POSITION", "With --attach: from that token on", 0, 9e15 },
	{ "stop", 0, CT_OPT_TEXT, "ID", "Stop a session of any process" },
	{ "provider", 'p', CT_OPT_TEXT, "NAME", "Ask this provider first", .words = "provider:chat" },
	{ "model", 'm', CT_OPT_TEXT, "ID", "A model, an alias, or provider/model", .words = "model" },
	{ "system", 's', CT_OPT_TEXT, "TEXT", "System prompt (@FILE reads it)" },
	{ "max-concurrent", 0, CT_OPT_INT, "N", "At most so many sessions at once; else 100", 1,
	  CT_STREAM_CONCURRENT_MAX },
	{ "buffer-size", 0, CT_OPT_INT, "N",
	  "Events held for a slow reader before providers are paused; else 1000", 1, 1e6 },
	{ "flush-interval", 0, CT_OPT_NUM, "S", "How often events are kept in the store; else 0.1",
	  0.001, 3600 },
	{ "max-tokens-per-second", 0, CT_OPT_INT, "N", "Of each session; else no limit", 0, 1e6 },
	{ "heartbeat", 0, CT_OPT_NUM, "S", "An event after each so long silence; else 30", 0.001,
	  86400 },
	{ "metrics", 0, CT_OPT_FLAG, NULL, "A last event with sums and percentiles" },
	{ "skip-completed", 0, CT_OPT_FLAG, NULL,
	  "Leave out requests whose session_id is complete in the store" },
	CT_CONVERSATION_OPTIONS,
	{ "file", 'f', CT_OPT_LIST, "PATH", "Attach a file, folder, 'pattern', URL or - (repeatable)",
	  .words = "file" },
	{ "template", 0, CT_OPT_TEXT, "NAME", "A prompt of the configuration, with gaps",
	  .words = "template" },
	{ "var", 0, CT_OPT_LIST, "NAME=VALUE", "What fills a gap of the template (repeatable)" },
	{ "temperature", 't', CT_OPT_NUM, "N", "Sampling temperature", 0, 2 },
	{ "max-tokens", 0, CT_OPT_INT, "N", "At most this many tokens in an answer", 1, 1e9 },
	{ "top-p", 0, CT_OPT_NUM, "N", "Nucleus sampling", 0, 1 },
	{ "seed", 0, CT_OPT_INT, "N", "Seed of the sampling, where the provider takes one",
	  -9e15, 9e15 },
	{ "effort", 0, CT_OPT_CHOICE, "LEVEL", "How hard the model should think",
	  .choices = "none|minimal|low|medium|high|xhigh|max" },
	{ "option", 'o', CT_OPT_LIST, "KEY=VALUE", "Into the request body as it is (repeatable)" },
	{ "no-stream", 0, CT_OPT_FLAG, NULL, "Ask the provider for the whole answer at once" },
	{ "reasoning", 0, CT_OPT_FLAG, NULL, "Ask for the model's reasoning; events of their own" },
	{ "no-fallback", 0, CT_OPT_FLAG, NULL, "Only the first provider" },
	{ "fallback", 0, CT_OPT_TEXT, "LIST", "Then these: names or provider/model, by commas",
	  .words = "provider:chat" },
	{ "on-cut", 0, CT_OPT_CHOICE, "WHAT", "When an answer breaks off after a part was shown",
	  .choices = "repair|fail" },
	{ "timeout", 0, CT_OPT_NUM, "S", "For a whole session, waits included; else 300", 0.001, 86400 },
	{ "first-token-timeout", 0, CT_OPT_NUM, "S", "Until the first sign of work", 0.001, 86400 },
	{ "idle-timeout", 0, CT_OPT_NUM, "S", "Between signs of work", 0.001, 86400 },
	{ "retries", 0, CT_OPT_INT, "N", "Per provider; else 2", 0, 20 },
	{ "user", 0, CT_OPT_TEXT, "ID", "Whom the log and quotas name" },
	{ "no-log", 0, CT_OPT_FLAG, NULL, "Record metrics, not content" },
	{ .name = NULL },
};

static bool has_prompt(const struct ct_cli *cli)
{
	return ct_args_word_count(cli->args) > 0;
}

/* What says something of one question is no option for many. */
static int check_options(struct ct_cli *cli, struct ct_err *err)
{
	static const char *const single[] = { "continue", "conversation", "file", "template",
					      "var" };

	if (has_prompt(cli) && ct_args_count(cli->args, "input"))
		return ct_fail(err, CT_EUSAGE, "--input and a PROMPT do not go together");
	if (has_prompt(cli) && ct_args_count(cli->args, "skip-completed"))
		return ct_fail(err, CT_EUSAGE, "--skip-completed is for request lines, not for "
			       "a PROMPT");
	for (size_t i = 0; !has_prompt(cli) && i < CT_COUNT(single); i++)
		if (ct_args_count(cli->args, single[i]) > 0)
			return ct_fail(err, CT_EUSAGE, "--%s is for a PROMPT, not for request "
				       "lines", single[i]);
	return CT_OK;
}

/* Each session has a connection of its own: no more of them than descriptors. */
static int64_t fit_descriptors(struct ct_cli *cli, int64_t wanted)
{
	struct rlimit limit;
	int64_t room;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return wanted;
	room = (int64_t)limit.rlim_cur - SPARE_DESCRIPTORS;
	room = room < 1 ? 1 : room;
	if (room >= wanted)
		return wanted;
	if (cli->verbose >= 0)
		ct_out_notice(&cli->out, "at most %lld session%s at once, not %lld: a process may open "
			      "%lld descriptors here (ulimit -n)", (long long)room,
			      room == 1 ? "" : "s", (long long)wanted, (long long)limit.rlim_cur);
	return room;
}

/*
 * The kernel's table of them is made as large as it will be while there is one thread: where there are
 * more, each time it grows stops its thread for 10 to 200 ms (synchronize_rcu in expand_files), and
 * with it all streams.
 */
static void reserve_descriptors(int64_t sessions)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, (int)sessions + SPARE_DESCRIPTORS - 1);

	if (fd >= 0)
		close(fd);
}

static int64_t milliseconds(struct ct_cli *cli, const char *name, int64_t fallback)
{
	double s = ct_args_num(cli->args, name, -1);
	int64_t ms = s < 0 ? fallback : (int64_t)(s * 1000 + 0.5);

	return ms > 0 ? ms : 1;
}

static struct ct_stream_options read_stream_options(struct ct_cli *cli)
{
	const struct ct_stream_config *c = &cli->app->config->stream;
	struct ct_stream_options o = {
		.call = ct_chat_call_options(cli),
		.max_concurrent = ct_args_int(cli->args, "max-concurrent", c->max_connections),
		.buffer_events = ct_args_int(cli->args, "buffer-size", c->buffer_size),
		.max_tokens_per_second = ct_args_int(cli->args, "max-tokens-per-second",
						     c->max_tokens_per_second),
		.flush_ms = milliseconds(cli, "flush-interval", c->flush_interval_ms),
		.heartbeat_ms = milliseconds(cli, "heartbeat", c->heartbeat_interval_ms),
		.metrics = ct_args_count(cli->args, "metrics") > 0,
		.skip_completed = ct_args_count(cli->args, "skip-completed") > 0,
		.input = -1,
		.output = STDOUT_FILENO,
	};

	o.call.timeout_ms = milliseconds(cli, "timeout", c->timeout_ms);
	return o;
}

/* What a thousand sessions have to say alike is said once. */
struct notices {
	struct ct_out *out;
	uint64_t said[32]; /* hashes of the lines said last */
	size_t count;
};

static void say_once(void *user, enum ct_log_level level, const char *line)
{
	struct notices *n = user;
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	(void)level;
	for (const char *c = line; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	for (size_t i = 0; i < n->count && i < CT_COUNT(n->said); i++)
		if (n->said[i] == hash)
			return;
	n->said[n->count++ % CT_COUNT(n->said)] = hash;
	ct_out_notice(n->out, "%s", line);
}

static void show_counts(void *user, const struct ct_stream_counts *c)
{
	struct ct_cli *cli = user;
	char line[160];

	snprintf(line, sizeof(line), "%lld running, %lld completed, %lld failed, %lld tokens",
		 (long long)c->running, (long long)c->completed, (long long)c->failed,
		 (long long)c->tokens);
	ct_out_status(&cli->out, line);
}

/* What became of it all: for people, and as the exit status. */
static int conclude(struct ct_cli *cli, const struct ct_stream_result *r, struct ct_err *err)
{
	const struct ct_stream_counts *c = &r->counts;

	if (cli->out.status)
		ct_out_status(&cli->out, "");
	cli->out.error_written = true; /* each is an event */
	cli->out.closed = r->closed;
	if (r->closed || r->output_error != 0)
		return ct_fail(err, r->closed ? CT_ECANCELLED : CT_EIO, "cannot write events: %s",
			       strerror(r->output_error));
	if (r->signal != 0)
		return ct_fail(err, CT_ECANCELLED, "stopped: %lld completed, %lld did not",
			       (long long)c->completed, (long long)c->failed);
	if (r->input_error != 0)
		return ct_fail(err, CT_EIO, "cannot read requests: %s", strerror(r->input_error));
	if (r->first.code == CT_OK)
		return CT_OK;
	*err = r->first;
	if (c->completed + c->failed > 1)
		ct_fail(err, r->first.code, "%lld of %lld sessions failed, the first: %s",
			(long long)c->failed, (long long)(c->completed + c->failed), r->first.msg);
	return r->first.code;
}

static int run_sessions(struct ct_cli *cli, struct ct_stream_options *o, struct ct_err *err)
{
	bool watched = cli->out.err_is_tty && !cli->out.is_tty && cli->verbose >= 0;
	struct notices notices = { .out = &cli->out };
	struct ct_stream_result result;

	if (cli->verbose == 0 && !ct_log_on(CT_LOG_INFO) && ct_log_on(CT_LOG_WARN))
		ct_log_set(CT_LOG_WARN, say_once, &notices);
	int rc = ct_stream_run(cli->app, o, watched ? show_counts : NULL, cli, &result, err);
	ct_setup_log(&cli->out, cli->verbose, cli->app->config->log_level);
	return rc == CT_OK ? conclude(cli, &result, err) : rc;
}

static int ask_prompt(struct ct_cli *cli, struct ct_chat_input *in, struct ct_err *err)
{
	struct ct_conversation *conversation = NULL;
	int rc = ct_chat_read(cli, in, err);

	if (rc == CT_OK)
		rc = ct_chat_conversation(cli, in, &conversation, err);
	if (rc == CT_OK) {
		struct ct_stream_options o = read_stream_options(cli);
		o.base = &in->request;
		o.choice = in->choice;
		o.conversation = conversation;
		rc = run_sessions(cli, &o, err);
	}
	if (rc == CT_OK)
		rc = ct_chat_settle(cli, conversation, err);
	ct_conversation_destroy(conversation);
	return rc;
}

static int open_input(struct ct_cli *cli, int *fd, struct ct_err *err)
{
	const char *name = ct_args_text(cli->args, "input");

	*fd = STDIN_FILENO;
	if (name != NULL && strcmp(name, "-") != 0) {
		struct stat info;

		*fd = open(name, O_RDONLY | O_CLOEXEC);
		if (*fd >= 0 && fstat(*fd, &info) == 0 && S_ISDIR(info.st_mode)) {
			close(*fd);
			errno = EISDIR;
			*fd = -1;
		}
		if (*fd < 0)
			return ct_fail(err, CT_EUSAGE, "--input: cannot read %s: %s", name,
				       strerror(errno));
	} else if (isatty(STDIN_FILENO) && cli->verbose >= 0)
		ct_out_notice(&cli->out, "reading requests, a line of JSON each, until Ctrl-D");
	return CT_OK;
}

static int ask_lines(struct ct_cli *cli, struct ct_chat_input *in, struct ct_err *err)
{
	int fd = -1, rc = ct_chat_read_options(cli, in, err);

	if (rc == CT_OK)
		rc = open_input(cli, &fd, err);
	if (rc != CT_OK)
		return rc;
	struct ct_stream_options o = read_stream_options(cli);
	o.base = &in->request;
	o.choice = in->choice;
	o.max_concurrent = fit_descriptors(cli, o.max_concurrent);
	reserve_descriptors(o.max_concurrent);
	o.input = fd;
	rc = run_sessions(cli, &o, err);
	if (fd > STDERR_FILENO)
		close(fd);
	return rc;
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_chat_input_fini) struct ct_chat_input in = CT_CHAT_INPUT_INIT;
	bool looks = false;
	int rc = ct_stream_look(cli, &looks, err);

	if (looks)
		return ct_exit_status(rc);
	in.words_only = true;
	rc = check_options(cli, err);
	if (rc == CT_OK)
		rc = has_prompt(cli) ? ask_prompt(cli, &in, err) : ask_lines(cli, &in, err);
	return ct_exit_status(rc);
}

const struct ct_cmd ct_cmd_stream = {
	.name = "stream",
	.args = "[OPTION]... [PROMPT]...",
	.summary = "Answers as events: one, or thousands at once",
	.details =
		"With a PROMPT it is one session. Else each line of standard input (or of --input) is a "
		"request in JSON, and many are asked at once:\n"
		"  {\"message\":\"...\",\"session_id\":\"a1\",\"metadata\":{...}}\n"
		"Events are written to standard output, one line of JSON each.",
	.needs = CT_NEEDS_CATALOG,
	.options = options,
	.run = run,
};

/* Runs of this program against the sandbox, several at a time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "faults.h"

enum {
	JOBS_MAX = 8,
	OUTPUT_BYTES = 1 << 20,
	HUNG_MS = 30000,
	WORDS_MAX = 64,
	ENV_MAX = 48,
};

/* One row for one protocol. */
struct job {
	struct ct_fault_result result;
	pid_t pid; /* 0: not begun, or over */
	bool over;
	int fd; /* its stdout */
	struct ct_buf output;
	int64_t began_us;
};

struct play {
	const char *exe;
	struct job *jobs;
	size_t count, begun, told;
};

/* The variables a child needs of ours; nothing that could turn it to a real provider. */
static bool is_kept(const char *variable)
{
	static const char *const kept[] = { "PATH=",  "HOME=",	 "TMPDIR=", "LANG=",
					    "LC_ALL", "ASAN_OPTIONS=", "UBSAN_OPTIONS=",
					    "LSAN_OPTIONS=" };

	for (size_t i = 0; i < CT_COUNT(kept); i++)
		if (strncmp(variable, kept[i], strlen(kept[i])) == 0)
			return true;
	return false;
}

extern char **environ;

/* Words and variables of one child, and where they are kept. */
struct words {
	struct ct_arena arena;
	char *argv[WORDS_MAX], *env[ENV_MAX];
	size_t argc, envc;
};

static void word(struct words *w, struct ct_str text)
{
	if (w->argc < WORDS_MAX - 1)
		w->argv[w->argc++] = (char *)(uintptr_t)ct_arena_dup(&w->arena, text).ptr;
}

static void words(struct words *w, const char *text)
{
	for (const char *at = text; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, " ");
		if (len > 0)
			word(w, (struct ct_str){ at, len });
		at += len + (at[len] == ' ');
	}
}

static void variable(struct words *w, const char *name, const char *value)
{
	if (w->envc < ENV_MAX - 1)
		w->env[w->envc++] = (char *)(uintptr_t)ct_arena_printf(&w->arena, "%s%s", name,
								       value).ptr;
}

static void write_env(struct words *w, const struct play *play, const struct job *job)
{
	const struct ct_fault_row *row = job->result.row;
	const struct ct_fault_protocol *protocol = job->result.protocol;

	for (char **v = environ; *v != NULL; v++)
		if (is_kept(*v))
			variable(w, *v, "");
	variable(w, "TERM=", "dumb");
	variable(w, "CARTRITA_CONFIG=", "/dev/null");
	variable(w, "PROVIDER_CIRCUIT_TIMEOUT=", "1000");
	variable(w, "CARTRITA=", play->exe);
	variable(w, "PROVIDER=", protocol->provider);
	if (protocol->env != NULL)
		variable(w, protocol->env, "");
	if (row->env != NULL)
		variable(w, row->env, "");
}

static void write_plan(struct words *w, const struct job *job)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf plan = CT_BUF_INIT(1024);

	for (const char *at = job->result.row->plan; *at != '\0'; at++) {
		if (*at == '@')
			ct_buf_puts(&plan, job->result.protocol->provider);
		else
			ct_buf_append(&plan, at, 1);
	}
	words(w, "--fault");
	word(w, ct_buf_str(&plan));
}

static void write_command(struct words *w, const struct play *play, const struct job *job)
{
	const struct ct_fault_row *row = job->result.row;

	word(w, ct_str(play->exe));
	words(w, "sandbox");
	write_plan(w, job);
	words(w, "--");
	if (row->show == CT_FAULT_SCRIPT) {
		words(w, "sh -c");
		word(w, ct_str(row->args));
		return;
	}
	word(w, ct_str(play->exe));
	words(w, "chat -q --no-stdin -p");
	words(w, job->result.protocol->provider);
	words(w, row->show == CT_FAULT_JSON ? "--json" : "--stream");
	words(w, row->args);
	words(w, "count to 9");
}

/* A pipe, or a terminal: ends[0] is ours. */
static int open_output(const struct job *job, int ends[2])
{
	if (job->result.row->show != CT_FAULT_TTY)
		return pipe2(ends, O_CLOEXEC);
	ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends[0] < 0 || grantpt(ends[0]) != 0 || unlockpt(ends[0]) != 0)
		return -1;
	ends[1] = ioctl(ends[0], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios plain;
	if (ends[1] >= 0 && tcgetattr(ends[1], &plain) == 0) {
		plain.c_oflag &= ~(tcflag_t)OPOST; /* lines end as they were written */
		tcsetattr(ends[1], TCSANOW, &plain);
	}
	return ends[1] >= 0 ? 0 : -1;
}

static int spawn(struct job *job, struct words *w, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	int rc = posix_spawn(&job->pid, w->argv[0], &actions, &attributes, w->argv, w->env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return rc;
}

static int begin(struct play *play, struct job *job, struct ct_err *err)
{
	struct words w = { 0 };
	int ends[2] = { -1, -1 };

	if (open_output(job, ends) != 0) {
		if (ends[0] >= 0)
			close(ends[0]);
		return ct_fail(err, CT_EIO, "cannot open a %s: %s",
			       job->result.row->show == CT_FAULT_TTY ? "terminal" : "pipe",
			       strerror(errno));
	}
	write_env(&w, play, job);
	write_command(&w, play, job);
	job->began_us = ct_clock_us();
	int rc = spawn(job, &w, ends[1]);
	close(ends[1]);
	ct_arena_fini(&w.arena);
	job->fd = ends[0];
	fcntl(job->fd, F_SETFL, O_NONBLOCK);
	if (rc == 0)
		return CT_OK;
	close(job->fd);
	job->pid = 0;
	return ct_fail(err, CT_EIO, "cannot run %s: %s", play->exe, strerror(rc));
}

static void read_output(struct job *job)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(job->fd, bytes, sizeof(bytes))) > 0)
		ct_buf_append(&job->output, bytes, (size_t)n);
}

static void finish(struct job *job, int wait_status)
{
	struct ct_fault_result *result = &job->result;
	int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) :
					      128 + WTERMSIG(wait_status);

	read_output(job);
	close(job->fd);
	result->ms = (ct_clock_us() - job->began_us) / 1000;
	ct_fault_judge(result, status, ct_buf_str(&job->output));
	ct_buf_fini(&job->output);
	job->pid = 0;
	job->over = true;
}

/* See what has ended, or hangs. How many still run? */
static size_t look(struct play *play)
{
	size_t running = 0;

	for (size_t i = play->told; i < play->begun; i++) {
		struct job *job = &play->jobs[i];
		int status;
		if (job->pid == 0)
			continue;
		read_output(job);
		if (ct_clock_us() - job->began_us > (int64_t)HUNG_MS * 1000)
			kill(-job->pid, SIGKILL);
		if (waitpid(job->pid, &status, WNOHANG) == job->pid)
			finish(job, status);
		else
			running++;
	}
	return running;
}

static void tell(struct play *play, ct_fault_fn *fn, void *user)
{
	while (play->told < play->begun && play->jobs[play->told].over) {
		fn(user, &play->jobs[play->told].result, play->told + 1, play->count);
		play->told++;
	}
}

static void kill_all(struct play *play)
{
	for (size_t i = 0; i < play->begun; i++) {
		struct job *job = &play->jobs[i];
		int status;
		if (job->pid == 0)
			continue;
		kill(-job->pid, SIGKILL);
		waitpid(job->pid, &status, 0);
		finish(job, status);
	}
}

static void list_jobs(struct play *play)
{
	for (const struct ct_fault_row *row = ct_fault_rows; row->does != NULL; row++)
		for (const struct ct_fault_protocol *p = ct_fault_protocols; p->name; p++)
			if (row->only == 0 || row->only & p->bit)
				play->jobs[play->count++] = (struct job){
					.result = { .row = row, .protocol = p },
					.output = CT_BUF_INIT(OUTPUT_BYTES),
				};
}

int ct_fault_play(const char *exe, ct_fault_fn *fn, void *user, struct ct_err *err)
{
	struct play play = { .exe = exe };
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t most = cores > 0 && 2 * cores < JOBS_MAX ? (size_t)(2 * cores) : JOBS_MAX;
	size_t rows = 0;
	int rc = CT_OK;

	while (ct_fault_rows[rows].does != NULL)
		rows++;
	play.jobs = calloc(4 * rows, sizeof(*play.jobs));
	if (play.jobs == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for %zu rows", rows);
	list_jobs(&play);
	while (rc == CT_OK && play.told < play.count) {
		size_t running = look(&play);
		for (; rc == CT_OK && running < most && play.begun < play.count; running++) {
			rc = begin(&play, &play.jobs[play.begun], err);
			play.begun += rc == CT_OK;
		}
		tell(&play, fn, user);
		poll(NULL, 0, 5);
	}
	kill_all(&play);
	free(play.jobs);
	return rc;
}

/*
 * streams -n SESSIONS -k TOKENS [-w FIRST [-g]] [-f] COMMAND...: run COMMAND (a `cartrita stream`
 * against a sandbox that numbers its tokens), feed it SESSIONS requests to "count to TOKENS",
 * read its events and look at each: positions without gaps, the numbers in order, none lost or
 * doubled, one ending for each session and nothing after it. Exit 1 when anything is wrong.
 * With -f the sandbox goes wrong: a session may also end in an error, but in nothing else.
 * -w: so many sessions go first, alone; then memory and descriptors are looked at, and again
 * after all; with -g it is wrong when they grew by more than 10 %.
 *
 * Where the sandbox has --stamps the age of each token is taken when its event is read
 * here: sandbox to COMMAND's stdout, with everything the kernel and this program add.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "codec/json.h"
#include "delays.h"

enum { LINE_MAX_BYTES = 4 << 20, WORD_MAX = 48, PIPE_BYTES = 1 << 20, SETTLE_US = 1500000 };

struct session {
	char word[WORD_MAX]; /* that is being read */
	int word_len;
	int64_t next, position; /* the number, the position that must come */
	int64_t bad;
	bool completed, failed;
};

struct memory {
	long kib, most_kib, descriptors;
};

struct load {
	int64_t sessions, tokens, first;
	bool faults, growth;
	struct session *all;
	int64_t fed, ended, completed, failed, restarts, events, token_events, wrong;
	int64_t cpu_us; /* when the last session had ended */
	struct delays delays;
	struct ct_buf in, out; /* events not read yet, requests not written yet */
	int in_fd, out_fd;
	pid_t pid;
	struct memory before, after;
	int64_t settled_us; /* the first ones have ended then; 0: not yet */
	char example[160]; /* of what is wrong */
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "streams: %s: %s\n", what, why);
	exit(2);
}

static void wrong(struct load *load, const char *what, struct ct_str line)
{
	load->wrong++;
	if (load->example[0] == '\0')
		snprintf(load->example, sizeof(load->example), "%s: %.*s", what,
			 CT_STR_ARG(line));
}

/* "7" or "7@123456": 7 is expected, 123456 is when it was sent. */
static void end_word(struct load *load, struct session *session, int64_t now_us)
{
	struct ct_str word = { session->word, (size_t)session->word_len };
	const char *mark = memchr(word.ptr, '@', word.len);
	int64_t number = -1, stamp_us = -1;

	session->word_len = 0;
	if (mark != NULL) {
		ct_str_int(ct_str_from(word, (size_t)(mark - word.ptr) + 1), &stamp_us);
		word.len = (size_t)(mark - word.ptr);
	}
	if (ct_str_is(word, "[sandbox]"))
		number = 0;
	else
		ct_str_int(word, &number);
	if (number != session->next) {
		session->bad++;
		return;
	}
	session->next++;
	if (stamp_us >= 0)
		delays_add(&load->delays, now_us - stamp_us);
}

/* Words end where the next begins; a stamp's last digit is here when its event is. */
static void read_text(struct load *load, struct session *session, struct ct_str text,
		      int64_t now_us)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == ' ' && session->word_len > 0)
			end_word(load, session, now_us);
		else if (text.ptr[i] != ' ' && session->word_len < WORD_MAX)
			session->word[session->word_len++] = text.ptr[i];
	}
	/* a stamp is never cut in two by the sandbox: its word is whole */
	if (session->word_len > 0 &&
	    memchr(session->word, '@', (size_t)session->word_len) != NULL)
		end_word(load, session, now_us);
}

static void on_token(struct load *load, struct session *session, const struct ct_json *event,
		     int64_t now_us)
{
	load->token_events++;
	if (ct_json_int_at(event, "position", -1) != session->position)
		wrong(load, "position", event->text);
	session->position++;
	read_text(load, session, ct_json_str_at(event, "token"), now_us);
}

/* After a restart the answer begins anew. */
static void on_recovered(struct load *load, struct session *session,
			 const struct ct_json *event)
{
	load->restarts++;
	if (!ct_str_is(ct_json_str_at(event, "mode"), "restart"))
		return;
	session->next = session->word_len = 0;
	session->bad = 0;
}

static void on_end(struct load *load, struct session *session, const struct ct_json *event,
		   bool completed)
{
	if (session->word_len > 0)
		end_word(load, session, ct_clock_us());
	load->ended++;
	session->completed = completed;
	session->failed = !completed;
	load->completed += completed;
	load->failed += !completed;
	if (completed && (session->next != load->tokens + 1 || session->bad > 0))
		wrong(load, "an answer with other words", event->text);
	if (!completed && !load->faults)
		wrong(load, "an error", event->text);
	if (!completed && ct_json_str_at(event, "code").len == 0)
		wrong(load, "an error without a code", event->text);
}

static void on_event(struct load *load, const struct ct_json *event, int64_t now_us)
{
	struct ct_str type = ct_json_str_at(event, "type"),
		      id = ct_json_str_at(event, "session_id");
	struct session *session;
	int64_t number;

	load->events++;
	if (ct_str_is(type, "metrics"))
		return;
	if (id.len < 2 || !ct_str_int(ct_str_from(id, 1), &number) || number < 0 ||
	    number >= load->fed) {
		wrong(load, "whose event?", event->text);
		return;
	}
	session = &load->all[number];
	if (session->completed || session->failed)
		wrong(load, "after the end", event->text);
	else if (ct_str_is(type, "token"))
		on_token(load, session, event, now_us);
	else if (ct_str_is(type, "recovered"))
		on_recovered(load, session, event);
	else if (ct_str_is(type, "completion") || ct_str_is(type, "error"))
		on_end(load, session, event, ct_str_is(type, "completion"));
}

static void read_lines(struct load *load, int64_t now_us)
{
	static struct ct_arena arena;
	struct ct_str rest = ct_buf_str(&load->in);
	const struct ct_json *event;

	for (const char *end; (end = memchr(rest.ptr, '\n', rest.len)) != NULL;) {
		struct ct_str line = { rest.ptr, (size_t)(end - rest.ptr) };

		rest = ct_str_from(rest, line.len + 1);
		ct_arena_reset(&arena);
		if (ct_json_parse(&arena, line, CT_JSON_STRICT, &event, NULL) == CT_OK)
			on_event(load, event, now_us);
		else
			wrong(load, "no JSON", line);
	}
	ct_buf_drop(&load->in, load->in.len - rest.len);
}

/* The command's own words about its memory, and how many descriptors it has. */
static struct memory look(const struct load *load)
{
	struct memory memory = { 0 };
	char path[64], line[128];
	FILE *file;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)load->pid);
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		sscanf(line, "VmRSS: %ld", &memory.kib);
		sscanf(line, "VmHWM: %ld", &memory.most_kib);
	}
	if (file != NULL)
		fclose(file);
	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)load->pid);
	dir = opendir(path);
	while (dir != NULL && readdir(dir) != NULL)
		memory.descriptors++;
	if (dir != NULL)
		closedir(dir);
	memory.descriptors -= 2; /* . and .. */
	return memory;
}

static int64_t cpu_of(pid_t pid)
{
	char path[64], text[1024] = "";
	unsigned long user = 0, system = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	if (file == NULL || fgets(text, sizeof(text), file) == NULL)
		die(path, "cannot be read");
	fclose(file);
	const char *at = strrchr(text, ')');
	if (at != NULL)
		sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		       &system);
	return (int64_t)(user + system) * 1000000 / sysconf(_SC_CLK_TCK);
}

static void make_requests(struct load *load)
{
	int64_t until = load->first > 0 && load->settled_us == 0 ? load->first : load->sessions;

	while (load->fed < until && load->out.len < PIPE_BYTES) {
		ct_buf_printf(&load->out,
			      "{\"session_id\":\"s%lld\",\"message\":\"count to %lld\"}\n",
			      (long long)load->fed, (long long)load->tokens);
		load->fed++;
	}
}

static void write_some(struct load *load)
{
	ssize_t n = write(load->out_fd, load->out.ptr, load->out.len);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		die("writing requests", strerror(errno));
	if (n > 0)
		ct_buf_drop(&load->out, (size_t)n);
}

/* False at its end. */
static bool read_some(struct load *load)
{
	static char bytes[PIPE_BYTES];
	ssize_t n = read(load->in_fd, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	ct_buf_append(&load->in, bytes, (size_t)n);
	if (load->in.failed)
		die("reading events", "a line without end");
	read_lines(load, ct_clock_us());
	return true;
}

/* What the command does behind the last event is given a moment to happen. */
static void pass_gate(struct load *load)
{
	if (load->first == 0 || load->settled_us != 0 || load->ended < load->first)
		return;
	load->settled_us = ct_clock_us();
	usleep(SETTLE_US);
	load->before = look(load);
}

static void run(struct load *load)
{
	struct pollfd fds[2] = { { .fd = load->in_fd, .events = POLLIN },
				 { .events = POLLOUT } };

	while (load->ended < load->sessions) {
		make_requests(load);
		fds[1].fd = load->out.len > 0 ? load->out_fd : -1;
		if (poll(fds, 2, 600000) <= 0 && errno != EINTR)
			die("waiting for events", "none for 10 minutes");
		if (fds[1].fd >= 0 && fds[1].revents != 0)
			write_some(load);
		if (fds[0].revents != 0 && !read_some(load))
			return;
		pass_gate(load);
	}
	load->cpu_us = cpu_of(load->pid);
	if (load->first > 0)
		usleep(SETTLE_US);
	load->after = look(load);
	close(load->out_fd);
	while (read_some(load))
		;
}

static void start(struct load *load, char *argv[])
{
	posix_spawn_file_actions_t actions;
	int in[2], out[2], rc;

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		die("pipe", strerror(errno));
	fcntl(out[0], F_SETPIPE_SZ, PIPE_BYTES);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	rc = posix_spawnp(&load->pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc != 0)
		die(argv[0], strerror(rc));
	close(in[0]);
	close(out[1]);
	load->out_fd = in[1];
	load->in_fd = out[0];
	fcntl(load->out_fd, F_SETFL, O_NONBLOCK);
}

static void report(struct load *load, int64_t wall_us)
{
	double events = load->token_events > 0 ? (double)load->token_events : 1;

	printf("  %-40s %lld completed, %lld failed, %lld recovered; %lld wrong; %.2f s\n",
	       "sessions", (long long)load->completed, (long long)load->failed,
	       (long long)load->restarts, (long long)load->wrong, (double)wall_us / 1e6);
	printf("  %-40s %lld, %.0f/s, %.2f us CPU each (%.2f s)\n", "token events",
	       (long long)load->token_events, events / ((double)wall_us / 1e6),
	       (double)load->cpu_us / events, (double)load->cpu_us / 1e6);
	printf("  %-40s %ld KiB, %ld descriptors\n", "most memory", load->after.most_kib,
	       load->after.descriptors);
	if (load->first > 0)
		printf("  %-40s %ld KiB, %ld descriptors; at the end %ld KiB, %ld\n",
		       "after the first sessions", load->before.kib, load->before.descriptors,
		       load->after.kib, load->after.descriptors);
	delays_print(&load->delays, "from the sandbox to the event");
	if (load->wrong > 0)
		printf("  %s\n", load->example);
}

/*
 * By more than 10 %? How many connections are kept for the next session is a matter of chance, as
 * is what they and a sanitizer hold: that much is no growth, where each session's leak would be.
 */
enum { CHANCE_KIB = 4096, CHANCE_DESCRIPTORS = 40 };

static bool grew(const struct load *load)
{
	const struct memory *before = &load->before;

	return load->growth &&
	       (load->after.kib > before->kib + before->kib / 10 + CHANCE_KIB ||
		load->after.descriptors > before->descriptors + before->descriptors / 10 +
						  CHANCE_DESCRIPTORS);
}

static void read_options(struct load *load, int argc, char *argv[])
{
	for (int c; (c = getopt(argc, argv, "+n:k:w:fg")) != -1;) {
		bool good = c != '?';

		if (c == 'n')
			good = ct_str_int(ct_str(optarg), &load->sessions);
		else if (c == 'k')
			good = ct_str_int(ct_str(optarg), &load->tokens);
		else if (c == 'w')
			good = ct_str_int(ct_str(optarg), &load->first);
		else if (c == 'f')
			load->faults = true;
		else
			load->growth = true;
		if (!good)
			die("bad option", "see streams.c");
	}
	if (optind == argc || load->sessions < 1 || load->tokens < 1)
		die("usage", "streams -n SESSIONS -k TOKENS [-w FIRST [-g]] [-f] COMMAND...");
}

int main(int argc, char *argv[])
{
	static struct load load = { .in = CT_BUF_INIT(LINE_MAX_BYTES),
				    .out = CT_BUF_INIT(2 * PIPE_BYTES) };
	int status = 0;
	int64_t began_us = ct_clock_us();

	read_options(&load, argc, argv);
	load.all = calloc((size_t)load.sessions, sizeof(*load.all));
	if (load.all == NULL)
		die("sessions", "out of memory");
	start(&load, argv + optind);
	run(&load);
	int64_t wall_us = ct_clock_us() - began_us;
	while (waitpid(load.pid, &status, 0) < 0 && errno == EINTR)
		;
	report(&load, wall_us);
	if (load.ended < load.sessions)
		printf("  %lld sessions have no end\n",
		       (long long)(load.sessions - load.ended));
	bool bad = load.ended < load.sessions || load.wrong > 0 || !WIFEXITED(status) ||
		   (WEXITSTATUS(status) != 0 && !load.faults) || grew(&load);
	free(load.all);
	ct_buf_fini(&load.in);
	ct_buf_fini(&load.out);
	delays_free(&load.delays);
	return bad;
}

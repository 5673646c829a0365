/* A command that runs against a sandbox of its own. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "service/sandbox.h"

extern char **environ;

/* Real keys, and what goes with them: not for a command that is to be safe to try. */
static const char *const withheld[] = {
	"ANTHROPIC_AUTH_TOKEN",
	"ANTHROPIC_CUSTOM_HEADERS",
	"OPENAI_ORG_ID",
	"OPENAI_PROJECT_ID",
	"OPENAI_ADMIN_KEY",
	"OPENAI_CUSTOM_HEADERS",
	"AZURE_OPENAI_API_KEY",
	"AZURE_OPENAI_ENDPOINT",
	"AZURE_OPENAI_DEFAULT_MODEL",
	"HUGGING_FACE_HUB_TOKEN",
	"DEEPGRAM_API_KEY",
	"TAVILY_API_KEY",
	"GITHUB_API_KEY",
	"GITHUB_TOKEN",
};

struct command {
	struct ct_loop *loop;
	struct ct_arena arena;
	char **env;
	pid_t pid;
	int status; /* of waitpid(); valid when pid is 0 again */
	char folder[4096]; /* of its store; "" where it has one of the user's */
};

static bool is_variable(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

static bool is_replaced(const char *entry, const struct ct_sandbox_export *exports)
{
	for (const struct ct_sandbox_export *e = exports; e->name != NULL; e++) {
		if (is_variable(entry, e->name))
			return true;
	}
	for (size_t i = 0; i < CT_COUNT(withheld); i++) {
		if (is_variable(entry, withheld[i]))
			return true;
	}
	return false;
}

static int make_env(struct command *command, const struct ct_sandbox_export *exports,
		    struct ct_err *err)
{
	size_t count = 0, at = 0;

	for (char **e = environ; *e != NULL; e++)
		count++;
	for (const struct ct_sandbox_export *e = exports; e->name != NULL; e++)
		count++;
	command->env = ct_arena_alloc(&command->arena, (count + 1) * sizeof(char *));
	if (command->env == NULL)
		return ct_fail(err, CT_ENOMEM, "no memory for an environment");
	for (char **e = environ; *e != NULL; e++) {
		if (!is_replaced(*e, exports))
			command->env[at++] = *e;
	}
	for (const struct ct_sandbox_export *e = exports; e->name != NULL; e++) {
		char *entry = NULL;
		size_t len = strlen(e->name) + strlen(e->value) + 2;

		entry = ct_arena_alloc(&command->arena, len);
		if (entry == NULL)
			return ct_fail(err, CT_ENOMEM, "no memory for an environment");
		snprintf(entry, len, "%s=%s", e->name, e->value);
		command->env[at++] = entry;
	}
	return CT_OK;
}

static int make_folder(struct command *command, struct ct_err *err)
{
	const char *base = getenv("TMPDIR");
	int len = snprintf(command->folder, sizeof(command->folder),
			   "%s/cartrita-sandbox-XXXXXX",
			   base != NULL && *base != '\0' ? base : "/tmp");

	if (len < 0 || (size_t)len >= sizeof(command->folder) ||
	    mkdtemp(command->folder) == NULL) {
		command->folder[0] = '\0';
		return ct_fail(err, CT_EIO,
			       "cannot make a folder for the sandbox's store: %s",
			       strerror(errno));
	}
	return CT_OK;
}

static int remove_one(const char *path, const struct stat *status, int kind,
		      struct FTW *place)
{
	(void)status, (void)kind, (void)place;
	return remove(path);
}

static void remove_folder(struct command *command)
{
	if (command->folder[0] != '\0')
		nftw(command->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void on_child(void *user)
{
	struct command *command = user;

	if (command->pid > 0 &&
	    waitpid(command->pid, &command->status, WNOHANG) == command->pid) {
		command->pid = 0;
		ct_loop_stop(command->loop);
	}
}

/* What the terminal sends reaches the command without our help; what is sent to us alone does not. */
static void on_interrupt(void *user)
{
	struct command *command = user;
	int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	bool shared = terminal >= 0 && tcgetpgrp(terminal) == getpgrp();

	if (terminal >= 0)
		close(terminal);
	if (!shared && command->pid > 0)
		kill(command->pid, SIGINT);
}

static void on_terminate(void *user)
{
	struct command *command = user;

	if (command->pid > 0)
		kill(command->pid, SIGTERM);
}

static int watch_signals(struct command *command, struct ct_err *err)
{
	int rc = ct_loop_on_signal(command->loop, SIGCHLD, on_child, command, err);

	if (rc == CT_OK)
		rc = ct_loop_on_signal(command->loop, SIGINT, on_interrupt, command, err);
	if (rc == CT_OK)
		rc = ct_loop_on_signal(command->loop, SIGTERM, on_terminate, command,
				       err);
	return rc;
}

/* 0, or the error of posix_spawnp. The command gets the signals as any program has them. */
static int spawn(struct command *command, char *const argv[])
{
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	int rc = posix_spawnattr_init(&attributes);

	if (rc != 0)
		return rc;
	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	sigaddset(&usual, SIGINT);
	sigaddset(&usual, SIGTERM);
	sigaddset(&usual, SIGCHLD);
	posix_spawnattr_setflags(&attributes,
				 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &usual);
	rc = posix_spawnp(&command->pid, argv[0], NULL, &attributes, argv, command->env);
	posix_spawnattr_destroy(&attributes);
	if (rc != 0)
		command->pid = 0;
	return rc;
}

static int run_child(struct command *command, char *const argv[], int *status,
		     struct ct_err *err)
{
	int rc = spawn(command, argv);

	if (rc != 0) {
		*status = rc == ENOENT ? 127 : 126;
		return ct_fail(err, CT_EIO, "cannot run %s: %s", argv[0], strerror(rc));
	}
	ct_loop_run(command->loop);
	if (command->pid > 0) { /* the loop had nothing left to wait for */
		waitpid(command->pid, &command->status, 0);
		command->pid = 0;
	}
	*status = WIFSIGNALED(command->status) ? 128 + WTERMSIG(command->status)
					       : WEXITSTATUS(command->status);
	return CT_OK;
}

static int run_with(struct command *command, const struct ct_sandbox_options *options,
		    char *const argv[], int *status, struct ct_err *err)
{
	struct ct_sandbox *sandbox = NULL;
	int rc = watch_signals(command, err);

	if (rc == CT_OK)
		rc = ct_sandbox_create(command->loop, options, &sandbox, err);
	if (rc == CT_OK)
		rc = make_env(command, ct_sandbox_exports(sandbox), err);
	if (rc == CT_OK)
		rc = run_child(command, argv, status, err);
	ct_sandbox_destroy(sandbox);
	return rc;
}

int ct_sandbox_command(const struct ct_sandbox_options *options, char *const argv[],
		       int *status, struct ct_err *err)
{
	struct ct_sandbox_options own = *options;
	struct command command = { 0 };
	int rc = ct_loop_create(&command.loop, err);

	*status = 1;
	if (rc == CT_OK && own.db_path == NULL) {
		rc = make_folder(&command, err);
		if (rc == CT_OK)
			own.db_path = ct_arena_printf(&command.arena, "%s/sandbox.db",
						      command.folder)
					      .ptr;
	}
	if (rc == CT_OK)
		rc = run_with(&command, &own, argv, status, err);
	ct_loop_destroy(command.loop);
	remove_folder(&command);
	ct_arena_fini(&command.arena);
	return rc;
}

#include "editor.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { PATH_BYTES = 4096 };

static const char *editor(void)
{
	const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");

	if (visual != NULL && *visual != '\0')
		return visual;
	return plain != NULL && *plain != '\0' ? plain : "vi";
}

/* The editor's variable may hold options ("code -w"), so a shell reads it, as git does it. */
static int start(const struct ct_config *config, const char *path, pid_t *pid)
{
	char shell[] = "sh", option[] = "-c", line[PATH_BYTES], file[PATH_BYTES];
	char *argv[] = { shell, option, line, shell, file, NULL };
	posix_spawnattr_t attr;
	sigset_t defaults;

	if (snprintf(line, sizeof(line), "%s \"$@\"", editor()) >= (int)sizeof(line) ||
	    snprintf(file, sizeof(file), "%s", path) >= (int)sizeof(file))
		return ENAMETOOLONG;
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGXFSZ);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGQUIT);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	char **env = ct_config_child_env(config);
	int rc = env == NULL ? ENOMEM : posix_spawn(pid, "/bin/sh", NULL, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	free(env);
	return rc;
}

static int wait_for(pid_t pid, struct ct_err *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return ct_fail(err, CT_EIO, "cannot wait for %s: %s", editor(),
				       strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return ct_fail(err, CT_EIO, "%s has failed: the file is as it left it", editor());
	return CT_OK;
}

int ct_editor_run(const struct ct_config *config, const char *path, struct ct_err *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, interrupt, quit;
	pid_t pid;

	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	int rc = start(config, path, &pid);
	if (rc != 0)
		rc = ct_fail(err, CT_EIO, "cannot start %s: %s", editor(), strerror(rc));
	else
		rc = wait_for(pid, err);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return rc;
}

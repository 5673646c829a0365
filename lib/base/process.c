#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * Field 22, counted after the last ')': the name in field 2 may hold anything.
 * -1 where it cannot be read, -2 for one that has ended and waits for its parent to ask.
 */
static int64_t read_started(int64_t pid)
{
	char path[64], text[1024];

	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';

	char *at = strrchr(text, ')');
	if (at != NULL && (strncmp(at, ") Z", 3) == 0 || strncmp(at, ") X", 3) == 0))
		return -2;
	for (int field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at != NULL ? strtoll(at, NULL, 10) : -1;
}

static int64_t read_pid_ns(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 ? (int64_t)st.st_ino : 0;
}

struct ct_process ct_process_self(void)
{
	int64_t pid = getpid();

	return (struct ct_process){ pid, read_started(pid), read_pid_ns(), ct_time_now().boot };
}

bool ct_process_is_dead(const struct ct_process *process, const struct ct_process *self)
{
	if (process->boot == 0 || self->boot == 0)
		return false;
	if (process->boot != self->boot)
		return true;
	if (process->pid_ns != self->pid_ns || process->pid <= 0)
		return false;
	int64_t started = read_started(process->pid);
	/* /proc may hide the processes of others (hidepid): the kernel still knows them */
	if (started == -1)
		return kill((pid_t)process->pid, 0) != 0 && errno == ESRCH;
	return started != process->started;
}

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"

Test(process, knows_itself)
{
	struct ct_process self = ct_process_self();

	cr_assert_eq(self.pid, getpid());
	cr_assert_gt(self.started, 0);
	cr_assert_neq(self.pid_ns, 0);
	cr_assert_neq(self.boot, 0);
	cr_assert_not(ct_process_is_dead(&self, &self));
}

Test(process, a_pid_given_to_another_is_not_the_same_process)
{
	struct ct_process self = ct_process_self(), before = self;

	before.started--;
	cr_assert(ct_process_is_dead(&before, &self));
}

Test(process, judges_only_what_it_can_see)
{
	struct ct_process self = ct_process_self(), other = self;

	other.started--;
	other.pid_ns++;
	cr_assert_not(ct_process_is_dead(&other, &self), "another container's");
	other.boot++;
	cr_assert(ct_process_is_dead(&other, &self), "no process outlives a boot");
	other.boot = 0;
	cr_assert_not(ct_process_is_dead(&other, &self), "an unknown boot");
	other = self;
	other.pid = 0;
	other.started--;
	cr_assert_not(ct_process_is_dead(&other, &self), "no pid");
}

Test(process, a_killed_child_is_dead_before_and_after_its_parent_asks)
{
	struct ct_process self = ct_process_self(), child;
	int fds[2];
	char byte;

	cr_assert_eq(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		child = ct_process_self();
		if (write(fds[1], &child, sizeof(child)) != sizeof(child))
			_exit(1);
		close(fds[1]);
		for (;;)
			pause();
	}
	close(fds[1]);
	cr_assert_eq(read(fds[0], &child, sizeof(child)), (ssize_t)sizeof(child));
	cr_assert_eq(read(fds[0], &byte, 1), 0);
	cr_assert_not(ct_process_is_dead(&child, &self));

	siginfo_t info;
	kill(pid, SIGKILL);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT); /* ended, but still there */
	cr_assert(ct_process_is_dead(&child, &self), "a zombie");
	waitpid(pid, NULL, 0);
	cr_assert(ct_process_is_dead(&child, &self), "gone");
	close(fds[0]);
}

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "leaks.h"
#include "net/loop.h"

static struct ct_loop *loop;

static void setup(void)
{
	cr_assert_eq(ct_loop_create(&loop, NULL), CT_OK);
}

static void teardown(void)
{
	ct_loop_destroy(loop);
	check_leaks();
}

TestSuite(loop, .init = setup, .fini = teardown, .timeout = 100);

struct seen {
	char order[32];
	struct ct_timer *timer;
	struct ct_watch *watch;
	int fd, peer;
};

static void note(struct seen *seen, char c)
{
	size_t used = strlen(seen->order);

	if (used + 1 < sizeof(seen->order))
		seen->order[used] = c;
}

static void say_a(void *user)
{
	note(user, 'a');
}

static void say_b(void *user)
{
	note(user, 'b');
}

static void stop(void *user)
{
	note(user, '.');
	ct_loop_stop(loop);
}

Test(loop, ends_when_nothing_is_left_to_wait_for)
{
	ct_loop_run(loop);
}

Test(loop, calls_timers_in_the_order_of_their_delays_and_once)
{
	struct seen seen = { 0 };
	struct ct_timer *a = ct_timer_create(loop, say_a, &seen);
	struct ct_timer *b = ct_timer_create(loop, say_b, &seen);

	ct_timer_start(a, 20);
	ct_timer_start(b, 1);
	cr_assert_str_eq(seen.order, "");
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "ba");
	ct_timer_destroy(a);
	ct_timer_destroy(b);
}

Test(loop, forgets_a_timers_delay_when_it_is_started_again_and_when_stopped)
{
	struct seen seen = { 0 };
	struct ct_timer *a = ct_timer_create(loop, say_a, &seen);
	struct ct_timer *b = ct_timer_create(loop, say_b, &seen);

	ct_timer_start(a, 3600 * 1000);
	ct_timer_start(a, 0);
	ct_timer_start(b, 0);
	ct_timer_stop(b);
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "a");
	ct_timer_destroy(a);
	ct_timer_destroy(b);
}

static void start_again(void *user)
{
	struct seen *seen = user;

	note(seen, 'r');
	if (strlen(seen->order) < 3)
		ct_timer_start(seen->timer, 2);
}

Test(loop, lets_a_timer_start_again_from_itself_and_after_it_was_stopped)
{
	struct seen seen = { 0 };

	seen.timer = ct_timer_create(loop, start_again, &seen);
	ct_timer_start(seen.timer, 1);
	ct_timer_stop(seen.timer);
	ct_timer_start(seen.timer, 5);
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "rrr");
	ct_timer_destroy(seen.timer);
}

static void destroy_self(void *user)
{
	struct seen *seen = user;

	note(seen, 'd');
	ct_timer_destroy(seen->timer);
}

Test(loop, calls_a_timer_that_was_put_off_once_and_not_before_its_new_time)
{
	struct seen seen = { 0 };
	struct ct_timer *a = ct_timer_create(loop, say_a, &seen);
	struct ct_timer *b = ct_timer_create(loop, say_b, &seen);
	int64_t began_us = ct_clock_us();

	ct_timer_start(a, 1);
	ct_timer_start(a, 60);
	ct_timer_start(a, 40);
	ct_timer_start(b, 20);
	ct_loop_run(loop);
	cr_assert_geq(ct_clock_us() - began_us, 39 * 1000);
	cr_assert_eq(strlen(seen.order), 2u, "%s", seen.order);
	ct_timer_destroy(a);
	ct_timer_destroy(b);
}

Test(loop, lets_a_timer_be_stopped_after_it_was_put_off)
{
	struct seen seen = { 0 };
	struct ct_timer *a = ct_timer_create(loop, say_a, &seen);
	struct ct_timer *b = ct_timer_create(loop, say_b, &seen);

	ct_timer_start(a, 1);
	ct_timer_start(a, 5);
	ct_timer_stop(a);
	ct_timer_start(b, 10);
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "b");
	ct_timer_start(a, 3600 * 1000);
	ct_timer_start(a, 7200 * 1000);
	ct_timer_start(a, 0); /* earlier after all */
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "ba");
	ct_timer_destroy(a);
	ct_timer_destroy(b);
}

Test(loop, lets_a_timer_destroy_itself)
{
	struct seen seen = { 0 };

	seen.timer = ct_timer_create(loop, destroy_self, &seen);
	ct_timer_start(seen.timer, 0);
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "d");
}

Test(loop, does_not_call_a_timer_destroyed_by_one_due_in_the_same_turn)
{
	struct seen seen = { 0 };
	struct ct_timer *first = ct_timer_create(loop, destroy_self, &seen);

	seen.timer = ct_timer_create(loop, say_b, &seen);
	ct_timer_start(first, 0);
	ct_timer_start(seen.timer, 0);
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "d");
	ct_timer_destroy(first);
}

Test(loop, closes_what_is_left_open)
{
	struct seen seen = { 0 };
	struct ct_timer *timer = ct_timer_create(loop, say_a, &seen);
	int fds[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ct_timer_start(timer, 3600 * 1000);
	cr_assert_eq(ct_watch_open(loop, fds[0], CT_READABLE, false, NULL, NULL,
				   &seen.watch, NULL),
		     CT_OK);
	cr_assert_eq(ct_loop_on_signal(loop, SIGUSR1, say_a, &seen, NULL), CT_OK);
	ct_loop_stop(loop);
	/* the teardown destroys the loop and looks for leaks */
	close(fds[0]);
	close(fds[1]);
}

static void defer_more(void *user)
{
	note(user, 'm');
	cr_assert_eq(ct_loop_defer(loop, say_b, user), CT_OK);
}

Test(loop, calls_what_was_deferred_in_order_and_not_at_once)
{
	struct seen seen = { 0 };

	cr_assert_eq(ct_loop_defer(loop, defer_more, &seen), CT_OK);
	cr_assert_eq(ct_loop_defer(loop, say_a, &seen), CT_OK);
	cr_assert_str_eq(seen.order, "");
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "mab");
}

Test(loop, calls_what_was_deferred_even_when_it_is_destroyed_first)
{
	struct seen seen = { 0 };

	cr_assert_eq(ct_loop_defer(loop, defer_more, &seen), CT_OK);
	ct_loop_destroy(loop);
	cr_assert_str_eq(seen.order, "mb");
	setup();
}

Test(loop, stops_after_the_turn_and_goes_on_when_run_again)
{
	struct seen seen = { 0 };
	struct ct_timer *later = ct_timer_create(loop, say_b, &seen);

	ct_timer_start(later, 5);
	cr_assert_eq(ct_loop_defer(loop, stop, &seen), CT_OK);
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, ".");
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, ".b");
	ct_timer_destroy(later);
}

static void on_signal(void *user)
{
	say_a(user);
	ct_loop_stop(loop);
}

Test(loop, hears_each_signal_but_does_not_wait_for_one)
{
	struct seen seen = { 0 };
	struct ct_timer *keep = ct_timer_create(loop, say_b, &seen);

	cr_assert_eq(ct_loop_on_signal(loop, SIGUSR1, on_signal, &seen, NULL), CT_OK);
	ct_loop_run(loop);
	ct_timer_start(keep, 3600 * 1000);
	for (int i = 0; i < 2; i++) {
		raise(SIGUSR1);
		ct_loop_run(loop);
	}
	cr_assert_str_eq(seen.order, "aa");
	ct_timer_destroy(keep);
}

Test(loop, says_which_signal_it_cannot_watch)
{
	struct ct_err err = { 0 };

	cr_assert_eq(ct_loop_on_signal(loop, SIGKILL, say_a, NULL, &err), CT_EIO);
	cr_assert(strstr(err.msg, "9") != NULL, "%s", err.msg);
}

static void on_bytes(void *user, int events)
{
	struct seen *seen = user;
	char byte;

	if (events & CT_WRITABLE)
		note(seen, 'w');
	if (!(events & CT_READABLE)) {
		ct_watch_set(seen->watch, CT_READABLE);
	} else if (read(seen->fd, &byte, 1) == 1) {
		note(seen, byte);
	} else {
		note(seen, '$');
		ct_watch_close(seen->watch);
	}
}

static void pair(struct seen *seen)
{
	int fds[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	seen->fd = fds[0];
	seen->peer = fds[1];
}

Test(loop, tells_what_a_descriptor_is_ready_for_until_the_watch_is_closed)
{
	struct seen seen = { 0 };

	pair(&seen);
	cr_assert_eq(ct_watch_open(loop, seen.fd, CT_WRITABLE, false, on_bytes, &seen,
				   &seen.watch, NULL),
		     CT_OK);
	cr_assert_eq(write(seen.peer, "xy", 2), 2);
	close(seen.peer);
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "wxy$");
	close(seen.fd);
}

Test(loop, does_not_wait_for_a_watch_in_the_background_nor_for_one_set_to_nothing)
{
	struct seen seen = { 0 };
	struct ct_watch *other;

	pair(&seen);
	cr_assert_eq(ct_watch_open(loop, seen.fd, CT_READABLE, true, on_bytes, &seen,
				   &seen.watch, NULL),
		     CT_OK);
	cr_assert_eq(
		ct_watch_open(loop, seen.peer, 0, false, on_bytes, &seen, &other, NULL),
		CT_OK);
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "");
	ct_watch_close(seen.watch);
	ct_watch_close(other);
	close(seen.fd);
	close(seen.peer);
}

static void close_and_reuse(void *user, int events)
{
	struct seen *seen = user;
	int fds[2];

	(void)events;
	note(seen, 'c');
	ct_watch_close(seen->watch);
	close(seen->fd);
	/* the lowest number that is free: the one just closed */
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	cr_assert_eq(fds[0], seen->fd);
	cr_assert_eq(ct_watch_open(loop, fds[0], CT_READABLE, false, on_bytes, seen,
				   &seen->watch, NULL),
		     CT_OK);
	cr_assert_eq(write(fds[1], "n", 1), 1);
	close(fds[1]);
}

Test(loop, may_watch_a_number_again_as_soon_as_it_was_closed)
{
	struct seen seen = { 0 };

	pair(&seen);
	cr_assert_eq(ct_watch_open(loop, seen.fd, CT_READABLE, false, close_and_reuse,
				   &seen, &seen.watch, NULL),
		     CT_OK);
	cr_assert_eq(write(seen.peer, "x", 1), 1);
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "cn$");
	close(seen.fd);
	close(seen.peer);
}

Test(loop, leaves_the_flags_of_standard_descriptors_alone)
{
	struct seen seen = { 0 };

	pair(&seen);
	fcntl(seen.fd, F_SETFL, 0);
	cr_assert_eq(dup2(seen.fd, STDIN_FILENO), STDIN_FILENO);
	cr_assert_eq(ct_watch_open(loop, STDIN_FILENO, CT_READABLE, false, on_bytes,
				   &seen, &seen.watch, NULL),
		     CT_OK);
	cr_assert_eq(write(seen.peer, "in", 2), 2);
	close(seen.peer);
	cr_assert_eq(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
	ct_loop_run(loop);
	cr_assert_str_eq(seen.order, "in$");
	close(seen.fd);
}

Test(loop, refuses_a_descriptor_that_cannot_be_watched)
{
	struct ct_watch *watch;
	struct ct_err err = { 0 };
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	cr_assert_eq(ct_watch_open(loop, file, CT_READABLE, false, on_bytes, NULL, &watch,
				   &err),
		     CT_EIO);
	cr_assert_eq(dup2(file, STDIN_FILENO), STDIN_FILENO);
	cr_assert_eq(ct_watch_open(loop, STDIN_FILENO, CT_READABLE, false, on_bytes, NULL,
				   &watch, &err),
		     CT_EIO);
	cr_assert(strstr(err.msg, "descriptor 0") != NULL, "%s", err.msg);
	close(file);
}

struct calls {
	struct ct_async *async;
	int done, seen; /* done is written by the other thread before each send */
};

static void *send_three(void *user)
{
	struct calls *calls = user;

	for (int i = 0; i < 3; i++) {
		__atomic_add_fetch(&calls->done, 1, __ATOMIC_SEQ_CST);
		ct_async_send(calls->async);
	}
	return NULL;
}

static void on_call(void *user)
{
	struct calls *calls = user;

	calls->seen = __atomic_load_n(&calls->done, __ATOMIC_SEQ_CST);
	if (calls->seen == 3)
		ct_loop_stop(loop);
}

Test(loop, is_woken_by_another_thread_and_sees_what_it_wrote)
{
	struct calls calls = { 0 };
	pthread_t thread;

	cr_assert_eq(ct_async_create(loop, on_call, &calls, &calls.async, NULL), CT_OK);
	ct_async_hold(calls.async, true);
	cr_assert_eq(pthread_create(&thread, NULL, send_three, &calls), 0);
	ct_loop_run(loop);
	pthread_join(thread, NULL);
	cr_expect_eq(calls.seen, 3);
	ct_async_destroy(calls.async);
}

Test(loop, is_not_kept_running_by_a_wake_up_that_is_not_held)
{
	struct calls calls = { 0 };

	cr_assert_eq(ct_async_create(loop, on_call, &calls, &calls.async, NULL), CT_OK);
	ct_async_hold(calls.async, true);
	ct_async_hold(calls.async, false);
	ct_loop_run(loop);
	cr_expect_eq(calls.seen, 0);
	ct_async_destroy(calls.async);
}

/* Descriptors read and written by threads of their own. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "leaks.h"
#include "net/inlet.h"
#include "net/outlet.h"

static struct ct_loop *loop;
static int ends[2];

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(ct_loop_create(&loop, NULL), CT_OK);
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
}

static void teardown(void)
{
	ct_loop_destroy(loop);
	close(ends[0]);
	close(ends[1]);
	check_leaks();
}

TestSuite(outlet, .init = setup, .fini = teardown, .timeout = 100);
TestSuite(inlet, .init = setup, .fini = teardown, .timeout = 100);

static void stop(void *user)
{
	++*(int *)user;
	ct_loop_stop(loop);
}

static void put(struct ct_outlet *outlet, const char *text, size_t times)
{
	struct ct_buf lines = CT_BUF_INIT(64 << 20);

	for (size_t i = 0; i < times; i++)
		ct_buf_puts(&lines, text);
	cr_assert_eq(ct_outlet_put(outlet, &lines, NULL), CT_OK);
	cr_assert_eq(lines.len, 0u);
	ct_buf_fini(&lines);
}

/* Wait until at most so many lines are unsent. */
static void wait_for(struct ct_outlet *outlet, size_t unsent)
{
	struct ct_timer *keep = ct_timer_create(loop, stop, &(int){ 0 });

	ct_timer_start(keep, 60000);
	ct_outlet_tell(outlet, unsent);
	ct_loop_run(loop);
	ct_timer_destroy(keep);
}

Test(outlet, writes_all_in_order_and_tells_when_it_has)
{
	struct ct_outlet *outlet;
	char bytes[64] = "";
	int told = 0;

	cr_assert_eq(ct_outlet_create(loop, ends[1], stop, &told, &outlet, NULL), CT_OK);
	put(outlet, "one\n", 1);
	put(outlet, "two\n", 2);
	wait_for(outlet, 0);
	cr_expect_eq(told, 1);
	cr_expect_eq(ct_outlet_unsent(outlet) + ct_outlet_unsent_bytes(outlet), 0u);
	cr_expect_eq(ct_outlet_written(outlet), 3);
	cr_expect_eq(read(ends[0], bytes, sizeof(bytes)), 12);
	cr_expect_str_eq(bytes, "one\ntwo\ntwo\n");
	ct_outlet_destroy(outlet);
}

Test(outlet, has_never_written_half_a_line_where_its_reader_stands_still)
{
	struct ct_outlet *outlet;
	int told = 0, waiting = 0, before = -1;

	cr_assert_eq(ct_outlet_create(loop, ends[1], stop, &told, &outlet, NULL), CT_OK);
	put(outlet, "a line of thirty-one characters\n", 100000);
	/* until the pipe is full */
	while (waiting == 0 || waiting != before) {
		before = waiting;
		usleep(20000);
		cr_assert_eq(ioctl(ends[0], FIONREAD, &waiting), 0);
	}
	cr_expect_eq(waiting % 32, 0, "%d", waiting);
	cr_expect_gt(ct_outlet_unsent(outlet), 90000u);
	cr_expect_leq(ct_outlet_written(outlet) * 32, waiting);
	/* and it ends all the same */
	ct_outlet_destroy(outlet);
}

Test(outlet, a_line_longer_than_a_pipe_takes_at_once_is_written_whole)
{
	struct ct_outlet *outlet;
	char bytes[3 * PIPE_BUF];
	int told = 0;

	cr_assert_eq(ct_outlet_create(loop, ends[1], stop, &told, &outlet, NULL), CT_OK);
	struct ct_buf lines = CT_BUF_INIT(1 << 20);
	ct_buf_puts(&lines, "x\n");
	for (int i = 0; i < 2 * PIPE_BUF; i++)
		ct_buf_puts(&lines, "y");
	ct_buf_puts(&lines, "\nz\n");
	cr_assert_eq(ct_outlet_put(outlet, &lines, NULL), CT_OK);
	wait_for(outlet, 0);
	cr_expect_eq(read(ends[0], bytes, sizeof(bytes)), 2 * PIPE_BUF + 5);
	cr_expect_eq(bytes[2 * PIPE_BUF + 3], 'z');
	ct_buf_fini(&lines);
	ct_outlet_destroy(outlet);
}

/* Linux before 6.5 cannot tell of a pipe whether it would wait: then nothing goes. */
Test(outlet, puts_now_only_what_goes_without_waiting_and_in_whole_lines)
{
	enum { LINES = 4000, LINE_BYTES = 10 };
	struct ct_buf lines = CT_BUF_INIT(1 << 20);
	struct ct_outlet *outlet;
	int told = 0, in_pipe = 0;

	cr_assert_eq(fcntl(ends[1], F_SETPIPE_SZ, PIPE_BUF), PIPE_BUF);
	cr_assert_eq(ct_outlet_create(loop, ends[1], stop, &told, &outlet, NULL), CT_OK);
	for (int i = 0; i < LINES; i++)
		ct_buf_printf(&lines, "line %04d\n", i);
	ct_outlet_put_now(outlet, &lines);
	cr_assert_eq(ioctl(ends[0], FIONREAD, &in_pipe), 0);
	cr_expect_eq(ct_outlet_written(outlet), in_pipe / LINE_BYTES);
	cr_expect_eq(in_pipe % LINE_BYTES, 0);
	cr_expect_leq(in_pipe, PIPE_BUF);
	cr_expect_eq(lines.len, (size_t)(LINES * LINE_BYTES - in_pipe));
	char first[32] = "";
	snprintf(first, sizeof(first), "line %04d\n", in_pipe / LINE_BYTES);
	cr_expect(ct_str_starts(ct_buf_str(&lines), first));
	cr_expect_eq(ct_outlet_unsent(outlet), 0u);
	ct_outlet_destroy(outlet);
	ct_buf_fini(&lines);
}

Test(outlet, says_what_failed_and_takes_no_more)
{
	struct ct_outlet *outlet;
	int told = 0;

	cr_assert_eq(ct_outlet_create(loop, ends[1], stop, &told, &outlet, NULL), CT_OK);
	close(ends[0]);
	put(outlet, "a\n", 3);
	wait_for(outlet, 0);
	cr_expect_eq(ct_outlet_error(outlet), EPIPE);
	put(outlet, "b\n", 1000);
	cr_expect_eq(ct_outlet_unsent(outlet), 0u);
	cr_expect_eq(ct_outlet_written(outlet), 0);
	ct_outlet_destroy(outlet);
	ends[0] = open("/dev/null", O_RDONLY);
}

Test(outlet, does_not_mind_a_descriptor_that_others_made_non_blocking)
{
	struct ct_outlet *outlet;
	char bytes[4096];
	size_t len = 0;
	int told = 0;

	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	cr_assert_eq(ct_outlet_create(loop, ends[1], stop, &told, &outlet, NULL), CT_OK);
	put(outlet, "0123456\n", 50000);
	while (len < 400000) {
		ssize_t n = read(ends[0], bytes, sizeof(bytes));
		cr_assert_gt(n, 0);
		len += (size_t)n;
	}
	wait_for(outlet, 0);
	cr_expect_eq(ct_outlet_error(outlet), 0);
	ct_outlet_destroy(outlet);
}

struct got {
	struct ct_inlet *inlet;
	size_t len;
	int calls, error;
	bool ended, again;
};

static void on_bytes(void *user, struct ct_str bytes)
{
	struct got *got = user;

	got->len += bytes.len;
	got->calls++;
	if (got->again)
		ct_inlet_want(got->inlet);
}

static void on_end(void *user, int error)
{
	struct got *got = user;

	got->ended = true;
	got->error = error;
}

static const struct ct_inlet_handler handler = { on_bytes, on_end };

Test(inlet, reads_only_what_is_wanted)
{
	struct got got = { 0 };
	char bytes[CT_INLET_BYTES] = "";
	int left = -1;

	fcntl(ends[1], F_SETPIPE_SZ, 2 * CT_INLET_BYTES);
	cr_assert_eq(write(ends[1], bytes, sizeof(bytes)), CT_INLET_BYTES);
	cr_assert_eq(write(ends[1], "more", 4), 4);
	cr_assert_eq(ct_inlet_create(loop, ends[0], &handler, &got, &got.inlet, NULL), CT_OK);
	ct_loop_run(loop); /* nothing is wanted: it ends at once */
	cr_expect_eq(got.calls, 0);
	ct_inlet_want(got.inlet);
	ct_loop_run(loop);
	cr_expect_eq(got.calls, 1);
	cr_expect_leq(got.len, (size_t)CT_INLET_BYTES);
	ioctl(ends[0], FIONREAD, &left);
	cr_expect_geq(left, 4);
	ct_inlet_destroy(got.inlet);
}

Test(inlet, reads_to_the_end_and_tells_of_it)
{
	struct got got = { .again = true };

	cr_assert_eq(write(ends[1], "abc", 3), 3);
	close(ends[1]);
	cr_assert_eq(ct_inlet_create(loop, ends[0], &handler, &got, &got.inlet, NULL), CT_OK);
	ct_inlet_want(got.inlet);
	ct_loop_run(loop);
	cr_expect_eq(got.len, 3u);
	cr_expect(got.ended && got.error == 0);
	ct_inlet_destroy(got.inlet);
	ends[1] = open("/dev/null", O_WRONLY);
}

Test(inlet, tells_of_a_failure_and_ends_while_it_waits)
{
	struct got got = { 0 };
	int folder = open("/", O_RDONLY | O_DIRECTORY);

	cr_assert_eq(ct_inlet_create(loop, folder, &handler, &got, &got.inlet, NULL), CT_OK);
	ct_inlet_want(got.inlet);
	ct_loop_run(loop);
	cr_expect(got.ended && got.error == EISDIR);
	ct_inlet_destroy(got.inlet);
	close(folder);
	cr_assert_eq(ct_inlet_create(loop, ends[0], &handler, &got, &got.inlet, NULL), CT_OK);
	ct_inlet_want(got.inlet); /* nobody writes */
	ct_inlet_destroy(got.inlet);
}

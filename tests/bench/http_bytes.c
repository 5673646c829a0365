/*
 * http_bytes -n STREAMS [-k TOKENS] -H HEADER -d BODY URL: what count_bytes does, through net/http. Its
 * cost over that of count_bytes is what our own loop and client add to libcurl.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/defs.h"
#include "net/http.h"

struct count {
	struct ct_loop *loop;
	struct ct_http *http;
	struct ct_http_request request;
	int64_t streams, tokens, done, failed, bytes;
};

/* One transfer, with an idle clock as every user of a stream has. */
struct one {
	struct count *count;
	struct ct_http_transfer *transfer;
	struct ct_timer *idle;
};

enum { IDLE_MS = 60000 };

static void die(const char *what)
{
	fprintf(stderr, "http_bytes: %s\n", what);
	exit(2);
}

static void on_head(void *user, int status, const struct ct_headers *headers)
{
	(void)headers;
	((struct one *)user)->count->failed += status != 200;
}

static int on_body(void *user, struct ct_str bytes, struct ct_err *err)
{
	struct one *one = user;

	(void)err;
	one->count->bytes += (int64_t)bytes.len;
	ct_timer_start(one->idle, IDLE_MS);
	return CT_OK;
}

static void on_done(void *user, int code, const struct ct_err *err)
{
	struct one *one = user;
	struct count *count = one->count;

	(void)err;
	count->failed += code != CT_OK;
	ct_timer_destroy(one->idle);
	free(one);
	if (++count->done == count->streams)
		ct_loop_stop(count->loop);
}

static void on_idle(void *user)
{
	struct one *one = user;

	ct_http_cancel(one->transfer);
	on_done(one, CT_EIDLE, NULL);
}

static void add(struct count *count)
{
	static const struct ct_http_handler handler = { on_head, on_body, on_done };
	struct one *one = calloc(1, sizeof(*one));

	if (one == NULL)
		die("out of memory");
	one->count = count;
	one->idle = ct_timer_create(count->loop, on_idle, one);
	if (one->idle == NULL || ct_http_start(count->http, &count->request, &handler, one,
					       &one->transfer, NULL) != CT_OK)
		die("cannot begin");
}

static void report(const struct count *count, int64_t wall_us)
{
	struct rusage used;
	int64_t cpu_us, tokens = count->tokens * count->streams;

	getrusage(RUSAGE_SELF, &used);
	cpu_us = ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
		 used.ru_utime.tv_usec + used.ru_stime.tv_usec;
	printf("  %-40s %lld bytes, %lld failed, %.2f s, CPU %.2f s, %.2f us a token, %ld KiB\n",
	       "net/http, counting", (long long)count->bytes, (long long)count->failed,
	       (double)wall_us / 1e6, (double)cpu_us / 1e6,
	       tokens > 0 ? (double)cpu_us / (double)tokens : 0, used.ru_maxrss);
}

static void add_header(struct count *count, char *text)
{
	char *colon = strchr(text, ':');

	if (colon == NULL || colon[1] != ' ')
		die("no header");
	*colon = '\0';
	ct_http_add_header(&count->request, text, ct_str(colon + 2), NULL, NULL);
}

static void read_options(struct count *count, int argc, char *argv[])
{
	for (int c; (c = getopt(argc, argv, "n:k:H:d:")) != -1;) {
		bool good = true;

		if (c == 'n')
			good = ct_str_int(ct_str(optarg), &count->streams);
		else if (c == 'k')
			good = ct_str_int(ct_str(optarg), &count->tokens);
		else if (c == 'H')
			add_header(count, optarg);
		else if (c == 'd')
			count->request.body = ct_str(optarg);
		if (c == '?' || !good)
			die("bad option");
	}
	if (optind + 1 != argc || count->streams < 1)
		die("usage: http_bytes -n STREAMS [-k TOKENS] [-H HEADER]... -d BODY URL");
	count->request.url = ct_str(argv[optind]);
}

int main(int argc, char *argv[])
{
	static struct count count = { .request = { .method = "POST", .stream = true } };
	struct rlimit files;
	int64_t began_us;

	read_options(&count, argc, argv);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (ct_loop_create(&count.loop, NULL) != CT_OK ||
	    ct_http_create(count.loop, &count.http, NULL) != CT_OK)
		die("cannot begin");
	began_us = ct_clock_us();
	for (int64_t i = 0; i < count.streams; i++)
		add(&count);
	ct_loop_run(count.loop);
	report(&count, ct_clock_us() - began_us);
	ct_http_destroy(count.http);
	ct_loop_destroy(count.loop);
	return count.failed > 0;
}

/*
 * count_bytes -n STREAMS [-k TOKENS] [-H HEADER]... -d BODY URL: post BODY so many times at once
 * with bare libcurl, and do nothing with the answers but count their bytes. What any program
 * that has its streams from libcurl needs at least; TOKENS is how many each answer has, to
 * print the cost of one. With -s the answers are a `sandbox --stamps`: how old is each token
 * when its bytes come? That is the delay of the sandbox, the kernel and libcurl alone.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/defs.h"
#include "base/str.h"
#include "delays.h"

struct count {
	CURLM *multi;
	int epoll;
	int64_t due_us; /* curl's timer; -1: none */
	int64_t streams, tokens, done, failed, bytes;
	struct curl_slist *headers;
	const char *body, *url;
	bool stamps;
	struct delays delays;
};

static void die(const char *what)
{
	fprintf(stderr, "count_bytes: %s\n", what);
	exit(2);
}

/* "...@123456": a stamp that two reads share is passed over. */
static void read_stamps(struct count *count, const char *at, size_t len)
{
	int64_t now_us = ct_clock_us(), stamp_us;
	const char *end = at + len, *stop;

	while ((at = memchr(at, '@', (size_t)(end - at))) != NULL) {
		for (stop = ++at; stop < end && *stop >= '0' && *stop <= '9';)
			stop++;
		if (stop < end && ct_str_int((struct ct_str){ at, (size_t)(stop - at) }, &stamp_us))
			delays_add(&count->delays, now_us - stamp_us);
	}
}

static size_t on_write(char *bytes, size_t size, size_t n, void *user)
{
	struct count *count = user;

	count->bytes += (int64_t)(size * n);
	if (count->stamps)
		read_stamps(count, bytes, size * n);
	return size * n;
}

static int on_timer(CURLM *multi, long delay_ms, void *user)
{
	struct count *count = user;

	(void)multi;
	count->due_us = delay_ms < 0 ? -1 : ct_clock_us() + delay_ms * 1000;
	return 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *known)
{
	struct count *count = user;
	struct epoll_event event = { .data.fd = fd };

	(void)easy;
	if (what & CURL_POLL_IN && what != CURL_POLL_REMOVE)
		event.events |= EPOLLIN;
	if (what & CURL_POLL_OUT && what != CURL_POLL_REMOVE)
		event.events |= EPOLLOUT;
	if (what == CURL_POLL_REMOVE)
		epoll_ctl(count->epoll, EPOLL_CTL_DEL, fd, NULL);
	else
		epoll_ctl(count->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
	if (known == NULL && what != CURL_POLL_REMOVE)
		curl_multi_assign(count->multi, fd, count);
	return 0;
}

static void add(struct count *count)
{
	CURL *easy = curl_easy_init();

	if (easy == NULL)
		die("out of memory");
	curl_easy_setopt(easy, CURLOPT_URL, count->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, count->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, count->body);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, count);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_multi_add_handle(count->multi, easy);
}

static void reap(struct count *count)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(count->multi, &left)) != NULL) {
		long status = 0;
		CURL *easy = msg->easy_handle;

		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		count->failed += msg->data.result != CURLE_OK || status != 200;
		count->done++;
		curl_multi_remove_handle(count->multi, easy);
		curl_easy_cleanup(easy);
	}
}

static void run(struct count *count)
{
	struct epoll_event found[256];
	int running;

	while (count->done < count->streams) {
		int64_t wait_us = count->due_us < 0 ? 1000000 : count->due_us - ct_clock_us();
		int n = epoll_wait(count->epoll, found, CT_COUNT(found),
				   wait_us > 0 ? (int)(wait_us / 1000) : 0);

		for (int i = 0; i < n; i++)
			curl_multi_socket_action(
				count->multi, found[i].data.fd,
				((found[i].events & EPOLLOUT) ? CURL_CSELECT_OUT : 0) |
					((found[i].events & ~(uint32_t)EPOLLOUT) ? CURL_CSELECT_IN
										 : 0),
				&running);
		if (count->due_us >= 0 && ct_clock_us() >= count->due_us) {
			count->due_us = -1;
			curl_multi_socket_action(count->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		}
		reap(count);
	}
}

static void report(struct count *count, int64_t wall_us)
{
	struct rusage used;
	int64_t cpu_us, tokens = count->tokens * count->streams;

	getrusage(RUSAGE_SELF, &used);
	cpu_us = ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
		 used.ru_utime.tv_usec + used.ru_stime.tv_usec;
	printf("  %-40s %lld bytes, %lld failed, %.2f s, CPU %.2f s (%.2f user), %ld KiB\n",
	       "bare libcurl, counting", (long long)count->bytes, (long long)count->failed,
	       (double)wall_us / 1e6, (double)cpu_us / 1e6,
	       (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6,
	       used.ru_maxrss);
	if (tokens > 0)
		printf("  %-40s %.2f us CPU a token, %.0f tokens/s\n", "",
		       (double)cpu_us / (double)tokens,
		       (double)tokens / ((double)wall_us / 1e6));
	delays_print(&count->delays, "from the sandbox to bare libcurl");
}

static void read_options(struct count *count, int argc, char *argv[])
{
	for (int c; (c = getopt(argc, argv, "n:k:H:d:s")) != -1;) {
		bool good = true;

		if (c == 'n')
			good = ct_str_int(ct_str(optarg), &count->streams);
		else if (c == 'k')
			good = ct_str_int(ct_str(optarg), &count->tokens);
		else if (c == 'H')
			count->headers = curl_slist_append(count->headers, optarg);
		else if (c == 'd')
			count->body = optarg;
		else if (c == 's')
			count->stamps = true;
		if (c == '?' || !good)
			die("bad option");
	}
	if (optind + 1 != argc || count->body == NULL || count->streams < 1)
		die("usage: count_bytes -n STREAMS [-k TOKENS] [-s] [-H HEADER]... -d BODY URL");
	count->url = argv[optind];
}

int main(int argc, char *argv[])
{
	static struct count count = { .due_us = -1 };
	struct rlimit files;
	int64_t began_us;

	read_options(&count, argc, argv);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	count.multi = curl_multi_init();
	count.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (count.multi == NULL || count.epoll < 0)
		die("cannot begin");
	curl_multi_setopt(count.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(count.multi, CURLMOPT_SOCKETDATA, &count);
	curl_multi_setopt(count.multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(count.multi, CURLMOPT_TIMERDATA, &count);
	began_us = ct_clock_us();
	for (int64_t i = 0; i < count.streams; i++)
		add(&count);
	run(&count);
	report(&count, ct_clock_us() - began_us);
	curl_multi_cleanup(count.multi);
	curl_slist_free_all(count.headers);
	close(count.epoll);
	delays_free(&count.delays);
	return count.failed > 0;
}

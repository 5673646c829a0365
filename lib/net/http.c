#include "net/http.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "net/transfer.h"

enum {
	HEAD_BUFFER_MAX = 512 << 10,
	OTHER_DESCRIPTORS = 40, /* what is no connection of curl's: files, pipes, its resolver's */
	CONNECTIONS_MIN = 4,
	KEPT_MIN = 4,
};

static int no_memory(struct ct_err *err)
{
	return ct_fail(err, CT_ENOMEM, "out of memory");
}

int ct_http_add_header(struct ct_http_request *request, const char *name,
		       struct ct_str value, const struct ct_secret *secret,
		       struct ct_err *err)
{
	if (request->header_count == CT_HTTP_HEADERS_MAX)
		return ct_fail(err, CT_ETOOBIG, "more than %d headers",
			       CT_HTTP_HEADERS_MAX);
	request->headers[request->header_count++] =
		(struct ct_http_header){ ct_str(name), value, secret };
	return CT_OK;
}

/*
 * Connections are kept for as many transfers as there ever were at once. Left to itself curl goes by
 * those that run at the moment: after a busy one it would close what the next will need.
 */
static void add_to_multi(struct ct_http_transfer *t)
{
	struct ct_http *http = t->http;

	t->added = http->curl.multi_add_handle(http->multi, t->easy) == CURLM_OK;
	if (!t->added || ++http->running <= http->kept)
		return;
	while (http->kept < http->running)
		http->kept = http->kept > 0 ? 2 * http->kept : KEPT_MIN;
	http->curl.multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, http->kept);
}

static void remove_from_multi(struct ct_http_transfer *t)
{
	if (!t->added)
		return;
	t->http->curl.multi_remove_handle(t->http->multi, t->easy);
	t->http->running--;
	t->added = false;
}

static void transfer_free(struct ct_http_transfer *t)
{
	struct ct_http *http = t->http;

	/* curl may look at the headers and call back until the handle is gone */
	t->cancelled = true;
	http->busy++;
	remove_from_multi(t);
	if (t->easy != NULL)
		http->curl.easy_cleanup(t->easy);
	http->busy--;
	if (t->queued)
		TAILQ_REMOVE(&http->chores, t, chore);
	LIST_REMOVE(t, entry);
	ct_transfer_wipe(t);
	ct_buf_fini(&t->lines);
	ct_arena_fini(&t->arena);
	free(t);
}

static void http_free(struct ct_http *http)
{
	while (!LIST_EMPTY(&http->transfers))
		transfer_free(LIST_FIRST(&http->transfers));
	if (http->multi != NULL)
		http->curl.multi_cleanup(http->multi);
	ct_timer_destroy(http->timer);
	ct_timer_destroy(http->settle);
	free(http->ca_file);
	free(http->ca_dir);
	free(http);
}

/*
 * curl numbers its connections only from 8.2 on; a port of ours is one connection's, too. What was
 * spoken shows in the head of an answer: who was lost before it may have shared all the same.
 */
static int shared_connection(const struct ct_http_transfer *t)
{
	const struct ct_curl *curl = &t->http->curl;
	long version = 0, port = 0;

	curl->easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version);
	curl->easy_getinfo(t->easy, CURLINFO_LOCAL_PORT, &port);
	bool shared = version == CURL_HTTP_VERSION_2_0 ||
		      (version == CURL_HTTP_VERSION_NONE && t->url.https);
	return shared ? (int)port : 0;
}

int ct_http_shared_connection(const struct ct_http_transfer *t)
{
	return t->shared_connection;
}

static void finish(struct ct_http_transfer *t, CURLcode result)
{
	struct ct_http *http = t->http;

	if (t->on_connected != NULL && result == CURLE_OK && !t->cancelled) {
		/* it stays in the multi: taken out, its connection would be closed */
		http->busy++;
		t->on_connected(t->user);
		http->busy--;
		return;
	}
	t->done = true;
	if (!t->cancelled) {
		struct ct_err err = { 0 };
		int code = ct_transfer_result(t, result, &err);
		t->shared_connection = shared_connection(t);
		/* the connection goes back for reuse before the caller may start the next */
		http->busy++;
		remove_from_multi(t);
		t->handler.on_done(t->user, code, code != CT_OK ? &err : NULL);
		http->busy--;
	}
	transfer_free(t);
}

/* What curl was not told while it was busy. */
static void do_chore(struct ct_http_transfer *t)
{
	struct ct_http *http = t->http;

	if (t->cancelled) {
		transfer_free(t);
		return;
	}
	if (!t->added) {
		add_to_multi(t);
		if (!t->added) {
			finish(t, CURLE_OUT_OF_MEMORY);
			return;
		}
	}
	/*
	 * Lines of a head that come to a paused transfer reach our callback all in one: it is paused
	 * when its body begins.
	 */
	if (t->paused && !t->head_done)
		return;
	if (t->paused != t->curl_paused) {
		t->curl_paused = t->paused;
		/* going on may deliver at once what curl still holds */
		http->busy++;
		http->curl.easy_pause(t->easy,
				      t->paused ? CURLPAUSE_RECV : CURLPAUSE_CONT);
		http->busy--;
	}
}

static bool finish_one(struct ct_http *http)
{
	struct ct_http_transfer *t = NULL;
	int left;
	CURLMsg *msg = http->curl.multi_info_read(http->multi, &left);

	if (msg == NULL)
		return false;
	if (msg->msg != CURLMSG_DONE)
		return true;
	/* curl keeps a plain pointer there, but its API says char */
	http->curl.easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
	finish(t, msg->data.result);
	return true;
}

/* curl has returned: do what was put off. Nothing may touch http after this. */
static void settle(struct ct_http *http)
{
	if (http->busy > 0)
		return;
	for (bool more = true; more && !http->doomed;) {
		struct ct_http_transfer *t = TAILQ_FIRST(&http->chores);
		if (t == NULL) {
			more = finish_one(http);
			continue;
		}
		TAILQ_REMOVE(&http->chores, t, chore);
		t->queued = false;
		do_chore(t);
	}
	if (http->doomed)
		http_free(http);
}

static void act(struct ct_http *http, curl_socket_t fd, int bits)
{
	int running;

	http->busy++;
	http->curl.multi_socket_action(http->multi, fd, bits, &running);
	http->busy--;
	settle(http);
}

static void on_timer(void *user)
{
	act(user, CURL_SOCKET_TIMEOUT, 0);
}

static void on_settle(void *user)
{
	settle(user);
}

static int on_curl_timer(CURLM *multi, long delay_ms, void *user)
{
	struct ct_http *http = user;

	(void)multi;
	if (delay_ms < 0)
		ct_timer_stop(http->timer);
	else
		ct_timer_start(http->timer, delay_ms);
	return 0;
}

struct socket_watch {
	struct ct_http *http;
	struct ct_watch *watch;
	curl_socket_t fd;
};

static void on_socket(void *user, int events)
{
	struct socket_watch *s = user;

	/* s may be gone when it returns */
	act(s->http, s->fd,
	    ((events & CT_READABLE) ? CURL_CSELECT_IN : 0) |
		    ((events & CT_WRITABLE) ? CURL_CSELECT_OUT : 0));
}

static int watch_socket(struct ct_http *http, curl_socket_t fd, int events)
{
	struct socket_watch *s = malloc(sizeof(*s));

	if (s == NULL)
		return -1;
	*s = (struct socket_watch){ .http = http, .fd = fd };
	if (ct_watch_open(http->loop, fd, events, false, on_socket, s, &s->watch, NULL)) {
		free(s);
		return -1;
	}
	http->curl.multi_assign(http->multi, fd, s);
	return 0;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *user,
			  void *of_socket)
{
	struct socket_watch *s = of_socket;
	int events = ((what & CURL_POLL_IN) ? CT_READABLE : 0) |
		     ((what & CURL_POLL_OUT) ? CT_WRITABLE : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		/* the number may be another socket's as soon as we return */
		if (s != NULL)
			ct_watch_close(s->watch);
		free(s);
		return 0;
	}
	if (s == NULL)
		return watch_socket(user, fd, events);
	ct_watch_set(s->watch, events);
	return 0;
}

/*
 * No more connections than there are descriptors: one that is not used, maybe of another host, is
 * closed for the one that is wanted. 0: as many as one likes.
 */
static long most_connections(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX)
		return 0;
	long most = (long)limit.rlim_cur - OTHER_DESCRIPTORS;
	return most > CONNECTIONS_MIN ? most : CONNECTIONS_MIN;
}

static int open_multi(struct ct_http *http, struct ct_err *err)
{
	const struct ct_curl *curl = &http->curl;
	int bad;

	http->timer = ct_timer_create(http->loop, on_timer, http);
	http->settle = ct_timer_create(http->loop, on_settle, http);
	http->multi = curl->multi_init();
	if (http->timer == NULL || http->settle == NULL || http->multi == NULL)
		return no_memory(err);
	bad = curl->multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket) ||
	      curl->multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http) ||
	      curl->multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer) ||
	      curl->multi_setopt(http->multi, CURLMOPT_TIMERDATA, http) ||
	      curl->multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
				 most_connections());
	return bad ? ct_fail(err, CT_EIO, "libcurl refuses an event loop") : CT_OK;
}

int ct_http_create(struct ct_loop *loop, struct ct_http **out, struct ct_err *err)
{
	struct ct_http *http = calloc(1, sizeof(*http));
	int rc;

	if (http == NULL)
		return no_memory(err);
	http->loop = loop;
	LIST_INIT(&http->transfers);
	TAILQ_INIT(&http->chores);
	rc = ct_curl_load(&http->curl, err);
	if (rc == CT_OK)
		rc = open_multi(http, err);
	if (rc != CT_OK) {
		http_free(http);
		return rc;
	}
	*out = http;
	return CT_OK;
}

void ct_http_destroy(struct ct_http *http)
{
	struct ct_http_transfer *t;

	if (http == NULL)
		return;
	if (http->busy == 0) {
		http_free(http);
		return;
	}
	http->doomed = true;
	LIST_FOREACH(t, &http->transfers, entry)
	t->cancelled = true;
}

/* Something is to be told to curl: now where possible, but never with a callback from here. */
static void enqueue(struct ct_http_transfer *t)
{
	struct ct_http *http = t->http;

	if (t->queued)
		return;
	t->queued = true;
	TAILQ_INSERT_TAIL(&http->chores, t, chore);
	if (http->busy == 0)
		ct_timer_start(http->settle, 0);
}

static struct ct_http_transfer *transfer_new(struct ct_http *http,
					     const struct ct_http_handler *handler,
					     void *user)
{
	struct ct_http_transfer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->http = http;
	t->handler = *handler;
	t->user = user;
	t->lines = (struct ct_buf)CT_BUF_INIT(HEAD_BUFFER_MAX);
	t->head.arena = &t->arena;
	t->easy = http->curl.easy_init();
	LIST_INSERT_HEAD(&http->transfers, t, entry);
	return t;
}

/* The host outlives the request it was read from: messages name it. */
static int set_url(struct ct_http_transfer *t, struct ct_str text, struct ct_err *err)
{
	int rc = ct_url_parse(text, &t->url, err);

	t->url.rest = (struct ct_str){ NULL, 0 };
	if (rc != CT_OK)
		return rc;
	t->url.host = ct_arena_dup(&t->arena, t->url.host);
	return t->url.host.ptr != NULL ? CT_OK : no_memory(err);
}

static int start(struct ct_http_transfer *t, const struct ct_http_request *request,
		 struct ct_http_transfer **out, struct ct_err *err)
{
	struct ct_http *http = t->http;
	int rc;

	rc = t->easy != NULL ? set_url(t, request->url, err) : no_memory(err);
	if (rc == CT_OK)
		rc = ct_transfer_setup(t, request, err);
	if (rc == CT_OK && http->busy == 0) {
		add_to_multi(t);
		rc = t->added ? CT_OK : no_memory(err);
	}
	if (rc != CT_OK) {
		transfer_free(t);
		return rc;
	}
	if (!t->added)
		enqueue(t);
	*out = t;
	return CT_OK;
}

int ct_http_start(struct ct_http *http, const struct ct_http_request *request,
		  const struct ct_http_handler *handler, void *user,
		  struct ct_http_transfer **out, struct ct_err *err)
{
	struct ct_http_transfer *t = transfer_new(http, handler, user);

	return t != NULL ? start(t, request, out, err) : no_memory(err);
}

int ct_http_connect(struct ct_http *http, struct ct_str url, ct_loop_fn *on_connected,
		    void (*on_done)(void *user, int code, const struct ct_err *err), void *user,
		    struct ct_http_transfer **out, struct ct_err *err)
{
	const struct ct_http_request request = { .method = "GET", .url = url };
	const struct ct_http_handler handler = { .on_done = on_done };
	struct ct_http_transfer *t = transfer_new(http, &handler, user);

	if (t == NULL)
		return no_memory(err);
	t->on_connected = on_connected;
	return start(t, &request, out, err);
}

void ct_http_pause(struct ct_http_transfer *t, bool pause)
{
	t->paused = pause;
	/* until curl is told, on_write holds back what comes */
	if (!t->done && !t->cancelled && t->paused != t->curl_paused)
		enqueue(t);
}

void ct_http_cancel(struct ct_http_transfer *t)
{
	if (t == NULL || t->cancelled || t->done)
		return;
	t->cancelled = true;
	if (t->http->busy > 0)
		enqueue(t);
	else
		transfer_free(t);
}

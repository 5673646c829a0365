#include "service/fetch.h"

#include "base/log.h"
#include "net/http.h"
#include "net/url.h"

struct fetch {
	struct ct_app *app;
	struct ct_arena arena; /* of the addresses */
	struct ct_buf *out;
	struct ct_http_transfer *transfer;
	const bool *cancelled;
	struct ct_str url; /* where it is now */
	struct ct_str location;
	size_t redirects;
	bool from_private; /* the first address was one */
	bool done, late;
	int status, code;
	struct ct_err err;
};

bool ct_fetch_is_url(const char *text)
{
	return strncasecmp(text, "http://", 7) == 0 ||
	       strncasecmp(text, "https://", 8) == 0;
}

struct ct_str ct_fetch_shown(struct ct_str url)
{
	size_t n = 0;

	while (n < url.len && url.ptr[n] != '?' && url.ptr[n] != '#')
		n++;
	return (struct ct_str){ url.ptr, n };
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 ||
	       status == 308;
}

static bool is_success(int status)
{
	return status >= 200 && status < 300;
}

static void on_head(void *user, int status, const struct ct_headers *headers)
{
	struct fetch *f = user;

	f->status = status;
	if (f->redirects == 0)
		f->from_private = ct_http_peer_is_private(f->transfer);
	if (is_redirect(status))
		f->location =
			ct_arena_dup(&f->arena, ct_headers_get(headers, "Location"));
}

static int on_body(void *user, struct ct_str bytes, struct ct_err *err)
{
	struct fetch *f = user;

	if (!is_success(f->status))
		return CT_OK;
	ct_buf_add(f->out, bytes);
	if (f->out->failed == CT_ETOOBIG)
		return ct_fail(err, CT_EINVALID, "it is over %zu MB", f->out->max >> 20);
	return ct_buf_check(f->out, "it", err);
}

static void on_done(void *user, int code, const struct ct_err *err)
{
	struct fetch *f = user;

	f->done = true;
	f->transfer = NULL;
	f->code = code;
	if (err != NULL)
		f->err = *err;
	ct_loop_stop(f->app->loop);
}

static void on_timer(void *user)
{
	struct fetch *f = user;

	f->late = true;
	ct_loop_stop(f->app->loop);
}

/* One exchange. */
static int get(struct fetch *f, struct ct_err *err)
{
	static const struct ct_http_handler handler = { on_head, on_body, on_done };
	bool anywhere = f->redirects == 0 || f->from_private;
	struct ct_http_request request = {
		.method = "GET",
		.url = f->url,
		.reach = anywhere ? CT_REACH_TOLD : CT_REACH_PUBLIC,
	};

	f->done = false;
	f->status = 0;
	f->location = (struct ct_str){ NULL, 0 };
	int rc = ct_http_add_header(&request, "Accept", ct_str("*/*"), NULL, err);
	if (rc == CT_OK)
		rc = ct_http_start(f->app->http, &request, &handler, f, &f->transfer,
				   err);
	if (rc != CT_OK)
		return rc;
	while (!f->done && !f->late && !*f->cancelled)
		ct_loop_run(f->app->loop);
	if (!f->done) {
		ct_http_cancel(f->transfer);
		return *f->cancelled
			       ? ct_fail(err, CT_ECANCELLED, "cancelled")
			       : ct_fail(err, CT_ETIMEOUT, "it took longer than %d s",
					 CT_FETCH_MS / 1000);
	}
	if (f->code != CT_OK && err != NULL)
		*err = f->err;
	return f->code;
}

/* What its status says, once it has answered. */
static int judge(const struct fetch *f, struct ct_err *err)
{
	if (is_success(f->status))
		return CT_OK;
	return ct_fail(err, f->status >= 500 ? CT_EUPSTREAM : CT_EINVALID,
		       "it answers with status %d", f->status);
}

static int follow(struct fetch *f, struct ct_err *err)
{
	struct ct_str next;

	if (f->location.len == 0)
		return ct_fail(err, CT_EINVALID, "it redirects to nowhere (status %d)",
			       f->status);
	if (++f->redirects > CT_FETCH_REDIRECTS)
		return ct_fail(err, CT_EINVALID, "it redirects more than %d times",
			       CT_FETCH_REDIRECTS);
	int rc = ct_url_join(f->url, f->location, &f->arena, &next, err);
	if (rc == CT_EINVALID)
		return ct_fail(err, rc, "it redirects to what is no http or https URL");
	if (rc != CT_OK)
		return rc;
	struct ct_str from = ct_fetch_shown(f->url), to = ct_fetch_shown(next);
	ct_log(CT_LOG_WARN, "%.*s leads to %.*s", CT_STR_ARG(from), CT_STR_ARG(to));
	f->url = next;
	return CT_OK;
}

static int get_all(struct fetch *f, struct ct_err *err)
{
	int rc;

	for (;;) {
		rc = get(f, err);
		if (rc != CT_OK || !is_redirect(f->status))
			break;
		rc = follow(f, err);
		if (rc != CT_OK)
			break;
	}
	return rc == CT_OK ? judge(f, err) : rc;
}

int ct_fetch(struct ct_app *app, struct ct_str url, const bool *cancelled,
	     struct ct_buf *out, struct ct_err *err)
{
	struct fetch f = { .app = app, .out = out, .cancelled = cancelled };
	struct ct_err why = { 0 };
	struct ct_str shown = ct_fetch_shown(url);
	int rc = ct_app_open_net(app, err);

	if (rc != CT_OK)
		return rc;
	struct ct_timer *timer = ct_timer_create(app->loop, on_timer, &f);
	f.url = ct_arena_dup(&f.arena, url);
	if (timer == NULL || f.url.ptr == NULL) {
		rc = ct_fail(&why, CT_ENOMEM, "out of memory");
	} else {
		ct_timer_start(timer, CT_FETCH_MS);
		rc = get_all(&f, &why);
	}
	ct_timer_destroy(timer);
	ct_arena_fini(&f.arena);
	if (rc == CT_OK || rc == CT_ECANCELLED)
		return rc == CT_OK ? rc : ct_fail(err, rc, "cancelled");
	ct_fail(err, rc, "cannot attach %.*s: %s",
		(int)(shown.len < 200 ? shown.len : 200), shown.ptr, why.msg);
	ct_hint(err, "%s", why.hint);
	return rc;
}

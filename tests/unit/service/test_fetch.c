#include <signal.h>

#include "rawserver.h"
#include "scratch.h"
#include "service/fetch.h"

static struct ct_app *app;

static void init(void)
{
	scratch_make();
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(ct_app_create(&(struct ct_app_options){ 0 }, &app, NULL), CT_OK);
}

static void fini(void)
{
	ct_app_destroy(app);
	scratch_end();
}

TestSuite(fetch, .init = init, .fini = fini, .timeout = 100);

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
#define GO(where) \
	"HTTP/1.1 302 Found\r\nLocation: " where \
	"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

/* What came of an URL of the server, or (url NULL: "/a?secret=1#f"). */
struct got {
	struct ct_buf body;
	struct ct_err err;
	int code;
};

static void get(struct got *got, const struct raw_step *steps, const char *url)
{
	struct rawserver *server = rawserver_start(steps);
	bool cancelled = false;
	char proxy[64];

	*got = (struct got){ .body = CT_BUF_INIT(10) };
	if (url != NULL) { /* the proxy answers as if it were there */
		snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d",
			 rawserver_port(server));
		setenv("http_proxy", proxy, 1);
	} else {
		url = rawserver_url(server, "/a?secret=1#f");
	}
	got->code = ct_fetch(app, ct_str(url), &cancelled, &got->body, &got->err);
	unsetenv("http_proxy");
	rawserver_halt(server);
	rawserver_stop(server);
}

static void expect_failure(const struct raw_step *steps, const char *url, int code,
			   const char *words)
{
	struct got got;

	get(&got, steps, url);
	cr_expect_eq(got.code, code, "%d: %s", got.code, got.err.msg);
	cr_expect_not_null(strstr(got.err.msg, words), "%s", got.err.msg);
	cr_expect_null(strstr(got.err.msg, "secret"), "%s", got.err.msg);
	ct_buf_fini(&got.body);
}

Test(fetch, brings_what_an_url_holds)
{
	static const struct raw_step steps[] = { RAW(READ), RAW_TEXT(OK), RAW(CLOSE),
						 RAW(END) };
	struct got got;

	get(&got, steps, NULL);
	cr_assert_eq(got.code, CT_OK, "%s", got.err.msg);
	cr_assert(ct_str_is(ct_buf_str(&got.body), "hello"));
	ct_buf_fini(&got.body);
}

Test(fetch, follows_redirects)
{
	static const struct raw_step steps[] = { RAW(READ),	     RAW_TEXT(GO("b?x")),
						 RAW(CLOSE),	     RAW(READ),
						 RAW_TEXT(GO("/c")), RAW(CLOSE),
						 RAW(READ),	     RAW_TEXT(OK),
						 RAW(CLOSE),	     RAW(END) };
	struct got got;

	get(&got, steps, NULL);
	cr_assert_eq(got.code, CT_OK, "%s", got.err.msg);
	cr_assert(ct_str_is(ct_buf_str(&got.body), "hello"), "%s", got.body.ptr);
	ct_buf_fini(&got.body);
}

Test(fetch, gives_up_where_redirects_have_no_end)
{
	static const struct raw_step steps[] = { RAW(READ), RAW_TEXT(GO("/again")),
						 RAW(CLOSE), RAW(AGAIN) };

	expect_failure(steps, NULL, CT_EINVALID, "more than 5 times");
}

Test(fetch, does_not_let_a_stranger_lead_it_home)
{
	static const char *const homes[] = {
		GO("http://127.0.0.1/"),
		GO("http://localhost:8080/x"),
		GO("//10.1.2.3/"),
		GO("http://[::1]/"),
		GO("http://169.254.169.254/latest/meta-data/"),
		GO("http://2130706433/"),
		GO("http://[::ffff:192.168.0.1]/"),
	};

	for (size_t i = 0; i < CT_COUNT(homes); i++) {
		struct raw_step steps[] = { RAW(READ), RAW_TEXT(homes[i]), RAW(CLOSE),
					    RAW(END) };
		expect_failure(steps, "http://public.example/a", CT_EINVALID,
			       "private address");
	}
}

Test(fetch, may_be_led_home_from_home)
{
	static const struct raw_step steps[] = { RAW(READ),
						 RAW_TEXT(GO("http://127.0.0.1:1/")),
						 RAW(CLOSE), RAW(END) };

	/* it goes there, where nobody listens */
	expect_failure(steps, NULL, CT_ECONNECT, "127.0.0.1:1");
}

Test(fetch, stays_on_the_web)
{
	static const char *const places[] = { GO("file:///etc/passwd"), GO("ftp://h/x"),
					      GO("http://u:p@h/") };

	for (size_t i = 0; i < CT_COUNT(places); i++) {
		struct raw_step steps[] = { RAW(READ), RAW_TEXT(places[i]), RAW(CLOSE),
					    RAW(END) };
		expect_failure(steps, NULL, CT_EINVALID, "no http or https URL");
	}
	static const struct raw_step nowhere[] = {
		RAW(READ), RAW_TEXT("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n"),
		RAW(CLOSE), RAW(END)
	};
	expect_failure(nowhere, NULL, CT_EINVALID, "nowhere");
}

Test(fetch, says_what_its_status_means)
{
	static const struct raw_step gone[] = {
		RAW(READ), RAW_TEXT("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno"),
		RAW(CLOSE), RAW(END)
	};
	static const struct raw_step broken[] = {
		RAW(READ), RAW_TEXT("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"),
		RAW(CLOSE), RAW(END)
	};

	expect_failure(gone, NULL, CT_EINVALID, "status 404");
	expect_failure(broken, NULL, CT_EUPSTREAM, "status 503");
}

Test(fetch, has_a_ceiling)
{
	static const struct raw_step steps[] = {
		RAW(READ), RAW_TEXT("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"),
		RAW_TEXT("hello world"), RAW(CLOSE), RAW(END)
	};

	expect_failure(steps, NULL, CT_EINVALID, "it is over");
}

Test(fetch, can_be_broken_off)
{
	static const struct raw_step steps[] = { RAW(READ), RAW(HOLD), RAW(END) };
	struct rawserver *server = rawserver_start(steps);
	struct ct_buf body = CT_BUF_INIT(10);
	bool cancelled = true;

	cr_expect_eq(ct_fetch(app, ct_str(rawserver_url(server, "/")), &cancelled, &body,
			      NULL),
		     CT_ECANCELLED);
	rawserver_halt(server);
	rawserver_stop(server);
	ct_buf_fini(&body);
}

Test(fetch, refuses_what_is_no_url)
{
	struct ct_buf body = CT_BUF_INIT(10);
	bool cancelled = false;

	cr_expect_eq(ct_fetch(app, ct_str("http://"), &cancelled, &body, NULL),
		     CT_EINVALID);
	cr_expect_eq(ct_fetch(app, ct_str("https://u:p@h/"), &cancelled, &body, NULL),
		     CT_EINVALID);
	cr_expect(ct_fetch_is_url("HTTP://h") && ct_fetch_is_url("https://h"));
	cr_expect(!ct_fetch_is_url("http:/h") && !ct_fetch_is_url("file.txt"));
	ct_buf_fini(&body);
}

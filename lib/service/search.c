#include "service/search.h"

#include "base/log.h"
#include "net/url.h"
#include "service/call_json.h"

enum { PAGES_MAX = 100, ATTEMPTS_BYTES = 4 << 20 };

static bool room_for(struct ct_searching *s, size_t more)
{
	size_t room = s->room > 0 ? s->room : 16;
	struct ct_found *list;

	while (room < s->count + more)
		room *= 2;
	if (room == s->room)
		return true;
	list = ct_arena_alloc(&s->arena, room * sizeof(*list));
	if (list == NULL)
		return false;
	if (s->count > 0)
		memcpy(list, s->found, s->count * sizeof(*list));
	s->found = list;
	s->room = room;
	return true;
}

static struct ct_str keep(struct ct_searching *s, struct ct_str text)
{
	return ct_arena_dup(&s->arena, text);
}

static struct ct_found keep_found(struct ct_searching *s, const struct ct_found *found)
{
	struct ct_found kept = *found;

	kept.title = keep(s, found->title);
	kept.url = keep(s, found->url);
	kept.text = keep(s, found->text);
	kept.error = keep(s, found->error);
	return kept;
}

/* Where it goes on, if more is wanted. A page that leads to itself is the last. */
static struct ct_str next_page(struct ct_searching *s, const struct ct_answer *answer, bool more)
{
	if (!more || ct_str_eq(answer->next, s->search.page))
		return (struct ct_str){ NULL, 0 };
	return keep(s, answer->next);
}

/* A record, or a page of a list of them: the lines grow until there are as many as were asked for. */
static int take_records(struct ct_searching *s, const struct ct_answer *answer)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *page;
	size_t count = 0;

	int rc = ct_json_parse(&arena, ct_buf_str(&answer->text), CT_JSON_LENIENT, &page,
			       &s->err);
	if (rc != CT_OK)
		return rc;
	for (page = ct_json_first(page); page != NULL; page = page->next)
		count++;
	s->answer = ct_arena_printf(&s->arena, "%.*s%.*s\n", CT_STR_ARG(s->answer),
				    CT_STR_ARG(ct_buf_str(&answer->text)));
	if (s->answer.ptr == NULL)
		return ct_fail(&s->err, CT_ENOMEM, "no memory for what was read");
	s->records += count;
	s->search.page = next_page(s, answer,
				   count > 0 && s->records < (size_t)s->search.limit);
	return CT_OK;
}

/* What moves from one page to the next while they are read is there once. */
static bool was_found(const struct ct_searching *s, size_t count, const struct ct_found *found)
{
	for (size_t i = 0; i < count; i++)
		if (ct_str_eq(s->found[i].url, found->url))
			return true;
	return false;
}

/* As many as were asked for: a page may hold more. One that brings nothing new is the last. */
static int take_page(struct ct_searching *s, const struct ct_answer *answer)
{
	size_t most = s->task == CT_TASK_SEARCH ? (size_t)s->search.limit : CT_FOUND_MAX;
	size_t before = s->count;

	if (!room_for(s, answer->found_count))
		return ct_fail(&s->err, CT_ENOMEM, "no memory for what was found");
	for (size_t i = 0; i < answer->found_count && s->count < most; i++) {
		if (was_found(s, before, &answer->found[i]))
			continue;
		s->found[s->count] = keep_found(s, &answer->found[i]);
		if (s->found[s->count++].text.ptr == NULL)
			return ct_fail(&s->err, CT_ENOMEM, "no memory for what was found");
	}
	if (answer->text.len > 0)
		s->answer = keep(s, ct_buf_str(&answer->text));
	if (answer->total >= 0)
		s->total = answer->total;
	s->incomplete = s->incomplete || answer->incomplete;
	s->left_out += answer->bad_chunks;
	s->search.page = next_page(s, answer, s->count > before && s->count < most);
	return CT_OK;
}

/* An address comes back as it was sent, or with the slash that it lacked. */
static bool is_page(struct ct_str found, struct ct_str asked)
{
	if (asked.len > 0 && found.len == asked.len + 1 && found.ptr[asked.len] == '/')
		found.len--;
	return ct_str_eq(found, asked);
}

/* Is a page that was asked for in the list, or asked for once more before? */
static bool is_there(const struct ct_searching *s, size_t asked)
{
	const struct ct_str *urls = s->search.urls;

	for (size_t i = 0; i < s->count; i++)
		if (is_page(s->found[i].url, urls[asked]))
			return true;
	for (size_t i = 0; i < asked; i++)
		if (ct_str_eq(urls[i], urls[asked]))
			return true;
	return false;
}

/* A page of which the answer says nothing at all would be missed by nobody: it has failed. */
static int add_missing(struct ct_searching *s)
{
	size_t answered = s->count, asked = 0;

	for (size_t i = 0; i < s->search.url_count; i++)
		asked += !is_there(&(struct ct_searching){ .search = s->search }, i);
	for (size_t i = 0; i < s->search.url_count && answered > 0 && s->count < asked; i++) {
		if (is_there(s, i))
			continue;
		if (!room_for(s, 1))
			return ct_fail(&s->err, CT_ENOMEM, "no memory for what was found");
		s->found[s->count++] = (struct ct_found){
			.url = keep(s, s->search.urls[i]),
			.title = ct_str(""),
			.text = ct_str(""),
			.error = ct_str("the answer does not say anything of it"),
		};
	}
	return CT_OK;
}

static void take_names(struct ct_searching *s, const struct ct_call_result *r)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf attempts = CT_BUF_INIT(ATTEMPTS_BYTES);
	struct ct_jw jw = ct_jw(&attempts);

	ct_attempts_json(&jw, r->attempts, r->attempt_count, CT_ATTEMPTS_FULL);
	s->provider = keep(s, r->provider);
	s->request_id = keep(s, r->request_id);
	s->provider_request_id = r->provider_request_id.len > 0 ?
					 keep(s, r->provider_request_id) :
					 (struct ct_str){ NULL, 0 };
	s->attempts = keep(s, ct_buf_str(&attempts));
	for (size_t i = 0; i < r->warnings.count && s->warnings.count < CT_WARNINGS_MAX; i++)
		s->warnings.text[s->warnings.count++] = keep(s, r->warnings.text[i]);
	s->duration_ms += r->duration_ms;
	if (r->cost_usd_nanos >= 0)
		s->cost_usd_nanos = r->cost_usd_nanos +
				    (s->cost_usd_nanos > 0 ? s->cost_usd_nanos : 0);
}

/* What the conversation keeps of a search is the list; it is whole with the last page. */
static void write_turn(struct ct_searching *s)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(64 << 20);
	struct ct_turn *turn = s->options.turn;

	if (turn == NULL)
		return;
	turn->goes_on = s->code != CT_OK || s->search.page.len > 0;
	if (turn->goes_on)
		return;
	if (s->answer.len > 0)
		ct_buf_printf(&text, "%.*s\n\n", CT_STR_ARG(s->answer));
	if (s->count == 0)
		ct_buf_puts(&text, "Nothing was found.");
	else if (ct_found_text(s->found, s->count, &text, &s->err) != CT_OK)
		s->code = s->err.code;
	turn->said = ct_arena_dup(turn->arena, ct_buf_str(&text));
}

static void on_event(void *user, const struct ct_call_event *event)
{
	(void)user;
	(void)event;
}

static void on_done(void *user, const struct ct_call_result *r)
{
	struct ct_searching *s = user;

	s->call = NULL;
	s->code = r->code;
	s->err = r->err;
	take_names(s, r);
	if (r->code == CT_OK)
		s->code = s->task == CT_TASK_READ ? take_records(s, r->answer)
						  : take_page(s, r->answer);
	if (s->code == CT_OK && s->task == CT_TASK_EXTRACT)
		s->code = add_missing(s);
	write_turn(s);
}

static int run_page(struct ct_searching *s, const struct ct_candidates *candidates)
{
	static const struct ct_call_handler handler = { on_event, on_done };
	struct ct_request request = { .task = s->task, .search = &s->search };
	struct ct_call_options options = s->options;
	struct ct_call *call;

	options.show = CT_SHOW_WHOLE;
	if (options.turn != NULL)
		options.turn->goes_on = false;
	options.timeout_ms -= s->duration_ms;
	if (options.timeout_ms <= 0)
		return ct_fail(&s->err, CT_ETIMEOUT, "no whole answer within %.3g s",
			       (double)s->options.timeout_ms / 1000);
	int rc = ct_call_start(s->app, &request, candidates, &options, &handler, s, &call,
			       &s->err);
	if (rc != CT_OK)
		return rc;
	s->call = call;
	ct_call_wait(call);
	return s->code;
}

/* Who had the first page has the others: another one knows nothing of its addresses. */
static struct ct_candidates only(const struct ct_searching *s)
{
	const struct ct_candidates *all = s->candidates;
	struct ct_candidates one = { .count = 1, .list = { all->list[0] } };

	for (size_t i = 0; i < all->count; i++)
		if (ct_str_eq(all->list[i].service->endpoint.name, s->provider))
			one.list[0] = all->list[i];
	return one;
}

/* What the list itself does not show. */
static void warn_of_holes(const struct ct_searching *s)
{
	if (s->incomplete)
		ct_log(CT_LOG_WARN, "%.*s has not looked everywhere: results may be missing",
		       CT_STR_ARG(s->provider));
	if (s->left_out > 0 && s->task == CT_TASK_SEARCH)
		ct_log(CT_LOG_WARN, "%.*s sent %lld result%s without an address: left out",
		       CT_STR_ARG(s->provider), (long long)s->left_out,
		       s->left_out > 1 ? "s" : "");
}

int ct_searching_run(struct ct_searching *s, struct ct_err *err)
{
	struct ct_candidates one;

	s->total = s->cost_usd_nanos = -1;
	s->code = run_page(s, s->candidates);
	if (s->code == CT_OK)
		one = only(s);
	for (int i = 1; i < PAGES_MAX && s->code == CT_OK && s->search.page.len > 0; i++) {
		if (s->stopped)
			s->code = ct_fail(&s->err, CT_ECANCELLED, "cancelled");
		else
			s->code = run_page(s, &one);
	}
	if (s->total < 0)
		s->total = (int64_t)s->count;
	if (s->code == CT_OK)
		warn_of_holes(s);
	if (s->code != CT_OK)
		*err = s->err;
	return s->code;
}

void ct_searching_stop(struct ct_searching *s)
{
	s->stopped = true;
	if (s->call != NULL)
		ct_call_cancel(s->call);
}

void ct_searching_fini(struct ct_searching *s)
{
	ct_arena_fini(&s->arena);
}

int ct_found_text(const struct ct_found *found, size_t count, struct ct_buf *out,
		  struct ct_err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct ct_found *f = &found[i];
		ct_buf_printf(out, "%s[%zu] ", i > 0 ? "\n\n" : "", i + 1);
		ct_buf_add(out, f->title.len > 0 ? f->title : f->url);
		ct_buf_puts(out, "\n");
		ct_buf_add(out, f->url);
		if (f->text.len > 0 || f->error.len > 0)
			ct_buf_puts(out, "\n");
		ct_buf_add(out, f->error.len > 0 ? f->error : f->text);
	}
	return ct_buf_check(out, "what was found", err);
}

bool ct_search_is_all(struct ct_app *app, const char *provider)
{
	const struct ct_service_config *service =
		ct_config_service(app->config, ct_str(provider));
	unsigned can = service != NULL ? service->endpoint.vendor->capabilities : 0;

	return (can & CT_CAN_SEARCH) != 0 && (can & CT_CAN_CHAT) == 0;
}

static bool is_same_host(struct ct_str a, struct ct_str b)
{
	return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

/* One for whom GitHub's own addresses mean something else: GitHub Enterprise, in both its forms. */
static bool is_house_of_its_own(const struct ct_url *base)
{
	static const char path[] = "/api/v3";
	struct ct_str rest = base->rest;

	if (rest.len > 0 && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	return (rest.len >= sizeof(path) - 1 &&
		ct_str_is(ct_str_from(rest, rest.len - (sizeof(path) - 1)), path)) ||
	       (ct_str_starts(base->host, "api.") &&
		!ct_str_is_nocase(base->host, "api.github.com"));
}

bool ct_search_is_host(struct ct_app *app, const char *provider, struct ct_str host)
{
	const struct ct_service_config *service =
		ct_config_service(app->config, ct_str(provider));
	const char *port = host.len > 0 ? memchr(host.ptr, ':', host.len) : NULL;
	struct ct_url base;

	if (service == NULL || ct_url_parse(service->endpoint.base_url, &base, NULL) != CT_OK)
		return true;
	if (port != NULL)
		host.len = (size_t)(port - host.ptr);
	if (is_same_host(host, base.host))
		return true;
	if (ct_str_starts(base.host, "api.") && is_same_host(host, ct_str_from(base.host, 4)))
		return true;
	return !is_house_of_its_own(&base) && (ct_str_is_nocase(host, "github.com") ||
					       ct_str_is_nocase(host, "www.github.com"));
}

#include "store/streams.h"
#include "temp_store.h"

TestSuite(streams, .init = make_temp, .fini = remove_temp, .timeout = 100);

static struct ct_process self;

static int64_t begin(struct ct_store *store, const char *name, int64_t now_ms)
{
	struct ct_kept_session session = { .session_id = ct_str(name),
					   .provider = ct_str("p"),
					   .metadata = ct_str("{\"a\":1}"),
					   .content = true,
					   .process = self,
					   .created_ms = now_ms,
					   .deadline_ms = now_ms + 1000 };
	int64_t id = 0;

	cr_assert_eq(ct_streams_begin(store, &session, &id, NULL), CT_OK);
	return id;
}

static void append(struct ct_store *store, int64_t id, const char *events)
{
	cr_assert_eq(ct_streams_append(store, id, ct_str(events), NULL), CT_OK);
}

static void end(struct ct_store *store, int64_t id, bool completed, int64_t now_ms)
{
	struct ct_session_end e = { .completed = completed,
				    .error_code = completed ? NULL : "timeout",
				    .tokens = 3,
				    .ended_ms = now_ms };

	cr_assert_eq(ct_streams_end(store, id, &e, NULL), CT_OK);
}

struct seen {
	char text[256], asked[64];
	int64_t first_event, last, id;
	int count;
};

static int note(void *user, const struct ct_kept_session *s)
{
	struct seen *seen = user;

	seen->count++;
	seen->id = s->id;
	seen->first_event = s->first_event;
	snprintf(seen->text, sizeof(seen->text), "%.*s %.*s %.*s %.*s", CT_STR_ARG(s->session_id),
		 CT_STR_ARG(s->state), CT_STR_ARG(s->error_code), CT_STR_ARG(s->metadata));
	snprintf(seen->asked, sizeof(seen->asked), "%.*s %.*s %.*s", CT_STR_ARG(s->request_id),
		 CT_STR_ARG(s->provider), CT_STR_ARG(s->model));
	return CT_OK;
}

static int add(void *user, int64_t n, struct ct_str events)
{
	struct seen *seen = user;

	seen->count++;
	seen->last = n;
	strncat(seen->text, events.ptr, sizeof(seen->text) - strlen(seen->text) - 1);
	return CT_OK;
}

Test(streams, a_sessions_events_come_back_in_order_without_those_of_others)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct seen seen = { 0 }, events = { 0 };

	self = ct_process_self();
	int64_t other = begin(store, "b", 1);
	append(store, other, "x");
	int64_t id = begin(store, "a", 1);
	append(store, id, "1");
	append(store, other, "y");
	append(store, id, "2");
	end(store, id, true, 5);
	append(store, other, "z");
	cr_assert_eq(ct_streams_find(store, ct_str("a"), note, &seen, NULL), CT_OK);
	cr_expect_str_eq(seen.text, "a completed  {\"a\":1}");
	cr_assert_eq(ct_streams_read(store, id, seen.first_event, add, &events, NULL), CT_OK);
	cr_expect_str_eq(events.text, "12");
	append(store, id, "3");
	events.text[0] = '\0';
	cr_assert_eq(ct_streams_read(store, id, events.last, add, &events, NULL), CT_OK);
	cr_expect_str_eq(events.text, "3");
	ct_store_close(store);
}

Test(streams, the_newest_of_a_name_is_found_and_an_older_one_has_completed)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct seen seen = { 0 };
	bool completed = false;

	self = ct_process_self();
	end(store, begin(store, "a", 1), true, 2);
	end(store, begin(store, "a", 3), false, 4);
	cr_assert_eq(ct_streams_find(store, ct_str("a"), note, &seen, NULL), CT_OK);
	cr_expect_str_eq(seen.text, "a failed timeout {\"a\":1}");
	cr_assert_eq(ct_streams_is_completed(store, ct_str("a"), &completed, NULL), CT_OK);
	cr_expect(completed);
	cr_assert_eq(ct_streams_is_completed(store, ct_str("b"), &completed, NULL), CT_OK);
	cr_expect_not(completed);
	cr_expect_eq(ct_streams_find(store, ct_str("b"), note, &seen, NULL), CT_EINVALID);
	ct_store_close(store);
}

Test(streams, who_is_asked_may_be_known_later)
{
	static const struct ct_kept_session asked = { .request_id = { "r", 1 },
						      .provider = { "claude", 6 },
						      .model = { "m", 1 } };
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct seen seen = { 0 };
	int64_t id = begin(store, "a", 1);

	cr_assert_eq(ct_streams_start(store, id, &asked, NULL), CT_OK);
	cr_assert_eq(ct_streams_find(store, ct_str("a"), note, &seen, NULL), CT_OK);
	cr_expect_str_eq(seen.asked, "r claude m");
	cr_expect_str_eq(seen.text, "a running  {\"a\":1}");
	ct_store_close(store);
}

Test(streams, those_of_dead_processes_and_past_their_time_are_interrupted)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct seen seen = { 0 };

	self = ct_process_self();
	begin(store, "alive", 5000);
	for (int i = 0; i < 300; i++)
		begin(store, "late", 1000);
	self.started++; /* another process had our number */
	begin(store, "dead", 5000);
	self = ct_process_self();
	cr_assert_eq(ct_streams_reap(store, &self, 5500, NULL), CT_OK);
	cr_assert_eq(ct_streams_running(store, note, &seen, NULL), CT_OK);
	cr_expect_eq(seen.count, 1);
	cr_expect_str_eq(seen.text, "alive running  {\"a\":1}");
	cr_assert_eq(ct_streams_find(store, ct_str("dead"), note, &seen, NULL), CT_OK);
	cr_expect_str_eq(seen.text, "dead failed interrupted {\"a\":1}");
	ct_store_close(store);
}

Test(streams, a_wish_to_stop_reaches_its_process_until_the_session_ends)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_process other;
	int64_t count = 0, ids[4];
	size_t found = 9;

	self = other = ct_process_self();
	other.pid++;
	int64_t id = begin(store, "a", 1);
	cr_assert_eq(ct_streams_stop(store, ct_str("b"), &count, NULL), CT_OK);
	cr_expect_eq(count, 0);
	cr_assert_eq(ct_streams_stop(store, ct_str("a"), &count, NULL), CT_OK);
	cr_expect_eq(count, 1);
	cr_assert_eq(ct_streams_stopped(store, &other, ids, 4, &found, NULL), CT_OK);
	cr_expect_eq(found, 0u);
	cr_assert_eq(ct_streams_stopped(store, &self, ids, 4, &found, NULL), CT_OK);
	cr_expect_eq(found, 1u);
	cr_expect_eq(ids[0], id);
	end(store, id, false, 2);
	cr_assert_eq(ct_streams_stopped(store, &self, ids, 4, &found, NULL), CT_OK);
	cr_expect_eq(found, 0u);
	ct_store_close(store);
}

Test(streams, a_sweep_takes_what_is_old_in_pieces_and_never_the_newest_row)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	int64_t cursor = 0;
	bool more = true;
	int rounds = 0;

	self = ct_process_self();
	int64_t old = begin(store, "old", 1), running = begin(store, "runs", 1);
	for (int i = 0; i < 600; i++) {
		append(store, old, "o");
		append(store, running, "r");
	}
	end(store, old, true, 100);
	int64_t young = begin(store, "young", 1);
	append(store, young, "y");
	end(store, young, true, 900);
	while (more && rounds++ < 20)
		cr_assert_eq(ct_streams_sweep(store, 500, &cursor, &more, NULL), CT_OK);
	cr_expect_gt(rounds, 2);
	cr_expect_eq(ask(store, "SELECT count(*) FROM stream_events WHERE events='o'"), 0);
	cr_expect_eq(ask(store, "SELECT count(*) FROM stream_events WHERE events='r'"), 600);
	cr_expect_eq(ask(store, "SELECT count(*) FROM stream_events WHERE events='y'"), 1);
	end(store, running, true, 901);
	cr_assert_eq(ct_streams_prune(store, 10000, NULL), CT_OK);
	cr_expect_eq(ask(store, "SELECT count(*) FROM stream_sessions"), 0);
	cr_expect_eq(ask(store, "SELECT count(*) FROM stream_events"), 1);
	ct_store_close(store);
}

Test(streams, an_older_store_that_is_only_read_has_none)
{
	struct seen seen = { 0 };
	struct ct_store *store = open_store(CT_STORE_WRITE);

	run(store, "DROP TABLE stream_sessions;DROP TABLE stream_events;PRAGMA user_version=5");
	ct_store_close(store);
	store = open_store(CT_STORE_READ);
	cr_expect_eq(ct_streams_running(store, note, &seen, NULL), CT_OK);
	cr_expect_eq(seen.count, 0);
	cr_expect_eq(ct_streams_find(store, ct_str("a"), note, &seen, NULL), CT_EINVALID);
	ct_store_close(store);
}

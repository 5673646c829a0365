/* Rate limits as the record of a call asks them: with the circuit, in the store or without one. */
#include "scratch.h"
#include "service/record.h"
#include "store/shared.h"

TestSuite(rate_limits, .init = scratch_make, .fini = scratch_end);

/* One an hour, two at once: no test is slow enough to see a third. */
#define LIMITS \
	"providers:\n  claude: {rate_limit: 1/hour, burst: 2}\n" \
	"users:\n  ann: {rate_limit: 1/day, burst: 1}\n"

enum { HOUR_MS = 3600 * 1000, WHERE_STORE, WHERE_WRITER, WHERE_NOWHERE };

static struct ct_app *open_app(const char *config)
{
	struct ct_app *app = NULL;
	struct ct_app_options options = { .db_path = scratch_path("db"),
					  .config_path = scratch_write("c.yaml", config, 0600) };
	struct ct_err err = { 0 };

	cr_assert_eq(ct_app_create(&options, &app, NULL), CT_OK);
	cr_assert_eq(ct_app_open_config(app, &err), CT_OK, "%s", err.msg);
	return app;
}

static struct ct_app *open_at(int where)
{
	struct ct_app *app = open_app(LIMITS);

	if (where == WHERE_STORE)
		cr_assert_eq(ct_app_open_store(app, CT_STORE_WRITE, NULL), CT_OK);
	if (where == WHERE_WRITER)
		cr_assert_eq(ct_app_open_writer(app, NULL), CT_OK);
	return app;
}

static struct ct_record *begin(struct ct_app *app, const char *id, const char *user)
{
	struct ct_record *r = calloc(1, sizeof(*r));
	struct ct_arena *arena = calloc(1, sizeof(*arena));

	cr_assert(r != NULL && arena != NULL);
	r->app = app;
	r->arena = arena;
	r->policy = (struct ct_breaker_policy){ 1, HOUR_MS };
	r->entry = (struct ct_journal_entry){
		.id = ct_str(id),
		.request_id = ct_str(id),
		.user_id = ct_str(user),
		.provider = ct_str("claude"),
		.model = ct_str("m"),
		.process = app->process,
		.created_ms = ct_time_now().wall_ms,
		.deadline_ms = ct_time_now().wall_ms + 60000,
	};
	cr_assert_eq(ct_record_prepare(r, NULL), CT_OK);
	return r;
}

static void drop(struct ct_record *r)
{
	ct_record_fini(r);
	ct_arena_fini(r->arena);
	free(r->arena);
	free(r);
}

struct answer {
	struct ct_app *app;
	struct ct_gate gate;
	int code; /* gate.err's */
	bool come;
};

static void on_gate(void *user, const struct ct_gate *gate)
{
	struct answer *a = user;

	a->gate = *gate;
	a->code = gate->err != NULL ? gate->err->code : CT_OK;
	a->come = true;
	if (a->app->loop != NULL)
		ct_loop_stop(a->app->loop);
}

static void on_recorded(void *user)
{
	on_gate(user, &(struct ct_gate){ 0 });
}

static void await(struct answer *a)
{
	while (!a->come)
		ct_loop_run(a->app->loop);
}

static struct ct_gate ask(struct ct_record *r, const char *service)
{
	struct answer a = { .app = r->app };

	ct_record_gate(r, service, on_gate, &a);
	await(&a);
	cr_assert_eq(a.code, CT_OK, "the store was passed over");
	return a.gate;
}

static void end(struct ct_record *r)
{
	struct ct_journal_outcome outcome = { .provider = ct_str("claude"), .model = ct_str("m") };
	struct answer a = { .app = r->app };

	ct_record_end(r, &outcome, on_recorded, &a);
	await(&a);
	drop(r);
}

/* An attempt that left with the slot of that gate. */
static struct ct_record_attempt *leave(struct ct_record *r, const struct ct_gate *gate, int code)
{
	struct ct_record_attempt *a = ct_record_add(r, false);

	a->service = "claude";
	a->attempt.provider = a->attempt.model = ct_str("claude");
	a->attempt.code = code;
	a->told = (struct ct_told){
		.service = a->service,
		.rate = &ct_config_service(r->app->config, ct_str("claude"))->rate,
		.slot = gate->limit.slot,
	};
	return a;
}

static bool goes(const struct ct_gate *gate)
{
	return gate->pass && !gate->limit.refused && gate->limit.wait_ms == 0;
}

static const int places[] = { WHERE_STORE, WHERE_WRITER, WHERE_NOWHERE };

Test(rate_limits, let_a_burst_go_and_refuse_the_next)
{
	for (size_t i = 0; i < CT_COUNT(places); i++) {
		struct ct_app *app = open_at(places[i]);
		struct ct_record *r[3];
		struct ct_gate gate;

		for (int n = 0; n < 3; n++) {
			r[n] = begin(app, (const char *[]){ "a", "b", "c" }[n], NULL);
			gate = ask(r[n], "claude");
			cr_assert_eq(goes(&gate), n < 2, "place %zu, request %d", i, n);
			if (n < 2)
				leave(r[n], &gate, CT_OK);
		}
		cr_assert(gate.limit.refused && !gate.limit.by_user);
		cr_assert_gt(gate.limit.wait_ms, HOUR_MS - 600 * 1000);
		cr_assert_leq(gate.limit.wait_ms, HOUR_MS);
		gate = ask(r[2], "gemini");
		cr_assert(goes(&gate), "one without a limit");
		for (int n = 0; n < 3; n++)
			end(r[n]);
		ct_app_destroy(app);
		remove(scratch_path("db"));
	}
}

Test(rate_limits, let_a_call_that_has_waited_go_with_the_slot_it_holds)
{
	for (size_t i = 0; i < CT_COUNT(places); i++) {
		struct ct_app *app = open_at(places[i]);
		struct ct_record *one = begin(app, "a", NULL), *two = begin(app, "b", NULL);
		struct ct_gate gate = ask(one, "claude");

		leave(one, &gate, CT_EAUTH);
		gate = ask(one, "claude");
		cr_assert(goes(&gate), "each attempt takes a slot");
		leave(one, &gate, CT_EAUTH);
		two->most_wait_ms = 2 * HOUR_MS;
		gate = ask(two, "claude");
		cr_assert(gate.limit.wait_ms > 0 && !gate.limit.refused);
		gate = ask(two, "claude"); /* its timer is the call's */
		cr_assert(goes(&gate) && gate.limit.slot == 3, "place %zu", i);
		end(two);
		end(one);
		ct_app_destroy(app);
		remove(scratch_path("db"));
	}
}

Test(rate_limits, get_back_what_a_call_did_not_use)
{
	for (size_t i = 0; i < CT_COUNT(places); i++) {
		struct ct_app *app = open_at(places[i]);

		for (int n = 0; n < 5; n++) {
			struct ct_record *r =
				begin(app, (const char *[]){ "a", "b", "c", "d", "e" }[n], "ann");
			struct ct_gate gate = ask(r, "claude");
			cr_assert(goes(&gate), "place %zu, call %d", i, n);
			if (n % 2 == 1) { /* another provider was asked after all */
				gate = ask(r, "gemini");
				cr_assert(goes(&gate));
			}
			end(r);
		}
		ct_app_destroy(app);
		remove(scratch_path("db"));
	}
}

Test(rate_limits, of_a_user_count_calls_and_refuse_them_whomever_they_would_ask)
{
	for (size_t i = 0; i < CT_COUNT(places); i++) {
		struct ct_app *app = open_at(places[i]);
		struct ct_record *one = begin(app, "a", "ann"), *two = begin(app, "b", "ann"),
				 *ben = begin(app, "c", "ben");
		struct ct_gate gate = ask(one, "gemini");

		cr_assert(goes(&gate));
		leave(one, &gate, CT_EAUTH);
		gate = ask(one, "claude");
		cr_assert(goes(&gate), "the same call");
		leave(one, &gate, CT_OK);
		gate = ask(two, "claude");
		cr_assert(gate.limit.refused && gate.limit.by_user);
		gate = ask(ben, "claude");
		cr_assert(goes(&gate), "no slot of claude was lost by that");
		end(ben);
		end(two);
		end(one);
		ct_app_destroy(app);
		remove(scratch_path("db"));
	}
}

Test(rate_limits, lose_no_slot_by_an_open_circuit)
{
	struct ct_app *app = open_at(WHERE_STORE);
	struct ct_record *r = begin(app, "a", "ann");
	struct ct_gate gate = ask(r, "claude");
	struct ct_limit limit;

	leave(r, &gate, CT_EUPSTREAM); /* which opens it */
	for (int n = 0; n < 3; n++) {
		struct ct_record *other = begin(app, (const char *[]){ "b", "c", "d" }[n], "ben");
		gate = ask(n == 0 ? r : other, "claude");
		cr_assert_not(gate.pass);
		end(other);
	}
	cr_assert_eq(ct_limit_load(app->store, ct_str("provider:claude"), &limit, NULL), CT_OK);
	cr_assert_eq(limit.serial, 1);
	end(r);
	ct_app_destroy(app);
}

Test(rate_limits, claim_no_probe_for_a_call_that_waits)
{
	struct ct_app *app = open_at(WHERE_STORE);
	struct ct_record *r = begin(app, "a", NULL), *late = begin(app, "b", NULL);
	struct ct_circuit open = { .state = CT_CIRCUIT_OPEN, .failures = 1, .cooldown_ms = 1 };
	struct ct_gate gate;

	for (int n = 0; n < 2; n++) {
		gate = ask(r, "claude");
		leave(r, &gate, CT_EAUTH);
	}
	open.opened_at = open.last_failure = ct_time_add(ct_time_now(), -1000);
	open.retry_at = ct_time_add(ct_time_now(), -500);
	cr_assert_eq(ct_circuit_save(app->store, "claude", &open, NULL), CT_OK);
	late->most_wait_ms = 2 * HOUR_MS;
	gate = ask(late, "claude");
	cr_assert(gate.pass && !gate.probe && gate.limit.wait_ms > 0);
	cr_assert_eq(ct_circuit_load(app->store, "claude", &open, NULL), CT_OK);
	cr_assert_eq(open.state, CT_CIRCUIT_OPEN);
	gate = ask(late, "claude");
	cr_assert(gate.probe && goes(&gate));
	end(late);
	end(r);
	ct_app_destroy(app);
}

Test(rate_limits, are_tightened_by_what_a_provider_says_and_once)
{
	for (size_t i = 0; i < CT_COUNT(places); i++) {
		struct ct_app *app = open_at(places[i]);
		struct ct_record *one = begin(app, "a", NULL), *two = begin(app, "b", NULL);
		struct ct_gate gate = ask(one, "claude");
		struct ct_record_attempt *a = leave(one, &gate, CT_OK);

		a->told.room = (struct ct_room){ 0, HOUR_MS };
		a->told.at = ct_time_now();
		if (places[i] != WHERE_NOWHERE) {
			ct_record_tell(one); /* while its answer is coming */
			gate = ask(two, "claude");
			cr_assert(gate.limit.refused, "place %zu", i);
		}
		end(one);
		gate = ask(two, "claude");
		cr_assert(gate.limit.refused, "place %zu", i);
		end(two);
		ct_app_destroy(app);
		remove(scratch_path("db"));
	}
}

Test(rate_limits, hear_a_provider_once_also_where_another_has_been_told_more_since)
{
	struct ct_app *app = open_at(WHERE_STORE);
	struct ct_record *r[2] = { begin(app, "a", NULL), begin(app, "b", NULL) };
	struct ct_limit limit;

	for (int i = 0; i < 2; i++) {
		struct ct_gate gate = ask(r[i], "claude");
		struct ct_record_attempt *a = leave(r[i], &gate, CT_OK);
		a->told.room = (struct ct_room){ i == 0 ? 1 : 2, HOUR_MS };
		a->told.at = ct_time_now();
		ct_record_tell(r[i]);
	}
	end(r[0]);
	cr_assert_eq(ct_limit_load(app->store, ct_str("provider:claude"), &limit, NULL), CT_OK);
	cr_assert_eq(limit.bound, 2 + 2);
	end(r[1]);
	ct_app_destroy(app);
}

Test(rate_limits, do_not_hold_up_a_test)
{
	struct ct_app *app = open_at(WHERE_STORE);
	struct ct_record *r = begin(app, "a", "ann");

	r->past_circuit = true;
	for (int n = 0; n < 4; n++) {
		struct ct_gate gate = ask(r, "claude");
		cr_assert(goes(&gate));
		leave(r, &gate, CT_OK);
	}
	end(r);
	ct_app_destroy(app);
}

/* As many as a gateway may see in its life. */
Test(rate_limits, of_a_process_alone_forget_the_users_of_long_ago)
{
	struct ct_own_limits own = { 0 };
	struct ct_limits limits = { .own = &own, .now = { 1, 1, 1 } };
	struct ct_rate rate = { 1, 1000, 1 };
	char user[32];

	for (int i = 0; i < 5000; i++) {
		struct ct_held held = { 0 };
		struct ct_limits_answer answer;
		snprintf(user, sizeof(user), "%d", i);
		struct ct_limits_ask who = { .service = "claude", .user = ct_str(user),
					     .user_rate = &rate };
		limits.now.boot_ms++;
		cr_assert_eq(ct_limits_take(&limits, &who, &held, &answer, NULL), CT_OK);
		cr_assert_not(answer.refused);
	}
	cr_assert_eq(own.count, 4096);
	ct_own_limits_fini(&own);
}

#include "scratch.h"
#include "service/conversation.h"
#include "store/db.h"

TestSuite(conversation, .init = scratch_make, .fini = scratch_end);

static struct ct_app *open_app(void)
{
	struct ct_app *app = NULL;
	struct ct_app_options options = { .db_path = scratch_path("db") };

	cr_assert_eq(ct_app_create(&options, &app, NULL), CT_OK);
	return app;
}

static struct ct_conversation *begin(struct ct_app *app)
{
	struct ct_conversation *c = NULL;

	cr_assert_eq(ct_conversation_create(app, ct_str(NULL), &c, NULL), CT_OK);
	return c;
}

static struct ct_conversation *resume(struct ct_app *app, struct ct_str id)
{
	struct ct_conversation *c = NULL;
	struct ct_err err = { 0 };

	cr_assert_eq(ct_conversation_resume(app, id, ct_str(NULL), &c, &err), CT_OK, "%s",
		     err.msg);
	return c;
}

/* What a call does with the turn when it is answered, where the store works and where it does not. */
static void answer(struct ct_conversation *c, const char *text, bool works)
{
	struct ct_turn *turn = &c->turn;
	struct ct_kept_message *last = &turn->messages[turn->count - 1];
	struct ct_err err = { 0 };

	last->text = ct_arena_dup(turn->arena, ct_str(text));
	last->provider = last->model = ct_str("m");
	turn->answered = true;
	if (!works) {
		ct_fail(&turn->err, CT_ESTORE, "no space is left");
		cr_assert_eq(ct_conversation_settle(c, &err), CT_ESTORE);
		cr_assert_not_null(strstr(err.msg, "no space is left"));
		return;
	}
	cr_assert_eq(ct_app_open_store(c->app, CT_STORE_WRITE, &err), CT_OK, "%s",
		     err.msg);
	cr_assert_eq(ct_conversation_append(c->app->store, turn, &err), CT_OK, "%s",
		     err.msg);
	turn->kept = true;
	cr_assert_eq(ct_conversation_settle(c, &err), CT_OK, "%s", err.msg);
}

/* What the model is sent: "user:… assistant:…". */
static const char *sent(const struct ct_request *request)
{
	static char text[1024];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < request->message_count; i++) {
		const struct ct_message *m = &request->messages[i];
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s:%.*s",
					i ? " " : "", m->role == CT_ROLE_USER ? "u" : "a",
					CT_STR_ARG(m->text));
	}
	return text;
}

static const char *ask(struct ct_conversation *c, const char *prompt)
{
	static struct ct_request request;
	struct ct_call_options options = { .no_log = false };
	struct ct_message message = { .role = CT_ROLE_USER, .text = ct_str(prompt) };

	cr_assert_eq(ct_conversation_ask(c, &message, &request, &options, NULL), CT_OK);
	cr_assert_eq(options.turn, &c->turn);
	return sent(&request);
}

static const char *retry(struct ct_conversation *c)
{
	static struct ct_request request;
	struct ct_call_options options = { .no_log = false };

	cr_assert_eq(ct_conversation_retry(c, &request, &options, NULL), CT_OK);
	return sent(&request);
}

static const char *next_of(struct ct_app *app, struct ct_conversation *c)
{
	static char text[1024];
	struct ct_conversation *again = resume(app, c->id);

	snprintf(text, sizeof(text), "%s", ask(again, "?"));
	ct_conversation_destroy(again);
	return text;
}

Test(conversation, sends_what_was_said_before)
{
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);

	cr_assert_str_eq(ask(c, "one"), "u:one");
	answer(c, "1", true);
	cr_assert_str_eq(ask(c, "two"), "u:one a:1 u:two");
	answer(c, "2", true);
	cr_assert_str_eq(next_of(app, c), "u:one a:1 u:two a:2 u:?");
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, a_question_that_failed_leaves_nothing)
{
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);

	ask(c, "lost");
	cr_assert_eq(ct_conversation_settle(c, NULL), CT_OK, "never answered");
	cr_assert_str_eq(ask(c, "one"), "u:one");
	answer(c, "1", true);
	cr_assert(ct_str_is(c->title, "one"));
	ask(c, "lost again");
	cr_assert_eq(ct_conversation_settle(c, NULL), CT_OK);
	cr_assert_str_eq(next_of(app, c), "u:one a:1 u:?");
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, what_a_full_disk_refused_is_kept_with_the_next_turn)
{
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);

	ask(c, "one");
	answer(c, "1", false);
	ask(c, "two");
	answer(c, "2", false);
	cr_assert_not(c->exists);
	cr_assert_str_eq(ask(c, "three"), "u:one a:1 u:two a:2 u:three");
	answer(c, "3", true);
	cr_assert_str_eq(next_of(app, c), "u:one a:1 u:two a:2 u:three a:3 u:?");
	ask(c, "four");
	answer(c, "4", false);
	struct ct_str undone;
	cr_assert_eq(ct_conversation_undo(c, &undone, NULL), CT_OK);
	cr_assert(ct_str_is(undone, "four"));
	cr_assert_str_eq(ask(c, "five"), "u:one a:1 u:two a:2 u:three a:3 u:five");
	answer(c, "5", true);
	cr_assert_str_eq(next_of(app, c),
			 "u:one a:1 u:two a:2 u:three a:3 u:five a:5 u:?");
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, undoing_goes_back_a_question_at_a_time)
{
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);
	struct ct_str undone;

	cr_assert_eq(ct_conversation_undo(c, &undone, NULL), CT_EINVALID);
	ask(c, "one");
	answer(c, "1", true);
	ask(c, "two");
	answer(c, "2", true);
	cr_assert_eq(ct_conversation_undo(c, &undone, NULL), CT_OK);
	cr_assert(ct_str_is(undone, "two"));
	cr_assert_str_eq(next_of(app, c), "u:one a:1 u:?", "other processes see it");
	cr_assert_eq(ct_conversation_undo(c, &undone, NULL), CT_OK);
	cr_assert_str_eq(next_of(app, c), "u:?");
	cr_assert_eq(ct_conversation_undo(c, &undone, NULL), CT_EINVALID);
	cr_assert_str_eq(ask(c, "three"), "u:three");
	answer(c, "3", true);
	cr_assert_str_eq(next_of(app, c), "u:three a:3 u:?");
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, asking_again_puts_a_second_answer_beside_the_first)
{
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);
	struct ct_request request;
	struct ct_call_options options = { .no_log = false };

	cr_assert_eq(ct_conversation_retry(c, &request, &options, NULL), CT_EINVALID);
	ask(c, "one");
	answer(c, "1", true);
	struct ct_str question = c->path[0].id, first = c->path[1].id;
	cr_assert_str_eq(retry(c), "u:one");
	answer(c, "uno", true);
	cr_assert_str_eq(next_of(app, c), "u:one a:uno u:?");
	cr_assert(ct_str_eq(c->path[1].parent_id, question));
	cr_assert_not(ct_str_eq(c->path[1].id, first));
	cr_assert_str_eq(retry(c), "u:one");
	cr_assert_eq(ct_conversation_settle(c, NULL), CT_OK, "it failed");
	cr_assert_str_eq(ask(c, "two"), "u:one a:uno u:two");
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, two_at_once_make_branches_and_the_last_one_leads_on)
{
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);

	ask(c, "one");
	answer(c, "1", true);
	struct ct_conversation *other = resume(app, c->id);
	ask(other, "there");
	ask(c, "here");
	answer(other, "t", true);
	answer(c, "h", true);
	cr_assert_str_eq(next_of(app, c), "u:one a:1 u:here a:h u:?");
	ask(other, "there too");
	answer(other, "tt", true);
	cr_assert_str_eq(next_of(app, c), "u:one a:1 u:there a:t u:there too a:tt u:?");
	ct_conversation_destroy(other);
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

static void exec(struct ct_app *app, const char *sql)
{
	struct ct_err err = { 0 };

	cr_assert_eq(ct_db_exec(app->store, sql, &err), CT_OK, "%s", err.msg);
}

Test(conversation, does_not_use_a_turn_with_a_damaged_message)
{
	static const struct {
		const char *tampering, *sent;
	} cases[] = {
		{ "UPDATE messages SET content='x' WHERE content='2'",
		  "u:one a:1 u:three a:3 u:?" },
		{ "UPDATE messages SET content='x' WHERE content='three'",
		  "u:one a:1 u:?" },
		{ "DELETE FROM messages WHERE content='one'", "u:?" },
		{ "DELETE FROM messages", "u:?" },
	};
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);

	ask(c, "one");
	answer(c, "1", true);
	ask(c, "two");
	answer(c, "2", true);
	ask(c, "three");
	answer(c, "3", true);
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		exec(app, cases[i].tampering);
		cr_assert_str_eq(next_of(app, c), cases[i].sent, "%s",
				 cases[i].tampering);
	}
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, goes_on_after_a_damaged_message_without_losing_its_place)
{
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);

	ask(c, "one");
	answer(c, "1", true);
	ask(c, "two");
	answer(c, "2", true);
	exec(app, "UPDATE messages SET content='x' WHERE content='2'");
	struct ct_conversation *again = resume(app, c->id);
	struct ct_str head = again->head_id;
	cr_assert_str_eq(ask(again, "three"), "u:one a:1 u:three");
	cr_assert(ct_str_eq(again->turn.messages[0].parent_id, head),
		  "in the tree after it");
	answer(again, "3", true);
	cr_assert_str_eq(next_of(app, c), "u:one a:1 u:three a:3 u:?");
	ct_conversation_destroy(again);
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, keeps_system_prompt_and_model_and_no_key)
{
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);

	cr_assert_eq(ct_redactor_add(app->redactor, ct_str("sk-very-secret")), CT_OK);
	cr_assert_eq(ct_conversation_set_system(c, ct_str("use sk-very-secret"), NULL),
		     CT_OK);
	cr_assert_eq(ct_conversation_set_asked(c, NULL, "fast", NULL), CT_OK);
	cr_assert_str_eq(ask(c, "my key is sk-very-secret"),
			 "u:my key is sk-very-secret");
	answer(c, "1", true);
	struct ct_conversation *again = resume(app, ct_str("last"));
	cr_assert(ct_str_is(again->system, "use REDACTED"));
	cr_assert(ct_str_is(again->asked_model, "fast"));
	cr_assert_null(again->asked_provider.ptr);
	cr_assert(ct_str_is(again->title, "my key is REDACTED"));
	cr_assert_str_eq(ask(again, "?"), "u:my key is REDACTED a:1 u:?");
	cr_assert_eq(ct_conversation_set_system(again, ct_str(""), NULL), CT_OK);
	ask(again, "?");
	cr_assert_null(again->turn.system.ptr, "an empty one takes it away");
	ct_conversation_destroy(again);
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, with_no_log_sends_the_past_and_adds_nothing)
{
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);
	struct ct_request request;
	struct ct_call_options options = { .no_log = true };
	struct ct_message message = { .role = CT_ROLE_USER, .text = ct_str("two") };

	cr_assert_eq(ct_conversation_ask(c, &message, &request, &options, NULL), CT_OK);
	cr_assert_null(options.turn);
	cr_assert_null(options.conversation_id.ptr, "one that will never be");
	ask(c, "one");
	answer(c, "1", true);
	cr_assert_eq(ct_conversation_ask(c, &message, &request, &options, NULL), CT_OK);
	cr_assert_null(options.turn);
	cr_assert_str_eq(sent(&request), "u:one a:1 u:two");
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, sends_again_what_was_attached_unless_it_is_too_much)
{
	static char large[CT_CONVERSATION_PARTS_BYTES + 1];
	struct ct_part part = { CT_MEDIUM_IMAGE, ct_str("image/png"), ct_str("cat.png"),
				ct_str("PNG") };
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);
	struct ct_request request;
	struct ct_call_options options = { .no_log = false };
	struct ct_message message = { .role = CT_ROLE_USER,
				      .parts = &part,
				      .part_count = 1 };

	cr_assert_eq(ct_conversation_ask(c, &message, &request, &options, NULL), CT_OK);
	answer(c, "1", true);
	cr_assert(ct_str_is(c->title, "cat.png"));
	part.bytes = (struct ct_str){ large, sizeof(large) };
	cr_assert_eq(ct_conversation_ask(c, &message, &request, &options, NULL), CT_OK);
	cr_assert_eq(request.messages[2].parts[0].bytes.len, sizeof(large),
		     "it is sent once");
	answer(c, "2", true);
	struct ct_conversation *again = resume(app, ct_str("last"));
	message.part_count = 0;
	message.text = ct_str("and?");
	cr_assert_eq(ct_conversation_ask(again, &message, &request, &options, NULL),
		     CT_OK);
	cr_assert_eq(request.message_count, 5);
	cr_assert_eq(request.messages[0].part_count, 1);
	cr_assert(ct_str_is(request.messages[0].parts[0].bytes, "PNG"));
	cr_assert_eq(request.messages[2].part_count, 0, "too much to be kept");
	cr_assert(ct_str_is(request.messages[2].text, "[attached: cat.png]"));
	ct_conversation_destroy(again);
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, has_the_first_words_as_its_title)
{
	static const struct {
		const char *prompt, *title;
	} cases[] = {
		{ "  hello\n\n  world\t! ", "hello world !" },
		{ "a\x01\x1b[31mb", "a[31mb" },
		{ "", "" },
		{ "012345678 012345678 012345678 012345678 012345678 012345678 "
		  "0123456789 0 2",
		  "012345678 012345678 012345678 012345678 012345678 012345678…" },
		{ "ééééééééééééééééééééééééééééééééééééééééééééé",
		  "éééééééééééééééééééééééééééééééééé…" },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789"
		  "012345",
		  "012345678901234567890123456789012345678901234567890123456789012345678"
		  "…" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_arena arena = { 0 };
		struct ct_str title =
			ct_conversation_title(&arena, ct_str(cases[i].prompt));
		cr_assert(ct_str_is(title, cases[i].title), "'%s'", title.ptr);
		cr_assert_leq(title.len, CT_TITLE_BYTES);
		ct_arena_fini(&arena);
	}
}

/* How many parts each message of a question has: "1 0 0". */
static const char *ask_with(struct ct_conversation *c, const char *prompt,
			    const struct ct_part *parts, size_t count)
{
	static char text[64];
	struct ct_request request = { .stream = true };
	struct ct_call_options options = { .no_log = false };
	struct ct_message message = { .role = CT_ROLE_USER,
				      .text = ct_str(prompt),
				      .parts = parts,
				      .part_count = count };
	size_t len = 0;

	cr_assert_eq(ct_conversation_ask(c, &message, &request, &options, NULL), CT_OK);
	for (size_t i = 0; i < request.message_count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%zu",
					i ? " " : "", request.messages[i].part_count);
	return text;
}

Test(conversation, keeps_what_was_attached_in_sight)
{
	struct ct_part parts[] = {
		{ CT_MEDIUM_IMAGE, CT_STR("image/png"), CT_STR("a.png"), CT_STR("123") },
		{ CT_MEDIUM_PDF, CT_STR("application/pdf"), CT_STR("b.pdf"),
		  CT_STR("456") },
	};
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);

	cr_assert_str_eq(ask_with(c, "see", parts, 2), "2");
	answer(c, "1", true);
	parts[0].bytes = ct_str("changed"); /* the caller's are the caller's */
	cr_assert_str_eq(ask_with(c, "and", NULL, 0), "2 0 0");
	cr_assert(ct_str_is(c->messages[0].parts[0].bytes, "123"));
	answer(c, "2", true);
	cr_assert_str_eq(ask_with(c, "", parts, 1), "2 0 0 0 1");
	answer(c, "3", true);
	struct ct_conversation *again = resume(app, c->id);
	cr_assert_str_eq(ask_with(again, "?", NULL, 0), "2 0 0 0 1 0 0");
	cr_assert(ct_str_is(again->messages[0].parts[1].bytes, "456"));
	ct_conversation_destroy(again);
	ct_conversation_destroy(c);
	ct_app_destroy(app);
}

Test(conversation, leaves_out_the_oldest_of_what_is_attached_where_it_is_too_much)
{
	const size_t most = 12 << 20;
	struct ct_part part = { CT_MEDIUM_IMAGE,
				CT_STR("image/png"),
				CT_STR("a.png"),
				{ calloc(1, most), most / 2 } };
	struct ct_app *app = open_app();
	struct ct_conversation *c = begin(app);

	cr_assert_not_null(part.bytes.ptr);
	for (int i = 0; i < 3; i++) {
		ask_with(c, "see", &part, 1);
		answer(c, "1", true);
	}
	cr_assert_str_eq(ask_with(c, "?", NULL, 0), "0 0 1 0 1 0 0");
	cr_assert(ct_str_is(c->messages[0].text, "see\n\n[attached: a.png]"));
	cr_assert(ct_str_is(c->messages[2].text, "see"));
	ct_conversation_destroy(c);
	ct_app_destroy(app);
	free((char *)(uintptr_t)part.bytes.ptr);
}

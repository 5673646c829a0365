#include "store/conversation.h"
#include "temp_store.h"

TestSuite(conversation, .init = make_temp, .fini = remove_temp);

static const int64_t now = 1800000000000;

/* A question and its answer with these ids, after parent (NULL: none), in conversation c. */
struct pair {
	struct ct_arena arena;
	struct ct_kept_message messages[2];
	struct ct_turn turn;
};

static struct ct_str or_none(const char *text)
{
	return ct_str(text);
}

static void fill(struct pair *p, const char *c, const char *parent, const char *question,
		 const char *answer)
{
	*p = (struct pair){ .messages = { { .id = ct_str(question),
					    .parent_id = or_none(parent),
					    .role = CT_ROLE_USER,
					    .text = ct_str(question),
					    .created_ms = now },
					  { .id = ct_str(answer),
					    .parent_id = ct_str(question),
					    .role = CT_ROLE_ASSISTANT,
					    .text = ct_str(answer),
					    .provider = ct_str("claude"),
					    .model = ct_str("m"),
					    .request_id = ct_str("r"),
					    .created_ms = now + 1 } } };
	p->turn = (struct ct_turn){ .arena = &p->arena,
				    .conversation_id = ct_str(c),
				    .begins = parent == NULL,
				    .title = ct_str(question),
				    .head_id = or_none(parent),
				    .messages = p->messages,
				    .count = 2 };
}

static bool add(struct ct_store *store, const char *c, const char *parent,
		const char *question, const char *answer)
{
	struct ct_err err = { 0 };
	struct pair p;

	fill(&p, c, parent, question, answer);
	cr_assert_eq(ct_conversation_append(store, &p.turn, &err), CT_OK, "%s", err.msg);
	return p.turn.branched;
}

/* "id id! id": in the order they come, damaged ones marked. */
struct told {
	char text[1024];
	int limit; /* 0: none */
};

static int tell(void *user, const struct ct_kept_message *m)
{
	struct told *told = user;
	size_t len = strlen(told->text);

	snprintf(told->text + len, sizeof(told->text) - len, "%s%.*s%s", len ? " " : "",
		 CT_STR_ARG(m->id), m->intact ? "" : "!");
	return CT_OK;
}

static const char *path_to(struct ct_store *store, const char *head)
{
	static struct told told;
	struct ct_err err = { 0 };

	told = (struct told){ .limit = 0 };
	cr_assert_eq(ct_conversation_walk(store, ct_str(head), tell, &told, &err), CT_OK,
		     "%s", err.msg);
	return told.text;
}

static const char *all_of(struct ct_store *store, const char *c)
{
	static struct told told;

	told = (struct told){ .limit = 0 };
	cr_assert_eq(ct_conversation_messages(store, ct_str(c), tell, &told, NULL),
		     CT_OK);
	return told.text;
}

static int tell_row(void *user, const struct ct_conversation_row *row)
{
	struct told *told = user;
	size_t len = strlen(told->text);

	snprintf(told->text + len, sizeof(told->text) - len, "%s%.*s@%.*s:%lld",
		 len ? " " : "", CT_STR_ARG(row->id), CT_STR_ARG(row->head_id),
		 (long long)row->messages);
	return CT_OK;
}

static const char *list_of(struct ct_store *store,
			   const struct ct_conversation_filter *filter)
{
	static struct told told;

	told = (struct told){ .limit = 0 };
	cr_assert_eq(ct_conversation_list(store, filter, tell_row, &told, NULL), CT_OK);
	return told.text;
}

static const struct ct_conversation_filter everything = { .limit = 0 };

Test(conversation, keeps_what_was_said_and_goes_on_from_the_answer)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);

	cr_assert_not(add(store, "c", NULL, "q1", "a1"));
	cr_assert_not(add(store, "c", "a1", "q2", "a2"));
	cr_assert_str_eq(path_to(store, "a2"), "a2 q2 a1 q1");
	cr_assert_str_eq(list_of(store, &everything), "c@a2:4");
	ct_store_close(store);
}

Test(conversation, a_turn_that_follows_an_older_message_makes_a_branch_and_loses_nothing)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);

	add(store, "c", NULL, "q1", "a1");
	cr_assert_not(add(store, "c", "a1", "q2", "a2"));
	cr_assert(add(store, "c", "a1", "q3", "a3"), "it thought that a1 was the newest");
	cr_assert_str_eq(path_to(store, "a3"), "a3 q3 a1 q1");
	cr_assert_str_eq(path_to(store, "a2"), "a2 q2 a1 q1");
	cr_assert_str_eq(all_of(store, "c"), "q1 a1 q2 a2 q3 a3");
	cr_assert_str_eq(list_of(store, &everything), "c@a3:6");
	ct_store_close(store);
}

Test(conversation, tells_a_message_that_was_tampered_with)
{
	static const char *const tampering[] = {
		"UPDATE messages SET content='other' WHERE id='a1'",
		"UPDATE messages SET role='user' WHERE id='a1'",
		"UPDATE messages SET role='system' WHERE id='a1'",
		"UPDATE messages SET model='other' WHERE id='a1'",
		"UPDATE messages SET provider=NULL WHERE id='a1'",
		"UPDATE messages SET created_at=1 WHERE id='a1'",
		"UPDATE messages SET checksum='' WHERE id='a1'",
	};
	struct ct_store *store = open_store(CT_STORE_WRITE);

	add(store, "c", NULL, "q1", "a1");
	add(store, "c", "a1", "q2", "a2");
	for (size_t i = 0; i < CT_COUNT(tampering); i++) {
		run(store, "SAVEPOINT s");
		run(store, tampering[i]);
		cr_assert_str_eq(path_to(store, "a2"), "a2 q2 a1! q1", "%s",
				 tampering[i]);
		run(store, "ROLLBACK TO s;RELEASE s");
	}
	cr_assert_str_eq(path_to(store, "a2"), "a2 q2 a1 q1");
	ct_store_close(store);
}

static int tell_parts(void *user, const struct ct_kept_message *m)
{
	struct told *told = user;

	for (size_t i = 0; i < m->part_count; i++) {
		size_t len = strlen(told->text);
		snprintf(told->text + len, sizeof(told->text) - len, "%s%d %.*s %.*s %zu",
			 len ? ", " : "", (int)m->parts[i].medium,
			 CT_STR_ARG(m->parts[i].mime), CT_STR_ARG(m->parts[i].name),
			 m->parts[i].bytes.len);
	}
	return CT_OK;
}

Test(conversation, keeps_what_is_attached_and_tells_when_it_was_tampered_with)
{
	static const char *const tampering[] = {
		"UPDATE message_parts SET bytes='x' WHERE position=1",
		"UPDATE message_parts SET name='x' WHERE position=0",
		"UPDATE message_parts SET medium='video' WHERE position=0",
		"UPDATE message_parts SET position=2 WHERE position=0",
		"DELETE FROM message_parts WHERE position=1",
	};
	const struct ct_part parts[] = {
		{ CT_MEDIUM_IMAGE,
		  ct_str("image/png"),
		  ct_str("a.png"),
		  { "\0\1\2", 3 } },
		{ CT_MEDIUM_PDF, ct_str("application/pdf"), ct_str("b.pdf"), { "", 0 } },
	};
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct told told = { .limit = 0 };
	struct pair p;

	fill(&p, "c", NULL, "q1", "a1");
	p.messages[0].parts = parts;
	p.messages[0].part_count = 2;
	cr_assert_eq(ct_conversation_append(store, &p.turn, NULL), CT_OK);
	cr_assert_eq(ct_conversation_walk(store, ct_str("a1"), tell_parts, &told, NULL),
		     CT_OK);
	cr_assert_str_eq(told.text, "0 image/png a.png 3, 1 application/pdf b.pdf 0");
	for (size_t i = 0; i < CT_COUNT(tampering); i++) {
		run(store, "SAVEPOINT s");
		run(store, tampering[i]);
		cr_assert_str_eq(path_to(store, "a1"), "a1 q1!", "%s", tampering[i]);
		run(store, "ROLLBACK TO s;RELEASE s");
	}
	cr_assert_str_eq(path_to(store, "a1"), "a1 q1");
	cr_assert_eq(ct_conversation_delete(store, ct_str("c"), NULL), CT_OK);
	cr_assert_eq(ask(store, "SELECT count(*) FROM message_parts"), 0);
	ct_store_close(store);
}

Test(conversation, a_tree_that_leads_in_a_circle_ends)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	char id[CT_UUID_SIZE];

	add(store, "c", NULL, "q1", "a1");
	run(store, "UPDATE messages SET parent_id='a1' WHERE id='q1'");
	cr_assert_str_eq(path_to(store, "a1"), "a1 q1!");
	cr_assert_eq(
		ct_conversation_find_message(store, ct_str("c"), ct_str("q1"), id, NULL),
		CT_OK);
	cr_assert_eq(ct_conversation_fork(store, ct_str("c"), ct_str("a1"), ct_str("f"),
					  now, NULL),
		     CT_OK);
	cr_assert_eq(ct_conversation_delete(store, ct_str("c"), NULL), CT_OK);
	ct_store_close(store);
}

Test(conversation, refuses_a_turn_after_what_was_deleted_and_writes_none_of_it)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_err err = { 0 };
	struct pair p;

	fill(&p, "c", "a1", "q2", "a2");
	cr_assert_eq(ct_conversation_append(store, &p.turn, &err), CT_EINVALID);
	cr_assert_not_null(strstr(err.msg, "deleted"), "%s", err.msg);
	add(store, "c", NULL, "q1", "a1");
	fill(&p, "c", "a0", "q2", "a2");
	cr_assert_eq(ct_conversation_append(store, &p.turn, &err), CT_EINVALID);
	cr_assert_str_eq(list_of(store, &everything), "c@a1:2");
	cr_assert_eq(ask(store, "SELECT count(*) FROM messages"), 2);
	ct_store_close(store);
}

Test(conversation, goes_back_and_says_whether_another_had_moved_it)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_str none = { NULL, 0 };
	bool was_there;

	add(store, "c", NULL, "q1", "a1");
	add(store, "c", "a1", "q2", "a2");
	cr_assert_eq(ct_conversation_move(store, ct_str("c"), ct_str("a1"), ct_str("a2"),
					  &was_there, NULL),
		     CT_OK);
	cr_assert(was_there);
	cr_assert_str_eq(list_of(store, &everything), "c@a1:4", "what is undone stays");
	cr_assert_eq(ct_conversation_move(store, ct_str("c"), none, ct_str("a2"),
					  &was_there, NULL),
		     CT_OK);
	cr_assert_not(was_there);
	cr_assert_str_eq(list_of(store, &everything), "c@:4");
	cr_assert_eq(
		ct_conversation_move(store, ct_str("x"), none, none, &was_there, NULL),
		CT_EINVALID);
	ct_store_close(store);
}

Test(conversation, a_fork_shares_its_past_and_keeps_it_when_the_other_is_deleted)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);

	add(store, "c", NULL, "q1", "a1");
	add(store, "c", "a1", "q2", "a2");
	cr_assert_eq(ct_conversation_fork(store, ct_str("c"), ct_str("a1"), ct_str("f"),
					  now, NULL),
		     CT_OK);
	cr_assert_not(add(store, "f", "a1", "q3", "a3"));
	cr_assert_eq(ct_conversation_fork(store, ct_str("f"), ct_str("a1"), ct_str("g"),
					  now, NULL),
		     CT_OK);
	cr_assert_str_eq(all_of(store, "f"), "q3 a3");
	cr_assert_eq(ct_conversation_delete(store, ct_str("c"), NULL), CT_OK);
	cr_assert_str_eq(path_to(store, "a3"), "a3 q3 a1 q1");
	cr_assert_eq(ask(store, "SELECT count(*) FROM messages"), 4,
		     "q2 and a2 are gone");
	cr_assert_eq(ct_conversation_delete(store, ct_str("f"), NULL), CT_OK);
	cr_assert_str_eq(path_to(store, "a1"), "a1 q1", "g still has them");
	cr_assert_eq(ct_conversation_delete(store, ct_str("g"), NULL), CT_OK);
	cr_assert_eq(ask(store, "SELECT count(*) FROM messages"), 0);
	run(store, "INSERT INTO messages_text(messages_text) VALUES('integrity-check')");
	cr_assert_eq(ct_conversation_delete(store, ct_str("g"), NULL), CT_EINVALID);
	ct_store_close(store);
}

Test(conversation, deleting_one_takes_its_text_out_of_the_journal)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_journal_entry entry = {
		.id = ct_str("l"),
		.request_id = ct_str("r"),
		.conversation_id = ct_str("c"),
		.request_data = ct_str("{\"q\":1}"),
		.created_ms = now,
	};
	struct ct_journal_outcome outcome = {
		.error_data = ct_str("{\"code\":\"x\",\"message\":\"secret\"}"),
		.response_data = ct_str("{}"),
	};

	add(store, "c", NULL, "q1", "a1");
	cr_assert_eq(ct_journal_end(store, &entry, &outcome, NULL), CT_OK);
	cr_assert_eq(ct_conversation_delete(store, ct_str("c"), NULL), CT_OK);
	cr_assert_eq(ask(store,
			 "SELECT count(*) FROM provider_logs WHERE request_data IS NULL "
			 "AND response_data IS NULL AND error_data='{\"code\":\"x\"}'"),
		     1);
	ct_store_close(store);
}

Test(conversation, is_found_by_its_id_a_unique_ending_or_last)
{
	static const struct {
		const char *id, *user, *found; /* NULL: none */
	} cases[] = {
		{ "0000-aaaa", NULL, "0000-aaaa" },
		{ "aaaa", NULL, "0000-aaaa" },
		{ "-aaaa", NULL, "0000-aaaa" },
		{ "b", NULL, "1111-bbbb" },
		{ "0001-cbbb", NULL, NULL },
		{ "bbb", NULL, "1111-bbbb" },
		{ "x0000-aaaa", NULL, NULL },
		{ "", NULL, NULL },
		{ "%", NULL, NULL },
		{ "\xff", NULL, NULL },
		{ "last", NULL, "1111-bbbb" },
		{ "last", "bob", "2222-cccc" },
		{ "last", "eve", NULL },
	};
	struct ct_store *store = open_store(CT_STORE_WRITE);
	char out[CT_UUID_SIZE];

	add(store, "0000-aaaa", NULL, "q1", "a1");
	add(store, "1111-bbbb", NULL, "q2", "a2");
	add(store, "2222-cccc", NULL, "q3", "a3");
	run(store, "UPDATE conversations SET user_id='bob' WHERE id='2222-cccc'");
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_err err = { 0 };
		int rc = ct_conversation_find(store, ct_str(cases[i].id),
					      ct_str(cases[i].user), out, &err);
		cr_assert_eq(rc, cases[i].found ? CT_OK : CT_EINVALID, "%s: %s",
			     cases[i].id, err.msg);
		if (cases[i].found)
			cr_assert_str_eq(out, cases[i].found);
		else
			cr_assert_gt(strlen(err.hint), 0, "%s", cases[i].id);
	}
	add(store, "3333-abbb", NULL, "q4", "a4");
	struct ct_err err = { 0 };
	cr_assert_eq(ct_conversation_find(store, ct_str("bbb"), ct_str(NULL), out, &err),
		     CT_EINVALID);
	cr_assert_not_null(strstr(err.msg, "more than one"), "%s", err.msg);
	ct_store_close(store);
}

Test(conversation, lists_the_newest_first_by_user_where_asked)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct ct_conversation_filter one = { .limit = 1 };
	struct ct_conversation_filter bob = { .by_user = true, .user_id = ct_str("bob") };
	struct ct_conversation_filter nobody = { .by_user = true };

	add(store, "c", NULL, "q1", "a1");
	add(store, "d", NULL, "q2", "a2");
	run(store, "UPDATE conversations SET user_id='bob',updated_at=1 WHERE id='c'");
	cr_assert_str_eq(list_of(store, &everything), "d@a2:2 c@a1:2");
	cr_assert_str_eq(list_of(store, &one), "d@a2:2");
	cr_assert_str_eq(list_of(store, &bob), "c@a1:2");
	cr_assert_str_eq(list_of(store, &nobody), "d@a2:2");
	ct_store_close(store);
}

static int tell_hit(void *user, const struct ct_conversation_hit *hit)
{
	struct told *told = user;
	size_t len = strlen(told->text);

	snprintf(told->text + len, sizeof(told->text) - len, "%s%.*s", len ? " " : "",
		 CT_STR_ARG(hit->message_id));
	return CT_OK;
}

Test(conversation, is_searched_by_words_and_no_word_is_an_error)
{
	static const struct {
		const char *words[3], *found;
	} cases[] = {
		{ { "zürich" }, "a1" },
		{ { "ZURICH" }, "a1" },
		{ { "train", "geneva" }, "q1" },
		{ { "geneva", "lunch" }, "" },
		{ { "train to" }, "a1 q1" },
		{ { "to train" }, "" },
		{ { "gen*" }, "q1" },
		{ { "AND" }, "" },
		{ { "\"" }, "" },
		{ { "a\"b" }, "" },
		{ { "NEAR(" }, "" },
		{ { "content:train" }, "" },
		{ { "*x" }, "" },
		{ { "train", " " }, "a1 q1" },
	};
	struct ct_store *store = open_store(CT_STORE_WRITE);
	struct pair p;

	fill(&p, "c", NULL, "q1", "a1");
	p.messages[0].text = ct_str("Which train to Geneva?");
	p.messages[1].text = ct_str("The train to Zürich.");
	cr_assert_eq(ct_conversation_append(store, &p.turn, NULL), CT_OK);
	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_conversation_search search = { .words = cases[i].words };
		struct told told = { .limit = 0 };
		struct ct_err err = { 0 };
		while (search.word_count < 3 && cases[i].words[search.word_count])
			search.word_count++;
		cr_assert_eq(
			ct_conversation_search(store, &search, tell_hit, &told, &err),
			CT_OK, "%s: %s", cases[i].words[0], err.msg);
		cr_assert_str_eq(told.text, cases[i].found, "%s", cases[i].words[0]);
	}
	struct ct_conversation_search none = { .word_count = 0 };
	cr_assert_eq(ct_conversation_search(store, &none, tell_hit, NULL, NULL),
		     CT_EUSAGE);
	ct_store_close(store);
}

Test(conversation, message_is_found_on_any_branch_and_in_what_is_shared)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);
	char id[CT_UUID_SIZE];

	add(store, "c", NULL, "q1", "xa1");
	add(store, "c", "xa1", "q2", "ya1");
	ct_conversation_fork(store, ct_str("c"), ct_str("xa1"), ct_str("f"), now, NULL);
	add(store, "f", "xa1", "q3", "za1");
	cr_assert_eq(
		ct_conversation_find_message(store, ct_str("f"), ct_str("xa1"), id, NULL),
		CT_OK);
	cr_assert_str_eq(id, "xa1");
	cr_assert_eq(
		ct_conversation_find_message(store, ct_str("f"), ct_str("ya1"), id, NULL),
		CT_EINVALID, "of the other");
	cr_assert_eq(
		ct_conversation_find_message(store, ct_str("f"), ct_str("a1"), id, NULL),
		CT_EINVALID, "two");
	cr_assert_eq(
		ct_conversation_find_message(store, ct_str("f"), ct_str(""), id, NULL),
		CT_EINVALID);
	ct_store_close(store);
}

Test(conversation, needs_no_statement_more_when_warm)
{
	struct ct_store *store = open_store(CT_STORE_WRITE);

	ct_conversation_warm(store);
	int count = store->statement_count;
	add(store, "c", NULL, "q1", "a1");
	add(store, "c", "a1", "q2", "a2");
	cr_assert_eq(store->statement_count, count);
	cr_assert_str_eq(path_to(store, "a2"), "a2 q2 a1 q1");
	ct_store_close(store);
}

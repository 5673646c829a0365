#include <criterion/criterion.h>
#include <stdio.h>

#include "answer.h"
#include "leaks.h"

TestSuite(decoder, .fini = check_leaks);

static int refuse_text(void *user, const struct ct_event *event, struct ct_err *err)
{
	int *count = user;

	if (event->type != CT_EVENT_TEXT)
		return CT_OK;
	++*count;
	return ct_fail(err, CT_ECANCELLED, "enough");
}

Test(decoder, stops_with_the_callers_code_and_stays_stopped)
{
	static const char chunk[] =
		"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
	struct ct_endpoint endpoint = answer_endpoint("chat");
	struct ct_err err;
	int count = 0;
	struct ct_decoder *d = ct_decoder_create(&endpoint, CT_TASK_CHAT, refuse_text, &count);

	cr_assert_eq(ct_decoder_feed(d, ct_str(chunk), &err), CT_ECANCELLED);
	cr_assert_str_eq(err.msg, "enough");
	cr_assert_eq(ct_decoder_feed(d, ct_str(chunk), &err), CT_ECANCELLED);
	cr_assert_eq(ct_decoder_finish(d, &err), CT_ECANCELLED);
	cr_assert_eq(count, 1);
	ct_decoder_destroy(d);
}

/* Feed `first`, then `again` until the decoder refuses or `most` bytes have gone in. */
static int flood(const char *dialect, const char *first, struct ct_str again, size_t most)
{
	struct ct_endpoint endpoint = answer_endpoint(dialect);
	struct answer a;

	answer_init(&a);
	struct ct_decoder *d = ct_decoder_create(&endpoint, CT_TASK_CHAT, answer_event, &a);
	int rc = ct_decoder_feed(d, ct_str(first), NULL);
	for (size_t fed = 0; rc == CT_OK && fed < most; fed += again.len)
		rc = ct_decoder_feed(d, again, NULL);
	ct_decoder_destroy(d);
	answer_fini(&a);
	return rc;
}

Test(decoder, refuses_what_never_ends)
{
	static const struct {
		const char *name, *first, *again;
	} cases[] = {
		{ "a line", "data: {\"x\":\"", "aaaaaaaaaaaaaaaa" },
		{ "data lines", "data: {\n", "data: aaaaaaaaaaa\n" },
		{ "a document", "{\"x\":\"", "aaaaaaaaaaaaaaaa" },
		{ "brackets", "[", "[[[[[[[[[[[[[[[[" },
		{ "comments", ":\n\n", ": keep-alive\n\n" },
		{ "blanks", " ", "                \n" },
	};
	char again[65536];

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		size_t unit = strlen(cases[i].again), len = 0;
		while (len + unit <= sizeof(again)) {
			memcpy(again + len, cases[i].again, unit);
			len += unit;
		}
		int rc = flood("chat", cases[i].first, (struct ct_str){ again, len },
			       CT_BODY_MAX_BYTES + 2 * sizeof(again));
		cr_assert_eq(rc, CT_ETOOBIG, "%s: %d", cases[i].name, rc);
	}
}

Test(decoder, refuses_more_calls_than_an_answer_may_hold)
{
	struct ct_endpoint endpoint = answer_endpoint("chat");
	struct answer a;
	int rc = CT_OK;

	answer_init(&a);
	struct ct_decoder *d = ct_decoder_create(&endpoint, CT_TASK_CHAT, answer_event, &a);
	for (int i = 0; rc == CT_OK && i < 5000; i++) {
		char chunk[200];
		snprintf(chunk, sizeof(chunk),
			 "data: "
			 "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":%d,"
			 "\"function\":"
			 "{\"name\":\"f\"}}]}}]}\n\n",
			 i);
		rc = ct_decoder_feed(d, ct_str(chunk), NULL);
	}
	cr_assert_eq(rc, CT_ETOOBIG);
	ct_decoder_destroy(d);
	answer_fini(&a);
}

Test(decoder, tells_that_the_answer_is_whole_before_the_connection_ends)
{
	struct ct_endpoint endpoint = answer_endpoint("chat");
	struct answer a;

	answer_init(&a);
	struct ct_decoder *d = ct_decoder_create(&endpoint, CT_TASK_CHAT, answer_event, &a);
	ct_decoder_feed(
		d, ct_str("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"),
		NULL);
	cr_assert_eq(ct_decoder_state(d), CT_DECODER_OPEN);
	ct_decoder_feed(
		d,
		ct_str("data: "
		       "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"),
		NULL);
	cr_assert_eq(ct_decoder_state(d), CT_DECODER_FINISHED);
	cr_assert_eq(a.finishes, 0);
	ct_decoder_feed(d, ct_str("data: [DONE]\n\n"), NULL);
	cr_assert_eq(ct_decoder_state(d), CT_DECODER_DONE);
	cr_assert_eq(a.finishes, 1);
	cr_assert_eq(ct_decoder_feed(d, ct_str("data: {\"error\":\"late\"}\n\n"), NULL),
		     CT_OK);
	cr_assert_eq(ct_decoder_finish(d, NULL), CT_OK);
	cr_assert_eq(a.finishes, 1);
	ct_decoder_destroy(d);
	answer_fini(&a);
}

Test(decoder, has_no_turn_to_send_back_but_after_a_pause)
{
	struct ct_endpoint endpoint = answer_endpoint("claude");
	struct answer a;

	answer_init(&a);
	struct ct_decoder *d = ct_decoder_create(&endpoint, CT_TASK_CHAT, answer_event, &a);
	ct_decoder_feed(d,
			ct_str("{\"type\":\"message\",\"content\":[{\"type\":\"text\","
			       "\"text\":\"a\"}],"
			       "\"stop_reason\":\"end_turn\"}"),
			NULL);
	cr_assert_eq(ct_decoder_finish(d, NULL), CT_OK);
	cr_assert_null(ct_decoder_turn(d).ptr);
	ct_decoder_destroy(d);
	answer_fini(&a);
}

/* What goes in through a protocol's writer comes out of the client's decoder for it. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "ingress/ingress.h"
#include "leaks.h"
#include "provider/decoder.h"

TestSuite(ingress, .fini = check_leaks, .timeout = 60);

static const struct protocol {
	const char *name, *vendor;
	enum ct_openai_api api;
} protocols[] = {
	{ "messages", "claude", CT_OPENAI_AUTO },
	{ "chat", "openai", CT_OPENAI_CHAT },
	{ "responses", "openai", CT_OPENAI_RESPONSES },
	{ "gemini", "gemini", CT_OPENAI_AUTO },
};

static const struct ct_ingress *find(const char *name)
{
	for (size_t i = 0; ct_ingresses[i] != NULL; i++) {
		if (strcmp(ct_ingresses[i]->name, name) == 0)
			return ct_ingresses[i];
	}
	cr_assert_fail("no protocol %s", name);
	return NULL;
}

static struct ct_endpoint endpoint(const struct protocol *p)
{
	return (struct ct_endpoint){ .name = ct_str(p->vendor),
				     .vendor = ct_vendor_find(ct_str(p->vendor)),
				     .base_url = ct_str("http://127.0.0.1"),
				     .api = p->api };
}

/* "text:Hel" … joined by '|', pieces of one kind joined; usage only the last. */
struct seen {
	char text[512], reasoning[128], calls[256], finish[64];
	struct ct_usage usage;
	int bad;
};

static void add(char *to, size_t size, struct ct_str text)
{
	size_t used = strlen(to);

	snprintf(to + used, size - used, "%.*s", CT_STR_ARG(text));
}

static int record(void *user, const struct ct_event *event, struct ct_err *err)
{
	struct seen *seen = user;

	(void)err;
	if (event->type == CT_EVENT_TEXT)
		add(seen->text, sizeof(seen->text), event->text);
	if (event->type == CT_EVENT_REASONING)
		add(seen->reasoning, sizeof(seen->reasoning), event->text);
	if (event->type == CT_EVENT_TOOL_CALL) {
		add(seen->calls, sizeof(seen->calls), event->call.name);
		add(seen->calls, sizeof(seen->calls), event->call.arguments);
	}
	if (event->type == CT_EVENT_FINISH)
		add(seen->finish, sizeof(seen->finish),
		    ct_str(ct_finish_name(event->finish)));
	if (event->type == CT_EVENT_USAGE)
		seen->usage = event->usage;
	seen->bad += event->type == CT_EVENT_BAD_CHUNK;
	return CT_OK;
}

static int decode(const struct protocol *p, struct ct_str bytes, size_t step,
		  struct seen *seen, struct ct_err *err)
{
	struct ct_endpoint where = endpoint(p);
	struct ct_decoder *decoder = ct_decoder_create(&where, CT_TASK_CHAT, record, seen);
	int rc = CT_OK;

	*seen = (struct seen){ 0 };
	for (size_t at = 0; at < bytes.len && rc == CT_OK; at += step)
		rc = ct_decoder_feed(
			decoder,
			(struct ct_str){ bytes.ptr + at,
					 at + step < bytes.len ? step : bytes.len - at },
			err);
	if (rc == CT_OK)
		rc = ct_decoder_finish(decoder, err);
	ct_decoder_destroy(decoder);
	return rc;
}

static void start(struct ct_ingress_answer *answer)
{
	ct_ingress_answer_init(answer, ct_str("7"), ct_str("m"), 1 << 20);
	answer->stream = true;
	answer->include_usage = true;
	answer->created_s = 1795000000;
	answer->usage = (struct ct_usage){ .known = true, .input = 12 };
}

static const struct ct_usage usage = { .known = true, .input = 12, .output = 5 };
static const struct ct_tool_call call = { .id = CT_STR("call_1"),
					  .name = CT_STR("weather"),
					  .arguments = CT_STR(
						  "{\"city\":\"\\u00d8 \\\"x\\\"\"}") };

/* A stream of text in pieces, perhaps reasoning before and a call after it. */
static void write_stream(const struct ct_ingress *ingress,
			 struct ct_ingress_answer *answer, enum ct_finish finish,
			 bool more, struct ct_buf *out)
{
	const struct ct_event events[] = {
		{ .type = CT_EVENT_START },
		{ .type = CT_EVENT_WORK },
		{ .type = CT_EVENT_REASONING, .text = ct_str("hmm") },
		{ .type = CT_EVENT_TEXT, .text = ct_str("Hel") },
		{ .type = CT_EVENT_TEXT,
		  .text = ct_str("lo \xE2\x98\x83\r\n\ndata: \"\\") },
		{ .type = CT_EVENT_TOOL_CALL, .call = call },
		{ .type = CT_EVENT_USAGE, .usage = usage },
		{ .type = CT_EVENT_FINISH, .finish = finish },
	};

	for (size_t i = 0; i < CT_COUNT(events); i++) {
		bool extra = events[i].type == CT_EVENT_REASONING ||
			     events[i].type == CT_EVENT_TOOL_CALL;
		if (more || !extra)
			ingress->event(answer, &events[i], out);
	}
	if (ingress->end != NULL)
		ingress->end(answer, out);
	cr_assert_eq(ct_buf_check(out, "stream", NULL), CT_OK);
}

Test(ingress, streams_what_the_decoder_reads_back_at_every_chunk_size)
{
	for (size_t i = 0; i < CT_COUNT(protocols); i++) {
		const struct ct_ingress *ingress = find(protocols[i].name);
		struct ct_buf out = CT_BUF_INIT(1 << 20);
		struct ct_ingress_answer answer;

		start(&answer);
		write_stream(ingress, &answer, CT_FINISH_TOOL_CALLS, true, &out);
		for (size_t step = 1; step <= out.len;
		     step = step < 64 ? step + 1 : step * 2) {
			struct ct_err err = { 0 };
			struct seen seen;
			int rc = decode(&protocols[i], ct_buf_str(&out), step, &seen,
					&err);

			cr_assert_eq(rc, CT_OK, "%s, step %zu: %s\n%s", protocols[i].name,
				     step, err.msg, out.ptr);
			cr_assert_str_eq(seen.text, "Hello \xE2\x98\x83\r\n\ndata: \"\\",
					 "%s: %s", protocols[i].name, seen.text);
			cr_assert_str_eq(seen.reasoning, "hmm", "%s", protocols[i].name);
			cr_assert(strstr(seen.calls, "weather{\"city\":\"") == seen.calls,
				  "%s: %s", protocols[i].name, seen.calls);
			cr_assert_str_eq(seen.finish, "tool_calls", "%s",
					 protocols[i].name);
			cr_assert_eq(seen.usage.input, 12, "%s", protocols[i].name);
			cr_assert_eq(seen.usage.output, 5, "%s", protocols[i].name);
			cr_assert_eq(seen.bad, 0, "%s", protocols[i].name);
		}
		ct_ingress_answer_fini(&answer);
		ct_buf_fini(&out);
	}
}

Test(ingress, says_each_reason_to_end_so_that_the_decoder_understands_it)
{
	static const struct {
		enum ct_finish finish;
		const char *seen;
	} cases[] = { { CT_FINISH_STOP, "stop" }, { CT_FINISH_LENGTH, "length" } };

	for (size_t i = 0; i < CT_COUNT(protocols) * CT_COUNT(cases); i++) {
		const struct protocol *p = &protocols[i % CT_COUNT(protocols)];
		struct ct_buf out = CT_BUF_INIT(1 << 20), whole = CT_BUF_INIT(1 << 20);
		struct ct_ingress_answer answer;
		struct seen seen;
		size_t c = i / CT_COUNT(protocols);

		start(&answer);
		write_stream(find(p->name), &answer, cases[c].finish, false, &out);
		cr_assert_eq(decode(p, ct_buf_str(&out), 7, &seen, NULL), CT_OK, "%s",
			     p->name);
		cr_assert_str_eq(seen.finish, cases[c].seen, "%s stream: %s", p->name,
				 seen.finish);
		find(p->name)->whole(&answer, ct_str("Hi"), NULL, 0, cases[c].finish,
				     &whole);
		cr_assert_eq(decode(p, ct_buf_str(&whole), 7, &seen, NULL), CT_OK, "%s",
			     p->name);
		cr_assert_str_eq(seen.finish, cases[c].seen, "%s whole: %s", p->name,
				 seen.finish);
		ct_ingress_answer_fini(&answer);
		ct_buf_fini(&out);
		ct_buf_fini(&whole);
	}
}

Test(ingress, writes_whole_answers_that_the_decoder_reads_back)
{
	for (size_t i = 0; i < CT_COUNT(protocols); i++) {
		struct ct_buf out = CT_BUF_INIT(1 << 20);
		struct ct_ingress_answer answer;
		struct ct_err err = { 0 };
		struct seen seen;

		start(&answer);
		answer.usage = usage;
		find(protocols[i].name)
			->whole(&answer, ct_str("Hi \"there\"\n"), &call, 1,
				CT_FINISH_TOOL_CALLS, &out);
		cr_assert_eq(decode(&protocols[i], ct_buf_str(&out), 5, &seen, &err),
			     CT_OK, "%s: %s\n%s", protocols[i].name, err.msg, out.ptr);
		cr_assert_str_eq(seen.text, "Hi \"there\"\n", "%s", protocols[i].name);
		cr_assert(strstr(seen.calls, "weather{") == seen.calls, "%s: %s",
			  protocols[i].name, seen.calls);
		cr_assert_str_eq(seen.finish, "tool_calls", "%s", protocols[i].name);
		cr_assert_eq(seen.usage.input + seen.usage.output, 17, "%s",
			     protocols[i].name);
		ct_ingress_answer_fini(&answer);
		ct_buf_fini(&out);
	}
}

Test(ingress, writes_one_array_for_gemini_without_events)
{
	struct ct_buf out = CT_BUF_INIT(1 << 20);
	struct ct_ingress_answer answer;
	struct seen seen;

	start(&answer);
	answer.array = true;
	write_stream(find("gemini"), &answer, CT_FINISH_STOP, false, &out);
	cr_assert_eq(out.ptr[0], '[');
	for (size_t step = 1; step < 40; step++) {
		cr_assert_eq(decode(&protocols[3], ct_buf_str(&out), step, &seen, NULL),
			     CT_OK);
		cr_assert_str_eq(seen.text, "Hello \xE2\x98\x83\r\n\ndata: \"\\");
	}
	ct_ingress_answer_fini(&answer);
	ct_buf_fini(&out);
}

Test(ingress, leaves_a_stream_without_its_end_a_cut)
{
	for (size_t i = 0; i < CT_COUNT(protocols); i++) {
		const struct ct_event text = { .type = CT_EVENT_TEXT,
					       .text = ct_str("x") };
		const struct ct_event begin = { .type = CT_EVENT_START };
		struct ct_buf out = CT_BUF_INIT(1 << 20);
		struct ct_ingress_answer answer;
		struct seen seen;

		start(&answer);
		find(protocols[i].name)->event(&answer, &begin, &out);
		find(protocols[i].name)->event(&answer, &text, &out);
		cr_assert_eq(decode(&protocols[i], ct_buf_str(&out), 9, &seen, NULL),
			     CT_ECUT, "%s", protocols[i].name);
		ct_ingress_answer_fini(&answer);
		ct_buf_fini(&out);
	}
}

Test(ingress, writes_errors_that_the_client_puts_in_the_same_class)
{
	static const struct {
		int status, code;
		const char *message;
	} cases[] = {
		{ 401, CT_EAUTH, "no key" },
		{ 404, CT_ENOMODEL, "model: x not found" },
		{ 500, CT_EUPSTREAM, "broken" },
		{ 503, CT_EUPSTREAM, "overloaded" },
		{ 400, CT_EINVALID, "wrong" },
	};

	for (size_t i = 0; i < CT_COUNT(protocols) * CT_COUNT(cases); i++) {
		const struct protocol *p = &protocols[i % CT_COUNT(protocols)];
		size_t c = i / CT_COUNT(protocols);
		struct ct_endpoint where = endpoint(p);
		struct ct_buf out = CT_BUF_INIT(4096);
		struct ct_err err = { 0 };

		find(p->name)->error(cases[c].status, cases[c].code,
				     ct_str(cases[c].message), 0, false, &out);
		ct_provider_error(&where, cases[c].status, NULL, ct_buf_str(&out), 0,
				  &err);
		cr_assert_eq(err.code, cases[c].code, "%s %d: %s", p->name,
			     cases[c].status, ct_code_name(err.code));
		cr_assert(strstr(err.msg, cases[c].message) != NULL, "%s: %s", p->name,
			  err.msg);
		ct_buf_fini(&out);
	}
}

Test(ingress, says_in_a_gemini_body_how_long_to_wait)
{
	struct ct_endpoint where = endpoint(&protocols[3]);
	struct ct_buf out = CT_BUF_INIT(4096);
	struct ct_err err = { 0 };

	find("gemini")->error(429, CT_ERATE, ct_str("slow down"), 2500, false, &out);
	ct_provider_error(&where, 429, NULL, ct_buf_str(&out), 0, &err);
	cr_assert_eq(err.code, CT_ERATE);
	cr_assert_eq(err.retry_after_ms, 2500);
	ct_buf_fini(&out);
}

Test(ingress, breaks_a_stream_with_an_error_of_its_class)
{
	for (size_t i = 0; i < CT_COUNT(protocols); i++) {
		const struct ct_event begin = { .type = CT_EVENT_START };
		struct ct_buf out = CT_BUF_INIT(1 << 20);
		struct ct_ingress_answer answer;
		struct ct_err err = { 0 };
		struct seen seen;

		start(&answer);
		find(protocols[i].name)->event(&answer, &begin, &out);
		find(protocols[i].name)
			->error(503, CT_EUPSTREAM, ct_str("overloaded"), 0, true, &out);
		cr_assert_eq(decode(&protocols[i], ct_buf_str(&out), 6, &seen, &err),
			     CT_EUPSTREAM, "%s: %s", protocols[i].name, err.msg);
		ct_ingress_answer_fini(&answer);
		ct_buf_fini(&out);
	}
}

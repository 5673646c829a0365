#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "leaks.h"
#include "service/stream_request.h"

TestSuite(stream_request, .fini = check_leaks);

static struct ct_arena arena;
static struct ct_err err;

static int read_line(const char *line, struct ct_stream_request *out)
{
	ct_arena_reset(&arena);
	err = (struct ct_err){ 0 };
	return ct_stream_request_read(&arena, ct_str(line), out, &err);
}

static void finish(void)
{
	ct_arena_fini(&arena);
}

static void expect_refused(const char *line, const char *why)
{
	struct ct_stream_request r;

	cr_expect_eq(read_line(line, &r), CT_EINVALID, "%s", line);
	cr_expect_str_eq(err.msg, why, "%s: %s", line, err.msg);
}

Test(stream_request, holds_what_the_line_says)
{
	struct ct_stream_request r;

	cr_assert_eq(read_line("{\"message\":\"h\\u00e9\",\"session_id\":\"a\",\"stream\":false,"
			       "\"provider\":\"p\",\"model\":\"m\",\"user\":\"u\",\"temperature\":0.5,"
			       "\"max_tokens\":7,\"stop\":[\"x\",\"y\"],\"agent_override\":\"g\","
			       "\"conversation_id\":\"c\",\"context\":{\"system\":\"s\"},"
			       "\"metadata\":{ \"k\" : [1, 2.50] }}", &r), CT_OK, "%s", err.msg);
	cr_expect_str_eq(r.messages[0].text.ptr, "h\xC3\xA9");
	cr_expect_eq(r.message_count, 1u);
	cr_expect(r.single && r.has_stream && !r.stream && r.has_temperature);
	cr_expect_eq(r.temperature, 0.5);
	cr_expect_eq(r.max_tokens, 7);
	cr_expect_eq(r.stop_count, 2u);
	cr_expect_str_eq(r.stops[1].ptr, "y");
	cr_expect_str_eq(r.system.ptr, "s");
	cr_expect_str_eq(r.metadata.ptr, "{\"k\":[1,2.50]}");
	cr_expect_str_eq(r.provider.ptr, "p");
	cr_expect_str_eq(r.model.ptr, "m");
	cr_expect_str_eq(r.user.ptr, "u");
	cr_expect_str_eq(r.agent.ptr, "g");
	cr_expect_str_eq(r.conversation_id.ptr, "c");
	finish();
}

Test(stream_request, null_is_as_if_it_were_not_there)
{
	struct ct_stream_request r;

	cr_assert_eq(read_line("{\"message\":\"a\",\"session_id\":null,\"provider\":null,\"model\":null,"
			       "\"stream\":null,\"context\":{\"system\":null},\"metadata\":null,"
			       "\"messages\":null,\"temperature\":null,\"max_tokens\":null,\"stop\":null}",
			       &r), CT_OK, "%s", err.msg);
	cr_expect(r.session_id.ptr == NULL && r.provider.ptr == NULL && r.model.ptr == NULL &&
		  r.system.ptr == NULL && r.metadata.ptr == NULL && !r.has_stream &&
		  !r.has_temperature && r.max_tokens == 0 && r.stop_count == 0);
	finish();
}

Test(stream_request, messages_of_the_system_come_first_and_follow_context)
{
	struct ct_stream_request r;

	cr_assert_eq(read_line("{\"messages\":[{\"role\":\"system\",\"content\":\"b\"},{\"role\":\"user\","
			       "\"content\":\"c\"},{\"content\":\"d\",\"role\":\"assistant\"},{\"role\":\"user\","
			       "\"content\":\"e\"}],\"context\":{\"system\":\"a\"}}", &r), CT_OK, "%s",
		     err.msg);
	cr_expect_str_eq(r.system.ptr, "a\n\nb");
	cr_expect_eq(r.message_count, 3u);
	cr_expect_eq(r.messages[1].role, CT_ROLE_ASSISTANT);
	cr_expect_not(r.single);
	expect_refused("{\"messages\":[{\"role\":\"user\",\"content\":\"c\"},{\"role\":\"system\","
		       "\"content\":\"b\"}]}", "messages of role system stand before the others");
	finish();
}

Test(stream_request, says_what_is_wrong_and_still_whose_it_is)
{
	struct ct_stream_request r;

	cr_expect_eq(read_line("{\"temperature\":3,\"message\":\"a\",\"session_id\":\"me\"}", &r),
		     CT_EINVALID);
	cr_expect_str_eq(r.session_id.ptr, "me");
	expect_refused("{\"message\":\"a\",\"stop\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\","
		       "\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\"]}",
		       "stop has 16 texts at most");
	expect_refused("{\"message\":\"a\",\"stop\":[\"\"]}", "stop must be a string that is not empty");
	expect_refused("{\"message\":\"a\",\"max_tokens\":1e99}",
		       "max_tokens must be a whole number of at least 1");
	expect_refused("{\"message\":\"a\"} x", "the line is not JSON: column 17: something follows the value");
	finish();
}

/* A line with a text of that many bytes in the middle. */
static int read_long(const char *before, size_t size, const char *after)
{
	struct ct_buf line = CT_BUF_INIT(CT_STREAM_LINE_BYTES + 1024);
	struct ct_stream_request r;
	char *text = malloc(size + 1);

	memset(text, 'x', size);
	ct_buf_puts(&line, before);
	ct_buf_append(&line, text, size);
	ct_buf_puts(&line, after);
	free(text);
	err = (struct ct_err){ 0 };
	int rc = ct_stream_request_read(&arena, ct_buf_str(&line), &r, &err);
	ct_buf_fini(&line);
	finish();
	return rc;
}

Test(stream_request, names_and_metadata_have_ceilings_and_messages_have_the_lines)
{
	cr_expect_eq(read_long("{\"message\":\"a\",\"session_id\":\"", CT_STREAM_ID_BYTES, "\"}"), CT_OK);
	cr_expect_eq(read_long("{\"message\":\"a\",\"session_id\":\"", CT_STREAM_ID_BYTES + 1, "\"}"),
		     CT_EINVALID);
	cr_expect_eq(read_long("{\"message\":\"a\",\"model\":\"", CT_STREAM_NAME_BYTES + 1, "\"}"),
		     CT_EINVALID);
	cr_expect_eq(read_long("{\"message\":\"a\",\"metadata\":{\"k\":\"", CT_STREAM_METADATA_BYTES,
			       "\"}}"), CT_EINVALID);
	cr_expect_eq(read_long("{\"message\":\"", 15 << 20, "\"}"), CT_OK, "%s", err.msg);
}

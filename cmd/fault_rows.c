#include <stdio.h>

#include "codec/json.h"
#include "faults.h"

#define QUICK "--first-token-timeout 0.4 --idle-timeout 0.4"
#define TEXT "[sandbox] 1 2 3 4 5 6 7 8 9"
#define PREFILL "-m claude-haiku-4-5 "

const struct ct_fault_protocol ct_fault_protocols[] = {
	{ CT_FAULT_MESSAGES, "messages", "claude", NULL },
	{ CT_FAULT_GEMINI, "gemini", "gemini", NULL },
	{ CT_FAULT_CHAT, "chat", "openai", "OPENAI_API=chat" },
	{ CT_FAULT_RESPONSES, "responses", "openai", "OPENAI_API=responses" },
	{ .name = NULL },
};

/* Down for three requests, then back: asked, then spared, then probed, then closed. */
static const char circuit_script[] =
	"ask() { \"$CARTRITA\" chat --json --no-stdin -q -p $PROVIDER count to 9 |"
	" sed 's/.*\"finish_reason\"[^}]*//; s/.*\\],*},*//; s/.*\"provider\":\"\\([a-z]*\\)\".*/\\1/'; }\n"
	"state() { \"$CARTRITA\" provider circuit status --json |"
	" sed \"s/.*\\\"provider\\\":\\\"$PROVIDER\\\",\\\"state\\\":\\\"\\([a-z_]*\\)\\\".*/\\1/\"; }\n"
	"is() { [ \"$1\" = $PROVIDER ] && echo itself || echo other; }\n"
	"is \"$(ask)\"; state; is \"$(ask)\"; sleep 1.2; is \"$(ask)\"; state\n";

const struct ct_fault_row ct_fault_rows[] = {
	{ "429 with a wait of 1 s, then fine", "waits, retries, answers", "@:429:1*1",
	  .by = CT_FAULT_ITSELF, .tries = 2, .min_ms = 1000 },
	{ "429 for ever", "3 tries, then fallback", "@:429:1", .by = CT_FAULT_OTHER, .tries = 3,
	  .min_ms = 2000 },
	{ "429 with a wait of 60 s", "no wait, fallback", "@:429:60", .by = CT_FAULT_OTHER,
	  .tries = 1 },
	{ "402", "no retry, fallback", "@:402", .by = CT_FAULT_OTHER, .tries = 1 },
	{ "402, nobody else", "quota_exceeded", "@:402", .code = "quota_exceeded", .status = 5,
	  .tries = 1, .args = "--no-fallback" },
	{ "429 whose code means quota", "no retry, fallback", "@:quota", .by = CT_FAULT_OTHER,
	  .tries = 1 },
	{ "429 whose code means quota, nobody else", "quota_exceeded", "@:quota",
	  .code = "quota_exceeded", .status = 5, .tries = 1, .args = "--no-fallback",
	  .only = CT_FAULT_GEMINI | CT_FAULT_CHAT | CT_FAULT_RESPONSES },
	{ "408 once", "retries it", "@:408*1", .by = CT_FAULT_ITSELF, .tries = 2 },
	{ "409 once", "retries it", "@:409*1", .by = CT_FAULT_ITSELF, .tries = 2 },
	{ "500 once", "retries it", "@:500*1", .by = CT_FAULT_ITSELF, .tries = 2 },
	{ "502 once", "retries it", "@:502*1", .by = CT_FAULT_ITSELF, .tries = 2 },
	{ "503 once", "retries it", "@:503*1", .by = CT_FAULT_ITSELF, .tries = 2 },
	{ "504 once", "retries it", "@:504*1", .by = CT_FAULT_ITSELF, .tries = 2 },
	{ "529 once", "retries it", "@:529*1", .by = CT_FAULT_ITSELF, .tries = 2 },
	{ "503 for ever", "3 tries, then fallback", "@:503", .by = CT_FAULT_OTHER, .tries = 3 },
	{ "503 everywhere", "provider_error", "503", .code = "provider_error", .status = 1,
	  .tries = 3 },
	{ "connection refused", "retries, then fallback", "@:refused", .by = CT_FAULT_OTHER,
	  .tries = 3 },
	{ "reset before the headers", "retries it", "@:reset*1", .by = CT_FAULT_ITSELF,
	  .tries = 2 },
	{ "a dead proxy: our side", "an error at once, no circuit counts it", "@:503",
	  CT_FAULT_SCRIPT, .only = CT_FAULT_MESSAGES,
	  .args = "unset NO_PROXY no_proxy; export http_proxy=http://127.0.0.1:9\n"
		  "\"$CARTRITA\" chat -q --no-stdin -p $PROVIDER hi; echo $?\n"
		  "\"$CARTRITA\" provider circuit status --json | grep -c '\"failures\":0,'\n",
	  .expect = "1\n1\n" },
	{ "accepts and says nothing", "first-token time-out, fallback, no retry", "@:silent",
	  .by = CT_FAULT_OTHER, .tries = 1, .args = QUICK },
	{ "headers, then nothing", "first-token time-out, fallback, no retry",
	  "@:silent-after-headers", .by = CT_FAULT_OTHER, .tries = 1, .args = QUICK },
	{ "pings and no content", "pings are no sign of work", "@:pings", .by = CT_FAULT_OTHER,
	  .tries = 1, .args = QUICK },
	{ "silent, nobody else", "timeout", "@:silent", .code = "timeout", .status = 6,
	  .tries = 1, .args = QUICK " --no-fallback" },
	{ "the whole call's time is up", "timeout, nothing waits longer", "silent",
	  .code = "timeout", .status = 6, .args = "--timeout 0.5" },
	{ "cut in the middle, nothing shown", "unseen retry", "@:cut-after:5*1",
	  .by = CT_FAULT_ITSELF, .tries = 2, .recovered = true },
	{ "cut at a byte, nothing shown", "unseen retry", "@:cut-at:60*1",
	  .by = CT_FAULT_ITSELF, .tries = 2 },
	{ "clean end without the end marker", "unseen retry", "@:no-end*1",
	  .by = CT_FAULT_ITSELF, .tries = 2, .recovered = true },
	{ "cut for ever, nothing shown", "3 tries, then fallback", "@:cut-after:5",
	  .by = CT_FAULT_OTHER, .tries = 3, .recovered = true },
	{ "cut, whole answer asked for", "retries it", "@:cut-at:60*1", .by = CT_FAULT_ITSELF,
	  .tries = 2, .args = "--no-stream" },
	{ "cut, shown on a terminal", "a line says so, the answer begins anew",
	  "@:cut-after:5*1", CT_FAULT_TTY, CT_FAULT_ITSELF, .expect = "\n" TEXT "\n" },
	{ "cut, shown, model takes a started answer", "goes on, no character lost or doubled",
	  "@:cut-after:5*1", CT_FAULT_TTY, CT_FAULT_ITSELF, .args = PREFILL,
	  .only = CT_FAULT_MESSAGES, .expect = TEXT "\n" },
	{ "cut, shown, the started answer is refused", "begins anew with it",
	  "@:cut-after:5*1,@:prefill-refused*1", CT_FAULT_TTY, CT_FAULT_ITSELF,
	  .args = PREFILL, .only = CT_FAULT_MESSAGES, .expect = "\n" TEXT "\n" },
	{ "cut, shown in a pipe", "truncated, never a success", "@:cut-after:5*1",
	  CT_FAULT_PIPE, CT_FAULT_NOBODY, .code = "truncated", .status = 1,
	  .expect = "[sandbox] 1 2 3 4\n" },
	{ "cut, shown in a pipe, model takes a started answer", "goes on",
	  "@:cut-after:5*1", CT_FAULT_PIPE, CT_FAULT_ITSELF, .args = PREFILL,
	  .only = CT_FAULT_MESSAGES, .expect = TEXT "\n" },
	{ "cut with --on-cut fail", "truncated", "@:cut-after:5*1", CT_FAULT_PIPE,
	  CT_FAULT_NOBODY, .code = "truncated", .status = 1, .args = PREFILL "--on-cut fail",
	  .only = CT_FAULT_MESSAGES },
	{ "stalls in the middle", "idle time-out, then as a cut", "@:stall-after:5*1",
	  .by = CT_FAULT_ITSELF, .tries = 2, .args = QUICK, .recovered = true },
	{ "a chunk that is not JSON", "skipped and counted", "@:bad-chunk*1",
	  .by = CT_FAULT_ITSELF, .tries = 1 },
	{ "no [DONE] after finish_reason", "whole, with usage", "@:no-done*1",
	  .by = CT_FAULT_ITSELF, .tries = 1, .only = CT_FAULT_CHAT },
	{ "an error event inside a stream", "retried as its status would be",
	  "@:error-in-stream*1", .by = CT_FAULT_ITSELF, .tries = 2, .recovered = true },
	{ "context too long", "no retry, fallback", "@:context-length", .by = CT_FAULT_OTHER,
	  .tries = 1 },
	{ "content policy", "no retry, no fallback: content_filtered", "@:content-policy",
	  .code = "content_filtered", .status = 1, .tries = 1 },
	{ "400", "no retry, no fallback: invalid_request", "@:400", .code = "invalid_request",
	  .status = 2, .tries = 1 },
	{ "413", "no retry, no fallback: invalid_request", "@:413", .code = "invalid_request",
	  .status = 2, .tries = 1 },
	{ "422", "no retry, no fallback: invalid_request", "@:422", .code = "invalid_request",
	  .status = 2, .tries = 1 },
	{ "401", "no retry, fallback", "@:401", .by = CT_FAULT_OTHER, .tries = 1 },
	{ "403", "no retry, fallback", "@:403", .by = CT_FAULT_OTHER, .tries = 1 },
	{ "401, nobody else", "unauthorized", "@:401", .code = "unauthorized", .status = 4,
	  .tries = 1, .args = "--no-fallback" },
	{ "down for a while, then back", "opens, is spared, probed once, closes", "@:503*3",
	  CT_FAULT_SCRIPT, .args = circuit_script, .env = "PROVIDER_CIRCUIT_THRESHOLD=3",
	  .expect = "other\nopen\nother\nitself\nclosed\n" },
	{ "an empty 200", "retried once", "@:empty*1", .by = CT_FAULT_ITSELF, .tries = 2 },
	{ "an empty 200 for ever", "retried once, then fallback", "@:empty",
	  .by = CT_FAULT_OTHER, .tries = 2 },
	{ "an HTML page", "retried once, then fallback", "@:html", .by = CT_FAULT_OTHER,
	  .tries = 2 },
	{ "JSON of another shape", "retried once, then fallback", "@:shape",
	  .by = CT_FAULT_OTHER, .tries = 2 },
	{ "an empty 200 with --retries 0", "fallback at once", "@:empty", .by = CT_FAULT_OTHER,
	  .tries = 1, .args = "--retries 0" },
	{ "a redirect", "not followed, fallback", "@:redirect", .by = CT_FAULT_OTHER,
	  .tries = 2 },
	{ "a line without end", "a ceiling, then fallback", "@:endless", .by = CT_FAULT_OTHER,
	  .tries = 2, .only = CT_FAULT_MESSAGES },
	{ .does = NULL },
};

/* Requests that the first provider got. */
static int count_tries(const struct ct_json *attempts, const char *provider)
{
	int tries = 0;

	for (const struct ct_json *a = ct_json_first(attempts); a != NULL; a = a->next)
		if (ct_str_is(ct_json_str(ct_json_get(a, "provider")), provider) &&
		    !ct_json_true(ct_json_get(a, "skipped")))
			tries++;
	return tries;
}

static bool judge_answer(const struct ct_fault_result *r, const struct ct_json *doc)
{
	bool itself = ct_str_is(ct_json_str(ct_json_get(doc, "provider")), r->protocol->provider);
	const struct ct_json *metadata = ct_json_get(doc, "metadata");

	return ct_str_is(ct_json_str(ct_json_get(doc, "response")), TEXT) &&
	       ct_str_is(ct_json_str(ct_json_get(metadata, "finish_reason")), "stop") &&
	       itself == (r->row->by == CT_FAULT_ITSELF) &&
	       ct_json_int_at(doc, "usage.output_tokens", 0) > 0 &&
	       ct_json_true(ct_json_get(metadata, "recovered")) == r->row->recovered;
}

static void judge_json(struct ct_fault_result *r, int status, struct ct_str output)
{
	CT_CLEANUP(ct_arena_fini) struct ct_arena arena = { 0 };
	const struct ct_json *doc = NULL;

	ct_json_parse(&arena, output, CT_JSON_STRICT, &doc, NULL);
	const struct ct_json *error = ct_json_get(doc, "error");
	const struct ct_json *attempts = ct_json_at(doc, error ? "error.attempts" :
								 "metadata.attempts");
	struct ct_str code = ct_json_str(ct_json_get(error, "code"));
	int tries = count_tries(attempts, r->protocol->provider);

	snprintf(r->happened, sizeof(r->happened), "exit %d, %.*s%.*s, %d tries, %lld ms", status,
		 CT_STR_ARG(code),
		 CT_STR_ARG(ct_json_str(ct_json_get(doc, "provider"))), tries,
		 (long long)r->ms);
	r->pass = doc != NULL && status == r->row->status &&
		  (r->row->tries == 0 || tries == r->row->tries) && r->ms >= r->row->min_ms;
	if (r->row->code != NULL)
		r->pass = r->pass && ct_str_is(code, r->row->code);
	else
		r->pass = r->pass && judge_answer(r, doc);
}

static bool ends_with(struct ct_str text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len && memcmp(text.ptr + text.len - len, end, len) == 0;
}

static void judge_text(struct ct_fault_result *r, int status, struct ct_str output)
{
	const char *expect = r->row->expect;
	size_t tail = output.len > 48 ? output.len - 48 : 0;
	bool whole = r->row->show == CT_FAULT_SCRIPT || (expect && *expect != '\n');
	bool same = expect == NULL ||
		    (whole ? ct_str_is(output, expect) : ends_with(output, expect));

	int len = snprintf(r->happened, sizeof(r->happened), "exit %d, …%.*s", status,
			   CT_STR_ARG(ct_str_from(output, tail)));
	for (int i = 0; i < len && i < (int)sizeof(r->happened) - 1; i++)
		if (r->happened[i] == '\n' || r->happened[i] == '\r')
			r->happened[i] = '|';
	r->pass = status == r->row->status && same;
}

void ct_fault_judge(struct ct_fault_result *result, int status, struct ct_str output)
{
	if (result->row->show == CT_FAULT_JSON)
		judge_json(result, status, output);
	else
		judge_text(result, status, output);
}

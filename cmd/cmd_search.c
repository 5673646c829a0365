#include "chat_conversation.h"
#include "codec/utf8.h"
#include "search.h"
#include "service/call_json.h"

enum { QUERY_BYTES = 1 << 20, TEXT_BYTES = 256 << 20, LIMIT = 10 };

static const struct ct_opt options[] = {
	{ "provider", 'p', CT_OPT_TEXT, "NAME", "Ask this one; else search.primary, tavily",
	  .words = "provider:search" },
	{ "limit", 'n', CT_OPT_INT, "N", "At most this many results; else 10", 1,
	  CT_SEARCH_LIMIT_MAX },
	{ "type", 0, CT_OPT_CHOICE, "WHAT", "Of a code host: what to search for",
	  .choices = "repositories|code|issues|users" },
	{ "depth", 0, CT_OPT_CHOICE, "DEPTH", "How hard to look; advanced costs more",
	  .choices = "basic|advanced" },
	{ "topic", 0, CT_OPT_CHOICE, "TOPIC", "What it is about", .choices = "general|news|finance" },
	{ "time-range", 0, CT_OPT_CHOICE, "RANGE", "Only what is that new",
	  .choices = "day|week|month|year" },
	{ "include-domain", 0, CT_OPT_LIST, "D", "Only from this domain (repeatable)" },
	{ "exclude-domain", 0, CT_OPT_LIST, "D", "Not from this domain (repeatable)" },
	{ "answer", 0, CT_OPT_FLAG, NULL, "Ask for an answer in words, too" },
	{ "conversation", 0, CT_OPT_TEXT, "ID", "Add what is found to it: its id, the end of it, or last",
	  .words = "conversation" },
	CT_SEARCH_CALL_OPTIONS("provider:search"),
	{ .name = NULL },
};

/* The words of the command line, and lists that outlive their reading. */
struct input {
	struct ct_buf query;
	struct ct_str include[CT_SEARCH_DOMAINS_MAX], exclude[CT_SEARCH_DOMAINS_MAX];
};

static int read_domains(struct ct_cli *cli, const char *name, struct ct_str *list, size_t *count,
			struct ct_err *err)
{
	const char *given;

	for (*count = 0; (given = ct_args_at(cli->args, name, *count)) != NULL; (*count)++) {
		if (*count == CT_SEARCH_DOMAINS_MAX)
			return ct_fail(err, CT_EUSAGE, "--%s: %d at most", name,
				       CT_SEARCH_DOMAINS_MAX);
		if (!ct_is_domain(ct_str(given))) {
			ct_fail(err, CT_EUSAGE, "--%s: '%.100s' is no domain", name, given);
			ct_hint(err, "A domain is written like example.org.");
			return CT_EUSAGE;
		}
		list[*count] = ct_str(given);
	}
	return CT_OK;
}

static int read_query(struct ct_cli *cli, struct ct_buf *query, struct ct_err *err)
{
	size_t count = ct_args_word_count(cli->args);

	for (size_t i = 0; i < count; i++)
		ct_buf_printf(query, "%s%s", i > 0 ? " " : "", ct_args_word(cli->args, i));
	int rc = ct_buf_check(query, "the query", err);
	if (rc != CT_OK)
		return rc;
	size_t good = ct_utf8_valid(ct_buf_str(query));
	if (good < query->len)
		return ct_fail(err, CT_EINVALID, "the query is not valid UTF-8 (byte %zu)",
			       good + 1);
	if (ct_str_trim(ct_buf_str(query)).len > 0)
		return CT_OK;
	ct_fail(err, CT_EUSAGE, "the query is empty");
	ct_hint(err, "Say what to search for: cartrita search WORDS.");
	return CT_EUSAGE;
}

static enum ct_search_type type_of(struct ct_str name)
{
	enum ct_search_type type = CT_SEARCH_REPOSITORIES;

	while (type != CT_SEARCH_USERS && name.len > 0 &&
	       !ct_str_is(name, ct_search_type_name(type)))
		type++;
	return type;
}

static int read_search(struct ct_cli *cli, struct input *in, struct ct_search *s,
		       struct ct_err *err)
{
	*s = (struct ct_search){
		.limit = ct_args_int(cli->args, "limit", LIMIT),
		.has_type = ct_args_count(cli->args, "type") > 0,
		.type = type_of(ct_str(ct_args_text(cli->args, "type"))),
		.depth = ct_str(ct_args_text(cli->args, "depth")),
		.topic = ct_str(ct_args_text(cli->args, "topic")),
		.time_range = ct_str(ct_args_text(cli->args, "time-range")),
		.include = in->include,
		.exclude = in->exclude,
		.answer = ct_args_count(cli->args, "answer") > 0,
	};
	int rc = read_query(cli, &in->query, err);
	if (rc == CT_OK)
		rc = read_domains(cli, "include-domain", in->include, &s->include_count, err);
	if (rc == CT_OK)
		rc = read_domains(cli, "exclude-domain", in->exclude, &s->exclude_count, err);
	s->query = ct_buf_str(&in->query);
	return rc;
}

static void print_json(struct ct_cli *cli, const struct ct_searching *s)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	ct_jw_key(&jw, "results");
	ct_found_json(&jw, s->found, s->count);
	ct_jw_member_int(&jw, "total", s->total);
	ct_jw_member(&jw, "provider", s->provider);
	if (s->incomplete)
		ct_jw_member_bool(&jw, "incomplete", true);
	if (s->search.answer)
		ct_jw_member_or_null(&jw, "answer",
				     s->answer.len > 0 ? s->answer : (struct ct_str){ NULL, 0 });
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &text);
}

static void print_text(struct ct_cli *cli, const struct ct_searching *s)
{
	struct ct_str answer = ct_str_trim(s->answer);

	if (s->search.answer)
		ct_search_print_prose(&cli->out, answer);
	if (s->search.answer && answer.len > 0 && s->count > 0)
		ct_out_write(&cli->out, ct_str("\n"));
	ct_search_print(&cli->out, s->found, s->count);
	if (s->count == 0 && cli->verbose >= 0)
		ct_out_notice(&cli->out, "nothing was found");
}

/* The conversation that takes the results; its turn is the query and the list. */
static int join(struct ct_cli *cli, struct ct_searching *s, struct ct_conversation **out,
		struct ct_err *err)
{
	const char *id = ct_args_text(cli->args, "conversation");
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(2 * QUERY_BYTES);
	struct ct_request unused = { .task = CT_TASK_SEARCH };

	*out = NULL;
	if (id == NULL)
		return CT_OK;
	if (s->options.no_log)
		return ct_fail(err, CT_EUSAGE, "--conversation and --no-log do not go together");
	int rc = ct_conversation_resume(cli->app, ct_str(id), s->options.user_id, out, err);
	if (rc != CT_OK)
		return rc;
	(*out)->needed = true;
	ct_buf_printf(&text, "Search the web for: %.*s", CT_STR_ARG(s->search.query));
	return ct_conversation_ask(*out, &(struct ct_message){ .text = ct_buf_str(&text) },
				   &unused, &s->options, err);
}

static int search(struct ct_cli *cli, struct ct_searching *s, struct ct_err *err)
{
	struct ct_conversation *conversation = NULL;
	int rc = join(cli, s, &conversation, err);

	if (rc == CT_OK)
		rc = ct_search_run(cli, s, err);
	if (rc == CT_OK && cli->out.json)
		print_json(cli, s);
	else if (rc == CT_OK)
		print_text(cli, s);
	if (rc == CT_OK)
		rc = ct_chat_settle(cli, conversation, err);
	ct_conversation_destroy(conversation);
	return rc;
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	struct input in = { .query = CT_BUF_INIT(QUERY_BYTES) };
	struct ct_searching searching = { .task = CT_TASK_SEARCH };
	struct ct_candidates candidates;
	int rc = read_search(cli, &in, &searching.search, err);

	if (rc == CT_OK)
		rc = ct_search_read(cli, &searching, &candidates, err);
	if (rc == CT_OK)
		rc = search(cli, &searching, err);
	ct_searching_fini(&searching);
	ct_buf_fini(&in.query);
	return ct_exit_status(rc);
}

const struct ct_cmd ct_cmd_search = {
	.name = "search",
	.args = "[OPTION]... QUERY...",
	.summary = "Search the web, or a code host",
	.details = "The words of QUERY are joined by a blank. Nothing is printed where a search fails.",
	.needs = CT_NEEDS_CATALOG,
	.options = options,
	.run = run,
};

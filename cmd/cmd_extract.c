#include "codec/utf8.h"
#include "search.h"

enum { TEXT_BYTES = 256 << 20 };

static const struct ct_opt options[] = {
	{ "provider", 'p', CT_OPT_TEXT, "NAME", "Ask this one; else who can of search.primary and its fallback",
	  .words = "provider:extract" },
	{ "depth", 0, CT_OPT_CHOICE, "DEPTH", "How hard to look; advanced costs more",
	  .choices = "basic|advanced" },
	CT_SEARCH_CALL_OPTIONS("provider:extract"),
	{ .name = NULL },
};

static int read_urls(struct ct_cli *cli, struct ct_str *urls, size_t *count, struct ct_err *err)
{
	*count = ct_args_word_count(cli->args);
	if (*count == 0)
		return ct_fail(err, CT_EUSAGE, "no page is named");
	if (*count > CT_SEARCH_URLS_MAX)
		return ct_fail(err, CT_EUSAGE, "%zu pages at once are more than %d", *count,
			       CT_SEARCH_URLS_MAX);
	for (size_t i = 0; i < *count; i++) {
		urls[i] = ct_str(ct_args_word(cli->args, i));
		if (ct_is_web_url(urls[i]) && ct_utf8_valid(urls[i]) == urls[i].len)
			continue;
		ct_fail(err, CT_EUSAGE, "'%.100s' is no address of a page", urls[i].ptr);
		ct_hint(err, "It begins with http:// or https://.");
		return CT_EUSAGE;
	}
	return CT_OK;
}

/* Why a page has no text; empty: it has. */
static struct ct_str failure_of(const struct ct_found *page)
{
	if (page->error.len > 0)
		return page->error;
	return ct_str_trim(page->text).len > 0 ? (struct ct_str){ NULL, 0 } :
						 ct_str("there is no text in it");
}

static size_t count_failed(const struct ct_searching *s)
{
	size_t failed = 0;

	for (size_t i = 0; i < s->count; i++)
		failed += failure_of(&s->found[i]).len > 0;
	return failed;
}

static void write_pages(struct ct_jw *jw, const struct ct_searching *s, bool failed)
{
	ct_jw_array(jw);
	for (size_t i = 0; i < s->count; i++) {
		struct ct_str why = failure_of(&s->found[i]);
		if ((why.len > 0) != failed)
			continue;
		ct_jw_object(jw);
		ct_jw_member(jw, "url", s->found[i].url);
		if (failed)
			ct_jw_member(jw, "error", why);
		else
			ct_jw_member(jw, "content", s->found[i].text);
		ct_jw_end_object(jw);
	}
	ct_jw_end_array(jw);
}

static void print_json(struct ct_cli *cli, const struct ct_searching *s)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_BYTES);
	struct ct_jw jw = ct_jw(&text);

	ct_jw_object(&jw);
	ct_jw_key(&jw, "results");
	write_pages(&jw, s, false);
	ct_jw_key(&jw, "failed_results");
	write_pages(&jw, s, true);
	ct_jw_member(&jw, "provider", s->provider);
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &text);
}

/* As `head` does with several files. */
static void print_text(struct ct_cli *cli, const struct ct_searching *s, bool several)
{
	bool first = true;

	for (size_t i = 0; i < s->count; i++) {
		const struct ct_found *page = &s->found[i];
		if (failure_of(page).len > 0)
			continue;
		if (several) {
			ct_out_write(&cli->out, ct_str(first ? "==> " : "\n==> "));
			ct_out_write(&cli->out, page->url);
			ct_out_write(&cli->out, ct_str(" <==\n"));
		}
		first = false;
		ct_out_write(&cli->out, page->text);
		if (page->text.ptr[page->text.len - 1] != '\n')
			ct_out_write(&cli->out, ct_str("\n"));
	}
}

static int print(struct ct_cli *cli, const struct ct_searching *s, struct ct_err *err)
{
	size_t failed = count_failed(s);

	for (size_t i = 0; i < s->count && failed > 0 && failed < s->count; i++)
		if (failure_of(&s->found[i]).len > 0 && cli->verbose >= 0)
			ct_out_notice(&cli->out, "%.*s: %.*s", CT_STR_ARG(s->found[i].url),
				      CT_STR_ARG(failure_of(&s->found[i])));
	if (s->count == 0) {
		ct_fail(err, CT_EPROTO, "%.*s answered without any of the pages",
			CT_STR_ARG(s->provider));
		if (cli->out.json)
			ct_search_print_failure(cli, s, err);
		return CT_EPROTO;
	}
	if (failed == s->count)
		ct_fail(err, CT_EUPSTREAM, "%.*s could not read %s: %.*s",
			CT_STR_ARG(s->provider), failed > 1 ? "any of the pages" : s->found[0].url.ptr,
			CT_STR_ARG(failure_of(&s->found[0])));
	else if (failed > 0)
		ct_fail(err, CT_EUPSTREAM, "%zu of %zu pages could not be read", failed, s->count);
	if (failed < s->count && cli->out.json)
		print_json(cli, s);
	else if (failed < s->count)
		print_text(cli, s, s->search.url_count > 1);
	else if (cli->out.json)
		ct_search_print_failure(cli, s, err);
	cli->out.error_written = cli->out.json; /* the document says it */
	return failed > 0 ? CT_EUPSTREAM : CT_OK;
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	struct ct_str urls[CT_SEARCH_URLS_MAX];
	struct ct_searching s = { .task = CT_TASK_EXTRACT };
	struct ct_candidates candidates;
	int rc = read_urls(cli, urls, &s.search.url_count, err);

	s.search.urls = urls;
	s.search.depth = ct_str(ct_args_text(cli->args, "depth"));
	if (rc == CT_OK)
		rc = ct_search_read(cli, &s, &candidates, err);
	if (rc == CT_OK)
		rc = ct_search_run(cli, &s, err);
	if (rc == CT_OK)
		rc = print(cli, &s, err);
	ct_searching_fini(&s);
	return ct_exit_status(rc);
}

const struct ct_cmd ct_cmd_extract = {
	.name = "extract",
	.args = "[OPTION]... URL...",
	.summary = "Print the readable text of pages",
	.details = "Where a page cannot be read the others are printed, and the exit status is 1.",
	.needs = CT_NEEDS_CATALOG,
	.options = options,
	.run = run,
};

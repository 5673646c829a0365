#include <errno.h>
#include <math.h>
#include <poll.h>
#include <unistd.h>

#include "base/file.h"
#include "chat.h"
#include "codec/utf8.h"

enum { INPUT_BYTES = 32 << 20, PROMPT_BYTES = 256 << 20, PATIENCE_MS = 2000 };

static int check_utf8(struct ct_str text, const char *what, struct ct_err *err)
{
	size_t good = ct_utf8_valid(text);

	if (good < text.len)
		return ct_fail(err, CT_EINVALID, "%s is not valid UTF-8 (byte %zu)", what,
			       good + 1);
	if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
		return ct_fail(err, CT_EINVALID, "%s holds a NUL: that is no text", what);
	return CT_OK;
}

static struct ct_str keep(struct ct_chat_input *in, const struct ct_buf *text)
{
	return ct_arena_dup(&in->arena, ct_buf_str(text));
}

static int read_words(struct ct_cli *cli, struct ct_buf *out, bool *dash)
{
	size_t count = ct_args_word_count(cli->args), used = 0;

	for (size_t i = 0; i < count; i++) {
		const char *word = ct_args_word(cli->args, i);
		if (strcmp(word, "-") == 0 && !ct_args_after_dashes(cli->args, i)) {
			*dash = true;
			continue;
		}
		if (used++ > 0)
			ct_buf_puts(out, " ");
		ct_buf_puts(out, word);
	}
	return CT_OK;
}

/* Somebody who typed a command and sees nothing should know what it waits for. */
static void wait_for_stdin(struct ct_cli *cli)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	if (poll(&in, 1, PATIENCE_MS) == 0 && cli->verbose >= 0)
		ct_out_notice(&cli->out,
			      "waiting for standard input to end (--no-stdin leaves it alone)");
}

static int read_stdin(struct ct_cli *cli, struct ct_buf *out, struct ct_err *err)
{
	wait_for_stdin(cli);
	int rc = ct_file_read_fd(STDIN_FILENO, "standard input", out, err);
	if (rc != CT_OK)
		return rc == CT_ETOOBIG ? ct_fail(err, CT_EINVALID,
						  "standard input is over %d bytes", INPUT_BYTES) :
					  rc;
	return check_utf8(ct_buf_str(out), "standard input", err);
}

/* The words, a blank line, and what stdin holds; either alone will do. */
static int read_prompt(struct ct_cli *cli, struct ct_chat_input *in, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(PROMPT_BYTES);
	CT_CLEANUP(ct_buf_fini) struct ct_buf piped = CT_BUF_INIT(INPUT_BYTES);
	bool dash = false, closed = poll(&(struct pollfd){ .fd = STDIN_FILENO }, 1, 0) < 0;

	read_words(cli, &text, &dash);
	int rc = check_utf8(ct_buf_str(&text), "the prompt", err);
	bool wanted = dash || (!in->words_only && !ct_args_count(cli->args, "no-stdin") &&
			       !isatty(STDIN_FILENO));
	if (rc == CT_OK && wanted && !closed && !ct_chat_attaches_stdin(cli))
		rc = read_stdin(cli, &piped, err);
	if (rc != CT_OK)
		return rc;
	struct ct_str rest = ct_buf_str(&piped);
	if (text.len > 0 && ct_str_trim(rest).len > 0)
		ct_buf_puts(&text, "\n\n");
	if (ct_str_trim(rest).len > 0)
		ct_buf_add(&text, rest);
	rc = ct_chat_fill_template(cli, in, &text, err);
	if (rc == CT_OK)
		rc = ct_chat_attach(cli, in, &text, err);
	if (rc == CT_OK)
		rc = ct_buf_check(&text, "the prompt", err);
	if (rc != CT_OK)
		return rc;
	in->message.text = keep(in, &text);
	in->message.role = CT_ROLE_USER;
	if (ct_str_trim(in->message.text).len > 0 || in->message.part_count > 0)
		return CT_OK;
	ct_fail(err, CT_EUSAGE, "the prompt is empty");
	ct_hint(err, in->words_only ? "Give it as words." :
				      "Give it as words (cartrita chat \"…\") or on standard input.");
	return CT_EUSAGE;
}

static int read_system(struct ct_cli *cli, struct ct_chat_input *in, struct ct_err *err)
{
	const char *given = ct_args_text(cli->args, "system");
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(INPUT_BYTES);

	if (given == NULL)
		return CT_OK;
	if (given[0] != '@') {
		in->request.system = ct_str(given);
		return check_utf8(in->request.system, "--system", err);
	}
	int rc = ct_file_read(given + 1, &text, err);
	if (rc != CT_OK)
		return ct_fail(err, CT_EUSAGE, "--system: %s", err->msg);
	in->request.system = keep(in, &text);
	return check_utf8(in->request.system, given + 1, err);
}

static int read_stops(struct ct_cli *cli, struct ct_request *r, struct ct_err *err)
{
	const char *stop;

	for (size_t i = 0; (stop = ct_args_at(cli->args, "stop", i)) != NULL; i++) {
		if (i == CT_STOPS_MAX)
			return ct_fail(err, CT_EUSAGE, "--stop: %d at most", CT_STOPS_MAX);
		if (*stop == '\0')
			return ct_fail(err, CT_EUSAGE, "--stop must not be empty");
		if (check_utf8(ct_str(stop), "--stop", err) != CT_OK)
			return CT_EINVALID;
		r->stops[r->stop_count++] = ct_str(stop);
	}
	return CT_OK;
}

/* KEY=VALUE: VALUE as JSON where it is that, else as text. */
static int read_option(struct ct_chat_input *in, const char *given, struct ct_err *err)
{
	const char *equals = strchr(given, '=');
	struct ct_option *option = &in->options[in->request.option_count];
	const struct ct_json *value;

	if (equals == NULL || equals == given)
		return ct_fail(err, CT_EUSAGE, "--option wants KEY=VALUE, not '%.60s'", given);
	option->key = (struct ct_str){ given, (size_t)(equals - given) };
	option->json = ct_str(equals + 1);
	if (ct_json_parse(&in->arena, option->json, CT_JSON_STRICT, &value, NULL) != CT_OK) {
		CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(INPUT_BYTES);
		struct ct_jw jw = ct_jw(&text);
		ct_jw_str(&jw, option->json);
		option->json = keep(in, &text);
	}
	in->request.option_count++;
	return check_utf8(ct_str(given), "--option", err);
}

static int read_options(struct ct_cli *cli, struct ct_chat_input *in, struct ct_err *err)
{
	const char *given;
	int rc = CT_OK;

	for (size_t i = 0; rc == CT_OK && (given = ct_args_at(cli->args, "option", i)); i++) {
		if (i == CT_CHAT_OPTIONS_MAX)
			return ct_fail(err, CT_EUSAGE, "--option: %d at most",
				       CT_CHAT_OPTIONS_MAX);
		rc = read_option(in, given, err);
	}
	in->request.options = in->options;
	return rc;
}

static void read_sampling(struct ct_cli *cli, struct ct_request *r)
{
	r->has_temperature = ct_args_count(cli->args, "temperature") > 0;
	r->temperature = ct_args_num(cli->args, "temperature", 0);
	r->has_top_p = ct_args_count(cli->args, "top-p") > 0;
	r->top_p = ct_args_num(cli->args, "top-p", 0);
	r->has_seed = ct_args_count(cli->args, "seed") > 0;
	r->seed = ct_args_int(cli->args, "seed", 0);
	r->max_tokens = ct_args_int(cli->args, "max-tokens", 0);
	r->effort = ct_str(ct_args_text(cli->args, "effort"));
	r->user = ct_str(ct_args_text(cli->args, "user"));
	r->reasoning = ct_args_count(cli->args, "reasoning") > 0;
	r->stream = ct_args_count(cli->args, "no-stream") == 0;
}

static int check_together(struct ct_cli *cli, const char *one, const char *other,
			  struct ct_err *err)
{
	if (ct_args_count(cli->args, one) == 0 || ct_args_count(cli->args, other) == 0)
		return CT_OK;
	return ct_fail(err, CT_EUSAGE, "--%s and --%s do not go together", one, other);
}

int ct_chat_read_options(struct ct_cli *cli, struct ct_chat_input *in, struct ct_err *err)
{
	int rc = check_together(cli, "stream", "no-stream", err);

	if (rc == CT_OK)
		rc = check_together(cli, "fallback", "no-fallback", err);
	if (rc == CT_OK)
		rc = check_together(cli, "json", "output", err);
	if (rc == CT_OK)
		rc = check_together(cli, "web", "dry-run", err);
	in->choice = (struct ct_choice){
		.provider = ct_args_text(cli->args, "provider"),
		.model = ct_args_text(cli->args, "model"),
		.fallback = ct_args_text(cli->args, "fallback"),
		.no_fallback = ct_args_count(cli->args, "no-fallback") > 0,
	};
	read_sampling(cli, &in->request);
	in->request.messages = &in->message;
	in->request.message_count = 1;
	if (rc == CT_OK)
		rc = check_utf8(in->request.user, "--user", err);
	if (rc == CT_OK)
		rc = read_stops(cli, &in->request, err);
	if (rc == CT_OK)
		rc = read_options(cli, in, err);
	if (rc == CT_OK)
		rc = read_system(cli, in, err);
	return rc;
}

int ct_chat_read(struct ct_cli *cli, struct ct_chat_input *in, struct ct_err *err)
{
	int rc = ct_chat_read_options(cli, in, err);

	return rc == CT_OK ? read_prompt(cli, in, err) : rc;
}

void ct_chat_input_fini(struct ct_chat_input *in)
{
	ct_attached_fini(&in->attached);
	ct_arena_fini(&in->arena);
}

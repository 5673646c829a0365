/* A question of the session and its answer. Ctrl-C stops the answer, not the session. */
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "chat_web.h"
#include "repl.h"
#include "service/fetch.h"
#include "service/interrupt.h"

enum { PROMPT_BYTES = 256 << 20 };

/* A question on its way. */
struct asking {
	struct ct_repl *repl;
	struct ct_chat_print print;
	struct ct_call *call;
	struct ct_chat_web web; /* with /web, in place of call */
	int code;
	struct ct_err *err;
};

static void stop(struct asking *a)
{
	if (a->call != NULL)
		ct_call_cancel(a->call);
	else
		ct_web_stop(&a->web.web);
}

static void on_event(void *user, const struct ct_call_event *event)
{
	struct asking *a = user;

	ct_chat_print_event(&a->print, event);
	if (a->repl->cli->out.closed || a->repl->cli->out.failed)
		stop(a);
}

static void count(struct ct_repl *r, const struct ct_call_result *result)
{
	r->answered += result->code == CT_OK;
	if (result->usage.known) {
		r->input_tokens += result->usage.input;
		r->output_tokens += result->usage.output;
	}
	if (result->cost_usd_nanos < 0)
		return;
	r->cost_usd_nanos += result->cost_usd_nanos;
	r->cost_known = true;
}

static void on_done(void *user, const struct ct_call_result *result)
{
	struct asking *a = user;

	a->code = ct_chat_print_result(&a->print, result, true, a->err);
	count(a->repl, result);
}

static void on_interrupt(void *user, enum ct_interrupt_cause cause)
{
	struct asking *a = user;

	if (cause == CT_INTERRUPT_READER)
		a->repl->cli->out.closed = true;
	stop(a);
}

/* What is typed meanwhile is for the next line: it is not echoed into the answer. */
static void set_echo(bool on)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t) != 0)
		return;
	if (on)
		t.c_lflag |= ECHO;
	else
		t.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

static void run(struct asking *a)
{
	struct ct_repl *r = a->repl;
	struct ct_interrupt *interrupt = NULL;

	ct_chat_print_open(&a->print, r->raw);
	a->print.spinner = ct_spinner_start(r->cli);
	ct_interrupt_watch(r->cli->app->loop, on_interrupt, a, &interrupt, NULL);
	set_echo(false);
	if (a->call != NULL)
		ct_call_wait(a->call);
	else if (ct_chat_web_run(&a->web, a->err) != CT_OK && !a->web.web.told)
		a->code = a->err->code;
	set_echo(true);
	int signal = ct_interrupt_signal(interrupt);
	r->killed = r->killed || signal == SIGHUP || signal == SIGTERM;
	ct_interrupt_end(interrupt);
	ct_chat_print_fini(&a->print);
}

static int ask(struct ct_repl *r, const struct ct_message *message, struct ct_err *err)
{
	static const struct ct_call_handler handler = { on_event, on_done };
	struct ct_request request = r->in.request;
	struct ct_call_options options = r->options;
	struct ct_candidates candidates;
	struct asking a = { .repl = r, .err = err, .print = { .cli = r->cli } };

	int rc = ct_candidates_find(r->cli->app, &r->in.choice, &candidates, err);
	if (rc == CT_OK)
		rc = message != NULL ?
			     ct_conversation_ask(r->talk, message, &request, &options, err) :
			     ct_conversation_retry(r->talk, &request, &options, err);
	if (rc == CT_OK && r->web) {
		a.web.web = (struct ct_web){ .request = &request,
					     .candidates = &candidates,
					     .options = options,
					     .handler = handler,
					     .user = &a };
		rc = ct_chat_web_init(&a.web, &a.print, err);
	} else if (rc == CT_OK) {
		rc = ct_call_start(r->cli->app, &request, &candidates, &options, &handler, &a,
				   &a.call, err);
	}
	if (rc != CT_OK)
		return rc;
	a.print.show_reasoning = request.reasoning;
	r->asked++;
	run(&a);
	ct_web_fini(&a.web.web);
	ct_conversation_settle(r->talk, NULL); /* it warns of what is not kept */
	return a.code;
}

static void drop_attached(struct ct_repl *r)
{
	ct_attached_fini(&r->attached);
	r->attached = (struct ct_attached)CT_ATTACHED_INIT;
	r->attached_count = 0;
}

int ct_repl_ask(struct ct_repl *r, struct ct_str prompt, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(PROMPT_BYTES);
	struct ct_message message = { .role = CT_ROLE_USER };

	ct_buf_add(&text, prompt);
	if (text.len > 0 && r->attached.text.len > 0)
		ct_buf_puts(&text, "\n\n");
	ct_buf_add(&text, ct_buf_str(&r->attached.text));
	int rc = ct_buf_check(&text, "the prompt", err);
	if (rc != CT_OK)
		return rc;
	message.text = ct_buf_str(&text);
	message.parts = r->attached.parts;
	message.part_count = r->attached.part_count;
	rc = ask(r, &message, err);
	ct_buf_clear(&r->unanswered);
	if (rc == CT_OK)
		drop_attached(r);
	else /* with what is attached, which is still there */
		ct_buf_add(&r->unanswered, prompt);
	return rc;
}

int ct_repl_ask_again(struct ct_repl *r, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf prompt = CT_BUF_INIT(CT_LINE_BYTES);

	if (r->unanswered.len == 0)
		return ask(r, NULL, err);
	ct_buf_add(&prompt, ct_buf_str(&r->unanswered));
	return ct_repl_ask(r, ct_buf_str(&prompt), err);
}

static void on_fetch_interrupt(void *user, enum ct_interrupt_cause cause)
{
	struct ct_repl *r = user;

	(void)cause;
	ct_attach_cancel(r->cli->app, &r->attached);
}

int ct_repl_attach(struct ct_repl *r, const char *path, struct ct_err *err)
{
	struct ct_interrupt *interrupt = NULL;
	bool url = ct_fetch_is_url(path);

	if (strcmp(path, "-") == 0)
		return ct_fail(err, CT_EUSAGE, "standard input is the terminal: name a file");
	int rc = url ? ct_app_open_net(r->cli->app, err) : CT_OK;
	if (rc != CT_OK)
		return rc;
	if (url)
		ct_interrupt_watch(r->cli->app->loop, on_fetch_interrupt, r, &interrupt, NULL);
	rc = ct_attach(r->cli->app, path, &r->attached, err);
	r->attached.cancelled = false;
	ct_interrupt_end(interrupt);
	r->attached_count += rc == CT_OK;
	return rc;
}

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "service/doctor.h"

enum { TEXT_MAX = 1 << 20 };

struct doctor {
	struct ct_cli *cli;
	struct ct_jw jw; /* with --json */
	size_t wrong;
};

static const char *const names[] = {
	[CT_VERDICT_FINE] = "ok", [CT_VERDICT_NOTE] = "note", [CT_VERDICT_WRONG] = "wrong"
};

static void print_row(struct ct_out *out, const struct ct_finding *f)
{
	static const char *const colors[] = { [CT_VERDICT_FINE] = "\033[32m",
					      [CT_VERDICT_NOTE] = "\033[33m",
					      [CT_VERDICT_WRONG] = "\033[31m" };

	ct_out_printf(out, "%s%-5s%s  %-13s  %s\n", out->color ? colors[f->verdict] : "",
		      names[f->verdict], out->color ? "\033[0m" : "", f->topic, f->says);
	if (*f->advice != '\0')
		ct_out_printf(out, "%22s%s\n", "", f->advice);
}

static void on_finding(void *user, const struct ct_finding *f)
{
	struct doctor *d = user;

	d->wrong += f->verdict == CT_VERDICT_WRONG;
	if (!d->cli->out.json) {
		print_row(&d->cli->out, f);
		return;
	}
	ct_jw_object(&d->jw);
	ct_jw_member(&d->jw, "topic", ct_str(f->topic));
	ct_jw_member(&d->jw, "verdict", ct_str(names[f->verdict]));
	ct_jw_member(&d->jw, "message", ct_str(f->says));
	ct_jw_member_or_null(&d->jw, "advice", ct_str(*f->advice != '\0' ? f->advice : NULL));
	ct_jw_end_object(&d->jw);
}

static void look_at_terminal(struct doctor *d)
{
	const struct ct_out *out = &d->cli->out;
	const char *term = getenv("TERM");
	setlocale(LC_CTYPE, ""); /* what the environment says, not what we made of it */
	const char *codeset = nl_langinfo(CODESET);
	bool utf8 = strcmp(codeset, "UTF-8") == 0;
	char says[512];

	if (!out->is_tty)
		snprintf(says, sizeof(says), "standard output is no terminal");
	else
		snprintf(says, sizeof(says), "%s, %d columns, %s, %s",
			 term != NULL ? term : "TERM is not set", out->width, codeset,
			 out->color ? "colours" : "no colours");
	on_finding(d, &(struct ct_finding){
			      "terminal", utf8 ? CT_VERDICT_FINE : CT_VERDICT_NOTE, says,
			      utf8 ? "" : "Set a UTF-8 locale: export LANG=C.UTF-8" });
}

static int run(struct ct_cli *cli, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(TEXT_MAX);
	struct doctor d = { .cli = cli, .jw = ct_jw(&text) };

	(void)err;
	ct_jw_array(&d.jw);
	look_at_terminal(&d);
	ct_doctor(cli->app, ct_args_count(cli->args, "offline") == 0, on_finding, &d);
	ct_jw_end_array(&d.jw);
	if (cli->out.json)
		ct_out_json(&cli->out, &text);
	return d.wrong == 0 ? CT_EXIT_OK : CT_EXIT_FAILED;
}

static const struct ct_opt options[] = {
	{ "offline", 0, CT_OPT_FLAG, NULL, "Ask no provider" },
	{ .name = NULL },
};

const struct ct_cmd ct_cmd_doctor = {
	.name = "doctor",
	.args = "[OPTION]...",
	.summary = "Find out what is wrong with the setup, and what to do",
	.details = "Looks at the terminal, versions, certificates, proxy, store, configuration and keys, "
		   "and asks the configured providers. Exit 1 when something is wrong.",
	.options = options,
	.run = run,
};

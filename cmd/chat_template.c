/* --template and --var of `cartrita chat`. */
#include "chat.h"
#include "codec/utf8.h"
#include "service/template.h"

enum { VARS_MAX = 64 };

struct vars {
	struct ct_template_var list[VARS_MAX];
	size_t count;
};

static int read_vars(struct ct_cli *cli, struct vars *vars, struct ct_err *err)
{
	const char *given;

	for (size_t i = 0; (given = ct_args_at(cli->args, "var", i)) != NULL; i++) {
		if (i == VARS_MAX)
			return ct_fail(err, CT_EUSAGE, "--var: %d at most", VARS_MAX);
		if (ct_utf8_valid(ct_str(given)) < strlen(given))
			return ct_fail(err, CT_EINVALID, "--var is not valid UTF-8");
		int rc = ct_template_var_read(given, &vars->list[vars->count++], err);
		if (rc != CT_OK)
			return rc;
	}
	return CT_OK;
}

/* attached: files follow, so that nothing else need be said. */
static int fill_prompt(const struct ct_template *template, struct vars *vars, bool attached,
		       struct ct_buf *prompt, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_TEMPLATE_BYTES);
	struct ct_str input = prompt->len > 0 ? ct_buf_str(prompt) : ct_str("");

	if (attached && ct_str_trim(input).len == 0)
		input = (struct ct_str){ NULL, 0 };
	int rc = ct_template_prompt(template, vars->list, vars->count, input, &text, err);

	if (rc != CT_OK)
		return rc;
	ct_buf_clear(prompt);
	ct_buf_add(prompt, ct_buf_str(&text));
	return CT_OK;
}

/* -s says it better than a template. */
static int fill_system(const struct ct_template *template, struct vars *vars,
		       struct ct_chat_input *in, struct ct_err *err)
{
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(CT_TEMPLATE_BYTES);
	int rc = ct_template_system(template, vars->list, vars->count, &text, err);

	if (rc != CT_OK || in->request.system.ptr != NULL || text.len == 0)
		return rc;
	in->request.system = ct_arena_dup(&in->arena, ct_buf_str(&text));
	return in->request.system.ptr != NULL
		       ? CT_OK
		       : ct_fail(err, CT_ENOMEM, "no memory for the template");
}

static void warn_unused(struct ct_cli *cli, const struct vars *vars,
			const struct ct_template *template)
{
	for (size_t i = 0; i < vars->count && cli->verbose >= 0; i++)
		if (!vars->list[i].used)
			ct_out_notice(&cli->out,
				      "template %.*s has no place for --var %.*s",
				      CT_STR_ARG(template->name),
				      CT_STR_ARG(vars->list[i].name));
}

int ct_chat_fill_template(struct ct_cli *cli, struct ct_chat_input *in,
			  struct ct_buf *prompt, struct ct_err *err)
{
	const char *name = ct_args_text(cli->args, "template");
	const struct ct_template *template;
	struct vars vars = { .count = 0 };

	if (name == NULL && ct_args_count(cli->args, "var") > 0)
		return ct_fail(err, CT_EUSAGE, "--var is nothing without --template");
	if (name == NULL)
		return CT_OK;
	int rc = read_vars(cli, &vars, err);
	if (rc == CT_OK)
		rc = ct_template_find(cli->app->config, ct_str(name), &template, err);
	if (rc == CT_OK)
		rc = fill_prompt(template, &vars, ct_args_count(cli->args, "file") > 0,
				 prompt, err);
	if (rc == CT_OK)
		rc = fill_system(template, &vars, in, err);
	if (rc != CT_OK)
		return rc;
	warn_unused(cli, &vars, template);
	/* of another provider the template's model may know nothing */
	if (in->choice.model == NULL && in->choice.provider == NULL &&
	    template->model.len > 0)
		in->choice.model = template->model.ptr;
	return CT_OK;
}

#include "service/template.h"

#include "service/config_impl.h"

/* A text while it is filled in. */
struct filling {
	const struct ct_template *template;
	struct ct_template_var *vars;
	size_t var_count;
	const struct ct_str *input; /* NULL: it has no place here */
	bool input_used;
	struct ct_buf *out;
};

static struct ct_str nearest(const struct ct_config *config, struct ct_str name)
{
	unsigned least = name.len > 5 ? 4 : 3;
	struct ct_str best = { NULL, 0 };

	for (size_t i = 0; i < config->template_count; i++) {
		struct ct_str known = config->templates[i].name;
		unsigned distance = ct_str_distance(name, known);
		if (distance < least && distance < known.len) {
			least = distance;
			best = known;
		}
	}
	return best;
}

int ct_template_find(const struct ct_config *config, struct ct_str name,
		     const struct ct_template **out, struct ct_err *err)
{
	for (size_t i = 0; i < config->template_count; i++) {
		*out = &config->templates[i];
		if (ct_str_eq((*out)->name, name))
			return CT_OK;
	}
	struct ct_str near = nearest(config, name);
	ct_fail(err, CT_EUSAGE, "there is no template '%.*s'", CT_STR_ARG(name));
	if (near.len > 0)
		ct_hint(err, "Did you mean %.*s?", CT_STR_ARG(near));
	else
		ct_hint(err,
			"Templates stand in the configuration: see cartrita-config(1).");
	return CT_EUSAGE;
}

int ct_template_var_read(const char *text, struct ct_template_var *out,
			 struct ct_err *err)
{
	const char *equals = strchr(text, '=');

	*out = (struct ct_template_var){ .used = false };
	if (equals != NULL) {
		out->name = (struct ct_str){ text, (size_t)(equals - text) };
		out->value = ct_str(equals + 1);
	}
	if (equals == NULL || !ct_config_is_name(out->name))
		return ct_fail(err, CT_EUSAGE, "--var wants NAME=VALUE, not '%.60s'",
			       text);
	if (ct_str_is(out->name, "input"))
		return ct_fail(
			err, CT_EUSAGE,
			"--var input: {{input}} is the prompt itself, not a variable");
	return CT_OK;
}

enum { GAP_BYTES = 256 }; /* a name with blanks around it is no longer */

/* The name in "{{ name }}" at the beginning of text, and its length with the braces; 0: there is none. */
static size_t read_gap(struct ct_str text, struct ct_str *name)
{
	if (!ct_str_starts(text, "{{"))
		return 0;
	size_t most = text.len < GAP_BYTES ? text.len : GAP_BYTES;
	const char *end = memmem(text.ptr, most, "}}", 2);
	if (end == NULL)
		return 0;
	size_t len = (size_t)(end - text.ptr);
	*name = ct_str_trim((struct ct_str){ text.ptr + 2, len - 2 });
	return ct_config_is_name(*name) ? len + 2 : 0;
}

static int missing(const struct filling *f, struct ct_str name, struct ct_err *err)
{
	ct_fail(err, CT_EUSAGE, "template %.*s wants a value for '%.*s'",
		CT_STR_ARG(f->template->name), CT_STR_ARG(name));
	for (size_t i = 0; i < f->var_count; i++)
		if (ct_str_distance(name, f->vars[i].name) < 3) {
			ct_hint(err, "You gave one for '%.*s'.",
				CT_STR_ARG(f->vars[i].name));
			return CT_EUSAGE;
		}
	ct_hint(err, "Give it with --var %.*s=VALUE.", CT_STR_ARG(name));
	return CT_EUSAGE;
}

static int fill_gap(struct filling *f, struct ct_str name, struct ct_err *err)
{
	if (ct_str_is(name, "input") && f->input != NULL) {
		if (ct_str_trim(*f->input).len == 0 && f->input->ptr != NULL)
			return ct_fail(err, CT_EUSAGE, "template %.*s wants a prompt",
				       CT_STR_ARG(f->template->name));
		f->input_used = true;
		ct_buf_add(f->out, *f->input);
		return CT_OK;
	}
	const struct ct_template_var *given = NULL;
	for (size_t i = 0; i < f->var_count; i++) {
		if (!ct_str_eq(f->vars[i].name, name))
			continue;
		f->vars[i].used = true;
		given = &f->vars[i]; /* of one that was given twice the last counts */
	}
	if (given == NULL)
		return missing(f, name, err);
	ct_buf_add(f->out, given->value);
	return CT_OK;
}

static int fill(struct filling *f, struct ct_str text, struct ct_err *err)
{
	int rc = CT_OK;

	while (rc == CT_OK && text.len > 0) {
		const char *brace = memmem(text.ptr, text.len, "{{", 2);
		size_t plain = brace != NULL ? (size_t)(brace - text.ptr) : text.len;
		struct ct_str name;

		ct_buf_append(f->out, text.ptr, plain);
		text = ct_str_from(text, plain);
		size_t gap = read_gap(text, &name);
		if (gap > 0) {
			rc = fill_gap(f, name, err);
		} else if (text.len >
			   0) { /* one brace, so that "{{{x}}" still has its gap */
			gap = 1;
			ct_buf_append(f->out, text.ptr, 1);
		}
		text = ct_str_from(text, gap);
	}
	return rc == CT_OK ? ct_buf_check(f->out, "the prompt of the template", err) : rc;
}

int ct_template_prompt(const struct ct_template *template, struct ct_template_var *vars,
		       size_t var_count, struct ct_str input, struct ct_buf *out,
		       struct ct_err *err)
{
	struct filling f = { .template = template,
			     .vars = vars,
			     .var_count = var_count,
			     .input = &input,
			     .out = out };
	int rc = fill(&f, template->prompt, err);

	if (rc != CT_OK || f.input_used || ct_str_trim(input).len == 0)
		return rc;
	if (out->len > 0)
		ct_buf_puts(out, "\n\n");
	ct_buf_add(out, input);
	return ct_buf_check(out, "the prompt of the template", err);
}

int ct_template_system(const struct ct_template *template, struct ct_template_var *vars,
		       size_t var_count, struct ct_buf *out, struct ct_err *err)
{
	struct filling f = {
		.template = template, .vars = vars, .var_count = var_count, .out = out
	};

	return fill(&f, template->system, err);
}

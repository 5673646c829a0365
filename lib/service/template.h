/*
 * Templates: prompts of the configuration with gaps. {{name}} is filled from what was given for
 * it, {{input}} with what the user says now; blanks within the braces are allowed. Braces
 * around anything that is no name stand for themselves, and so do those of a value.
 */
#ifndef CT_SERVICE_TEMPLATE_H
#define CT_SERVICE_TEMPLATE_H

#include "service/config.h"

enum { CT_TEMPLATE_BYTES = 64 << 20 }; /* of a text that was filled in */

/* --var NAME=VALUE */
struct ct_template_var {
	struct ct_str name, value;
	bool used;
};

/* The template of that name. CT_EUSAGE where there is none, with the nearest one. */
int ct_template_find(const struct ct_config *config, struct ct_str name,
		     const struct ct_template **out, struct ct_err *err);

/* "NAME=VALUE". CT_EUSAGE. */
int ct_template_var_read(const char *text, struct ct_template_var *out,
			 struct ct_err *err);

/*
 * The prompt of a template: filled in, and where it has no {{input}}, followed by a blank line and
 * input, where there is any. CT_EUSAGE for a variable that was not given, or an input that was not:
 * "" or blanks. {NULL, 0} fills {{input}} with nothing: what the user says is in files that follow.
 */
int ct_template_prompt(const struct ct_template *template, struct ct_template_var *vars,
		       size_t var_count, struct ct_str input, struct ct_buf *out,
		       struct ct_err *err);

/* Its system prompt, filled in; {{input}} is none of its variables. */
int ct_template_system(const struct ct_template *template, struct ct_template_var *vars,
		       size_t var_count, struct ct_buf *out, struct ct_err *err);

#endif

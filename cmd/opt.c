#include "opt.h"

#include <math.h>
#include <stdlib.h>

enum {
	SHOWN = 60, /* bytes of a bad value that its error repeats */
	NEAR = 3, /* edits that still make a near miss */
};

struct given {
	const struct ct_opt *opt;
	const char *value; /* NULL for flags */
};

struct ct_args {
	struct given *given;
	size_t given_count;
	const char **words;
	size_t word_count;
	size_t dashes_word; /* index of the first word after `--` */
	int dashes_at;
};

/* args is NULL where options are only skipped. */
struct parser {
	const struct ct_opt *tables[2];
	int argc, at;
	char **argv;
	struct ct_args *args;
	struct ct_err *err;
};

/* The index-th option of both tables, the command's first; NULL past the last. */
static const struct ct_opt *opt_at(const struct parser *p, size_t index)
{
	for (size_t t = 0; t < CT_COUNT(p->tables); t++)
		for (const struct ct_opt *o = p->tables[t]; o && o->name; o++)
			if (index-- == 0)
				return o;
	return NULL;
}

static bool is_named(const struct ct_opt *opt, struct ct_str name)
{
	return ct_str_is(name, opt->name) || (opt->also && ct_str_is(name, opt->also));
}

static bool begins(const char *name, struct ct_str part)
{
	return name && strncmp(name, part.ptr, part.len) == 0;
}

static int unknown(const struct parser *p, struct ct_str name)
{
	const struct ct_opt *nearest = NULL, *o;
	unsigned least = NEAR + 1;

	for (size_t i = 0; (o = opt_at(p, i)) != NULL; i++) {
		unsigned d = ct_str_distance(name, ct_str(o->name));
		if (d < least && d < strlen(o->name)) {
			least = d;
			nearest = o;
		}
	}
	ct_fail(p->err, CT_EUSAGE, "unknown option '--%.*s'",
		(int)(name.len < SHOWN ? name.len : SHOWN), name.ptr);
	if (nearest)
		ct_hint(p->err, "Did you mean '--%s'?", nearest->name);
	return CT_EUSAGE;
}

static int find_long(const struct parser *p, struct ct_str name, const struct ct_opt **out)
{
	const struct ct_opt *found = NULL, *o;

	for (size_t i = 0; (o = opt_at(p, i)) != NULL; i++) {
		if (!is_named(o, name))
			continue;
		*out = o;
		return CT_OK;
	}
	for (size_t i = 0; (o = opt_at(p, i)) != NULL; i++) {
		if (!begins(o->name, name) && !begins(o->also, name))
			continue;
		/* the command's option hides a global one of the same name */
		if (found && strcmp(found->name, o->name) != 0)
			return ct_fail(p->err, CT_EUSAGE,
				       "'--%.*s' could be '--%s' or '--%s'",
				       CT_STR_ARG(name), found->name, o->name);
		found = found ? found : o;
	}
	*out = found;
	return found ? CT_OK : unknown(p, name);
}

static const struct ct_opt *find_letter(const struct parser *p, char letter)
{
	const struct ct_opt *o;

	for (size_t i = 0; (o = opt_at(p, i)) != NULL; i++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static int bad_range(const struct parser *p, const struct ct_opt *opt, const char *value)
{
	double number;
	bool broken = opt->type == CT_OPT_INT && ct_str_num(ct_str(value), &number) &&
		      number >= opt->min && number <= opt->max;

	if (isinf(opt->max))
		return ct_fail(p->err, CT_EUSAGE, "--%s must be a number from %.16g, not '%.*s'",
			       opt->name, opt->min, SHOWN, value);
	return ct_fail(p->err, CT_EUSAGE, "--%s must be %sfrom %.16g to %.16g, not '%.*s'",
		       opt->name, broken ? "a whole number " : "", opt->min, opt->max, SHOWN, value);
}

static bool is_choice(const char *choices, struct ct_str value)
{
	while (*choices != '\0') {
		size_t len = strcspn(choices, "|");
		if (ct_str_eq(value, (struct ct_str){ choices, len }))
			return true;
		choices += len + (choices[len] == '|');
	}
	return false;
}

static int check_value(const struct parser *p, const struct ct_opt *opt, const char *value)
{
	int64_t whole;
	double number;

	switch (opt->type) {
	case CT_OPT_INT:
		if (!ct_str_int(ct_str(value), &whole) || (double)whole < opt->min ||
		    (double)whole > opt->max)
			return bad_range(p, opt, value);
		return CT_OK;
	case CT_OPT_NUM:
		if (!ct_str_num(ct_str(value), &number) || number < opt->min ||
		    number > opt->max)
			return bad_range(p, opt, value);
		return CT_OK;
	case CT_OPT_CHOICE:
		if (!is_choice(opt->choices, ct_str(value)))
			return ct_fail(p->err, CT_EUSAGE, "--%s must be one of %s, not '%.*s'",
				       opt->name, opt->choices, SHOWN, value);
		return CT_OK;
	default:
		/* an empty variable of a script must not mean the usual store, model, file */
		if (opt->words != NULL && value[0] == '\0')
			return ct_fail(p->err, CT_EUSAGE, "--%s is empty: it needs a value: %s",
				       opt->name, opt->value);
		return CT_OK;
	}
}

/* value is NULL for a flag. */
static int give(struct parser *p, const struct ct_opt *opt, const char *value)
{
	struct ct_args *args = p->args;

	if (args == NULL)
		return CT_OK;
	if (value != NULL && check_value(p, opt, value) != CT_OK)
		return CT_EUSAGE;

	struct given *more = realloc(args->given, (args->given_count + 1) * sizeof(*more));
	if (more == NULL)
		return ct_fail(p->err, CT_ENOMEM, "no memory for the command line");
	args->given = more;
	args->given[args->given_count++] = (struct given){ opt, value };
	return CT_OK;
}

/* attached: what stands in the same word, NULL where nothing does. Else the next word is the value. */
static int give_value(struct parser *p, const struct ct_opt *opt, const char *attached)
{
	if (attached != NULL)
		return give(p, opt, attached);
	if (opt->implied != NULL)
		return give(p, opt, opt->implied);
	if (p->at >= p->argc && p->args != NULL)
		return ct_fail(p->err, CT_EUSAGE, "--%s needs a value: %s", opt->name,
			       opt->choices ? opt->choices
			       : opt->value ? opt->value
					    : "VALUE");
	return p->at < p->argc ? give(p, opt, p->argv[p->at++]) : CT_OK;
}

static int take_long(struct parser *p, const char *text)
{
	const char *equals = strchr(text, '=');
	struct ct_str name = { text, equals ? (size_t)(equals - text) : strlen(text) };
	const struct ct_opt *opt = NULL;

	if (find_long(p, name, &opt) != CT_OK)
		return CT_EUSAGE;
	if (opt->type != CT_OPT_FLAG)
		return give_value(p, opt, equals ? equals + 1 : NULL);
	if (equals != NULL)
		return ct_fail(p->err, CT_EUSAGE, "--%s takes no value", opt->name);
	return give(p, opt, NULL);
}

/* "-vn5": flags, and at most one option with a value, which takes the rest or the next word. */
static int take_letters(struct parser *p, const char *letters)
{
	for (; *letters != '\0'; letters++) {
		const struct ct_opt *opt = find_letter(p, *letters);

		if (opt == NULL && *letters > ' ' && *letters < 0x7F)
			return ct_fail(p->err, CT_EUSAGE, "unknown option '-%c'", *letters);
		if (opt == NULL)
			return ct_fail(p->err, CT_EUSAGE, "unknown option '-%.*s'", SHOWN,
				       letters);
		if (opt->type != CT_OPT_FLAG)
			return give_value(p, opt, letters[1] ? letters + 1 : NULL);
		int rc = give(p, opt, NULL);
		if (rc != CT_OK)
			return rc;
	}
	return CT_OK;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0' && strcmp(word, "--") != 0;
}

static int take_option(struct parser *p)
{
	const char *word = p->argv[p->at++];

	return word[1] == '-' ? take_long(p, word + 2) : take_letters(p, word + 1);
}

static int take_all(struct parser *p)
{
	struct ct_args *args = p->args;

	while (p->at < p->argc) {
		const char *word = p->argv[p->at];

		if (args->dashes_at < 0 && strcmp(word, "--") == 0) {
			args->dashes_at = ++p->at;
			args->dashes_word = args->word_count;
		} else if (args->dashes_at < 0 && is_option(word)) {
			int rc = take_option(p);
			if (rc != CT_OK)
				return rc;
		} else {
			args->words[args->word_count++] = word;
			p->at++;
		}
	}
	return CT_OK;
}

int ct_args_parse(const struct ct_opt *options, const struct ct_opt *global, int argc,
		  char *argv[], struct ct_args **out, struct ct_err *err)
{
	struct ct_args *args = calloc(1, sizeof(*args));

	*out = NULL;
	if (args != NULL)
		args->words = calloc((size_t)argc + 1, sizeof(*args->words));
	if (args == NULL || args->words == NULL) {
		ct_args_destroy(args);
		return ct_fail(err, CT_ENOMEM, "no memory for the command line");
	}
	args->dashes_word = SIZE_MAX;
	args->dashes_at = -1;

	struct parser p = { { options, global }, argc, 0, argv, args, err };
	int rc = take_all(&p);
	if (rc == CT_OK)
		*out = args;
	else
		ct_args_destroy(args);
	return rc;
}

int ct_args_skip(const struct ct_opt *options, const struct ct_opt *global, int argc,
		 char *argv[], int *at, struct ct_err *err)
{
	struct parser p = { { options, global }, argc, *at, argv, NULL, err };
	int rc = CT_OK;

	while (rc == CT_OK && p.at < argc && is_option(argv[p.at]))
		rc = take_option(&p);
	*at = p.at;
	return rc;
}

void ct_args_destroy(struct ct_args *args)
{
	if (args == NULL)
		return;
	free(args->given);
	free(args->words);
	free(args);
}

int ct_args_count(const struct ct_args *args, const char *name)
{
	int count = 0;

	for (size_t i = 0; i < args->given_count; i++)
		count += strcmp(args->given[i].opt->name, name) == 0;
	return count;
}

const char *ct_args_text(const struct ct_args *args, const char *name)
{
	for (size_t i = args->given_count; i > 0; i--)
		if (strcmp(args->given[i - 1].opt->name, name) == 0)
			return args->given[i - 1].value;
	return NULL;
}

int64_t ct_args_int(const struct ct_args *args, const char *name, int64_t fallback)
{
	int64_t value;

	return ct_str_int(ct_str(ct_args_text(args, name)), &value) ? value : fallback;
}

double ct_args_num(const struct ct_args *args, const char *name, double fallback)
{
	double value;

	return ct_str_num(ct_str(ct_args_text(args, name)), &value) ? value : fallback;
}

const char *ct_args_at(const struct ct_args *args, const char *name, size_t index)
{
	for (size_t i = 0; i < args->given_count; i++)
		if (strcmp(args->given[i].opt->name, name) == 0 && index-- == 0)
			return args->given[i].value;
	return NULL;
}

size_t ct_args_word_count(const struct ct_args *args)
{
	return args->word_count;
}

const char *ct_args_word(const struct ct_args *args, size_t index)
{
	return index < args->word_count ? args->words[index] : NULL;
}

bool ct_args_after_dashes(const struct ct_args *args, size_t index)
{
	return index >= args->dashes_word;
}

int ct_args_dashes_at(const struct ct_args *args)
{
	return args->dashes_at;
}

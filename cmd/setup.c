#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"

/*
 * A file opened later must not become what we print to: a closed 0 reads as empty, a closed 1 or
 * 2 fails on each write.
 */
static void fill_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDONLY) < 0)
			abort();
}

static void set_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	/* a core would hold the keys */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

/* Only a line editor asks for it, and it takes a tenth of a millisecond. */
static void set_locale(void)
{
	if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

void ct_setup_process(void)
{
	fill_descriptors();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a store that may not grow is an error, not the end */
	set_limits();
	if (isatty(STDIN_FILENO))
		set_locale();
}

static int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int64_t width;

	if (columns && ct_str_int(ct_str(columns), &width) && width > 0 && width < 10000)
		return (int)width;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

void ct_setup_width(struct ct_out *out)
{
	out->width = out->is_tty ? terminal_width() : 0;
}

void ct_setup_terminal(struct ct_out *out, const char *color)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool always = color && strcmp(color, "always") == 0;
	/* https://no-color.org: any value but an empty one */
	bool never = (color && strcmp(color, "never") == 0) ||
		     (!always && ((no_color && *no_color) || !term || !*term ||
				  strcmp(term, "dumb") == 0));

	out->is_tty = isatty(STDOUT_FILENO);
	out->err_is_tty = isatty(STDERR_FILENO);
	out->color = always || (!never && out->is_tty);
	out->err_color = always || (!never && out->err_is_tty);
	ct_setup_width(out);
}

/* Terminals that are not known to leave alone what they do not know of OSC 8, or to show it. */
bool ct_setup_links(const struct ct_out *out)
{
	const char *term = getenv("TERM");

	return out->is_tty && out->color && term != NULL && strncmp(term, "screen", 6) != 0 &&
	       strncmp(term, "tmux", 4) != 0 && strcmp(term, "linux") != 0;
}

static bool ends_with(struct ct_str s, const char *end)
{
	size_t len = strlen(end);

	return s.len >= len && ct_str_is_nocase(ct_str_from(s, s.len - len), end);
}

void ct_setup_secrets(struct ct_redactor *redactor)
{
	for (char **e = environ; e && *e; e++) {
		size_t len = strcspn(*e, "=");
		struct ct_str name = { *e, len };

		if ((*e)[len] == '=' && (ends_with(name, "_KEY") || ends_with(name, "_TOKEN") ||
					 ends_with(name, "_SECRET")))
			ct_redactor_add(redactor, ct_str(*e + len + 1));
	}
}

static void print_line(void *user, enum ct_log_level level, const char *line)
{
	(void)level;
	ct_out_notice(user, "%s", line);
}

void ct_setup_log(struct ct_out *out, int verbose, struct ct_str level)
{
	static const char *const names[] = { [CT_LOG_ERROR] = "error",
					     [CT_LOG_WARN] = "warn",
					     [CT_LOG_INFO] = "info",
					     [CT_LOG_DEBUG] = "debug" };
	enum ct_log_level most = CT_LOG_WARN;

	for (unsigned i = 0; i < CT_COUNT(names); i++)
		if (ct_str_is(level, names[i]))
			most = i;
	if (verbose < 0)
		most = CT_LOG_ERROR;
	else if (verbose > 0)
		most = verbose > 1 ? CT_LOG_DEBUG : most > CT_LOG_INFO ? most : CT_LOG_INFO;
	ct_log_set(most, print_line, out);
}
